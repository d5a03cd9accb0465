"""What every unit test stands on. The pool comes from the deploy functions of scripts/deploy.py."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, history, web3

from peerpool import ledger
from peerpool.audit.books import read
from peerpool.terms import Terms, Tier
from scripts.core import Core, pool_at
from scripts.deploy import create_pool, deploy_core

from .assets import Erc20, Ether
from .clock import DAY, YEAR, now
from .people import (  # noqa: F401
    arbiter,
    buyer,
    cause,
    claimant,
    deployer,
    donor,
    heir,
    inviter,
    keeper,
    late_joiner,
    lender,
    members,
    neighbour,
    new_wallet,
    organiser,
    outsider,
    payer,
    referrer,
    reinsurer,
    voter,
    voters,
)
from .stage import Stage

MakeStage = Callable[..., Stage]

SALTS = count(
    1
)  # one for each pool of a run: with the same salt and terms it would be the same pool


@pytest.fixture(autouse=True)
def isolation(fn_isolation: Any) -> None:
    """Take the chain back after each test."""


@pytest.fixture(scope="module")
def core(module_isolation: Any, deployer: Any) -> Core:
    """Implementation, factory and lens, as a real deployment makes them."""
    return deploy_core(deployer)


@pytest.fixture(scope="module")
def implementation(core: Core) -> Any:
    """The code of all pools, to be called as if it were one."""
    return pool_at(core.implementation.address)


@pytest.fixture(scope="module")
def make_token(module_isolation: Any, deployer: Any) -> Callable[..., Erc20]:
    """Return a function that deploys a token mock: make_token(TokenThatBlocks, decimals=6)."""

    def make(kind: Any, decimals: int = 6) -> Erc20:
        token = deployer.deploy(kind, "Test Euro", "TEUR", decimals)
        return Erc20(token, deployer)

    return make


@pytest.fixture(scope="module")
def asset(request: Any, make_token: Callable[..., Erc20], Token: Any) -> Ether | Erc20:
    """What the pool counts in: Ether, or as `on_every_asset` says."""
    kind = getattr(request, "param", "Ether")
    if kind == "Ether":
        return Ether()
    return make_token(Token, int(kind.split()[0]))


@pytest.fixture(scope="module")
def sample_terms(asset: Any, organiser: Any, cause: Any) -> Callable[..., Terms]:
    """Return a function that gives terms which start 7 days from now, with changes by name.

    Amounts among the changes are in token units.
    """

    def sample(money: Any = None, **changes: Any) -> Terms:
        u = (money or asset).unit
        start = now() + 7 * DAY
        terms = Terms(
            asset=(money or asset).address,
            cover_start=start,
            enrolment_end=start + 180 * DAY,
            expiry=start + 360 * DAY,
            min_members=3,
            reporting_period=30 * DAY,
            voting_period=7 * DAY,
            waiting_period=0,
            deductible=10 * u,
            claim_bond=5 * u,
            quorum_bps=5000,
            approval_bps=5000,
            silent_consent_limit=20 * u,
            arbiter=ZERO_ADDRESS,
            appeal_period=0,
            ruling_period=0,
            claim_free_refund=False,
            organiser=organiser.address,
            gate=ZERO_ADDRESS,
            members_may_invite=True,
            fee_bps=500,
            commission_bps=300,
            max_members=100,
            cause=cause.address,
            cause_bps=1000,
            unclaimed_after=YEAR,
            desk=ZERO_ADDRESS,
            reinsurer=ZERO_ADDRESS,
            max_cession_bps=0,
            wording_hash=b"\x03" * 32,
            name="Bicycles of Elm Street",
            tiers=(Tier(100 * u, 1000 * u), Tier(50 * u, 400 * u)),
            reinsurance=(),
        )
        return replace(terms, **changes)

    return sample


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    """All pools that exist now, for the check of the books."""
    return []


@pytest.fixture(autouse=True)
def books_balance(isolation: Any, stages: list[Stage]) -> Iterator[None]:
    """After each test that has sent something, the books of every pool are right.

    Rebuilt from its events they say what it says of itself, its members and its claims (rule 2),
    and it has exactly what it says it has (rule 1).
    """
    kept, sent = len(stages), len(history)
    yield
    for stage in stages if len(history) > sent else ():
        assert stage.balance(stage.pool) == sum(stage.pots()) + stage.stray
        books = read(web3, stage.pool.address)
        differences = ledger.check(web3, books)
        assert len(differences) == bool(stage.stray), differences
        stage.stray = 0
    del stages[kept:]


@pytest.fixture(scope="module")
def make_stage(
    core: Core,
    asset: Any,
    sample_terms: Callable[..., Terms],
    stages: list[Stage],
    deployer: Any,
    organiser: Any,
    keeper: Any,
    voters: Sequence[Any],
) -> MakeStage:
    """Return a function that makes a pool with changed terms and lets people join it."""

    def make(people: Sequence[Any] = (), money: Any = None, **changes: Any) -> Stage:
        terms = sample_terms(money, **changes)
        pool = create_pool(core, terms, deployer, next(SALTS).to_bytes(32, "big"))
        stage = Stage(pool, terms, money or asset, organiser, keeper, voters)
        for person in people:
            stage.join(person)
        stages.append(stage)
        return stage

    return make


@pytest.fixture(scope="module")
def stage(make_stage: MakeStage, stages: list[Stage], members: Sequence[Any]) -> Iterator[Stage]:
    """A pool in its enrolment, with the sample terms and six members of tier 0."""
    stage = make_stage(members)
    yield stage
    stages.remove(stage)


@pytest.fixture(scope="module")
def pool(stage: Stage) -> Any:
    """The pool of `stage`."""
    return stage.pool
