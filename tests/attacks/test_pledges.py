"""Attacks on pledges and guarantees: votes for sale, cash without a vote, books out of step."""

from __future__ import annotations

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import (
    CAUSE,
    DAY,
    ORGANISER,
    OUTSIDER,
    TERMS,
    WITH_CAUSE,
    WORDS,
    ZERO,
    Arena,
)
from tests.attacks.papers import recovery, short
from tests.attacks.test_dispatch import calldata
from tests.attacks.test_gas import execute
from tests.attacks.test_hearing import refused
from tests.attacks.test_lens_tells import lens_of
from tests.attacks.test_views import told
from tests.evm.chain import Reverted
from tests.evm.signing import address_of

MEMBER, PAYEE = address_of(2), address_of(70)
CREW = (2, 3, 4, 5)


@pytest.fixture
def g(both: Arena) -> Arena:
    """A pool of four with a desk and a loan to person 2, who has pledged 3000 of 5000 to it."""
    a = both
    a.desk = a.mock("GuaranteeDesk")
    a.loan = a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, claim_bond=7)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", a.loan.address, 3000, sender=MEMBER)
    a.start()
    return a


def default(g: Arena, amount: int = 2**100) -> None:
    g.desk.send("set_callable", g.loan.address, MEMBER, amount, sender=OUTSIDER)


def guarantee(g: Arena, amount: int) -> str:
    """Call it; return why it was refused."""
    try:
        g.loan.send("call_guarantee", g.pool.address, MEMBER, amount, sender=OUTSIDER)
    except Reverted as failure:
        return failure.reason
    return ""


def finish(g: Arena) -> None:
    """Live on to the end; all claims are decided."""
    for window in range(40):
        if g.pool.view("window", window).awards and not g.pool.view("window", window).settled:
            g.at(max(g.chain.time, g.window_end(window)))
            g.by_anyone("settle_window", window)
    for claim_id in range(1, g.summary().claims + 1):
        g.refusal("pay_award", claim_id)
    g.at(max(g.chain.time, g.terms.expiry + g.terms.reporting_period))
    g.by_anyone("settle")
    g.by_anyone("refund_many", 1, 100)
    g.audit()


# --- electorate -------------------------------------------------------------


def vote_of_all(a: Arena, claimant: str) -> None:
    """Whoever can vote does, and then the claim can be resolved."""
    size = a.summary().roster_size
    for voter in (a.pool.view("member_at", i + 1) for i in range(size)):
        if voter != claimant:
            refused(a, voter, "vote", 1, 10, WORDS)
    claim = a.pool.view("claim", 1)
    assert sum(a.pool.view("tally", 1)) == claim.electorate
    assert a.refusal("resolve", 1) == ""


def pledge_to_the_last(a: Arena, amount: int = 10) -> None:
    """The crew joins; person 2 pledges to person 5, who holds the pledge before joining."""
    for member in CREW[:-1]:
        a.join(member)
    a.pool.send("pledge", address_of(CREW[-1]), amount, sender=MEMBER)
    a.join(CREW[-1])


def test_claimant_on_the_payee_s_account__is_taken_off_the_electorate_once(a: Arena) -> None:
    """Twice, and with all ballots in the claim could never be resolved, nor the pool settled."""
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    a.pool.send("change_wallet", PAYEE, sender=MEMBER)
    a.start()
    a.file(PAYEE, 1000)
    assert a.pool.view("claim", 1).electorate == 3
    vote_of_all(a, PAYEE)


def test_claimant_alone_on_the_payee_s_account__can_file(a: Arena) -> None:
    a.create()
    a.join(2)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    a.pool.send("change_wallet", PAYEE, sender=MEMBER)
    a.start()
    a.file(PAYEE, 1000)
    assert a.pool.view("claim", 1).electorate == 0


@pytest.mark.spec("C12")
@pytest.mark.parametrize("back", [False, True])
def test_payee_who_left__is_not_taken_off_and_if_back_does_not_vote(a: Arena, back: bool) -> None:
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", address_of(5), 11, sender=MEMBER)
    a.pool.send("leave", sender=address_of(5))
    if back:
        a.chain.time += 60
        a.join(5)
    a.start()
    a.file(MEMBER, 1000)
    assert a.pool.view("claim", 1).electorate == 2
    if back:
        refusal = refused(a, address_of(5), "vote", 1, 10, WORDS)
        assert refusal == "ballot: voter is the loss payee"
    vote_of_all(a, MEMBER)


@pytest.mark.spec("B3")
@pytest.mark.parametrize("raised", [False, True])
def test_payee_with_a_second_wallet__does_not_vote(a: Arena, raised: bool) -> None:
    """Moved after a raise of the pledge, raised again by a unit in the hope of forgetting who."""
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", address_of(5), 11, sender=MEMBER)
    a.pool.send("change_wallet", address_of(50), sender=address_of(5))
    if raised:
        a.pool.send("pledge", address_of(5), 12, sender=MEMBER)
    a.start()
    a.file(MEMBER, 1000)
    for wallet in (50, 5):
        assert refused(a, address_of(wallet), "vote", 1, 10, WORDS) != ""
    vote_of_all(a, MEMBER)


def test_payee_who_becomes_a_member__does_not_vote(a: Arena) -> None:
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    a.join(70)
    a.start()
    a.file(MEMBER, 1000)
    refusal = refused(a, PAYEE, "vote", 1, 10, WORDS)
    assert refusal == "ballot: voter is the loss payee"
    vote_of_all(a, MEMBER)


@pytest.mark.spec("B3")
def test_payee_who_becomes_a_member_and_moves_away__does_not_vote(a: Arena) -> None:
    """Was no member when the pledge was made; was one when it was raised."""
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    a.join(70)
    a.pool.send("pledge", PAYEE, 11, sender=MEMBER)
    a.pool.send("change_wallet", address_of(71), sender=PAYEE)
    a.start()
    a.file(MEMBER, 1000)
    refusal = refused(a, address_of(71), "vote", 1, 10, WORDS)
    assert refusal == "ballot: voter is the loss payee"


@pytest.mark.spec("B3")
def test_payee_who_moves_away_while_another_joins_on_the_account__does_not_vote(a: Arena) -> None:
    """The bar is the member's who held the pledge at its last raise, not the account's."""
    payee, wallet = address_of(5), address_of(50)
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", payee, 11, sender=MEMBER)
    a.pool.send("change_wallet", wallet, sender=payee)
    a.chain.time += 60
    a.join(5)
    a.start()
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (3, 4)
    assert refused(a, wallet, "vote", 1, 10, WORDS) == "ballot: voter is the loss payee"
    a.vote(1, [payee])
    vote_of_all(a, MEMBER)


@pytest.mark.spec("G1")
def test_claimant__does_not_gag_a_member_by_a_pledge(a: Arena) -> None:
    """One unit, just before filing, to the one member who would object to silent consent."""
    a.create(silent_consent_limit=1000)
    for member in CREW:
        a.join(member)
    a.start()
    objector = address_of(5)
    refusal = "pledge: payee is a member"
    for amount in (1, 2**100):
        assert refused(a, MEMBER, "pledge", objector, amount) == refusal
    # nor by one who had another pledge, all given up
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    assert refused(a, MEMBER, "pledge", objector, 11) in (refusal, "pledge: another payee holds it")
    a.pool.send("release", MEMBER, 10, sender=PAYEE)
    assert refused(a, MEMBER, "pledge", objector, 11) == refusal
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (3, 0)
    a.vote(1, [objector], 0)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", 1)
    assert a.balance(MEMBER) == 0


@pytest.mark.spec("G1")
def test_raise__of_a_pledge_that_a_member_holds__is_the_same_member_s_only(a: Arena) -> None:
    """A pledge of somebody else's to that account opens nothing."""
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", address_of(5), 11, sender=MEMBER)
    other = address_of(3)
    assert refused(a, other, "pledge", address_of(5), 11) == "pledge: payee is a member"
    a.pool.send("release", MEMBER, 10, sender=address_of(5))
    a.pool.send("pledge", address_of(5), 2, sender=MEMBER)
    assert tuple(a.pool.view("pledge_of", MEMBER)) == (address_of(5), 2)
    a.start()
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (2, 4)
    refusal = refused(a, address_of(5), "vote", 1, 10, WORDS)
    assert refusal == "ballot: voter is the loss payee"


@pytest.mark.spec("B3", "C12", "G1")
@pytest.mark.parametrize("raised", [False, True])
@pytest.mark.parametrize("how", ["change_wallet", "recovery"])
def test_claimant__does_not_gag_a_member_by_a_pledge_to_where_the_policy_moves(
    a: Arena, how: str, raised: bool
) -> None:
    """Seen in a mempool, or for 30 days after begin_recovery."""
    voter, wallet = address_of(5), address_of(50)
    a.create(expiry=a.terms.expiry + 400 * DAY)
    for member in CREW:
        a.join(member)
    a.start()
    if how == "recovery":
        digest = recovery(a.pool.address, voter, wallet, 0)
        signatures = [short(number, digest) for number in CREW[:3]]
        a.by_anyone("support_recovery", voter, wallet, signatures)
        a.pool.send("begin_recovery", voter, wallet, sender=ORGANISER)
        a.chain.time += 30 * DAY
    a.pool.send("pledge", wallet, 10, sender=MEMBER)
    if how == "recovery":
        a.by_anyone("finish_recovery", voter)
    else:
        a.pool.send("change_wallet", wallet, sender=voter)
    if raised:
        a.pool.send("pledge", wallet, 11, sender=MEMBER)
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (3, 0)
    a.vote(1, [wallet], 0)
    vote_of_all(a, MEMBER)


@pytest.mark.spec("B3", "C12")
@pytest.mark.parametrize("moves", [False, True])
def test_payee_who_files__does_not_vote(a: Arena, moves: bool) -> None:
    """A member before the pledge, whose policy is on the payee's account when that files."""
    payee, away = address_of(50), address_of(51)
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", payee, 10, sender=MEMBER)
    a.pool.send("change_wallet", payee, sender=address_of(5))
    a.start()
    a.pool.send("file_claim_for", MEMBER, 1000, a.chain.time, WORDS, "", sender=payee)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (2, 4)
    if moves:
        a.pool.send("change_wallet", away, sender=payee)
    voter = away if moves else payee
    assert refused(a, voter, "vote", 1, 10, WORDS) == "ballot: voter is the loss payee"
    vote_of_all(a, MEMBER)


@pytest.mark.spec("B3")
@pytest.mark.parametrize("moves", [False, True])
def test_member_who_joins_after_the_pledge__votes_but_from_the_payee_s_account(
    a: Arena, moves: bool
) -> None:
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    account = a.join(60)
    if moves:
        a.pool.send("change_wallet", PAYEE, sender=account)
        account = PAYEE
    a.start()
    a.file(MEMBER, 1000)
    refusal = "ballot: voter is the loss payee" if moves else ""
    assert refused(a, account, "vote", 1, 10, WORDS) == refusal


@pytest.mark.spec("B3")
@pytest.mark.parametrize("raised", [False, True])
def test_payee_who_joined__keeps_the_bar_when_a_member_moves_onto_the_account(
    a: Arena, raised: bool
) -> None:
    """The lender moves its policy away, and an older member's comes: only the lender is barred."""
    payee, lender, friend = address_of(5), address_of(50), address_of(3)
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", payee, 11, sender=MEMBER)
    a.pool.send("change_wallet", lender, sender=payee)
    a.pool.send("change_wallet", payee, sender=friend)
    if raised:
        a.pool.send("pledge", payee, 12, sender=MEMBER)
    a.start()
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (2, 4)
    assert refused(a, lender, "vote", 1, 10, WORDS) == "ballot: voter is the loss payee"
    a.vote(1, [payee], 0)


@pytest.mark.spec("B3", "C12")
@pytest.mark.parametrize("raised", [False, True])
@pytest.mark.parametrize("how", ["release", "award"])
def test_payee_of_a_pledge_of_which_nothing_is_left__votes_on_the_next_claim(
    a: Arena, how: str, raised: bool
) -> None:
    """Released beside an open claim, or paid off by its award: that claim keeps its bar."""
    payee = address_of(5)
    a.create()
    pledge_to_the_last(a)
    if raised:
        a.pool.send("pledge", payee, 11, sender=MEMBER)
    a.start()
    a.file(MEMBER, 1000)
    if how == "release":
        a.pool.send("release", MEMBER, 10 + raised, sender=payee)
    assert a.pool.view("claim", 1).electorate == 2
    assert refused(a, payee, "vote", 1, 10, WORDS) == "ballot: voter is the loss payee"
    a.vote(1, [address_of(n) for n in (3, 4)])
    a.by_anyone("resolve", 1)
    assert tuple(a.pool.view("pledge_of", MEMBER)) == (payee, 0)
    # too late to gag the payee anew
    assert refused(a, MEMBER, "pledge", payee, 100) == "pledge: payee is a member"
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 2)
    assert (claim.electorate, claim.payee_id) == (3, 0)
    a.vote(2, [payee], 0)
    assert a.pool.view("has_voted", 2, payee)


@pytest.mark.spec("B3")
def test_payee_who_released_all_and_moved__is_not_gagged_by_a_pledge_to_the_old_account(
    a: Arena,
) -> None:
    """What the pool remembered of the old pledge has gone with it."""
    payee, wallet = address_of(5), address_of(50)
    a.create()
    pledge_to_the_last(a)
    a.pool.send("pledge", payee, 11, sender=MEMBER)
    a.pool.send("release", MEMBER, 11, sender=payee)
    a.pool.send("change_wallet", wallet, sender=payee)
    a.pool.send("pledge", payee, 1, sender=MEMBER)
    a.start()
    a.file(MEMBER, 1000)
    claim = a.pool.view("claim", 1)
    assert (claim.electorate, claim.payee_id) == (3, 0)
    a.vote(1, [wallet], 0)


def test_pledge__cannot_be_made_after_the_payee_has_voted(a: Arena) -> None:
    a.create()
    for member in CREW:
        a.join(member)
    a.start()
    a.file(MEMBER, 1000)
    a.vote(1, [address_of(3)])
    assert refused(a, MEMBER, "pledge", address_of(3), 1000) == "pledge: a claim is open"


@pytest.mark.spec("A11")
def test_claim_of_two_members_one_the_payee__waits_and_lapses(a: Arena) -> None:
    """Nobody is left to vote: no quorum out of nothing."""
    a.create()
    a.join(2)
    a.pool.send("pledge", address_of(3), 10, sender=MEMBER)
    a.join(3)
    a.start()
    a.file(MEMBER, 1000)
    assert a.refusal("resolve", 1) == "claim: voting is still open"
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", 1)
    assert a.pool.view("claim", 1).status == 4


# --- pledges ----------------------------------------------------------------


@pytest.mark.spec("G3")
def test_pledge__is_taken_from_nobody_by_another(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3)
    pledge = ("pledge", PAYEE, 100)
    a.pool.send(*pledge, sender=MEMBER)
    assert refused(a, MEMBER, "pledge", OUTSIDER, 200) == "pledge: another payee holds it"
    for less in (100, 99, 0):
        refusal = refused(a, MEMBER, "pledge", PAYEE, less)
        assert refusal == "pledge: not above what is pledged"
    assert refused(a, MEMBER, "pledge", PAYEE, 2**100 + 1) == "pledge: amount above 2**100"
    for who in (MEMBER, OUTSIDER, ORGANISER):
        assert refused(a, who, "release", MEMBER, 1) == "release: caller is not the payee"
    assert refused(a, PAYEE, "release", MEMBER, 101) == "release: more than pledged"
    assert refused(a, PAYEE, "release", PAYEE, 0) == "release: caller is not the payee"
    assert refused(a, MEMBER, "pledge", MEMBER, 500) == "pledge: payee is not another account"
    assert refused(a, MEMBER, "pledge", ZERO, 500) == "pledge: payee is not another account"


@pytest.mark.spec("G7")
def test_pledge__survives_the_move_that_should_shake_it_off(a: Arena) -> None:
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 600, sender=MEMBER)
    a.pool.send("change_wallet", address_of(20), sender=MEMBER)
    a.start()
    new = address_of(20)
    a.award(new, 1000, [address_of(n) for n in (3, 4, 5)])
    assert (a.balance(PAYEE), a.balance(new)) == (600, 400)
    a.award(new, 1000, [address_of(n) for n in (3, 4, 5)])
    assert (a.balance(PAYEE), a.balance(new)) == (600, 1400)
    assert tuple(a.pool.view("pledge_of", new)) == (PAYEE, 0)


def test_policy_left_behind__leaves_no_pledge_to_the_next(a: Arena) -> None:
    """Pledges are by id and ids do not come back."""
    a.create()
    a.join(2), a.join(3)
    a.pool.send("pledge", PAYEE, 600, sender=MEMBER)
    a.pool.send("leave", sender=MEMBER)
    assert tuple(a.pool.view("pledge_of", MEMBER)) == (ZERO, 0)
    assert refused(a, PAYEE, "release", MEMBER, 1) == "release: caller is not the payee"
    a.chain.time += 60
    a.join(2)
    assert tuple(a.pool.view("pledge_of", MEMBER)) == (ZERO, 0)


@pytest.mark.spec("G6")
@pytest.mark.parametrize("bond_back", [False, True])
def test_payee_that_rejects__gets_a_credit_and_stops_nobody(a: Arena, bond_back: bool) -> None:
    payee = a.mock("WalletThatRejects")
    a.create(claim_bond=7)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", payee.address, 600, sender=MEMBER)
    a.start()
    if bond_back:
        call = ("file_claim_for", MEMBER, 1000, a.chain.time, WORDS, "")
        execute(a, payee, *call, value=7)
    else:
        a.file(MEMBER, 1000)
    a.vote(1, [address_of(n) for n in (3, 4, 5)])
    a.by_anyone("resolve", 1)
    assert a.pool.view("credit_of", payee.address) == 600 + 7 * bond_back
    assert a.balance(MEMBER) == 400 + 7 * (not bond_back)
    a.audit()


@pytest.mark.parametrize("award", [0, 10])
def test_bond_of_a_claim_filed_for_a_member__is_the_payee_s(both: Arena, award: int) -> None:
    a = both
    a.create(claim_bond=7)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 100, sender=MEMBER)
    a.start()
    value = a.fund(PAYEE, 7)
    claim = ("file_claim_for", MEMBER, 1000, a.chain.time, WORDS, "")
    a.pool.send(*claim, sender=PAYEE, value=value)
    assert refused(a, MEMBER, "reduce_claim", 1, 1) == "claim: caller is not the claimant"
    # released in the middle: the filer stays who it was
    a.pool.send("release", MEMBER, 100, sender=PAYEE)
    assert refused(a, MEMBER, "reduce_claim", 1, 1) == "claim: caller is not the claimant"
    assert refused(a, MEMBER, "pledge", OUTSIDER, 9) == "pledge: a claim is open"
    a.vote(1, [address_of(n) for n in (3, 4, 5)], award)
    a.by_anyone("resolve", 1)
    assert a.balance(PAYEE) == (7 if award else 0)
    assert a.balance(MEMBER) == 100 * award
    a.audit()


@pytest.mark.spec("G8", "K4")
def test_payee_who_is_the_member_by_now__files_as_the_member(a: Arena) -> None:
    """Life 658 of seed 133: the claim goes along when the policy moves on."""
    a.create()
    a.join(2), a.join(3)
    a.pool.send("pledge", PAYEE, 100, sender=MEMBER)
    a.pool.send("change_wallet", PAYEE, sender=MEMBER)
    a.start()
    a.pool.send("file_claim_for", PAYEE, 1000, a.chain.time, WORDS, "", sender=PAYEE)
    a.pool.send("change_wallet", address_of(30), sender=PAYEE)
    assert a.pool.view("claim", 1).filer == address_of(30)
    assert refused(a, PAYEE, "reduce_claim", 1, 9) == "claim: caller is not the claimant"
    assert refused(a, address_of(30), "reduce_claim", 1, 9) == ""


def test_file_claim_for__takes_a_pledge_that_lives(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3)
    a.pool.send("pledge", PAYEE, 100, sender=MEMBER)
    a.start()
    refusal = "claim: caller is not the loss payee"
    for who, member in ((OUTSIDER, MEMBER), (MEMBER, MEMBER), (PAYEE, address_of(3)), (ZERO, ZERO)):
        claim = ("file_claim_for", member, 1000, a.chain.time, WORDS, "")
        assert refused(a, who, *claim) == refusal
    a.pool.send("release", MEMBER, 100, sender=PAYEE)
    assert refused(a, PAYEE, "file_claim_for", MEMBER, 9, a.chain.time, WORDS, "") == refusal


# --- guarantees -------------------------------------------------------------


@pytest.mark.spec("G9")
def test_guarantee__is_called_by_the_desk_s_loan_in_default_only(g: Arena) -> None:
    assert guarantee(g, 100) == "guarantee: not in default"
    default(g, 50)
    assert guarantee(g, 51) == "guarantee: not in default"
    assert guarantee(g, 0) == "guarantee: nothing"
    for who in (OUTSIDER, MEMBER, ORGANISER, g.desk.address):
        assert refused(g, who, "call_guarantee", MEMBER, 1) == "guarantee: no such loan"
    # a loan of the desk, but not to this member
    other = address_of(3)
    call = ("call_guarantee", g.pool.address, other, 1)
    with pytest.raises(Reverted, match="guarantee: no such loan"):
        g.loan.send(*call, sender=OUTSIDER)
    with pytest.raises(Reverted, match="guarantee: no such loan"):
        g.loan.send("call_guarantee", g.pool.address, ZERO, 1, sender=OUTSIDER)


@pytest.mark.spec("G12", "V1")
def test_guarantee__is_told_of_as_a_claim_that_nobody_voted_on(g: Arena) -> None:
    default(g)
    g.chain.time += 9
    assert guarantee(g, 100) == ""
    now = g.chain.time
    assert told(g, "claim", 1) == {
        "claimant": MEMBER,
        "filer": g.loan.address,
        "payee_id": 0,
        "asked": 100,
        "incident_at": now,
        "filed_at": now,
        "window": 0,
        "electorate": 0,
        "roster_size": 0,
        "status": 2,
        "since": 0,
        "award": 10,
        "paid": 100,
    }


@pytest.mark.spec("G9")
def test_guarantee__where_the_terms_have_no_desk__is_nobody_s(a: Arena) -> None:
    a.create()
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=MEMBER)
    a.start()
    assert refused(a, PAYEE, "call_guarantee", MEMBER, 1) == "guarantee: no such loan"


def test_member_as_a_loan__is_paid_by_the_desk_s_word_only(g: Arena) -> None:
    """A member who pledges to another of the own accounts draws nothing."""
    g.pool.send("pledge", PAYEE, 1000, sender=address_of(3))
    assert refused(g, PAYEE, "call_guarantee", address_of(3), 1) == "guarantee: no such loan"


@pytest.mark.spec("G10")
def test_guarantee__is_no_more_than_the_pledge_however_often(g: Arena) -> None:
    default(g)
    assert guarantee(g, 3001) == "guarantee: more than pledged"
    assert guarantee(g, 2000) == ""
    assert guarantee(g, 1001) == "guarantee: more than pledged"
    assert guarantee(g, 1000) == ""
    assert guarantee(g, 1) == "guarantee: more than pledged"
    assert g.balance(g.loan.address) == 3000
    finish(g)


def test_guarantees_that_wait__are_no_more_than_the_pledge(g: Arena) -> None:
    """In a shortage nothing is paid, so nothing of the pledge seems used."""
    default(g)
    g.file(address_of(3), 5000)
    assert guarantee(g, 3000) == ""
    assert g.balance(g.loan.address) == 0
    assert guarantee(g, 1) == "guarantee: more than pledged"
    g.at(g.chain.time + g.terms.voting_period)
    g.by_anyone("resolve", 1)
    finish(g)
    assert g.balance(g.loan.address) == 3000


@pytest.mark.spec("G13")
@pytest.mark.parametrize("trick", ["release", "claim", "raise"])
def test_guarantee_that_waits__is_never_the_member_s_cash(g: Arena, trick: str) -> None:
    """Released, or the pledge used up by a claim meanwhile: what nobody voted on is the loan's."""
    default(g)
    g.file(address_of(3), 5000)
    assert guarantee(g, 2000) == ""
    if trick == "release":
        execute(g, g.loan, "release", MEMBER, 1000)
    elif trick == "raise":
        g.pool.send("pledge", g.loan.address, 2**100, sender=MEMBER)
        assert guarantee(g, 3001) == "guarantee: more than the cover left"
    else:
        g.file(MEMBER, 1000)
        g.vote(3, [address_of(n) for n in (3, 4, 5)])
        g.by_anyone("resolve", 3)
    g.at(g.chain.time + g.terms.voting_period)
    g.by_anyone("resolve", 1)
    for claim_id in (2, 3):
        g.refusal("pay_award", claim_id)
    paid = {"release": 2000, "raise": 2000, "claim": 3000}[trick]
    assert g.balance(g.loan.address) == paid
    assert g.balance(MEMBER) == (7 if trick == "claim" else 0)
    finish(g)


@pytest.mark.spec("G14")
@pytest.mark.parametrize("award", [0, 3, 10])
def test_guarantee_under_an_open_claim__leaves_it_what_cover_is_left(g: Arena, award: int) -> None:
    default(g)
    g.donate(20_000)
    g.file(MEMBER, 5000)
    assert g.summary().asked == 5000
    assert guarantee(g, 3000) == ""
    assert g.summary().asked == 5000
    g.vote(1, [address_of(n) for n in (3, 4, 5)], award)
    g.by_anyone("resolve", 1)
    assert g.pool.view("member", MEMBER).cover_used == 3000 + 200 * award
    assert g.summary().asked == 0
    assert guarantee(g, 1) == "guarantee: more than pledged"
    finish(g)


def test_guarantee_that_takes_all_cover__leaves_the_open_claim_nothing_but_its_bond(
    g: Arena,
) -> None:
    default(g)
    g.donate(20_000)
    g.pool.send("pledge", g.loan.address, 5000, sender=MEMBER)
    g.file(MEMBER, 5000)
    assert guarantee(g, 5000) == ""
    g.vote(1, [address_of(n) for n in (3, 4, 5)])
    g.by_anyone("resolve", 1)
    assert g.balance(MEMBER) == 7
    assert g.summary().asked == 0
    with pytest.raises(Reverted, match="claim: cover is used up"):
        g.file(MEMBER, 10)
    finish(g)


@pytest.mark.spec("V6", "G14")
def test_quote__beside_a_guarantee__has_what_was_asked_and_less_is_paid(g: Arena) -> None:
    default(g)
    g.donate(10_000)
    g.file(MEMBER, 5000)
    assert guarantee(g, 1500) == ""
    quote = lens_of(g).view("quote_settlement", g.pool.address)
    funds = g.summary().funds
    assert (quote.asked, quote.paid, quote.surplus) == (5000, 5000, funds - 5000)
    g.vote(1, [address_of(n) for n in (3, 4, 5)])
    g.by_anyone("resolve", 1)
    assert g.summary().funds == funds - 3500


@pytest.mark.spec("W3", "G14")
def test_reduced_and_capped_and_waiting__asked_comes_back_to_nothing(g: Arena) -> None:
    """Every order of reducing, drawing and deciding, in a pool that cannot pay it all."""
    default(g)
    g.file(MEMBER, 5000)
    g.file(address_of(3), 5000)
    g.file(address_of(4), 1)
    assert guarantee(g, 1500) == ""
    g.pool.send("reduce_claim", 1, 4000, sender=MEMBER)
    assert guarantee(g, 1500) == ""
    assert g.summary().asked == 4000 + 5000 + 1 + 3000
    g.vote(1, [address_of(n) for n in (3, 4, 5)], 9)
    g.by_anyone("resolve", 1)
    # the claim is left 2000 of the cover, nine tenths of them awarded
    assert g.summary().asked == 1800 + 5000 + 1 + 3000
    g.vote(2, [address_of(n) for n in (2, 4, 5)])
    g.by_anyone("resolve", 2)
    g.vote(3, [address_of(n) for n in (2, 3, 5)], 5)
    g.by_anyone("resolve", 3)
    assert g.summary().asked == 9800
    g.at(g.window_end(0))
    g.by_anyone("settle_window", 0)
    summary = g.summary()
    assert (summary.asked, summary.funds, summary.unpaid) == (0, 0, 5800)
    g.donate(5800)
    finish(g)
    # rule 14: less than two units of each award that was cut
    assert 3000 - 4 < g.balance(g.loan.address) <= 3000


@pytest.mark.spec("G11")
@pytest.mark.parametrize("when", ["before", "cancelled", "late", "settled"])
def test_guarantee__only_while_claims_are_taken(a: Arena, when: str) -> None:
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, min_members=9 if when == "cancelled" else 1)
    a.join(2), a.join(3)
    a.pool.send("pledge", a.loan.address, 3000, sender=MEMBER)
    default(a)
    refusal = "guarantee: not in the member's cover"
    if when != "before":
        a.start()
    if when in ("late", "settled"):
        a.reporting_end()
        refusal = "guarantee: reporting is over"
    if when == "settled":
        a.by_anyone("settle")
        a.by_anyone("refund_many", 1, 2)
    assert guarantee(a, 100) == refusal


@pytest.mark.spec("G11")
def test_guarantee__of_who_joined_late__waits_as_long_from_then_on(a: Arena) -> None:
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, waiting_period=DAY, enrolment_end=TERMS.expiry)
    a.join(3)
    joined_at = a.terms.cover_start + 2 * DAY
    a.at(joined_at)
    a.join(MEMBER)
    a.pool.send("pledge", a.loan.address, 3000, sender=MEMBER)
    default(a)
    a.at(joined_at + DAY - 1)
    assert guarantee(a, 100) == "guarantee: not in the member's cover"
    a.at(joined_at + DAY)
    assert guarantee(a, 100) == ""


@pytest.mark.spec("G11")
@pytest.mark.parametrize(
    "left, refusal", [(DAY, "guarantee: not in the member's cover"), (DAY + 1, "")]
)
def test_guarantee__of_a_cover_that_never_begins(a: Arena, left: int, refusal: str) -> None:
    """Joined for next to nothing when less than the waiting period was left."""
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, waiting_period=DAY, enrolment_end=TERMS.expiry)
    a.join(3)
    a.at(TERMS.expiry - left)
    a.join(MEMBER)
    a.pool.send("pledge", a.loan.address, 3000, sender=MEMBER)
    default(a)
    a.at(TERMS.expiry)
    assert guarantee(a, 100) == refusal


def test_guarantee_in_the_last_second__is_served_before_settlement(g: Arena) -> None:
    default(g)
    g.file(address_of(3), 5000)
    g.vote(1, [address_of(n) for n in (2, 4, 5)])
    g.by_anyone("resolve", 1)
    g.at(g.terms.expiry + g.terms.reporting_period - 1)
    assert guarantee(g, 3000) == ""
    g.at(g.chain.time + 1)
    if g.summary().asked:
        assert g.refusal("settle") == "settle: awards wait for their window"
    finish(g)


def test_guarantee_in_a_window_between__keeps_windows_in_order(g: Arena) -> None:
    """`previous` has to follow claims that nobody filed."""
    default(g)
    g.pool.send("pledge", g.loan.address, 5000, sender=MEMBER)
    g.file(address_of(3), 5000)
    g.vote(1, [address_of(n) for n in (2, 4, 5)])
    g.by_anyone("resolve", 1)
    g.at(g.window_end(1))
    assert guarantee(g, 1000) == ""
    g.at(g.window_end(4))
    g.file(address_of(4), 10)
    g.vote(3, [address_of(n) for n in (2, 3, 5)])
    g.by_anyone("resolve", 3)
    g.at(g.window_end(5))
    for late in (2, 5):
        refusal = g.refusal("settle_window", late)
        assert refusal in ("window: an earlier one is not settled", "window: already settled")
    for window in (0, 2, 5):
        g.refusal("settle_window", window)
        assert g.pool.view("window", window).settled
    finish(g)


@pytest.mark.spec("G15")
def test_guarantee__counts_as_an_award_for_the_claim_free_refund(a: Arena) -> None:
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address, claim_free_refund=True)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", a.loan.address, 100, sender=MEMBER)
    a.start()
    default(a)
    assert guarantee(a, 100) == ""
    a.reporting_end()
    a.by_anyone("settle")
    assert a.due(MEMBER) == [0]
    assert sum(a.due(*(address_of(n) for n in (3, 4, 5)))) == 3900


@pytest.mark.spec("G16")
@pytest.mark.parametrize("mock", ["WalletThatBurnsGas", "WalletThatReturnsABomb", "Wallet"])
def test_desk_that_misbehaves__stops_only_guarantees(a: Arena, mock: str) -> None:
    desk, a.loan = a.mock(mock), a.mock("Loan")
    a.create(desk=desk.address)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", a.loan.address, 100, sender=MEMBER)
    a.start()
    with pytest.raises(Reverted):
        a.loan.send("call_guarantee", a.pool.address, MEMBER, 1, sender=OUTSIDER)
    a.award(MEMBER, 1000, [address_of(n) for n in (3, 4, 5)])
    assert a.balance(a.loan.address) == 100


def test_token_that_calls_back__while_a_guarantee_is_paid_finds_the_door_locked(a: Arena) -> None:
    token = a.use_token("TokenThatReenters")
    a.desk, a.loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    a.desk.send("lend", a.loan.address, sender=OUTSIDER)
    a.create(desk=a.desk.address)
    for member in CREW:
        a.join(member)
    a.pool.send("pledge", a.loan.address, 100, sender=MEMBER)
    a.start()
    default(a)
    for name in ("call_guarantee", "pledge_of", "release", "recover", "summary"):
        token.send("arm", a.pool.address, calldata(name), sender=OUTSIDER)
        assert guarantee(a, 10) == ""
        assert (token.view("outcome"), token.view("words")) == (2, 0), name


# --- recover ----------------------------------------------------------------


@pytest.mark.spec("G17")
@pytest.mark.parametrize("state", ["active", "unpaid", "settled", "swept"])
def test_recovered_money__is_booked_as_a_donation_is(both: Arena, state: str) -> None:
    a = both
    a.create(**WITH_CAUSE, cause_bps=1000, tiers=(Tier(1000, 5000),))
    for member in CREW:
        a.join(member)
    a.start()
    a.award(MEMBER, 5000 if state == "unpaid" else 1000, [address_of(n) for n in (3, 4, 5)])
    if state == "unpaid":
        a.at(a.window_end(0))
        a.by_anyone("settle_window", 0)
    if state in ("settled", "swept"):
        a.reporting_end()
        a.by_anyone("settle")
    if state == "swept":
        a.at(a.chain.time + 180 * DAY)
        a.by_anyone("sweep")
    before = a.chain.snapshot()
    a.donate(1500)
    as_donated = tuple(a.summary()), a.due(*(address_of(n) for n in CREW)), a.balance(CAUSE)
    a.chain.revert(before)
    value = a.fund(OUTSIDER, 1500)
    a.pool.send("recover", 1, 1500, sender=OUTSIDER, value=value)
    assert as_donated == (
        tuple(a.summary()),
        a.due(*(address_of(n) for n in CREW)),
        a.balance(CAUSE),
    )
    a.audit()


def test_recover__for_nothing_or_no_claim_is_refused(a: Arena) -> None:
    a.create(min_members=2)
    a.join(2)
    assert a.refusal("recover", 1, 1) == "claim: no such claim"
    a.start()
    for claim_id in (0, 1, 2**255):
        assert a.refusal("recover", claim_id, 1) == "claim: no such claim"
