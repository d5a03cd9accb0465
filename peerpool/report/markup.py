"""HTML and SVG as trees, so that whatever comes from a chain is escaped by the serialiser."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Union
from xml.etree.ElementTree import Element, tostring

Child = Union[str, Element, None, Iterable["Child"]]  # noqa: UP007 (refers to itself)


def clean(text: str) -> str:
    """Text without control and direction-changing characters: they could hide what it says."""
    return "".join(
        "\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text
    )


def h(tag: str, *children: Child, **attributes: str | int | float | None) -> Element:
    """An element. `class_` is class, `data_label` is data-label; attributes of None are left out.

    Numbers are rounded to tenths: pixels, and the same bytes on every machine.
    """
    element = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name.rstrip("_").replace("_", "-"), number(value))
    _append(element, children)
    return element


def number(value: str | int | float) -> str:
    """Text of an attribute; 12.04 is 12."""
    if isinstance(value, str):
        return clean(value)
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _append(element: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, Element):
        element.append(child)
    elif isinstance(child, str):
        if len(element):
            element[-1].tail = (element[-1].tail or "") + child
        else:
            element.text = (element.text or "") + child
    else:
        for part in child:
            _append(element, part)


def serialise(root: Element) -> str:
    """The document, with its doctype."""
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def figure(
    id_: str,
    title: str,
    description: str,
    width: float,
    height: float,
    *children: Child,
    **more: str,
) -> Element:
    """An SVG of its own size, that shrinks to its place and tells what it shows."""
    return h(
        "svg",
        h("title", title, id=f"{id_}-title"),
        h("desc", description, id=f"{id_}-desc"),
        *children,
        id=id_,
        role="img",
        aria_labelledby=f"{id_}-title {id_}-desc",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        **more,
    )
