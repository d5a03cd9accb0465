"""The tower of reinsurance: what stood behind the pool when cover began, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from peerpool.ledger import FUNDS, Event, Ledger
from peerpool.report.markup import figure, h
from peerpool.report.tables import row, table
from peerpool.report.words import NBSP, Money, counted
from peerpool.units import format_percent

TALL = 330  # pixels of all layers and the funds, on a wide page
LEAST = 60  # of one, beside which three lines are told
LINE = 18
GAP = 8


@dataclass(frozen=True)
class Storey:
    """The funds (number 0) or a layer. Amounts in token units."""

    number: int
    attachment: int  # of losses, as of when premium was ceded
    limit: int
    filled: int
    paid: int
    repaid: int
    premium: int = 0  # ceded, or, before that, of the terms
    on_line_bps: int = 0  # premium for each unit that it can pay
    redeemed: int = 0
    assets: int = 0

    @property
    def drawn(self) -> int:
        return self.paid - self.repaid

    @property
    def result(self) -> int:
        """What reinsurers have more than they put in."""
        return self.assets + self.redeemed - self.filled

    @property
    def on_line(self) -> str:
        return format_percent(self.on_line_bps).replace(" ", NBSP)


@dataclass(frozen=True)
class Tower:
    """`storeys` has the funds first; `members` there were when premium was ceded (or are now)."""

    storeys: Sequence[Storey]
    members: int
    is_bound: bool

    @property
    def collectable(self) -> int:
        return sum(storey.filled for storey in self.storeys)


def tower_of(ledger: Ledger) -> Tower:
    """The tower as it stood when premium was ceded; before that, as it stands."""
    ceded = [e for e in ledger.events if e.name == "PremiumCeded"]
    bound = ceded[-1] if ceded else None
    paid, funds = sum(claim.paid for claim in ledger.claims.values()), _funds(ledger, bound)
    storeys = [Storey(0, 0, funds, funds, min(paid, funds), 0)]  # they are the first to pay
    attachment = funds
    for layer in ledger.layers.values():
        premium, whole = layer.premium, layer.limit
        if bound and layer.filled:
            premium, whole = layer.ceded or 0, layer.filled
        storeys.append(
            Storey(
                number=layer.number,
                attachment=attachment,
                limit=layer.limit,
                filled=layer.filled,
                paid=layer.paid,
                repaid=layer.repaid,
                premium=(layer.ceded or 0) if bound else layer.premium,
                on_line_bps=premium * 10_000 // whole,
                redeemed=layer.redeemed,
                assets=layer.assets,
            )
        )
        attachment += layer.filled
    return Tower(storeys, _members(ledger, bound), bound is not None)


def _until(event: Event, last: Event | None) -> bool:
    return last is None or (event.block, event.index) <= (last.block, last.index)


def _funds(ledger: Ledger, last: Event | None) -> int:
    moves = [move for move in ledger.books.moves if _until(move.event, last)]
    came = sum(move.amount for move in moves if move.target.pot == FUNDS)
    return came - sum(move.amount for move in moves if move.source.pot == FUNDS)


def _members(ledger: Ledger, last: Event | None) -> int:
    names = [e.name for e in ledger.events if _until(e, last)]
    return names.count("Joined") - names.count("Left")


def summed_up(tower: Tower, money: Money) -> str:
    """What could be collected, in a sentence."""
    when = "When premium was ceded" if tower.is_bound else "So far"
    text = f"{when}, losses of {money.brief(tower.collectable)} could be paid"
    if tower.members:
        each = money.brief(tower.collectable // tower.members)
        text += f", {each} for each of {counted(tower.members, 'member')}"
    return (
        f"{text}. A layer pays once all below it is used up; what comes in later repays from above."
    )


def tower_figure(id_: str, tower: Tower, money: Money, width: int) -> Element:
    """A box for the funds and for each layer, the highest on top; as high as its limit."""
    wide = width > 500
    across = width * 0.5 if wide else width
    whole = sum(storey.limit for storey in tower.storeys) or 1
    y, parts, told = 2.0, [], []
    for storey in reversed(tower.storeys):
        lines = _lines(storey, money, tower.is_bound, wide)
        told.append(", ".join(lines))
        tall = TALL * storey.limit / whole
        if wide:
            tall = max(tall, LEAST)
            top = y
            middle = y + tall / 2 - LINE * (len(lines) - 1) / 2 + 4
        else:
            tall = max(tall / 2, 16)
            top = y + LINE * len(lines) + 4
            middle = y + 14
        parts += _box(storey, 1, top, across - 2, tall, money)
        for i, line in enumerate(lines):
            x = across + 16 if wide else 1
            style = "strong" if i == 0 else None
            parts.append(h("text", line, x=x, y=middle + LINE * i, class_=style))
        y = top + tall + GAP
    return figure(id_, "The tower of reinsurance", "; ".join(told), width, y, parts)


def _lines(storey: Storey, money: Money, is_bound: bool, wide: bool) -> list[str]:
    if storey.number == 0:
        after = "after what was ceded; " if is_bound else ""
        used = f"{after}{money.brief(storey.paid)} paid to members"
        return [f"Funds: the first {money.brief(storey.filled)}", used]
    first = f"Layer {storey.number}: losses above {money.brief(storey.attachment)}"
    limit = f"limit {money.brief(storey.limit)}, "
    if not storey.filled:
        return [first, f"{limit}nothing deposited"]
    limit += "full" if storey.filled == storey.limit else f"{money.brief(storey.filled)} filled"
    premium = f"{money.brief(storey.premium)} premium: {storey.on_line} on line"
    repaid = f", {money.brief(storey.repaid)} of it repaid" if storey.repaid else ""
    facts = [f"{limit}; {premium}"] if wide else [limit, premium]
    return [first, *facts, f"paid {money.brief(storey.paid)}{repaid}"]


def _box(
    storey: Storey, x: float, y: float, width: float, height: float, money: Money
) -> list[Element]:
    """The limit as an outline, and in it what is paid, paid and repaid, and left."""
    most = max(storey.limit, 1)
    parts = [h("rect", x=x, y=y, width=width, height=height, class_="limit")]
    repaid = min(storey.repaid, storey.filled - storey.drawn)
    left = storey.filled - storey.drawn - repaid
    rest = "fill-blue" if storey.number == 0 else "fill-purple"
    at = x
    for amount, what, style in (
        (storey.drawn, "paid", "fill-orange"),
        (repaid, "paid and repaid", "fill-orange faded"),
        (left, "not used", rest),
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


def layers_table(tower: Tower, money: Money) -> Element:
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
    layers = [storey for storey in tower.storeys if storey.number]
    rows = [
        row(
            heads,
            (
                str(storey.number),
                money.cell(storey.attachment),
                money.cell(storey.limit),
                money.cell(storey.filled),
                money.cell(storey.premium),
                storey.on_line,
                money.cell(storey.paid),
                money.cell(storey.repaid),
                money.cell(storey.redeemed),
                money.cell(storey.result, sign=True),
            ),
        )
        for storey in layers
    ]
    sums = (
        "All",
        "",
        *(
            money.cell(sum(getattr(storey, name) for storey in layers))
            for name in ("limit", "filled", "premium")
        ),
        "",
        *(
            money.cell(sum(getattr(storey, name) for storey in layers))
            for name in ("paid", "repaid", "redeemed")
        ),
        money.cell(sum(storey.result for storey in layers), sign=True),
    )
    foot = row(heads, sums, class_="sum")
    return table(f"Layers, in {money.symbol}", heads, rows, foot, class_="cards")
