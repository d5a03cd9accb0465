"""What is said about a pool: who may do what comes next, from when on, and how votes stand."""

from dataclasses import dataclass

from peerpool.keeper.look import AWARDED, Action, ClaimNow, Seen, award_of
from peerpool.phases import PHASES
from peerpool.report.words import STATUS
from peerpool.status.snapshot import Snapshot
from peerpool.units import (
    DAY,
    HOUR,
    MINUTE,
    YEAR,
    ZERO_ADDRESS,
    counted,
    format_amount,
    format_date,
)

# What the lens names: what is done, to what, and who may where the lens says anybody.
ACTIONS = {
    "join": ("people join", "", "whoever is invited"),
    "bind_reinsurance": ("give the layers their premium", "", "anybody"),
    "file_claim": ("claims are filed", "", "members"),
    "vote": ("vote", " on claim {}", "members"),
    "appeal": ("accept or appeal", " claim {}", "its claimant"),
    "rule": ("rule", " on claim {}", "the arbiter"),
    "resolve": ("resolve", " claim {}", "anybody"),
    "settle_window": ("settle window {}", "", "anybody"),
    "pay_award": ("pay the award", " of claim {}", "anybody"),
    "settle": ("settle the pool", "", "anybody"),
    "refund_many": ("push refunds", "", "anybody"),
    "sweep": ("give the cause what nobody took", "", "anybody"),
}
OPEN, REFERRED = 1, 6
_STEPS = (("year", YEAR), ("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1))


@dataclass(frozen=True)
class Next:
    """What comes next, in words; `brief` without dates. `is_due`: now."""

    what: str
    who: str
    when: str
    brief: str
    is_due: bool

    def __str__(self) -> str:
        return f"{self.what}: {self.who}, {self.when}"


def next_step(action: Action, seen: Seen) -> Next | None:
    """What an action of the lens means; None: nothing is left that anybody could do."""
    if not action.action or (action.action == "refund_many" and is_dust(seen)):
        return None
    now, (verb, of, anybody) = seen.block.time, ACTIONS[action.action]
    who = anybody if action.who == ZERO_ADDRESS else f"{anybody} {short(action.who)}"
    is_due = action.since <= now and (not action.until or now < action.until)
    if action.since > now:
        said = ago(action.since, now)
        when, brief = f"from {format_date(action.since)} ({said})", said
    elif action.until:
        left = ago(action.until, now)
        when = f"until {format_date(action.until)} ({left})"
        brief = f"for {left.removeprefix('in ')}"
    else:
        when = brief = "now"
    if action.action == "settle_window" and action.argument in seen.undecided:
        is_due, after = False, "once all its claims are decided"
        when, brief = (f"{when}, {after}", brief) if action.since > now else (after, after)
    verb = verb.format(action.argument)
    return Next(verb + of.format(action.argument), who, when, f"{verb}: {who}, {brief}", is_due)


def is_dust(seen: Seen) -> bool:
    """Whether what looks like refunds is what rounding left: less than a unit each (rule 14)."""
    return seen.summary["funds"] < seen.summary["members"]


def no_step(snapshot: Snapshot) -> str:
    """What is said where there is no next step; what is held only its owners can take."""
    if not (held := snapshot.seen.summary["held"]):
        return "nothing is left to do"
    return f"{format_amount(held, snapshot.asset)} held, for its owners to take"


def ago(moment: int, now: int) -> str:
    """How far a moment is: "in 3 days", "2 hours ago", rounded down to one unit."""
    if moment == now:
        return "now"
    span = abs(moment - now)
    unit, size = next((unit, size) for unit, size in _STEPS if span >= size)
    count = span // size
    if count == 1 and unit != "second":  # 1 day could be nearly two: say it in hours
        unit, size = _STEPS[[name for name, _ in _STEPS].index(unit) + 1]
        count = span // size
    text = counted(count, unit)
    return f"in {text}" if moment > now else f"{text} ago"


def phase(snapshot: Snapshot) -> str:
    """The phase, and how long it lasts or lasted."""
    terms, now = snapshot.terms, snapshot.time
    name = PHASES[snapshot.seen.summary["phase"]]
    if name == "Enrolling":
        return f"Enrolling: cover starts {ago(terms.cover_start, now)}"
    if name == "Cancelled":
        by = format_date(terms.cover_start)
        return f"Cancelled: fewer than {terms.min_members} members had joined by {by}"
    if name == "Active":
        return f"Active: cover ends {ago(terms.expiry, now)}"
    if name == "Settled":
        return f"Settled {ago(snapshot.seen.summary['settled_at'], now)}"
    if now < snapshot.reporting_end:
        return f"Run-off: reporting ends {ago(snapshot.reporting_end, now)}"
    return f"Run-off: reporting ended {ago(snapshot.reporting_end, now)}"


def votes(claim: ClaimNow) -> str:
    """How a vote stands: "5 of 9 voted: 3 for 10, 2 for 0"."""
    tally, whole = claim.row["tally"], claim.row["claim"]["electorate"]
    cast = [f"{n} for {tenths}" for tenths, n in reversed(list(enumerate(tally))) if n]
    return f"{sum(tally)} of {whole} voted" + (f": {', '.join(cast)}" if cast else "")


def status(claim: ClaimNow) -> str:
    """Its status, and what was decided."""
    record = claim.row["claim"]
    name = STATUS[record["status"]]
    if record["status"] in (OPEN, REFERRED):
        return name
    if record["status"] == AWARDED and record["paid"] < award_of(record):
        name = "awarded, cut" if record["paid"] else "awarded, waits"
    return f"{name}, {record['award']} of 10"


def short(address: str) -> str:
    """Its two ends."""
    return f"{address[:6]}…{address[-4:]}"
