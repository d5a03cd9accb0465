"""The claimant takes what the vote decided."""

import pytest

from ..clock import at
from ..hearing import AWARDED, REJECTED, ends, hearing, status, voting_ends
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, arbiter):
    """An active pool with claim 1 open: 200 asked, 570 in funds."""
    stage = make_stage(members, **hearing(arbiter))
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("H3")
def test_accept(stage, pool, claimant):
    stage.decide(1, 7)
    funds, held = stage.pots()
    receipt = pool.accept(1, {"from": claimant})
    assert names(receipt) == ["ClaimResolved", "AwardPaid"]
    assert only(receipt, "ClaimResolved") == {
        "claim_id": 1,
        "status": AWARDED,
        "award": 7,
        "amount": 140 * stage.u,
    }
    assert stage.pots() == (funds - 140 * stage.u, held - 5 * stage.u)
    assert status(stage) == (AWARDED, 7)
    assert pool.member(claimant)["open_claim"] == 0


@pytest.mark.spec("H3")
def test_accept__rejected(stage, pool, claimant):
    stage.decide(1, 0)
    funds, held = stage.pots()
    pool.accept(1, {"from": claimant})
    assert status(stage) == (REJECTED, 0)
    assert stage.pots() == (funds + 5 * stage.u, held - 5 * stage.u)


def test_accept__after_the_appeal_period(stage, pool, claimant):
    """Nobody has resolved it: it is the same as resolve then."""
    stage.decide(1, 7)
    at(ends(stage))
    pool.accept(1, {"from": claimant})
    assert status(stage) == (AWARDED, 7)


def test_accept__in_a_shortage(stage, pool, claimant, neighbour):
    stage.file(neighbour, 900 * stage.u)
    stage.decide(1, 5)
    receipt = pool.accept(1, {"from": claimant})
    assert names(receipt) == ["ClaimResolved"]
    assert pool.window(0)["awards"] == 100 * stage.u


def test_accept__no_such_claim__reverts(pool, claimant):
    refuses("claim: no such claim", pool.accept, 2, {"from": claimant})


@pytest.mark.spec("H3")
@pytest.mark.parametrize("role", ["neighbour", "outsider", "organiser", "arbiter"])
def test_accept__by_another__reverts(stage, pool, request, role):
    stage.decide(1, 7)
    sender = request.getfixturevalue(role)
    refuses("claim: caller is not the claimant", pool.accept, 1, {"from": sender})


def test_accept__open__reverts(pool, claimant):
    refuses("claim: nothing to accept", pool.accept, 1, {"from": claimant})


@pytest.mark.spec("H3")
def test_accept__appealed__reverts(stage, pool, claimant):
    stage.decide(1, 7)
    pool.appeal(1, {"from": claimant})
    refuses("claim: nothing to accept", pool.accept, 1, {"from": claimant})


@pytest.mark.spec("H3")
def test_accept__referred__reverts(stage, pool, claimant, keeper):
    at(voting_ends(stage))
    pool.resolve(1, {"from": keeper})
    refuses("claim: nothing to accept", pool.accept, 1, {"from": claimant})


def test_accept__twice__reverts(stage, pool, claimant):
    stage.decide(1, 7)
    pool.accept(1, {"from": claimant})
    refuses("claim: nothing to accept", pool.accept, 1, {"from": claimant})


def test_accept__layers_pay_beyond_the_funds(make_stage, members, claimant, arbiter, reinsurer):
    """30 are ceded of 570; 7 tenths of 900 are 630."""
    stage = make_stage(members, **reinsured(10**16), **hearing(arbiter))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 7)
    assert stage.drawn() == [0, 0]
    receipt = stage.pool.accept(1, {"from": claimant})
    assert names(receipt) == ["PremiumCeded", "LayersDrawn", "ClaimResolved", "AwardPaid"]
    assert only(receipt, "LayersDrawn") == {"amount": 90 * stage.u}
    assert stage.pool.claim(1)["paid"] == 630 * stage.u
