# pragma version 0.4.3
"""
@title A wallet that answers with as much data as its gas allows
@license MIT
@author Peerpool contributors
@notice Imitates the "return bomb" (nomad-xyz/ExcessivelySafeCall): a caller
        that copies the answer pays for the memory, outside of the gas it set
        aside.
"""

from contracts.mocks import Wallet

exports: Wallet.execute


@external
@payable
def __default__():
    raw_revert(abi_encode(empty(uint256[2000])))
