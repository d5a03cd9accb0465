"""What claims, ballots, hearings, awards and windows promise: each function is one promise."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.model.records import APPEALED, CUT, Claim

from .comparison import same
from .mirror import Mirror


@pytest.mark.spec("I4", "A9", "W12")
def never_pays_more_than_award_limit_or_claim(mirror: Mirror) -> None:
    """By the events: no claim got more than its award, no member more than the cover limit."""
    model = mirror.model
    by_member: Counter[int] = Counter()
    for claim in model.claims:
        case = mirror.books.cases[claim.id]
        assert case.paid == claim.paid <= case.asked * claim.award // 10
        by_member[claim.member.id] += case.paid
    for claim in model.claims:
        limit = model.terms.tiers[claim.member.tier].cover_limit
        assert by_member[claim.member.id] <= claim.member.cover_used <= limit


@pytest.mark.spec("B7", "B8", "I5")
def never_counts_a_ballot_twice(mirror: Mirror) -> None:
    """By the events: each ballot is one member's, in its tenth, and no more than may vote."""
    for claim in mirror.model.claims:
        ballots = mirror.books.ballots[claim.id]
        same(set(ballots), claim.voters)
        same([list(ballots.values()).count(tenths) for tenths in range(11)], claim.tally)
        assert len(ballots) <= claim.electorate


@pytest.mark.spec("B1", "B2", "B3")
def never_lets_claimant_payee_or_newcomer_vote(mirror: Mirror) -> None:
    """By the events, and by id: on whatever account they are."""
    for claim in mirror.model.claims:
        voters = mirror.books.ballots[claim.id]
        assert claim.member.id not in voters
        assert claim.payee_id not in voters
        assert all(voter <= claim.roster_size for voter in voters)


@pytest.mark.spec("C6")
def never_has_two_open_claims_of_a_member(mirror: Mirror) -> None:
    """Hearings included."""
    claimants = [claim.member.id for claim in mirror.model.claims if claim.is_open]
    assert len(claimants) == len(set(claimants))


@pytest.mark.spec("A5", "H9")
def never_decides_a_claim_again(mirror: Mirror) -> None:
    """A concluded claim keeps status, award and what was asked."""
    for claim in mirror.model.claims:
        if not claim.is_open:
            now = (claim.status, claim.award, claim.asked)
            same(mirror.seen.concluded.setdefault(claim.id, now), now)


@pytest.mark.spec("H7", "H10")
def never_ends_below_the_vote(mirror: Mirror) -> None:
    """An appeal costs the claimant nothing: neither the arbiter nor time can lower the award."""
    for claim in mirror.model.claims:
        if claim.status in (CUT, APPEALED):
            same(mirror.seen.voted.setdefault(claim.id, claim.award), claim.award)
        assert claim.is_open or claim.award >= mirror.seen.voted.get(claim.id, 0)


@pytest.mark.spec("W3", "G14")
def never_forgets_what_is_asked(mirror: Mirror) -> None:
    """Asked is what open claims ask, by the events, and the awards that wait."""
    model = mirror.model
    is_open = sum(mirror.books.cases[claim.id].asked for claim in model.claims if claim.is_open)
    waiting = sum(
        claim.amount
        for claim in model.claims
        if claim.waits and not model.windows[claim.window].settled
    )
    same(model.asked, is_open + waiting)


@pytest.mark.spec("W7")
def never_serves_windows_out_of_order(mirror: Mirror) -> None:
    """A settled window has none before it that is not, and none twice."""
    order = [window.settled for _, window in sorted(mirror.model.windows.items())]
    same(order, sorted(order, reverse=True))


@pytest.mark.spec("W8", "W11")
def never_sets_aside_more_than_was_awarded(mirror: Mirror) -> None:
    """What lies there for awards is at most what they were not paid yet."""
    waiting = sum(claim.amount - claim.paid for claim in mirror.model.claims if claim.waits)
    assert 0 <= mirror.books.set_aside <= waiting


@pytest.mark.spec("C10", "U3", "V1", "V2")
def never_shows_a_claim_otherwise_than_it_is(mirror: Mirror) -> None:
    """A claim's record, tally, voters, payment and window; one claim at a time."""
    if mirror.model.claims:
        _look_at(mirror, mirror.model.claims[mirror.calls % len(mirror.model.claims)])


@pytest.mark.spec("U3", "V1", "I5")
def never_shows_any_claim_otherwise(mirror: Mirror) -> None:
    """All claims."""
    for claim in mirror.model.claims:
        _look_at(mirror, claim)


def _look_at(mirror: Mirror, claim: Claim) -> None:
    model, pool = mirror.model, mirror.pool
    record = pool.view("claim", claim.id)._asdict()
    if not claim.is_open:  # the say over it has ended; the view names the payee of the day
        del record["filer"]
    same(record, {name: getattr(claim, name) for name in record})
    same(list(pool.view("tally", claim.id)), claim.tally)
    voters = {model.roster[voter - 1] for voter in sorted(claim.voters)[:2]}
    for account in sorted({*voters, claim.claimant, *list(model.members)[-2:]}):
        same(pool.view("has_voted", claim.id, account), model.has_voted(claim, account))
    least, most = model.award_due(claim.id)
    assert least <= pool.view("award_due", claim.id) <= most
    window = pool.view("window", claim.window)._asdict()
    same(window, {name: getattr(model.windows[claim.window], name) for name in window})


EVERY_STEP = (
    never_pays_more_than_award_limit_or_claim,
    never_counts_a_ballot_twice,
    never_lets_claimant_payee_or_newcomer_vote,
    never_has_two_open_claims_of_a_member,
    never_decides_a_claim_again,
    never_ends_below_the_vote,
    never_forgets_what_is_asked,
    never_serves_windows_out_of_order,
    never_sets_aside_more_than_was_awarded,
)
IN_TURN = (never_shows_a_claim_otherwise_than_it_is,)
AT_THE_END = (never_shows_any_claim_otherwise,)
