"""The tower of reinsurance: as it stood when cover began, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from peerpool import reinsurance
from peerpool.ledger import LayerView, Ledger
from peerpool.ledger.rebuild import ACTIVE, CANCELLED, SETTLED
from peerpool.reinsurance import Tower, TowerRow
from peerpool.report.journal import Journal
from peerpool.report.markup import Child, figure, h
from peerpool.report.tables import row, table
from peerpool.report.words import NBSP, Money, counted
from peerpool.units import format_percent

TALL = 330  # pixels of all layers and the funds, on a wide page
LEAST = 60  # of one, beside which three lines are told
LINE = 18
GAP = 8


@dataclass(frozen=True)
class Story:
    """The tower as it stood when premium was ceded, or stands before that, and the layers now."""

    tower: Tower
    is_bound: bool
    layers: Mapping[int, LayerView]
    paid: int  # for losses, in all

    @property
    def funds(self) -> int:
        """What was there to pay first, after what was ceded."""
        return self.tower.rows[0].attachment

    def premium(self, row: TowerRow) -> int:
        """Ceded to a layer, or, before that, of the terms."""
        return row.ceded if self.is_bound else row.premium


def story_of(ledger: Ledger, journal: Journal) -> Story:
    """The tower of a pool that has layers."""
    bound = journal.bound
    phase = ledger.phase_at(ledger.time)
    summary = {
        "phase": ACTIVE if phase == SETTLED else phase,
        "members": bound.members if bound else len(ledger.present),
        "premiums": ledger.premiums,
        "funds": bound.funds if bound else ledger.funds,
        "unbound": ledger.is_unbound,
    }
    rows = [
        {
            "shares": "",
            "limit": layer.limit,
            "filled": layer.filled,
            "drawn": 0,
            "premium": layer.premium,
            "ceded": layer.ceded or 0,
            "assets": layer.filled + (layer.ceded or 0),
        }
        for layer in ledger.layers.values()
    ]
    tower = reinsurance.build(ledger.pool, ledger.terms, ledger.asset, summary, rows)
    paid = sum(claim.paid for claim in ledger.claims.values())
    return Story(tower, bound is not None, ledger.layers, paid)


def summed_up(story: Story, money: Money) -> str:
    """What could be collected, in a sentence."""
    tower = story.tower
    if tower.phase == CANCELLED:
        return "The pool was cancelled: layers were ceded nothing, and collateral goes back whole."
    when = "When premium was ceded" if story.is_bound else "So far"
    text = f"{when}, losses of {money.brief(tower.collectable)} could be paid"
    if tower.members:
        each = money.brief(tower.per_member)
        text += f", {each} for each of {counted(tower.members, 'member')}"
    return (
        f"{text}. A layer pays once all below it is used up; what comes in later repays from above."
    )


@dataclass(frozen=True)
class _Storey:
    """A box of the figure, and what is told beside it."""

    limit: int
    filled: int
    drawn: int  # paid, and not repaid
    repaid: int
    fill: str  # colour of what is not used
    lines: list[str]


def tower_figure(id_: str, story: Story, money: Money, width: int) -> Element:
    """A box for the funds and for each layer, the highest on top; as high as its limit."""
    wide = width > 500
    across = width * 0.5 if wide else width
    storeys = _storeys(story, money, wide)
    whole = sum(storey.limit for storey in storeys) or 1
    y, parts = 2.0, []
    for storey in storeys:
        tall = TALL * storey.limit / whole
        if wide:
            tall = max(tall, LEAST)
            top = y
            middle = y + tall / 2 - LINE * (len(storey.lines) - 1) / 2 + 4
        else:
            tall = max(tall / 2, 16)
            top = y + LINE * len(storey.lines) + 4
            middle = y + 14
        parts += _box(storey, 1, top, across - 2, tall, money)
        for i, line in enumerate(storey.lines):
            x = across + 16 if wide else 1
            style = "strong" if i == 0 else None
            parts.append(h("text", line, x=x, y=middle + LINE * i, class_=style))
        y = top + tall + GAP
    told = "; ".join(", ".join(storey.lines) for storey in storeys)
    return figure(id_, "The tower of reinsurance", told, width, y, parts)


def _storeys(story: Story, money: Money, wide: bool) -> list[_Storey]:
    """The layers, the highest first, and the funds."""
    found = []
    for stood in reversed(story.tower.rows):
        layer = story.layers[stood.number]
        drawn = layer.paid - layer.repaid
        repaid = min(layer.repaid, stood.filled - drawn)
        lines = _lines(stood, story, money, wide)
        found.append(_Storey(stood.limit, stood.filled, drawn, repaid, "fill-purple", lines))
    used = min(story.paid, story.funds)  # they are the first to pay
    after = "after what was ceded; " if story.is_bound else ""
    lines = [
        f"Funds: the first {money.brief(story.funds)}",
        f"{after}{money.brief(used)} paid to members",
    ]
    return [*found, _Storey(story.funds, story.funds, used, 0, "fill-blue", lines)]


def _lines(row: TowerRow, story: Story, money: Money, wide: bool) -> list[str]:
    first = f"Layer {row.number}: losses above {money.brief(row.attachment)}"
    limit = f"limit {money.brief(row.limit)}, "
    if not row.filled:
        return [first, f"{limit}nothing deposited"]
    limit += "full" if row.filled == row.limit else f"{money.brief(row.filled)} filled"
    premium = f"{money.brief(story.premium(row))} premium: {_on_line(row)} on line"
    layer = story.layers[row.number]
    repaid = f", {money.brief(layer.repaid)} of it repaid" if layer.repaid else ""
    facts = [f"{limit}; {premium}"] if wide else [limit, premium]
    return [first, *facts, f"paid {money.brief(layer.paid)}{repaid}"]


def _on_line(row: TowerRow) -> str:
    return format_percent(row.rate_on_line_bps).replace(" ", NBSP)


def _box(
    storey: _Storey, x: float, y: float, width: float, height: float, money: Money
) -> list[Element]:
    """The limit as an outline, and in it what is paid, paid and repaid, and left."""
    most = max(storey.limit, 1)
    parts = [h("rect", x=x, y=y, width=width, height=height, class_="limit")]
    at = x
    for amount, what, style in (
        (storey.drawn, "paid", "fill-orange"),
        (storey.repaid, "paid and repaid", "fill-orange faded"),
        (storey.filled - storey.drawn - storey.repaid, "not used", storey.fill),
    ):
        if amount:
            long = width * amount / most
            title = h("title", f"{what}: {money.exact(amount)}")
            parts.append(h("rect", title, x=at, y=y, width=long, height=height, class_=style))
            at += long
    return parts


def key() -> Element:
    """What the colours mean."""
    return h(
        "p",
        (
            (h("span", h("span", class_=f"key {kind}"), text, class_="item"), " ")
            for kind, text in (
                ("paid", "paid for losses"),
                ("repaid", "paid, and repaid later"),
                ("left", "collateral not used"),
                ("unused", "funds not used"),
                ("empty", "limit that nobody filled"),
            )
        ),
        class_="facts keys",
    )


def layers_table(story: Story, money: Money) -> Element:
    """What each layer got and gave; the last column is its reinsurers' result."""
    heads = (
        "Layer",
        "#Attaches at",
        "#Limit",
        "#Collateral",
        "#Premium",
        "#On line",
        "#Paid",
        "#Repaid",
        "#Redeemed",
        "#Result",
    )
    amounts = [_amounts(stood, story) for stood in story.tower.rows]
    rows = [
        row(
            heads,
            (
                str(layer.number),
                money.cell(layer.attachment),
                *(money.cell(amount) for amount in before),
                _on_line(layer),
                *(money.cell(amount) for amount in after),
                money.cell(result, sign=True),
            ),
        )
        for layer, (before, after, result) in zip(story.tower.rows, amounts, strict=True)
    ]

    def summed(columns: list[tuple[int, ...]]) -> list[Element]:
        return [money.cell(sum(column)) for column in zip(*columns, strict=True)]

    before, after, results = ([part[i] for part in amounts] for i in range(3))
    result = money.cell(sum(results), sign=True)
    sums: tuple[Child, ...] = ("All", "", *summed(before), "", *summed(after), result)
    foot = row(heads, sums, class_="sum")
    return table(f"Layers, in {money.symbol}", heads, rows, foot, class_="cards")


def _amounts(stood: TowerRow, story: Story) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """A layer's limit, collateral and premium; paid, repaid and redeemed; and its result."""
    layer = story.layers[stood.number]
    return (
        (stood.limit, stood.filled, story.premium(stood)),
        (layer.paid, layer.repaid, layer.redeemed),
        layer.assets + layer.redeemed - layer.filled,
    )
