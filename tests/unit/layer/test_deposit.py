"""Collateral for shares, one for one, while the pool enrols."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only
from .moves import moves


@pytest.mark.spec("T1")
@on_every_asset
def test_deposit(stage, layer, reinsurer):
    amount = 120 * stage.u + 7
    payment = stage.asset.pay(layer, reinsurer, amount)
    had, pool_had = stage.balance(reinsurer), stage.balance(stage.pool)
    funds, held = stage.pots()
    assert layer.deposit.call(amount, reinsurer, payment) == amount
    receipt = layer.deposit(amount, reinsurer, payment)
    assert moves(receipt, layer) == [
        {"sender": ZERO_ADDRESS, "receiver": reinsurer, "amount": amount}
    ]
    assert only(receipt, "Deposit") == {
        "sender": reinsurer,
        "owner": reinsurer,
        "assets": amount,
        "shares": amount,
    }
    assert only(receipt, "CollateralAdded") == {"layer": 1, "amount": amount}
    assert had - stage.balance(reinsurer) == amount + stage.asset.gas(receipt)
    assert stage.balance(stage.pool) - pool_had == amount
    assert stage.balance(layer) == 0
    assert stage.pots() == (funds, held + amount)
    assert layer.balanceOf(reinsurer) == layer.totalSupply() == layer.totalAssets() == amount


@on_every_asset
def test_deposit__for_another(stage, layer, reinsurer, buyer):
    payment = stage.asset.pay(layer, reinsurer, stage.u)
    receipt = layer.deposit(stage.u, buyer, payment)
    assert only(receipt, "Deposit") == {
        "sender": reinsurer,
        "owner": buyer,
        "assets": stage.u,
        "shares": stage.u,
    }
    assert (layer.balanceOf(buyer), layer.balanceOf(reinsurer)) == (stage.u, 0)


def test_deposit__again_by_others(stage, layer, reinsurer, buyer, claimant):
    """Anybody may, a member too; the price stays one for one."""
    for person, amount in ((reinsurer, 1), (buyer, 10), (claimant, 100), (reinsurer, 1000)):
        assert only(stage.fill(person, amount), "Deposit")["shares"] == amount
    assert [layer.balanceOf(p) for p in (reinsurer, buyer, claimant)] == [1001, 10, 100]
    assert layer.totalSupply() == layer.totalAssets() == 1111


def test_deposit__each_layer_by_itself(stage, layer, reinsurer):
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    assert layer.totalSupply() == 300 * stage.u
    assert stage.layer(2).totalSupply() == 200 * stage.u


@pytest.mark.spec("R2")
def test_deposit__up_to_the_limit(stage, layer, reinsurer, buyer):
    stage.fill(reinsurer, 299 * stage.u)
    args = (stage.u + 1, buyer, {"from": buyer, "value": stage.u + 1})
    refuses("layer: above its limit", layer.deposit, *args)
    stage.fill(buyer, stage.u)
    refuses("layer: above its limit", layer.deposit, 1, buyer, {"from": buyer, "value": 1})
    assert layer.totalSupply() == 300 * stage.u


def test_deposit__nothing(stage, layer, reinsurer):
    receipt = stage.fill(reinsurer, 0)
    assert only(receipt, "Deposit")["shares"] == 0
    assert layer.totalSupply() == 0
    assert stage.pool.summary()["unbound"] is False


def test_deposit__nothing__asks_nothing_of_the_token(
    make_stage, make_token, TokenThatPauses, reinsurer, keeper
):
    token = make_token(TokenThatPauses)
    layer = make_stage((), token, **reinsured(token.unit)).layer()
    token.token.pause(True, {"from": keeper})
    for method in (layer.deposit, layer.mint):
        assert only(method(0, reinsurer, {"from": reinsurer}), "Deposit")["assets"] == 0


@pytest.mark.spec("R2")
def test_deposit__last_second_of_enrolment(stage, layer, reinsurer):
    at(stage.terms.cover_start - 1)
    stage.fill(reinsurer, stage.u)
    assert layer.totalSupply() == stage.u


def test_deposit__stray_money_changes_no_price(
    stage, layer, reinsurer, buyer, deployer, ForceSender
):
    """The inflation attack: one share, then money forced into the layer and the pool."""
    stage.fill(reinsurer, 1)
    for target in (layer, stage.pool):
        force = deployer.deploy(ForceSender).force
        force(target, {"from": deployer, "value": 100 * stage.u})
    stage.stray = 100 * stage.u
    assert only(stage.fill(buyer, 100 * stage.u), "Deposit")["shares"] == 100 * stage.u
    assert layer.totalAssets() == layer.totalSupply() == 100 * stage.u + 1


def test_deposit__token_that_returns_nothing(
    make_stage, make_token, TokenThatReturnsNothing, members, reinsurer
):
    token = make_token(TokenThatReturnsNothing)
    stage = make_stage(members[:3], token, **reinsured(token.unit))
    stage.fill(reinsurer, stage.u)
    assert stage.layer().balanceOf(reinsurer) == stage.u


@pytest.mark.spec("T2")
def test_deposit__the_reinsurer_of_the_terms(make_stage, reinsurer, buyer):
    """Anybody may pay for the reinsurer, who may sell the shares."""
    stage = make_stage((), **reinsured(10**16), reinsurer=reinsurer.address)
    layer = stage.layer()
    stage.fill(reinsurer, stage.u)
    layer.deposit(stage.u, reinsurer, {"from": buyer, "value": stage.u})
    layer.transfer(buyer, stage.u, {"from": reinsurer})
    assert [layer.balanceOf(person) for person in (reinsurer, buyer)] == [stage.u, stage.u]


# --- refused


@pytest.mark.spec("T18")
def test_deposit__deposits_are_over__reverts(stage, layer, reinsurer):
    terms = stage.terms
    args = (1, reinsurer, {"from": reinsurer, "value": 1})
    for second in (terms.cover_start, terms.enrolment_end, terms.expiry):
        at(second)
        refuses("layer: deposits are over", layer.deposit, *args)
    stage.settle()
    refuses("layer: deposits are over", layer.deposit, *args)


def test_deposit__pool_is_cancelled__reverts(make_stage, claimant, reinsurer):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.start()
    args = (1, reinsurer, {"from": reinsurer, "value": 1})
    refuses("layer: deposits are over", stage.layer().deposit, *args)


@pytest.mark.parametrize("amount", [300 * 10**16 + 1, 10**20])
def test_deposit__above_its_limit__reverts(layer, reinsurer, amount):
    args = (amount, reinsurer, {"from": reinsurer, "value": amount})
    refuses("layer: above its limit", layer.deposit, *args)


@pytest.mark.parametrize("amount", [300 * 10**6 + 1, 2**128, 2**255, 2**256 - 1])
def test_deposit__token_above_its_limit__reverts(in_token, reinsurer, deployer, amount):
    """Whoever has that much."""
    _, layer, token = in_token("Token")
    token.token.mint(reinsurer, amount, {"from": deployer})
    payment = token.pay(layer, reinsurer, amount)
    refuses("layer: above its limit", layer.deposit, amount, reinsurer, payment)


@pytest.mark.spec("T2")
@pytest.mark.parametrize("role", ["buyer", "organiser", "outsider"])
def test_deposit__receiver_is_not_the_reinsurer__reverts(make_stage, request, reinsurer, role):
    stage = make_stage((), **reinsured(10**16), reinsurer=reinsurer.address)
    who = request.getfixturevalue(role)
    for sender in (who, reinsurer):
        args = (1, who, {"from": sender, "value": 1})
        refuses("layer: receiver is not the reinsurer", stage.layer().deposit, *args)


@pytest.mark.spec("T3")
def test_deposit__receiver_is_the_zero_address__reverts(layer, reinsurer):
    args = (1, ZERO_ADDRESS, {"from": reinsurer, "value": 1})
    refuses("layer: receiver is the zero address", layer.deposit, *args)


@pytest.mark.spec("T4")
@pytest.mark.parametrize("value", [0, 99, 101])
def test_deposit__wrong_amount__reverts(layer, reinsurer, value):
    args = (100, reinsurer, {"from": reinsurer, "value": value})
    refuses("value: wrong amount", layer.deposit, *args)


# --- refused in a token


@pytest.fixture
def in_token(make_stage, make_token, request):
    """Return a function that makes a layer whose asset is such a token."""

    def make(kind):
        token = make_token(request.getfixturevalue(kind))
        stage = make_stage((), token, **reinsured(token.unit))
        return stage, stage.layer(), token

    return make


@pytest.mark.spec("T4")
def test_deposit__value_with_a_token__reverts(in_token, reinsurer):
    _, layer, token = in_token("Token")
    payment = token.pay(layer, reinsurer, 1) | {"value": 1}
    refuses("value: layer takes a token", layer.deposit, 1, reinsurer, payment)


@pytest.mark.spec("T4")
def test_deposit__not_approved__reverts(in_token, reinsurer, buyer):
    """Neither an allowance for the pool nor somebody else's for the layer is one."""
    stage, layer, token = in_token("Token")
    stage.pay(reinsurer, 1)
    token.pay(layer, buyer, 1)
    refuses("token: transfer failed", layer.deposit, 1, reinsurer, {"from": reinsurer})
    refuses("token: transfer failed", layer.deposit, 1, buyer, {"from": reinsurer})


def test_deposit__more_than_the_caller_has__reverts(in_token, reinsurer, deployer, buyer):
    _, layer, token = in_token("Token")
    payment = token.pay(layer, reinsurer, 1)
    token.token.transfer(buyer, token.balance(reinsurer), {"from": reinsurer})
    refuses("token: transfer failed", layer.deposit, 1, reinsurer, payment)


def test_deposit__more_than_there_can_be__reverts(in_token, reinsurer):
    """Beside what lies there already."""
    stage, layer, _ = in_token("Token")
    stage.fill(reinsurer, 1)
    error, payment = "token: transfer failed", {"from": reinsurer}
    for amount in (2**256 - 2, 2**256 - 1):
        refuses(error, layer.deposit, amount, reinsurer, payment)
        refuses(error, layer.mint, amount, reinsurer, payment)


def test_deposit__token_that_returns_false__reverts(in_token, reinsurer, keeper):
    _, layer, token = in_token("TokenThatReturnsFalse")
    payment = token.pay(layer, reinsurer, 1)
    token.token.fail(True, {"from": keeper})
    refuses("token: transfer failed", layer.deposit, 1, reinsurer, payment)


def test_deposit__token_that_takes_a_fee__reverts(in_token, reinsurer):
    _, layer, token = in_token("TokenThatTakesAFee")
    payment = token.pay(layer, reinsurer, 1000)
    refuses("token: received another amount", layer.deposit, 1000, reinsurer, payment)
