"""The loss ratio: incurred losses to earned premiums, as insurers reckon it.

Incurred are awards decided, paid or not, and what open claims ask, less recoveries. A premium is
earned as the time it covers goes by. Layers of reinsurance count in the net ratio alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from peerpool.ledger import Ledger
from peerpool.report.journal import Journal
from peerpool.report.markup import Child, figure, h
from peerpool.report.markup import number as n
from peerpool.report.over_time import Axis, Scale, bands, dates, span, steps
from peerpool.report.words import Money, day, percent


class Earned:
    """What of all present members' premiums is earned at a second; nothing in a cancelled pool."""

    def __init__(self, ledger: Ledger) -> None:
        terms = ledger.terms
        self._end = terms.expiry
        begun: dict[int, int] = {}
        if not ledger.is_cancelled:
            for id_ in ledger.present.values():
                member = ledger.members[id_]
                begin = max(member.joined_at, terms.cover_start)
                begun[begin] = begun.get(begin, 0) + member.premium
        self._begun = sorted(begun.items())

    def at(self, time: int) -> int:
        """Earned by then, in token units."""
        return sum(
            premium * (min(time, self._end) - begin) // (self._end - begin)
            for begin, premium in self._begun
            if begin < min(time, self._end)
        )

    @property
    def bends(self) -> list[int]:
        """The seconds between which as much is earned in every second."""
        begins = [begin for begin, _ in self._begun]
        return [*begins, self._end] if begins else []


@dataclass(frozen=True)
class LossRatio:
    """Both sides of the ratio, gross, and net of what layers take and bear (token units)."""

    incurred: int
    earned: int
    net_incurred: int
    net_earned: int


def loss_ratio(ledger: Ledger, journal: Journal) -> LossRatio:
    """The ratio as of the ledger's block."""
    earned = Earned(ledger).at(ledger.time)
    terms = ledger.terms
    ceded = sum(layer.ceded or 0 for layer in ledger.layers.values())
    gone = min(max(ledger.time - terms.cover_start, 0), terms.expiry - terms.cover_start)
    ceded = ceded * gone // (terms.expiry - terms.cover_start)
    borne = sum(layer.paid - layer.repaid for layer in ledger.layers.values())
    return LossRatio(
        journal.incurred, earned, max(journal.incurred - borne, 0), max(earned - ceded, 0)
    )


def section(ledger: Ledger, journal: Journal, money: Money) -> Child:
    """The ratio in words."""
    ratio = loss_ratio(ledger, journal)
    if not ratio.earned:
        why = "of a cancelled pool" if ledger.is_cancelled else "yet: cover has not started"
        return h("p", f"No premium is earned {why}, so there is no loss ratio.")
    text = f", {money.brief(ratio.incurred)} to {money.brief(ratio.earned)}."
    if ledger.layers:
        share = percent(ratio.net_incurred, ratio.net_earned)
        borne, kept = money.brief(ratio.net_incurred), money.brief(ratio.net_earned)
        text += f" After reinsurance {share}, {borne} to {kept}."
    gross = h("strong", percent(ratio.incurred, ratio.earned))
    return (
        h("p", "Incurred losses to earned premiums: ", gross, text),
        h(
            "p",
            h("span", class_="key incurred"),
            "incurred losses: awards decided, paid or not, and what open claims ask, less"
            " recoveries",
            h("br"),
            h("span", class_="key earned"),
            "earned premiums: each is earned as the time that it covers goes by",
            class_="facts",
        ),
    )


def loss_figure(id_: str, ledger: Ledger, journal: Journal, money: Money, width: int) -> Element:
    """Earned premiums (a line that rises) and incurred losses (steps)."""
    begin, end = span(ledger, journal)
    axis = Axis(begin, end, 56 if width > 500 else 44, width - 8)
    points = [(p.time, p.incurred) for p in journal.line.points]
    earned = Earned(ledger)
    until = min(ledger.time, end)
    premiums = [(time, earned.at(time)) for time in _sampled(earned.bends, until)]
    last = earned.at(ledger.time)
    highest = max([last, *(amount for _, amount in points)])
    scale = Scale(highest, 30, 230 if width > 500 else 190)
    bottom = scale.bottom
    line = "".join(f"L{n(axis.x(time))} {n(scale.y(amount))}" for time, amount in premiums)
    stairs = steps(points, axis, scale.y, until)
    said = f"Earned premiums are {money.brief(last)} and incurred losses"
    said += f" {money.brief(journal.incurred)} on {day(ledger.time)}"
    return figure(
        id_,
        "Incurred losses beside earned premiums",
        said,
        width,
        bottom + 26,
        bands(ledger, axis, 0, bottom),
        scale.drawn(axis, money),
        h("path", d=f"M{n(axis.left)} {n(bottom)}{line}", class_="line-earned"),
        h("path", d=f"M{n(axis.left)} {n(bottom)}{stairs}", class_="line-incurred"),
        dates(axis, bottom + 18),
    )


def _sampled(bends: list[int], until: int, most: int = 64) -> list[int]:
    """Seconds at which a line of these bends is to be drawn; few, however many bends there are."""
    some = {*bends[:: max(len(bends) // most, 1)], *bends[-1:]}
    return [*sorted(time for time in some if time < until), until]
