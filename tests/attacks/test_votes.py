"""Attacks on the vote: twice, on the own case, from outside, at the last second (rules 6 and 7)."""

from __future__ import annotations

import itertools
import random

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import HOUR, OUTSIDER, WORDS, Arena
from tests.evm.chain import Reverted


def active(a: Arena, members: int, **changes: object) -> list[str]:
    a.create(**changes)
    accounts = [a.join(2 + i) for i in range(members)]
    a.start()
    return accounts


def refused(a: Arena, reason: str, sender: str, function: str, *args: object) -> None:
    with pytest.raises(Reverted) as failure:
        a.pool.send(function, *args, sender=sender)
    assert failure.value.reason == reason


@pytest.mark.spec("B1")
def test_friends_joining_after_the_claim__have_no_vote_on_it(a: Arena) -> None:
    """Same second included: the order of filing and joining decides, by ids."""
    m = active(a, 2, enrolment_end=a.terms.expiry)
    claim = a.file(m[0], 100)
    friend = a.join(9)
    refused(a, "ballot: joined after the claim", friend, "vote", claim, 10, WORDS)
    assert a.pool.view("claim", claim).electorate == 1


@pytest.mark.spec("L3")
def test_left__no_vote_no_claim_no_refund(a: Arena) -> None:
    a.create()
    m = [a.join(2), a.join(3), a.join(4)]
    a.pool.send("leave", sender=m[1])
    a.start()
    claim = a.file(m[0], 100)
    refused(a, "ballot: not a member", m[1], "vote", claim, 10, WORDS)
    refused(a, "claim: not a member", m[1], "file_claim", 100, a.chain.time, WORDS, "")
    a.vote(claim, [m[2]])
    a.by_anyone("resolve", claim)
    a.reporting_end()
    a.by_anyone("settle")
    assert a.due(*m) == [950, 0, 950]
    refused(a, "refund: not a member", OUTSIDER, "refund", m[1])


@pytest.mark.spec("L4")
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


@pytest.mark.parametrize("award", [11, 128, 255])
def test_more_than_all__cannot_be_awarded(a: Arena, award: int) -> None:
    m = active(a, 3)
    claim = a.file(m[0], 100)
    refused(a, "ballot: award is above ten tenths", m[1], "vote", claim, award, WORDS)


@pytest.mark.spec("A11")
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


@pytest.mark.spec("B4", "A3")
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


@pytest.mark.spec("A4")
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


@pytest.mark.spec("A1")
def test_quorum_of_one_basis_point__still_takes_a_ballot(a: Arena) -> None:
    m = active(a, 4, quorum_bps=1)
    claim = a.file(m[0], 1000)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    assert a.pool.view("claim", claim).status == 4


@pytest.mark.spec("C19")
def test_cover_limit__holds_over_many_claims(a: Arena) -> None:
    m = active(a, 3, voting_period=HOUR)
    a.donate(10**6)
    for _ in range(2):
        a.award(m[0], 3000, m)
    assert a.balance(m[0]) == 5000
    refused(a, "claim: cover is used up", m[0], "file_claim", 2**256 - 1, a.chain.time, WORDS, "")


def test_bigger_tier__does_not_lend_its_limit_to_the_smaller(a: Arena) -> None:
    a.create(tiers=(Tier(1000, 1500), Tier(9000, 90_000)))
    small, _, _ = a.join(2), a.join(3, 1), a.join(4, 1)
    a.start()
    claim = a.file(small, 2**256 - 1)
    assert a.pool.view("claim", claim).asked == 1500
