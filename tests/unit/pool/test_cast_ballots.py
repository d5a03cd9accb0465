"""Ballots signed by keys, many in one transaction. What they cost: tests/evm/test_batches.py."""

from itertools import permutations

import pytest
from brownie import accounts
from eth_keys.constants import SECPK1_N

from ..ballots import counted, pair, sign, twin
from ..clock import at, now
from ..refusal import refuses
from ..stage import REASON, names, only

NOBODY = [0] * 11


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, neighbour, late_joiner):
    """An active pool: claim 1 open, `late_joiner` joined after it, claim 2 open."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    at(now() + 1)
    stage.join(late_joiner)
    stage.file(neighbour, 100 * stage.u)
    yield stage
    stages.remove(stage)


def cast(stage, signatures, claim_id=1, award=10, reason=REASON):
    """Bring ballots in; check that what is returned is what is counted; return the receipt."""
    args = (claim_id, award, reason, signatures)
    returned = stage.pool.cast_ballots.call(*args, {"from": stage.keeper})
    receipt = stage.pool.cast_ballots(*args, {"from": stage.keeper})
    assert len(counted(stage, receipt)) == returned
    return receipt


@pytest.mark.spec("B9")
def test_cast_ballots(stage, pool, voters):
    receipt = cast(stage, [pair(sign(stage, each, award=7)) for each in voters], award=7)
    assert names(receipt) == ["BallotsCast"]
    assert only(receipt, "BallotsCast") == {
        "claim_id": 1,
        "award": 7,
        "reason": "0x" + REASON.hex(),
        "voters": (3 | 4 << 32 | 5 << 64 | 6 << 96,),
    }
    assert counted(stage, receipt) == [str(each) for each in voters]
    assert pool.tally(1) == tuple(4 * (i == 7) for i in range(11))


def test_cast_ballots__whoever_is_counted_has_voted(stage, pool, members, voters, late_joiner):
    cast(stage, [pair(sign(stage, each)) for each in (voters[3], voters[1])])
    have = [each for each in (*members, late_joiner) if pool.has_voted(1, each)]
    assert have == [voters[1], voters[3]]
    assert not any(pool.has_voted(2, each) for each in members)


def test_cast_ballots__in_the_order_given(stage, voters):
    for order in permutations(voters[:3]):
        signatures = [pair(sign(stage, each)) for each in order]
        args = (1, 10, REASON, signatures, {"from": stage.keeper})
        assert stage.pool.cast_ballots.call(*args) == 3
    receipt = cast(stage, signatures)
    assert counted(stage, receipt) == [str(each) for each in order]


def test_cast_ballots__several_awards_and_reasons__add_up(stage, pool, voters):
    for voter, (award, reason) in zip(
        voters, [(10, bytes(32)), (10, REASON), (3, REASON), (3, b"\x05" * 32)], strict=True
    ):
        signature = sign(stage, voter, award=award, reason=reason)
        cast(stage, [pair(signature)], award=award, reason=reason)
    assert pool.tally(1) == tuple(2 * (i in (3, 10)) for i in range(11))


@pytest.mark.parametrize("count", [7, 8, 9, 16, 17])
def test_cast_ballots__ids_of_all__are_in_the_event(make_stage, claimant, neighbour, count):
    """Eight ids fill a word."""
    voters = accounts[3 : 3 + count]
    stage = make_stage([claimant, neighbour, *voters])
    stage.start()
    stage.file(claimant, 10 * stage.u)
    receipt = cast(stage, [pair(sign(stage, each)) for each in reversed(voters)])
    assert counted(stage, receipt) == [str(each) for each in reversed(voters)]
    assert len(only(receipt, "BallotsCast")["voters"]) == -(-count // 8)
    assert stage.pool.tally(1)[10] == count


@pytest.mark.spec("B9")
def test_cast_ballots__from_anybody(stage, pool, voter, outsider):
    signature = pair(sign(stage, voter))
    pool.cast_ballots(1, 10, REASON, [signature], {"from": outsider})
    assert pool.has_voted(1, voter)
    assert not pool.has_voted(1, outsider)


def test_cast_ballots__that_decide__resolve_at_once(stage, pool, voters, claimant):
    cast(stage, [pair(sign(stage, each, award=4)) for each in voters], award=4)
    pool.resolve(1, {"from": stage.keeper})
    claim = pool.claim(1)
    assert (claim["award"], claim["paid"]) == (4, 80 * stage.u)


def test_cast_ballots__none(stage, pool):
    assert names(cast(stage, [])) == []
    assert pool.tally(1) == NOBODY


# --- what is skipped


def _high_s(stage, voter):
    signature = twin(sign(stage, voter))
    s = int.from_bytes(signature[32:64], "big")
    return int.from_bytes(signature[:32], "big"), s | (signature[64] - 27) << 255


def _wrong_parity(stage, voter):
    r, vs = pair(sign(stage, voter))
    return r, vs ^ 1 << 255


SKIPPED = {
    "zeros": lambda *_: (0, 0),
    "r is zero": lambda stage, voter: (0, pair(sign(stage, voter))[1]),
    "s is zero": lambda stage, voter: (pair(sign(stage, voter))[0], 0),
    "r is the order of the curve": lambda stage, voter: (SECPK1_N, pair(sign(stage, voter))[1]),
    "all ones": lambda *_: (2**256 - 1, 2**256 - 1),
    "wrong parity": _wrong_parity,
    "malleable": _high_s,
    "another claim": lambda stage, voter: pair(sign(stage, voter, claim_id=2)),
    "another award": lambda stage, voter: pair(sign(stage, voter, award=9)),
    "another reason": lambda stage, voter: pair(sign(stage, voter, reason=bytes(32))),
    "another chain": lambda stage, voter: pair(sign(stage, voter, chain_id=1)),
    "another pool": lambda stage, voter: pair(sign(stage, voter, pool=voter)),
}


@pytest.mark.spec("B9", "B10")
@pytest.mark.parametrize("fault", SKIPPED)
def test_cast_ballots__bad_signature__is_skipped(stage, pool, voters, fault):
    bad = SKIPPED[fault](stage, voters[0])
    good = [pair(sign(stage, each)) for each in voters[1:3]]
    receipt = cast(stage, [good[0], bad, good[1]])
    assert counted(stage, receipt) == [str(each) for each in voters[1:3]]
    assert pool.tally(1)[10] == 2
    assert not pool.has_voted(1, voters[0])


@pytest.mark.spec("B9")
@pytest.mark.parametrize("role", ["outsider", "organiser", "claimant", "late_joiner"])
def test_cast_ballots__may_not_vote__is_skipped(stage, pool, voter, role, request):
    """Foreign, the claimant's own, and of one who joined after the claim."""
    who = request.getfixturevalue(role)
    receipt = cast(stage, [pair(sign(stage, who)), pair(sign(stage, voter))])
    assert counted(stage, receipt) == [str(voter)]
    assert pool.tally(1)[10] == 1
    assert not pool.has_voted(1, who)


@pytest.mark.parametrize("role", ["claimant", "late_joiner"])
def test_cast_ballots__may_vote_on_the_other_claim(stage, pool, role, request):
    who = request.getfixturevalue(role)
    cast(stage, [pair(sign(stage, who, claim_id=2))], claim_id=2)
    assert pool.has_voted(2, who)


def test_cast_ballots__all_bad__counts_none(stage, pool, outsider, claimant):
    receipt = cast(stage, [pair(sign(stage, each)) for each in (outsider, claimant)] + [(0, 0)])
    assert names(receipt) == []
    assert pool.tally(1) == NOBODY


def test_cast_ballots__twice_in_one_call__counts_once(stage, pool, voters):
    one, two = (pair(sign(stage, each)) for each in voters[:2])
    receipt = cast(stage, [one, one, two, one, two])
    assert counted(stage, receipt) == [str(each) for each in voters[:2]]
    assert pool.tally(1)[10] == 2


def test_cast_ballots__twice_in_two_calls__counts_once(stage, pool, voters):
    cast(stage, [pair(sign(stage, voters[0]))])
    receipt = cast(stage, [pair(sign(stage, each)) for each in voters[:2]])
    assert counted(stage, receipt) == [str(voters[1])]
    assert pool.tally(1)[10] == 2


@pytest.mark.spec("B7")
def test_cast_ballots__for_another_award__is_too_late(stage, pool, voter):
    """The first ballot is final, whichever way it came."""
    cast(stage, [pair(sign(stage, voter, award=3))], award=3)
    assert names(cast(stage, [pair(sign(stage, voter))])) == []
    assert pool.tally(1) == tuple(int(i == 3) for i in range(11))


def test_cast_ballots__after_a_vote_by_transaction__is_skipped(stage, pool, voters):
    pool.vote(1, 2, REASON, {"from": voters[0]})
    receipt = cast(stage, [pair(sign(stage, each)) for each in voters[:2]])
    assert counted(stage, receipt) == [str(voters[1])]
    assert pool.tally(1) == tuple(int(i in (2, 10)) for i in range(11))


def test_cast_ballots__after_cast_ballot_for__is_skipped(stage, pool, voter, keeper):
    signature = sign(stage, voter)
    pool.cast_ballot_for(1, voter, 10, REASON, signature, {"from": keeper})
    assert names(cast(stage, [pair(signature)])) == []
    assert pool.tally(1)[10] == 1


def test_cast_ballots__then_by_transaction__reverts(stage, pool, voter):
    cast(stage, [pair(sign(stage, voter))])
    refuses("ballot: already cast", pool.vote, 1, 10, REASON, {"from": voter})


def test_cast_ballots__owner_of_a_wallet__is_not_the_wallet(
    stage, pool, outsider, deployer, WalletThatSigns
):
    wallet = deployer.deploy(WalletThatSigns, outsider)
    at(now() + 1)
    stage.join(wallet, payer=deployer)
    stage.file(stage.voters[0], 10 * stage.u)
    assert names(cast(stage, [pair(sign(stage, outsider, claim_id=3))], claim_id=3)) == []
    assert not pool.has_voted(3, wallet)


# --- what is refused


@pytest.mark.spec("B17")
@pytest.mark.parametrize("claim_id", [0, 3, 2**32, 2**256 - 1])
def test_cast_ballots__no_such_claim__reverts(stage, pool, voter, claim_id):
    signature = pair(sign(stage, voter, claim_id))
    refuses(
        "claim: no such claim",
        pool.cast_ballots,
        claim_id,
        10,
        REASON,
        [signature],
        {"from": voter},
    )


def test_cast_ballots__last_second(stage, pool, voter):
    last = pool.claim(1)["filed_at"] + stage.terms.voting_period - 1
    at(last)
    signature = pair(sign(stage, voter))
    receipt = pool.cast_ballots(1, 10, REASON, [signature], {"from": stage.keeper})
    assert (receipt.timestamp, counted(stage, receipt)) == (last, [str(voter)])


def test_cast_ballots__voting_is_over__reverts(stage, pool, voter):
    at(pool.claim(1)["filed_at"] + stage.terms.voting_period)
    signature = pair(sign(stage, voter))
    refuses(
        "ballot: voting is over", pool.cast_ballots, 1, 10, REASON, [signature], {"from": voter}
    )


def test_cast_ballots__claim_is_decided__reverts(stage, pool, voters):
    stage.vote(1, 10, voters)
    pool.resolve(1, {"from": stage.keeper})
    refuses("ballot: voting is over", pool.cast_ballots, 1, 10, REASON, [], {"from": voters[0]})


@pytest.mark.spec("B5")
@pytest.mark.parametrize("award", [11, 12, 255])
def test_cast_ballots__award_is_above_ten_tenths__reverts(stage, pool, voter, award):
    """It would fall into another count's bits."""
    signature = pair(sign(stage, voter, award=award))
    refuses(
        "ballot: award is above ten tenths",
        pool.cast_ballots,
        1,
        award,
        REASON,
        [signature],
        {"from": voter},
    )


@pytest.mark.spec("B6")
@pytest.mark.parametrize("award", [0, 5, 9])
def test_cast_ballots__reason_missing__reverts(stage, pool, voter, award):
    signature = pair(sign(stage, voter, award=award, reason=bytes(32)))
    refuses(
        "ballot: reason missing",
        pool.cast_ballots,
        1,
        award,
        bytes(32),
        [signature],
        {"from": voter},
    )
