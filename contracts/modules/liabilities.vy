# pragma version 0.4.3
"""
@title What is asked and owed, and what layers can pay and have paid (rules 9, 11
       and 15), in two words
@license MIT
@author Peerpool contributors
@notice Layers are drawn on from the lowest and repaid from the highest, so one
        number says what all of them have paid: layers.vy splits it.
"""

from interfaces import IPool

# A member has one open claim at most: 23 bits. Four layers: 103 bits.
ONE_CLAIM: constant(uint256) = 1 << 232
UNBOUND: constant(uint256) = 1 << 255
MASK_23: constant(uint256) = 2**23 - 1
MASK_104: constant(uint256) = 2**104 - 1
MASK_128: constant(uint256) = 2**128 - 1

# What open claims ask for and awards that wait come to | capacity << 128: what
# layers can still pay | how many claims are open << 232 | UNBOUND while layers
# have collateral and got no premium. One word, because every decision needs all.
_asked_word: uint256
# What was cut and not made up yet | drawn << 128: what layers have paid, less
# what was repaid or forgiven.
_owed_word: uint256


@internal
@view
def _asked() -> uint256:
    return self._asked_word & MASK_128


@internal
@view
def _capacity() -> uint256:
    return self._asked_word >> 128 & MASK_104


@internal
@view
def _open_claims() -> uint256:
    return self._asked_word >> 232 & MASK_23


@internal
@view
def _unpaid() -> uint256:
    return self._owed_word & MASK_128


@internal
@view
def _drawn() -> uint256:
    return self._owed_word >> 128


# True if all that is asked can be paid.
@internal
@view
def _is_covered(funds: uint256) -> bool:
    return self._covers(self._asked_word, funds)


@internal
@pure
def _covers(word: uint256, funds: uint256) -> bool:
    return funds + (word >> 128 & MASK_104) >= word & MASK_128


@internal
def _open(asked: uint256):
    self._asked_word += ONE_CLAIM + asked


# Of an open claim, which is none any more. True if its award, now asked for
# instead, is to be paid at once.
@internal
def _decide(asked: uint256, award: uint256, funds: uint256) -> bool:
    word: uint256 = self._asked_word - ONE_CLAIM - (asked - award)
    at_once: bool = self._covers(word, funds)
    if at_once:
        word -= award
    self._asked_word = word
    return at_once


@internal
def _unask(amount: uint256):
    self._asked_word -= amount


@internal
def _owe(amount: uint256):
    self._owed_word += amount


@internal
def _make_up(amount: uint256):
    self._owed_word -= amount


# --- layers -----------------------------------------------------------------


@internal
@view
def _is_unbound() -> bool:
    return self._asked_word & UNBOUND != 0


# Before premiums or funds change that the cession depends on (rule 16). A call, not
# a delegatecall: that would take the value of a join along.
@internal
def _bind():
    if self._is_unbound():
        extcall IPool(self).bind_reinsurance()


@internal
def _mark_bound():
    self._asked_word &= ~UNBOUND


@internal
def _add_collateral(amount: uint256):
    if amount != 0:
        self._asked_word = self._asked_word + (amount << 128) | UNBOUND


@internal
def _draw(amount: uint256):
    if amount == 0:
        return
    self._asked_word -= amount << 128
    self._owed_word += amount << 128
    log IPool.LayersDrawn(amount=amount)


# Of the highest layer that has paid; once the pool is settled, for good.
@internal
def _forgive(amount: uint256):
    self._owed_word -= amount << 128


# Returns what of `amount` goes back to layers.
@internal
def _repay(amount: uint256) -> uint256:
    repaid: uint256 = min(amount, self._drawn())
    if repaid != 0:
        self._asked_word += repaid << 128
        self._owed_word -= repaid << 128
        log IPool.LayersRepaid(amount=repaid)
    return repaid
