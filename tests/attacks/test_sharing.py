"""Attacks on the surplus: sharing, sweep, cancelled pools, stray money (rules 11 to 14)."""

from __future__ import annotations

import itertools

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import CAUSE, DAY, ORGANISER, OUTSIDER, WITH_CAUSE, Arena
from tests.evm.chain import Reverted
from tests.evm.signing import address_of


def settled(a: Arena, members: int, premium: int, **changes: object) -> list[str]:
    """Settle a pool of equal members without claims."""
    a.create(**{"tiers": (Tier(premium, premium * 5 + 1),), **WITH_CAUSE, **changes})
    accounts = [a.join(2 + i) for i in range(members)]
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    return accounts


def refused(a: Arena, reason: str, function: str, *args: object) -> None:
    with pytest.raises(Reverted) as failure:
        a.by_anyone(function, *args)
    assert failure.value.reason == reason


@pytest.mark.spec("M11", "P2")
def test_cancelled_without_members__is_swept_as_often_as_money_strays_in(a: Arena) -> None:
    a.create(**WITH_CAUSE)
    a.at(a.terms.cover_start + 180 * DAY)
    for amount in (2, 3, 1):
        a.stray(amount)
        a.by_anyone("absorb")
        assert a.by_anyone("sweep").value == amount
    assert a.summary().phase == 1
    assert a.balance(CAUSE) == 6


@pytest.mark.spec("E4")
def test_awarded_member__shares_unless_the_terms_say_claim_free(both: Arena) -> None:
    a = both
    a.create()
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    a.award(m[0], 600, m)
    a.reporting_end()
    a.by_anyone("settle")
    assert a.due(*m) == [800, 800, 800]
    a.by_anyone("refund_many", 1, 3)
    assert a.balance(m[0]) == 600 + 800


@pytest.mark.spec("M3")
def test_absorb__takes_what_is_above_both_pots_to_the_unit(both: Arena) -> None:
    """With a bond and a fee in the other pot."""
    a = both
    a.create(claim_bond=7, fee_bps=1000)
    m = [a.join(2), a.join(3)]
    a.start()
    a.file(m[0], 100)
    assert a.summary().held == 207
    refused(a, "absorb: nothing stray", "absorb")
    a.stray(1)
    assert a.by_anyone("absorb").value == 1
    refused(a, "absorb: nothing stray", "absorb")
    assert a.balance(a.pool.address) == 2007 + 1


@pytest.mark.spec("X6")
@pytest.mark.parametrize(
    ("members", "premium", "before", "after"), [(2, 1, 1, 1), (3, 10**15, 2, 10**18 + 1)]
)
def test_sweep_between_two_donations__does_not_owe_more_than_there_is(
    a: Arena, members: int, premium: int, before: int, after: int
) -> None:
    """A difference of two floors can be a unit too much for each member; sweep takes the dust."""
    settled(a, members, premium)
    a.donate(before)
    a.at(a.chain.time + 180 * DAY)
    a.by_anyone("sweep")
    a.donate(after)
    a.audit()
    a.by_anyone("refund_many", 1, members)
    a.audit()


@pytest.mark.spec("X6")
def test_refund_after_each_of_many_incomes__adds_up_to_one_share(both: Arena) -> None:
    """What was taken before is the sum of all refunds of the round, not the last one."""
    accounts = settled(both, 3, 1000)
    taken = dict.fromkeys(accounts, 0)
    shared = 3000
    for income in (0, 100, 7, 1, 1501):
        if income:
            both.donate(income)
        shared += income
        for account in accounts:
            before = both.balance(account)
            if both.due(account) != [0]:
                both.by_anyone("refund", account)
            taken[account] += both.balance(account) - before
            assert taken[account] == shared // 3 == both.pool.view("member", account).refunded
    both.audit()


@pytest.mark.spec("X6")
def test_sweep__what_comes_in_later_is_for_all_who_paid(both: Arena) -> None:
    """What was swept is gone; what comes later is for all alike, refunded before or not."""
    awake, asleep = settled(both, 2, 1000)
    both.by_anyone("refund", awake)
    both.at(both.chain.time + 180 * DAY)
    assert both.by_anyone("sweep").value == 1000
    assert both.due(awake, asleep) == [0, 0]
    refused(both, "sweep: nothing left", "sweep")
    both.donate(100)
    assert both.due(awake, asleep) == [50, 50]
    refused(both, "sweep: too early", "sweep")
    both.by_anyone("refund_many", 0, 500)
    both.audit()
    assert both.summary().funds == 0
    assert both.balance(CAUSE) == 1000


@pytest.mark.spec("X3")
def test_dust_donations__do_not_put_off_the_sweep_for_ever(a: Arena) -> None:
    """One wei each month against the cause's money (rule 13)."""
    settled(a, 2, 10**18)
    for _ in range(3):
        a.at(a.chain.time + 180 * DAY - 1)
        a.donate(1)
    a.at(a.chain.time + 180 * DAY - 1)
    assert a.by_anyone("sweep").value >= 2 * 10**18


def test_settled_without_surplus__later_income_cannot_be_swept_at_once(a: Arena) -> None:
    """`shared_at` zero must not make 1970 the last sharing."""
    a.create(**WITH_CAUSE)
    m = [a.join(2), a.join(3)]
    a.start()
    a.award(m[0], 2000, m)
    a.reporting_end()
    a.at(a.chain.time + 100 * DAY)
    a.by_anyone("settle")
    assert a.summary().funds == 0
    a.donate(100)
    refused(a, "sweep: too early", "sweep")
    assert a.due(*m) == [50, 50]


def test_dust_after_the_end__moves_nothing_and_harms_nobody(both: Arena) -> None:
    """Neptune N-02: donations move accounting."""
    members = settled(both, 3, 2**90, unclaimed_after=180 * DAY)
    dues = both.due(*members)
    for i in range(6):
        both.donate(1) if i % 2 else both.stray(1)
        if not i % 2:
            both.by_anyone("absorb")
        both.audit()
    assert all(0 <= now - then <= 3 for now, then in zip(both.due(*members), dues, strict=True))


@pytest.mark.spec("E5")
def test_claim_free_refund__awarded_twice__leaves_the_others_whole(a: Arena) -> None:
    a.create(claim_free_refund=True)
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    for _ in range(2):
        a.award(m[0], 100, m)
    a.reporting_end()
    a.by_anyone("settle")
    assert a.due(*m) == [0, 1400, 1400]
    a.audit()


@pytest.mark.spec("E11", "E12")
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_order_of_refunds__changes_nothing(both: Arena, order: tuple[int, ...]) -> None:
    """Premiums that nothing divides, more coming in between, and the last one is still paid."""
    a = both
    a.create(tiers=(Tier(101, 10**6), Tier(7, 10**6), Tier(59, 10**6)))
    m = [a.join(2 + i, tier=i) for i in range(3)]
    a.start()
    a.award(m[0], 31, m)
    a.reporting_end()
    a.by_anyone("settle")
    for amount in (0, 1, 40):
        if amount:
            a.donate(amount)
        for i in order:
            a.refusal("refund", m[i])
        a.audit()
    shared = 101 + 7 + 59 - 31 + 41
    exact = [premium * shared // 167 for premium in (101, 7, 59)]
    assert [a.balance(account) for account in m] == [31 + exact[0], *exact[1:]]
    assert a.summary().funds == shared - sum(exact) < 3


# --- cancelled ------------------------------------------------------------------


def cancelled(a: Arena, **changes: object) -> list[str]:
    """Return the members of a cancelled pool, each paid for by an employer, with fees."""
    a.create(**{"min_members": 3, "fee_bps": 1000, "commission_bps": 2000, **WITH_CAUSE, **changes})
    m = [a.join(2, payer=OUTSIDER, referrer=address_of(50)), a.join(3)]
    a.donate(77, address_of(60))
    a.start()
    return m


@pytest.mark.spec("E9")
def test_cancelled__premiums_donations_and_void_fees_all_come_back(both: Arena) -> None:
    m = cancelled(both)
    both.stray(11)
    both.by_anyone("absorb")
    summary = both.summary()
    assert summary.funds + summary.held == 2000 + 77 + 11
    for account in (ORGANISER, address_of(50)):
        with pytest.raises(Reverted, match="withdraw: nothing owed"):
            both.pool.send("withdraw", account, sender=account)
    both.by_anyone("return_donation", address_of(60))
    refused(both, "donation: nothing to return", "return_donation", address_of(60))
    both.by_anyone("refund_many", 0, 500)
    refused(both, "refund: nothing due", "refund", m[0])
    assert [both.balance(x) for x in (OUTSIDER, m[0], m[1], address_of(60))] == [1005, 0, 1005, 77]
    assert both.summary().funds == 1
    assert both.summary().held == 0


@pytest.mark.spec("X4")
def test_cancelled_and_swept__nothing_is_owed_any_more(a: Arena) -> None:
    """A donation returned after the sweep would be somebody else's money."""
    m = cancelled(a)
    a.at(a.terms.cover_start + 180 * DAY - 1)
    refused(a, "sweep: too early", "sweep")
    a.at(a.terms.cover_start + 180 * DAY)
    assert a.by_anyone("sweep").value == 2077
    assert a.due(*m) == [0, 0]
    a.stray(100)
    a.by_anyone("absorb")
    refused(a, "donation: nothing to return", "return_donation", address_of(60))
    assert a.due(*m) == [50, 50]
    a.by_anyone("refund_many", 1, 2)
    a.audit()


def test_credit_from_leaving__survives_the_cancellation_that_voids_the_fees(a: Arena) -> None:
    """Fees and credits lie in one pot; voiding one must not take the other."""
    a.create(min_members=3, fee_bps=3000)
    wallet = a.mock("WalletThatRejects")
    a.join(2, payer=address_of(2))
    a.join(3)
    a.chain.give(wallet.address, 1000)
    invitation = a.invite(address_of(4))
    pool = a.pool
    data = pool._interface.functions["join", 3].encode((*invitation, "0x" + "00" * 20))
    wallet.send("execute", pool.address, 1000, data, sender=OUTSIDER)
    wallet.send("reject", True, sender=OUTSIDER)
    pool.send("leave", sender=address_of(4))
    assert pool.view("credit_of", wallet.address) == 1000
    a.start()
    a.by_anyone("refund_many", 1, 3)
    assert a.summary().held == 1000
    assert a.summary().funds == 0
    a.audit()


@pytest.mark.spec("L2")
def test_leaving_in_the_last_second__takes_back_fee_and_commission_too(both: Arena) -> None:
    """InsureDAO 278: leaving before a known loss; here nothing is covered before cover_start."""
    both.create(fee_bps=1000, commission_bps=2000)
    m = [both.join(2, referrer=address_of(50)), both.join(3, referrer=address_of(50))]
    both.at(both.terms.cover_start - 1)
    with pytest.raises(Reverted, match="withdraw: nothing owed"):
        both.pool.send("withdraw", ORGANISER, sender=ORGANISER)
    both.pool.send("leave", sender=m[0])
    assert both.balance(m[0]) == 1000
    both.start()
    with pytest.raises(Reverted, match="leave: cover has started"):
        both.pool.send("leave", sender=m[1])
    assert both.pool.send("withdraw", ORGANISER, sender=ORGANISER).value == 100
    for account in (address_of(50),):
        assert both.pool.send("withdraw", account, sender=account).value == 200
        with pytest.raises(Reverted, match="withdraw: nothing owed"):
            both.pool.send("withdraw", account, sender=account)
    assert both.summary().held == 0
    assert both.summary().funds == 700


def test_withdraw_to_the_pool_itself__is_stray_money_and_no_hole(a: Arena) -> None:
    token = a.use_token()
    a.create(fee_bps=3000)
    a.join(2)
    a.start()
    assert a.pool.send("withdraw", a.pool.address, sender=ORGANISER).value == 300
    assert token.view("balanceOf", a.pool.address) == 1000
    assert a.by_anyone("absorb").value == 300
    a.audit()
