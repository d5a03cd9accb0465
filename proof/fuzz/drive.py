"""One random life, and the shortest one that fails as it does.

A life is a seed and the numbers of its steps. Each step draws from dice of its own, so that the
same life comes again, and most of it even without some of its steps. Hypothesis' strategies draw,
but its engine is not used: it cuts long lives short, and looks for new ones where there are plenty.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis.control import BuildContext
from hypothesis.errors import StopTest
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.reporting import with_reporter
from hypothesis.stateful import Rule, RuleBasedStateMachine

MOST_BYTES = 1 << 20  # that the draws of one step may take
SLEEPING = (0.0, 0.0, 0.3, 0.6)  # shares of the rules that a life does without


class Failure(Exception):
    """A life in which contract and model differ, or a promise was broken."""

    def __init__(self, difference: str, story: str, steps: Sequence[int]) -> None:
        super().__init__(difference)
        self.difference, self.story, self.steps = difference, story, tuple(steps)


class Dice:
    """Draws for one step: what a rule gets for st.data()."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311
        self.conjecture = ConjectureData(MOST_BYTES, b"", self.random)
        self.conjecture.hypothesis_shared_data_strategy = self

    def draw(self, strategy: Any) -> Any:
        """Return one value."""
        return self.conjecture.draw(strategy)

    def arguments(self, rule: Rule) -> dict[str, Any]:
        """Return what to call a rule with."""
        return {name: self.draw(strategy) for name, strategy in sorted(rule.arguments.items())}


def live(machine: type[RuleBasedStateMachine], seed: str, steps: Sequence[int]) -> None:
    """Live from beginning to end.

    Raises:
        Failure: an assertion failed.
    """
    taken: list[int] = []
    story: list[str] = []
    dice = Dice(seed)
    try:
        with BuildContext(dice.conjecture, is_final=True), with_reporter(story.append):
            _live(machine(), dice, seed, steps, taken)
    except AssertionError as difference:
        raise Failure(str(difference), "\n".join(story), taken) from difference


def _live(
    life: RuleBasedStateMachine,
    dice: Dice,
    seed: str,
    steps: Sequence[int],
    taken: list[int],
) -> None:
    try:
        asleep = dice.random.choice(SLEEPING)
        awake = [rule for rule in life.rules() if dice.random.random() >= asleep]
        for rule in life.initialize_rules():
            rule.function(life, **dice.arguments(rule))
            life._initialize_rules_to_run.remove(rule)
        life.check_invariants(None)
        for step in steps:
            taken.append(step)
            _take(life, Dice(f"{seed}/{step}"), awake or life.rules())
            life.check_invariants(None)
    finally:
        life.teardown()


def _take(life: RuleBasedStateMachine, dice: Dice, rules: Sequence[Rule]) -> None:
    ready = [rule for rule in rules if all(makes_sense(life) for makes_sense in rule.preconditions)]
    if not ready:
        return
    rule = dice.random.choice(ready)
    try:
        rule.function(life, **dice.arguments(rule))
    except StopTest:  # a strategy found nothing that passes its filter
        return


def shorten(
    machine: type[RuleBasedStateMachine], seed: str, failure: Failure, seconds: float
) -> Failure:
    """Leave out steps as long as it fails, and time is left; return the shortest failure."""
    end = time.monotonic() + seconds
    size = max(1, len(failure.steps) // 2)
    while True:
        begin = 0
        while begin < len(failure.steps):
            if time.monotonic() > end:
                return failure
            rest = failure.steps[:begin] + failure.steps[begin + size :]
            try:
                live(machine, seed, rest)
            except Failure as shorter:
                failure = shorter
            else:
                begin += size
        if size == 1:
            return failure
        size //= 2
