"""One unit, one ballot, one gas: where mutants of the contracts had lived (`make mutation`)."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils import keccak

from peerpool.terms import Layer, Tier
from tests.attacks.arena import CAUSE, HOUR, ORGANISER, OUTSIDER, WITH_CAUSE, WORDS, ZERO, Arena
from tests.attacks.events import event, said
from tests.attacks.papers import ballot
from tests.attacks.test_hearing import refused
from tests.attacks.test_lens_tells import lens_of
from tests.evm.chain import Reverted
from tests.evm.contract import deploy
from tests.evm.signing import address_of
from tests.layers.steps import HOLDERS, MEMBERS, deposit, layer, open_tower

M = [address_of(n) for n in (2, 3, 4)]
REFERRER, PAYEE = address_of(60), address_of(70)


def three(a: Arena, **changes: object) -> None:
    a.create(**changes)
    for number in (2, 3, 4):
        a.join(number)
    a.start()


@pytest.mark.spec("W7")
def test_windows__are_settled_in_order_however_many_there_were(a: Arena) -> None:
    three(a, voting_period=HOUR)
    for window, member in ((70, M[0]), (200, M[1])):
        a.at(a.terms.cover_start + window * HOUR)
        a.file(member, 5000)
        a.vote(a.summary().claims, [voter for voter in M if voter != member])
        a.by_anyone("resolve", a.summary().claims)
    assert a.refusal("settle_window", 200) == "window: still open"
    a.at(a.window_end(200))
    assert a.refusal("settle_window", 200) == "window: an earlier one is not settled"
    for window in (70, 200):
        assert a.refusal("settle_window", window) == ""
    assert [a.pool.view("window", window).settled for window in (70, 200)] == [True, True]


@pytest.mark.spec("W8")
def test_window__with_one_unit_that_waits(a: Arena) -> None:
    three(a, tiers=(Tier(1, 5000),))
    a.donate(1)
    a.file(M[0], 5)
    a.file(M[1], 1)
    a.vote(2, [M[0], M[2]])
    a.by_anyone("resolve", 2)
    assert a.balance(M[1]) == 0
    a.vote(1, [M[1], M[2]], 0)
    a.by_anyone("resolve", 1)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    assert (a.summary().asked, a.pool.view("award_due", 2)) == (0, 1)
    a.by_anyone("pay_award", 2)
    assert a.balance(M[1]) == 1


@pytest.mark.spec("B6")
def test_ballot_for_all__needs_no_reason(a: Arena) -> None:
    three(a)
    a.file(M[0], 100)
    a.pool.send("vote", 1, 10, bytes(32), sender=M[1])
    assert refused(a, M[2], "vote", 1, 9, bytes(32)) == "ballot: reason missing"


@pytest.mark.spec("B4")
def test_vote_with_a_payee_barred__ends_in_time(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3)
    a.pool.send("pledge", PAYEE, 10, sender=M[0])
    a.join(70), a.join(4)
    a.start()
    a.file(M[0], 100)
    assert a.pool.view("claim", 1).payee_id != 0
    assert a.by_anyone("cast_ballots", 1, 10, WORDS, [(0, 0)]).value == 0
    a.at(a.chain.time + a.terms.voting_period)
    assert refused(a, M[1], "vote", 1, 10, WORDS) == "ballot: voting is over"


@pytest.mark.spec("L2")
def test_commission_of_one_unit__is_earned_and_void(a: Arena) -> None:
    a.create(tiers=(Tier(20, 5000),), commission_bps=500)
    a.join(2, referrer=REFERRER), a.join(3, referrer=REFERRER)
    a.pool.send("leave", sender=M[0])
    a.start()
    assert a.pool.send("withdraw", REFERRER, sender=REFERRER).value == 1
    assert a.summary().held == 0


@pytest.mark.spec("L2", "S7")
def test_fee_of_one_unit__is_void_when_the_member_leaves(a: Arena) -> None:
    a.create(tiers=(Tier(20, 5000),), fee_bps=500)
    a.join(2), a.join(3)
    a.pool.send("leave", sender=M[0])
    a.start()
    assert a.pool.send("withdraw", ORGANISER, sender=ORGANISER).value == 1
    assert a.summary().held == 0


@pytest.mark.spec("X4")
def test_commission_of_a_premium_that_went_back__is_not_swept_as_well(a: Arena) -> None:
    a.create(commission_bps=500, min_members=3, **WITH_CAUSE)
    a.join(2, referrer=REFERRER), a.join(3, referrer=REFERRER)
    a.start()
    a.by_anyone("refund", M[0])
    a.at(a.terms.cover_start + a.terms.unclaimed_after)
    a.by_anyone("sweep")
    assert (a.balance(M[0]), a.balance(CAUSE)) == (1000, 1000)


@pytest.mark.spec("D1")
def test_bond_of_one_unit__is_held(a: Arena) -> None:
    three(a, claim_bond=1)
    a.file(M[0], 100)
    assert a.summary().held == 1


@pytest.mark.spec("M12")
def test_donation__to_a_cancelled_pool(a: Arena) -> None:
    three(a, min_members=4)
    a.chain.give(OUTSIDER, 5)
    with pytest.raises(Reverted, match="donate: pool is cancelled"):
        a.donate(5)


@pytest.mark.spec("E4")
def test_member_whose_premium_is_one_unit__gets_all(a: Arena) -> None:
    a.create(tiers=(Tier(1, 5000),))
    a.join(2)
    a.donate(9)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    assert a.due(M[0]) == [10]


@pytest.mark.spec("S2")
def test_payment__has_just_so_much_gas_of_its_own(a: Arena) -> None:
    gauge, other = (deploy(a.chain, "tests/attacks/Gauge.vy", sender=OUTSIDER) for _ in range(2))
    a.chain.give(other.address, 1)
    other.send("pay", gauge.address, 100_000, sender=OUTSIDER)
    expected = gauge.view("given")
    a.create()
    a.join(2, payer=OUTSIDER), a.join(3)
    a.pool.send("change_wallet", gauge.address, sender=M[0])
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 2)
    assert a.balance(gauge.address) == 1 + 1000
    assert gauge.view("given") == expected


def test_wallet__is_asked_with_just_so_much_gas(a: Arena) -> None:
    gauge, other = (deploy(a.chain, "tests/attacks/Gauge.vy", sender=OUTSIDER) for _ in range(2))
    three(a)
    a.pool.send("change_wallet", gauge.address, sender=M[0])
    a.file(M[1], 100)
    digest, signature = ballot(a.pool.address, 1, 10, WORDS), b"\1" * 66
    call = keccak(text="isValidSignature(bytes32,bytes)")[:4]
    call += encode(["bytes32", "bytes"], [digest, signature])
    given = other.send("ask", gauge.address, call, 300_000, sender=OUTSIDER).value
    for enough, refusal in ((given + 1, "ballot: not signed by the voter"), (given, "")):
        gauge.send("set_enough", enough, sender=OUTSIDER)
        cast = ("cast_ballot_for", 1, gauge.address, 10, WORDS, signature)
        assert a.refusal(*cast) == refusal


@pytest.mark.spec("T1")
def test_minted_shares__are_as_many_units(both: Arena) -> None:
    a = both
    a.create(tiers=(Tier(1000, 50_000),), reinsurance=(Layer(2000, 0),))
    assert deposit(a, 7, function="mint").value == 7
    assert layer(a).view("previewMint", 5) == 5


@pytest.mark.spec("T7", "T15")
def test_share_of_a_layer_that_has_paid__is_worth_a_part_rounded_each_way(both: Arena) -> None:
    a = both
    open_tower(a, tiers=(Tier(1000, 50_000),), reinsurance=(Layer(2000, 0),), max_cession_bps=0)
    a.start()
    a.award(MEMBERS[0], 3000 + 1001, list(MEMBERS))
    a.reporting_end()
    a.by_anyone("settle")
    shares, holder = layer(a), HOLDERS[0]
    # 2000 shares, 999 units
    assert [shares.view(name, 3) for name in ("previewMint", "previewRedeem")] == [2, 1]
    assert [shares.view(name, 3) for name in ("previewWithdraw", "previewDeposit")] == [7, 6]
    withdrawn = said(shares.send("withdraw", 3, OUTSIDER, holder, sender=holder))
    assert withdrawn[:2] == [
        event("Transfer", sender=holder, receiver=ZERO, amount=7),
        event("Withdraw", sender=holder, receiver=OUTSIDER, owner=holder, assets=3, shares=7),
    ]


@pytest.mark.spec("V4")
def test_ballots_for_all__count_for_the_lens_too(a: Arena) -> None:
    three(a)
    lens = lens_of(a)
    a.file(M[0], 100)
    a.vote(1, M[1:])
    assert lens.view("next_claim_action", a.pool.address, 1).action == "resolve"


@pytest.mark.spec("V7")
def test_rate_on_line__is_rounded_down(a: Arena) -> None:
    lens = lens_of(a)
    a.create(reinsurance=(Layer(3000, 1),), max_cession_bps=5000)
    a.join(2)
    deposit(a, 3000)
    for step in ("foretold", "bound"):
        [row] = lens.view("tower", a.pool.address).layers
        assert row.rate_on_line_bps == 3, step  # 3.33
        a.at(a.terms.cover_start)
        a.refusal("bind_reinsurance")
    assert row.layer.ceded == 1


@pytest.mark.spec("G11")
def test_guarantee__in_a_pool_of_just_enough_members(a: Arena) -> None:
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, min_members=2)
    a.join(2), a.join(3)
    a.pool.send("pledge", a.loan.address, 300, sender=M[0])
    a.desk.send("set_callable", a.loan.address, M[0], 300, sender=OUTSIDER)
    a.start()
    a.loan.send("call_guarantee", a.pool.address, M[0], 300, sender=OUTSIDER)
    assert a.balance(a.loan.address) == 300


@pytest.mark.spec("R13")
def test_layer_with_one_unit__is_bound_and_an_empty_one_is_not(a: Arena) -> None:
    a.create(reinsurance=(Layer(2000, 200), Layer(1000, 50)), max_cession_bps=5000)
    a.join(2)
    deposit(a, 1)
    a.start()
    bound = said(a.by_anyone("bind_reinsurance"))
    assert bound == [event("PremiumCeded", layer=1, filled=1, premium=0)]


def test_objection__is_a_member_s(a: Arena) -> None:
    three(a)
    assert refused(a, OUTSIDER, "object_to_recovery") == "wallet: not a member"
    assert a.pool.view("wallet_nonce", OUTSIDER) == 0


def test_nobody__is_approved_for_a_policy(a: Arena) -> None:
    three(a)
    assert a.pool.view("isApprovedForAll", M[0], OUTSIDER) is False


def test_signature_of_nobody__is_no_ballot(a: Arena) -> None:
    three(a)
    a.file(M[0], 100)
    assert a.by_anyone("cast_ballots", 1, 10, WORDS, [(1, 1), (0, 0)]).value == 0
    assert sum(a.pool.view("tally", 1)) == 0
