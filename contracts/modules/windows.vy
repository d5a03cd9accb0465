# pragma version 0.4.3
"""
@title Sharing a shortage (rules 9 and 11)
@license MIT
@author Peerpool contributors
@notice Claims filed in one window are cut by one ratio; what was cut is made up
        by one factor. No loop over claims anywhere.
"""

from interfaces import IPool
from contracts.modules import liabilities

uses: liabilities


# One word, because filing and deciding touch it in every life.
struct Window:
    undecided: uint256  # 32 bits
    previous: uint256  # 32 bits; the window with claims before it, plus 1
    known: bool  # has claims
    settled: bool


# Written only if awards of the window wait.
struct Shortfall:
    awards: uint256  # that wait; all of them once the window is settled
    available: uint256
    # When it was settled short
    factor: uint256
    scale: uint256
    epoch: uint256


MASK_32: constant(uint256) = 2**32 - 1
KNOWN: constant(uint256) = 1 << 64
SETTLED: constant(uint256) = 1 << 65
# 127 bits, as amounts have: a product of the two fits a word.
ONE: constant(uint256) = 2**127
# A factor below LOW is scaled up by 2**STEP, so that it keeps 96 bits.
LOW: constant(uint256) = 2**96
STEP: constant(uint256) = 31
# Awards have 100 bits: a factor more steps lower leaves less than a unit of any.
MAX_STEPS: constant(uint256) = 4

# What part of a cut is left, factor / ONE / 2**(STEP * scale) (factor 0 stands
# for ONE); how often all cuts were made up.
_factor: uint256
_scale: uint256
_epoch: uint256
_windows: HashMap[uint256, uint256]
_shortfalls: HashMap[uint256, Shortfall]


@internal
@view
def _load(window: uint256) -> Window:
    word: uint256 = self._windows[window]
    return Window(
        undecided=word & MASK_32,
        previous=word >> 32 & MASK_32,
        known=word & KNOWN != 0,
        settled=word & SETTLED != 0,
    )


# `previous` is the window of the claim filed before, plus 1; 0 if there is none.
@internal
def _file(window: uint256, previous: uint256, asked: uint256):
    word: uint256 = self._windows[window]
    if word == 0:
        word = KNOWN | previous << 32
    self._windows[window] = word + 1
    liabilities._open(asked)


# Counts a claim as decided. True if its award is to be paid at once.
@internal
def _decide(
    window: uint256, asked: uint256, award: uint256, funds: uint256
) -> bool:
    self._windows[window] -= 1
    at_once: bool = liabilities._decide(asked, award, funds)
    if not at_once and award != 0:
        self._shortfalls[window].awards += award
    return at_once


# True if a waiting award can be paid before its window is settled.
@internal
@view
def _can_pay_early(window: uint256, funds: uint256) -> bool:
    return self._windows[window] & SETTLED == 0 and liabilities._is_covered(
        funds
    )


@internal
def _pay_early(window: uint256, award: uint256):
    liabilities._unask(award)
    self._shortfalls[window].awards -= award


# Returns the waiting awards and what there is to set aside for them.
@internal
def _settle(
    window: uint256, cover_start: uint256, length: uint256, funds: uint256
) -> (uint256, uint256):
    w: Window = self._load(window)
    assert w.known, "window: no claims"
    assert not w.settled, "window: already settled"
    assert block.timestamp >= cover_start + (window + 1) * length, (
        "window: still open"
    )
    assert w.undecided == 0, "window: claims are undecided"
    if w.previous != 0:
        assert self._windows[w.previous - 1] & SETTLED != 0, (
            "window: an earlier one is not settled"
        )
    self._windows[window] |= SETTLED
    awards: uint256 = self._shortfalls[window].awards
    available: uint256 = min(awards, funds + liabilities._capacity())
    if awards != 0:
        liabilities._unask(awards)
        self._shortfalls[window].available = available
    if available < awards:
        liabilities._owe(awards - available)
        self._shortfalls[window].factor = self._factor_now()
        self._shortfalls[window].scale = self._scale
        self._shortfalls[window].epoch = self._epoch
    return awards, available


# What of an award may be paid once its window is settled, rounded down.
@internal
@view
def _payable(window: uint256, award: uint256) -> uint256:
    if self._windows[window] & SETTLED == 0:
        return 0
    s: Shortfall = self._shortfalls[window]
    if s.available == s.awards:
        return award
    base: uint256 = award * s.available // s.awards
    cut: uint256 = award * (s.awards - s.available) // s.awards
    if s.epoch != self._epoch:
        return base + cut
    steps: uint256 = self._scale - s.scale
    if steps > MAX_STEPS:
        return base + cut - min(cut, 1)
    left: uint256 = self._divide_up(
        cut * self._factor_now(), s.factor << STEP * steps
    )
    return base + cut - left


# Sets aside for unpaid awards what of `amount` they need.
@internal
def _make_up(amount: uint256) -> uint256:
    unpaid: uint256 = liabilities._unpaid()
    if unpaid == 0 or amount == 0:
        return 0
    made_up: uint256 = min(amount, unpaid)
    liabilities._make_up(made_up)
    if made_up == unpaid:
        self._factor = 0
        self._scale = 0
        self._epoch += 1
    else:
        self._lower_factor(unpaid - made_up, unpaid)
    log IPool.MadeUp(amount=made_up)
    return made_up


# Multiplies the factor by left / unpaid, rounded up, and keeps it above LOW.
@internal
def _lower_factor(left: uint256, unpaid: uint256):
    product: uint256 = self._factor_now() * left
    factor: uint256 = product // unpaid
    rest: uint256 = product % unpaid
    # unpaid is below 2**123, so that 4 steps are enough
    steps: uint256 = 0
    for step: uint256 in range(4):
        if factor >= LOW:
            break
        steps = step + 1
        factor = (factor << STEP) + (rest << STEP) // unpaid
        rest = (rest << STEP) % unpaid
    self._scale += steps
    if rest != 0:
        factor += 1
    self._factor = factor


@internal
@view
def _factor_now() -> uint256:
    if self._factor == 0:
        return ONE
    return self._factor


@internal
@pure
def _divide_up(a: uint256, b: uint256) -> uint256:
    return (a + b - 1) // b
