"""deposit, asked for in shares."""

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
def test_mint(stage, layer, reinsurer, buyer):
    shares = 120 * stage.u + 7
    payment = stage.asset.pay(layer, reinsurer, shares)
    had = stage.balance(reinsurer)
    assert layer.mint.call(shares, buyer, payment) == layer.previewMint(shares) == shares
    receipt = layer.mint(shares, buyer, payment)
    assert moves(receipt, layer) == [{"sender": ZERO_ADDRESS, "receiver": buyer, "amount": shares}]
    assert only(receipt, "Deposit") == {
        "sender": reinsurer,
        "owner": buyer,
        "assets": shares,
        "shares": shares,
    }
    assert only(receipt, "CollateralAdded") == {"layer": 1, "amount": shares}
    assert had - stage.balance(reinsurer) == shares + stage.asset.gas(receipt)
    assert layer.balanceOf(buyer) == layer.totalSupply() == shares


def test_mint__all_that_is_left(stage, layer, reinsurer):
    stage.fill(reinsurer, 100 * stage.u)
    most = layer.maxMint(reinsurer)
    assert most == 200 * stage.u
    args = (most + 1, reinsurer, {"from": reinsurer, "value": most + 1})
    refuses("layer: above its limit", layer.mint, *args)
    layer.mint(most, reinsurer, {"from": reinsurer, "value": most})
    assert layer.maxMint(reinsurer) == 0


def test_mint__deposits_are_over__reverts(stage, layer, reinsurer):
    at(stage.terms.cover_start)
    args = (1, reinsurer, {"from": reinsurer, "value": 1})
    refuses("layer: deposits are over", layer.mint, *args)


def test_mint__receiver_is_not_the_reinsurer__reverts(make_stage, reinsurer, buyer):
    stage = make_stage((), **reinsured(10**16), reinsurer=reinsurer.address)
    args = (1, buyer, {"from": reinsurer, "value": 1})
    refuses("layer: receiver is not the reinsurer", stage.layer().mint, *args)


def test_mint__receiver_is_the_zero_address__reverts(layer, reinsurer):
    args = (1, ZERO_ADDRESS, {"from": reinsurer, "value": 1})
    refuses("layer: receiver is the zero address", layer.mint, *args)


@pytest.mark.parametrize("value", [0, 99, 101])
def test_mint__wrong_amount__reverts(layer, reinsurer, value):
    args = (100, reinsurer, {"from": reinsurer, "value": value})
    refuses("value: wrong amount", layer.mint, *args)


def test_mint__refused_by_the_token__reverts(make_stage, make_token, TokenThatTakesAFee, reinsurer):
    token = make_token(TokenThatTakesAFee)
    layer = make_stage((), token, **reinsured(token.unit)).layer()
    refuses("token: transfer failed", layer.mint, 1, reinsurer, {"from": reinsurer})
    payment = token.pay(layer, reinsurer, 1000)
    refuses("token: received another amount", layer.mint, 1000, reinsurer, payment)
    refuses("value: layer takes a token", layer.mint, 1, reinsurer, payment | {"value": 1})
