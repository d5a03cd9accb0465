"""Shares are a plain ERC-20: they can be sold."""

import pytest
from brownie import ZERO_ADDRESS

from ..refusal import refuses
from .moves import moves


@pytest.mark.parametrize("amount", [0, 1, 200 * 10**16])
def test_transfer(layer, held, reinsurer, heir, amount):
    assert layer.transfer.call(heir, amount, {"from": reinsurer}) is True
    receipt = layer.transfer(heir, amount, {"from": reinsurer})
    assert moves(receipt, layer) == [{"sender": reinsurer, "receiver": heir, "amount": amount}]
    assert layer.balanceOf(reinsurer) == 200 * 10**16 - amount
    assert layer.balanceOf(heir) == amount
    assert layer.totalSupply() == 300 * 10**16


def test_transfer__to_oneself(layer, held, reinsurer):
    layer.transfer(reinsurer, 200 * 10**16, {"from": reinsurer})
    assert layer.balanceOf(reinsurer) == 200 * 10**16


@pytest.mark.spec("T13")
def test_transfer__in_every_phase(stage, layer, held, reinsurer, buyer):
    """While it enrols, while collateral is bound, once it is settled; the buyer redeems."""
    layer.transfer(buyer, 50 * stage.u, {"from": reinsurer})
    stage.start()
    layer.transfer(buyer, 50 * stage.u, {"from": reinsurer})
    stage.settle()
    layer.transfer(buyer, 100 * stage.u, {"from": reinsurer})
    had = stage.balance(buyer)
    receipt = layer.redeem(300 * stage.u, buyer, buyer, {"from": buyer})
    assert stage.balance(buyer) - had == 330 * stage.u - stage.asset.gas(receipt)


@pytest.mark.spec("T13")
def test_transfer__changes_nothing_for_the_pool(stage, layer, held, reinsurer, buyer):
    before = stage.pool.layer(1), stage.pots()
    layer.transfer(buyer, 10, {"from": reinsurer})
    assert (stage.pool.layer(1), stage.pots()) == before


@pytest.mark.parametrize("amount", [200 * 10**16 + 1, 300 * 10**16, 2**256 - 1])
def test_transfer__above_the_balance__reverts(layer, held, reinsurer, heir, amount):
    refuses("layer: above the balance", layer.transfer, heir, amount, {"from": reinsurer})
    refuses("layer: above the balance", layer.transfer, reinsurer, amount, {"from": reinsurer})


def test_transfer__by_who_has_none__reverts(layer, held, outsider):
    refuses("layer: above the balance", layer.transfer, outsider, 1, {"from": outsider})


@pytest.mark.spec("T3")
def test_transfer__receiver_is_the_zero_address__reverts(layer, held, reinsurer):
    """They could never be redeemed, and what they are worth never absorbed."""
    error = "layer: receiver is the zero address"
    refuses(error, layer.transfer, ZERO_ADDRESS, 1, {"from": reinsurer})
