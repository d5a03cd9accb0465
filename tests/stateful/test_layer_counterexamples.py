"""What the fuzzing of layers, or thinking about them, found: each kept as one plain story.

The mirror compares every call with the model, so a story needs few assertions of its own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from peerpool.terms import Layer, Tier

from . import endgame, promises
from .comparison import same
from .mirror import Mirror
from .scenes import (
    DONOR,
    MEMBERS,
    OUTSIDER,
    REINSURERS,
    TERMS,
    UNIT,
    claim_all_and_wait,
    enrol,
)
from .world import EIGHTEEN_DECIMALS, world

FIRST, SECOND, THIRD = REINSURERS
SMALL = Tier(41, 1000)
TWO_LAYERS = (Layer(4 * UNIT, 0), Layer(6 * UNIT, 0))


def settle(mirror: Mirror) -> None:
    mirror.pass_time(mirror.model.reporting_end)
    mirror.settle(OUTSIDER)


def lose(mirror: Mirror, amount: int) -> None:
    """Let the first member be awarded an amount, and settle the window."""
    mirror.settle_window(claim_all_and_wait(mirror, {MEMBERS[0]: amount}), OUTSIDER)


def drawn(mirror: Mirror) -> list[int]:
    return [view.drawn for view in mirror.layer_views()]


def keep_all_promises(mirror: Mirror) -> None:
    promises.keep(mirror)
    endgame.bring_to_an_end(mirror, OUTSIDER)


def test_one_unit_recovered__by_a_layer_without_shares__comes_in_by_one_call() -> None:
    """It would have been repaid to that layer again, as often as the layer had units."""
    mirror = enrol(1, (4 * UNIT, 6 * UNIT), reinsurance=TWO_LAYERS)
    lose(mirror, 50 * UNIT)
    settle(mirror)
    mirror.layers[1].redeem(SECOND, 6 * UNIT, SECOND, SECOND)
    mirror.recover(DONOR, 1, mirror.model.shortage.unpaid + 1)
    assert drawn(mirror) == [4 * UNIT, 6 * UNIT - 1]
    assert mirror.absorb_layer(2, OUTSIDER) == 1
    assert drawn(mirror) == [4 * UNIT - 1, 0]
    assert mirror.layers[0].redeem(FIRST, 4 * UNIT, FIRST, FIRST) == 1
    keep_all_promises(mirror)


@pytest.mark.spec("P6")
def test_shares_worth_nothing__withdraw_of_one_unit__is_refused() -> None:
    """They count as one unit in the arithmetic, which was somebody else's."""
    mirror = enrol(1, (4 * UNIT, 6 * UNIT), reinsurance=TWO_LAYERS)
    lose(mirror, 5 * UNIT)
    settle(mirror)
    assert mirror.layers[0].withdraw(FIRST, 1, FIRST, FIRST) is None
    assert mirror.layers[0].withdraw(FIRST, 0, FIRST, FIRST) == 0
    assert mirror.layers[1].redeem(SECOND, 6 * UNIT, SECOND, SECOND) == 6 * UNIT
    keep_all_promises(mirror)


def test_late_joiner__who_pays_in_ether__binds_reinsurance_first() -> None:
    """Ether sent along was refused by a function of the same pool that takes none."""
    layers = (Layer(4 * UNIT, UNIT),)
    changes = {"enrolment_end": TERMS.expiry, "reinsurance": layers, "max_cession_bps": 5000}
    mirror = enrol(1, (3 * UNIT,), **changes)
    mirror.join(MEMBERS[1], MEMBERS[1])
    # half of one premium, though by now there are two
    assert mirror.layer_views()[0].ceded == UNIT // 2
    keep_all_promises(mirror)


@pytest.mark.spec("R7")
def test_layer_that_was_repaid__pays_again__until_the_pool_is_settled() -> None:
    """Awards, then layers from above, then funds are where money goes that comes in."""
    mirror = enrol(2, (4 * UNIT, 6 * UNIT), reinsurance=TWO_LAYERS)
    lose(mirror, 15 * UNIT)
    assert (drawn(mirror), mirror.summary().unpaid) == ([4 * UNIT, 6 * UNIT], 3 * UNIT)
    mirror.donate(DONOR, 8 * UNIT)
    assert (drawn(mirror), mirror.summary().unpaid) == ([4 * UNIT, UNIT], 0)
    lose(mirror, 2 * UNIT)
    assert drawn(mirror) == [4 * UNIT, 3 * UNIT]
    settle(mirror)
    mirror.recover(DONOR, 1, 8 * UNIT)
    assert (drawn(mirror), mirror.summary().funds) == ([0, 0], UNIT)
    keep_all_promises(mirror)


@pytest.mark.spec("R14")
def test_layers_that_ask_more_than_the_cap__share_it_rounded_down() -> None:
    """What rounding leaves stays in the funds."""
    layers = (Layer(100, 70), Layer(3, 2), Layer(10, 9))
    mirror = enrol(1, (50, 3, 0), reinsurance=layers, max_cession_bps=1)
    mirror.bind_reinsurance(OUTSIDER)
    assert [view.ceded for view in mirror.layer_views()] == [35, 2, 0]
    small = enrol(1, (50, 3, 0), reinsurance=layers, max_cession_bps=5000, tiers=(SMALL,))
    small.bind_reinsurance(OUTSIDER)
    # 20 between 35 and 2
    assert [view.ceded for view in small.layer_views()] == [18, 1, 0]
    assert small.summary().funds == 41 - 19
    keep_all_promises(small)


def test_last_one_out__gets_what_rounding_left_to_the_layer() -> None:
    """Shares that two sold and one bought back, of a layer that lost a third and earned a bit."""
    mirror = enrol(1, (1000,), tiers=(SMALL,), reinsurance=(Layer(1000, 7),), max_cession_bps=5000)
    layer = mirror.layers[0]
    layer.transfer(FIRST, SECOND, 333)
    layer.approve(FIRST, OUTSIDER, 334)
    layer.transfer_from(OUTSIDER, FIRST, THIRD, 334)
    lose(mirror, 300)
    settle(mirror)
    total = mirror.layer_views()[0].assets
    paid = [
        layer.redeem(who, layer.model.balances[who], who, who) for who in (FIRST, SECOND, THIRD)
    ]
    assert sum(paid) == total
    assert paid == sorted(paid)
    keep_all_promises(mirror)


def test_blocked_layer_and_blocked_reinsurers__stop_no_award() -> None:
    """A token's issuer can keep a reinsurer from its money, nobody else from theirs."""
    asset = world().asset_address(EIGHTEEN_DECIMALS)
    mirror = enrol(1, (4 * UNIT, 6 * UNIT), asset=asset, reinsurance=TWO_LAYERS)
    for account in (FIRST, SECOND, *(layer.contract.address for layer in mirror.layers)):
        mirror.world.set_refusing(account, True)
    lose(mirror, 9 * UNIT)
    assert mirror.pay_award(1, OUTSIDER) is None
    assert mirror.model.received[MEMBERS[0]] == 9 * UNIT
    settle(mirror)
    assert mirror.layers[1].redeem(SECOND, 6 * UNIT, SECOND, SECOND) is None
    assert mirror.layers[1].redeem(SECOND, 6 * UNIT, THIRD, SECOND) == 2 * UNIT
    keep_all_promises(mirror)


@pytest.mark.spec("P6", "R19")
def test_cancelled_pool__gives_collateral_back__whole_and_without_premium() -> None:
    """Nothing is ceded for cover that never began."""
    layers = (Layer(4 * UNIT, UNIT),)
    mirror = enrol(1, (3 * UNIT,), min_members=2, reinsurance=layers, max_cession_bps=5000)
    mirror.bind_reinsurance(OUTSIDER)
    assert mirror.layers[0].withdraw(FIRST, 3 * UNIT, FIRST, FIRST) == 3 * UNIT
    keep_all_promises(mirror)


def test_deposit_of_more_than_there_is__is_refused_in_words() -> None:
    """A sum that overflowed said nothing."""
    asset = world().asset_address(EIGHTEEN_DECIMALS)
    world().reset()
    mirror = Mirror(world(), replace(TERMS, asset=asset, reinsurance=TWO_LAYERS))
    layer = mirror.layers[0]
    assert layer.deposit(FIRST, 2**256 - 1, FIRST) is None
    assert layer.mint(FIRST, 2**256 - 1, FIRST) is None
    assert layer.deposit(FIRST, 4 * UNIT, FIRST) == 4 * UNIT
    keep_all_promises(mirror)


@pytest.mark.spec("P6")
def test_deposit_of_nothing__asks_nothing_of_a_token() -> None:
    """Some tokens refuse a transfer of nothing, or of somebody whom they block."""
    asset = world().asset_address(EIGHTEEN_DECIMALS)
    world().reset()
    mirror = Mirror(world(), replace(TERMS, asset=asset, reinsurance=TWO_LAYERS))
    world().set_refusing(FIRST, True)
    assert mirror.layers[0].deposit(FIRST, 0, FIRST) == 0
    assert mirror.layers[0].deposit(FIRST, 1, FIRST) is None
    keep_all_promises(mirror)


def test_own_shares__taken_by_allowance__use_it_up() -> None:
    """As with any ERC-20; redeeming one's own needs none."""
    mirror = enrol(1, (4 * UNIT,), reinsurance=TWO_LAYERS)
    layer = mirror.layers[0]
    assert layer.transfer_from(FIRST, FIRST, SECOND, UNIT) is None
    layer.approve(FIRST, FIRST, UNIT)
    assert layer.transfer_from(FIRST, FIRST, SECOND, UNIT)
    same(layer.contract.view("allowance", FIRST, FIRST), 0)
    settle(mirror)
    assert layer.redeem(FIRST, 3 * UNIT, FIRST, FIRST) == 3 * UNIT
    keep_all_promises(mirror)
