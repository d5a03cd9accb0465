# pragma version 0.4.3
"""
@title EIP-712 invitations
@license MIT
@author Peerpool contributors
@notice The domain is computed at run time, from self and chain.id: a pool is a
        clone, and a chain may fork.
"""

from interfaces import IPool

DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
NAME_HASH: constant(bytes32) = keccak256("Peerpool")
VERSION_HASH: constant(bytes32) = keccak256("1")
INVITATION_TYPEHASH: constant(bytes32) = keccak256(
    "Invitation(address member,uint8 tier,uint256 deadline)"
)
# Half the order of secp256k1: a higher s is the same signature once more.
MAX_S: constant(bytes32) = (
    0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
)


@internal
@view
def _digest(invitation: IPool.Invitation) -> bytes32:
    domain: bytes32 = keccak256(
        abi_encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chain.id, self)
    )
    message: bytes32 = keccak256(abi_encode(INVITATION_TYPEHASH, invitation))
    return keccak256(concat(b"\x19\x01", domain, message))


# Zero for whatever is not a signature.
@internal
@pure
def _recover(digest: bytes32, signature: Bytes[65]) -> address:
    if len(signature) < 64:
        return empty(address)
    r: uint256 = extract32(signature, 0, output_type=uint256)
    s: uint256 = extract32(signature, 32, output_type=uint256)
    v: uint256 = 0
    if len(signature) == 64:
        v = 27 + (s >> 255)
        s &= max_value(uint256) >> 1
    else:
        v = convert(slice(signature, 64, 1), uint256)
        if v < 27:
            v += 27
    if s > convert(MAX_S, uint256) or (v != 27 and v != 28):
        return empty(address)
    return ecrecover(digest, v, r, s)
