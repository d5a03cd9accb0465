"""`make fuzz`: random lives until FUZZ_SECONDS (60) are over, then what was done and reached.

SEED (0) makes a run repeatable. A failure is printed as the shortest life that shows it, and as the
plain calls that it consists of.
"""

from __future__ import annotations

import os
import sys
import time

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from . import counts
from .machine import PoolMachine

LIVES_AT_ONCE = 20
STEPS = 60


def main() -> int:
    """Fuzz; return 1 if a life showed a difference."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    first_seed = int(os.environ.get("SEED", "0"))
    began = time.monotonic()
    batch = 0
    failed = False
    while not failed and (batch == 0 or time.monotonic() - began < seconds):
        seed(first_seed + batch)(PoolMachine)
        print(f"seed {first_seed + batch}: {LIVES_AT_ONCE} lives", flush=True)
        try:
            run_state_machine_as_test(PoolMachine, settings=_settings())
        except AssertionError as difference:
            print(difference, file=sys.stderr)
            failed = True
        batch += 1
    print(counts.table())
    calls = sum(counts.succeeded.values()) + sum(counts.refused.values())
    print(f"{calls / (time.monotonic() - began):.0f} calls a second")
    return int(failed)


def _settings() -> settings:
    return settings(
        max_examples=LIVES_AT_ONCE,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=HealthCheck.all(),
        report_multiple_bugs=False,
        print_blob=False,
    )


if __name__ == "__main__":
    sys.exit(main())
