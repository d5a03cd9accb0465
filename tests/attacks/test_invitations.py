"""Attacks by signatures: replay, forgery, malleability, and who may invite (rule 5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacks.arena import DAY, ORGANISER, OUTSIDER, ZERO, Arena
from tests.evm.chain import Reverted
from tests.evm.signing import address_of

CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
NOT_SIGNED = "invitation: not signed by an inviter"
ALICE = address_of(2)


def join(a: Arena, invitation: tuple, signature: bytes, payer: str = OUTSIDER, **more: Any) -> Any:
    value = a.fund(payer, 1000)
    return a.pool.send("join", invitation, signature, ZERO, sender=payer, value=value, **more)


def refused(a: Arena, reason: str, invitation: tuple, signature: bytes) -> None:
    with pytest.raises(Reverted) as failure:
        join(a, invitation, signature)
    assert failure.value.reason == reason


def malleated(signature: bytes) -> bytes:
    """The other signature of the same message by the same key: s high, v flipped."""
    s = CURVE - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


@pytest.mark.spec("J5")
@pytest.mark.parametrize("deadline", [2**40, 2**64 + 5, 2**256 - 1])
def test_huge_deadline__is_refused(a: Arena, deadline: int) -> None:
    """A truncated record of the last deadline would let the invitation be used again."""
    a.create()
    refused(a, "invitation: deadline is more than a year away", *a.invite(ALICE, deadline=deadline))


def test_joined_against_ones_will__can_leave_and_come_back(a: Arena) -> None:
    """Who pays for a member with the longest invitation there is, shuts nobody out."""
    a.create()
    longest = a.chain.time + 365 * DAY
    too_long = a.invite(ALICE, deadline=longest + 1)
    refused(a, "invitation: deadline is more than a year away", *too_long)
    join(a, *a.invite(ALICE, deadline=longest))
    a.pool.send("leave", sender=ALICE)
    a.at(a.chain.time + 1)
    join(a, *a.invite(ALICE, deadline=longest + 1))
    assert a.summary().members == 1


def test_member_who_left__cannot_invite_any_more(a: Arena) -> None:
    a.create(members_may_invite=True)
    inviter = a.join(3)
    stored = a.invite(ALICE, signer=3)
    a.pool.send("leave", sender=inviter)
    refused(a, NOT_SIGNED, *stored)


@pytest.mark.spec("J1")
def test_own_invitation__needs_membership_first(a: Arena) -> None:
    a.create(members_may_invite=True)
    refused(a, NOT_SIGNED, *a.invite(ALICE, signer=2))
    a.create(name="members may not", members_may_invite=False)
    a.join(3)
    refused(a, NOT_SIGNED, *a.invite(ALICE, signer=3))


def test_sybils_let_in_late_by_a_member__do_not_get_in(a: Arena) -> None:
    """For a little premium pro rata they would outvote everybody (rule 5)."""
    a.create(members_may_invite=True, enrolment_end=a.terms.expiry)
    a.join(3)
    a.join(4)
    a.at(a.terms.cover_start - 1)
    join(a, *a.invite(ALICE, signer=3))
    a.at(a.terms.cover_start)
    refused(a, NOT_SIGNED, *a.invite(address_of(5), signer=3))


def test_two_invitations_at_once__make_one_member(a: Arena) -> None:
    a.create()
    first, second = a.invite(ALICE), a.invite(ALICE, deadline=a.chain.time + 50)
    join(a, *first)
    refused(a, "join: already a member", *second)


def test_front_runner_of_a_join__pays_the_premium_and_gets_it_back_only_if_the_member_leaves(
    a: Arena,
) -> None:
    """permit front-run: pt-v5-vault#82. Here it costs the front-runner, not the member."""
    a.create(commission_bps=3000)
    invitation, signature = a.invite(ALICE)
    value = a.fund(OUTSIDER, 1000)
    a.pool.send("join", invitation, signature, address_of(50), sender=OUTSIDER, value=value)
    refused(a, "join: already a member", invitation, signature)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund", ALICE)
    assert a.balance(ALICE) >= 699
    assert a.balance(OUTSIDER) == 1000
    assert a.pool.send("withdraw", address_of(50), sender=address_of(50)).value == 300


@pytest.mark.spec("J4")
def test_deadline__last_second_in_second_after_out(a: Arena) -> None:
    a.create()
    invitation, signature = a.invite(ALICE)
    late = a.invite(address_of(3))
    a.at(invitation[2])
    join(a, invitation, signature)
    a.at(invitation[2] + 1)
    refused(a, "invitation: expired", *late)


def test_self_referral_by_the_member__is_refused(a: Arena) -> None:
    a.create(commission_bps=3000)
    invitation = a.invite(ALICE)
    value = a.fund(ALICE, 1000)
    with pytest.raises(Reverted, match="join: referrer is the member"):
        a.pool.send("join", *invitation, ALICE, sender=ALICE, value=value)


def test_organiser__is_nobody_special_once_cover_has_started(a: Arena) -> None:
    """What a captured organiser can do is invite: not vote, leave or claim for others."""
    a.create(fee_bps=100)
    m = [a.join(2), a.join(3)]
    a.start()
    claim = a.file(m[0], 100)
    for call in (
        ("vote", claim, 0, b"\1" * 32),
        ("leave",),
        ("file_claim", 1, a.chain.time, b"\1" * 32, ""),
    ):
        with pytest.raises(Reverted):
            a.pool.send(*call, sender=ORGANISER)
    with pytest.raises(Reverted, match="enrolment is over"):
        join(a, *a.invite(address_of(9)))
