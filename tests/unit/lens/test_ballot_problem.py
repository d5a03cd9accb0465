"""Why a signed ballot would not count, in the very words of the pool."""

import pytest
from brownie import ZERO_ADDRESS

from ..ballots import sign, twin
from ..clock import at, now
from ..hearing import voting_ends
from ..refusal import refuses
from ..stage import REASON


@pytest.fixture(scope="module")
def stage(make_stage, stages, claimant, neighbour, voters, late_joiner):
    """Claim 1 open, its claimant has pledged to the neighbour; one has joined after it."""
    stage = make_stage([claimant, *voters])
    stage.pool.pledge(neighbour, 100 * stage.u, {"from": claimant})
    stage.join(neighbour)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    at(now() + 1)
    stage.join(late_joiner)
    yield stage
    stages.remove(stage)


@pytest.fixture
def agree(lens, stage, pool, keeper):
    """Return a function that asks the lens and the pool about one ballot; both say `error`."""

    def agree(error, voter, signature, claim_id=1, award=10, reason=REASON):
        ballot = (claim_id, voter, award, reason, signature)
        assert lens.ballot_problem(pool, *ballot) == error
        if error:
            refuses(error, pool.cast_ballot_for, *ballot, {"from": keeper})
        else:
            pool.cast_ballot_for.call(*ballot, {"from": keeper})

    return agree


@pytest.mark.spec("V8")
@pytest.mark.parametrize("award", [10, 0])
def test_good(stage, agree, voter, award):
    agree("", voter, sign(stage, voter, award=award), award=award)


def test_good__all_of_it_without_a_reason(stage, agree, voter):
    agree("", voter, sign(stage, voter, reason=bytes(32)), reason=bytes(32))


@pytest.mark.parametrize("claim_id", [0, 2, 2**256 - 1])
def test_no_such_claim(stage, agree, voter, claim_id):
    signature = sign(stage, voter, claim_id=claim_id)
    agree("claim: no such claim", voter, signature, claim_id=claim_id)


def test_voting_is_over(stage, agree, voter):
    at(voting_ends(stage) - 1)
    agree("", voter, sign(stage, voter))
    at(voting_ends(stage))
    agree("ballot: voting is over", voter, sign(stage, voter))


def test_voting_is_over__decided(stage, agree, voters):
    stage.decide(1, 10)
    agree("ballot: voting is over", voters[3], sign(stage, voters[3]))


@pytest.mark.parametrize("award", [11, 255])
def test_award_is_above_ten_tenths(stage, agree, voter, award):
    signature = sign(stage, voter, award=award)
    agree("ballot: award is above ten tenths", voter, signature, award=award)


def test_reason_missing(stage, agree, voter):
    signature = sign(stage, voter, award=9, reason=bytes(32))
    agree("ballot: reason missing", voter, signature, award=9, reason=bytes(32))


@pytest.mark.spec("V8")
def test_not_signed_by_the_voter(stage, agree, voter, voters, pool, core):
    error = "ballot: not signed by the voter"
    good = sign(stage, voter)
    for bad in (
        sign(stage, voters[1]),
        sign(stage, voter, award=9),
        sign(stage, voter, claim_id=2),
        sign(stage, voter, chain_id=1),
        sign(stage, voter, pool=core.implementation),
        twin(good),
        good[:63],
        b"",
    ):
        agree(error, voter, bad)


def test_wallet_is_not_deployed(stage, agree, voter):
    agree("ballot: wallet is not deployed", voter, sign(stage, voter) + b"\x01" * 100)


def test_not_a_member(stage, agree, outsider):
    agree("ballot: not a member", outsider, sign(stage, outsider))


def test_not_a_member__nobody(agree):
    """What recovers to no key at all is the zero address, who is no member."""
    agree("ballot: not a member", ZERO_ADDRESS, bytes(65))


def test_own_claim(stage, agree, claimant):
    agree("ballot: own claim", claimant, sign(stage, claimant))


def test_voter_is_the_loss_payee(stage, agree, neighbour):
    agree("ballot: voter is the loss payee", neighbour, sign(stage, neighbour))


def test_joined_after_the_claim(stage, agree, late_joiner):
    agree("ballot: joined after the claim", late_joiner, sign(stage, late_joiner))


def test_already_cast(stage, pool, agree, voter):
    pool.vote(1, 0, REASON, {"from": voter})
    agree("ballot: already cast", voter, sign(stage, voter))


def test_moved_to_another_wallet(stage, pool, agree, voter, new_wallet):
    """The old wallet's ballot counts no more, the new one's does; once one is in, none does."""
    pool.change_wallet(new_wallet, {"from": voter})
    agree("ballot: not a member", voter, sign(stage, voter))
    agree("", new_wallet, sign(stage, new_wallet))
    pool.vote(1, 10, REASON, {"from": new_wallet})
    agree("ballot: already cast", new_wallet, sign(stage, new_wallet))


def test_contract(
    lens, make_stage, members, claimant, payer, inviter, outsider, deployer, WalletThatSigns, keeper
):
    wallet = deployer.deploy(WalletThatSigns, inviter)
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    for signer, error in ((inviter, ""), (outsider, "ballot: not signed by the voter")):
        ballot = (1, wallet, 10, REASON, sign(stage, signer))
        assert lens.ballot_problem(stage.pool, *ballot) == error
        if error:
            refuses(error, stage.pool.cast_ballot_for, *ballot, {"from": keeper})
        else:
            stage.pool.cast_ballot_for.call(*ballot, {"from": keeper})
