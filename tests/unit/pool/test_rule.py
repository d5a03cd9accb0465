"""The arbiter's ruling (rule 7a)."""

import pytest

from ..clock import at
from ..hearing import AWARDED, REJECTED, RULING, ends, hearing, status, voting_ends
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


@pytest.fixture
def appealed(stage, pool, claimant):
    """The vote was for 4 tenths; the claimant has appealed."""
    stage.decide(1, 4)
    pool.appeal(1, {"from": claimant})


@pytest.fixture
def referred(stage, pool, keeper):
    """Nobody has voted."""
    at(voting_ends(stage))
    pool.resolve(1, {"from": keeper})


@pytest.mark.spec("H9")
@pytest.mark.parametrize("award", [4, 5, 10])
def test_rule(stage, pool, appealed, claimant, arbiter, award):
    had = stage.balance(claimant)
    funds, held = stage.pots()
    receipt = pool.rule(1, award, RULING, {"from": arbiter})
    assert names(receipt) == ["ClaimRuled", "ClaimResolved", "AwardPaid"]
    assert only(receipt, "ClaimRuled") == {
        "claim_id": 1,
        "award": award,
        "reason": "0x" + RULING.hex(),
    }
    assert status(stage) == (AWARDED, award)
    paid = 20 * award * stage.u
    assert stage.balance(claimant) - had == paid + 5 * stage.u
    assert stage.pots() == (funds - paid, held - 5 * stage.u)


@pytest.mark.spec("H7")
def test_rule__all_of_it_without_a_reason(stage, pool, appealed, arbiter):
    pool.rule(1, 10, bytes(32), {"from": arbiter})
    assert status(stage) == (AWARDED, 10)


@pytest.mark.spec("H9")
@pytest.mark.parametrize("award, final", [(0, REJECTED), (3, AWARDED), (10, AWARDED)])
def test_rule__referred(stage, pool, referred, arbiter, award, final):
    pool.rule(1, award, RULING, {"from": arbiter})
    assert status(stage) == (final, award)


@pytest.mark.spec("H9")
def test_rule__rejection_is_upheld(stage, pool, claimant, arbiter):
    stage.decide(1, 0)
    pool.appeal(1, {"from": claimant})
    funds, held = stage.pots()
    receipt = pool.rule(1, 0, RULING, {"from": arbiter})
    assert names(receipt) == ["ClaimRuled", "ClaimResolved"]
    assert status(stage) == (REJECTED, 0)
    assert stage.pots() == (funds + 5 * stage.u, held - 5 * stage.u)


def test_rule__in_a_shortage__waits_with_the_others(stage, pool, neighbour, claimant, arbiter):
    stage.file(neighbour, 900 * stage.u)
    stage.decide(1, 4)
    pool.appeal(1, {"from": claimant})
    receipt = pool.rule(1, 10, RULING, {"from": arbiter})
    assert names(receipt) == ["ClaimRuled", "ClaimResolved"]
    assert pool.window(0)["awards"] == 200 * stage.u


@pytest.mark.spec("H6")
def test_rule__last_second(stage, pool, appealed, arbiter):
    at(ends(stage) - 1)
    pool.rule(1, 6, RULING, {"from": arbiter})
    assert status(stage) == (AWARDED, 6)


@pytest.mark.spec("H6")
@pytest.mark.parametrize("before", ["appealed", "referred"])
def test_rule__too_late__reverts(stage, pool, arbiter, request, before):
    request.getfixturevalue(before)
    at(ends(stage))
    refuses("ruling: too late", pool.rule, 1, 10, RULING, {"from": arbiter})


def test_rule__no_such_claim__reverts(pool, arbiter):
    refuses("claim: no such claim", pool.rule, 2, 10, RULING, {"from": arbiter})


@pytest.mark.spec("H6")
@pytest.mark.parametrize("role", ["claimant", "voter", "organiser", "outsider"])
def test_rule__not_the_arbiter__reverts(pool, appealed, request, role):
    sender = request.getfixturevalue(role)
    refuses("ruling: caller is not the arbiter", pool.rule, 1, 10, RULING, {"from": sender})


@pytest.mark.spec("H13")
def test_rule__without_an_arbiter__reverts(make_stage, members, claimant, voter):
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    at(voting_ends(stage))
    error = "ruling: caller is not the arbiter"
    refuses(error, stage.pool.rule, 1, 10, RULING, {"from": voter})


@pytest.mark.spec("H8")
def test_rule__own_case__reverts(make_stage, members, claimant, keeper):
    """The arbiter is a member and the claimant: the vote stands."""
    stage = make_stage(members, **hearing(claimant))
    stage.start()
    stage.decide(stage.file(claimant, 200 * stage.u), 4)
    stage.pool.appeal(1, {"from": claimant})
    refuses("ruling: own case", stage.pool.rule, 1, 10, RULING, {"from": claimant})
    at(ends(stage))
    stage.pool.resolve(1, {"from": keeper})
    assert status(stage) == (AWARDED, 4)


def test_rule__member_as_arbiter__rules_for_others(make_stage, members, claimant, neighbour):
    stage = make_stage(members, **hearing(neighbour))
    stage.start()
    stage.decide(stage.file(claimant, 200 * stage.u), 4)
    stage.pool.appeal(1, {"from": claimant})
    stage.pool.rule(1, 9, RULING, {"from": neighbour})
    assert status(stage) == (AWARDED, 9)


@pytest.mark.spec("H6")
def test_rule__open__reverts(pool, arbiter):
    refuses("ruling: not before the arbiter", pool.rule, 1, 10, RULING, {"from": arbiter})


@pytest.mark.spec("H6")
def test_rule__cut_and_not_appealed__reverts(stage, pool, arbiter):
    stage.decide(1, 4)
    refuses("ruling: not before the arbiter", pool.rule, 1, 10, RULING, {"from": arbiter})


def test_rule__twice__reverts(pool, appealed, arbiter):
    pool.rule(1, 4, RULING, {"from": arbiter})
    refuses("ruling: not before the arbiter", pool.rule, 1, 10, RULING, {"from": arbiter})


@pytest.mark.spec("H7")
@pytest.mark.parametrize("award", [11, 255])
def test_rule__above_ten_tenths__reverts(pool, appealed, arbiter, award):
    refuses("ruling: award is above ten tenths", pool.rule, 1, award, RULING, {"from": arbiter})


@pytest.mark.spec("H7")
@pytest.mark.parametrize("award", [0, 3])
def test_rule__below_the_vote__reverts(pool, appealed, arbiter, award):
    refuses("ruling: below the vote", pool.rule, 1, award, RULING, {"from": arbiter})


@pytest.mark.spec("H7")
@pytest.mark.parametrize("award", [4, 9])
def test_rule__reason_missing__reverts(pool, appealed, arbiter, award):
    refuses("ruling: reason missing", pool.rule, 1, award, bytes(32), {"from": arbiter})


def test_rule__layers_pay_beyond_the_funds(make_stage, members, claimant, arbiter, reinsurer):
    """The ruling adds 270 to a vote that the funds could have paid alone."""
    stage = make_stage(members, **reinsured(10**16), **hearing(arbiter))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 5)
    stage.pool.appeal(1, {"from": claimant})
    receipt = stage.pool.rule(1, 8, RULING, {"from": arbiter})
    assert only(receipt, "LayersDrawn") == {"amount": 180 * stage.u}
    assert stage.pool.claim(1)["paid"] == 720 * stage.u
    assert stage.drawn() == [180 * stage.u, 0]
