"""What the fuzzing of policies, pledges and guarantees found: each kept as one plain story.

The mirror compares every call with the model, so a story needs few assertions of its own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from peerpool.terms import Tier
from tests.attacks.test_dispatch import calldata

from . import endgame, promises
from .comparison import same
from .mirror import Mirror
from .scenes import CAUSE, DONOR, MEMBERS, OUTSIDER, TERMS, UNIT, claim_all_and_wait, enrol
from .world import REFUSED, world

FIRST, SECOND, THIRD = MEMBERS[:3]
STRANGER = MEMBERS[6]
SUCCEEDED = 3  # outcome of contracts/mocks/Ambush.vy


def empty(**changes: object) -> Mirror:
    """A pool that nobody has joined."""
    world().reset()
    return Mirror(world(), replace(TERMS, **changes))


@pytest.mark.spec("K5", "E9")
def test_policy_that_passes_its_payer_s_account__is_paid_back_to_the_payer() -> None:
    """Only a premium that the member paid goes along."""
    mirror = empty(min_members=9)
    mirror.join(SECOND, FIRST)
    mirror.join(THIRD, THIRD)
    mirror.change_wallet(FIRST, SECOND)
    mirror.change_wallet(SECOND, STRANGER)
    mirror.change_wallet(THIRD, FIRST)
    same(mirror.pool.view("payer_of", STRANGER), SECOND)
    same(mirror.pool.view("payer_of", FIRST), FIRST)
    mirror.pass_time(mirror.terms.cover_start)
    promises.keep(mirror)
    endgame.bring_to_an_end(mirror, OUTSIDER)


@pytest.mark.spec("J6", "K5")
def test_invitation__is_used_for_both_accounts_of_a_policy_that_moved() -> None:
    """And the later of two is remembered: neither can be used again."""
    mirror = empty()
    now = mirror.now
    mirror.join(FIRST, FIRST, deadline=now + 100)
    mirror.leave(FIRST)
    mirror.join(SECOND, SECOND, deadline=now + 1)
    mirror.change_wallet(SECOND, FIRST)
    mirror.leave(FIRST)
    for deadline in (now + 50, now + 100):
        assert mirror.join(FIRST, FIRST, deadline=deadline) is None
    assert mirror.join(SECOND, SECOND, deadline=now + 1) is None
    assert mirror.join(FIRST, FIRST, deadline=now + 101) == 3
    promises.keep(mirror)


@pytest.mark.spec("G11")
def test_guarantee_of_who_was_refunded__is_refused_in_words() -> None:
    """An underflow said nothing: what was refunded lay where cover used did."""
    mirror = empty(min_members=2, desk=world().desk.address, tiers=(Tier(UNIT, UNIT),))
    mirror.join(FIRST, FIRST)
    mirror.world.lend(STRANGER)
    mirror.world.set_default(STRANGER, FIRST, UNIT)
    mirror.pledge(FIRST, STRANGER, UNIT)
    mirror.pass_time(mirror.terms.cover_start)
    mirror.add_stray_money(UNIT)
    mirror.absorb(OUTSIDER)
    mirror.refund(FIRST, OUTSIDER)
    assert mirror.call_guarantee(STRANGER, FIRST, 1) is None
    endgame.bring_to_an_end(mirror, OUTSIDER)


@pytest.mark.spec("J9", "S8")
def test_change_of_a_late_joiner__is_given_all_the_gas_there_is() -> None:
    """A wallet that needs more than a payment is given is not kept from joining late."""
    mirror = enrol(1, enrolment_end=TERMS.expiry)
    assert mirror.join(mirror.world.spender, SECOND, more=UNIT) == 2
    assert mirror.join(mirror.world.bomber, THIRD, more=1) is None
    assert mirror.join(mirror.world.bomber, THIRD) == 3
    promises.keep(mirror)


@pytest.mark.spec("M18")
def test_neighbour__can_be_called_while_a_pool_pays__the_pool_itself_cannot() -> None:
    """One lock each: what one pool sends may be joined to another within the same call."""
    mirror = empty()
    neighbour = Mirror(world(), mirror.terms)
    caller = mirror.world.caller
    for pool, outcome in ((mirror.pool, REFUSED), (neighbour.pool, SUCCEEDED)):
        mirror.join(caller.address, FIRST, deadline=mirror.now + 1)
        caller.send("arm", pool.address, calldata("phase"), sender=OUTSIDER)
        mirror.leave(FIRST)
        same(caller.view("outcome"), outcome)
        mirror.pass_time(mirror.now + 10)
    promises.keep(mirror)
    promises.keep(neighbour)


@pytest.mark.spec("G5", "G13", "W8")
def test_guarantee_that_was_cut__is_made_up_to_the_loan_after_the_pledge_is_another_s() -> None:
    """What was called before stays the loan's, and nothing of it the new payee's."""
    mirror = enrol(2, desk=world().desk.address, cause=CAUSE, unclaimed_after=180 * 86_400)
    loan, payee = MEMBERS[5], STRANGER
    mirror.world.lend(loan)
    mirror.world.set_default(loan, FIRST, 50 * UNIT)
    mirror.pledge(FIRST, loan, 50 * UNIT)
    claim_id = mirror.call_guarantee(loan, FIRST, 50 * UNIT)
    mirror.pledge(FIRST, payee, UNIT)
    mirror.settle_window(claim_all_and_wait(mirror, {SECOND: 6 * UNIT}), OUTSIDER)
    mirror.donate(DONOR, mirror.model.shortage.unpaid)
    mirror.pay_award(claim_id, OUTSIDER)
    same(mirror.model.received[loan], mirror.model.claims[0].paid)
    assert 50 * UNIT - 3 <= mirror.model.received[loan] <= 50 * UNIT
    same(mirror.model.received[payee], 0)
    promises.keep(mirror)
    endgame.bring_to_an_end(mirror, OUTSIDER)
