"""Shares of a layer are a plain ERC-20, in every phase."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attacks.arena import OUTSIDER, ZERO
from tests.evm.signing import address_of

from .steps import HOLDERS, layer
from .test_erc4626 import INFINITE, SETTINGS, SPENDER, in_each, part, people, refused, worlds
from .worlds import CLOSED, ENROLLING, ETHER, OPEN, Story, World, world

HELD = ENROLLING[1:] + CLOSED + OPEN
BUYER = address_of(60)


@pytest.mark.spec("T13")
@settings(SETTINGS, max_examples=15)
@given(w=worlds(HELD), owner=st.sampled_from(HOLDERS), buyer=people, data=st.data())
def test_transfer__moves_shares_and_nothing_else(
    w: World, owner: str, buyer: str, data: st.DataObject
) -> None:
    """To oneself too; of nothing too."""
    before = {person: w.shares(person) for person in {owner, buyer}}
    totals, money = w.totals(), w.arena.balance(w.pool.address)
    amount = part(data, before[owner])
    result = w.layer.send("transfer", buyer, amount, sender=owner)
    assert result.value is True
    before[owner] -= amount
    before[buyer] += amount
    assert {person: w.shares(person) for person in before} == before
    assert w.totals() == totals
    assert w.arena.balance(w.pool.address) == money
    (told,) = result.events
    assert told.name == "Transfer"
    assert told.args == {"sender": owner, "receiver": buyer, "amount": amount}


@settings(SETTINGS, max_examples=15)
@given(
    w=worlds(HELD),
    owner=st.sampled_from(HOLDERS),
    spare=st.sampled_from([0, 1, 10**30, INFINITE]),
    data=st.data(),
)
def test_transfer_from__uses_up_the_allowance_unless_it_is_infinite(
    w: World, owner: str, spare: int, data: st.DataObject
) -> None:
    amount = part(data, w.shares(owner))
    allowance = min(amount + spare, INFINITE)
    approval = w.layer.send("approve", SPENDER, allowance, sender=owner)
    assert approval.value is True
    (told,) = approval.events
    assert told.name == "Approval"
    assert told.args == {"owner": owner, "spender": SPENDER, "amount": allowance}
    moved = w.layer.send("transferFrom", owner, BUYER, amount, sender=SPENDER)
    assert moved.value is True
    assert [e.args for e in moved.events if e.name == "Transfer"] == [
        {"sender": owner, "receiver": BUYER, "amount": amount}
    ]
    left = INFINITE if allowance == INFINITE else allowance - amount
    assert w.layer.view("allowance", owner, SPENDER) == left
    assert w.shares(BUYER) == amount


@in_each(HELD)
def test_more_than_there_is__is_refused_word_for_word(asset: str, story: Story) -> None:
    w = world(asset, story)
    owner = HOLDERS[0]
    has = w.shares(owner)
    w.layer.send("approve", SPENDER, INFINITE, sender=owner)
    for over in (1, 2**128, INFINITE - has):
        assert refused(w, owner, "transfer", BUYER, has + over) == "layer: above the balance"
        reason = refused(w, SPENDER, "transferFrom", owner, BUYER, has + over)
        assert reason == "layer: above the balance"
    for function, sender, *args in (
        ("transfer", owner, ZERO, has),
        ("transferFrom", SPENDER, owner, ZERO, has),
    ):
        assert refused(w, sender, function, *args) == "layer: receiver is the zero address"


@in_each(HELD)
def test_without_an_allowance__nobody_moves_another_s_shares(asset: str, story: Story) -> None:
    w = world(asset, story)
    owner = HOLDERS[0]
    has = w.shares(owner)
    for spender in (OUTSIDER, w.layer.address, w.pool.address):
        reason = refused(w, spender, "transferFrom", owner, spender, has)
        assert reason == "layer: above the allowance"
    w.layer.send("approve", SPENDER, has - 1, sender=owner)
    reason = refused(w, SPENDER, "transferFrom", owner, SPENDER, has)
    assert reason == "layer: above the allowance"


def test_allowance_changed_under_a_spender__the_sum_of_both_can_be_spent_and_no_more() -> None:
    """The race of ERC-20's approve is that of every ERC-20; what it can cost is both allowances."""
    w = world(ETHER, ENROLLING[2])
    owner = HOLDERS[2]
    w.layer.send("approve", SPENDER, 100, sender=owner)
    w.layer.send("transferFrom", owner, SPENDER, 100, sender=SPENDER)
    w.layer.send("approve", SPENDER, 40, sender=owner)
    w.layer.send("transferFrom", owner, SPENDER, 40, sender=SPENDER)
    reason = refused(w, SPENDER, "transferFrom", owner, SPENDER, 1)
    assert reason == "layer: above the allowance"
    assert w.shares(SPENDER) == 140


@pytest.mark.spec("T14")
def test_allowance_of_one_layer__is_none_of_another() -> None:
    w = world(ETHER, ENROLLING[2])
    second = layer(w.arena, 2)
    w.layer.send("approve", SPENDER, INFINITE, sender=HOLDERS[1])
    assert second.view("allowance", HOLDERS[1], SPENDER) == 0
    assert second.view("balanceOf", HOLDERS[1]) == 777
    assert w.layer.view("balanceOf", HOLDERS[1]) == 2503


@pytest.mark.parametrize("number", [1, 2])
def test_names__are_of_pool_and_number(number: int) -> None:
    w = world(ETHER, ENROLLING[0])
    one = layer(w.arena, number)
    assert one.view("name") == f"Attacked layer {number}"
    assert one.view("symbol") == f"LAYER{number}"
    assert one.view("number") == number
    assert one.view("pool") == w.pool.address
