"""Inflation, donations and stray money: what is sent to a layer or its pool moves no price.

The first deposit of an ERC-4626 vault as a trap: OpenZeppelin's "inflation attack" (issue 3706),
Hundred Finance 2023, Sonne 2024.
"""

from __future__ import annotations

import pytest

from tests.attacks.arena import OUTSIDER, Arena
from tests.evm.chain import Reverted
from tests.layers.steps import (
    HOLDERS,
    ROUND,
    audit,
    deposit,
    join_all,
    layer,
    open_tower,
    picture,
    recover,
    redeem_all,
    settle,
)

THIEF, VICTIM, OTHER = HOLDERS


def send_stray(a: Arena, account: str, amount: int) -> None:
    """Money that nobody has asked for: a transfer of tokens, or what a selfdestruct leaves."""
    if a.token:
        a.token.send("mint", OUTSIDER, amount, sender=OUTSIDER)
        a.token.send("transfer", account, amount, sender=OUTSIDER)
    else:
        a.chain.give(OUTSIDER, amount)
        a.mock("ForceSender").send("force", account, sender=OUTSIDER, value=amount)


@pytest.mark.spec("M2", "T12")
@pytest.mark.parametrize("to", ["layer", "pool", "other layer"])
def test_stray_money__changes_no_figure_in_any_phase(both: Arena, to: str) -> None:
    a = both
    open_tower(a)
    target = {
        "layer": layer(a).address,
        "other layer": layer(a, 2).address,
        "pool": a.pool.address,
    }[to]

    def steps() -> list[tuple]:
        seen = [picture(a)]
        a.start()
        a.by_anyone("bind_reinsurance")
        seen.append(picture(a))
        a.award("0x" + a.pool.view("member_at", 1)[2:], 3500, [a.pool.view("member_at", 2)])
        seen.append(picture(a))
        settle(a)
        seen.append(picture(a))
        seen.append((layer(a).view("previewRedeem", 700), layer(a).view("maxWithdraw", THIEF)))
        return seen

    begin = a.chain.snapshot()
    clean = steps()
    a.chain.revert(begin)
    send_stray(a, target, 12_345)
    assert steps() == clean
    audit(a)


@pytest.mark.spec("T12")
def test_tokens_sent_to_a_layer__go_on_to_the_pool_as_a_donation(a: Arena) -> None:
    a.use_token()
    open_tower(a)
    shares = layer(a)
    send_stray(a, shares.address, 70)
    assert shares.send("absorb", sender=OUTSIDER).value == 70
    before = picture(a)
    with pytest.raises(Reverted, match="absorb: nothing stray"):
        shares.send("absorb", sender=OUTSIDER)
    a.start()
    assert picture(a)[1][:3] == before[1][:3]
    funds = a.summary().funds
    assert a.by_anyone("absorb").value == 70
    assert a.summary().funds == funds + 70
    audit(a)


def test_ether_forced_on_a_layer__moves_nothing(a: Arena) -> None:
    open_tower(a)
    shares = layer(a)
    send_stray(a, shares.address, 70)
    before = picture(a)
    with pytest.raises(Reverted, match="absorb: nothing stray"):
        shares.send("absorb", sender=OUTSIDER)
    assert picture(a) == before


@pytest.mark.spec("M17")
def test_plain_ether__is_refused_by_a_layer(both: Arena) -> None:
    """Nobody deposits by mistake what could never be redeemed."""
    a = both
    open_tower(a)
    a.chain.give(OUTSIDER, 1)
    for target in (layer(a).address, a.layer_implementation.address):
        for data in (b"", b"\0", b"\xff" * 4):
            with pytest.raises(Reverted):
                a.chain.transact(OUTSIDER, target, data, 1)


def test_donation__before_settlement_repays_what_was_drawn_and_no_more(both: Arena) -> None:
    """Nobody can lift the price above collateral and premium; it is the members' from there on."""
    a = both
    open_tower(a)
    a.start()
    a.award(a.pool.view("member_at", 1), 2750 + 500, [a.pool.view("member_at", 2)])
    assert layer(a).view("totalAssets") == 2000 - 500 + 200
    a.donate(10_000)
    assert layer(a).view("totalAssets") == 2200
    assert layer(a, 2).view("totalAssets") == 1050
    assert a.summary().funds == 9500
    audit(a)


@pytest.mark.parametrize("sink", ["pool", "layer", "other layer"])
def test_shares_sent_away__hurt_their_sender_alone(both: Arena, sink: str) -> None:
    a = both
    a.create(**ROUND)
    join_all(a)
    deposit(a, 500, THIEF)
    deposit(a, 1500, VICTIM)
    target = {
        "pool": a.pool.address,
        "layer": layer(a).address,
        "other layer": layer(a, 2).address,
    }[sink]
    shares = layer(a)
    shares.send("transfer", target, 500, sender=THIEF)
    a.start()
    settle(a)
    assert redeem_all(a, holders=(VICTIM,)) == [1650]
    assert a.refusal("absorb_layer", 1) == "layer: has shares"
    assert a.pool.view("layer", 1).assets == 550
    # members' refunds do not wait for them
    assert a.by_anyone("refund_many", 1, 3).value == 2799
    audit(a)


@pytest.mark.spec("T18")
def test_shares_of_a_vacant_layer__cannot_be_had_for_dust(both: Arena) -> None:
    """Everybody has redeemed, money comes back: there is no deposit that could catch it."""
    a = both
    open_tower(a)
    a.start()
    a.award(a.pool.view("member_at", 1), 2750 + 3000, [a.pool.view("member_at", 2)])
    settle(a)
    assert redeem_all(a, holders=(THIEF,)) == [200]
    assert redeem_all(a, 2, holders=(THIEF,)) == [50]
    recover(a, 1000 + 600)
    for function in ("deposit", "mint"):
        with pytest.raises(Reverted, match="layer: deposits are over"):
            deposit(a, 1, THIEF, function=function)
    # 1000 to layer 2 and 600 to layer 1, and nobody has a share of either
    assert [a.pool.view("layer", n).assets for n in (1, 2)] == [600, 1000]
    audit(a)
