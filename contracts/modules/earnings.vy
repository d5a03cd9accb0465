# pragma version 0.4.3
"""
@title Fees of the organiser and commissions of referrers (rule 5)
@license MIT
@author Peerpool contributors
@notice Part of held. Due once cover has started, void if the pool is cancelled:
        who may withdraw, and when, is the pool's business.
"""

BPS: constant(uint256) = 10_000
MASK_128: constant(uint256) = 2**128 - 1

# fees << 128 | all commissions: what of them is still here
_sums: uint256
_commissions: HashMap[address, uint256]


@internal
@pure
def _split(
    premium: uint256,
    fee_bps: uint256,
    commission_bps: uint256,
    referrer: address,
) -> (uint256, uint256):
    commission: uint256 = 0
    if referrer != empty(address):
        commission = premium * commission_bps // BPS
    return premium * fee_bps // BPS, commission


@internal
def _add(fee: uint256, commission: uint256, referrer: address):
    if fee | commission != 0:
        self._sums += fee << 128 | commission
    if commission != 0:
        self._commissions[referrer] += commission


@internal
def _void(fee: uint256, commission: uint256, referrer: address):
    if fee | commission != 0:
        self._sums -= fee << 128 | commission
    if commission != 0:
        self._commissions[referrer] -= commission


@internal
@view
def _of(account: address, organiser: address) -> uint256:
    if account == organiser:
        return self._commissions[account] + (self._sums >> 128)
    return self._commissions[account]


@internal
def _clear(account: address, organiser: address):
    sums: uint256 = self._sums - self._commissions[account]
    if account == organiser:
        sums &= MASK_128
    self._sums = sums
    self._commissions[account] = 0


# All that is still here, for a cancelled pool that is swept.
@internal
def _void_all() -> uint256:
    sums: uint256 = self._sums
    self._sums = 0
    return (sums >> 128) + (sums & MASK_128)
