"""Random terms that make sense, with the odd figures at which arithmetic breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from peerpool.terms import Layer, Terms, Tier, check
from tests.model.core import ZERO

from .world import ASSETS, CHARGING, PEOPLE, START, World

HOUR, DAY = 3600, 86_400
# one unit, a small prime, money as people have it, and amounts near the limits of the packed fields
SCALES = (1, 7, 10**6, 10**18 + 1, 2**89)
REINSURER = PEOPLE[9]


def some_of(draw: Any, likely: list[Any], all_of_them: list[Any]) -> Any:
    """Draw one that makes sense if there is one, and now and then any."""
    if likely and draw(st.integers(0, 9)):
        return draw(st.sampled_from(likely))
    return draw(st.sampled_from(all_of_them))


@st.composite
def terms(draw: st.DrawFn, world: World) -> Terms:
    """Terms that `create_pool` takes at START."""
    asset = draw(st.sampled_from((*ASSETS, ASSETS[0], ASSETS[0])))
    # of sums below a hundred a token that keeps one per cent keeps nothing: pools can live on it
    scale = draw(st.sampled_from(SCALES)) if asset != CHARGING else draw(st.sampled_from((1, 1, 7)))
    cover_start = START + draw(st.sampled_from((HOUR, DAY, 7 * DAY)))
    length = draw(st.sampled_from((10 * DAY, 30 * DAY, 30 * DAY + 7, 100 * DAY)))
    expiry = cover_start + length
    tiers = tuple(draw(st.lists(_tier(scale), min_size=1, max_size=3)))
    smallest = min(tier.cover_limit for tier in tiers)
    fee_bps = draw(st.sampled_from((0, 0, 1, 250, 3000)))
    cause = draw(st.sampled_from((ZERO, PEOPLE[-1], world.wallets[0], world.spender)))
    layers = tuple(draw(st.lists(_layer(scale), max_size=4)))
    cessions = (1, 500, 3000, 5000) if any(layer.premium for layer in layers) else (0, 0, 3000)
    picked = Terms(
        asset=world.asset_address(asset),
        cover_start=cover_start,
        enrolment_end=draw(st.sampled_from((cover_start, cover_start + length // 2, expiry))),
        expiry=expiry,
        min_members=draw(st.sampled_from((1, 2, 3))),
        reporting_period=draw(st.sampled_from((HOUR, 14 * DAY))),
        voting_period=draw(st.sampled_from((HOUR, DAY, 3 * DAY, 40 * DAY))),
        waiting_period=draw(st.sampled_from((0, 0, 2 * DAY))),
        deductible=draw(st.sampled_from((0, 0, (smallest - 1) // 10, smallest - 1))),
        claim_bond=draw(st.sampled_from((0, smallest // 20, smallest - 1))),
        quorum_bps=draw(st.sampled_from((1, 2000, 5000, 10_000))),
        approval_bps=draw(st.sampled_from((5000, 5000, 6667, 10_000))),
        silent_consent_limit=draw(st.sampled_from((0, scale, smallest, 2**255, 2**255))),
        arbiter=ZERO,
        appeal_period=0,
        ruling_period=0,
        claim_free_refund=draw(st.booleans()),
        organiser=draw(st.sampled_from((PEOPLE[0], PEOPLE[0], PEOPLE[0], world.signer))),
        gate=draw(st.sampled_from((ZERO, ZERO, world.gate.address))),
        members_may_invite=draw(st.booleans()),
        fee_bps=fee_bps,
        commission_bps=draw(st.sampled_from((0, 500, 3000 - fee_bps))) if fee_bps < 2500 else 0,
        max_members=draw(st.sampled_from((4, 9, 20))),
        cause=cause,
        cause_bps=draw(st.sampled_from((0, 1, 3333, 10_000))) if cause != ZERO else 0,
        unclaimed_after=draw(st.sampled_from((180 * DAY, 365 * DAY))) if cause != ZERO else 0,
        desk=draw(st.sampled_from((ZERO, world.desk.address, world.desk.address))),
        reinsurer=draw(st.sampled_from((ZERO, ZERO, REINSURER))) if layers else ZERO,
        max_cession_bps=draw(st.sampled_from(cessions)) if layers else 0,
        wording_hash=b"\x11" * 32,
        name="Fuzz",
        tiers=tiers,
        reinsurance=layers,
    )
    if draw(st.sampled_from((True, True, False))):
        picked = replace(picked, **draw(_hearing(picked.voting_period)))
    check(picked, START)
    return picked


@st.composite
def _hearing(draw: st.DrawFn, voting_period: int) -> dict[str, str | int]:
    """An arbiter who is nobody, a member, a payee of pledges or the organiser."""
    return {
        "arbiter": draw(st.sampled_from((PEOPLE[8], PEOPLE[3], PEOPLE[3], PEOPLE[13], PEOPLE[0]))),
        "appeal_period": draw(st.sampled_from((HOUR, voting_period, 3 * DAY))),
        "ruling_period": draw(st.sampled_from((HOUR, voting_period, 5 * DAY))),
    }


@st.composite
def _tier(draw: st.DrawFn, scale: int) -> Tier:
    premium = scale * draw(st.integers(1, 9))
    return Tier(premium, premium * draw(st.sampled_from((1, 2, 5, 50))))


@st.composite
def _layer(draw: st.DrawFn, scale: int) -> Layer:
    limit = scale * draw(st.integers(1, 9)) * draw(st.sampled_from((1, 1, 3, 20)))
    return Layer(limit, draw(st.sampled_from((0, limit // 10, limit // 3, limit - 1))))
