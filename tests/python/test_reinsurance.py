"""peerpool.reinsurance: figures worked out by hand, and how people read them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerpool import reinsurance
from peerpool.reinsurance import BAR, HEADS, cession, least_premiums, prospect
from peerpool.terms import Layer, Terms, Tier
from peerpool.units import Asset
from tests.python.pool_story import ASSET, TERMS, UNIT, role

LAYERS = (
    Layer(800 * UNIT, 72 * UNIT),
    Layer(1500 * UNIT, 75 * UNIT),
    Layer(2000 * UNIT, 40 * UNIT),
)
REINSURED = replace(
    TERMS,
    reinsurance=LAYERS,
    max_cession_bps=2000,
    min_members=5,
    tiers=(Tier(120 * UNIT, 1500 * UNIT), Tier(60 * UNIT, 700 * UNIT)),
)
ENROLLING, CANCELLED, ACTIVE, RUN_OFF, SETTLED = range(5)


def tower(
    phase: int,
    filled: tuple[int, ...],
    drawn: tuple[int, ...] = (0, 0, 0),
    ceded: tuple[int, ...] = (0, 0, 0),
    *,
    funds: int = 700,
    members: int = 6,
    unbound: bool = False,
    terms: Terms = REINSURED,
    asset: Asset = ASSET,
) -> reinsurance.Tower:
    """A tower from what a pool would say; amounts in whole tokens."""
    rows = [
        {
            "shares": role(f"layer {number}"),
            "limit": layer.limit,
            "premium": layer.premium,
            "filled": f * UNIT,
            "drawn": d * UNIT,
            "ceded": c * UNIT,
            "assets": (f - d + c) * UNIT,
        }
        for number, (layer, f, d, c) in enumerate(
            zip(terms.reinsurance, filled, drawn, ceded, strict=True), start=1
        )
    ]
    summary: dict[str, Any] = {
        "phase": phase,
        "members": members,
        "premiums": members * 120 * UNIT,
        "funds": funds * UNIT,
        "unbound": unbound or (phase == ENROLLING and any(filled)),
    }
    return reinsurance.build(role("pool"), terms, asset, summary, rows)


def test_cession__within_the_cap__is_in_proportion_to_what_is_filled():
    filled = (800 * UNIT, 1000 * UNIT, 0)
    assert cession(LAYERS, filled, 720 * UNIT, 2000) == [72 * UNIT, 50 * UNIT, 0]


def test_cession__above_the_cap__is_cut_in_proportion():
    filled = (800 * UNIT, 1000 * UNIT, 0)  # 122 due, 720 * 10 % = 72 at most
    due = cession(LAYERS, filled, 720 * UNIT, 1000)
    assert due == [42_491_803, 29_508_196, 0]  # 72 * 72 / 122, 50 * 72 / 122


def test_cession__at_the_cap__is_not_cut():
    assert cession(LAYERS[:1], (800 * UNIT,), 720 * UNIT, 1000) == [72 * UNIT]


def test_cession__nothing_filled_or_no_layers():
    assert cession(LAYERS, (0, 0, 0), 720 * UNIT, 2000) == [0, 0, 0]
    assert cession((), (), 720 * UNIT, 0) == []


@given(
    premiums=st.integers(1, 10**30),
    bps=st.integers(0, 5000),
    layers=st.lists(
        st.tuples(st.integers(1, 2**100), st.floats(0, 0.99), st.floats(0, 1)),
        min_size=1,
        max_size=4,
    ),
)
def test_cession__is_never_more_than_the_cap_nor_than_the_terms(premiums, bps, layers):
    terms = [Layer(limit, int(limit * part)) for limit, part, _ in layers]
    filled = [min(int(limit * part), limit) for limit, _, part in layers]
    due = cession(terms, filled, premiums, bps)
    assert sum(due) <= premiums * bps // 10_000
    for layer, f, c in zip(terms, filled, due, strict=True):
        assert 0 <= c * layer.limit <= layer.premium * f


def test_least_premiums__fewest_members_in_the_cheapest_tier():
    assert least_premiums(REINSURED) == 5 * 60 * UNIT


def test_build__enrolling():
    found = tower(ENROLLING, (800, 1000, 0))
    attachments = [row.attachment for row in found.rows]
    assert attachments == [578 * UNIT, 1378 * UNIT, 2378 * UNIT]  # 122 will be ceded
    assert [row.left for row in found.rows] == [800 * UNIT, 1000 * UNIT, 0]
    assert [row.rate_on_line_bps for row in found.rows] == [900, 500, 200]
    assert (found.collectable, found.per_member) == (2378 * UNIT, 396_333_333)
    assert found.expected == (72 * UNIT, 50 * UNIT, 0)
    # 187 due to full layers, of 300 in premiums 60 at most
    assert found.least == (23_101_604, 24_064_171, 12_834_224)
    assert found.least_in_all == 60 * UNIT


def test_build__least_premium_is_what_the_terms_say_where_the_cap_is_far():
    found = tower(ENROLLING, (0, 0, 0), terms=replace(REINSURED, min_members=20))
    assert found.least == (72 * UNIT, 75 * UNIT, 40 * UNIT)
    assert found.least_in_all == 187 * UNIT


def test_build__bound_and_drawn__counts_from_what_there_is_now():
    found = tower(ACTIVE, (800, 1000, 0), (800, 570, 0), (60, 40, 0), funds=0)
    assert [row.attachment for row in found.rows] == [0, 0, 430 * UNIT]
    assert [row.left for row in found.rows] == [0, 430 * UNIT, 0]
    assert [row.rate_on_line_bps for row in found.rows] == [750, 400, 200]
    assert found.expected == (60 * UNIT, 40 * UNIT, 0)
    assert found.collectable == 430 * UNIT


def test_build__active_and_not_bound_yet__counts_as_ceded_what_will_be():
    found = tower(ACTIVE, (800, 1000, 0), unbound=True)
    assert found.rows[0].attachment == 578 * UNIT
    assert found.expected == (72 * UNIT, 50 * UNIT, 0)
    assert found.rows[0].rate_on_line_bps == 900


@pytest.mark.parametrize("phase", [CANCELLED, SETTLED])
def test_build__over__nothing_is_left_to_pay(phase):
    found = tower(phase, (800, 1000, 0), unbound=phase == CANCELLED)
    assert [row.left for row in found.rows] == [0, 0, 0]
    assert (found.collectable, found.per_member) == (0, 0)
    assert found.expected == (0, 0, 0)


def test_build__nobody_joined_yet():
    assert tower(ENROLLING, (0, 0, 0), funds=0, members=0).per_member == 0


def test_prospect__as_things_stand_at_least_and_at_most():
    found = prospect(REINSURED, tower(ENROLLING, (300, 1000, 0)), 1, 500 * UNIT)
    assert (found.amount, found.earns, found.most) == (500 * UNIT, 45 * UNIT, 45 * UNIT)
    assert found.least == 14_438_502  # 500 / 800 of 60 * 72 / 187
    assert found.attachment == (700 - 72 - 50) * UNIT
    assert found.begins == TERMS.cover_start
    assert found.ends == TERMS.expiry + TERMS.reporting_period


def test_prospect__nobody_joined_yet__earns_nothing_as_things_stand():
    assert prospect(REINSURED, tower(ENROLLING, (0, 0, 0), members=0), 1, 1).earns == 0


def test_table__the_highest_layer_on_top():
    found = reinsurance.table(tower(ACTIVE, (800, 1000, 0), (800, 570, 0), (72, 50, 0), funds=0))
    assert {len(row) for row in found} == {len(HEADS)}
    assert found[0][:8] == ("3", "430", "2 000", "0", "0", "0", "0", "2 %")
    assert found[1][:8] == ("2", "0", "1 500", "1 000", "570", "430", "50", "5 %")
    assert found[2][:8] == ("1", "0", "800", "800", "800", "0", "72", "9 %")
    assert [row[8] for row in found] == ["··········", "███▒▒▒▒···", "▒▒▒▒▒▒▒▒▒▒"]


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_bar__is_always_as_long_and_shows_whatever_was_paid(limit, filled, drawn):
    terms = replace(REINSURED, reinsurance=(Layer(1000 * UNIT, 0),))
    filled, drawn = min(filled, 1000), min(drawn, filled)
    [row] = tower(ACTIVE, (filled,), (drawn,), (0,), terms=terms).rows
    bar = reinsurance.bar(row)
    assert len(bar) == BAR
    assert ("▒" in bar) == (drawn > 0)
    assert ("·" in bar) == (-(-BAR * filled // 1000) < BAR)


def test_bar__once_over__nothing_is_left():
    [row, *_] = tower(SETTLED, (800, 0, 0), (200, 0, 0)).rows
    assert reinsurance.bar(row) == "▒▒▒·······"


def test_notes__what_can_be_collected():
    assert reinsurance.notes(tower(ENROLLING, (800, 1000, 0))) == [
        "enrolling, 6 members, 700 EURX in the funds",
        "collectable: 2 378 EURX, 396.333333 EURX a member",
        "premium: 60 EURX at least to full layers, with the fewest members",
    ]
    assert len(reinsurance.notes(tower(ACTIVE, (800, 1000, 0)))) == 2
    one = reinsurance.notes(tower(ENROLLING, (800, 0, 0), members=1))
    assert one[0] == "enrolling, 1 member, 700 EURX in the funds"
    nobody = reinsurance.notes(tower(ENROLLING, (800, 0, 0), members=0, funds=0))
    assert nobody[1] == "collectable: 800 EURX"


def test_notes__settled():
    found = tower(SETTLED, (800, 1000, 0), (800, 220, 0), (72, 50, 0), funds=0)
    assert reinsurance.notes(found)[1] == "nothing is left to pay; shares are worth 902 EURX"


def test_as_tree__amounts_are_strings():
    tree = reinsurance.as_tree(tower(ACTIVE, (800, 1000, 0), (0, 0, 0), (72, 50, 0)))
    assert tree["phase"] == "active"
    assert tree["asset"] == {"address": ASSET.address, "symbol": "EURX", "decimals": 6}
    assert tree["collectable"] == "2500000000"
    assert tree["least_premium"] == "60000000"
    assert tree["layers"][1] == {
        "layer": 2,
        "shares": role("layer 2"),
        "attachment": "1500000000",
        "limit": "1500000000",
        "filled": "1000000000",
        "drawn": "0",
        "left": "1000000000",
        "premium": "75000000",
        "ceded": "50000000",
        "expected": "50000000",
        "least": "24064171",
        "assets": "1050000000",
        "rate_on_line_bps": 500,
    }


def test_told__a_deposit_in_words():
    outlook = prospect(REINSURED, tower(ENROLLING, (0, 0, 0)), 2, 1000 * UNIT)
    assert reinsurance.told(outlook, ASSET) == [
        ("earns", "50 EURX of the premiums, if all stays as it is"),
        ("", "16.04278 EURX with the fewest members and every layer full"),
        ("", "50 EURX at most"),
        ("can lose", "1 000 EURX: all of it"),
        ("pays", "for losses above 650 EURX, if all stays as it is"),
    ]
