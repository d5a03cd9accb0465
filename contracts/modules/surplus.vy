# pragma version 0.4.3
"""
@title Sharing the surplus (rules 12 and 13)
@license MIT
@author Peerpool contributors
@notice A cumulative index: what one unit of premium has been due so far. No
        loop over members anywhere.
"""

# Amounts have 127 bits: an amount times SCALE fits a word, and what rounding
# loses of one sharing is below one unit for premiums up to 2**96 in all.
SCALE: constant(uint256) = 2**96
MASK_40: constant(uint256) = 2**40 - 1

# settled_at | shared_at << 40 | round << 80. A sweep begins a new round.
_times: uint256
# Since the round began.
_index: uint256
# Premiums of members who were awarded something; kept with claim_free_refund.
_awarded_premiums: uint256


@internal
@view
def _settled_at() -> uint256:
    return self._times & MASK_40


@internal
@view
def _shared_at() -> uint256:
    return self._times >> 40 & MASK_40


@internal
@view
def _round() -> uint256:
    return self._times >> 80


@internal
def _mark_settled():
    self._times |= block.timestamp


# Premiums of those who share: the claim-free, if the terms say so, unless that
# is nobody.
@internal
@view
def _base(premiums: uint256, claim_free_refund: bool) -> uint256:
    if claim_free_refund and self._awarded_premiums < premiums:
        return premiums - self._awarded_premiums
    return premiums


@internal
def _share(amount: uint256, base: uint256):
    self._index += amount * SCALE // base
    self._times = (self._times & ~(MASK_40 << 40)) | block.timestamp << 40


@internal
def _sweep():
    self._index = 0
    self._times += 1 << 80


# Due on a premium since the round began, taken or not, rounded down: the sum
# over all members is not more than what was shared since. In a cancelled pool
# the premium itself is due in the first round.
@internal
@view
def _due(premium: uint256, cancelled: bool, shares: bool) -> uint256:
    due: uint256 = 0
    if shares:
        due = premium * self._index // SCALE
    if cancelled and self._round() == 0:
        due += premium
    return due
