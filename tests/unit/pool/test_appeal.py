"""The claimant takes a cut or rejected claim to the arbiter, once."""

import pytest

from ..clock import at
from ..hearing import APPEALED, RULING, ends, hearing, status, voting_ends
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


@pytest.mark.spec("H2")
@pytest.mark.parametrize("award", [0, 1, 9])
def test_appeal(stage, pool, claimant, award):
    stage.decide(1, award)
    pots = stage.pots()
    receipt = pool.appeal(1, {"from": claimant})
    assert names(receipt) == ["ClaimAppealed"]
    until = receipt.timestamp + stage.terms.ruling_period
    assert only(receipt, "ClaimAppealed") == {"claim_id": 1, "until": until}
    assert status(stage) == (APPEALED, award)
    assert pool.claim(1)["since"] == receipt.timestamp
    assert stage.pots() == pots


@pytest.mark.spec("H1", "H2")
def test_appeal__first_second_after_the_period__reverts(stage, pool, claimant):
    stage.decide(1, 7)
    end = ends(stage)
    at(end)
    refuses("appeal: too late", pool.appeal, 1, {"from": claimant})


@pytest.mark.spec("H1")
def test_appeal__last_second(stage, pool, claimant):
    stage.decide(1, 7)
    at(ends(stage) - 1)
    pool.appeal(1, {"from": claimant})
    assert status(stage) == (APPEALED, 7)


def test_appeal__no_such_claim__reverts(pool, claimant):
    refuses("claim: no such claim", pool.appeal, 0, {"from": claimant})


@pytest.mark.spec("H2")
@pytest.mark.parametrize("role", ["neighbour", "outsider", "organiser", "arbiter"])
def test_appeal__by_another__reverts(stage, pool, request, role):
    stage.decide(1, 7)
    sender = request.getfixturevalue(role)
    refuses("claim: caller is not the claimant", pool.appeal, 1, {"from": sender})


@pytest.mark.spec("H2")
def test_appeal__open__reverts(pool, claimant):
    refuses("appeal: nothing to appeal", pool.appeal, 1, {"from": claimant})


@pytest.mark.spec("H2")
def test_appeal__twice__reverts(stage, pool, claimant):
    stage.decide(1, 7)
    pool.appeal(1, {"from": claimant})
    refuses("appeal: nothing to appeal", pool.appeal, 1, {"from": claimant})


def test_appeal__after_the_ruling__reverts(stage, pool, claimant, arbiter):
    stage.decide(1, 7)
    pool.appeal(1, {"from": claimant})
    pool.rule(1, 8, RULING, {"from": arbiter})
    refuses("appeal: nothing to appeal", pool.appeal, 1, {"from": claimant})


def test_appeal__awarded_in_full__reverts(stage, pool, claimant):
    stage.decide(1, 10)
    refuses("appeal: nothing to appeal", pool.appeal, 1, {"from": claimant})


@pytest.mark.spec("H2")
def test_appeal__referred__reverts(stage, pool, claimant, keeper):
    at(voting_ends(stage))
    pool.resolve(1, {"from": keeper})
    refuses("appeal: nothing to appeal", pool.appeal, 1, {"from": claimant})


@pytest.mark.spec("H13")
def test_appeal__without_an_arbiter__reverts(make_stage, members, claimant):
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 200 * stage.u), 7)
    refuses("appeal: nothing to appeal", stage.pool.appeal, 1, {"from": claimant})
