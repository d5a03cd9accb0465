"""Two figures over one time axis: the funds, and the phases with their claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from peerpool.ledger import ClaimView, Ledger
from peerpool.ledger.views import AWARDED
from peerpool.phases import PHASES
from peerpool.report.journal import Journal
from peerpool.report.marks import Mark
from peerpool.report.markup import figure, h
from peerpool.report.markup import number as n
from peerpool.report.words import STATUS, Money, People, counted, day, shortened

MARK = 9  # radius
MOST_TOLD = 24  # claims that have room for a text each
MOST_CLAIMS = 1000  # columns
HIGH = 130  # pixels of the highest column, and the text above


@dataclass(frozen=True)
class Axis:
    """Seconds to pixels, from `begin` at `left` to `end` at `right`."""

    begin: int
    end: int
    left: float
    right: float

    def x(self, time: int) -> float:
        share = (min(max(time, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return self.left + share * (self.right - self.left)


def span(ledger: Ledger, journal: Journal) -> tuple[int, int]:
    """First and last second worth showing, with a little room."""
    begin = ledger.time if journal.first is None else journal.first
    end = ledger.terms.expiry if ledger.settled_at else ledger.time
    end = max(end, ledger.time if journal.last is None else journal.last)
    room = max((end - begin) // 40, 1)
    return begin - room, end + room


def phases(ledger: Ledger, end: int) -> list[tuple[int, int, str]]:
    """(from, until, name) of each phase up to `end`."""
    t = ledger.terms
    bounds = [0, t.cover_start]
    if ledger.phase_at(max(end, t.cover_start)) == 1:
        names = [PHASES[0], PHASES[1]]
    else:
        bounds += [t.expiry] + ([ledger.settled_at] if ledger.settled_at else [])
        names = [PHASES[0], *PHASES[2 : 2 + len(bounds) - 1]]
    return [
        (begin, until, name)
        for begin, until, name in zip(bounds, [*bounds[1:], end], names, strict=True)
        if begin < end
    ]


@dataclass(frozen=True)
class Scale:
    """Token units to pixels: nothing at `bottom`, a round number of at least `highest` at `top`."""

    highest: int
    top: float
    bottom: float

    @property
    def ticks(self) -> list[int]:
        return _ticks(self.highest or 1)

    def y(self, amount: int) -> float:
        return self.bottom - amount / self.ticks[-1] * (self.bottom - self.top)

    def drawn(self, axis: Axis, money: Money) -> list[Element]:
        """Lines across, with their amounts, and the symbol above."""
        symbol = shortened(money.symbol, 8)
        at = {"x": axis.left - 6, "text_anchor": "end", "class_": "faint"}
        parts = [h("text", symbol, y=self.top - 10, **at)]
        for tick in self.ticks:
            y = self.y(tick)
            amount = money.brief(tick).rsplit("\u00a0", 1)[0]
            parts.append(h("line", x1=axis.left, x2=axis.right, y1=y, y2=y, class_="grid"))
            parts.append(h("text", amount, y=y + 4, **at))
        return parts


def funds_figure(
    id_: str, ledger: Ledger, journal: Journal, found: Sequence[Mark], money: Money, width: int
) -> Element:
    """Funds (filled) and everything held (line), after each transaction."""
    begin, end = span(ledger, journal)
    axis = Axis(begin, end, 56 if width > 500 else 44, width - 8)
    points = journal.line.points
    lanes = _lanes(found, axis)
    top = 30 + 22 * (max(lanes, default=0) + 1)
    bottom = top + (230 if width > 500 else 190)
    scale = Scale(max((p.both for p in points), default=0), top, bottom)
    y = scale.y
    funds = steps([(p.time, p.funds) for p in points], axis, y)
    both = steps([(p.time, p.both) for p in points], axis, y)
    base = f"M{n(axis.left)} {n(bottom)}"
    heights = [top - 20 - 22 * lane for lane in lanes]
    leads = [
        h("line", x1=x, x2=x, y1=at, y2=bottom, class_="lead")
        for x, at in zip((axis.x(mark.time) for mark in found), heights, strict=True)
    ]
    dots = [_dot(mark, axis.x(mark.time), at) for mark, at in zip(found, heights, strict=True)]
    peak = max((p.funds for p in points), default=0)
    description = (
        f"Funds rose to {money.brief(peak)} and are {money.brief(ledger.funds)} at the end. "
        + "; ".join(f"{mark.number}: {day(mark.time)}, {mark.plain()}" for mark in found)
    )
    return figure(
        id_,
        "What was in the pool over time",
        description,
        width,
        bottom + 26,
        bands(ledger, axis, 0, bottom),
        scale.drawn(axis, money),
        # Both outlines in one even-odd path: only what lies between them is filled.
        h("path", d=f"{base}{both}V{n(bottom)}Z{base}{funds}V{n(bottom)}Z", class_="area-held"),
        h("path", d=f"{base}{funds}V{n(bottom)}Z", class_="area-funds"),
        dates(axis, bottom + 18),
        leads,
        dots,
    )


def timeline_figure(
    id_: str, ledger: Ledger, journal: Journal, money: Money, people: People, width: int
) -> Element:
    """Phases, who came and went, and every claim from filing to decision."""
    begin, end = span(ledger, journal)
    wide = width > 500
    axis = Axis(begin, end, 96 if wide else 8, width - 8)
    y = 0.0
    rows: list[list[Element] | Element] = []

    def lane(title: str, count: int = 1) -> float:
        nonlocal y
        y += 30 if wide else 44
        rows.append(
            h("text", title, x=0 if wide else 8, y=y - (0 if wide else 18), class_="strong")
        )
        at = y - 4
        y += 24 * (count - 1)
        return at

    at = lane("Phase")
    rows.append(_phase_bars(ledger, axis, at))
    at = lane("Members")
    rows.append(h("line", x1=axis.left, x2=axis.right, y1=at, y2=at, class_="grid"))
    rows.append(_arrivals(ledger, axis, at))
    told = len(ledger.claims) <= MOST_TOLD
    if told:
        at = lane("Claims", max(len(ledger.claims), 1))
        for i, claim in enumerate(ledger.claims.values()):
            rows.append(_claim(claim, axis, at + 24 * i, ledger.time, money, people))
    else:
        at = lane("Claims", 1)
        y += HIGH
        rows.append(_columns(ledger, axis, at, money))
    height = y + 34
    stayed = counted(len(ledger.present), "member")
    described = [f"{stayed} of {len(ledger.members)} who joined stayed"]
    described += [f"{name} from {day(max(a, begin))}" for a, _, name in phases(ledger, end)]
    if told:
        described += [
            f"claim {c.id} filed {day(c.filed_at)}, {STATUS[c.status]}"
            for c in ledger.claims.values()
        ]
    else:
        counts = Counter(STATUS[claim.status] for claim in ledger.claims.values())
        described += [f"{counted(n, 'claim')} {status}" for status, n in counts.items()]
    return figure(
        id_,
        "Phases, members and claims over time",
        "; ".join(described),
        width,
        height,
        bands(ledger, axis, 0, height - 24),
        rows,
        dates(axis, height - 6),
    )


def _claim(
    claim: ClaimView, axis: Axis, row: float, now: int, money: Money, people: People
) -> Element:
    """A claim's bar from filing to decision, and a text beside it."""
    x1, x2 = axis.x(claim.filed_at), axis.x(claim.resolved_at or now)
    who, status = shortened(people.text(claim.claimant), 18), STATUS[claim.status]
    if claim.status == AWARDED:
        status = f"{money.brief(claim.award)}" + ("" if claim.tenths == 10 else ", in part")
    text = f"{claim.id} {who}: {status}"
    before = x2 + 8 + 7 * len(text) > axis.right
    if before and x1 - 6 < 7 * len(text):
        text = f"{claim.id}: {status}"
    return h(
        "g",
        h("title", f"Claim {claim.id} {who}: {status}, filed {day(claim.filed_at)}"),
        h(
            "rect",
            x=x1,
            y=row - 7,
            width=max(x2 - x1, 4),
            height=14,
            rx=2,
            class_=f"claim-{claim.status}",
        ),
        h(
            "text",
            text,
            x=x1 - 6 if before else max(x2, x1 + 4) + 6,
            y=row + 4,
            text_anchor="end" if before else "start",
            class_="halo",
        ),
    )


def _columns(ledger: Ledger, axis: Axis, top: float, money: Money) -> list[Element]:
    """Many claims, each as a column: as high as what was asked, and filled as far as awarded."""
    largest = sorted(ledger.claims.values(), key=lambda claim: -claim.asked)[:MOST_CLAIMS]
    most, bottom = max(largest[0].asked, 1), top + 6 + HIGH
    text = f"a column each, as high as what it asked: {money.brief(most)} at most; orange: awarded"
    wide = axis.right - axis.left > 500
    lines = [text] if wide else text.split(": ", 1)
    parts = [
        h("text", line, x=axis.left, y=top + 4 + 16 * i, class_="faint")
        for i, line in enumerate(lines)
    ]
    for claim in largest:
        x, asked = axis.x(claim.filed_at) - 1.5, (HIGH - 30) * claim.asked / most
        award = (HIGH - 30) * min(claim.award, claim.asked) / most
        title = f"Claim {claim.id}: {money.brief(claim.asked)} asked, {STATUS[claim.status]}"
        column = {"x": x, "width": 3}
        parts.append(
            h(
                "g",
                h("title", title),
                h("rect", y=bottom - asked, height=asked, class_="fill-grey faded", **column),
                h("rect", y=bottom - award, height=award, class_="fill-orange", **column),
            )
        )
    if len(ledger.claims) > len(largest):
        more = counted(len(ledger.claims) - len(largest), "smaller claim")
        at = {"x": axis.right, "y": top + 4, "text_anchor": "end", "class_": "faint"}
        parts.append(h("text", f"{more} not drawn", **at))
    return parts


def _lanes(found: Sequence[Mark], axis: Axis) -> list[int]:
    """A row for each mark's number, so that none covers another."""
    last: list[float] = []
    lanes = []
    for mark in found:
        x = axis.x(mark.time)
        free = next((i for i, right in enumerate(last) if x - right > 2 * MARK + 2), len(last))
        last[free : free + 1] = [x]
        lanes.append(free)
    return lanes


def _ticks(highest: int) -> list[int]:
    """Round numbers from 0 to at least `highest`, at most 7 of them, in token units."""
    step = 1
    while highest > 6 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
        if str(step)[0] not in "125":
            step = 10 ** (len(str(step)) - 1)
    count = -(-highest // step)
    return [step * i for i in range(count + 1)]


def steps(
    points: Sequence[tuple[int, int]],
    axis: Axis,
    y: Callable[[int], float],
    until: int | None = None,
) -> str:
    """A staircase from left to right: what holds until the next transaction."""
    stairs = "".join(f"H{n(axis.x(time))}V{n(y(amount))}" for time, amount in points)
    return f"{stairs}H{n(axis.right if until is None else axis.x(until))}"


def _dot(mark: Mark, x: float, y: float) -> Element:
    return h(
        "g",
        h("title", f"{day(mark.time)}: {mark.plain()}"),
        h("circle", cx=x, cy=y, r=MARK, class_=f"fill-{mark.colour}"),
        h("text", str(mark.number), x=x, y=y + 4, text_anchor="middle", class_="on-fill"),
    )


def bands(ledger: Ledger, axis: Axis, top: float, bottom: float) -> list[Element]:
    """Every second phase shaded."""
    return [
        h(
            "rect",
            x=axis.x(begin),
            y=top,
            width=axis.x(until) - axis.x(begin),
            height=bottom - top,
            class_="band",
        )
        for i, (begin, until, _) in enumerate(phases(ledger, axis.end))
        if i % 2
    ]


def _phase_bars(ledger: Ledger, axis: Axis, at: float) -> list[Element]:
    bars = []
    for i, (begin, until, name) in enumerate(phases(ledger, axis.end)):
        x1, x2 = axis.x(begin), axis.x(until)
        fits = x2 - x1 > 8 * len(name)
        bars.append(
            h(
                "g",
                h("title", f"{name}, from {day(max(begin, axis.begin))}"),
                h("rect", x=x1, y=at - 9, width=x2 - x1 - 1, height=18, class_=f"phase-{i % 2}"),
                h("text", name, x=(x1 + x2) / 2, y=at + 4, text_anchor="middle", class_="on-phase")
                if fits
                else None,
            )
        )
    return bars


def _arrivals(ledger: Ledger, axis: Axis, at: float) -> list[Element]:
    """A dot for all who joined or left at about the same time, with their number."""
    moments = [(m.joined_at, 1, 0) for m in ledger.members.values()]
    moments += [(m.left_at, 0, 1) for m in ledger.members.values() if m.left_at]
    groups: list[tuple[float, int, int]] = []
    for time, joined, left in sorted(moments):
        x = axis.x(time)
        if groups and x - groups[-1][0] < 64:
            first, j, k = groups[-1]
            groups[-1] = (first, j + joined, k + left)
        else:
            groups.append((x, joined, left))
    found = []
    for x, joined, left in groups:
        text = f"+{joined}" if joined else ""
        text += f" −{left}" if left else ""
        before = x + 60 > axis.right
        found.append(
            h(
                "g",
                h("title", f"{joined} joined, {left} left"),
                h("circle", cx=x, cy=at, r=5, class_="fill-blue"),
                h(
                    "text",
                    text.strip(),
                    x=x - 9 if before else x + 9,
                    y=at + 4,
                    text_anchor="end" if before else "start",
                    class_="halo",
                ),
            )
        )
    return found


def dates(axis: Axis, y: float) -> list[Element]:
    """Begins of months, as many as fit."""
    first = datetime.fromtimestamp(axis.begin, UTC)
    months, year, month = [], first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        at = int(datetime(year, month, 1, tzinfo=UTC).timestamp())
        if axis.x(at) > axis.right - 28:
            break
        if axis.x(at) > axis.left + 28:
            months.append(at)
    room = max(int((axis.right - axis.left) / 80), 1)
    every = next(k for k in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if len(months) <= k * room)
    texts = []
    for at in months[::every]:
        x = axis.x(at)
        texts.append(h("line", x1=x, x2=x, y1=y - 17, y2=y - 12, class_="tick"))
        texts.append(
            h(
                "text",
                day(at).split("\u00a0", 1)[1],
                x=x,
                y=y,
                text_anchor="middle",
                class_="faint",
            )
        )
    return texts
