"""Attacks on the sharing of a shortage: order, early payment, make-up (rules 9 to 11)."""

from __future__ import annotations

import random

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import CAUSE, DAY, HOUR, OUTSIDER, Arena
from tests.evm.chain import Reverted

NOTHING = "award: nothing to pay"


def active(a: Arena, members: int, **changes: object) -> list[str]:
    """Return the members of a pool whose cover has begun."""
    a.create(**changes)
    accounts = [a.join(2 + i) for i in range(members)]
    a.start()
    return accounts


def refused(a: Arena, reason: str, function: str, *args: object) -> None:
    with pytest.raises(Reverted) as failure:
        a.by_anyone(function, *args)
    assert failure.value.reason == reason


def test_window_of_nothing_but_lapsed_claims__does_not_stop_the_next(a: Arena) -> None:
    """A division by zero waiting awards would lock every later window."""
    m = active(a, 4)
    lapsed = a.file(m[3], 5000)
    a.at(a.window_end(0))
    waiting = a.award(m[0], 4500, m)
    refused(a, "window: claims are undecided", "settle_window", 0)
    a.by_anyone("resolve", lapsed)
    a.at(a.window_end(1))
    refused(a, "window: an earlier one is not settled", "settle_window", 1)
    a.by_anyone("settle_window", 0)
    refused(a, "window: already settled", "settle_window", 0)
    a.by_anyone("settle_window", 1)
    assert a.by_anyone("pay_award", waiting).value == 4000
    assert a.summary().unpaid == 500


def test_one_unit_awards__never_more_than_there_is(a: Arena) -> None:
    """Tiny units: every share of a shortage rounds to nothing."""
    m = active(a, 5, tiers=(Tier(1, 2),))
    claims = [a.award(member, 2, m) for member in m]
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    a.audit()
    for _ in range(8):
        if a.summary().unpaid:
            a.donate(1)
        a.audit()
    for claim in claims:
        if a.pool.view("award_due", claim):
            a.by_anyone("pay_award", claim)
    a.audit()
    # once all is made up every cut award is whole but for one unit (rule 14)
    assert all(a.balance(member) >= 1 for member in m)


@pytest.mark.spec("D2")
def test_award_worth_nothing__gives_the_bond_back_and_owes_nothing(a: Arena) -> None:
    """A tenth of one unit: status awarded, amount zero."""
    m = active(a, 3, tiers=(Tier(1, 5),), claim_bond=4, claim_free_refund=True)
    claim = a.award(m[0], 1, m, award=1)
    seen = a.pool.view("claim", claim)
    assert (seen.status, seen.award, seen.paid) == (2, 1, 0)
    assert a.balance(m[0]) == 4
    refused(a, NOTHING, "pay_award", claim)
    assert not a.pool.view("member", m[0]).awarded
    a.audit()


@pytest.mark.spec("U4")
def test_making_up_all_but_one_unit_again_and_again__does_not_lock_what_comes_later(
    a: Arena,
) -> None:
    """Liquity's product reaches zero in the same way, therefore its scale factor.

    Whoever makes up all but one unit of a small shortage divides the factor F by the shortage.
    Were F 1, nothing that comes in for a later cut could be paid before all of it has come in.
    """
    m = active(a, 4, voting_period=HOUR, tiers=(Tier(10**18, 5 * 10**18),))
    attacker, honest = m[0], m[1]
    a.award(honest, 4 * 10**18, m)  # a real loss: all of the funds
    for window in range(6):
        a.at(max(a.chain.time, a.window_end(window) - HOUR))
        a.award(attacker, 10**9, m)
        a.at(a.window_end(window))
        a.by_anyone("settle_window", window)
        a.donate(a.summary().unpaid - 1, attacker)
    a.at(a.window_end(6) - HOUR)
    late = a.award(m[2], 5 * 10**18, m)
    a.at(a.window_end(6))
    a.by_anyone("settle_window", 6)
    a.donate(4 * 10**18)
    a.audit()
    assert a.pool.view("award_due", late) >= 4 * 10**18 - 10


def test_forfeited_bonds__make_up_unpaid_awards_and_nothing_else(a: Arena) -> None:
    m = active(a, 4, claim_bond=900)
    cut = a.award(m[0], 5000, m)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    a.by_anyone("pay_award", cut)
    for member in m[1:3]:
        a.award(member, 5000, m, award=0)
        a.audit()
    assert a.summary().funds == 800
    assert a.summary().unpaid == 0
    assert a.by_anyone("pay_award", cut).value == 1000
    a.audit()


@pytest.mark.spec("D4")
def test_window_settled_first_of_all__cannot_be_paid_out_of_another_s_bond(a: Arena) -> None:
    m = active(a, 3, claim_bond=4000)
    cut = a.award(m[0], 5000, m)
    a.file(m[1], 5000)
    assert a.summary().held == 4000
    refused(a, "window: still open", "settle_window", 0)
    a.at(a.window_end(0))
    a.by_anyone("resolve", 2)
    a.by_anyone("settle_window", 0)
    assert a.by_anyone("pay_award", cut).value == 3000
    assert a.balance(m[1]) == 4000


@pytest.mark.spec("J11")
def test_pool_that_owes__takes_no_new_premiums(a: Arena) -> None:
    a.create(enrolment_end=a.terms.expiry)
    m = [a.join(2), a.join(3)]
    a.start()
    a.award(m[0], 5000, m)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    with pytest.raises(Reverted, match="join: pool owes unpaid awards"):
        a.join(4)
    a.donate(3000)
    a.join(4)
    a.audit()


@pytest.mark.spec("U5")
def test_donation_after_the_end__makes_up_what_was_cut_before_it_is_surplus(a: Arena) -> None:
    m = active(a, 2, cause=CAUSE, cause_bps=10_000, unclaimed_after=180 * DAY)
    cut = a.award(m[0], 5000, m)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    a.reporting_end()
    a.by_anyone("settle")
    a.donate(2000, OUTSIDER)
    a.stray(1500)
    a.by_anyone("absorb")
    a.audit()
    assert a.balance(CAUSE) == 500
    assert a.by_anyone("pay_award", cut).value == 5000
    a.at(a.chain.time + 181 * DAY)
    refused(a, "sweep: nothing left", "sweep")


@pytest.mark.spec("U4")
def test_factor_run_down_by_five_steps__takes_nothing_back_from_a_cut_of_the_largest_size(
    a: Arena,
) -> None:
    """What was payable once must stay so: less would underflow in pay_award and in the views."""
    a.use_token()
    m = active(a, 4, voting_period=HOUR, tiers=(Tier(1, 2**100),))
    a.award(m[0], 3, m)  # empties the pool

    def cut_and_make_up(window: int, member: str, award: int) -> int:
        a.at(max(a.chain.time, a.window_end(window) - HOUR))
        claim = a.award(member, award, m)
        a.at(a.window_end(window))
        a.by_anyone("settle_window", window)
        a.donate(a.summary().unpaid - 1)
        return claim

    cut_and_make_up(0, m[0], 2**30)
    largest = cut_and_make_up(1, m[1], 2**100)
    cut_and_make_up(2, m[2], 2**20)
    a.by_anyone("pay_award", largest)
    paid = a.balance(m[1])
    assert paid >= 2**100 - 5
    for window in range(3, 9):
        cut_and_make_up(window, m[2], 2 ** (3 + window))
        assert a.pool.view("award_due", largest) + paid >= 2**100 - 5
        a.audit()
    a.donate(1)
    if a.pool.view("award_due", largest):
        a.by_anyone("pay_award", largest)
    assert a.balance(m[1]) == 2**100


@pytest.mark.spec("U3")
@pytest.mark.parametrize("seed", range(2))
def test_random_cuts_and_make_ups_over_all_sizes__never_fail_and_never_overpay(
    a: Arena, seed: int
) -> None:
    dice = random.Random(seed)
    a.use_token()
    m = active(a, 4, voting_period=HOUR, tiers=(Tier(1, 2**100),))
    claims: list[int] = []
    due_or_paid: dict[int, int] = {}
    for window in range(10):
        a.at(max(a.chain.time, a.window_end(window) - HOUR))
        for member in dice.sample(m, dice.randint(1, 2)):
            claims.append(a.award(member, 1 << dice.choice((1, 20, 60, 90, 95)), m))
        a.at(a.window_end(window))
        a.by_anyone("settle_window", window)
        unpaid = a.summary().unpaid
        amount = dice.choice((1, unpaid - 1, unpaid - 1, unpaid // 2, unpaid // 2**31))
        if amount > 0:
            a.donate(amount)
        a.audit()
        for claim in claims:
            so_far = a.pool.view("claim", claim).paid + a.pool.view("award_due", claim)
            assert so_far >= due_or_paid.get(claim, 0)
            due_or_paid[claim] = so_far
        claim = dice.choice(claims)
        if a.pool.view("award_due", claim):
            a.by_anyone("pay_award", claim)
    if a.summary().unpaid:
        a.donate(a.summary().unpaid)
    for claim in claims:
        if a.pool.view("award_due", claim):
            a.by_anyone("pay_award", claim)
        record = a.pool.view("claim", claim)
        assert 0 <= record.asked - record.paid <= 1
    assert a.summary().held <= len(claims)


@pytest.mark.spec("W6")
def test_later_window__of_claims_decided_early_is_not_settled_before_its_end(a: Arena) -> None:
    a.create()
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    a.at(a.window_end(2))
    a.award(m[0], 3000, m)
    a.award(m[1], 1, m)
    a.at(a.window_end(3) - 1)
    refused(a, "window: still open", "settle_window", 3)
    a.at(a.window_end(3))
    a.by_anyone("settle_window", 3)
