"""An exact amount for shares, once the pool is settled or cancelled (rule 17)."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset, rules
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only
from .moves import moves


@pytest.mark.spec("T7")
@on_every_asset
def test_withdraw(stage, layer, drawn, reinsurer, heir):
    amount = 100 * stage.u + 1
    shares = rules.up(amount * 300, 195)
    had, pool_had = stage.balance(heir), stage.balance(stage.pool)
    funds, held = stage.pots()
    sender = {"from": reinsurer}
    assert layer.withdraw.call(amount, heir, reinsurer, sender) == shares
    assert layer.previewWithdraw(amount) == shares
    receipt = layer.withdraw(amount, heir, reinsurer, sender)
    assert moves(receipt, layer) == [
        {"sender": reinsurer, "receiver": ZERO_ADDRESS, "amount": shares}
    ]
    assert only(receipt, "Withdraw") == {
        "sender": reinsurer,
        "receiver": heir,
        "owner": reinsurer,
        "assets": amount,
        "shares": shares,
    }
    assert only(receipt, "LayerRedeemed") == {"layer": 1, "receiver": heir, "amount": amount}
    assert stage.balance(heir) - had == pool_had - stage.balance(stage.pool) == amount
    assert stage.pots() == (funds, held - amount)
    assert layer.balanceOf(reinsurer) == 200 * stage.u - shares
    assert layer.totalSupply() == 300 * stage.u - shares
    assert layer.totalAssets() == 195 * stage.u - amount


def test_withdraw__all_that_one_has(stage, layer, drawn, reinsurer, buyer):
    for person, worth in ((reinsurer, 130 * stage.u), (buyer, 65 * stage.u)):
        assert layer.maxWithdraw(person) == worth
        layer.withdraw(worth, person, person, {"from": person})
        assert layer.balanceOf(person) == 0
    assert layer.totalSupply() == layer.totalAssets() == 0


@pytest.mark.spec("T7")
def test_withdraw__less_than_a_share_is_worth__burns_one(stage, layer, drawn, reinsurer):
    """Rounded up: who withdraws unit by unit gets no more than who redeems."""
    receipt = layer.withdraw(1, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "Withdraw")["shares"] == 2


def test_withdraw__nothing(stage, layer, drawn, reinsurer):
    receipt = layer.withdraw(0, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "Withdraw")["shares"] == 0


def test_withdraw__in_a_cancelled_pool(make_stage, claimant, reinsurer, heir):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 77)
    stage.start()
    had = stage.balance(heir)
    receipt = stage.layer().withdraw(70, heir, reinsurer, {"from": reinsurer})
    assert only(receipt, "Withdraw")["shares"] == 70
    assert stage.balance(heir) - had == 70


def test_withdraw__with_an_allowance(stage, layer, drawn, reinsurer, outsider, heir):
    """It is of shares, as many as are burnt."""
    layer.approve(outsider, 101, {"from": reinsurer})
    layer.withdraw(65, heir, reinsurer, {"from": outsider})
    assert layer.allowance(reinsurer, outsider) == 1
    args = (1, heir, reinsurer, {"from": outsider})
    refuses("layer: above the allowance", layer.withdraw, *args)


@pytest.mark.parametrize("role", ["outsider", "buyer", "organiser"])
def test_withdraw__above_the_allowance__reverts(layer, drawn, reinsurer, request, role):
    who = request.getfixturevalue(role)
    refuses("layer: above the allowance", layer.withdraw, 1, who, reinsurer, {"from": who})


@pytest.mark.spec("T5")
def test_withdraw__collateral_is_bound__reverts(stage, layer, held, reinsurer, keeper):
    terms = stage.terms
    args = (1, reinsurer, reinsurer, {"from": reinsurer})
    for second in (
        terms.cover_start - 1,
        terms.cover_start,
        terms.expiry,
        terms.expiry + terms.reporting_period,
    ):
        at(second)
        refuses("layer: collateral is bound", layer.withdraw, *args)
    stage.pool.settle({"from": keeper})
    layer.withdraw(*args)


@pytest.mark.spec("T8")
def test_withdraw__above_the_balance__reverts(stage, layer, drawn, reinsurer, outsider):
    """One unit more than the shares are worth, rounded down."""
    for amount in (130 * stage.u + 1, 195 * stage.u, 196 * stage.u, 2**128, 2**256 - 1):
        args = (amount, reinsurer, reinsurer, {"from": reinsurer})
        refuses("layer: above the balance", layer.withdraw, *args)
    refuses("layer: above the balance", layer.withdraw, 1, outsider, outsider, {"from": outsider})


@pytest.mark.spec("T17")
def test_withdraw__worth_nothing__reverts(make_stage, members, claimant, reinsurer):
    """Not even one unit, by the holder of all shares: it would be somebody else's."""
    u = 10**16
    stage = make_stage(members, **reinsured(u, (300,), (0,)))
    stage.fill(reinsurer, 300 * u)
    stage.start()
    stage.decide(stage.file(claimant, 870 * u), 10)
    stage.settle()
    layer = stage.layer()
    assert layer.totalAssets() == layer.maxWithdraw(reinsurer) == 0
    args = (1, reinsurer, reinsurer, {"from": reinsurer})
    refuses("layer: above the balance", layer.withdraw, *args)


def test_withdraw__receiver_is_the_zero_address__reverts(layer, drawn, reinsurer):
    args = (1, ZERO_ADDRESS, reinsurer, {"from": reinsurer})
    refuses("layer: receiver is the zero address", layer.withdraw, *args)


def test_withdraw__transfer_failed__reverts(layer, drawn, deployer, WalletThatRejects, reinsurer):
    wallet = deployer.deploy(WalletThatRejects)
    args = (1, wallet, reinsurer, {"from": reinsurer})
    refuses("layer: transfer failed", layer.withdraw, *args)
