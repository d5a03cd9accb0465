"""`make fuzz`: random lives until FUZZ_SECONDS (60) are over, then what was done and reached.

SEED (0) makes a run repeatable. A failure is printed as the shortest life that shows it, and as the
plain calls that it consists of.
"""

from __future__ import annotations

import os
import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from . import counts
from .machine import PoolMachine
from .world import world

STEPS = 60
SETTINGS = settings(
    max_examples=1_000_000,  # until time is up
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    suppress_health_check=HealthCheck.all(),
    report_multiple_bugs=False,
    print_blob=False,
)


class TimeIsUp(BaseException):
    """Ends hypothesis from within, which may call it flaky. An Exception would fail."""


def main() -> int:
    """Fuzz; return 1 if a life showed a difference."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    seed = int(os.environ.get("SEED", "0"))
    print(f"seed {seed}, {seconds:g} seconds", flush=True)
    world()  # compiles
    began = time.monotonic()

    def next_life() -> PoolMachine:
        if time.monotonic() - began > seconds and not _found:
            raise TimeIsUp
        return Recorded()

    next_life._hypothesis_internal_use_seed = seed  # what @seed sets on a class
    status = 0
    try:
        run_state_machine_as_test(next_life, settings=SETTINGS)
    except (TimeIsUp, Flaky) as end:
        if not isinstance(end, TimeIsUp) and not isinstance(end.__context__, TimeIsUp):
            raise
    except AssertionError as difference:
        print(difference, file=sys.stderr)
        status = 1
    print(counts.table())
    calls = sum(counts.succeeded.values()) + sum(counts.refused.values())
    print(f"{calls / (time.monotonic() - began):.0f} calls a second")
    return status


_found: list[str] = []


class Recorded(PoolMachine):
    """A life that says when it failed, so that time does not run out while it is made shorter."""

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if isinstance(sys.exc_info()[1], AssertionError):
                _found.append(str(sys.exc_info()[1]))


if __name__ == "__main__":
    sys.exit(main())
