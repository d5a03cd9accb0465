# pragma version 0.4.3
"""
@title A wallet that calls somebody before it says whether it has signed
@license MIT
@author Peerpool contributors
@notice Imitates a wallet that attacks through isValidSignature, and an honest one
        whose rules look something up. It says yes if its call succeeds.
"""

from contracts.mocks import Wallet

exports: (Wallet.execute, Wallet.__default__)

target: address
data: Bytes[2048]


@external
def arm(target: address, data: Bytes[2048]):
    """
    @notice Whenever asked, call `target` with `data`.
    """
    self.target = target
    self.data = data


@external
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice ERC-1271; not a view, so that it can try to write
    """
    if raw_call(self.target, self.data, revert_on_failure=False):
        return 0x1626ba7e
    return 0xffffffff
