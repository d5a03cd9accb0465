# pragma version 0.4.3
"""
@title The counts that joining and claiming change, in one word
@license MIT
@author Peerpool contributors
"""


struct Totals:
    roster_size: uint256  # ids given so far, to 32 bits
    members: uint256  # present, to 32 bits
    claims: uint256  # ids given so far, to 32 bits
    premiums: uint256  # of the present members, to 128 bits


MASK_32: constant(uint256) = 2**32 - 1

_totals: uint256


@internal
@view
def _load() -> Totals:
    word: uint256 = self._totals
    return Totals(
        roster_size=word & MASK_32,
        members=word >> 32 & MASK_32,
        claims=word >> 64 & MASK_32,
        premiums=word >> 128,
    )


@internal
def _store(t: Totals):
    # The roster, an array, has no place for more; claims have to fit as well.
    claims: uint256 = convert(convert(t.claims, uint32), uint256)
    self._totals = (
        t.roster_size | t.members << 32 | claims << 64 | t.premiums << 128
    )
