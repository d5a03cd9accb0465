"""Passes over pools: look, do what is due, look again, until nothing more is."""

import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from peerpool.audit.logs import LogsError
from peerpool.chain import most_gas
from peerpool.keeper import purse as costs
from peerpool.keeper.backoff import Backoff
from peerpool.keeper.donors import donors
from peerpool.keeper.look import Block, Kept, Seen, latest, look, owed
from peerpool.keeper.purse import PurseError, TooDear
from peerpool.keeper.sender import (
    ELSE,
    PAYMENT,
    Lost,
    Refused,
    Sender,
    SendError,
    TooLarge,
    Waiting,
    try_out,
    with_reserve,
)
from peerpool.keeper.steps import Outcome, Step, due, gifts, last, parts, refund, refunds
from peerpool.ledger.rebuild import CANCELLED
from peerpool.rpc import Node, RpcError, RpcRefused
from peerpool.views import ViewError, ask_all

DONE, PLANNED, LOST, SPLIT, FAILED, LEFT = "done", "planned", "lost", "split", "failed", "left"
REFUND = 50_000  # gas, about what one takes in a batch
LEAST_BPS = 10
LOOK = "look"  # the step of a pool that cannot be looked at
LONGEST_PAUSE = 600.0  # seconds, while the node is in trouble
MEMORY = 100  # passes after which all is looked at anew: a block may have been taken back


@dataclass(frozen=True)
class Settings:
    """least_bps: see `due`. ceiling: most wei for a unit of gas."""

    least_bps: int = LEAST_BPS
    ceiling: int | None = None


@dataclass
class Pass:
    """What came of a pass. `error`: why it ended early, if it did."""

    number: int
    counts: Counter[str] = field(default_factory=Counter)
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return not self.error and not self.counts[FAILED]


class _Enough(Exception):
    """Nothing more can be sent in this pass, as the outcome says."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.problem)
        self.outcome = outcome


class Keeper:
    """Keeps pools; `sender` None only looks, and plans.

    tell: gets every outcome. looking: gets the number of each pool before it is looked at. donors:
    tells who has given to a pool.
    """

    def __init__(
        self,
        node: Node,
        pools: Sequence[Kept],
        sender: Sender | None,
        settings: Settings,
        *,
        tell: Callable[[Outcome], None],
        looking: Callable[[int], None] | None = None,
        clock: Callable[[], float] = time.time,
        donors: Callable[[Node, str], tuple[str, ...]] = donors,
    ) -> None:
        self.node, self.pools, self.sender, self.settings = node, pools, sender, settings
        self._tell, self._looking, self._clock, self._donors = tell, looking, clock, donors
        self._backoff = Backoff()
        self._passes = 0

    def once(self) -> Pass:
        """One pass over all pools. Whatever fails is told, not raised."""
        self._passes += 1
        done = Pass(self._passes)
        if self.sender:
            self.sender.purse.begin_pass()
        for number, kept in enumerate(self.pools, start=1):
            if self._passes % MEMORY == 0:
                kept.forget()
            if self._looking:
                self._looking(number)
            try:
                for outcome in self._keep(kept):
                    self._count(done, outcome)
            except _Enough as enough:
                self._count(done, enough.outcome)
                break
            except (
                LogsError,
                RpcRefused,
                ViewError,
            ) as error:  # of this pool: the others can go on
                self._count(done, Outcome(Step(kept, LOOK), FAILED, str(error)))
            except RpcError as error:
                done.error = str(error)
                break
        return done

    def _count(self, done: Pass, outcome: Outcome) -> None:
        done.counts[outcome.result] += 1
        self._tell(outcome)

    def every(
        self,
        seconds: float,
        told: Callable[[Pass, float], None],
        wait: Callable[[float], None] = time.sleep,
    ) -> NoReturn:
        """Pass after pass, with a pause that grows while the node is in trouble.

        told: gets each pass, and the pause after it. Two keepers begun together drift apart.
        """
        troubles = 0
        while True:
            done = self.once()
            troubles = troubles + 1 if done.error else 0
            pause = min(seconds * 2**troubles, max(seconds, LONGEST_PAUSE))
            pause *= random.uniform(0.9, 1.1)  # noqa: S311
            told(done, pause)
            wait(pause)

    # --- one pool ---------------------------------------------------------------

    def _keep(self, kept: Kept) -> Iterator[Outcome]:
        """Do what is due, and look again, as one thing makes another due; tell what came of it."""
        tried: set[Hashable] = set()
        while True:
            seen = look(self.node, kept, latest(self.node, self._clock()))
            fresh = [step for step in self._due(seen) if step.key not in tried]
            if not fresh:
                return
            doubtful: list[Outcome] = []
            for step in fresh:
                tried.add(step.key)
                try:
                    for outcome in self._try(step, seen.block):
                        if outcome.result == FAILED:
                            doubtful.append(outcome)
                        else:
                            yield outcome
                except (_Enough, LogsError, RpcError, ViewError):
                    yield from map(self._failure, doubtful)
                    raise
            if self.sender:
                yield from self._judged(kept, doubtful)
            else:
                yield from doubtful
                return

    def _due(self, seen: Seen) -> list[Step]:
        """What is due, and may be tried (again)."""
        least = self.settings.least_bps
        steps = [step for step in due(seen, least) if self._is_ready(step)]
        if not seen.is_over or not seen.summary["funds"]:
            return steps
        if seen.kept.pushed != seen.summary:
            most = most_gas(seen.block.gas_limit) // (PAYMENT + REFUND)
            everybody = list(owed(self.node, seen))
            back = {
                each.id for each in everybody if not self._is_ready(refund(seen.kept, [each.id]))
            }
            pushes = list(refunds(seen, everybody, least, most, back))
            if pushes or back:  # a sweep would take what is theirs
                return steps + pushes
            seen.kept.pushed = seen.summary
        if seen.summary["phase"] == CANCELLED:
            returns = gifts(seen, self._given(seen), least)
            if returns:
                return steps + [step for step in returns if self._is_ready(step)]
        sweep = last(seen, least)
        return [*steps, sweep] if sweep and self._is_ready(sweep) else steps

    def _given(self, seen: Seen) -> dict[str, int]:
        """What is due to each donor of a cancelled pool."""
        kept = seen.kept
        if kept.donors is None:
            kept.donors = self._donors(self.node, kept.address)
        questions = [kept.ask("donation_of", donor) for donor in kept.donors]
        return dict(zip(kept.donors, ask_all(self.node, seen.block.tag, questions), strict=True))

    def _is_ready(self, step: Step) -> bool:
        return self._backoff.ready(step.key, self._clock())

    def _judged(self, kept: Kept, doubtful: Sequence[Outcome]) -> Iterator[Outcome]:
        """What was refused or reverted has failed if it is still due; else somebody has done it."""
        if not doubtful:
            return
        try:
            steps = self._due(look(self.node, kept, latest(self.node, self._clock())))
        except (LogsError, RpcError, ViewError):
            yield from map(self._failure, doubtful)
            raise
        due_now = {(step.key, step.mark) for step in steps}
        ids = {id_ for step in steps for id_ in step.ids}
        for outcome in doubtful:
            step = outcome.step
            if (step.key, step.mark) in due_now or ids.intersection(step.ids):
                yield self._failure(outcome)
            else:
                yield replace(outcome, result=LOST, problem=ELSE)

    def _failure(self, outcome: Outcome) -> Outcome:
        then = self._backoff.failed(outcome.step.key, self._clock())
        return replace(outcome, problem=f"{outcome.problem}; {then}")

    # --- one step ---------------------------------------------------------------

    def _try(self, step: Step, block: Block) -> Iterator[Outcome]:
        """Send a step, or in a dry run only try it.

        A batch that does not go goes in halves: one member whose refund fails does not stop the
        others'. Of one that the purse is too small for, half is sent.
        """
        try:
            outcome = self._send(step, block) if self.sender else self._planned(step, block)
        except Lost as error:
            yield Outcome(step, LOST, str(error))
            return
        except (Refused, TooLarge) as error:
            outcome = Outcome(step, FAILED, str(error))
        except PurseError as error:
            halves = parts(step)
            if halves and not isinstance(error, TooDear):
                yield from self._try(halves[0], block)
                return
            raise _Enough(Outcome(step, LEFT, str(error))) from error
        except Waiting as error:
            raise _Enough(Outcome(step, LEFT, str(error))) from error
        except SendError as error:
            raise _Enough(Outcome(step, FAILED, str(error))) from error
        if outcome.result != FAILED or not parts(step):
            yield outcome
            return
        if outcome.transaction:
            yield replace(outcome, result=SPLIT)
        for half in parts(step):
            yield from self._try(half, block)

    def _send(self, step: Step, block: Block) -> Outcome:
        price = costs.price(self.node, block, self.settings.ceiling)
        mined = self.sender.send(step, block, price)
        result, problem = (DONE, "") if mined.worked else (FAILED, "reverted")
        if mined.worked and not mined.logs:  # refund_many does not refuse to do nothing
            result, problem = LOST, ELSE
        if result == DONE:
            self._backoff.worked(step.key)
        outcome = Outcome(step, result, problem)
        return replace(outcome, transaction=mined.transaction, gas=mined.gas, cost=mined.cost)

    def _planned(self, step: Step, block: Block) -> Outcome:
        gas = try_out(self.node, step, None)
        if with_reserve(gas, step) > most_gas(block.gas_limit):
            raise TooLarge("gas: does not fit into a transaction")
        price = costs.price(self.node, block, None)
        return replace(Outcome(step, PLANNED), gas=gas, cost=gas * price.now)
