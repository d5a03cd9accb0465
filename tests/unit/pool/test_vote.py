"""Ballots by transaction."""

import pytest

from .. import on_every_asset
from ..clock import at
from ..refusal import refuses
from ..stage import REASON, names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant):
    """An active pool with claim 1 open."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


@on_every_asset
def test_vote(stage, pool, voter):
    receipt = pool.vote(1, 7, REASON, {"from": voter})
    assert names(receipt) == ["BallotCast"]
    assert only(receipt, "BallotCast") == {
        "claim_id": 1,
        "voter": voter,
        "award": 7,
        "reason": "0x" + REASON.hex(),
    }
    assert pool.tally(1) == tuple(int(i == 7) for i in range(11))
    assert pool.has_voted(1, voter)


@pytest.mark.spec("B8")
def test_vote__by_several(stage, pool, neighbour, voters):
    for person, award in zip([neighbour, *voters], (0, 10, 10, 4, 0), strict=True):
        pool.vote(1, award, REASON, {"from": person})
    assert pool.tally(1) == (2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2)


@pytest.mark.spec("B8")
def test_vote__only_who_has_voted_has(stage, pool, claimant, voters, outsider):
    pool.vote(1, 10, bytes(32), {"from": voters[1]})
    assert [pool.has_voted(1, person) for person in (claimant, *voters, outsider)] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.spec("B6")
def test_vote__all_of_it_without_a_reason(stage, pool, voter):
    receipt = pool.vote(1, 10, bytes(32), {"from": voter})
    assert only(receipt, "BallotCast")["award"] == 10


@pytest.mark.spec("B6")
@pytest.mark.parametrize("award", [0, 5, 9])
def test_vote__reason_missing__reverts(stage, pool, voter, award):
    refuses("ballot: reason missing", pool.vote, 1, award, bytes(32), {"from": voter})


@pytest.mark.spec("B5")
@pytest.mark.parametrize("award", [11, 12, 255])
def test_vote__award_is_above_ten_tenths__reverts(stage, pool, voter, award):
    refuses("ballot: award is above ten tenths", pool.vote, 1, award, REASON, {"from": voter})


@pytest.mark.spec("C10", "B17")
@pytest.mark.parametrize("claim_id", [0, 2, 2**32, 2**256 - 1])
def test_vote__no_such_claim__reverts(stage, pool, voter, claim_id):
    refuses("claim: no such claim", pool.vote, claim_id, 10, REASON, {"from": voter})


@pytest.mark.spec("B1")
@pytest.mark.parametrize("role", ["outsider", "organiser", "payer", "cause"])
def test_vote__not_a_member__reverts(stage, pool, request, role):
    who = request.getfixturevalue(role)
    refuses("ballot: not a member", pool.vote, 1, 10, REASON, {"from": who})


@pytest.mark.spec("B2")
def test_vote__own_claim__reverts(stage, pool, claimant):
    refuses("ballot: own claim", pool.vote, 1, 10, REASON, {"from": claimant})


@pytest.mark.spec("B2")
def test_vote__claimant_on_the_claim_of_another(stage, pool, claimant, neighbour):
    stage.file(neighbour, 10 * stage.u)
    pool.vote(2, 10, REASON, {"from": claimant})
    refuses("ballot: own claim", pool.vote, 2, 10, REASON, {"from": neighbour})
    assert pool.has_voted(2, claimant)


@pytest.mark.spec("B1")
def test_vote__joined_after_the_claim__reverts(stage, pool, late_joiner):
    stage.join(late_joiner)
    refuses("ballot: joined after the claim", pool.vote, 1, 10, REASON, {"from": late_joiner})


@pytest.mark.spec("B1")
def test_vote__late_joiner_on_a_later_claim(stage, pool, late_joiner, neighbour):
    stage.join(late_joiner)
    stage.file(neighbour, 10 * stage.u)
    pool.vote(2, 10, REASON, {"from": late_joiner})
    assert pool.has_voted(2, late_joiner)


@pytest.mark.spec("B7")
@pytest.mark.parametrize("second", [10, 3])
def test_vote__already_cast__reverts(stage, pool, voter, second):
    pool.vote(1, 10, REASON, {"from": voter})
    refuses("ballot: already cast", pool.vote, 1, second, REASON, {"from": voter})


def test_vote__once_on_each_claim(stage, pool, voter, neighbour):
    stage.file(neighbour, 10 * stage.u)
    for claim_id in (1, 2):
        pool.vote(claim_id, 10, REASON, {"from": voter})
        assert pool.has_voted(claim_id, voter)


@pytest.mark.spec("B4")
def test_vote__last_second(stage, pool, voter):
    last = pool.claim(1)["filed_at"] + stage.terms.voting_period - 1
    at(last)
    receipt = pool.vote(1, 10, REASON, {"from": voter})
    assert receipt.timestamp == last


@pytest.mark.spec("B4")
def test_vote__voting_is_over__reverts(stage, pool, voter):
    at(pool.claim(1)["filed_at"] + stage.terms.voting_period)
    refuses("ballot: voting is over", pool.vote, 1, 10, REASON, {"from": voter})


@pytest.mark.spec("B4")
def test_vote__claim_is_decided__reverts(stage, pool, voters):
    stage.decide(1, 10)
    refuses("ballot: voting is over", pool.vote, 1, 10, REASON, {"from": voters[3]})
