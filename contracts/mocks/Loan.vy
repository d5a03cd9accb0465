# pragma version 0.4.3
"""
@title A loan whose borrowers have pledged their cover to it
@license MIT
@author Peerpool contributors
@notice Draws a guarantee when it is told to, and brings back what a borrower
        pays later.
"""

from contracts.mocks import Wallet
from interfaces import IPool

exports: (Wallet.execute, Wallet.__default__)


@external
def call_guarantee(pool: address, member: address, amount: uint256) -> uint256:
    """
    @notice Draw on the member's cover.
    @return claim id
    """
    return extcall IPool(pool).call_guarantee(member, amount)


@external
@payable
def repay(pool: address, claim_id: uint256):
    """
    @notice The borrower has paid after all: the money belongs to the pool.
    """
    extcall IPool(pool).recover(claim_id, msg.value, value=msg.value)
