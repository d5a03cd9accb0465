# pragma version 0.4.3
"""
@title Ballots, and the award they make (rule 7)
@license MIT
@author Peerpool contributors
@notice A claim's eleven counts, 23 bits each, fit one word; who has voted is a
        bitmap by roster id, 256 members a word.
"""

BITS: constant(uint256) = 23
MASK: constant(uint256) = 2**23 - 1
BPS: constant(uint256) = 10_000

_tallies: HashMap[uint256, uint256]
_cast: HashMap[uint256, uint256]


@internal
@pure
def _slot(claim_id: uint256, id: uint256) -> (uint256, uint256):
    return claim_id << 32 | id >> 8, 1 << (id & 255)


@internal
@view
def _has_cast(claim_id: uint256, id: uint256) -> bool:
    key: uint256 = 0
    bit: uint256 = 0
    key, bit = self._slot(claim_id, id)
    return self._cast[key] & bit != 0


@internal
def _add(claim_id: uint256, id: uint256, award: uint256):
    key: uint256 = 0
    bit: uint256 = 0
    key, bit = self._slot(claim_id, id)
    word: uint256 = self._cast[key]
    assert word & bit == 0, "ballot: already cast"
    self._cast[key] = word | bit
    self._count(claim_id, award, 1)


@internal
def _count(claim_id: uint256, award: uint256, ballots: uint256):
    self._tallies[claim_id] += ballots << BITS * award


@internal
@view
def _counts(claim_id: uint256) -> uint256[11]:
    tally: uint256 = self._tallies[claim_id]
    counts: uint256[11] = empty(uint256[11])
    for award: uint256 in range(11):
        counts[award] = tally >> BITS * award & MASK
    return counts


# Returns whether quorum is met, the award if it is, and whether that is final.
@internal
@pure
def _outcome(
    counts: uint256[11],
    electorate: uint256,
    quorum_bps: uint256,
    approval_bps: uint256,
) -> (bool, uint256, bool):
    cast: uint256 = 0
    for count: uint256 in counts:
        cast += count
    if cast == 0 or cast * BPS < quorum_bps * electorate:
        return False, 0, False
    if cast >= electorate:
        return True, self._highest(counts, 0, approval_bps * cast), True
    # Between all outstanding ballots for 0 and all for 10 lies every outcome.
    needed: uint256 = approval_bps * electorate
    final: bool = self._highest(counts, 0, needed) == self._highest(
        counts, electorate - cast, needed
    )
    return True, self._highest(counts, 0, approval_bps * cast), final


# The highest award that `needed` basis points of votes support, if `more` votes
# for all of it came in. Everybody supports 0.
@internal
@pure
def _highest(counts: uint256[11], more: uint256, needed: uint256) -> uint256:
    support: uint256 = more
    for i: uint256 in range(10):
        support += counts[10 - i]
        if support * BPS >= needed:
            return 10 - i
    return 0


# Silence is consent: nobody voted for less than all.
@internal
@pure
def _no_objection(counts: uint256[11]) -> bool:
    for award: uint256 in range(10):
        if counts[award] != 0:
            return False
    return True
