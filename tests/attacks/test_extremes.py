"""Terms and amounts at their ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import (
    CAUSE,
    DAY,
    HOUR,
    OUTSIDER,
    TERMS,
    WITH_CAUSE,
    WORDS,
    YEAR,
    Arena,
)
from tests.evm.chain import Reverted
from tests.evm.signing import address_of
from tests.layers.steps import MEMBERS, award_all, deposit, open_tower, redeem_all, settle

MOST = 2**256 - 1
FIELDS = [
    "cover_start",
    "enrolment_end",
    "expiry",
    "min_members",
    "reporting_period",
    "voting_period",
    "waiting_period",
    "deductible",
    "claim_bond",
    "quorum_bps",
    "approval_bps",
    "fee_bps",
    "commission_bps",
    "max_members",
    "cause_bps",
    "unclaimed_after",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [MOST, 2**255, 2**128, 2**64, 2**40])
def test_terms_that_do_not_fit_their_field__are_refused(a: Arena, field: str, value: int) -> None:
    """A cut-off number would be another rule than the one that members read."""
    terms = replace(TERMS, **{field: value})
    with pytest.raises(Reverted) as failure:
        a.factory.send("create_pool", terms.as_tuple(), bytes(32), sender=OUTSIDER)
    assert failure.value.reason.startswith("terms: ")


@pytest.mark.parametrize("limit", [MOST, 2**128, 2**100])
def test_silent_consent_limit__of_any_size(a: Arena, limit: int) -> None:
    a.create(silent_consent_limit=limit, tiers=(Tier(1000, 2**100),))
    m = [a.join(2), a.join(3)]
    assert a.pool.view("terms").silent_consent_limit == limit
    a.start()
    claim = a.file(m[0], 700)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.balance(m[0]) == 700


@pytest.mark.parametrize("premium, cover_limit", [(1, 2**100), (2**93, 2**93)])
def test_largest_claims__share_what_there_is(a: Arena, premium: int, cover_limit: int) -> None:
    """The most that can be covered, for one unit or as much; 2**100 more comes in later."""
    a.use_token()
    a.create(tiers=(Tier(premium, cover_limit),), deductible=1, voting_period=HOUR)
    m = [a.join(2 + i) for i in range(4)]
    a.start()
    if premium > 1:
        drain = [a.award(member, cover_limit - 3, m) for member in m]
        assert drain
        assert a.summary().funds < 20
        claims = [a.file(member, MOST) for member in m]
        assert [a.pool.view("claim", claim).asked for claim in claims] == [4] * 4
        return
    claims = [a.award(member, MOST, m) for member in m]
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    a.audit()
    for amount in (1, 2**99, 2**100 + 1, 3):
        a.donate(amount)
        a.audit()
        for claim in claims:
            if a.pool.view("award_due", claim):
                a.by_anyone("pay_award", claim)
    a.donate(2**103)
    a.audit()
    for claim in claims:
        a.by_anyone("pay_award", claim)
    assert [a.balance(member) >= 2**100 - 1 for member in m] == [True] * 4
    a.reporting_end()
    a.by_anyone("settle")
    a.audit()
    a.by_anyone("refund_many", 1, 4)
    a.audit()


def test_huge_donations_to_a_pool_of_one_unit__do_not_stop_refunds(a: Arena) -> None:
    """The index grows by x * 2**96 / P: with P = 1 it is at its largest."""
    a.use_token()
    a.create(tiers=(Tier(1, 2),), **WITH_CAUSE)
    m = [a.join(2)]
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    for power in (96, 104, 112, 120, 125):
        a.donate(2**power)
        a.audit()
    a.fund(OUTSIDER, 2**126)
    assert a.refusal("donate", 2**125) == "money: too much"
    due = a.due(*m)[0]
    assert a.by_anyone("refund", m[0]).value == due > 2**96
    a.at(a.chain.time + 180 * DAY)
    if a.summary().funds:
        a.by_anyone("sweep")
    a.audit()


@pytest.mark.spec("M13")
def test_huge_stray_tokens__stop_nothing(a: Arena) -> None:
    """More than fits is minted to the pool; refunds and awards do not look at the balance."""
    token = a.use_token()
    a.create(cause=CAUSE, cause_bps=5000, unclaimed_after=180 * DAY)
    m = [a.join(2), a.join(3)]
    a.start()
    a.stray(2**255)
    assert a.refusal("absorb") == "money: too much"
    a.award(m[0], 500, m)
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 2)
    assert token.view("balanceOf", m[0]) >= 874
    a.audit()


@pytest.mark.spec("M13")
@pytest.mark.parametrize(
    ("amount", "words"),
    [(2**255, "money: too much"), (2**126 - 1000, "money: too much"), (2**126 - 1001, "")],
)
def test_huge_donation__is_taken_or_refused_as_a_whole(a: Arena, amount: int, words: str) -> None:
    a.use_token()
    a.create()
    a.join(2)
    a.fund(OUTSIDER, amount)
    assert a.refusal("donate", amount) == words
    assert a.balance(a.pool.address) == a.summary().funds
    a.start()
    a.audit()


@pytest.mark.spec("C11")
def test_hour_long_votes_over_ten_years__the_last_window_is_like_the_first(a: Arena) -> None:
    """87,660 windows and ten years of reporting: the number of a window must fit its field."""
    a.create(
        expiry=TERMS.cover_start + 10 * YEAR - 6 * HOUR * 10,
        reporting_period=10 * YEAR - DAY * 3,
        voting_period=HOUR,
    )
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    early = a.file(m[0], 1000)
    a.at(a.terms.expiry + a.terms.reporting_period - 1)
    late = [a.file(member, 5000) for member in m[1:]]
    window = a.pool.view("claim", late[0]).window
    assert window == (a.chain.time - a.terms.cover_start) // HOUR > 170_000
    a.vote(late[0], [m[0], m[2]])
    a.by_anyone("resolve", late[0])
    a.at(a.chain.time + HOUR)
    a.by_anyone("resolve", early)
    a.by_anyone("settle_window", 0)
    a.by_anyone("resolve", late[1])
    assert a.chain.time >= a.window_end(window)
    a.by_anyone("settle_window", window)
    assert a.by_anyone("pay_award", late[0]).value == 3000
    a.by_anyone("settle")
    a.audit()


@pytest.mark.spec("J8")
def test_late_premium__is_never_nothing(a: Arena) -> None:
    a.create(tiers=(Tier(1, 2),), enrolment_end=TERMS.expiry, fee_bps=1500, commission_bps=1500)
    a.join(2)
    a.at(a.terms.expiry - 1)
    a.join(3)
    assert a.pool.view("member", address_of(3)).premium == 1
    a.audit()


@pytest.mark.spec("E10")
def test_refund_many__ids_that_wrap_around(a: Arena) -> None:
    a.create(min_members=2)
    a.join(2)
    a.start()
    for first, count in ((0, 500), (MOST, 500), (MOST - 499, 500), (2**255, 1), (2, 499), (5, 0)):
        assert a.refusal("refund_many", first, count) == ""
    with pytest.raises(Reverted, match="refund: more than 500"):
        a.by_anyone("refund_many", 1, 501)
    with pytest.raises(Reverted):
        a.by_anyone("refund_many", MOST, MOST)
    assert a.balance(address_of(2)) == 1000
    assert a.pool.view("member_at", MOST) == a.pool.view("member_at", 0) == "0x" + "00" * 20


def test_bond_as_large_as_can_be__comes_back(a: Arena) -> None:
    a.create(claim_bond=4999)
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    a.award(m[0], 5000, m)
    assert a.balance(m[0]) in (4999, 4999 + 3000)
    a.chain.give(m[1], 5000)
    with pytest.raises(Reverted, match="value: wrong amount"):
        a.pool.send("file_claim", 1, a.chain.time, WORDS, "", sender=m[1], value=5000)
    a.audit()


# --- money that nobody has to send leaves room for what has to come in -------------

DOORS = ("donate", "recover", "absorb")


def room(a: Arena) -> int:
    """Return the largest gift."""
    summary = a.summary()
    return 2**126 - 1 - summary.funds - summary.held


def give(a: Arena, door: str, amount: int) -> str:
    """Give by one of the doors; return why it was refused, nothing if it was not."""
    if door == "absorb":
        a.stray(amount)
        return a.refusal("absorb")
    value = a.fund(OUTSIDER, amount)
    try:
        a.pool.send(door, *[1] * (door == "recover"), amount, sender=OUTSIDER, value=value)
    except Reverted as failure:
        return failure.reason
    return ""


@pytest.mark.spec("M13")
@pytest.mark.parametrize("door", DOORS)
def test_largest_gift__fills_both_pots_and_one_more_is_refused(both: Arena, door: str) -> None:
    """Two pots count: with a bond and a fee in the other."""
    a = both
    a.create(claim_bond=7, fee_bps=1000)
    m = [a.join(2), a.join(3)]
    a.start()
    a.file(m[0], 100)
    assert a.summary().held == 207
    before = a.chain.snapshot()
    assert give(a, door, room(a) + 1) == "money: too much"
    a.chain.revert(before)
    assert give(a, door, room(a)) == ""
    assert (a.summary().funds, a.summary().held) == (2**126 - 1 - 207, 207)
    for other in DOORS:
        assert give(a, other, 1) == "money: too much"
    a.audit()


@pytest.mark.spec("M13")
@pytest.mark.parametrize("door", DOORS)
def test_claim_with_a_bond__is_rejected_after_the_largest_gift(both: Arena, door: str) -> None:
    """A bond that did not fit would leave the claim open, and the pool unsettled, for ever."""
    a = both
    bond = 2**100 - 1
    a.create(claim_bond=bond, tiers=(Tier(1000, 2**100),))
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    before = a.file(m[0], 500)
    a.vote(before, m[1:], 0)
    assert give(a, door, room(a)) == ""
    assert a.summary().held == bond
    a.by_anyone("resolve", before)
    a.award(m[0], 500, m, award=0)
    assert a.summary().funds == 2**126 - 1 + bond
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 3)
    assert a.summary().funds < 3
    a.audit()


@pytest.mark.spec("M13")
def test_gifts_that_are_refunded__leave_room_in_what_is_shared(both: Arena) -> None:
    """Each is taken at once, so that the pots stay empty: only their sum grows, until a sweep."""
    a = both
    open_tower(a, **WITH_CAUSE)
    a.start()
    award_all(a)
    settle(a)
    for number in (1, 2):
        redeem_all(a, number)
    a.donate(3000)
    assert [a.pool.view("layer", number).assets for number in (1, 2)] == [2000, 1000]
    for _ in range(3):
        a.donate(2**124)
        a.by_anyone("refund_many", 1, 3)
    assert a.summary().funds < 3
    for door in DOORS:
        before = a.chain.snapshot()
        assert give(a, door, 2**124) == "money: too much"
        a.chain.revert(before)
    a.donate(2**124 - 1)
    assert give(a, "donate", 1) == "money: too much"
    for number, amount in ((1, 2000), (2, 1000)):
        assert a.by_anyone("absorb_layer", number).value == amount
    a.by_anyone("refund_many", 1, 2)
    assert a.pool.view("member", MEMBERS[0]).refunded == (2**126 - 1 + 3000) // 3
    a.at(a.chain.time + 180 * DAY)
    a.by_anyone("sweep")
    assert give(a, "donate", 2**126 - 1) == ""
    a.audit()


@pytest.mark.spec("M13")
def test_largest_donation_while_enrolling__keeps_nobody_out(both: Arena) -> None:
    """Neither members nor reinsurers, at the largest premium, bond and limit there can be."""
    a = both
    a.create(
        tiers=(Tier(2**93, 2**100),),
        claim_bond=2**100 - 1,
        fee_bps=3000,
        reinsurance=(Layer(2**100, 2**99),) * 4,
        max_cession_bps=5000,
    )
    a.donate(room(a))
    for number in (2, 3, 4):
        a.join(number)
    for number in (1, 2, 3, 4):
        deposit(a, 2**100, number=number)
    summary = a.summary()
    assert summary.funds + summary.held == 2**126 - 1 + 3 * 2**93 + 4 * 2**100
    a.start()
    a.by_anyone("bind_reinsurance")
    for member in MEMBERS:
        a.file(member, 2**100)
    a.audit()


@pytest.mark.spec("M13", "S2")
def test_failed_payments_after_the_largest_donation__become_credits(a: Arena) -> None:
    """All there is in one pot, then all in the other."""
    token = a.use_token("TokenThatBlocks")
    a.create(fee_bps=1000)
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    a.donate(room(a))
    token.send("block", a.pool.address, True, sender=OUTSIDER)
    a.award(m[0], 500, m)
    assert a.pool.view("credit_of", m[0]) == 500
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 3)
    share = (2**126 - 1 - 500 - 300) // 3
    assert [a.pool.view("credit_of", x) for x in m] == [share + 500, share, share]
    token.send("block", a.pool.address, False, sender=OUTSIDER)
    for member in m:
        a.pool.send("withdraw", member, sender=member)
    assert a.balance(m[1]) == share
    a.audit()
