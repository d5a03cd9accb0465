"""A slice of the fuzzing, the same one every time: `make fuzz` goes on from here."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

from .machine import PoolMachine

SETTINGS = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    # a failure is told in plain calls as it was found; making it shorter takes minutes: `make fuzz`
    phases=(Phase.generate,),
    database=None,
    suppress_health_check=HealthCheck.all(),
    print_blob=False,
)

TestPool = PoolMachine.TestCase
TestPool.settings = SETTINGS
