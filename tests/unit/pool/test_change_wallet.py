"""A member goes on under another account, and loses nothing by it."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..ballots import sign
from ..clock import at
from ..hearing import AWARDED, hearing, status
from ..refusal import refuses
from ..stage import REASON, names, only


@pytest.mark.spec("K1")
def test_change_wallet(pool, claimant, new_wallet):
    record = pool.member(claimant)
    receipt = pool.change_wallet(new_wallet, {"from": claimant})
    assert names(receipt) == ["WalletChanged"]
    assert only(receipt, "WalletChanged") == {
        "id": 1,
        "old": claimant,
        "new": new_wallet,
        "credit": 0,
    }
    assert pool.member(new_wallet) == record
    assert pool.member(claimant)["id"] == 0
    assert pool.member_at(1) == new_wallet
    assert pool.summary()["members"] == pool.summary()["roster_size"] == 6
    assert (pool.wallet_nonce(claimant), pool.wallet_nonce(new_wallet)) == (1, 0)


# --- claims


@pytest.mark.spec("K4")
def test_change_wallet__open_claim(stage, pool, claimant, new_wallet):
    stage.start()
    stage.file(claimant, 200 * stage.u)
    pool.change_wallet(new_wallet, {"from": claimant})
    assert pool.claim(1)["claimant"] == new_wallet
    refuses("ballot: own claim", pool.vote, 1, 10, REASON, {"from": new_wallet})
    refuses("ballot: not a member", pool.vote, 1, 10, REASON, {"from": claimant})
    error = "claim: caller is not the claimant"
    refuses(error, pool.reduce_claim, 1, 110 * stage.u, {"from": claimant})
    pool.reduce_claim(1, 110 * stage.u, {"from": new_wallet})
    had, old_had = stage.balance(new_wallet), stage.balance(claimant)
    receipt = stage.decide(1, 10)
    assert only(receipt, "AwardPaid")["claimant"] == new_wallet
    assert stage.balance(new_wallet) - had == 105 * stage.u
    assert stage.balance(claimant) == old_had
    assert pool.member(new_wallet)["cover_used"] == 100 * stage.u


@pytest.mark.spec("K4")
def test_change_wallet__award_that_waits(stage, pool, claimant, neighbour, new_wallet, donor):
    stage.start()
    stage.decide(stage.file(claimant, 600 * stage.u), 10)
    pool.change_wallet(new_wallet, {"from": claimant})
    had = stage.balance(new_wallet)
    pool.donate(30 * stage.u, {"from": donor, "value": 30 * stage.u})
    pool.pay_award(1, {"from": neighbour})
    assert stage.balance(new_wallet) - had == 600 * stage.u


@pytest.mark.spec("K4")
def test_change_wallet__cover_used_stays_used(stage, pool, claimant, new_wallet):
    stage.start()
    stage.decide(stage.file(claimant, 300 * stage.u), 10)
    pool.change_wallet(new_wallet, {"from": claimant})
    stage.file(new_wallet, 800 * stage.u)
    assert pool.claim(2)["asked"] == 700 * stage.u


# --- ballots


@pytest.mark.spec("B8", "K4")
def test_change_wallet__no_second_ballot(stage, pool, claimant, voter, new_wallet):
    stage.start()
    stage.file(claimant, 200 * stage.u)
    pool.vote(1, 10, REASON, {"from": voter})
    pool.change_wallet(new_wallet, {"from": voter})
    assert pool.has_voted(1, new_wallet) is True
    assert pool.has_voted(1, voter) is False  # is not a member any more
    refuses("ballot: already cast", pool.vote, 1, 10, REASON, {"from": new_wallet})
    refuses("ballot: not a member", pool.vote, 1, 10, REASON, {"from": voter})
    signature = sign(stage, new_wallet)
    method = pool.cast_ballot_for
    refuses("ballot: already cast", method, 1, new_wallet, 10, REASON, signature, {"from": voter})
    assert sum(pool.tally(1)) == 1


def test_change_wallet__and_joined_again__no_second_ballot(
    stage, pool, claimant, voter, new_wallet
):
    stage.start()
    stage.file(claimant, 200 * stage.u)
    pool.vote(1, 10, REASON, {"from": voter})
    pool.change_wallet(new_wallet, {"from": voter})
    at(stage.terms.cover_start + 60)
    stage.join(voter, deadline=stage.terms.enrolment_end + 1)
    assert pool.member(voter)["id"] == 7
    refuses("ballot: joined after the claim", pool.vote, 1, 10, REASON, {"from": voter})


def test_change_wallet__votes_by_the_new_one(stage, pool, claimant, voter, new_wallet):
    stage.start()
    stage.file(claimant, 200 * stage.u)
    pool.change_wallet(new_wallet, {"from": voter})
    pool.vote(1, 10, REASON, {"from": new_wallet})
    assert pool.has_voted(1, new_wallet)
    stage.vote(1, 10, stage.voters[1:3])
    pool.resolve(1, {"from": voter})
    assert status(stage) == (AWARDED, 10)


# --- money


@pytest.mark.spec("K4")
@on_every_asset
def test_change_wallet__refund(stage, pool, claimant, new_wallet, keeper):
    stage.settle()
    due = pool.refund_due(claimant)
    assert due > 0
    pool.change_wallet(new_wallet, {"from": claimant})
    assert (pool.refund_due(claimant), pool.refund_due(new_wallet)) == (0, due)
    had = stage.balance(new_wallet)
    pool.refund(new_wallet, {"from": keeper})
    assert stage.balance(new_wallet) - had == due
    refuses("refund: not a member", pool.refund, claimant, {"from": keeper})


def test_change_wallet__refund_is_taken_once(stage, pool, claimant, new_wallet, keeper):
    stage.settle()
    pool.refund(claimant, {"from": keeper})
    pool.change_wallet(new_wallet, {"from": claimant})
    refuses("refund: nothing due", pool.refund, new_wallet, {"from": keeper})


def test_change_wallet__premium_of_a_cancelled_pool(make_stage, claimant, new_wallet, keeper):
    stage = make_stage([claimant])
    stage.pool.change_wallet(new_wallet, {"from": claimant})
    stage.start()
    had = stage.balance(new_wallet)
    stage.pool.refund(new_wallet, {"from": keeper})
    assert stage.balance(new_wallet) - had == 100 * stage.u


@pytest.mark.spec("K5")
def test_change_wallet__payer_stays(make_stage, claimant, payer, new_wallet):
    stage = make_stage()
    stage.join(claimant, payer=payer)
    stage.pool.change_wallet(new_wallet, {"from": claimant})
    assert stage.pool.payer_of(new_wallet) == payer
    had = stage.balance(payer)
    stage.pool.leave({"from": new_wallet})
    assert stage.balance(payer) - had == 100 * stage.u


@pytest.mark.spec("K5")
def test_change_wallet__own_premium(make_stage, claimant, new_wallet):
    stage = make_stage([claimant])
    stage.pool.change_wallet(new_wallet, {"from": claimant})
    assert stage.pool.payer_of(new_wallet) == new_wallet
    assert int(stage.pool.payer_of(claimant), 16) == 0


@pytest.mark.spec("K5")
def test_change_wallet__referrer_stays(make_stage, claimant, referrer, new_wallet):
    """Leaving takes the commission back from whoever it was for."""
    stage = make_stage()
    stage.join(claimant, referrer=referrer)
    stage.pool.change_wallet(new_wallet, {"from": claimant})
    assert stage.pool.earnings_of(referrer) == 3 * stage.u
    stage.pool.leave({"from": new_wallet})
    assert stage.pool.earnings_of(referrer) == 0
    assert stage.pots() == (0, 0)


@pytest.mark.spec("K4")
def test_change_wallet__credit(
    make_stage, make_token, TokenThatBlocks, members, claimant, new_wallet, heir, keeper
):
    stage = make_stage(members, make_token(TokenThatBlocks))
    stage.start()
    stage.file(claimant, 100 * stage.u)
    stage.asset.token.block(claimant, True, {"from": keeper})
    stage.decide(1, 10)
    receipt = stage.pool.change_wallet(new_wallet, {"from": claimant})
    assert only(receipt, "WalletChanged")["credit"] == 105 * stage.u
    assert stage.pool.credit_of(claimant) == 0
    assert stage.pool.credit_of(new_wallet) == 105 * stage.u
    stage.pool.withdraw(heir, {"from": new_wallet})
    assert stage.balance(heir) == 105 * stage.u
    refuses("withdraw: nothing owed", stage.pool.withdraw, heir, {"from": claimant})


@pytest.mark.spec("S4")
def test_change_wallet__credits_add_up(
    make_stage, make_token, TokenThatBlocks, members, claimant, payer, new_wallet, keeper
):
    """The new wallet has a credit of its own, as the payer of a member who left."""
    stage = make_stage(members, make_token(TokenThatBlocks))
    stage.join(payer, payer=new_wallet)
    stage.asset.token.block(new_wallet, True, {"from": keeper})
    stage.pool.leave({"from": payer})
    stage.asset.token.block(claimant, True, {"from": keeper})
    stage.pool.leave({"from": claimant})
    stage.join(stage.organiser, payer=stage.organiser)
    assert stage.pool.credit_of(new_wallet) == 100 * stage.u
    stage.asset.token.block(claimant, False, {"from": keeper})
    stage.join(claimant, deadline=stage.terms.enrolment_end + 1)
    stage.pool.change_wallet(new_wallet, {"from": claimant})
    assert stage.pool.credit_of(new_wallet) == 200 * stage.u
    assert stage.pool.credit_of(claimant) == 0


@pytest.mark.spec("G7", "K4")
def test_change_wallet__pledge(stage, pool, claimant, new_wallet, lender):
    pool.pledge(lender, 50 * stage.u, {"from": claimant})
    pool.change_wallet(new_wallet, {"from": claimant})
    assert pool.pledge_of(new_wallet) == (lender, 50 * stage.u)
    assert pool.pledge_of(claimant) == (ZERO_ADDRESS, 0)
    pool.release(new_wallet, 20 * stage.u, {"from": lender})
    assert pool.pledge_of(new_wallet) == (lender, 30 * stage.u)


# --- there and back, and invitations


def test_change_wallet__there_and_back(stage, pool, claimant, new_wallet):
    record = pool.member(claimant)
    pool.change_wallet(new_wallet, {"from": claimant})
    pool.change_wallet(claimant, {"from": new_wallet})
    assert pool.member(claimant) == record
    assert pool.payer_of(claimant) == claimant
    assert (pool.wallet_nonce(claimant), pool.wallet_nonce(new_wallet)) == (1, 1)


@pytest.mark.spec("J6")
def test_change_wallet__old_invitation_is_used(stage, pool, claimant, new_wallet):
    """Neither the old account nor, after a leave, the new one can use it once more."""
    pool.change_wallet(new_wallet, {"from": claimant})
    for leave_first in (False, True):
        if leave_first:
            pool.leave({"from": new_wallet})
        for person in (claimant, new_wallet) if leave_first else (claimant,):
            call = (*stage.sign(person), ZERO_ADDRESS, stage.pay(person, 100 * stage.u))
            refuses("invitation: already used", pool.join, *call)


# --- money that stays, and gates


@pytest.mark.spec("K5")
def test_change_wallet__commissions_stay(stage, pool, claimant, new_wallet, late_joiner):
    stage.join(late_joiner, referrer=claimant)
    pool.change_wallet(new_wallet, {"from": claimant})
    assert pool.earnings_of(claimant) == 3 * stage.u
    assert pool.earnings_of(new_wallet) == 0


@pytest.mark.spec("K2")
def test_change_wallet__gate(make_stage, deployer, Gate, claimant, new_wallet):
    gate = deployer.deploy(Gate)
    gate.give(claimant, {"from": deployer})
    stage = make_stage([claimant], gate=gate.address)
    change = stage.pool.change_wallet
    refuses("gate: no credential", change, new_wallet, {"from": claimant})
    gate.give(new_wallet, {"from": deployer})
    change(new_wallet, {"from": claimant})
    assert stage.pool.member(new_wallet)["id"] == 1


# --- refused


@pytest.mark.spec("K3")
def test_change_wallet__of_the_arbiter__reverts(make_stage, claimant, new_wallet):
    """Or the arbiter could file, move away, and rule."""
    stage = make_stage([claimant], **hearing(claimant))
    error = "wallet: is the arbiter's"
    refuses(error, stage.pool.change_wallet, new_wallet, {"from": claimant})


@pytest.mark.spec("K1")
def test_change_wallet__not_a_member__reverts(pool, outsider, new_wallet):
    refuses("wallet: not a member", pool.change_wallet, new_wallet, {"from": outsider})


@pytest.mark.spec("K1")
def test_change_wallet__by_the_old_one_again__reverts(pool, claimant, new_wallet, outsider):
    pool.change_wallet(new_wallet, {"from": claimant})
    refuses("wallet: not a member", pool.change_wallet, outsider, {"from": claimant})


@pytest.mark.spec("K2")
def test_change_wallet__to_nobody__reverts(pool, claimant):
    error = "wallet: new one is the zero address"
    refuses(error, pool.change_wallet, ZERO_ADDRESS, {"from": claimant})


@pytest.mark.spec("K2")
@pytest.mark.parametrize("role", ["claimant", "neighbour"])
def test_change_wallet__to_a_member__reverts(pool, claimant, request, role):
    new = request.getfixturevalue(role)
    refuses("wallet: new one is a member", pool.change_wallet, new, {"from": claimant})


def test_change_wallet__to_who_was_a_member(stage, pool, claimant, neighbour):
    """Who left, and whose record remembers an invitation, can be a new wallet."""
    pool.leave({"from": neighbour})
    pool.change_wallet(neighbour, {"from": claimant})
    assert pool.member(neighbour)["id"] == 1
    assert pool.summary()["members"] == 5
    stage.start()
    stage.decide(stage.file(neighbour, 100 * stage.u), 10)
    assert pool.claim(1)["paid"] == 100 * stage.u
