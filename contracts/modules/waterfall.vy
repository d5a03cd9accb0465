# pragma version 0.4.3
"""
@title Who pays first, and who is paid first (rules 11 and 15)
@license MIT
@author Peerpool contributors
"""

from contracts.modules import currency
from contracts.modules import liabilities
from contracts.modules import windows

uses: currency
uses: liabilities
uses: windows


# Takes an award out of the funds and, beyond them, the layers; and what else
# leaves held.
@internal
def _spend(award: uint256, from_held: uint256):
    from_funds: uint256 = min(award, currency._funds())
    drawn: uint256 = award - from_funds
    liabilities._draw(drawn)
    currency._take_out(from_funds, from_held + drawn)


# Books what comes in. Returns what of it went to the funds.
@internal
def _take_in(amount: uint256) -> uint256:
    to_held: uint256 = windows._make_up(amount)
    to_held += liabilities._repay(amount - to_held)
    currency._add(amount - to_held, to_held)
    return amount - to_held
