"""What would be paid and shared if all open claims were awarded in full now."""

import pytest

from ..clock import at
from ..layers import reinsured


@pytest.fixture(scope="module")
def stage(make_stage, stages, members):
    """An active pool: 570 in funds."""
    stage = make_stage(members)
    stage.start()
    yield stage
    stages.remove(stage)


def quote(lens, stage):
    """Return asked, unpaid, paid, surplus, to_cause, to_members in whole units."""
    return tuple(x / stage.u for x in lens.quote_settlement(stage.pool))


def test_nothing_asked(lens, stage):
    assert quote(lens, stage) == (0, 0, 0, 570, 57, 513)


def test_open_claims(lens, stage, claimant, neighbour):
    stage.file(claimant, 200 * stage.u)
    stage.file(neighbour, 100 * stage.u)
    assert quote(lens, stage) == (300, 0, 300, 270, 27, 243)


def test_more_asked_than_there_is(lens, stage, claimant, neighbour):
    stage.file(claimant, 900 * stage.u)
    stage.file(neighbour, 100 * stage.u)
    assert quote(lens, stage) == (1000, 0, 570, 0, 0, 0)


def test_award_that_waits(lens, stage, claimant, neighbour):
    stage.file(claimant, 400 * stage.u)
    stage.file(neighbour, 300 * stage.u)
    stage.decide(1, 5)
    assert quote(lens, stage) == (300, 0, 300, 70, 7, 63)  # 200 paid at once
    stage.file(claimant, 400 * stage.u)
    stage.decide(2, 10)
    assert quote(lens, stage) == (700, 0, 370, 0, 0, 0)


def test_unpaid(lens, stage, claimant, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    assert quote(lens, stage) == (0, 330, 0, 0, 0, 0)


@pytest.mark.spec("V6")
def test_is_what_happens(lens, stage, pool, claimant, members, cause):
    """Awarded in full and settled: the cause and the members get what was quoted."""
    stage.file(claimant, 200 * stage.u)
    quoted = lens.quote_settlement(pool)
    had = stage.balance(claimant), stage.balance(cause)
    stage.decide(1, 10)
    stage.settle()
    assert stage.balance(claimant) - had[0] == quoted["paid"] + 5 * stage.u
    assert stage.balance(cause) - had[1] == quoted["to_cause"]
    due = sum(pool.refund_due(person) for person in members)
    assert quoted["to_members"] - 6 < due <= quoted["to_members"]


# --- layers


@pytest.fixture(scope="module")
def tower(make_stage, stages, members, reinsurer):
    """An active pool with layers of 300 and 200, full: 570 in funds, of which 40 will be ceded."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    stage.start()
    yield stage
    stages.remove(stage)


def test_layers__pay_beyond_the_funds(lens, tower, claimant, neighbour, keeper):
    tower.pool.bind_reinsurance({"from": keeper})
    assert quote(lens, tower) == (0, 0, 0, 530, 53, 477)
    tower.file(claimant, 600 * tower.u)
    assert quote(lens, tower) == (600, 0, 600, 0, 0, 0)
    tower.file(neighbour, 900 * tower.u)
    assert quote(lens, tower) == (1500, 0, 1030, 0, 0, 0)


def test_layers__once_settled(lens, tower, claimant):
    """They can pay no more, and nothing is asked."""
    tower.settle()
    assert quote(lens, tower)[:3] == (0, 0, 0)


@pytest.mark.spec("V6")
@pytest.mark.parametrize("asked", [200, 600, 990])
def test_layers__is_what_happens(lens, tower, claimant, members, cause, asked):
    """Also before the premium is ceded, which the award does first."""
    tower.file(claimant, asked * tower.u)
    quoted = lens.quote_settlement(tower.pool)
    had = tower.balance(cause)
    tower.decide(1, 10)
    tower.settle()
    assert tower.pool.claim(1)["paid"] == quoted["paid"]
    assert tower.balance(cause) - had == quoted["to_cause"]
    assert tower.pots()[0] == quoted["to_members"]
