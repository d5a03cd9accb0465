"""Towers of any shape: what each layer got, paid and is worth, by rules 15 to 17 word for word."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerpool.terms import Layer, Tier
from tests.attacks.arena import arena

from .steps import (
    HOLDERS,
    MEMBERS,
    assets,
    audit,
    deposit,
    drawn,
    join_all,
    layer,
    recover,
    redeem_all,
    settle,
)
from .test_erc4626 import SETTINGS

PREMIUMS = 3000


@st.composite
def rows(draw: st.DrawFn) -> tuple[tuple[Layer, int], ...]:
    """One to four layers, and how much of each is filled."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        limit = draw(st.integers(1, 5000))
        premium = draw(st.integers(0, limit - 1))
        made.append((Layer(limit, premium), draw(st.integers(0, limit))))
    return tuple(made)


@pytest.mark.spec("R4", "R14")
@settings(SETTINGS, max_examples=10)
@given(
    tower=rows(),
    cap=st.integers(1, 5000),
    loss=st.fractions(0, 1),
    back=st.fractions(0, 1),
    with_token=st.booleans(),
)
def test_tower__pays_and_is_worth_what_the_rules_say(
    tower: tuple[tuple[Layer, int], ...],
    cap: int,
    loss: Fraction,
    back: Fraction,
    with_token: bool,
) -> None:
    a = arena()
    a.reset()
    if with_token:
        a.use_token()
    a.create(
        tiers=(Tier(1000, 50_000),),
        reinsurance=tuple(row for row, _ in tower),
        max_cession_bps=cap,
    )
    join_all(a)
    filled = [amount for _, amount in tower]
    for number, amount in enumerate(filled, 1):
        deposit(a, amount, HOLDERS[0], number)
    a.start()
    a.refusal("bind_reinsurance")
    # rule 16
    wanted = [floor(Fraction(row.premium * amount, row.limit)) for row, amount in tower]
    most = floor(Fraction(PREMIUMS * cap, 10_000))
    ceded = wanted
    if sum(wanted) > most:
        ceded = [floor(Fraction(want * most, sum(wanted))) for want in wanted]
    assert [a.pool.view("layer", n).ceded for n in range(1, len(tower) + 1)] == ceded
    # rule 15
    funds = PREMIUMS - sum(ceded)
    paid = floor(loss * (funds + sum(filled)))
    came_back = floor(back * paid)
    if paid:
        a.award(MEMBERS[0], paid, list(MEMBERS))
        if came_back:
            recover(a, came_back)
    total = max(max(paid - funds, 0) - came_back, 0)
    below = [sum(filled[:index]) for index in range(len(filled))]
    expected = [min(max(total - low, 0), own) for low, own in zip(below, filled, strict=True)]
    assert (a.summary().drawn, drawn(a)) == (total, expected)
    settle(a)
    # rule 17
    worth = [own - lost + got for own, lost, got in zip(filled, expected, ceded, strict=True)]
    assert assets(a) == worth
    for number, (own, amount) in enumerate(zip(filled, worth, strict=True), 1):
        if own:
            third = floor(Fraction(own // 3 * amount, own))
            shares = layer(a, number)
            arguments = (own // 3, HOLDERS[1], HOLDERS[0])
            assert shares.send("redeem", *arguments, sender=HOLDERS[0]).value == third
            assert redeem_all(a, number, HOLDERS[:1]) == [amount - third]
    assert assets(a) == [0] * len(tower)
    audit(a)
