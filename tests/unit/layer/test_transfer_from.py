"""Shares moved by somebody who was allowed to."""

import pytest
from brownie import ZERO_ADDRESS

from ..refusal import refuses
from .moves import moves

ENDLESS = 2**256 - 1


def test_transfer_from(layer, held, reinsurer, buyer, heir):
    layer.approve(buyer, 10, {"from": reinsurer})
    assert layer.transferFrom.call(reinsurer, heir, 7, {"from": buyer}) is True
    receipt = layer.transferFrom(reinsurer, heir, 7, {"from": buyer})
    assert moves(receipt, layer) == [{"sender": reinsurer, "receiver": heir, "amount": 7}]
    assert (layer.balanceOf(reinsurer), layer.balanceOf(heir)) == (200 * 10**16 - 7, 7)
    assert layer.allowance(reinsurer, buyer) == 3


@pytest.mark.spec("T13")
def test_transfer_from__endless_allowance_is_not_used_up(layer, held, reinsurer, buyer, heir):
    layer.approve(buyer, ENDLESS, {"from": reinsurer})
    layer.transferFrom(reinsurer, heir, 7, {"from": buyer})
    assert layer.allowance(reinsurer, buyer) == ENDLESS


def test_transfer_from__one_less_than_endless_is(layer, held, reinsurer, buyer, heir):
    layer.approve(buyer, ENDLESS - 1, {"from": reinsurer})
    layer.transferFrom(reinsurer, heir, 7, {"from": buyer})
    assert layer.allowance(reinsurer, buyer) == ENDLESS - 8


def test_transfer_from__oneself(layer, held, reinsurer, heir):
    """The owner needs an allowance as anybody does, and uses it up."""
    args = (reinsurer, heir, 7, {"from": reinsurer})
    refuses("layer: above the allowance", layer.transferFrom, *args)
    layer.approve(reinsurer, 10, {"from": reinsurer})
    layer.transferFrom(*args)
    assert layer.balanceOf(heir) == 7
    assert layer.allowance(reinsurer, reinsurer) == 3


@pytest.mark.parametrize("amount", [11, 12, ENDLESS])
def test_transfer_from__above_the_allowance__reverts(
    layer, held, reinsurer, buyer, heir, outsider, amount
):
    layer.approve(buyer, 10, {"from": reinsurer})
    error = "layer: above the allowance"
    refuses(error, layer.transferFrom, reinsurer, heir, amount, {"from": buyer})
    refuses(error, layer.transferFrom, reinsurer, heir, 1, {"from": outsider})


def test_transfer_from__above_the_balance__reverts(layer, held, reinsurer, buyer, heir):
    layer.approve(buyer, ENDLESS, {"from": reinsurer})
    args = (reinsurer, heir, 200 * 10**16 + 1, {"from": buyer})
    refuses("layer: above the balance", layer.transferFrom, *args)


def test_transfer_from__receiver_is_the_zero_address__reverts(layer, held, reinsurer, buyer):
    layer.approve(buyer, 1, {"from": reinsurer})
    args = (reinsurer, ZERO_ADDRESS, 1, {"from": buyer})
    refuses("layer: receiver is the zero address", layer.transferFrom, *args)
