"""Which calls a pool waits for that anybody may make, in the order in which they help most."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from peerpool.keeper.look import Action, ClaimNow, Kept, Owed, Seen, award_of
from peerpool.ledger.rebuild import ENROLLING
from peerpool.units import ZERO_ADDRESS
from peerpool.views import Question

# What the lens may name, and anybody may then call: the number is its place in line.
ORDER = {"bind_reinsurance": 0, "resolve": 1, "settle_window": 2, "pay_award": 3, "settle": 5}
MOST_PUSHED = 500  # ids that refund_many takes at once
BPS = 10_000


@dataclass(frozen=True)
class Step:
    """A call of a pool that is due.

    payments: how many accounts it may send money to. ids: of members to be refunded. mark: changes
    once it was done, where the same call can be due again.
    """

    kept: Kept
    function: str
    arguments: tuple[int | str, ...] = ()
    payments: int = 0
    ids: tuple[int, ...] = ()
    mark: Hashable = None

    @property
    def question(self) -> Question:
        """The call, to be tried without being sent."""
        return self.kept.ask(self.function, *self.arguments)

    @property
    def key(self) -> tuple[str, str, tuple[int | str, ...]]:
        """Tells it from all others."""
        return self.kept.address, self.function, self.arguments

    def __str__(self) -> str:
        if self.function == "refund_many":
            first, count = self.arguments
            return f"refund_many({first} to {first + count - 1})"
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Outcome:
    """What became of a step.

    result: done; planned (a dry run); lost (somebody else did it first); split (a batch reverted,
    and is tried in halves); failed; left (for later).
    """

    step: Step
    result: str
    problem: str = ""
    transaction: str | None = None
    gas: int = 0  # used; in a dry run what it would need
    cost: int = 0  # wei


def due(seen: Seen, least_bps: int) -> list[Step]:
    """The steps that are due in this block, but for refunds and what comes after them.

    least_bps: money below this share of what it is measured by is not worth a transaction yet: an
    award's part of the award, stray money of a premium.
    """
    kept = seen.kept
    cheapest = min(tier.premium for tier in kept.terms.tiers)
    wanted: list[Step] = []
    for action, mark in ((seen.next, None), *((claim.next, _mark(claim)) for claim in seen.claims)):
        if _is_due(action, seen) and action.action in ORDER:
            wanted.append(_step(kept, action, mark))
    small = {claim.id for claim in seen.claims if not _is_worth(*_payable(claim), least_bps)}
    wanted = [s for s in wanted if s.function != "pay_award" or s.arguments[0] not in small]
    # Stray money makes awards up, repays layers, and belongs to the surplus: before settle.
    if seen.summary["phase"] != ENROLLING and _is_worth(seen.stray, cheapest, least_bps):
        wanted.append(Step(kept, "absorb", (), 1, mark=seen.stray))
    once = {step.key: step for step in wanted}
    return sorted(once.values(), key=lambda step: (ORDER.get(step.function, 4), step.arguments))


def refunds(
    seen: Seen, owed: Iterable[Owed], least_bps: int, most: int, back: Set[int]
) -> Iterator[Step]:
    """Batches of at most `most` refunds, of members who follow one another in the roster.

    Those whose ids are in `back` are left out, and what is not worth it yet goes along only where
    it lies between others.
    """
    batch: list[Owed] = []

    def full() -> Iterator[Step]:
        while batch and not is_worth_it(batch[-1]):
            batch.pop()
        if batch:
            yield refund(seen.kept, [each.id for each in batch])
        batch.clear()

    def is_worth_it(each: Owed) -> bool:
        return _is_worth(each.due, each.premium, least_bps)

    for each in owed:
        if each.id in back:
            yield from full()
            continue
        if batch and (len(batch) == most or each.id - batch[0].id >= MOST_PUSHED):
            yield from full()
        if batch or is_worth_it(each):
            batch.append(each)
    yield from full()


def refund(kept: Kept, ids: Sequence[int]) -> Step:
    """The refunds from the first id to the last; `ids` are those to whom something is due."""
    arguments = (ids[0], ids[-1] - ids[0] + 1)
    return Step(kept, "refund_many", arguments, len(ids), tuple(ids))


def parts(step: Step) -> tuple[Step, ...]:
    """A step in halves, where it is a batch; else nothing."""
    middle = len(step.ids) // 2
    if not middle:
        return ()
    return refund(step.kept, step.ids[:middle]), refund(step.kept, step.ids[middle:])


def gifts(seen: Seen, given: Mapping[str, int], least_bps: int) -> list[Step]:
    """What donors get back, one by one; `given`: what is due to each."""
    cheapest = min(tier.premium for tier in seen.kept.terms.tiers)
    return [
        Step(seen.kept, "return_donation", (donor,), 1)
        for donor, amount in given.items()
        if _is_worth(amount, cheapest, least_bps)
    ]


def last(seen: Seen, least_bps: int) -> Step | None:
    """The sweep, if it is due: what nobody took goes to the cause."""
    cheapest = min(tier.premium for tier in seen.kept.terms.tiers)
    if seen.next.action != "sweep" or not _is_due(seen.next, seen):
        return None
    if not _is_worth(seen.summary["funds"], cheapest, least_bps):
        return None
    return Step(seen.kept, "sweep", (), 1)


def _is_due(action: Action, seen: Seen) -> bool:
    now = seen.block.time
    if action.action == "settle_window" and action.argument in seen.undecided:
        return False
    is_time = action.since <= now and (action.until == 0 or now < action.until)
    return action.who == ZERO_ADDRESS and is_time


def _mark(claim: ClaimNow) -> Hashable:
    return claim.row["claim"]["status"], claim.row["claim"]["paid"]


def _step(kept: Kept, action: Action, mark: Hashable) -> Step:
    takes = action.action in ("resolve", "settle_window", "pay_award")
    # Bond and award go to filer, claimant and the payee of a pledge; a surplus to the cause.
    payments = {"resolve": 3, "pay_award": 2, "settle": 1}.get(action.action, 0)
    arguments = (action.argument,) if takes else ()
    return Step(kept, action.action, arguments, payments, mark=mark)


def _payable(claim: ClaimNow) -> tuple[int, int]:
    """What pay_award would send, and the whole award; all that is left of it is always worth it."""
    due, whole = claim.row["award_due"], award_of(claim.row["claim"])
    return (whole if due == whole - claim.row["claim"]["paid"] else due), whole


def _is_worth(amount: int, of: int, least_bps: int) -> bool:
    return amount > 0 and amount * BPS >= of * least_bps
