"""Rule 7 against brute force: every way in which the outstanding ballots could still be cast."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

import pytest

from tests.model.ballots import (
    AWARDED,
    LAPSED,
    REJECTED,
    is_decided_early,
    outcome,
    quorum_is_met,
)

AWARDS = (0, 3, 4, 10)


def tally_of(ballots: tuple[int, ...]) -> list[int]:
    return [ballots.count(tenths) for tenths in range(11)]


def completions(ballots: tuple[int, ...], electorate: int) -> Iterator[tuple[int, ...]]:
    """Yield what may have been cast in the end: any number more, of any awards."""
    for more in range(electorate - len(ballots) + 1):
        for late in combinations_with_replacement(AWARDS, more):
            yield ballots + late


@pytest.mark.parametrize("approval_bps", [5000, 6667, 10_000])
@pytest.mark.parametrize("quorum_bps", [1, 5000, 10_000])
@pytest.mark.parametrize("electorate", range(6))
def test_is_decided_early__is_true_if_and_only_if_nothing_can_change_the_award(
    electorate: int, quorum_bps: int, approval_bps: int
) -> None:
    for cast in range(electorate + 1):
        for ballots in combinations_with_replacement(AWARDS, cast):
            ends = {
                outcome(tally_of(end), electorate, 100, quorum_bps, approval_bps, 0)
                for end in completions(ballots, electorate)
            }
            tally = tally_of(ballots)
            decided = is_decided_early(tally, electorate, quorum_bps, approval_bps)
            met = quorum_is_met(tally, electorate, quorum_bps)
            assert decided == (met and len(ends) == 1), (ballots, ends)


@pytest.mark.parametrize(
    "ballots, asked, expected",
    [
        ((), 50, (AWARDED, 10)),
        ((), 51, (LAPSED, 0)),
        ((10,), 50, (AWARDED, 10)),
        ((9,), 50, (LAPSED, 0)),
        ((10, 0), 50, (AWARDED, 10)),
        ((10, 0, 0), 50, (REJECTED, 0)),
        ((10, 7, 0), 50, (AWARDED, 7)),
        ((10, 7, 2, 0), 50, (AWARDED, 7)),
    ],
)
def test_outcome__of_ten__quorum_two__half_approve(
    ballots: tuple[int, ...], asked: int, expected: tuple[int, int]
) -> None:
    assert outcome(tally_of(ballots), 10, asked, 2000, 5000, 50) == expected
