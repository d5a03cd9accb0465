"""What the page needs of a pool's events and moves, in little memory however many they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from peerpool.ledger import FUNDS, Ballot, Event, Ledger, Move, ballots_of
from peerpool.ledger.views import LAPSED, REJECTED
from peerpool.report.flows import Sums

MOST_MOMENTS = 30
MOST_POINTS = 1500
MOST_POSTINGS = 1000
MOST_REASONS = 20  # of a claim
MOST_LATE = 3  # late joiners that are told one by one

GROUPED = frozenset(
    (
        "Joined",
        "Left",
        "Refunded",
        "PremiumReturned",
        "CollateralAdded",
        "PremiumCeded",
        "LayerRedeemed",
    )
)


@dataclass(frozen=True)
class Point:
    """The two pots, and the losses incurred so far, after a transaction (token units)."""

    time: int
    funds: int
    held: int
    incurred: int

    @property
    def both(self) -> int:
        return self.funds + self.held


@dataclass(frozen=True)
class Moment:
    """An event that a person may want to see, and what else its transaction did."""

    event: Event
    drawn: int  # on layers, for its claim
    credited: frozenset[str]  # accounts that could not take what was sent


@dataclass
class Group:
    """Events of one kind that are told as one."""

    count: int = 0
    amount: int = 0
    last: int = 0  # second of the last one
    whose: set = field(default_factory=set)

    def add(self, time: int, who: object, amount: int) -> None:
        self.count += 1
        self.amount += amount
        self.last = time
        self.whose.add(who)


@dataclass(frozen=True)
class Bound:
    """As it stood when premium was ceded to the layers."""

    funds: int
    members: int


class Line:
    """Points in order, thinned out: of each stretch of time the highest and the last stay."""

    def __init__(self, most: int = MOST_POINTS) -> None:
        self._most = most
        self._width = 1  # seconds of a stretch
        self._kept: dict[int, tuple[Point, Point]] = {}

    def add(self, point: Point) -> None:
        """Append a point."""
        self._put(point)
        while 2 * len(self._kept) > self._most:
            self._width *= 2
            points, self._kept = self.points, {}
            for kept in points:
                self._put(kept)

    def _put(self, point: Point) -> None:
        key = point.time // self._width
        highest, _ = self._kept.get(key, (point, point))
        self._kept[key] = (point if point.both >= highest.both else highest, point)

    @property
    def points(self) -> list[Point]:
        return [
            point
            for highest, last in self._kept.values()
            for point in ((last,) if highest is last else (highest, last))
        ]


class Journal:
    """A watcher of the books (`peerpool.ledger.rebuild`): what the page is drawn from."""

    def __init__(self) -> None:
        self.first: int | None = None  # seconds of the first and last event
        self.last: int | None = None
        self.sums = Sums()
        self.line = Line()
        self.groups: dict[tuple[str, bool], Group] = defaultdict(Group)  # by name, and whether late
        self.late: list[Moment] = []  # the first late joiners
        self.seen = 0  # moments, with those that were left out
        self.postings: list[Move] = []
        self.posted = 0  # postings, with those that were left out
        self.sharings = 0
        self.reasons: dict[int, list[Ballot]] = defaultdict(list)  # by claim
        self.reasoned: Counter[int] = Counter()
        self.bound: Bound | None = None
        self._moments: list[tuple[int, int, Moment]] = []  # a heap, the least on top
        self.incurred = 0  # awards decided, paid or not, and what open claims ask, less recoveries
        self._losses: dict[int, int] = {}  # what of it is each claim's
        self._funds = 0

    @property
    def moments(self) -> list[Moment]:
        """Those that moved most, in order."""
        return [moment for _, _, moment in sorted(self._moments, key=lambda m: -m[1])]

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Take note of a transaction."""
        self.first = events[0].time if self.first is None else self.first
        self.last = events[-1].time
        self.sums.saw(moves)
        self.posted += len(moves)
        self.postings += moves[: MOST_POSTINGS - len(self.postings)]
        drawn = _drawn(events)
        credited = frozenset(e["account"] for e in events if e.name == "Credited")
        was = self.incurred
        for event in events:
            self._count(ledger, event)
            self._note(ledger, Moment(event, drawn.get(event.args.get("claim_id"), 0), credited))
        if any(e.name == "PremiumCeded" for e in events):
            self._bind(ledger, events, moves)
        self._funds = ledger.funds
        if moves or was != self.incurred:
            self.line.add(Point(self.last, ledger.funds, ledger.held, self.incurred))

    def _count(self, ledger: Ledger, e: Event) -> None:
        match e.name:
            case "ClaimFiled" | "ClaimReduced" | "ClaimResolved" | "GuaranteeCalled" | "Recovered":
                claim = ledger.claims[e["claim_id"]]
                loss = max((claim.award if claim.resolved_at else claim.asked) - claim.recovered, 0)
                self.incurred += loss - self._losses.get(claim.id, 0)
                self._losses[claim.id] = loss
            case "Shared":
                self.sharings += 1
            case "BallotCast" | "BallotsCast" if any(e["reason"]):
                ballots, kept = ballots_of(ledger, e), self.reasons[e["claim_id"]]
                kept += ballots[: MOST_REASONS - len(kept)]
                self.reasoned[e["claim_id"]] += len(ballots)

    def _note(self, ledger: Ledger, moment: Moment) -> None:
        e = moment.event
        if e.name in GROUPED:
            is_late = e.time >= ledger.terms.cover_start
            who = e["layer"] if "layer" in e.args else e["member"]
            amount = e["amount"] if "amount" in e.args else e["premium"]
            if amount:
                self.groups[e.name, is_late].add(e.time, who, amount)
            if e.name == "Joined" and is_late and len(self.late) < MOST_LATE:
                self.late.append(moment)
            return
        weight = _weight(e, ledger)
        if weight is None:
            return
        self.seen += 1
        entry = (weight, -self.seen, moment)
        if len(self._moments) < MOST_MOMENTS:
            heappush(self._moments, entry)
        else:
            heappushpop(self._moments, entry)

    def _bind(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Keep how the pool stood right after premium was ceded, within its transaction."""
        last = max(e.index for e in events if e.name == "PremiumCeded")
        funds = self._funds
        for move in moves:
            if move.event.index <= last:
                funds += move.amount if move.target.pot == FUNDS else 0
                funds -= move.amount if move.source.pot == FUNDS else 0
        later = sum(1 for e in events if e.name == "Joined" and e.index > last)
        self.bound = Bound(funds, len(ledger.present) - later)


def _drawn(events: Sequence[Event]) -> dict[int | None, int]:
    """What was drawn on layers, by claim: the next event after a draw says which it was for."""
    found: dict[int | None, int] = {}
    waiting = 0
    for event in events:
        if event.name == "LayersDrawn":
            waiting += event["amount"]
        elif event.name == "WindowSettled":
            waiting = 0  # set aside for all of its claims
        elif "claim_id" in event.args and waiting:
            found[event["claim_id"]], waiting = waiting, 0
    return found


def _weight(e: Event, ledger: Ledger) -> int | None:
    """How much an event is about, in token units; None: nobody wants to see it."""
    match e.name:
        case "ClaimResolved" if e["status"] in (REJECTED, LAPSED):
            return ledger.claims[e["claim_id"]].asked
        case "ClaimAppealed" | "ClaimRuled":
            return ledger.claims[e["claim_id"]].asked
        case "WindowSettled" if e["available"] < e["awards"]:
            return e["awards"]
        case "Shared" if e["to_members"] or e["to_cause"]:
            return e["to_members"] + e["to_cause"]
        case "WalletChanged":
            return 0
        case (
            "AwardPaid"
            | "PledgePaid"
            | "GuaranteeCalled"
            | "Recovered"
            | "Donated"
            | "Absorbed"
            | "LayersRepaid"
            | "Swept"
        ):
            return e["amount"]
    return None
