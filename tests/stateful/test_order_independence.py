"""Rules 7a, 9, 15 and 16: neither the order in which the claims of a window are concluded, heard or
called as guarantees, nor when reinsurance is bound, changes anybody's money."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peerpool.terms import Layer
from tests.evm.chain import Reverted

from .claim_calls import REASON
from .mirror import Mirror
from .scenes import DONOR, MEMBERS, OUTSIDER, TERMS, UNIT, enrol
from .world import PEOPLE, world

MOST_ORDERS = 8

amounts = st.sampled_from((1, 7, UNIT // 3, UNIT, 3 * UNIT, 50 * UNIT))
verdicts = st.sampled_from((None, 0, 1, 5, 9, 10, 10))
LAYERS = (Layer(2 * UNIT, UNIT // 10), Layer(10 * UNIT, 3 * UNIT), Layer(7, 0))
# full and partly filled, an empty one between two, and none
collaterals = st.sampled_from(
    ((), (2 * UNIT, 4 * UNIT, 7), (UNIT + 1, 0, 3), (0, 10 * UNIT, 0), (7, 7, 7))
)


@pytest.mark.spec("W9")
@settings(
    max_examples=16,
    deadline=None,
    database=None,
    suppress_health_check=HealthCheck.all(),
    print_blob=False,
)
@given(
    claims=st.lists(st.tuples(amounts, verdicts), min_size=2, max_size=5),
    donation=st.sampled_from((0, 1, UNIT, 10 * UNIT)),
    debt=st.sampled_from((0, 0, UNIT // 2, 20 * UNIT)),
    bond=st.sampled_from((0, UNIT // 2)),
    silent_consent_limit=st.sampled_from((0, 2 * UNIT)),
    collateral=collaterals,
    seed=st.integers(0, 2**32),
)
def test_any_order_of_decisions__pays_everybody_the_same(
    claims: list[tuple[int, int | None]],
    donation: int,
    debt: int,
    bond: int,
    silent_consent_limit: int,
    collateral: tuple[int, ...],
    seed: int,
) -> None:
    mirror = enrol(
        7,
        collateral,
        claim_bond=bond,
        silent_consent_limit=silent_consent_limit,
        reinsurance=LAYERS,
        max_cession_bps=1000,
    )
    if debt:
        _leave_unpaid(mirror, debt)
    if donation:
        mirror.donate(DONOR, donation)
    ids = [
        mirror.file_claim(member, amount, mirror.now)
        for member, (amount, _) in zip(MEMBERS, claims, strict=False)
    ]
    for claim_id, claimant, (_, verdict) in zip(ids, MEMBERS, claims, strict=False):
        voters = [member for member in MEMBERS if member != claimant]
        for voter in voters[: 4 if verdict is not None else 0]:
            mirror.vote(voter, claim_id, verdict, REASON)
    mirror.pass_time(mirror.now + mirror.terms.voting_period)
    before = mirror.world.chain.snapshot()
    random = Random(seed)
    orders = list(permutations(ids))
    outcomes = set()
    for order in random.sample(orders, min(len(orders), MOST_ORDERS)):
        mirror.world.chain.revert(before)
        outcomes.add(_outcome(mirror, order, random))
    assert len(outcomes) == 1, outcomes


def _leave_unpaid(mirror: Mirror, amount: int) -> None:
    """Let an earlier window end with `amount` that could not be paid."""
    claimant = MEMBERS[6]
    mirror.bind_reinsurance(OUTSIDER)
    there = mirror.summary().funds + mirror.summary().capacity
    claim_id = mirror.file_claim(claimant, there + amount, mirror.now)
    for voter in MEMBERS[:6]:
        mirror.vote(voter, claim_id, 10)
    mirror.resolve(claim_id, OUTSIDER)
    mirror.pass_time(mirror.now + mirror.terms.voting_period)
    mirror.settle_window(0, OUTSIDER)
    assert mirror.summary().unpaid == amount


def _outcome(mirror: Mirror, order: tuple[int, ...], random: Random) -> tuple[int, ...]:
    """Decide in this order, with tries to be paid in between; return what was paid, and books.

    Reinsurance is bound before one of the claims, or after all of them.
    """
    pool = mirror.pool
    bound_before = random.choice((*order, None))
    for claim_id in order:
        if claim_id == bound_before:
            _try(mirror, "bind_reinsurance", refusal="reinsurance: nothing to bind")
        pool.send("resolve", claim_id, sender=OUTSIDER)
        _try_to_be_paid(mirror, random.choice(order))
    _try(mirror, "bind_reinsurance", refusal="reinsurance: nothing to bind")
    pool.send("settle_window", pool.view("claim", order[0]).window, sender=OUTSIDER)
    everything = range(1, mirror.summary().claims + 1)
    for claim_id in everything:
        _try_to_be_paid(mirror, claim_id)
    summary = pool.view("summary")
    paid = (pool.view("claim", claim_id).paid for claim_id in everything)
    layers = [pool.view("layer", layer.number) for layer in mirror.layers]
    money = [amount for layer in layers for amount in (layer.drawn, layer.ceded, layer.assets)]
    return (*paid, *money, summary.funds, summary.held, summary.unpaid, summary.asked)


def _try_to_be_paid(mirror: Mirror, claim_id: int) -> None:
    _try(mirror, "pay_award", claim_id, refusal="award: nothing to pay")


def _try(mirror: Mirror, function: str, *args: int, refusal: str) -> None:
    try:
        mirror.pool.send(function, *args, sender=OUTSIDER)
    except Reverted as error:
        assert error.reason == refusal


# --- hearings and guarantees ----------------------------------------------------

DAYS = 86_400
ARBITER, LOAN = PEOPLE[10], PEOPLE[9]
endings = st.sampled_from(("vote", "accept", "rule", "silence", "guarantee"))


@settings(
    max_examples=24,
    deadline=None,
    database=None,
    suppress_health_check=HealthCheck.all(),
    print_blob=False,
)
@given(
    cases=st.lists(st.tuples(amounts, endings), min_size=2, max_size=4),
    collateral=collaterals,
    seed=st.integers(0, 2**32),
)
@pytest.mark.spec("W9", "R10", "G12", "H9")
def test_any_order_of_hearings_and_guarantees__pays_everybody_the_same(
    cases: list[tuple[int, str]], collateral: tuple[int, ...], seed: int
) -> None:
    """All of one window: claims voted on, accepted, ruled on, or left to time, and guarantees,
    which are filed and awarded in one call and then wait as others do."""
    mirror = enrol(
        7,
        collateral,
        arbiter=ARBITER,
        appeal_period=DAYS,
        ruling_period=20 * DAYS,
        voting_period=40 * DAYS,
        expiry=TERMS.cover_start + 100 * DAYS,
        desk=world().desk.address,
        reinsurance=LAYERS,
        max_cession_bps=1000,
    )
    mirror.world.lend(LOAN)
    steps = [
        _case(mirror, member, amount, ending)
        for member, (amount, ending) in zip(MEMBERS, cases, strict=False)
    ]
    mirror.pass_time(mirror.now + DAYS)
    before = mirror.world.chain.snapshot()
    random = Random(seed)
    orders = list(permutations(steps))
    outcomes = set()
    for order in random.sample(orders, min(len(orders), MOST_ORDERS)):
        mirror.world.chain.revert(before)
        outcomes.add(_money_after(mirror, order, random))
    assert len(outcomes) == 1, outcomes


def _case(mirror: Mirror, member: str, amount: int, ending: str) -> tuple[str, tuple[object, ...]]:
    """Bring a claim, or a pledge, to its last step; return who takes it, and how."""
    if ending == "guarantee":
        amount = min(amount, 50 * UNIT)
        mirror.pledge(member, LOAN, amount)
        mirror.world.set_default(LOAN, member, amount)
        claim_id = mirror.call_guarantee(LOAN, member, amount)
        return OUTSIDER, ("pay_award", claim_id)
    claim_id = mirror.file_claim(member, amount, mirror.now)
    assert claim_id is not None
    for voter in [voter for voter in MEMBERS if voter != member][:4]:
        mirror.vote(voter, claim_id, 10 if ending == "vote" else 6)
    if ending == "vote":
        return OUTSIDER, ("resolve", claim_id)
    mirror.resolve(claim_id, OUTSIDER)
    if ending == "accept":
        return member, ("accept", claim_id)
    if ending == "rule":
        mirror.pass_time(mirror.now + 1)
        mirror.appeal(member, claim_id)
        return ARBITER, ("rule", claim_id, 8, REASON)
    return OUTSIDER, ("resolve", claim_id)


def _money_after(
    mirror: Mirror, order: tuple[tuple[str, tuple[object, ...]], ...], random: Random
) -> tuple[int, ...]:
    """Take the last steps in this order, with tries to be paid between; return who got what."""
    pool, people = mirror.pool, (*MEMBERS, LOAN)
    had = [mirror.world.balance(account) for account in people]
    for who, call in order:
        if call[0] == "pay_award":
            _try(mirror, *call, refusal="award: nothing to pay")
        else:
            pool.send(*call, sender=who)
        _try_to_be_paid(mirror, random.randint(1, pool.view("summary").claims))
    mirror.world.chain.time = mirror.terms.cover_start + 40 * DAYS
    pool.send("settle_window", 0, sender=OUTSIDER)
    for claim_id in range(1, pool.view("summary").claims + 1):
        _try_to_be_paid(mirror, claim_id)
    got = (mirror.world.balance(account) - h for account, h in zip(people, had, strict=True))
    layers = [pool.view("layer", layer.number) for layer in mirror.layers]
    money = [amount for layer in layers for amount in (layer.drawn, layer.ceded, layer.assets)]
    summary = pool.view("summary")
    return (*got, *money, summary.funds, summary.held, summary.unpaid, summary.asked)
