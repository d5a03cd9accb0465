"""Allowances for shares."""

import pytest

from .moves import moves


@pytest.mark.parametrize("amount", [0, 1, 2**256 - 1])
def test_approve(layer, reinsurer, buyer, amount):
    """Also by who has no shares yet."""
    assert layer.approve.call(buyer, amount, {"from": reinsurer}) is True
    receipt = layer.approve(buyer, amount, {"from": reinsurer})
    assert moves(receipt, layer, "Approval") == [
        {"owner": reinsurer, "spender": buyer, "amount": amount}
    ]
    assert layer.allowance(reinsurer, buyer) == amount
    assert layer.allowance(buyer, reinsurer) == 0


def test_approve__replaces_the_one_before(layer, reinsurer, buyer):
    for amount in (100, 7):
        layer.approve(buyer, amount, {"from": reinsurer})
    assert layer.allowance(reinsurer, buyer) == 7


def test_approve__each_layer_by_itself(stage, layer, reinsurer, buyer):
    layer.approve(buyer, 100, {"from": reinsurer})
    assert stage.layer(2).allowance(reinsurer, buyer) == 0
