# pragma version 0.4.3
"""
@title A wallet that refuses Ether
@license MIT
@author Peerpool contributors
@notice Imitates the many contracts without a payable fallback, and King of
        the Ether (2016), whose throne nobody could take from such a one.
        `reject(False)` mends it.
"""

from contracts.mocks import Wallet

exports: Wallet.execute

accepts: public(bool)


@external
def reject(switch: bool):
    self.accepts = not switch


@external
@payable
def __default__():
    assert self.accepts, "wallet: no, thanks"
