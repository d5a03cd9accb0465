"""The worst that each role can do once it is captured, in money (docs/threat-model.md)."""

from __future__ import annotations

import pytest

from peerpool.terms import Layer
from tests.attacks.arena import (
    CAUSE,
    DAY,
    IPOOL,
    ORGANISER,
    OUTSIDER,
    WITH_CAUSE,
    WORDS,
    ZERO,
    Arena,
)
from tests.attacks.papers import ballot, recovery, short
from tests.attacks.test_dispatch import calldata
from tests.attacks.test_gas import execute
from tests.attacks.test_hearing import ARBITER, HEARING, refused
from tests.evm.chain import Reverted
from tests.evm.contract import _interface
from tests.evm.signing import address_of
from tests.layers.steps import HOLDERS, assets, deposit, join_all, layer, redeem_all

M = [address_of(n) for n in (2, 3, 4, 5, 6)]
MONTH = 30 * DAY


def pool_of_five(a: Arena, **changes: object) -> None:
    a.create(**changes)
    for number in range(2, 7):
        a.join(number)


# --- outsider, member, claimant ---------------------------------------------


@pytest.mark.parametrize("phase", ["enrolling", "active", "waiting", "settled", "cancelled"])
def test_outsider__who_calls_everything__takes_nothing_from_anybody(a: Arena, phase: str) -> None:
    pool_of_five(a, min_members=9 if phase == "cancelled" else 1, **WITH_CAUSE)
    if phase != "enrolling":
        a.start()
    if phase == "waiting":
        a.file(M[1], 5000)
        a.award(M[0], 5000, M)
    if phase == "settled":
        a.reporting_end()
        a.by_anyone("settle")
    a.chain.give(OUTSIDER, 10**6)
    before = a.chain.snapshot()
    rich, owed = a.balance(OUTSIDER), a.balance(a.pool.address)
    for name, _ in _interface(IPOOL).functions:
        for value in (0, 1):
            a.chain.revert(before)
            try:
                a.chain.transact(OUTSIDER, a.pool.address, calldata(name), value)
            except Reverted:
                continue
            people = sum(a.balance(account) for account in (*M, CAUSE))
            assert a.balance(OUTSIDER) <= rich - value
            assert a.balance(a.pool.address) + people == owed + rich - a.balance(OUTSIDER)
            a.audit()


@pytest.mark.parametrize(("leavers", "phase"), [(2, 2), (3, 1)])
def test_member__who_leaves_in_the_last_second__finds_min_members_on_the_others_side(
    both: Arena, leavers: int, phase: int
) -> None:
    """Others counted on five; with fewer than they agreed to nobody is bound."""
    pool_of_five(both, min_members=3)
    both.at(both.terms.cover_start - 1)
    for member in M[:leavers]:
        both.pool.send("leave", sender=member)
        assert both.balance(member) == 1000
    both.start()
    assert both.pool.view("phase") == phase
    if phase == 1:
        both.by_anyone("refund_many", 1, 5)
        assert [both.balance(member) for member in M] == [1000] * 5


def test_member__who_says_no_to_everything__stops_silent_consent_and_no_quorum(a: Arena) -> None:
    pool_of_five(a, silent_consent_limit=500, claim_bond=20)
    a.start()
    spoiler = M[4]
    claim = a.file(M[0], 500)
    a.vote(claim, [spoiler], 0)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    # lapsed, the bond is back; with a quorum of others the spoiler is outvoted
    assert a.balance(M[0]) == 20
    claim = a.file(M[0], 500)
    a.vote(claim, [spoiler], 0)
    a.vote(claim, M[1:3])
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    # and the first bond
    assert a.balance(M[0]) == 520 + 20


# --- majority and organiser -------------------------------------------------


def test_majority__takes_funds_and_layers_up_to_its_cover_and_nothing_held(both: Arena) -> None:
    """Three of five award each other everything and reject the others; fees, bonds, credits, and
    what is above three covers stay out of reach."""
    a = both
    gang, honest = M[:3], M[3:]
    a.create(fee_bps=1000, claim_bond=30, reinsurance=(Layer(20_000, 0),))
    for number in range(2, 7):
        a.join(number)
    deposit(a, 20_000)
    a.start()
    for thief in gang:
        a.award(thief, 10**6, gang)
    for member in honest:
        a.award(member, 1000, gang, award=0)
    assert [a.balance(thief) for thief in gang] == [5030] * 3
    assert [a.balance(member) for member in honest] == [0, 0]
    # 4500 of premiums, and 10500 of the layer less the two bonds that were forfeited
    assert assets(a) == [20_000 - 10_500 + 60]
    assert a.pool.send("withdraw", ORGANISER, sender=ORGANISER).value == 500
    for thief in gang:
        said = refused(a, thief, "file_claim", 1, a.chain.time, WORDS, "")
        assert said in ("claim: cover is used up", "value: wrong amount", "token: transfer failed")
    a.audit()


def test_majority__awards_a_trifle_to_take_a_claimant_s_refund(a: Arena) -> None:
    """Where only members without an award share: it costs the claimant the own refund, at most,
    and nobody who has filed no claim."""
    pool_of_five(a, claim_free_refund=True)
    a.start()
    a.award(M[0], 20, M, award=1)
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 5)
    assert [a.balance(member) for member in M] == [2, 1249, 1249, 1249, 1249]


def test_organiser__with_late_sybils__takes_funds_up_to_their_cover_where_terms_let_them_in(
    a: Arena,
) -> None:
    """Invited in the last second for one unit each; with enrolment_end = cover_start there is no
    such second, and each costs a whole premium."""
    a.create(enrolment_end=a.terms.expiry, reporting_period=9 * DAY, fee_bps=1000)
    for number in (2, 3, 4):
        a.join(number)
    a.start()
    a.at(a.terms.expiry - 1)
    sybils = [a.join(number) for number in range(20, 25)]
    assert sum(a.pool.view("member", sybil).premium for sybil in sybils) == 5
    claim = a.file(sybils[0], 2000)
    a.vote(claim, sybils[1:])
    a.by_anyone("resolve", claim)
    assert a.balance(sybils[0]) == 2000
    assert a.summary().funds == 2700 + 5 - 2000
    a.reset()
    a.create()
    a.join(2)
    a.start()
    with pytest.raises(Reverted, match="join: enrolment is over"):
        a.pool.send("join", *a.invite(address_of(20)), ZERO, sender=OUTSIDER)


@pytest.mark.parametrize("awake", [False, True])
def test_organiser_and_majority__take_the_policy_of_who_sleeps_for_thirty_days(
    a: Arena, awake: bool
) -> None:
    pool_of_five(a, reporting_period=90 * DAY)
    a.start()
    victim, thief = M[0], address_of(66)
    digest = recovery(a.pool.address, victim, thief, 0)
    a.by_anyone("support_recovery", victim, thief, [short(n, digest) for n in (3, 4, 5)])
    a.pool.send("begin_recovery", victim, thief, sender=ORGANISER)
    a.at(a.chain.time + MONTH - 1)
    assert refused(a, thief, "finish_recovery", victim) == "recovery: can still be objected to"
    if awake:
        a.pool.send("object_to_recovery", sender=victim)
    a.at(a.chain.time + 1)
    refused(a, thief, "finish_recovery", victim)
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 5)
    loser, winner = (thief, victim) if awake else (victim, thief)
    assert (a.balance(loser), a.balance(winner)) == (0, 1000)


def test_payer_and_referrer__have_their_premium_or_commission_and_no_say(both: Arena) -> None:
    a = both
    payer, referrer = address_of(50), address_of(51)
    a.create(commission_bps=2000)
    a.join(2, payer=payer, referrer=referrer)
    a.join(3)
    for who in (payer, referrer):
        assert refused(a, who, "leave") == "leave: not a member"
        assert refused(a, who, "withdraw", who) == "withdraw: nothing owed"
        assert refused(a, who, "change_wallet", who) == "wallet: not a member"
    a.start()
    assert a.pool.send("withdraw", referrer, sender=referrer).value == 200
    claim = a.file(M[0], 100)
    for who in (payer, referrer):
        assert refused(a, who, "vote", claim, 10, WORDS) == "ballot: not a member"
    a.vote(claim, [M[1]])
    a.by_anyone("resolve", claim)
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 2)
    assert (a.balance(payer), a.balance(referrer)) == (0, 200)
    assert (a.balance(M[0]), a.balance(M[1])) == (950, 850)


# --- arbiter, desk, payee, reinsurer ----------------------------------------


def test_arbiter_and_claimant__take_the_claimant_s_cover_and_no_more(a: Arena) -> None:
    """Against everybody's vote; one cover, though they try again and again."""
    pool_of_five(a, **HEARING)
    a.donate(50_000)
    a.start()
    for amount in (4000, 10**6):
        claim = a.award(M[0], amount, M, award=0)
        a.pool.send("appeal", claim, sender=M[0])
        a.pool.send("rule", claim, 10, WORDS, sender=ARBITER)
    assert a.balance(M[0]) == 5000
    said = refused(a, M[0], "file_claim", 1, a.chain.time, WORDS, "")
    assert said == "claim: cover is used up"
    assert a.summary().funds == 50_000
    assert a.balance(ARBITER) == 0


def test_payee__who_files_over_and_over__occupies_the_one_claim_and_takes_no_money(
    a: Arena,
) -> None:
    """A pledge of one unit is enough. The way out: others award it early, and the member's wallet
    resolves and files in one transaction."""
    wallet, payee = a.mock("Wallet"), address_of(70)
    a.create()
    for number in (3, 4, 5):
        a.join(number)
    a.join(wallet.address, payer=OUTSIDER)
    execute(a, wallet, "pledge", payee, 1)
    a.start()
    member = wallet.address
    loss = (5000, a.chain.time, WORDS, "")
    for _ in range(3):
        a.pool.send("file_claim_for", member, 2, a.chain.time, WORDS, "", sender=payee)
        with pytest.raises(Reverted, match="claim: one is already open"):
            execute(a, wallet, "file_claim", *loss)
        a.at(a.chain.time + a.terms.voting_period)
        a.by_anyone("resolve", a.summary().claims)
    assert a.balance(payee) == 0
    a.pool.send("file_claim_for", member, 2, a.chain.time, WORDS, "", sender=payee)
    a.vote(4, M[1:4])
    a.by_anyone("resolve", 4)
    execute(a, wallet, "file_claim", *loss)
    # what was pledged, and not a unit above it
    assert (a.balance(payee), a.balance(member)) == (1, 1)
    assert a.summary().asked == 4998


def test_payee__who_accepts_a_cut__ends_that_claim_s_appeal_and_not_the_member_s_cover(
    a: Arena,
) -> None:
    """Whoever filed has the say. The member files for the rest of the loss, and can appeal that."""
    payee = address_of(70)
    pool_of_five(a, **HEARING)
    a.pool.send("pledge", payee, 500, sender=M[0])
    a.start()
    loss = (4000, a.chain.time, WORDS, "")
    a.pool.send("file_claim_for", M[0], *loss, sender=payee)
    a.vote(1, M[1:], 5)
    a.by_anyone("resolve", 1)
    assert refused(a, M[0], "appeal", 1) == "claim: caller is not the claimant"
    a.pool.send("accept", 1, sender=payee)
    assert (a.balance(payee), a.balance(M[0])) == (500, 1500)
    rest = a.award(M[0], 2000, M, award=0)
    a.pool.send("appeal", rest, sender=M[0])
    a.pool.send("rule", rest, 10, WORDS, sender=ARBITER)
    assert (a.balance(payee), a.balance(M[0])) == (500, 3500)


def test_reinsurer_above_a_vacant_layer__pays_from_the_first_unit(a: Arena) -> None:
    """Who fills layer 2 and trusts that somebody fills layer 1, attaches where layer 1 would."""
    a.create(reinsurance=(Layer(2000, 200), Layer(1000, 50)), max_cession_bps=5000)
    join_all(a)
    deposit(a, 1000, number=2)
    a.start()
    a.award(M[0], 2950 + 400, M[:3])
    assert a.balance(M[0]) == 3350
    assert assets(a) == [0, 1000 + 50 - 400]


def test_reinsurers__can_neither_leave_nor_take_back_nor_touch_what_is_not_theirs(
    both: Arena,
) -> None:
    a, holder = both, HOLDERS[0]
    a.create(reinsurance=(Layer(2000, 200),), max_cession_bps=5000, fee_bps=1000)
    join_all(a)
    deposit(a, 2000)
    a.start()
    a.award(M[0], 3000, M[:3])
    for amount in (1, 1500, 2000):
        with pytest.raises(Reverted, match="layer: collateral is bound"):
            layer(a).send("redeem", amount, holder, holder, sender=holder)
    a.reporting_end()
    a.by_anyone("settle")
    with pytest.raises(Reverted, match="layer: caller is not the layer"):
        a.pool.send("redeem_layer", 1, 1, holder, sender=holder)
    # 2700 less 200 are the funds; 500 of the collateral are gone
    assert redeem_all(a, 1, (holder,)) == [2000 + 200 - 500]
    assert a.summary().held == 300


# --- cause, gate, relayer ---------------------------------------------------


def test_cause__gets_its_share_and_the_unclaimed_not_a_second_earlier(both: Arena) -> None:
    pool_of_five(both, cause=CAUSE, cause_bps=2000, unclaimed_after=180 * DAY)
    both.start()
    both.reporting_end()
    assert refused(both, CAUSE, "sweep") == "sweep: pool is not settled"
    both.pool.send("settle", sender=CAUSE)
    assert both.balance(CAUSE) == 1000
    both.by_anyone("refund", M[0])
    both.at(both.chain.time + 180 * DAY - 1)
    assert refused(both, CAUSE, "sweep") == "sweep: too early"
    both.by_anyone("refund", M[1])
    both.at(both.chain.time + 1)
    both.pool.send("sweep", sender=CAUSE)
    assert [both.balance(account) for account in (CAUSE, *M)] == [1000 + 2400, 800, 800, 0, 0, 0]


def test_gate__that_turns_hostile__shuts_the_door_and_takes_no_member_s_money(a: Arena) -> None:
    """It keeps people out, and every policy on its wallet; claims, votes and refunds go on."""
    gate = a.mock("Gate")
    for number in range(2, 7):
        gate.send("give", address_of(number), sender=OUTSIDER)
    pool_of_five(a, gate=gate.address, reporting_period=90 * DAY)
    a.start()
    for number in range(2, 7):
        gate.send("take", address_of(number), sender=OUTSIDER)
    moved = address_of(20)
    assert refused(a, M[0], "change_wallet", moved) == "gate: no credential"
    digest = recovery(a.pool.address, M[0], moved, 0)
    a.by_anyone("support_recovery", M[0], moved, [short(n, digest) for n in (3, 4, 5)])
    begun = refused(a, ORGANISER, "begin_recovery", M[0], moved)
    a.award(M[1], 1000, M)
    a.at(a.chain.time + MONTH)
    assert "gate: no credential" in (begun, a.refusal("finish_recovery", M[0]))
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 5)
    assert [a.balance(member) for member in (*M, moved)] == [800, 1800, 800, 800, 800, 0]


def test_relayer__who_leaves_out_delays_and_alters__changes_no_ballot(a: Arena) -> None:
    pool_of_five(a)
    a.start()
    claim = a.file(M[0], 1000)
    yes = [short(n, ballot(a.pool.address, claim, 10, WORDS)) for n in (3, 4)]
    no = [short(5, ballot(a.pool.address, claim, 0, WORDS))]
    for award, papers in ((0, yes), (9, yes), (10, no)):
        assert a.by_anyone("cast_ballots", claim, award, WORDS, papers).value == 0
    # only those against are brought in; those in favour go there themselves
    a.at(a.chain.time + a.terms.voting_period - 1)
    assert a.by_anyone("cast_ballots", claim, 0, WORDS, no * 3).value == 1
    a.vote(claim, M[1:3])
    assert a.by_anyone("cast_ballots", claim, 10, WORDS, yes).value == 0
    a.at(a.chain.time + 1)
    a.by_anyone("resolve", claim)
    assert a.balance(M[0]) == 1000
