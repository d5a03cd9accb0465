"""Attacks on the hearing: own cases, exact seconds, claims kept open for ever (rule 7a)."""

from __future__ import annotations

import pytest

from tests.attacks.arena import DAY, HOUR, OUTSIDER, WORDS, ZERO, Arena
from tests.evm.chain import Reverted
from tests.evm.signing import address_of

ARBITER = address_of(90)
APPEAL, RULING = 2 * HOUR, 5 * HOUR
HEARING = {"arbiter": ARBITER, "appeal_period": APPEAL, "ruling_period": RULING}
OPEN, AWARDED, REJECTED, LAPSED, CUT, REFERRED, APPEALED = range(1, 8)


@pytest.fixture
def h(a: Arena) -> Arena:
    """A pool of four with an arbiter, and a claim of person 2 for 1000."""
    a.create(**HEARING, claim_bond=7)
    for member in (2, 3, 4, 5):
        a.join(member)
    a.start()
    a.file(address_of(2), 1000)
    return a


def decided(h: Arena, award: int = 5) -> Arena:
    """All have voted and the claim is cut or rejected."""
    h.vote(1, [address_of(n) for n in (3, 4, 5)], award)
    h.by_anyone("resolve", 1)
    return h


def status(h: Arena, claim_id: int = 1) -> int:
    return h.pool.view("claim", claim_id).status


def refused(h: Arena, sender: str, function: str, *args: object) -> str:
    """Why it is refused to a sender; nothing if it is not."""
    try:
        h.pool.send(function, *args, sender=sender)
    except Reverted as failure:
        return failure.reason
    return ""


@pytest.mark.parametrize("who", [OUTSIDER, address_of(3), ARBITER])
def test_accept_and_appeal__are_the_claimant_s_alone(h: Arena, who: str) -> None:
    decided(h)
    for call in (("accept", 1), ("appeal", 1)):
        assert refused(h, who, *call) == "claim: caller is not the claimant"
    assert refused(h, who, "reduce_claim", 1, 10) == "claim: caller is not the claimant"


@pytest.mark.parametrize("who", [OUTSIDER, address_of(1), address_of(2), address_of(3)])
def test_rule__is_the_arbiter_s_alone(h: Arena, who: str) -> None:
    """Not the organiser's, not the claimant's, not a voter's."""
    decided(h)
    h.pool.send("appeal", 1, sender=address_of(2))
    assert refused(h, who, "rule", 1, 10, WORDS) == "ruling: caller is not the arbiter"


@pytest.mark.spec("H13")
def test_pool_without_an_arbiter__has_nobody_to_rule(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3)
    a.start()
    a.file(address_of(2), 1000)
    assert refused(a, ZERO, "rule", 1, 10, WORDS) != ""
    a.vote(1, [address_of(3)], 5)
    a.by_anyone("resolve", 1)
    assert status(a) == AWARDED
    assert refused(a, address_of(2), "appeal", 1) == "appeal: nothing to appeal"


def test_arbiter__rules_on_nothing_that_is_not_before_them(h: Arena) -> None:
    refusal = "ruling: not before the arbiter"
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == refusal
    decided(h)
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == refusal
    h.pool.send("accept", 1, sender=address_of(2))
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == refusal
    assert refused(h, ARBITER, "rule", 2, 10, WORDS) == "claim: no such claim"


@pytest.mark.spec("H7")
def test_ruling__is_bounded_by_the_vote_and_by_ten_and_has_a_reason(h: Arena) -> None:
    decided(h)
    h.pool.send("appeal", 1, sender=address_of(2))
    assert refused(h, ARBITER, "rule", 1, 4, WORDS) == "ruling: below the vote"
    assert refused(h, ARBITER, "rule", 1, 11, WORDS) == "ruling: award is above ten tenths"
    assert refused(h, ARBITER, "rule", 1, 255, WORDS) == "ruling: award is above ten tenths"
    assert refused(h, ARBITER, "rule", 1, 9, bytes(32)) == "ruling: reason missing"
    h.pool.send("rule", 1, 10, bytes(32), sender=ARBITER)
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == "ruling: not before the arbiter"
    assert h.pool.view("claim", 1).paid == 1000
    h.audit()


@pytest.mark.spec("H4")
def test_appeal_period__ends_for_all_in_the_same_second(h: Arena) -> None:
    since = decided(h).chain.time
    before = h.chain.snapshot()
    h.at(since + APPEAL - 1)
    assert h.refusal("resolve", 1) == "claim: can still be appealed"
    assert refused(h, address_of(2), "appeal", 1) == ""
    h.chain.revert(before)
    h.at(since + APPEAL)
    assert refused(h, address_of(2), "appeal", 1) == "appeal: too late"
    assert h.refusal("resolve", 1) == ""
    assert h.pool.view("claim", 1).paid == 500


@pytest.mark.spec("H5")
def test_ruling_period__ends_for_all_in_the_same_second(h: Arena) -> None:
    decided(h)
    h.pool.send("appeal", 1, sender=address_of(2))
    since = h.chain.time
    before = h.chain.snapshot()
    h.at(since + RULING - 1)
    assert h.refusal("resolve", 1) == "claim: waits for the arbiter"
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == ""
    h.chain.revert(before)
    h.at(since + RULING)
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == "ruling: too late"
    assert h.refusal("resolve", 1) == ""
    assert h.pool.view("claim", 1).paid == 500


@pytest.mark.spec("C16")
def test_claim__cannot_be_kept_open_by_appeals(h: Arena) -> None:
    """Filed in the last second, appealed in the last second, and never ruled on."""
    h.vote(1, [address_of(n) for n in (3, 4, 5)])
    h.by_anyone("resolve", 1)
    h.at(h.terms.expiry + h.terms.reporting_period - 1)
    h.file(address_of(3), 1000)
    h.vote(2, [address_of(n) for n in (4, 5)], 0)
    h.by_anyone("resolve", 2)
    h.at(h.chain.time + APPEAL - 1)
    h.pool.send("appeal", 2, sender=address_of(3))
    for call in ("appeal", "accept"):
        refusal = {"appeal": "appeal: nothing to appeal", "accept": "claim: nothing to accept"}
        assert refused(h, address_of(3), call, 2) == refusal[call]
    assert h.refusal("settle") == "settle: claims are open"
    h.at(h.chain.time + RULING)
    h.by_anyone("resolve", 2)
    assert status(h, 2) == REJECTED
    h.by_anyone("settle")
    h.audit()


@pytest.mark.spec("A5")
@pytest.mark.parametrize("ending", ["resolve", "rule", "accept"])
def test_concluded_claim__is_concluded(h: Arena, ending: str) -> None:
    """Nothing decides, appeals, reduces or pays it once more."""
    decided(h)
    if ending == "rule":
        h.pool.send("appeal", 1, sender=address_of(2))
        h.pool.send("rule", 1, 8, WORDS, sender=ARBITER)
    elif ending == "accept":
        h.pool.send("accept", 1, sender=address_of(2))
    else:
        h.at(h.chain.time + APPEAL)
        h.by_anyone("resolve", 1)
    before = tuple(h.summary())
    assert h.refusal("resolve", 1) == "claim: already decided"
    for who in (address_of(2), ARBITER):
        for call in (
            ("accept", 1),
            ("appeal", 1),
            ("reduce_claim", 1, 1),
            ("rule", 1, 10, WORDS),
            ("vote", 1, 10, WORDS),
        ):
            assert refused(h, who, *call) != "", call
    assert h.refusal("pay_award", 1) == "award: nothing to pay"
    assert tuple(h.summary()) == before
    assert h.summary().held == 0  # the bond went back


@pytest.mark.spec("H12")
def test_claim_before_the_arbiter__takes_no_more_ballots_or_reductions(h: Arena) -> None:
    """Decided early: those who have not voted cannot reopen it."""
    h.vote(1, [address_of(3), address_of(4)], 0)
    h.by_anyone("resolve", 1)
    assert status(h) == CUT
    assert refused(h, address_of(5), "vote", 1, 10, WORDS) == "ballot: voting is over"
    assert refused(h, address_of(2), "reduce_claim", 1, 10) == "claim: voting is over"
    with pytest.raises(Reverted, match="claim: one is already open"):
        h.file(address_of(2), 10)


def test_referred_claim__cannot_be_accepted_and_lapses_with_its_bond_back(h: Arena) -> None:
    h.at(h.chain.time + h.terms.voting_period)
    h.by_anyone("resolve", 1)
    assert status(h) == REFERRED
    assert refused(h, address_of(2), "accept", 1) == "claim: nothing to accept"
    assert refused(h, address_of(2), "appeal", 1) == "appeal: nothing to appeal"
    h.at(h.chain.time + RULING)
    assert refused(h, ARBITER, "rule", 1, 10, WORDS) == "ruling: too late"
    h.by_anyone("resolve", 1)
    assert status(h) == LAPSED
    assert h.balance(address_of(2)) == 7


@pytest.mark.spec("H11")
def test_full_award__goes_past_the_arbiter(h: Arena) -> None:
    decided(h, 10)
    assert status(h) == AWARDED


# --- own cases --------------------------------------------------------------


def with_arbiter_inside(a: Arena) -> Arena:
    """The arbiter is a member too, and has a claim that was rejected and appealed."""
    a.create(**HEARING)
    for member in (90, 3, 4):
        a.join(member)
    a.start()
    a.file(ARBITER, 1000)
    a.vote(1, [address_of(3), address_of(4)], 0)
    a.by_anyone("resolve", 1)
    a.pool.send("appeal", 1, sender=ARBITER)
    return a


@pytest.mark.spec("H8")
def test_arbiter_with_a_claim__does_not_rule_on_it(a: Arena) -> None:
    with_arbiter_inside(a)
    assert refused(a, ARBITER, "rule", 1, 10, WORDS) == "ruling: own case"
    a.at(a.chain.time + RULING)
    a.by_anyone("resolve", 1)
    assert status(a) == REJECTED


@pytest.mark.parametrize("early", [False, True])
def test_arbiter__does_not_rule_on_an_own_claim_that_moved_away(a: Arena, early: bool) -> None:
    """A policy moved to a second wallet, before or after filing, is still their own."""
    second = address_of(91)
    if early:
        a.create(**HEARING)
        for member in (90, 3, 4):
            a.join(member)
        a.start()
        if refused(a, ARBITER, "change_wallet", second):
            return
        a.file(second, 1000)
        a.vote(1, [address_of(3), address_of(4)], 0)
        a.by_anyone("resolve", 1)
        a.pool.send("appeal", 1, sender=second)
    else:
        with_arbiter_inside(a)
        if refused(a, ARBITER, "change_wallet", second):
            return
    assert refused(a, ARBITER, "rule", 1, 10, WORDS) == "ruling: own case"


@pytest.mark.spec("G1", "H8")
def test_claimant__does_not_shut_the_arbiter_out_by_a_pledge(a: Arena) -> None:
    """One unit, released at once: a sham claim without a quorum would get its bond back."""
    claimant = address_of(2)
    a.create(**HEARING, claim_bond=7)
    for member in (2, 3, 4):
        a.join(member)
    for amount in (1, 2**100):
        assert refused(a, claimant, "pledge", ARBITER, amount) == "pledge: payee is the arbiter"
    a.start()
    a.file(claimant, 1000)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", 1)
    assert status(a) == REFERRED
    a.pool.send("rule", 1, 0, WORDS, sender=ARBITER)
    assert (status(a), a.balance(claimant), a.summary().held) == (REJECTED, 0, 0)


# --- reduce_claim -----------------------------------------------------------


@pytest.mark.spec("C14", "W3")
def test_reduction__keeps_the_books_to_one_unit(both: Arena) -> None:
    a = both
    a.create(claim_bond=7, deductible=100)
    for member in (2, 3, 4):
        a.join(member)
    a.start()
    a.file(address_of(2), 5000)
    a.file(address_of(3), 700)
    assert a.summary().asked == 4900 + 600
    for amount in (5000, 100, 0, 2**256 - 1):
        assert refused(a, address_of(2), "reduce_claim", 1, amount) != "", amount
    for amount in (4999, 2000, 101):
        a.pool.send("reduce_claim", 1, amount, sender=address_of(2))
        assert a.summary().asked == amount - 100 + 600
    assert refused(a, address_of(2), "reduce_claim", 1, 101) == "claim: not a reduction"
    a.vote(1, [address_of(3), address_of(4)], 5)
    a.by_anyone("resolve", 1)
    assert status(a) == AWARDED
    assert a.summary().asked == 600
    a.vote(2, [address_of(2), address_of(4)], 10)
    a.by_anyone("resolve", 2)
    assert a.summary().asked == 0
    a.audit()


@pytest.mark.spec("C14")
def test_reduction__frees_what_waits_and_never_more(a: Arena) -> None:
    """A claim that asks too much holds back others' awards; reduced, it lets them be paid."""
    a.create()
    for member in (2, 3, 4):
        a.join(member)
    a.start()
    a.file(address_of(2), 5000)
    a.file(address_of(3), 1000)
    a.vote(2, [address_of(2), address_of(4)])
    a.by_anyone("resolve", 2)
    assert a.pool.view("award_due", 2) == 0
    a.pool.send("reduce_claim", 1, 2001, sender=address_of(2))
    assert a.pool.view("award_due", 2) == 0
    a.pool.send("reduce_claim", 1, 2000, sender=address_of(2))
    assert a.by_anyone("pay_award", 2).value == 1000
    assert a.summary().asked == 2000
    a.vote(1, [address_of(3), address_of(4)])
    a.by_anyone("resolve", 1)
    assert tuple(a.summary())[6:10] == (0, 0, 0, 0)
    a.audit()


def test_reduction__ends_with_the_voting(h: Arena) -> None:
    """Or a claimant could get silent consent after nobody came."""
    end = h.pool.view("claim", 1).filed_at + h.terms.voting_period
    h.at(end - 1)
    h.pool.send("reduce_claim", 1, 999, sender=address_of(2))
    h.at(end)
    refusal = "claim: voting is over"
    assert refused(h, address_of(2), "reduce_claim", 1, 998) == refusal


@pytest.mark.spec("W14")
def test_long_hearing__delays_but_does_not_stop_the_windows(h: Arena) -> None:
    """An award that waits is paid although a neighbour takes all of the longest hearing."""
    h.file(address_of(3), 5000)
    h.vote(2, [address_of(n) for n in (2, 4, 5)])
    h.by_anyone("resolve", 2)
    assert h.pool.view("claim", 2).paid == 0
    h.vote(1, [address_of(n) for n in (3, 4, 5)], 5)
    h.by_anyone("resolve", 1)
    h.pool.send("appeal", 1, sender=address_of(2))
    h.at(max(h.window_end(0), h.chain.time + RULING))
    assert h.refusal("settle_window", 0) == "window: claims are undecided"
    h.by_anyone("resolve", 1)
    h.by_anyone("settle_window", 0)
    h.by_anyone("pay_award", 1), h.by_anyone("pay_award", 2)
    h.reporting_end()
    h.by_anyone("settle")
    assert h.chain.time < h.terms.expiry + h.terms.reporting_period + DAY
    h.audit()
