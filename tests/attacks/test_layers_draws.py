"""Draws and the cession: nobody can stop, skip, halve or time them (rules 9, 11, 15 and 16)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from peerpool.terms import Layer
from tests.attacks.arena import DAY, HOUR, OUTSIDER, TERMS, WORDS, Arena
from tests.attacks.test_gas import execute, picky
from tests.evm.chain import Reverted
from tests.layers.steps import (
    HOLDERS,
    MEMBERS,
    assets,
    audit,
    deposit,
    drawn,
    join_all,
    layer,
    open_tower,
    picture,
    recover,
    redeem_all,
    settle,
)

VOTERS = list(MEMBERS)
HOLDER = HOLDERS[0]
# three premiums of 1000 less 250 that are ceded
FUNDS = 2750


# --- gas ------------------------------------------------------------------------


def about_to_resolve(a: Arena) -> tuple:
    """A claim that takes all funds, layer 1 and a part of layer 2, of a wallet that needs gas."""
    wallet = picky(a)
    open_tower(a)
    a.join(wallet.address, payer=OUTSIDER)
    a.start()
    execute(a, wallet, "file_claim", FUNDS + 1000 + 2400, a.chain.time, WORDS, "")
    a.vote(1, VOTERS)
    return "resolve", 1


def about_to_settle_window(a: Arena) -> tuple:
    """Two claims that are more than everything there is."""
    open_tower(a)
    a.start()
    for member in MEMBERS[:2]:
        a.file(member, 4000)
    for claim_id, member in enumerate(MEMBERS[:2], 1):
        a.vote(claim_id, [voter for voter in VOTERS if voter != member])
        a.by_anyone("resolve", claim_id)
    a.at(a.window_end(0))
    return "settle_window", 0


def about_to_settle(a: Arena) -> tuple:
    open_tower(a)
    a.start()
    a.reporting_end()
    return ("settle",)


@pytest.mark.spec("R3")
@pytest.mark.parametrize(
    "prepare", [about_to_resolve, about_to_settle_window, about_to_settle], ids=lambda f: f.__name__
)
def test_stingy_caller__cannot_make_a_draw_or_bind_halfway_or_skip_it(
    a: Arena, prepare: Callable[[Arena], tuple]
) -> None:
    """63/64: whatever gas is given, the call fails as a whole or does everything."""
    call = prepare(a)
    before, untouched = a.chain.snapshot(), picture(a)
    a.by_anyone(*call)
    done = picture(a)
    assert done != untouched
    audit(a)
    succeeded = 0
    for gas in range(40_000, 560_000, 16_000):
        a.chain.revert(before)
        try:
            a.pool.send(*call, sender=OUTSIDER, gas=gas)
        except Reverted as failure:
            assert failure.reason in {"<OutOfGas>", "<empty>", "gas: too little for the transfer"}
        else:
            succeeded += 1
            assert picture(a) == done
    assert succeeded


@pytest.mark.spec("R3")
@pytest.mark.parametrize("mock", ["Rejects", "BurnsGas", "ReturnsABomb"])
def test_holder_that_takes_no_ether__stands_in_nobody_s_way(a: Arena, mock: str) -> None:
    """Neither in a draw's nor in that of those who hold the rest; and can send it elsewhere."""
    wallet = a.mock(f"WalletThat{mock}")
    a.create(
        tiers=TERMS.tiers, reinsurance=(Layer(2000, 200), Layer(1000, 50)), max_cession_bps=5000
    )
    join_all(a)
    deposit(a, 1000, wallet.address, payer=OUTSIDER)
    deposit(a, 1000, HOLDER)
    a.start()
    a.award(MEMBERS[0], 2800 + 500, VOTERS)
    assert drawn(a) == [500, 0]
    settle(a)
    shares = layer(a)
    shares.send("approve", OUTSIDER, 1000, sender=wallet.address)
    for function in ("withdraw", "redeem"):
        with pytest.raises(Reverted) as failure:
            arguments = (800, wallet.address, wallet.address)
            shares.send(function, *arguments, sender=OUTSIDER, gas=2_000_000)
        assert failure.value.reason == "layer: transfer failed"
    assert redeem_all(a, holders=(HOLDER,)) == [850]
    assert shares.send("redeem", 1000, OUTSIDER, wallet.address, sender=OUTSIDER).value == 850
    audit(a)


# --- order ------------------------------------------------------------------------


@pytest.mark.spec("R10")
def test_same_awards_and_incomes_in_any_order__leave_the_same_to_layers(a: Arena) -> None:
    """Rule 15's last sentence: nobody gains by hurrying."""
    open_tower(a)
    a.start()
    steps = (
        lambda: a.award(MEMBERS[0], 3000, VOTERS),
        lambda: a.award(MEMBERS[1], 2050, VOTERS),
        lambda: a.donate(733),
    )
    before = a.chain.snapshot()
    for order in permutations(steps):
        a.chain.revert(before)
        for step in order:
            step()
        assert drawn(a) == [3000 + 2050 - 733 - FUNDS, 0], order
        audit(a)


@pytest.mark.spec("R6")
def test_recoveries__repay_the_highest_layer_first_and_members_before_it(both: Arena) -> None:
    a = both
    open_tower(a)
    a.start()
    a.award(MEMBERS[0], FUNDS + 3000 + 500, VOTERS)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    assert (a.summary().unpaid, drawn(a)) == (500, [2000, 1000])
    for amount, unpaid, then in (
        (499, 1, [2000, 1000]),
        (2, 0, [2000, 999]),
        (999, 0, [2000, 0]),
        (1, 0, [1999, 0]),
        (1998, 0, [1, 0]),
        (5, 0, [0, 0]),
    ):
        recover(a, amount)
        assert (a.summary().unpaid, drawn(a)) == (unpaid, then)
        audit(a)
    assert a.summary().funds == 4
    # and it can be drawn again, whole
    a.award(MEMBERS[1], 4 + 3000, VOTERS)
    assert drawn(a) == [2000, 1000]
    audit(a)


@pytest.mark.spec("R5")
def test_layer_half_full__pays_what_it_has_and_the_next_the_rest(both: Arena) -> None:
    a = both
    a.create(
        tiers=TERMS.tiers,
        reinsurance=(Layer(2000, 0), Layer(1000, 0), Layer(500, 0), Layer(100, 0)),
    )
    join_all(a)
    for number, amount in ((1, 70), (3, 33), (4, 100)):
        deposit(a, amount, number=number)
    a.start()
    a.award(MEMBERS[0], 3000 + 70 + 20, VOTERS)
    assert drawn(a) == [70, 0, 20, 0]
    a.award(MEMBERS[1], 13 + 99, VOTERS)
    assert drawn(a) == [70, 0, 33, 99]
    assert a.summary().capacity == 1
    audit(a)
    recover(a, 100)
    assert drawn(a) == [70, 0, 32, 0]
    settle(a)
    assert assets(a) == [0, 0, 1, 100]
    assert redeem_all(a, 4, (HOLDER,)) == [100]


def test_shortage__is_shared_from_funds_and_layers_together(both: Arena) -> None:
    """Two awards of one window; one unit more than everything there is."""
    a = both
    open_tower(a)
    a.start()
    for member in MEMBERS[:2]:
        a.file(member, 2876)
    assert FUNDS + 3000 == 2 * 2876 - 2
    for claim_id, member in enumerate(MEMBERS[:2], 1):
        a.vote(claim_id, [voter for voter in VOTERS if voter != member])
        a.by_anyone("resolve", claim_id)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    assert a.pool.view("window", 0).available == FUNDS + 3000
    assert [a.by_anyone("pay_award", n).value for n in (1, 2)] == [2875, 2875]
    assert drawn(a) == [2000, 1000]
    assert (a.summary().funds, a.summary().capacity, a.summary().unpaid) == (0, 0, 2)
    audit(a)


# --- the cession --------------------------------------------------------------------


def by_bind(a: Arena) -> None:
    a.by_anyone("bind_reinsurance")


def by_award(a: Arena) -> None:
    a.award(MEMBERS[0], 1, VOTERS)


def by_rejection(a: Arena) -> None:
    claim_id = a.file(MEMBERS[0], 700)
    a.vote(claim_id, VOTERS[1:], award=0)
    a.by_anyone("resolve", claim_id)


def by_late_joiner(a: Arena) -> None:
    a.join(7)


def by_settling(a: Arena) -> None:
    settle(a)


def after_a_donation(a: Arena) -> None:
    a.donate(5000)
    a.by_anyone("bind_reinsurance")


def after_strays(a: Arena) -> None:
    a.stray(5000)
    a.by_anyone("absorb")
    a.by_anyone("bind_reinsurance")


def in_the_last_second(a: Arena) -> None:
    a.at(a.terms.expiry + a.terms.reporting_period)
    a.by_anyone("bind_reinsurance")


def twice(a: Arena) -> None:
    a.by_anyone("bind_reinsurance")
    a.join(7)
    assert a.refusal("bind_reinsurance") == "reinsurance: nothing to bind"


WAYS = [
    by_bind,
    by_award,
    by_rejection,
    by_late_joiner,
    by_settling,
    after_a_donation,
    after_strays,
    in_the_last_second,
    twice,
]


@pytest.mark.spec("R15")
@pytest.mark.parametrize("way", WAYS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("cap, ceded", [(5000, [150, 50]), (600, [135, 45]), (1, [0, 0])])
def test_ceded_premium__is_the_same_by_whatever_way_and_whenever(
    a: Arena, way: Callable[[Arena], None], cap: int, ceded: list[int]
) -> None:
    """Not by timing, not by a donation, not by who joins late; nor by nobody's binding."""
    a.create(
        tiers=TERMS.tiers,
        reinsurance=(Layer(2000, 200), Layer(1000, 50)),
        max_cession_bps=cap,
        enrolment_end=TERMS.expiry,
    )
    join_all(a)
    deposit(a, 1500)
    deposit(a, 1000, number=2)
    a.start()
    assert a.summary().unbound
    if way is not in_the_last_second:
        a.at(a.chain.time + HOUR)
    way(a)
    assert not a.summary().unbound
    assert [a.pool.view("layer", n).ceded for n in (1, 2)] == ceded
    audit(a)


def test_bind__from_the_first_second_of_cover_and_not_before(both: Arena) -> None:
    a = both
    open_tower(a, reinsurance=(Layer(2000, 200), Layer(5000, 50)))
    shares = layer(a, 2)
    a.at(a.terms.cover_start - 1)
    assert a.refusal("bind_reinsurance") == "reinsurance: cover has not started"
    assert not a.pool.view("layer", 1).ceded
    a.chain.time = a.terms.cover_start - 1
    assert shares.view("maxDeposit", OUTSIDER) == 0
    a.at(a.terms.cover_start)
    a.by_anyone("bind_reinsurance")
    assert [a.pool.view("layer", n).ceded for n in (1, 2)] == [200, 50]


@pytest.mark.spec("R2")
@pytest.mark.parametrize("members, phase", [(3, 2), (4, 1)])
def test_deposits__end_with_the_second_before_cover(both: Arena, members: int, phase: int) -> None:
    a = both
    a.create(reinsurance=(Layer(2000, 0),), min_members=members)
    join_all(a)
    shares = layer(a)
    a.at(a.terms.cover_start - 1)
    assert shares.view("maxDeposit", HOLDER) == 2000
    deposit(a, 700)
    with pytest.raises(Reverted, match="layer: collateral is bound"):
        shares.send("redeem", 700, HOLDER, HOLDER, sender=HOLDER)
    a.at(a.terms.cover_start)
    assert a.pool.view("phase") == a.pool.view("layer", 1).phase == phase
    assert shares.view("maxDeposit", HOLDER) == 0
    for amount in (0, 1):
        with pytest.raises(Reverted, match="layer: deposits are over"):
            deposit(a, amount)
    open_again = phase == 1
    assert (
        shares.view("maxRedeem", HOLDER) == shares.view("maxWithdraw", HOLDER) == 700 * open_again
    )
    if open_again:
        assert redeem_all(a, holders=(HOLDER,)) == [700]
        assert a.refusal("bind_reinsurance") == "reinsurance: pool is cancelled"


@pytest.mark.spec("T5")
def test_redemption__opens_with_settlement_and_not_a_second_before(both: Arena) -> None:
    a = both
    open_tower(a)
    shares = layer(a)
    for moment in (
        a.terms.cover_start,
        a.terms.expiry - 1,
        a.terms.expiry,
        a.terms.expiry + a.terms.reporting_period,
        a.terms.expiry + a.terms.reporting_period + 100 * DAY,
    ):
        a.at(moment)
        assert shares.view("maxRedeem", HOLDER) == shares.view("maxWithdraw", HOLDER) == 0
        for function in ("withdraw", "redeem"):
            with pytest.raises(Reverted, match="layer: collateral is bound"):
                shares.send(function, 1, HOLDER, HOLDER, sender=HOLDER)
        assert a.refusal("absorb_layer", 1) == "layer: collateral is bound"
    a.by_anyone("settle")
    assert redeem_all(a, holders=(HOLDER,)) == [2200]


def test_last_covered_second__is_paid_by_layers_and_the_next_is_not_covered(both: Arena) -> None:
    a = both
    open_tower(a)
    a.at(a.terms.expiry)
    claim_id = a.file(MEMBERS[0], FUNDS + 10, a.terms.expiry - 1)
    with pytest.raises(Reverted):
        a.file(MEMBERS[1], 10, a.terms.expiry)
    a.vote(claim_id, VOTERS[1:])
    a.at(a.terms.expiry + a.terms.reporting_period)
    a.by_anyone("resolve", claim_id)
    assert a.balance(MEMBERS[0]) == FUNDS + 10
    assert drawn(a) == [10, 0]


@pytest.mark.spec("W4")
def test_waiting_award__is_paid_early_out_of_layers(both: Arena) -> None:
    """What was asked beside it is rejected; what there is comes from funds and layers together."""
    a = both
    open_tower(a)
    a.start()
    for member in MEMBERS[:2]:
        a.file(member, FUNDS + 2000)
    a.vote(1, [VOTERS[1], VOTERS[2]])
    a.by_anyone("resolve", 1)
    assert a.refusal("pay_award", 1) == "award: nothing to pay"
    a.vote(2, [VOTERS[0], VOTERS[2]], 0)
    a.by_anyone("resolve", 2)
    assert a.balance(MEMBERS[0]) == 0
    a.by_anyone("pay_award", 1)
    assert a.balance(MEMBERS[0]) == FUNDS + 2000
    assert drawn(a) == [2000, 0]
    audit(a)


# --- what the reinsurer might try ------------------------------------------------------


def test_shares__are_redeemed_once(both: Arena) -> None:
    a = both
    open_tower(a)
    a.start()
    settle(a)
    shares = layer(a)
    shares.send("approve", OUTSIDER, 2**256 - 1, sender=HOLDER)
    shares.send("redeem", 1999, HOLDER, HOLDER, sender=HOLDER)
    for sender in (HOLDER, OUTSIDER):
        for function, amount in (("redeem", 2), ("redeem", 2000), ("withdraw", 3)):
            with pytest.raises(Reverted, match="layer: above the balance"):
                shares.send(function, amount, sender, HOLDER, sender=sender)
    assert redeem_all(a, holders=(HOLDER,)) == [2]
    assert assets(a) == [0, 1050]
    audit(a)


@pytest.mark.spec("T17")
def test_worthless_layer_of_one_holder__pays_not_one_unit(both: Arena) -> None:
    """All shares for the one unit that would be somebody else's."""
    a = both
    open_tower(a, reinsurance=(Layer(2000, 0), Layer(1000, 0)), max_cession_bps=0)
    a.start()
    a.award(MEMBERS[0], 3000 + 2000, VOTERS)
    settle(a)
    shares = layer(a)
    assert shares.view("maxWithdraw", HOLDER) == 0
    for amount in (1, 2, 1000, 2**255):
        with pytest.raises(Reverted, match="layer: above the balance"):
            shares.send("withdraw", amount, HOLDER, HOLDER, sender=HOLDER)
    before = a.balance(a.pool.address)
    assert redeem_all(a, holders=(HOLDER,)) == [0]
    assert a.balance(a.pool.address) == before == 1000
    assert redeem_all(a, 2, (HOLDER,)) == [1000]


@pytest.mark.spec("T11")
def test_money_back_after_redemption__is_of_those_who_stayed(both: Arena) -> None:
    a = both
    a.create(tiers=TERMS.tiers, reinsurance=(Layer(2000, 0),))
    join_all(a)
    for holder, amount in zip(HOLDERS, (500, 500, 1000), strict=True):
        deposit(a, amount, holder)
    a.start()
    a.award(MEMBERS[0], 3000 + 1600, VOTERS)
    settle(a)
    assert redeem_all(a, holders=HOLDERS[:1]) == [100]
    recover(a, 600)
    assert redeem_all(a, holders=HOLDERS[1:2]) == [(300 + 600) // 3]
    recover(a, 900)
    # the rest of what it paid, and not more: the other 500 are the members'
    recover(a, 600)
    assert redeem_all(a, holders=HOLDERS[2:]) == [600 + 900 + 100]
    assert a.summary().funds == 500
    assert drawn(a) == [0]
    audit(a)


def test_absorb_layer__cannot_be_put_off_or_repeated_into_money(both: Arena) -> None:
    """One unit at a time, by anybody, in between: members end up with the same."""
    a = both
    open_tower(a)
    a.start()
    a.award(MEMBERS[0], FUNDS + 3000, VOTERS)
    settle(a)
    assert a.refusal("absorb_layer", 1) == "layer: has shares"
    redeem_all(a, 2, (HOLDER,))
    assert a.refusal("absorb_layer", 2) == "layer: nothing left"
    recover(a, 1)
    assert (assets(a), drawn(a)) == ([200, 1], [2000, 999])
    # nobody is left in layer 2: it is written off, and the unit goes on to layer 1
    assert a.by_anyone("absorb_layer", 2).value == 1
    assert (assets(a), drawn(a)) == ([201, 0], [1999, 0])
    assert a.refusal("absorb_layer", 2) == "layer: nothing left"
    audit(a)
    recover(a, 2000)
    assert (assets(a), drawn(a)) == ([2200, 0], [0, 0])
    assert a.summary().funds == 1
    assert redeem_all(a, holders=(HOLDER,)) == [2200]
    audit(a)


def test_four_layers_without_holders__give_everything_to_members(both: Arena) -> None:
    a = both
    rows = tuple(Layer(100 * n, 0) for n in (1, 2, 3, 4))
    open_tower(a, reinsurance=rows, max_cession_bps=0)
    a.start()
    a.award(MEMBERS[0], 3000 + 1000, VOTERS)
    settle(a)
    for number in (1, 2, 3, 4):
        assert redeem_all(a, number, (HOLDER,)) == [0]
    recover(a, 450)
    assert assets(a) == [0, 0, 50, 400]
    # what layer 4 gives back goes to those below, until the last of them is written off
    for number in (3, 4, 2, 3, 1, 2):
        a.refusal("absorb_layer", number)
        audit(a)
    assert (drawn(a), assets(a)) == ([0] * 4, [0] * 4)
    assert a.summary().funds == 450
    a.by_anyone("refund_many", 1, 3)
    assert [a.balance(member) for member in MEMBERS] == [4150, 150, 150]
    audit(a)


@pytest.mark.spec("R10")
def test_bond_forfeited_before_or_after_a_draw__helps_neither_side(a: Arena) -> None:
    ends = []
    for first in ("bond", "award"):
        a.reset()
        open_tower(a, claim_bond=50)
        a.start()
        steps = [lambda: by_rejection(a), lambda: a.award(MEMBERS[1], FUNDS + 100, VOTERS)]
        for step in steps if first == "bond" else reversed(steps):
            step()
        ends.append((drawn(a), a.summary().funds))
        audit(a)
    assert ends == [([50, 0], 0)] * 2


def test_member_on_both_sides__gains_nothing_by_leaving_or_paying_for_others(both: Arena) -> None:
    """A reinsurer may be a member too; what it holds there moves no cession."""
    a = both
    open_tower(a)
    a.join(HOLDER, payer=OUTSIDER)
    a.pool.send("leave", sender=HOLDER)
    a.start()
    a.by_anyone("bind_reinsurance")
    assert [a.pool.view("layer", n).ceded for n in (1, 2)] == [200, 50]
    assert a.summary().funds == FUNDS
