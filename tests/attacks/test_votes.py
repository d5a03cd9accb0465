"""Attacks on the vote: twice, on the own case, from outside, at the last second (rules 6 and 7)."""

from __future__ import annotations

import itertools
import random

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import DAY, HOUR, OUTSIDER, WORDS, Arena
from tests.evm.chain import Reverted
from tests.evm.signing import address_of


def active(a: Arena, members: int, **changes: object) -> list[str]:
    a.create(**changes)
    accounts = [a.join(2 + i) for i in range(members)]
    a.start()
    return accounts


def refused(a: Arena, reason: str, sender: str, function: str, *args: object) -> None:
    with pytest.raises(Reverted) as failure:
        a.pool.send(function, *args, sender=sender)
    assert failure.value.reason == reason


def test_second_ballot__is_refused_even_if_the_same(a: Arena) -> None:
    """Party 2022-09 H-01, Baal#36: double vote."""
    m = active(a, 5)
    claim = a.file(m[0], 100)
    a.vote(claim, [m[1]])
    for award in (10, 0):
        refused(a, "ballot: already cast", m[1], "vote", claim, award, WORDS)
    assert sum(a.pool.view("tally", claim)) == 1


def test_own_case__not_before_not_in_any_way(a: Arena) -> None:
    m = active(a, 3)
    claim = a.file(m[0], 100)
    refused(a, "ballot: own claim", m[0], "vote", claim, 10, WORDS)
    refused(a, "ballot: not a member", OUTSIDER, "vote", claim, 10, WORDS)


def test_friends_joining_after_the_claim__have_no_vote_on_it(a: Arena) -> None:
    """Same second included: the order of filing and joining decides, by ids."""
    m = active(a, 2, enrolment_end=a.terms.expiry)
    claim = a.file(m[0], 100)
    friend = a.join(9)
    refused(a, "ballot: joined after the claim", friend, "vote", claim, 10, WORDS)
    assert a.pool.view("claim", claim).electorate == 1


def test_left_and_came_back__one_vote(a: Arena) -> None:
    a.create()
    m = [a.join(2), a.join(3), a.join(4), a.join(5)]
    a.pool.send("leave", sender=m[1])
    a.join(3, deadline=a.chain.time + 99)
    a.start()
    claim = a.file(m[0], 100)
    assert a.pool.view("claim", claim).electorate == 3
    a.vote(claim, [m[1]])
    refused(a, "ballot: already cast", m[1], "vote", claim, 10, WORDS)


@pytest.mark.parametrize("claim_id", [0, 2, 2**32 + 1, 2**64 + 1, 2**128 + 1, 2**255, 2**256 - 1])
def test_claims_that_do_not_exist__have_no_votes_and_no_money(a: Arena, claim_id: int) -> None:
    """Ids committed before they exist: Teller 003-H, Baal QSP-3. Nor ids that wrap around."""
    m = active(a, 3)
    a.file(m[0], 100)
    refused(a, "claim: no such claim", m[1], "vote", claim_id, 10, WORDS)
    refused(a, "claim: no such claim", m[1], "resolve", claim_id)
    refused(a, "claim: no such claim", m[1], "pay_award", claim_id)
    for view in ("claim", "award_due"):
        with pytest.raises(Reverted, match="claim: no such claim"):
            a.pool.view(view, claim_id)


@pytest.mark.parametrize("window", [1, 2**24, 2**32, 2**64, 2**128, 2**255, 2**256 - 1])
def test_windows_that_do_not_exist__cannot_be_settled(a: Arena, window: int) -> None:
    m = active(a, 3)
    a.file(m[0], 100)
    with pytest.raises(Reverted, match=r"window: no claims|<empty>"):
        a.by_anyone("settle_window", window)
    assert not a.pool.view("window", window).settled


@pytest.mark.parametrize("award", [11, 128, 255])
def test_more_than_all__cannot_be_awarded(a: Arena, award: int) -> None:
    m = active(a, 3)
    claim = a.file(m[0], 100)
    refused(a, "ballot: award is above ten tenths", m[1], "vote", claim, award, WORDS)


def test_alone__nobody_decides_the_own_claim_above_silent_consent(a: Arena) -> None:
    """A single member: no electorate, no quorum, no division by zero."""
    m = active(a, 1, silent_consent_limit=100)
    claim = a.file(m[0], 101)
    refused(a, "claim: voting is still open", m[0], "resolve", claim)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.pool.view("claim", claim).status == 4
    claim = a.file(m[0], 100)
    refused(a, "claim: voting is still open", m[0], "resolve", claim)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.balance(m[0]) == 100


def test_votes_at_the_exact_ends(a: Arena) -> None:
    """[filed_at, + voting_period): a vote and a resolution never share a second."""
    m = active(a, 4)
    claim = a.file(m[0], 100)
    a.at(a.chain.time + a.terms.voting_period - 1)
    a.vote(claim, [m[1]])
    refused(a, "claim: voting is still open", m[0], "resolve", claim)
    a.at(a.chain.time + 1)
    refused(a, "ballot: voting is over", m[2], "vote", claim, 10, WORDS)
    a.by_anyone("resolve", claim)
    refused(a, "claim: already decided", m[0], "resolve", claim)
    refused(a, "ballot: voting is over", m[2], "vote", claim, 10, WORDS)


def test_resolved_early__could_not_have_ended_otherwise(a: Arena) -> None:
    """A minority that votes first must not be able to close the poll before the others voted."""
    dice = random.Random(1)
    m = active(a, 6, quorum_bps=1, approval_bps=5000)
    for _ in range(12):
        claim = a.file(m[0], 10)
        cast: list[int] = []
        for voter in m[1:]:
            award = dice.choice((0, 4, 10))
            a.vote(claim, [voter], award)
            cast.append(award)
            left = 5 - len(cast)
            outcomes = {
                outcome((*cast, *rest))
                for k in range(left + 1)
                for rest in itertools.combinations_with_replacement(range(11), k)
            }
            if words := a.refusal("resolve", claim):
                assert words == "claim: voting is still open"
                assert len(outcomes) > 1
            else:
                assert outcomes == {a.pool.view("claim", claim).award}
                break
        assert a.pool.view("claim", claim).status != 1


def outcome(cast: tuple[int, ...]) -> int:
    """Rule 7 with approval of one half."""
    return max(t for t in range(11) if sum(award >= t for award in cast) * 2 >= len(cast) or t == 0)


def test_unanimity_that_cannot_be_reached__locks_nothing(a: Arena) -> None:
    m = active(a, 4, quorum_bps=10_000, approval_bps=10_000, claim_bond=50)
    claim = a.file(m[0], 1000)
    a.vote(claim, m[1:3])
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.pool.view("claim", claim).status == 4
    assert a.balance(m[0]) == 50
    a.file(m[0], 1000)
    a.audit()


def test_quorum_of_one_basis_point__still_takes_a_ballot(a: Arena) -> None:
    m = active(a, 4, quorum_bps=1)
    claim = a.file(m[0], 1000)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.pool.view("claim", claim).status == 4


def test_cover_limit__holds_over_many_claims(a: Arena) -> None:
    m = active(a, 3, voting_period=HOUR)
    a.donate(10**6)
    for _ in range(2):
        a.award(m[0], 3000, m)
    assert a.balance(m[0]) == 5000
    refused(a, "claim: cover is used up", m[0], "file_claim", 2**256 - 1, a.chain.time, WORDS, "")


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (1, "claim: incident is in the future"),
        (-2 * DAY, "claim: incident before the member's cover"),
    ],
)
def test_loss_known_before_cover__is_not_covered(a: Arena, shift: int, reason: str) -> None:
    """InsureDAO 183/249, Neptune PR 68."""
    m = active(a, 3)
    refused(a, reason, m[0], "file_claim", 9, a.chain.time + shift, WORDS, "")
    refused(a, "claim: incident is in the future", m[0], "file_claim", 9, 2**256 - 1, WORDS, "")


def test_joined_in_the_last_second__is_covered_for_no_earlier_loss(a: Arena) -> None:
    a.create(enrolment_end=a.terms.expiry, waiting_period=DAY)
    m = [a.join(2), a.join(3)]
    a.at(a.terms.expiry - 1)
    late = a.join(4)
    assert a.pool.view("member", late).premium == 1
    for moment in (a.chain.time, a.terms.cover_start + DAY):
        refused(
            a, "claim: incident before the member's cover", late, "file_claim", 9, moment, WORDS, ""
        )
    a.at(a.chain.time + DAY)
    refused(a, "claim: incident after expiry", late, "file_claim", 9, a.chain.time, WORDS, "")
    assert len(m) == 2


def test_open_claim_of_the_last_second__ends(a: Arena) -> None:
    """An open claim that keeps the pool open for ever."""
    m = active(a, 3)
    a.at(a.terms.expiry + a.terms.reporting_period - 1)
    claim = a.file(m[0], 5000)
    a.at(a.chain.time + 1)
    refused(a, "settle: claims are open", OUTSIDER, "settle")
    refused(a, "claim: reporting is over", m[1], "file_claim", 9, a.terms.expiry - 1, WORDS, "")
    a.at(a.chain.time - 1 + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    a.by_anyone("settle")
    a.audit()
    assert address_of(2) == m[0]


def test_bigger_tier__does_not_lend_its_limit_to_the_smaller(a: Arena) -> None:
    a.create(tiers=(Tier(1000, 1500), Tier(9000, 90_000)))
    small, _, _ = a.join(2), a.join(3, 1), a.join(4, 1)
    a.start()
    claim = a.file(small, 2**256 - 1)
    assert a.pool.view("claim", claim).asked == 1500
