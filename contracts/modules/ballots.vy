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
COUNTS: constant(uint256) = 2**(23 * 11) - 1
BELOW_10: constant(uint256) = 2**(23 * 10) - 1
# A one in each of the eleven counts: a product with it sums them up.
ONES: constant(uint256) = (
    1
    | 1 << 23
    | 1 << 46
    | 1 << 69
    | 1 << 92
    | 1 << 115
    | 1 << 138
    | 1 << 161
    | 1 << 184
    | 1 << 207
    | 1 << 230
)
BPS: constant(uint256) = 10_000
MAX_CLAIM: constant(uint256) = 2**32 - 1

# By claim id
_tallies: uint256[2**32]
# By claim id << 24 | voter id >> 8
_cast: uint256[2**56]


@internal
@view
def _has_cast(claim_id: uint256, id: uint256) -> bool:
    if claim_id > MAX_CLAIM:
        return False
    return self._cast[claim_id << 24 | id >> 8] & 1 << (id & 255) != 0


@internal
def _add(claim_id: uint256, id: uint256, award: uint256):
    key: uint256 = claim_id << 24 | id >> 8
    bit: uint256 = 1 << (id & 255)
    word: uint256 = self._cast[key]
    assert word & bit == 0, "ballot: already cast"
    self._cast[key] = word | bit
    self._tallies[claim_id] += 1 << unsafe_mul(BITS, award)


@internal
def _count(claim_id: uint256, award: uint256, ballots: uint256):
    self._tallies[claim_id] += ballots << BITS * award


@internal
@view
def _counts(claim_id: uint256) -> uint256[11]:
    counts: uint256[11] = empty(uint256[11])
    if claim_id > MAX_CLAIM:
        return counts
    tally: uint256 = self._tallies[claim_id]
    for award: uint256 in range(11):
        counts[award] = tally >> BITS * award & MASK
    return counts


@internal
@pure
def _pack(counts: uint256[11]) -> uint256:
    tally: uint256 = 0
    for award: uint256 in range(11):
        tally |= counts[award] << BITS * award
    return tally


# Returns whether quorum is met, and the award if it is.
@internal
@pure
def _outcome(
    tally: uint256,
    electorate: uint256,
    quorum_bps: uint256,
    approval_bps: uint256,
) -> (bool, uint256):
    sums: uint256 = self._sums(tally)
    cast: uint256 = sums >> BITS * 10
    if cast == 0 or cast * BPS < quorum_bps * electorate:
        return False, 0
    return True, self._highest(sums, cast, approval_bps * cast)


# Whether no outstanding ballot can change the award, if quorum is met: between
# all of them for 0 and all for 10 lies every outcome.
@internal
@pure
def _is_final(
    tally: uint256, electorate: uint256, approval_bps: uint256
) -> bool:
    sums: uint256 = self._sums(tally)
    cast: uint256 = sums >> BITS * 10
    needed: uint256 = approval_bps * electorate
    return cast >= electorate or self._highest(
        sums, cast, needed
    ) == self._highest(sums, electorate, needed)


# In the place of each award: ballots for it or less. The sum of all fits a count,
# and what the product has above the last place is cut off.
@internal
@pure
def _sums(tally: uint256) -> uint256:
    return unsafe_mul(tally, ONES) & COUNTS


# The highest award that `needed` basis points of votes support; the outstanding
# of `all` ballots would be for 10. Everybody supports 0.
@internal
@pure
def _highest(sums: uint256, all: uint256, needed: uint256) -> uint256:
    award: uint256 = 10
    for _: uint256 in range(10):
        if (all - (sums >> BITS * (award - 1) & MASK)) * BPS >= needed:
            return award
        award -= 1
    return 0


# Silence is consent: nobody voted for less than all.
@internal
@pure
def _no_objection(tally: uint256) -> bool:
    return tally & BELOW_10 == 0
