"""What a vote awards: approval at 50 %, 66 % and 100 %, ties, and nobody to vote (rule 7)."""

import pytest

from ..clock import at
from ..hearing import AWARDED, LAPSED, REJECTED, status, voting_ends
from ..refusal import refuses
from ..stage import REASON


@pytest.fixture
def decide(make_stage, members, claimant, neighbour, voters, keeper):
    """Return a function that lets up to five vote on 100 asked; gives status and award."""

    def decide(approval_bps, ballots):
        stage = make_stage(members, approval_bps=approval_bps)
        stage.start()
        stage.file(claimant, 100 * stage.u)
        for person, ballot in zip([neighbour, *voters], ballots, strict=False):
            stage.pool.vote(1, ballot, REASON, {"from": person})
        at(voting_ends(stage))
        stage.pool.resolve(1, {"from": keeper})
        assert stage.pool.claim(1)["paid"] == stage.pool.claim(1)["award"] * 10 * stage.u
        return status(stage)

    return decide


@pytest.mark.spec("A2", "A8")
@pytest.mark.parametrize(
    "approval_bps, ballots, award",
    [
        # a tie: what half supports is awarded at 50 %, not a hair above
        (5000, (0, 0, 10, 10), 10),
        (5001, (0, 0, 10, 10), 0),
        (5000, (3, 3, 8, 8), 8),
        (5001, (3, 3, 8, 8), 3),
        # two thirds
        (6600, (2, 9, 9), 9),
        (6667, (2, 9, 9), 2),  # 6666.67 is not enough
        (6600, (1, 1, 6, 6, 6), 1),  # 60 %
        (6600, (1, 6, 6, 6, 6), 6),
        (6600, (0, 0, 5, 10), 0),  # 50 %
        (6600, (0, 5, 5, 10), 5),  # 75 % for 5 or more
        # one for less is enough to have less
        (10000, (10, 10, 10, 9), 9),
        (10000, (10, 10, 10, 0), 0),
        (10000, (10, 10, 10), 10),
    ],
)
def test_approval(decide, approval_bps, ballots, award):
    assert decide(approval_bps, ballots) == (AWARDED if award else REJECTED, award)


@pytest.mark.spec("A4")
@pytest.mark.parametrize(
    "approval_bps, ballots, early",
    [
        (6600, (10, 10, 10), False),  # two more for 0 would leave 60 %
        (6600, (10, 10, 10, 10), True),
        (6600, (0, 0, 10), True),  # 3 of 5 at most
        (10000, (0, 10, 10), True),  # one against is enough
        (10000, (4, 10, 10), False),  # less than 4 can still come
        (10000, (10, 10, 10, 10), False),
    ],
)
def test_approval__early(
    make_stage, members, claimant, neighbour, voters, keeper, approval_bps, ballots, early
):
    stage = make_stage(members, approval_bps=approval_bps)
    stage.start()
    stage.file(claimant, 100 * stage.u)
    for person, ballot in zip([neighbour, *voters], ballots, strict=False):
        stage.pool.vote(1, ballot, REASON, {"from": person})
    if early:
        stage.pool.resolve(1, {"from": keeper})
        assert status(stage)[0] in (AWARDED, REJECTED)
    else:
        refuses("claim: voting is still open", stage.pool.resolve, 1, {"from": keeper})


@pytest.mark.spec("A4")
def test_approval__early__holds_whatever_comes(make_stage, members, claimant, neighbour, voters):
    """What is decided early is what all ballots together would have decided."""
    awards = []
    for rest in ((), (10, 10), (0, 0), (0, 10)):
        stage = make_stage(members)
        stage.start()
        stage.file(claimant, 100 * stage.u)
        for person, ballot in zip([neighbour, *voters], (7, 7, 7, *rest), strict=False):
            stage.pool.vote(1, ballot, REASON, {"from": person})
        stage.pool.resolve(1, {"from": claimant})
        awards.append(status(stage))
    assert awards == [(AWARDED, 7)] * 4


# --- nobody to vote: the whole electorate is the claimant


def test_single_member__silence_is_consent(make_stage, claimant, keeper):
    stage = make_stage([claimant], min_members=1)
    stage.start()
    stage.file(claimant, stage.terms.silent_consent_limit)
    assert stage.pool.claim(1)["electorate"] == 0
    refuses("ballot: own claim", stage.pool.vote, 1, 10, REASON, {"from": claimant})
    refuses("claim: voting is still open", stage.pool.resolve, 1, {"from": keeper})
    at(voting_ends(stage))
    stage.pool.resolve(1, {"from": keeper})
    assert status(stage) == (AWARDED, 10)
    assert stage.pool.claim(1)["paid"] == 20 * stage.u


@pytest.mark.spec("C17")
def test_single_member__above_the_limit__lapses_and_is_filed_again(make_stage, claimant, keeper):
    """The bond comes back every time, and who joins since can vote the next time."""
    stage = make_stage([claimant], min_members=1)
    stage.start()
    stage.file(claimant, stage.terms.silent_consent_limit + 1)
    at(voting_ends(stage))
    had = stage.balance(claimant)
    stage.pool.resolve(1, {"from": keeper})
    assert status(stage) == (LAPSED, 0)
    assert stage.balance(claimant) - had == 5 * stage.u
    at(voting_ends(stage) + 60)
    stage.join(stage.voters[0])
    stage.file(claimant, stage.terms.silent_consent_limit + 1)
    assert stage.pool.claim(2)["electorate"] == 1
    stage.vote(2, 10, stage.voters[:1])
    stage.pool.resolve(2, {"from": keeper})
    assert status(stage, 2) == (AWARDED, 10)
