"""Flows drawn as ribbons: sources left, layers and funds between, receivers right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from peerpool.report.flows import LAYERS, SHARED, Flow, Node, rank
from peerpool.report.markup import figure, h
from peerpool.report.markup import number as n

SLOT = 34  # a label's two lines
GAP = 8
BAR = 14
NAME = 34  # room for the label above funds and layers
TOP = 8
RIBBONS = 300  # height of all that entered

COLOURS = {
    "premium": "blue",
    "donation": "green",
    "stray money": "grey",
    "recovery": "grey",
    "collateral": "purple",
    "layer": "purple",
    "redemption": "purple",
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
    """A node, or a passage of a flow through a column; y and height in pixels."""

    y: float
    height: float
    used_in: float = field(default=0.0)
    used_out: float = field(default=0.0)


_Boxes = dict[Node | Flow, _Box]


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
    middle = [node for node in (LAYERS, SHARED) if node in size] or [SHARED]
    places: list[_Boxes] = [
        _stack([n for n in _nodes(flows) if n[0] == "in"], size, scale),
        *(_passage(flows, middle, i, size, scale) for i in range(len(middle))),
        _stack([n for n in _nodes(flows) if n[0] in ("out", "left")], size, scale),
    ]
    step = (width - BAR - 2 * margin) / (len(places) - 1)
    columns = [margin + step * i for i in range(len(places))]
    height = max(map(_bottom, places)) + GAP
    for boxes in places:
        _centre(boxes, height)

    ways = {flow: _way(flow, places) for flow in flows}
    starts, ends = _ports(ways, places, scale)
    ribbons, notes = [], []
    for flow, way in ways.items():
        thick = flow.amount * scale
        stops = [(columns[way[0]] + BAR, starts[flow])]
        for column in way[1:-1]:
            y = places[column][flow].y
            stops += [(columns[column], y), (columns[column] + BAR, y)]
        stops.append((columns[way[-1]], ends[flow]))
        said = _said(flow)
        text = f"{labels[flow.source]} to {labels[flow.target]}{said and f' ({said})'}"
        kind = (flow.source if flow.target in (SHARED, LAYERS) else flow.target)[1]
        ribbons.append(
            h(
                "path",
                h("title", f"{text}: {amounts[flow][1]}"),
                d=_ribbon(stops, max(thick, 1)),
                class_=f"ribbon fill-{COLOURS[kind]}",
            )
        )
        if said and outside:
            (x1, y1), (x2, y2) = stops[-2:]
            at, y = (x1 + x2) / 2, (y1 + y2 + thick) / 2 + 4
            text = f"{said} {amounts[flow][0]}"
            notes.append(h("text", text, x=at, y=y, text_anchor="middle", class_="halo"))

    bars, names = [], []
    sides = (0, *(1 for _ in middle), 2)
    for x, boxes, side in zip(columns, places, sides, strict=True):
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
            beside = not outside and node == LAYERS  # where there is little room to the left
            name = _name(x, box, side, outside, labels[node], amounts[node][0], beside)
            names.append(name)
    parts = ", ".join(f"{labels[f.source]} to {labels[f.target]} {amounts[f][1]}" for f in flows)
    return figure(
        id_,
        "Where the money came from and where it went",
        parts,
        width,
        height,
        ribbons,
        bars,
        notes,
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


def _passage(
    flows: Sequence[Flow], middle: Sequence[Node], i: int, size: dict, scale: float
) -> _Boxes:
    """A column between: its node, and the flows that pass it; those that the next takes on top."""
    node, later = middle[i], middle[i + 1 :]
    ours = [f for f in flows if node not in (f.source, f.target)]
    above = [f for f in ours if f.target in later and f.source[0] == "in"]
    passing = [f for f in ours if f not in above and _passes(f, middle, i)]
    keys = [*above, *([node] if node in size else []), *passing]
    return _stack(keys, {**size, **{f: f.amount for f in [*above, *passing]}}, scale, NAME)


def _passes(flow: Flow, middle: Sequence[Node], i: int) -> bool:
    """Whether a flow that neither begins nor ends in middle column `i` goes through it."""
    begins = middle.index(flow.source) if flow.source in middle else -1
    ends = middle.index(flow.target) if flow.target in middle else len(middle)
    return begins < i < ends


def _way(flow: Flow, places: Sequence[_Boxes]) -> list[int]:
    """The columns that a flow begins in, passes, and ends in."""
    return [
        i
        for i, boxes in enumerate(places)
        if flow.source in boxes or flow in boxes or flow.target in boxes
    ]


def _ports(
    ways: dict[Flow, list[int]], places: Sequence[_Boxes], scale: float
) -> tuple[dict[Flow, float], dict[Flow, float]]:
    """Where flows leave their sources and reach their targets: ribbons do not cross there."""

    def height(flow: Flow, step: int) -> float:
        """Of what the flow comes from (step -2) or goes to (1): a passage or a node."""
        boxes = places[ways[flow][step]]
        end = flow.source if step == -2 else flow.target
        return (boxes[flow] if flow in boxes else boxes[end]).y

    starts, ends = {}, {}
    for flow in sorted(ways, key=lambda f: height(f, 1)):
        box = places[ways[flow][0]][flow.source]
        starts[flow] = box.y + box.used_out
        box.used_out += flow.amount * scale
    for flow in sorted(ways, key=lambda f: height(f, -2)):
        box = places[ways[flow][-1]][flow.target]
        ends[flow] = box.y + box.used_in
        box.used_in += flow.amount * scale
    return starts, ends


def _said(flow: Flow) -> str:
    """What a flow between layers and the rest is called, where its ends do not tell."""
    if flow.target == LAYERS and flow.source[1] != "collateral":
        return "ceded" if flow.source[1] == "premium" else "repaid"
    return "drawn" if (flow.source, flow.target) == (LAYERS, SHARED) else ""


def _stack(keys: Sequence, size: dict, scale: float, above: int = 0) -> _Boxes:
    boxes: _Boxes = {}
    y = float(TOP)
    for key in keys:
        y += 0 if isinstance(key, Flow) else above
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


def _name(
    x: float, box: _Box, side: int, outside: bool, text: str, amount: str, beside: bool
) -> Element:
    """A node's label: its name, and its amount below."""
    y = box.y + box.height / 2
    if side == 1:
        at, anchor = (x, "start") if beside else (x + BAR / 2, "middle")
        y = box.y - 20
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
