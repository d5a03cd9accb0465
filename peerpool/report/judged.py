"""The verdict on top of the page: proved, not proved or differs, and each check of it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from peerpool.audit.verdict import DIFFERS, MARKS, PROVED, UNPROVED, Check, Verdict
from peerpool.report.markup import Child, clean, h

WORDS = {PROVED: "proved", UNPROVED: "not proved", DIFFERS: "differs"}
OPEN = 5  # details of a check that are not folded away
MOST = 500


def section(verdict: Verdict) -> Element:
    """The verdict's line, and a table of its checks."""
    word, _, rest = verdict.line.partition(": ")
    return h(
        "div",
        h(
            "p",
            h("strong", f"{clean(word).capitalize()}: "),
            clean(rest),
            class_="line",
        ),
        _checks(verdict.checks) if verdict.checks else None,
        class_=f"verdict {verdict.result}",
    )


def _checks(checks: Sequence[Check]) -> Element:
    return h(
        "table",
        h("caption", "What was checked"),
        h("thead", h("tr", (h("th", t, scope="col") for t in ("Check", "Result", "Found")))),
        h("tbody", (_row(check) for check in checks)),
        class_="checks",
    )


def _row(check: Check) -> Element:
    mark = h("span", f"{MARKS[check.result]}\u00a0", aria_hidden="true")
    return h(
        "tr",
        h("th", clean(check.name), scope="row"),
        h("td", h("span", mark, WORDS[check.result], class_=f"result {check.result}")),
        h("td", _details(check.details)),
    )


def _details(details: Sequence[str]) -> Child:
    """The first few; the others folded away."""
    if len(details) <= OPEN:
        return [_detail(text) for text in details]
    more = len(details) - MOST
    return (
        [_detail(text) for text in details[:OPEN]],
        h(
            "details",
            h("summary", f"{len(details) - OPEN} more"),
            [_detail(text) for text in details[OPEN:MOST]],
            _detail(f"and {more} more") if more > 0 else None,
        ),
    )


def _detail(text: str) -> Element:
    return h("span", clean(text), class_="detail")
