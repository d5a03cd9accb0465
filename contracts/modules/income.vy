# pragma version 0.4.3
"""
@title Where money goes that comes in, and surplus (rules 11 and 12)
@license MIT
@author Peerpool contributors
"""

from interfaces import IPool
from contracts.modules import currency
from contracts.modules import lifecycle
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
from contracts.modules import waterfall

uses: currency
uses: surplus
uses: totals
uses: waterfall

BPS: constant(uint256) = 10_000
# Half of what a pot can hold.
ROOM_FOR_GIFTS: constant(uint256) = 2**126


# For money that nobody has to send. All premiums are below 2**116, the bonds of
# open claims below 2**123, collateral is not above 2**102. Beside less than 2**126
# all of it fits into either pot, and into what is shared.
@internal
@view
def _check_room(amount: uint256):
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    assert (
        funds + held + amount < ROOM_FOR_GIFTS
        and surplus._load().shared + amount < ROOM_FOR_GIFTS
    ), "money: too much"


# Rule 11. Nothing is due to anybody from a pool without members and cause.
@internal
def _come_in(asset: address, amount: uint256, phase: uint8):
    to_funds: uint256 = waterfall._take_in(amount)
    if to_funds != 0 and (
        phase == lifecycle.SETTLED or phase == lifecycle.CANCELLED
    ):
        self._share(asset, to_funds)


# Rule 12, for an amount that lies in funds.
@internal
def _share(asset: address, amount: uint256):
    u: terms_code.Surplus = terms_code._surplus()
    premiums: uint256 = totals._load().premiums
    to_cause: uint256 = amount * u.cause_bps // BPS
    if premiums != 0:
        surplus._share(
            amount - to_cause,
            currency._funds() - to_cause,
            surplus._base(premiums, terms_code._cover().claim_free_refund),
        )
    currency._take_out(to_cause, 0)
    log IPool.Shared(to_cause=to_cause, to_members=amount - to_cause)
    currency._pay(asset, u.cause, to_cause)
