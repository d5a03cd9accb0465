# pragma version 0.4.3
"""
@title A wallet that fails when it is asked, with the very word that means yes
@license MIT
@author Peerpool contributors
"""

from contracts.mocks import Wallet

exports: (Wallet.execute, Wallet.__default__)


@view
@external
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice ERC-1271, but reverted
    """
    raw_revert(abi_encode(0x1626ba7e))
