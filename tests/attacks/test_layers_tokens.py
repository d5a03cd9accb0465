"""Layers over tokens that are not what they should be."""

from __future__ import annotations

import pytest

from tests.attacks.arena import OUTSIDER, Arena
from tests.evm.chain import Reverted
from tests.layers.steps import (
    HOLDERS,
    MEMBERS,
    ROUND,
    audit,
    deposit,
    join_all,
    layer,
    open_tower,
    picture,
    redeem_all,
    settle,
)

HOLDER = HOLDERS[0]


@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_token_that_takes_a_fee__is_not_taken(a: Arena, function: str) -> None:
    a.use_token("TokenThatTakesAFee")
    a.create(**ROUND)
    with pytest.raises(Reverted, match="token: received another amount"):
        deposit(a, 1000, function=function)
    assert layer(a).view("totalSupply") == 0
    # too little for a fee
    deposit(a, 99, function=function)
    audit(a)


@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_token_that_returns_false__is_not_believed(a: Arena, function: str) -> None:
    token = a.use_token("TokenThatReturnsFalse")
    a.create(**ROUND)
    token.send("fail", True, sender=OUTSIDER)
    with pytest.raises(Reverted, match="token: transfer failed"):
        deposit(a, 1000, function=function)
    token.send("fail", False, sender=OUTSIDER)
    with pytest.raises(Reverted, match="token: transfer failed"):
        layer(a).send(function, 1001, HOLDER, sender=HOLDER)
    deposit(a, 1000, function=function)
    audit(a)


@pytest.mark.spec("T9")
def test_token_that_returns_false__leaves_shares_with_their_owner(a: Arena) -> None:
    token = a.use_token("TokenThatReturnsFalse")
    open_tower(a)
    a.start()
    settle(a)
    token.send("fail", True, sender=OUTSIDER)
    before = picture(a)
    for function in ("withdraw", "redeem"):
        with pytest.raises(Reverted, match="layer: transfer failed"):
            layer(a).send(function, 100, HOLDER, HOLDER, sender=HOLDER)
    assert picture(a) == before
    token.send("fail", False, sender=OUTSIDER)
    assert redeem_all(a, holders=(HOLDER,)) == [2200]


def test_token_that_returns_nothing__is_taken_and_given(a: Arena) -> None:
    """USDT."""
    a.use_token("TokenThatReturnsNothing")
    open_tower(a)
    a.start()
    a.award(MEMBERS[0], 2750 + 100, list(MEMBERS))
    settle(a)
    assert redeem_all(a, holders=(HOLDER,)) == [2100]
    assert a.balance(HOLDER) == 2100
    audit(a)


def test_token_that_pauses__delays_reinsurers_and_no_draw(a: Arena) -> None:
    token = a.use_token("TokenThatPauses")
    open_tower(a)
    shares = layer(a)
    a.start()
    token.send("pause", True, sender=OUTSIDER)
    a.by_anyone("bind_reinsurance")
    a.award(MEMBERS[0], 2750 + 2500, list(MEMBERS))
    assert a.pool.view("credit_of", MEMBERS[0]) == 5250
    assert [a.pool.view("layer", n).drawn for n in (1, 2)] == [2000, 500]
    settle(a)
    with pytest.raises(Reverted, match="layer: transfer failed"):
        shares.send("redeem", 2000, HOLDER, HOLDER, sender=HOLDER)
    assert shares.view("balanceOf", HOLDER) == 2000
    token.send("pause", False, sender=OUTSIDER)
    assert redeem_all(a, holders=(HOLDER,)) == [200]
    a.pool.send("withdraw", MEMBERS[0], sender=MEMBERS[0])
    audit(a)


def test_pool_that_is_blocked__turns_awards_into_credits_and_keeps_the_books(a: Arena) -> None:
    token = a.use_token("TokenThatBlocks")
    open_tower(a)
    a.start()
    token.send("block", a.pool.address, True, sender=OUTSIDER)
    a.award(MEMBERS[0], 2750 + 2500, list(MEMBERS))
    assert a.pool.view("credit_of", MEMBERS[0]) == 5250
    assert [a.pool.view("layer", n).drawn for n in (1, 2)] == [2000, 500]
    audit(a)


@pytest.mark.parametrize("amount", [2001, 2**127, 2**255 - 10**6, 2**255])
@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_token_with_a_huge_supply__overflows_nothing(a: Arena, function: str, amount: int) -> None:
    a.use_token()
    a.create(**ROUND)
    join_all(a)
    a.stray(2**254)
    with pytest.raises(Reverted, match="layer: above its limit"):
        deposit(a, amount, function=function)
    assert layer(a).view("totalSupply") == 0
