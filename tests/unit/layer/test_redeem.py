"""Shares for what they are worth, once the pool is settled or cancelled (rule 17)."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only
from .moves import moves


@pytest.mark.spec("T6")
@on_every_asset
def test_redeem(stage, layer, drawn, reinsurer, heir):
    shares, worth = 200 * stage.u, 130 * stage.u
    had, pool_had = stage.balance(heir), stage.balance(stage.pool)
    funds, held = stage.pots()
    sender = {"from": reinsurer}
    assert layer.redeem.call(shares, heir, reinsurer, sender) == worth
    receipt = layer.redeem(shares, heir, reinsurer, sender)
    assert moves(receipt, layer) == [
        {"sender": reinsurer, "receiver": ZERO_ADDRESS, "amount": shares}
    ]
    assert only(receipt, "Withdraw") == {
        "sender": reinsurer,
        "receiver": heir,
        "owner": reinsurer,
        "assets": worth,
        "shares": shares,
    }
    assert only(receipt, "LayerRedeemed") == {"layer": 1, "receiver": heir, "amount": worth}
    assert stage.balance(heir) - had == pool_had - stage.balance(stage.pool) == worth
    assert stage.pots() == (funds, held - worth)
    assert (layer.balanceOf(reinsurer), layer.totalSupply()) == (0, 100 * stage.u)
    assert layer.totalAssets() == 65 * stage.u


@pytest.mark.spec("T6")
@on_every_asset
def test_redeem__the_last_one_gets_all_that_is_left(stage, layer, drawn, reinsurer, buyer, heir):
    """Rounded down for each but the last: nothing is left over."""
    had = stage.balance(heir)
    for owner, shares in ((reinsurer, 199 * stage.u + 1), (buyer, 7), (reinsurer, stage.u - 1)):
        worth = shares * layer.totalAssets() // layer.totalSupply()
        assert layer.previewRedeem(shares) == worth
        receipt = layer.redeem(shares, heir, owner, {"from": owner})
        assert only(receipt, "Withdraw")["assets"] == worth
    rest = layer.totalAssets()
    receipt = layer.redeem(100 * stage.u - 7, heir, buyer, {"from": buyer})
    assert only(receipt, "Withdraw")["assets"] == rest
    assert layer.totalSupply() == layer.totalAssets() == 0
    assert stage.balance(heir) - had == 195 * stage.u


def test_redeem__nothing(stage, layer, drawn, reinsurer):
    receipt = layer.redeem(0, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "Withdraw")["assets"] == 0
    assert layer.totalSupply() == 300 * stage.u


def test_redeem__in_a_cancelled_pool__is_the_collateral(make_stage, claimant, reinsurer, heir):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 77)
    stage.start()
    had = stage.balance(heir)
    stage.layer().redeem(77, heir, reinsurer, {"from": reinsurer})
    assert stage.balance(heir) - had == 77


@pytest.mark.spec("T17")
def test_redeem__shares_that_are_worth_nothing(make_stage, members, claimant, reinsurer, keeper):
    """All of it was paid out, for no premium: they can be burnt, and nothing is sent."""
    u = 10**16
    terms = reinsured(u, (300,), (0,))
    stage = make_stage(members, **terms)
    stage.fill(reinsurer, 300 * u)
    stage.start()
    stage.decide(stage.file(claimant, 870 * u), 10)
    stage.settle()
    layer = stage.layer()
    assert (layer.totalAssets(), layer.maxRedeem(reinsurer)) == (0, 300 * u)
    receipt = layer.redeem(300 * u, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "Withdraw")["assets"] == 0
    assert layer.totalSupply() == 0


@pytest.mark.spec("T11")
def test_redeem__what_comes_back_later_is_of_the_shares_left(
    stage, layer, drawn, reinsurer, buyer, donor
):
    """135 were paid by the layer; 100 of them come back once two thirds are redeemed."""
    layer.redeem(200 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    stage.pool.recover(1, 100 * stage.u, stage.pay(donor, 100 * stage.u))
    assert layer.totalAssets() == 165 * stage.u
    receipt = layer.redeem(100 * stage.u, buyer, buyer, {"from": buyer})
    assert only(receipt, "Withdraw")["assets"] == 165 * stage.u


def test_redeem__a_claim_is_paid_all_the_same(stage, layer, drawn, reinsurer, keeper):
    """An award that was set aside before settlement is the claimant's, whoever redeems first."""
    layer.redeem(200 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert stage.pool.claim(1)["paid"] == 675 * stage.u


# --- for another


def test_redeem__with_an_allowance(stage, layer, drawn, reinsurer, outsider, heir):
    layer.approve(outsider, 150 * stage.u, {"from": reinsurer})
    had = stage.balance(heir)
    receipt = layer.redeem(100 * stage.u, heir, reinsurer, {"from": outsider})
    assert only(receipt, "Withdraw")["sender"] == outsider
    assert only(receipt, "Withdraw")["owner"] == reinsurer
    assert stage.balance(heir) - had == 65 * stage.u
    assert layer.allowance(reinsurer, outsider) == 50 * stage.u
    args = (50 * stage.u + 1, heir, reinsurer, {"from": outsider})
    refuses("layer: above the allowance", layer.redeem, *args)


def test_redeem__with_an_endless_allowance(stage, layer, drawn, reinsurer, outsider, heir):
    layer.approve(outsider, 2**256 - 1, {"from": reinsurer})
    layer.redeem(100 * stage.u, heir, reinsurer, {"from": outsider})
    assert layer.allowance(reinsurer, outsider) == 2**256 - 1


@pytest.mark.spec("T8")
@pytest.mark.parametrize("role", ["outsider", "buyer", "organiser", "claimant"])
def test_redeem__above_the_allowance__reverts(layer, drawn, reinsurer, request, role):
    """Without one, whoever it is."""
    who = request.getfixturevalue(role)
    refuses("layer: above the allowance", layer.redeem, 1, who, reinsurer, {"from": who})


def test_redeem__owner_s_allowance_is_no_way_back(layer, drawn, reinsurer, buyer):
    """Who may be taken from may not take."""
    layer.approve(buyer, 1, {"from": reinsurer})
    args = (1, reinsurer, buyer, {"from": reinsurer})
    refuses("layer: above the allowance", layer.redeem, *args)


# --- refused


@pytest.mark.spec("T5")
def test_redeem__collateral_is_bound__reverts(stage, layer, held, reinsurer, keeper):
    """Enrolling, active, in run-off."""
    terms = stage.terms
    args = (1, reinsurer, reinsurer, {"from": reinsurer})
    for second in (
        terms.cover_start - 1,
        terms.cover_start,
        terms.expiry,
        terms.expiry + terms.reporting_period,
    ):
        at(second)
        refuses("layer: collateral is bound", layer.redeem, *args)
    stage.pool.settle({"from": keeper})
    layer.redeem(*args)


@pytest.mark.spec("T8")
def test_redeem__above_the_balance__reverts(stage, layer, drawn, reinsurer, outsider):
    for shares in (200 * stage.u + 1, 300 * stage.u, 2**128, 2**256 - 1):
        args = (shares, reinsurer, reinsurer, {"from": reinsurer})
        refuses("layer: above the balance", layer.redeem, *args)
    refuses("layer: above the balance", layer.redeem, 1, outsider, outsider, {"from": outsider})


def test_redeem__twice__reverts(stage, layer, drawn, reinsurer):
    args = (200 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    layer.redeem(*args)
    refuses("layer: above the balance", layer.redeem, *args)


@pytest.mark.spec("T3")
def test_redeem__receiver_is_the_zero_address__reverts(layer, drawn, reinsurer):
    args = (1, ZERO_ADDRESS, reinsurer, {"from": reinsurer})
    refuses("layer: receiver is the zero address", layer.redeem, *args)


@pytest.mark.spec("T9")
def test_redeem__transfer_failed__reverts(
    stage, layer, drawn, deployer, WalletThatRejects, reinsurer
):
    """Nothing is burnt for what was not sent; there is no credit for reinsurers to wait for."""
    wallet = deployer.deploy(WalletThatRejects)
    args = (stage.u, wallet, reinsurer, {"from": reinsurer})
    refuses("layer: transfer failed", layer.redeem, *args)
    wallet.reject(False, {"from": reinsurer})
    layer.redeem(200 * stage.u, wallet, reinsurer, {"from": reinsurer})
    assert wallet.balance() == 130 * stage.u


def test_redeem__by_a_wallet_that_uses_much_gas(
    make_stage, members, deployer, WalletThatSpends, reinsurer
):
    """The receiver has all the gas that the caller gives: it holds up nobody else."""
    wallet = deployer.deploy(WalletThatSpends)
    stage = make_stage(members[:3], **reinsured(10**16))
    stage.fill(reinsurer, stage.u)
    stage.settle()
    worth = stage.layer().totalAssets()
    stage.layer().redeem(stage.u, wallet, reinsurer, {"from": reinsurer})
    assert wallet.balance() == worth
