"""The claimant asks for less."""

import pytest

from ..clock import at
from ..hearing import AWARDED, hearing, status, voting_ends
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant):
    """An active pool with claim 1 open: 200 asked for a loss of 210."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("C14")
def test_reduce_claim(stage, pool, claimant):
    pots = stage.pots()
    receipt = pool.reduce_claim(1, 110 * stage.u, {"from": claimant})
    assert names(receipt) == ["ClaimReduced"]
    assert only(receipt, "ClaimReduced") == {
        "claim_id": 1,
        "amount": 110 * stage.u,
        "asked": 100 * stage.u,
    }
    assert pool.claim(1)["asked"] == 100 * stage.u
    assert pool.summary()["asked"] == 100 * stage.u
    assert stage.pots() == pots
    stage.decide(1, 10)
    assert pool.claim(1)["paid"] == 100 * stage.u
    assert pool.member(claimant)["cover_used"] == 100 * stage.u


@pytest.mark.spec("C15")
def test_reduce_claim__ballots_stay(stage, pool, claimant):
    stage.vote(1, 5)
    pool.reduce_claim(1, 110 * stage.u, {"from": claimant})
    assert sum(pool.tally(1)) == 3
    pool.resolve(1, {"from": claimant})
    assert pool.claim(1)["paid"] == 50 * stage.u


@pytest.mark.spec("C14")
def test_reduce_claim__by_one_unit_and_to_one_unit(stage, pool, claimant):
    pool.reduce_claim(1, 210 * stage.u - 1, {"from": claimant})
    pool.reduce_claim(1, 10 * stage.u + 1, {"from": claimant})
    assert pool.summary()["asked"] == 1


@pytest.mark.spec("C14")
def test_reduce_claim__frees_the_others(stage, pool, claimant, neighbour):
    """Another award need not wait any more."""
    stage.file(neighbour, 400 * stage.u)
    stage.decide(2, 10)
    assert pool.award_due(2) == 0
    pool.reduce_claim(1, 180 * stage.u, {"from": claimant})
    assert pool.award_due(2) == 400 * stage.u


def test_reduce_claim__to_the_silent_limit(stage, pool, claimant, keeper):
    pool.reduce_claim(1, 30 * stage.u, {"from": claimant})
    at(voting_ends(stage))
    pool.resolve(1, {"from": keeper})
    assert status(stage) == (AWARDED, 10)


@pytest.mark.spec("C13")
def test_reduce_claim__last_second_of_voting(stage, pool, claimant):
    end = voting_ends(stage)
    at(end - 1)
    pool.reduce_claim(1, 110 * stage.u, {"from": claimant})
    at(end)
    refuses("claim: voting is over", pool.reduce_claim, 1, 100 * stage.u, {"from": claimant})


def test_reduce_claim__no_such_claim__reverts(pool, claimant):
    refuses("claim: no such claim", pool.reduce_claim, 2, 1, {"from": claimant})


@pytest.mark.spec("C13")
@pytest.mark.parametrize("role", ["neighbour", "organiser", "outsider"])
def test_reduce_claim__by_another__reverts(stage, pool, request, role):
    sender = request.getfixturevalue(role)
    error = "claim: caller is not the claimant"
    refuses(error, pool.reduce_claim, 1, 110 * stage.u, {"from": sender})


@pytest.mark.spec("C13")
@pytest.mark.parametrize("award", [10, 0])
def test_reduce_claim__decided__reverts(stage, pool, claimant, award):
    stage.decide(1, award)
    refuses("claim: voting is over", pool.reduce_claim, 1, 110 * stage.u, {"from": claimant})


@pytest.mark.spec("H12")
def test_reduce_claim__cut__reverts(make_stage, members, claimant, arbiter):
    stage = make_stage(members, **hearing(arbiter))
    stage.start()
    stage.decide(stage.file(claimant, 200 * stage.u), 4)
    error = "claim: voting is over"
    refuses(error, stage.pool.reduce_claim, 1, 110 * stage.u, {"from": claimant})


@pytest.mark.spec("C13")
def test_reduce_claim__to_the_deductible__reverts(stage, pool, claimant):
    for amount in (0, 10 * stage.u):
        error = "claim: not above the deductible"
        refuses(error, pool.reduce_claim, 1, amount, {"from": claimant})


@pytest.mark.spec("C14")
def test_reduce_claim__not_less__reverts(stage, pool, claimant):
    for amount in (210 * stage.u, 210 * stage.u + 1, 2**256 - 1):
        refuses("claim: not a reduction", pool.reduce_claim, 1, amount, {"from": claimant})


def test_reduce_claim__above_the_limit__is_measured_by_what_is_asked(stage, pool, neighbour):
    """A loss of 5,000 asks for the limit of 1,000: a loss of 1,010 asks for the same."""
    stage.file(neighbour, 5000 * stage.u)
    error = "claim: not a reduction"
    refuses(error, pool.reduce_claim, 2, 1010 * stage.u, {"from": neighbour})
    pool.reduce_claim(2, 1000 * stage.u, {"from": neighbour})
    assert pool.claim(2)["asked"] == 990 * stage.u
