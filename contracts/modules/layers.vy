# pragma version 0.4.3
"""
@title What belongs to each layer (rules 15 to 17)
@license MIT
@author Peerpool contributors
@notice Part of held. What a layer has paid is not stored: it follows from what
        all have paid, lowest first.
"""

from interfaces import IPool
from contracts.modules import liabilities

uses: liabilities

MAX_LAYERS: constant(uint256) = 4
BPS: constant(uint256) = 10_000
MASK_128: constant(uint256) = 2**128 - 1

# By number, 1 to 4: filled | ceded << 128; and what was redeemed.
_words: HashMap[uint256, uint256]
_redeemed: HashMap[uint256, uint256]


@internal
@view
def _filled(number: uint256) -> uint256:
    return self._words[number] & MASK_128


@internal
@view
def _ceded(number: uint256) -> uint256:
    return self._words[number] >> 128


@internal
@view
def _drawn(number: uint256) -> uint256:
    drawn: uint256 = liabilities._drawn()
    below: uint256 = self._below(number)
    return min(drawn - min(drawn, below), self._filled(number))


# What the layers below a layer can pay.
@internal
@view
def _below(number: uint256) -> uint256:
    below: uint256 = 0
    for lower: uint256 in range(1, number, bound=MAX_LAYERS - 1):
        below += self._filled(lower)
    return below


@internal
@view
def _assets(number: uint256) -> uint256:
    return (
        self._filled(number)
        + self._ceded(number)
        - self._drawn(number)
        - self._redeemed[number]
    )


# Rule 16: what each layer gets of the premiums.
@internal
@pure
def _cessions(
    terms: DynArray[IPool.LayerTerms, 4],
    filled: DynArray[uint256, 4],
    premiums: uint256,
    max_cession_bps: uint256,
) -> DynArray[uint256, 4]:
    wanted: DynArray[uint256, 4] = []
    sum: uint256 = 0
    for i: uint256 in range(len(terms), bound=4):
        wanted.append(terms[i].premium * filled[i] // terms[i].limit)
        sum += wanted[i]
    cap: uint256 = premiums * max_cession_bps // BPS
    if sum <= cap:
        return wanted
    cut: DynArray[uint256, 4] = []
    for premium: uint256 in wanted:
        cut.append(premium * cap // sum)
    return cut


@internal
def _fill(number: uint256, amount: uint256):
    self._words[number] += amount
    liabilities._add_collateral(amount)


@internal
def _cede(number: uint256, premium: uint256):
    self._words[number] += premium << 128


@internal
def _redeem(number: uint256, amount: uint256):
    self._redeemed[number] += amount


# Of a layer that has no shares any more and was repaid, so that none above it has
# anything to be repaid: what is still out is not repaid to it either.
@internal
def _write_off(number: uint256):
    liabilities._forgive(self._drawn(number))
    self._redeemed[number] = self._filled(number) + self._ceded(number)
