"""The package without a chain: the same examples in every run."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from peerpool.terms import Terms, Tier
from peerpool.units import DAY, YEAR, ZERO_ADDRESS, Asset
from tests.python.terms_rules import ARBITER, NOW

settings.register_profile("python", derandomize=True, database=None, deadline=None)
settings.load_profile("python")


@pytest.fixture(scope="session")
def now() -> int:
    return NOW


@pytest.fixture(scope="session")
def eurx() -> Asset:
    return Asset("0x5FbDB2315678afecb367f032d93F642f64180aa3", "EURX", 6)


@pytest.fixture(scope="session")
def pools() -> Path:
    return Path(__file__).parents[2] / "pools"


@pytest.fixture(scope="session")
def terms(eurx: Asset) -> Terms:
    """Terms that break no rule."""
    return Terms(
        asset=eurx.address,
        cover_start=NOW + 7 * DAY,
        enrolment_end=NOW + 60 * DAY,
        expiry=NOW + 7 * DAY + YEAR,
        min_members=5,
        reporting_period=30 * DAY,
        voting_period=7 * DAY,
        waiting_period=14 * DAY,
        deductible=50_000_000,
        claim_bond=10_000_000,
        quorum_bps=5000,
        approval_bps=5000,
        silent_consent_limit=100_000_000,
        arbiter=ARBITER,
        appeal_period=7 * DAY,
        ruling_period=14 * DAY,
        claim_free_refund=False,
        organiser="0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        gate=ZERO_ADDRESS,
        members_may_invite=False,
        fee_bps=250,
        commission_bps=100,
        max_members=20,
        cause="0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
        cause_bps=1000,
        unclaimed_after=YEAR,
        desk=ZERO_ADDRESS,
        reinsurer=ZERO_ADDRESS,
        max_cession_bps=0,
        wording_hash=b"\x11" * 32,
        name="Bicycle cover",
        tiers=(Tier(90_000_000, 600_000_000), Tier(180_000_000, 1_500_000_000)),
        reinsurance=(),
    )


@pytest.fixture(scope="session")
def changed(terms: Terms):
    """A function: the valid terms with some fields changed."""
    return lambda **fields: replace(terms, **fields)


@pytest.fixture
def too_deep() -> Iterator[str]:
    """JSON nested more deeply than a command reads. py-evm, of other tests, has that raised."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield "[" * 5000
    sys.setrecursionlimit(before)
