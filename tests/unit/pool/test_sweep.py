"""Refunds that nobody took for a long time go to the cause."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset, rules
from ..clock import DAY, YEAR, at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("X1", "X2", "X4")
@on_every_asset
def test_sweep(stage, pool, claimant, cause, keeper):
    shared_at = stage.settle().timestamp
    pool.refund(claimant, {"from": keeper})
    at(shared_at + YEAR)
    had = stage.balance(cause)
    funds, held = stage.pots()
    assert pool.sweep.call({"from": keeper}) == funds
    receipt = pool.sweep({"from": keeper})
    assert names(receipt) == ["Swept"]
    assert only(receipt, "Swept") == {"amount": funds}
    assert stage.balance(cause) - had == funds
    assert stage.pots() == (0, held)
    assert pool.refund_due(stage.voters[0]) == 0


def test_sweep__last_dust(stage, pool, keeper):
    stage.settle()
    pool.refund_many(1, 6, {"from": keeper})
    stage.start(3 * YEAR)
    dust = stage.pots()[0]
    if dust:
        assert only(pool.sweep({"from": keeper}), "Swept")["amount"] == dust
    assert stage.pots()[0] == 0


@pytest.mark.spec("X6")
def test_sweep__what_comes_in_later_is_due_again(stage, pool, claimant, donor, keeper):
    shared_at = stage.settle().timestamp
    at(shared_at + YEAR)
    pool.sweep({"from": keeper})
    pool.donate(60 * stage.u, {"from": donor, "value": 60 * stage.u})
    expected = rules.refund(100 * stage.u, 54 * stage.u, 600 * stage.u)
    assert pool.refund_due(claimant) == expected
    pool.refund_many(1, 6, {"from": keeper})
    assert pool.refund_due(claimant) == 0
    assert pool.member(claimant)["refunded"] == expected
    assert stage.pots()[0] <= 6


def donate_for_members(stage, donor, amount):
    """Donate so that just this comes to the members, the cause having taken its tenth."""
    amount = amount * 10 // 9
    receipt = stage.pool.donate(amount, {"from": donor, "value": amount})
    return only(receipt, "Shared")["to_members"]


@pytest.mark.spec("X3")
def test_sweep__a_later_sharing_starts_the_clock_again(stage, pool, donor, keeper):
    """One that is a hundredth of the refunds that wait, itself included (rule 13)."""
    shared_at = stage.settle().timestamp
    at(shared_at + YEAR - DAY)
    hundredth = rules.up(513 * stage.u, 99)
    assert donate_for_members(stage, donor, hundredth) == hundredth
    assert pool.summary()["shared_at"] == shared_at + YEAR - DAY
    at(shared_at + 2 * YEAR - DAY - 1)
    refuses("sweep: too early", pool.sweep, {"from": keeper})
    at(shared_at + 2 * YEAR - DAY)
    pool.sweep({"from": keeper})
    assert stage.pots()[0] == 0


@pytest.mark.spec("X3")
def test_sweep__a_sharing_of_less_does_not_put_it_off(stage, pool, donor, keeper):
    shared_at = stage.settle().timestamp
    at(shared_at + YEAR - DAY)
    less = rules.up(513 * stage.u, 99) - 1
    assert donate_for_members(stage, donor, less) == less
    assert pool.summary()["shared_at"] == shared_at
    at(shared_at + YEAR)
    pool.sweep({"from": keeper})
    assert stage.pots()[0] == 0


@pytest.mark.spec("W11", "X5")
def test_sweep__credits_fees_and_awards_are_not_touched(
    make_stage, members, claimant, deployer, WalletThatRejects, payer, organiser, keeper, heir
):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    stage.settle()
    assert stage.pots()[0] == 0
    at(stage.terms.expiry + 10 * YEAR)
    refuses("sweep: nothing left", stage.pool.sweep, {"from": keeper})
    assert stage.pool.award_due(1) == 665 * stage.u
    stage.pool.pay_award(1, {"from": keeper})
    stage.pool.withdraw(heir, {"from": organiser})
    assert stage.pots() == (0, 0)


@pytest.mark.spec("X2", "X4", "V2")
def test_sweep__cancelled(make_stage, claimant, neighbour, donor, cause, organiser, keeper):
    stage = make_stage([claimant, neighbour])
    stage.pool.donate(7, {"from": donor, "value": 7})
    stage.start()
    stage.pool.refund(claimant, {"from": keeper})
    stage.start(YEAR)
    had = cause.balance()
    receipt = stage.pool.sweep({"from": keeper})
    # all that is left of the premium, its void fee included, and the donation
    assert only(receipt, "Swept")["amount"] == 100 * stage.u + 7
    assert cause.balance() - had == 100 * stage.u + 7
    assert stage.pots() == (0, 0)
    assert stage.pool.refund_due(neighbour) == 0
    assert stage.pool.earnings_of(organiser) == stage.pool.donation_of(donor) == 0
    refuses("refund: nothing due", stage.pool.refund, neighbour, {"from": keeper})


def test_sweep__cause_cannot_take_it(make_stage, members, deployer, WalletThatRejects, keeper):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members[:3], cause=wallet.address, cause_bps=0)
    at(stage.settle().timestamp + YEAR)
    receipt = stage.pool.sweep({"from": keeper})
    assert names(receipt) == ["Swept", "Credited"]
    assert stage.pool.credit_of(wallet) == 285 * stage.u


@pytest.mark.spec("X1")
def test_sweep__no_cause__reverts(make_stage, members, keeper):
    stage = make_stage(members[:3], cause=ZERO_ADDRESS, cause_bps=0, unclaimed_after=0)
    stage.settle()
    at(stage.terms.expiry + 100 * YEAR)
    refuses("sweep: no cause", stage.pool.sweep, {"from": keeper})
    stage.pool.refund(members[0], {"from": keeper})


@pytest.mark.spec("X1")
@pytest.mark.parametrize("when", ["enrolling", "active", "run-off"])
def test_sweep__pool_is_not_settled__reverts(stage, pool, keeper, when):
    terms = stage.terms
    start = terms.cover_start
    at({"enrolling": start - 1, "active": start, "run-off": terms.expiry}[when])
    refuses("sweep: pool is not settled", pool.sweep, {"from": keeper})


def test_sweep__run_off_without_end__reverts(stage, pool, keeper):
    at(stage.terms.expiry + 10 * YEAR)
    refuses("sweep: pool is not settled", pool.sweep, {"from": keeper})


@pytest.mark.spec("X2")
def test_sweep__last_second_before__reverts(stage, pool, keeper):
    shared_at = stage.settle().timestamp
    at(shared_at + YEAR - 1)
    refuses("sweep: too early", pool.sweep, {"from": keeper})


@pytest.mark.spec("X2")
def test_sweep__cancelled_last_second_before__reverts(make_stage, claimant, keeper):
    stage = make_stage([claimant])
    stage.start(YEAR - 1)
    refuses("sweep: too early", stage.pool.sweep, {"from": keeper})


@pytest.mark.spec("X7")
def test_sweep__twice__reverts(stage, pool, keeper):
    at(stage.settle().timestamp + YEAR)
    pool.sweep({"from": keeper})
    refuses("sweep: nothing left", pool.sweep, {"from": keeper})


@pytest.mark.spec("X5")
def test_sweep__takes_nothing_of_layers(make_stage, members, reinsurer, keeper):
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    at(stage.settle().timestamp + YEAR)
    funds, held = stage.pots()
    assert only(stage.pool.sweep({"from": keeper}), "Swept")["amount"] == funds == 486 * stage.u
    assert stage.pots() == (0, held)
    assert stage.pool.layer(1)["assets"] == 330 * stage.u


@pytest.mark.spec("X5")
def test_sweep__cancelled__takes_nothing_of_layers(make_stage, claimant, reinsurer, keeper):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start(YEAR)
    stage.pool.sweep({"from": keeper})
    assert stage.pots() == (0, 300 * stage.u)
    receipt = stage.layer().redeem(300 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "LayerRedeemed")["amount"] == 300 * stage.u
