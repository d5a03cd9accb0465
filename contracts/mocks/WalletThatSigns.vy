# pragma version 0.4.3
"""
@title A wallet for which its owner signs, and nothing else
@license MIT
@author Peerpool contributors
@notice The plainest ERC-1271. Like many real ones (bcnmy/nexus#59) it takes the
        owner's signature over the digest as it comes, without its own address:
        what the owner signed for one such wallet holds for another of theirs.
"""

from contracts.mocks import Wallet

exports: (Wallet.execute, Wallet.__default__)

owner: public(address)


@deploy
def __init__(owner: address):
    self.owner = owner


@view
@external
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice ERC-1271, for 65 bytes of the owner
    """
    if len(signature) != 65:
        return 0xffffffff
    signer: address = ecrecover(
        digest,
        convert(slice(signature, 64, 1), uint256),
        extract32(signature, 0, output_type=uint256),
        extract32(signature, 32, output_type=uint256),
    )
    return 0x1626ba7e if signer == self.owner else 0xffffffff
