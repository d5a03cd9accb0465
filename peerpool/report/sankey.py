"""Flows drawn as ribbons: sources left, the funds in the middle, receivers right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from peerpool.report.flows import SHARED, Flow, Node, rank
from peerpool.report.markup import figure, h
from peerpool.report.markup import number as n

SLOT = 34  # a label's two lines
GAP = 8
BAR = 14
NAME = 34  # room for the label above the funds
TOP = 8
RIBBONS = 300  # height of all that entered

COLOURS = {
    "premium": "blue",
    "donation": "green",
    "stray money": "grey",
    "recovery": "grey",
    "bond": "purple",
    "award": "orange",
    "refund": "blue",
    "cause": "green",
    "donation back": "green",
    "premium back": "blue",
    "fee": "ochre",
    "commission": "ochre",
    "bond back": "purple",
    "credit": "grey",
    "funds": "grey",
    "": "blue",
}


@dataclass
class _Box:
    """A node, or a passage of a flow that goes past the middle; y and height in pixels."""

    y: float
    height: float
    used_in: float = field(default=0.0)
    used_out: float = field(default=0.0)


def sankey(
    id_: str,
    flows: Sequence[Flow],
    labels: dict[Node, str],
    amounts: dict[Node, tuple[str, str]],
    width: int,
    *,
    outside: bool,
) -> Element:
    """The flows as an SVG.

    amounts: short and exact text of each node's sum.
    outside: labels beside the figure; otherwise over the ribbons, for narrow screens.
    """
    size = _sums(flows)
    entered = sum(size[n] for n in size if n[0] == "in") or 1
    scale = RIBBONS / entered
    margin = 150 if outside else 2
    columns = (margin, (width - BAR) / 2, width - margin - BAR)

    passing = [f for f in flows if f.source != SHARED and f.target != SHARED]
    left = _stack([n for n in _nodes(flows) if n[0] == "in"], size, scale)
    right = _stack([n for n in _nodes(flows) if n[0] in ("out", "left")], size, scale)
    inner = [SHARED] if SHARED in size else []
    middle = _stack([*inner, *passing], {**size, **{f: f.amount for f in passing}}, scale, NAME)
    height = max(_bottom(left), _bottom(middle), _bottom(right)) + GAP
    for column in (left, middle, right):
        _centre(column, height)

    ribbons = []
    for flow in flows:
        thick = flow.amount * scale
        stops = []
        for key, x, boxes in (
            (flow.source, columns[0], left),
            (SHARED if SHARED in (flow.source, flow.target) else flow, columns[1], middle),
            (flow.target, columns[2], right),
        ):
            if key not in boxes:
                continue
            box = boxes[key]
            if key == flow.source:
                stops.append((x + BAR, box.y + box.used_out))
                box.used_out += thick
            elif key == flow.target:
                stops.append((x, box.y + box.used_in))
                box.used_in += thick
            else:
                stops += [(x, box.y), (x + BAR, box.y)]
        text = f"{labels[flow.source]} to {labels[flow.target]}: {amounts[flow][1]}"
        kind = flow.source[1] if flow.target == SHARED else flow.target[1]
        ribbons.append(
            h(
                "path",
                h("title", text),
                d=_ribbon(stops, max(thick, 1)),
                class_=f"ribbon fill-{COLOURS[kind]}",
            )
        )

    bars, names = [], []
    for x, boxes, side in zip(columns, (left, middle, right), (0, 1, 2), strict=True):
        for node, box in boxes.items():
            if isinstance(node, Flow):
                continue
            bars.append(
                h(
                    "rect",
                    h("title", f"{labels[node]}: {amounts[node][1]}"),
                    x=x,
                    y=box.y,
                    width=BAR,
                    height=max(box.height, 1.5),
                    class_=f"fill-{COLOURS[node[1]]}",
                )
            )
            names.append(_name(x, box, side, outside, labels[node], amounts[node][0]))
    parts = ", ".join(f"{labels[f.source]} to {labels[f.target]} {amounts[f][1]}" for f in flows)
    return figure(
        id_,
        "Where the money came from and where it went",
        parts,
        width,
        height,
        ribbons,
        bars,
        names,
    )


def _sums(flows: Sequence[Flow]) -> dict[Node, int]:
    """What goes through each node."""
    came: dict[Node, int] = {}
    went: dict[Node, int] = {}
    for flow in flows:
        went[flow.source] = went.get(flow.source, 0) + flow.amount
        came[flow.target] = came.get(flow.target, 0) + flow.amount
    return {node: max(came.get(node, 0), went.get(node, 0)) for node in {**went, **came}}


def _nodes(flows: Sequence[Flow]) -> list[Node]:
    return sorted(_sums(flows), key=rank)


def _stack(keys: Sequence, size: dict, scale: float, above: int = 0) -> dict:
    boxes, y = {}, float(TOP + above)
    for key in keys:
        height = size[key] * scale
        slot = height if isinstance(key, Flow) else max(height, SLOT)
        boxes[key] = _Box(y + (slot - height) / 2, height)
        y += slot + GAP
    return boxes


def _bottom(boxes: dict) -> float:
    return max(
        (box.y + max(box.height, SLOT / 2 + box.height / 2) for box in boxes.values()), default=TOP
    )


def _centre(boxes: dict, height: float) -> None:
    shift = max(0.0, (height - GAP - _bottom(boxes)) / 2)
    for box in boxes.values():
        box.y += shift


def _ribbon(stops: Sequence[tuple[float, float]], thick: float) -> str:
    def line(points: Sequence[tuple[float, float]], move: str) -> str:
        (x, y), *rest = points
        text = f"{move}{n(x)} {n(y)}"
        for x2, y2 in rest:
            half = (x + x2) / 2
            text += f"C{n(half)} {n(y)} {n(half)} {n(y2)} {n(x2)} {n(y2)}"
            x, y = x2, y2
        return text

    below = [(x, y + thick) for x, y in reversed(stops)]
    return line(stops, "M") + line(below, "L") + "Z"


def _name(x: float, box: _Box, side: int, outside: bool, text: str, amount: str) -> Element:
    """A node's label: its name, and its amount below."""
    y = box.y + box.height / 2
    if side == 1:
        at, anchor, y = x + BAR / 2, "middle", box.y - 20
    elif outside:
        at, anchor = (x - 8, "end") if side == 0 else (x + BAR + 8, "start")
    else:
        at, anchor = (x + BAR + 6, "start") if side == 0 else (x - 6, "end")
    return h(
        "text",
        h("tspan", text, x=at, y=y - 3, class_="strong"),
        h("tspan", amount, x=at, y=y + 13),
        text_anchor=anchor,
        class_="halo" if not outside else None,
    )
