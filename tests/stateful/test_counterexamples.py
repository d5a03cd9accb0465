"""What the fuzzing, or thinking about it, found: each kept as one plain story.

The mirror compares every call with the model, so a story needs few assertions of its own.
"""

from __future__ import annotations

import pytest

from peerpool.terms import Tier

from . import endgame, money_promises, promises
from .scenes import (
    CAUSE,
    DAY,
    DONOR,
    MEMBERS,
    OUTSIDER,
    TERMS,
    UNIT,
    claim_all_and_wait,
    enrol,
)
from .world import CHARGING, EIGHTEEN_DECIMALS, world


@pytest.mark.spec("P6", "U4")
def test_cuts_made_up_but_for_one_unit__again_and_again__keep_their_measure() -> None:
    """A factor of 127 bits without a scale was down to 1 after two rounds of this; then nothing
    that was made up could be paid before the very last unit had come."""
    mirror = enrol(2)
    for _ in range(5):
        window = claim_all_and_wait(mirror, {MEMBERS[0]: 7 * UNIT, MEMBERS[1]: 11 * UNIT})
        mirror.settle_window(window, OUTSIDER)
        mirror.donate(DONOR, mirror.model.shortage.unpaid - 1)
    first, second = mirror.model.claims[-2:]
    window = claim_all_and_wait(mirror, {MEMBERS[0]: 6 * UNIT, MEMBERS[1]: 12 * UNIT})
    mirror.settle_window(window, OUTSIDER)
    mirror.donate(DONOR, 9 * UNIT)
    for claim in mirror.model.claims:
        mirror.pay_award(claim.id, OUTSIDER)
    third, fourth = mirror.model.claims[-2:]
    # half of the last cuts was made up: two units less, and 2**-95 of them, is what rule 14 allows
    assert 3 * UNIT - 3 <= third.paid <= 3 * UNIT
    assert 6 * UNIT - 3 <= fourth.paid <= 6 * UNIT
    assert 7 * UNIT - 3 <= first.paid <= 7 * UNIT
    assert 11 * UNIT - 3 <= second.paid <= 11 * UNIT
    endgame.bring_to_an_end(mirror, OUTSIDER)


@pytest.mark.spec("E12")
def test_surplus_that_divides_evenly__is_refunded_to_the_last_unit() -> None:
    """An index scaled by 2**96 gave each member one unit too little."""
    mirror = enrol(2, min_members=3, tiers=(Tier(UNIT + 1, 5 * UNIT), Tier(3 * UNIT + 3, 5 * UNIT)))
    mirror.add_stray_money(24 * UNIT + 32)
    mirror.absorb(OUTSIDER)
    mirror.refund_many(1, 500, OUTSIDER)
    assert mirror.summary().funds == 0


@pytest.mark.spec("X4")
def test_cancelled_pool__swept__gives_the_void_fees_too() -> None:
    """Fees and commissions of premiums that nobody fetched are in `held`, and nobody's any more."""
    mirror = enrol(
        2,
        min_members=3,
        fee_bps=500,
        commission_bps=500,
        cause=CAUSE,
        unclaimed_after=180 * DAY,
    )
    mirror.refund(MEMBERS[0], OUTSIDER)
    mirror.pass_time(mirror.terms.cover_start + 180 * DAY)
    assert mirror.sweep(OUTSIDER) == UNIT
    assert (mirror.summary().funds, mirror.summary().held) == (0, 0)


@pytest.mark.spec("M11")
def test_cancelled_pool_without_members__gives_the_cause_its_share_of_strays() -> None:
    """There is nobody to share the rest with: it stays in the funds, and divides by no zero."""
    mirror = enrol(0, cause=CAUSE, cause_bps=2500, unclaimed_after=180 * DAY)
    mirror.add_stray_money(1000)
    mirror.absorb(OUTSIDER)
    assert (mirror.summary().funds, mirror.summary().shared_at) == (750, 0)
    mirror.pass_time(mirror.terms.cover_start + 180 * DAY)
    assert mirror.sweep(OUTSIDER) == 750


@pytest.mark.spec("X3")
def test_dust_shared_late__does_not_put_off_a_sweep() -> None:
    """One unit a day would have kept the cause from the refunds for ever."""
    mirror = enrol(2, cause=CAUSE, unclaimed_after=180 * DAY)
    mirror.pass_time(mirror.model.reporting_end)
    mirror.settle(OUTSIDER)
    settled = mirror.now
    mirror.pass_time(settled + 179 * DAY)
    mirror.donate(DONOR, 1)
    assert mirror.summary().shared_at == settled
    mirror.donate(DONOR, UNIT)
    assert mirror.summary().shared_at == mirror.now


@pytest.mark.spec("M13")
def test_largest_gifts__leave_room_for_a_bond_and_for_what_is_shared_later() -> None:
    """Funds filled to the last bit kept a claim open for ever: its bond had nowhere to go."""
    mirror = enrol(2, claim_bond=UNIT)
    claim = mirror.file_claim(MEMBERS[0], UNIT, mirror.now)
    assert claim is not None
    mirror.vote(MEMBERS[1], claim, 0)
    room = 2**126 - 1 - mirror.model.funds - mirror.model.held
    mirror.add_stray_money(7)
    for amount in (room + 1, room - 7):
        mirror.recover(DONOR, claim, amount)
    mirror.absorb(OUTSIDER)
    mirror.add_stray_money(1)
    mirror.absorb(OUTSIDER)
    mirror.donate(DONOR, 1)
    assert mirror.summary().funds + UNIT == 2**126 - 1
    mirror.resolve(claim, OUTSIDER)
    mirror.pass_time(mirror.model.reporting_end)
    mirror.settle(OUTSIDER)
    mirror.refund_many(1, 2, OUTSIDER)
    mirror.absorb(OUTSIDER)
    assert mirror.summary().funds == 1
    assert mirror.model.stray == 1


def test_waiting_award__paid_when_another_claim_lapses__leaves_its_window() -> None:
    """What waits is paid in full as soon as there is enough for all that is asked."""
    mirror = enrol(3, silent_consent_limit=UNIT)
    big = mirror.file_claim(MEMBERS[0], 3 * UNIT, mirror.now)
    small = mirror.file_claim(MEMBERS[1], UNIT, mirror.now)
    assert big is not None
    assert small is not None
    mirror.pass_time(mirror.now + mirror.terms.voting_period)
    mirror.resolve(small, OUTSIDER)
    assert mirror.summary().asked == 4 * UNIT
    assert mirror.pay_award(small, OUTSIDER) is None
    mirror.resolve(big, OUTSIDER)
    assert mirror.pay_award(small, OUTSIDER) == UNIT
    assert mirror.pool.view("window", 0).awards == 0
    promises.keep(mirror)


def test_late_joiner__who_sends_too_much__gets_the_change_or_is_refused() -> None:
    """The price falls by the second, and nobody knows the second of the block."""
    mirror = enrol(1, enrolment_end=TERMS.expiry)
    wallet = mirror.world.wallets[0]
    mirror.pass_time(mirror.now + 7)
    assert mirror.join(wallet, MEMBERS[1], more=UNIT) == 2
    mirror.world.set_refusing(wallet, True)
    assert mirror.join(wallet, MEMBERS[2], more=1) is None
    assert mirror.join(wallet, MEMBERS[2]) == 3
    money_promises.never_takes_money_from_anybody_but_the_caller(mirror)


def test_money_withdrawn_to_the_pool_itself__is_stray_and_comes_back_as_a_donation() -> None:
    """Nothing is lost and nobody is paid twice when a token is sent to the pool by the pool."""
    mirror = enrol(2, asset=world().asset_address(EIGHTEEN_DECIMALS), fee_bps=1000)
    assert mirror.withdraw(mirror.terms.organiser, mirror.pool.address) == 2 * UNIT // 10
    assert mirror.model.stray == 2 * UNIT // 10
    assert mirror.absorb(OUTSIDER) == 2 * UNIT // 10
    assert mirror.summary().funds == 2 * UNIT


@pytest.mark.spec("D2")
def test_bond_and_award_of_a_token_that_keeps_a_fee__arrive_in_one_payment() -> None:
    """Of 81 and of 98 it keeps nothing, of both together one unit: the model sent them apart."""
    asset = world().asset_address(CHARGING)
    mirror = enrol(3, asset=asset, claim_bond=81, tiers=(Tier(49, 98),))
    claim_all_and_wait(mirror, {MEMBERS[0]: 98})
    assert mirror.model.claims[0].paid == 98
    promises.look(mirror, promises.AT_THE_END)
    endgame.bring_to_an_end(mirror, OUTSIDER)
