"""Refunds: of every tier, of as many members as a call takes, again after more came in."""

from __future__ import annotations

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import Arena
from tests.evm.chain import Reverted
from tests.evm.signing import address_of
from tests.layers.steps import join_all, settle

M = [address_of(n) for n in (2, 3, 4)]


def test_refund__books_what_was_taken(a: Arena) -> None:
    a.create()
    join_all(a)
    settle(a)
    assert a.pool.view("member", M[0])[4:6] == (0, 0)
    a.by_anyone("refund", M[0])
    assert a.pool.view("member", M[0])[4:6] == (0, 1000)
    assert a.refusal("refund", M[0]) == "refund: nothing due"
    assert a.refusal("refund_many", 1, 501) == "refund: more than 500"
    assert a.by_anyone("refund_many", 4, 1).value == 0


def test_refund_many__of_as_many_as_one_call_takes(a: Arena) -> None:
    """A roster of more than 500 with nearly all gone again, so that a transaction can do it."""
    a.create(max_members=501)
    for number in range(1000, 1501):
        a.pool.send("leave", sender=a.join(number)) if number % 100 else a.join(number)
    settle(a)
    assert a.by_anyone("refund_many", 1, 500).value == 5 * 1000
    assert a.by_anyone("refund_many", 501, 500).value == 1000


def test_refund_many__of_nobody(a: Arena) -> None:
    a.create()
    join_all(a)
    settle(a)
    assert a.by_anyone("refund_many", 1, 0).value == 0
    assert a.by_anyone("refund_many", 4, 1).value == 0
    assert a.due(*M) == [1000] * 3


def test_refund_many__of_every_tier(a: Arena) -> None:
    premiums = [100 * (i + 1) for i in range(8)]
    a.create(tiers=tuple(Tier(premium, 5000) for premium in premiums))
    members = [a.join(100 + tier, tier) for tier in range(8)]
    settle(a)
    assert a.by_anyone("refund_many", 1, 8).value == sum(premiums)
    assert [a.balance(member) for member in members] == premiums


def test_cancelled_pool__gives_a_premium_back_once_and_what_strayed_in_after_it(a: Arena) -> None:
    a.create(min_members=4, fee_bps=1000)
    join_all(a)
    a.start()
    a.by_anyone("refund", M[0])
    a.stray(300)
    a.by_anyone("absorb")
    assert a.by_anyone("refund", M[0]).value == 100
    assert a.by_anyone("refund_many", 1, 3).value == 2 * 1100
    assert [a.balance(member) for member in M] == [1100] * 3
    assert a.balance(a.pool.address) == 0


def test_shared__never_more_than_the_books_can_hold(a: Arena) -> None:
    """Each time it was all refunded, so that the pots alone would hold it."""
    a.create()
    a.join(2)
    settle(a)
    a.by_anyone("refund", M[0])
    a.donate(2**126 - 2001)
    a.by_anyone("refund", M[0])
    with pytest.raises(Reverted, match="money: too much"):
        a.donate(1001)
    a.donate(1000)
    assert a.by_anyone("refund", M[0])
    assert a.balance(M[0]) == 2**126 - 1
