"""Nobody who is owed money can be cut off."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import at, now
from ..hearing import AWARDED, status
from ..refusal import refuses
from ..stage import only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, keeper):
    """An active pool that has paid out all it had, 570, and owes 330 on claim 1."""
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    stage.pool.pay_award(1, {"from": keeper})
    yield stage
    stages.remove(stage)


def donate(stage, donor, amount):
    """Give Ether to the pool."""
    return stage.pool.donate(amount, {"from": donor, "value": amount})


@pytest.mark.spec("W13", "U1")
def test_empty_pool__a_claim_keeps_its_right(stage, pool, neighbour, donor, keeper):
    """Filed when there is nothing; awarded, cut to nothing, and made up when money comes."""
    assert stage.pots()[0] == 0
    stage.decide(stage.file(neighbour, 110 * stage.u), 10)
    assert status(stage, 2) == (AWARDED, 10)
    assert pool.award_due(2) == 0
    at(stage.window_end(pool.claim(2)["window"]))
    pool.settle_window(pool.claim(2)["window"], {"from": keeper})
    assert pool.summary()["unpaid"] == 440 * stage.u
    donate(stage, donor, 220 * stage.u)
    assert pool.award_due(1) == 165 * stage.u
    assert pool.award_due(2) == 55 * stage.u
    donate(stage, donor, 220 * stage.u)
    had = stage.balance(neighbour)
    pool.pay_award(2, {"from": keeper})
    assert stage.balance(neighbour) - had == 110 * stage.u
    assert pool.summary()["unpaid"] == 0


@pytest.mark.spec("U5")
def test_settled_pool__unpaid_awards_before_any_refund(stage, pool, claimant, donor, keeper, cause):
    stage.settle()
    had = stage.balance(cause)
    donate(stage, donor, 300 * stage.u)
    assert pool.summary()["unpaid"] == 30 * stage.u
    assert [pool.refund_due(pool.member_at(i)) for i in range(1, 7)] == [0] * 6
    assert stage.balance(cause) == had
    receipt = donate(stage, donor, 130 * stage.u)
    assert only(receipt, "MadeUp")["amount"] == 30 * stage.u
    assert only(receipt, "Shared") == {"to_cause": 10 * stage.u, "to_members": 90 * stage.u}
    assert pool.award_due(1) in (330 * stage.u, 330 * stage.u - 1)
    assert pool.refund_due(claimant) == 15 * stage.u


@pytest.mark.spec("W13")
def test_settled_pool__years_later(stage, pool, claimant, donor, keeper):
    """An award that was cut has no time limit."""
    stage.settle()
    at(stage.terms.expiry + 20 * 365 * 24 * 3600)
    donate(stage, donor, 330 * stage.u)
    had = stage.balance(claimant)
    pool.pay_award(1, {"from": keeper})
    assert stage.balance(claimant) - had == 330 * stage.u


@pytest.mark.spec("W11")
def test_sweep__does_not_take_what_is_owed(stage, pool, claimant, donor, keeper):
    """Made up and not called for: it lies in held, where no sweep reaches it."""
    stage.settle()
    donate(stage, donor, 330 * stage.u + 1000)
    at(now() + stage.terms.unclaimed_after)
    pool.sweep({"from": keeper})
    assert pool.award_due(1) == 330 * stage.u
    had = stage.balance(claimant)
    pool.pay_award(1, {"from": keeper})
    assert stage.balance(claimant) - had == 330 * stage.u


@pytest.mark.spec("S5", "X5")
def test_credit__goes_where_its_owner_says(
    make_stage, make_token, TokenThatBlocks, members, claimant, heir, outsider, keeper
):
    stage = make_stage(members, make_token(TokenThatBlocks))
    stage.start()
    stage.file(claimant, 100 * stage.u)
    stage.asset.token.block(claimant, True, {"from": keeper})
    stage.decide(1, 10)
    stage.settle()
    at(now() + 10 * stage.terms.unclaimed_after)
    stage.pool.sweep({"from": keeper})
    assert stage.pool.credit_of(claimant) == 105 * stage.u
    withdraw = stage.pool.withdraw
    refuses("withdraw: nothing owed", withdraw, outsider, {"from": outsider})
    error = "withdraw: receiver is the zero address"
    refuses(error, withdraw, ZERO_ADDRESS, {"from": claimant})
    withdraw(heir, {"from": claimant})
    assert stage.balance(heir) == 105 * stage.u


@pytest.mark.spec("W4")
def test_claim__that_waits__is_paid_when_the_others_do_not_need_it(
    make_stage, members, claimant, neighbour, keeper
):
    stage = make_stage(members)
    stage.start()
    stage.file(neighbour, 500 * stage.u)
    stage.decide(stage.file(claimant, 300 * stage.u), 10)
    assert stage.pool.claim(2)["paid"] == 0
    stage.decide(1, 0)
    stage.pool.pay_award(2, {"from": keeper})
    assert stage.pool.claim(2)["paid"] == 300 * stage.u
