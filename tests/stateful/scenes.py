"""Terms and small steps for tests that tell one story instead of a random one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from peerpool.terms import Terms, Tier
from tests.model.core import ZERO

from .mirror import Mirror
from .world import PEOPLE, START, world

DAY = 86_400
UNIT = 10**18
CAUSE, DONOR, OUTSIDER, REFERRER = PEOPLE[-1], PEOPLE[-2], PEOPLE[-3], PEOPLE[-4]
MEMBERS = PEOPLE[1:8]
REINSURERS = PEOPLE[8:11]

TERMS = Terms(
    asset=ZERO,
    cover_start=START + DAY,
    enrolment_end=START + DAY,
    expiry=START + 101 * DAY,
    min_members=1,
    reporting_period=10 * DAY,
    voting_period=5 * DAY,
    waiting_period=0,
    deductible=0,
    claim_bond=0,
    quorum_bps=1,
    approval_bps=5000,
    silent_consent_limit=2**200,
    arbiter=ZERO,
    appeal_period=0,
    ruling_period=0,
    claim_free_refund=False,
    organiser=PEOPLE[0],
    gate=ZERO,
    members_may_invite=False,
    fee_bps=0,
    commission_bps=0,
    max_members=20,
    cause=ZERO,
    cause_bps=0,
    unclaimed_after=0,
    desk=ZERO,
    reinsurer=ZERO,
    max_cession_bps=0,
    wording_hash=b"\x11" * 32,
    name="Scene",
    tiers=(Tier(UNIT, 100 * UNIT),),
    reinsurance=(),
)


def enrol(members: int, collateral: tuple[int, ...] = (), **changes: Any) -> Mirror:
    """Return a pool of TERMS with `changes`, members in tiers by turns, as cover starts.

    `collateral` is what a reinsurer deposits in each layer, the one that pays first at the front.
    """
    the_world = world()
    the_world.reset()
    mirror = Mirror(the_world, replace(TERMS, **changes))
    for index, member in enumerate(MEMBERS[:members]):
        mirror.join(member, member, tier=index % len(mirror.terms.tiers), referrer=REFERRER)
    for layer, amount, reinsurer in zip(mirror.layers, collateral, REINSURERS, strict=False):
        layer.deposit(reinsurer, amount, reinsurer)
    mirror.pass_time(mirror.terms.cover_start)
    return mirror


def claim_all_and_wait(mirror: Mirror, amounts: dict[str, int]) -> int:
    """File claims, let voting pass in silence, resolve them; return their unsettled window."""
    claims = [mirror.file_claim(who, amount, mirror.now) for who, amount in amounts.items()]
    window = (mirror.now - mirror.terms.cover_start) // mirror.terms.voting_period
    mirror.pass_time(mirror.now + mirror.terms.voting_period)
    for claim_id in claims:
        assert claim_id is not None
        mirror.resolve(claim_id, OUTSIDER)
    return window
