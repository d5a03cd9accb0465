"""Attacks by signatures: replay, forgery, malleability, and who may invite (rule 5)."""

from __future__ import annotations

from typing import Any

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import DAY, ORGANISER, OUTSIDER, ZERO, Arena
from tests.evm import chain as evm
from tests.evm.chain import Reverted
from tests.evm.signing import address_of, compact, sign_invitation

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


def test_used_invitation__cannot_be_used_after_leaving_in_any_spelling(a: Arena) -> None:
    """Baal QSP-2; Safe n x 65; malleable and compact forms."""
    a.create()
    invitation, signature = a.invite(ALICE)
    join(a, invitation, signature)
    a.pool.send("leave", sender=ALICE)
    for spelling in (signature, compact(signature)):
        refused(a, "invitation: already used", invitation, spelling)
    with pytest.raises(Reverted):
        join(a, invitation, malleated(signature))
    earlier = a.invite(ALICE, deadline=invitation[2] - 1)
    refused(a, "invitation: already used", *earlier)
    join(a, *a.invite(ALICE, deadline=invitation[2] + 1))
    assert a.summary().members == 1
    assert a.summary().roster_size == 2


@pytest.mark.parametrize("deadline", [2**40, 2**64 + 5, 2**256 - 1])
def test_huge_deadline__is_refused(a: Arena, deadline: int) -> None:
    """A truncated record of the last deadline would let the invitation be used again."""
    a.create()
    refused(a, "invitation: deadline is more than a year away", *a.invite(ALICE, deadline=deadline))


def test_joined_against_ones_will__can_leave_and_come_back(a: Arena) -> None:
    """Who pays for a member with the longest invitation there is, shuts nobody out."""
    a.create()
    longest = a.chain.time + 365 * DAY
    join(a, *a.invite(ALICE, deadline=longest))
    a.pool.send("leave", sender=ALICE)
    a.at(a.chain.time + 1)
    join(a, *a.invite(ALICE, deadline=longest + 1))
    assert a.summary().members == 1


@pytest.mark.parametrize("tier", [0, 1])
def test_invitation__holds_for_one_pool_tier_member_and_chain(
    a: Arena, tier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Baal QSP-2 (a clone without a domain), Party 2023-10 (cross-chain), a fork."""
    a.create(tiers=(Tier(1000, 5000), Tier(1000, 9000)))
    twin = a.clone(b"\1" * 32)
    (member, _, deadline), signature = a.invite(ALICE, tier)
    refused(a, NOT_SIGNED, (member, 1 - tier, deadline), signature)
    refused(a, NOT_SIGNED, (address_of(3), tier, deadline), signature)
    refused(a, NOT_SIGNED, (member, tier, deadline + 1), signature)
    first, a.pool = a.pool, twin
    refused(a, NOT_SIGNED, (member, tier, deadline), signature)
    a.pool = first
    monkeypatch.setattr(evm, "CHAIN_ID", 31338)  # the chain forked after the pool was created
    refused(a, NOT_SIGNED, (member, tier, deadline), signature)
    monkeypatch.undo()
    join(a, (member, tier, deadline), signature)


def test_signature_for_the_implementation__opens_no_clone(a: Arena) -> None:
    """Immutables of a clone are the implementation's: so would a domain be, cached there."""
    a.create()
    deadline = a.chain.time + 9
    for address in (a.implementation.address, a.office.address, a.factory.address):
        signature = sign_invitation(1, address, ALICE, 0, deadline)
        refused(a, NOT_SIGNED, (ALICE, 0, deadline), signature)


@pytest.mark.parametrize("may_invite", [False, True])
@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\0",
        bytes(63),
        bytes(64),
        bytes(65),
        bytes(64) + b"\x1b",
        b"\xff" * 64,
        b"\xff" * 65,
        b"\1" * 64 + b"\x1c",
        b"\1" * 64 + b"\0",
        b"\1" * 64 + b"\1",
    ],
)
def test_garbage__is_signed_by_nobody(a: Arena, signature: bytes, may_invite: bool) -> None:
    """GHSA-f5x6-7qgp-jhf3: what ecrecover answers for a bad signature must not be an inviter."""
    a.create(members_may_invite=may_invite)
    a.join(3)
    refused(a, NOT_SIGNED, (ALICE, 0, a.chain.time), signature)


def test_v_of_zero_or_one__is_no_second_invitation(a: Arena) -> None:
    """Wallets that write v as 0 or 1: another spelling, the same invitation."""
    a.create()
    invitation, signature = a.invite(ALICE)
    spelt = signature[:64] + bytes([signature[64] - 27])
    with pytest.raises(Reverted):
        join(a, invitation, signature + b"\0")  # longer than 65 bytes: Safe n x 65
    join(a, invitation, signature)
    a.pool.send("leave", sender=ALICE)
    refused(a, "invitation: already used", invitation, spelt)


def test_member_who_left__cannot_invite_any_more(a: Arena) -> None:
    a.create(members_may_invite=True)
    inviter = a.join(3)
    stored = a.invite(ALICE, signer=3)
    a.pool.send("leave", sender=inviter)
    refused(a, NOT_SIGNED, *stored)


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
