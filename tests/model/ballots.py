"""Rule 7: what the ballots of a claim decide, and when.

`tally` has the number of ballots for each award from 0 to 10 tenths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

BPS = 10_000
FULL = 10

OPEN, AWARDED, REJECTED, LAPSED = 1, 2, 3, 4


def support(tally: Sequence[int], tenths: int) -> int:
    """Return S(t): the ballots for `tenths` or more."""
    return sum(tally[tenths:])


def quorum_is_met(tally: Sequence[int], electorate: int, quorum_bps: int) -> bool:
    """Return whether enough of the electorate voted."""
    cast = sum(tally)
    return cast > 0 and cast * BPS >= quorum_bps * electorate


def is_decided_early(
    tally: Sequence[int], electorate: int, quorum_bps: int, approval_bps: int
) -> bool:
    """Return whether no outstanding ballot can change the award any more."""
    if not quorum_is_met(tally, electorate, quorum_bps):
        return False
    needed = approval_bps * electorate
    outstanding = electorate - sum(tally)
    worst = _highest(lambda t: support(tally, t) * BPS >= needed)
    best = _highest(lambda t: (support(tally, t) + outstanding) * BPS >= needed)
    return worst == best


def outcome(
    tally: Sequence[int],
    electorate: int,
    asked: int,
    quorum_bps: int,
    approval_bps: int,
    silent_consent_limit: int,
) -> tuple[int, int]:
    """Return (status, award in tenths) of a claim that is ripe for a decision."""
    cast = sum(tally)
    if quorum_is_met(tally, electorate, quorum_bps):
        award = _highest(lambda t: support(tally, t) * BPS >= approval_bps * cast)
        return (AWARDED, award) if award else (REJECTED, 0)
    nobody_objected = tally[FULL] == cast
    if asked <= silent_consent_limit and nobody_objected:
        return AWARDED, FULL
    return LAPSED, 0


def _highest(supported: Callable[[int], bool]) -> int:
    """Return the highest supported award; nothing is what is awarded when none is."""
    return max((t for t in range(FULL + 1) if supported(t)), default=0)
