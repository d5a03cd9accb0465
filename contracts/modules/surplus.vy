# pragma version 0.4.3
"""
@title Sharing the surplus (rules 12 and 13)
@license MIT
@author Peerpool contributors
@notice Members share by premium, and premiums and awards are final by then: two
        sums tell what anybody is due. No loop over members anywhere.
"""

MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1
# Less than a hundredth of the refunds that wait does not put off a sweep.
WORTH_A_WAIT: constant(uint256) = 100

# settled_at | shared_at << 40 | round << 80. A sweep begins a new round.
_times: uint256
# premiums that share << 128 | what was shared among them since the round began
_shares: uint256
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


# `waiting` is what of all sharings, this one included, was not taken yet.
@internal
def _share(amount: uint256, waiting: uint256, base: uint256):
    shared: uint256 = (self._shares & MASK_128) + amount
    assert shared <= MASK_128 >> 1, "money: too much"
    self._shares = base << 128 | shared
    if amount * WORTH_A_WAIT >= waiting:
        self._times = (self._times & ~(MASK_40 << 40)) | block.timestamp << 40


@internal
def _sweep():
    self._shares = 0
    self._times += 1 << 80


# Due on a premium since the round began, taken or not, rounded down: the sum
# over all members is not more than what was shared since. In a cancelled pool
# the premium itself is due in the first round.
@internal
@view
def _due(premium: uint256, cancelled: bool, shares: bool) -> uint256:
    due: uint256 = 0
    word: uint256 = self._shares
    if shares and word != 0:
        due = premium * (word & MASK_128) // (word >> 128)
    if cancelled and self._round() == 0:
        due += premium
    return due
