"""The phase of a pool, to the second; nobody has to flip it."""

import pytest

from ..clock import at
from ..refusal import refuses

ENROLLING, CANCELLED, ACTIVE, RUN_OFF, SETTLED = range(5)


def test_phase(stage, pool):
    assert pool.phase() == ENROLLING


@pytest.mark.spec("P1", "P3")
@pytest.mark.parametrize(
    "moment, seconds, phase",
    [
        ("cover_start", -1, ENROLLING),
        ("cover_start", 0, ACTIVE),
        ("enrolment_end", 0, ACTIVE),
        ("expiry", -1, ACTIVE),
        ("expiry", 0, RUN_OFF),
        ("expiry", 10**9, RUN_OFF),
    ],
)
def test_phase__at(stage, pool, moment, seconds, phase):
    at(getattr(stage.terms, moment) + seconds)
    assert pool.phase() == phase
    assert pool.summary()["phase"] == phase


@pytest.mark.spec("P3", "P4")
def test_phase__settled(stage, pool):
    stage.after_reporting()
    assert pool.phase() == RUN_OFF
    stage.settle()
    assert pool.phase() == SETTLED
    at(stage.terms.expiry + 10**9)
    assert pool.phase() == SETTLED


@pytest.mark.spec("P1", "P2")
@pytest.mark.parametrize("joined, phase", [(0, CANCELLED), (2, CANCELLED), (3, ACTIVE)])
def test_phase__min_members(make_stage, members, joined, phase):
    stage = make_stage(members[:joined])
    at(stage.terms.cover_start - 1)
    assert stage.pool.phase() == ENROLLING
    at(stage.terms.cover_start)
    assert stage.pool.phase() == phase


@pytest.mark.spec("P2")
def test_phase__cancelled_for_ever(make_stage, members, keeper):
    stage = make_stage(members[:2])
    stage.after_reporting()
    assert stage.pool.phase() == CANCELLED
    refuses("settle: pool is cancelled", stage.pool.settle, {"from": keeper})


@pytest.mark.spec("P5")
def test_phase__awards_cancel_nothing(stage, pool, claimant):
    """After cover_start nothing that a member can do makes the pool smaller."""
    stage.start()
    stage.decide(stage.file(claimant, 100 * stage.u), 10)
    refuses("leave: cover has started", pool.leave, {"from": claimant})
    assert pool.phase() == ACTIVE
