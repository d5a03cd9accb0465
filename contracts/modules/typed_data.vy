# pragma version 0.4.3
"""
@title EIP-712 invitations and ballots, and who has signed them
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
BALLOT_TYPEHASH: constant(bytes32) = keccak256(
    "Ballot(uint256 claimId,uint8 award,bytes32 reason)"
)
WALLET_CHANGE_TYPEHASH: constant(bytes32) = keccak256(
    "WalletChange(address oldWallet,address newWallet,uint256 nonce,uint256 deadline)"
)
WALLET_RECOVERY_TYPEHASH: constant(bytes32) = keccak256(
    "WalletRecovery(address oldWallet,address newWallet,uint256 nonce)"
)
# ERC-1271: isValidSignature answers with its own selector.
IS_VALID: constant(bytes4) = 0x1626ba7e
# A Safe of ten owners needs some 80,000; a wallet that burns gas burns no more.
WALLET_GAS: constant(uint256) = 300_000
# Room for the signatures of 15 owners; longer is refused by the ABI.
MAX_SIGNATURE: constant(uint256) = 1_024
# Half the order of secp256k1: a higher s is the same signature once more.
MAX_S: constant(bytes32) = (
    0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
)


@internal
@view
def _invitation(invitation: IPool.Invitation) -> bytes32:
    return self._digest(
        keccak256(abi_encode(INVITATION_TYPEHASH, invitation)), self
    )


@internal
@view
def _ballot(
    claim_id: uint256, award: uint8, reason: bytes32, pool: address
) -> bytes32:
    return self._digest(
        keccak256(abi_encode(BALLOT_TYPEHASH, claim_id, award, reason)), pool
    )


@internal
@view
def _wallet_change(
    old: address, new: address, nonce: uint256, deadline: uint256
) -> bytes32:
    return self._digest(
        keccak256(
            abi_encode(WALLET_CHANGE_TYPEHASH, old, new, nonce, deadline)
        ),
        self,
    )


@internal
@view
def _wallet_recovery(old: address, new: address, nonce: uint256) -> bytes32:
    return self._digest(
        keccak256(abi_encode(WALLET_RECOVERY_TYPEHASH, old, new, nonce)), self
    )


@internal
@view
def _digest(message: bytes32, pool: address) -> bytes32:
    domain: bytes32 = keccak256(
        abi_encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chain.id, pool)
    )
    return keccak256(concat(b"\x19\x01", domain, message))


# Zero for whatever is not a signature by an account with a key.
@internal
@pure
def _recover(digest: bytes32, signature: Bytes[MAX_SIGNATURE]) -> address:
    length: uint256 = len(signature)
    if length != 64 and length != 65:
        return empty(address)
    r: uint256 = extract32(signature, 0, output_type=uint256)
    s: uint256 = extract32(signature, 32, output_type=uint256)
    if length == 64:
        return self._recover_compact(digest, r, s)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    if v < 27:
        v += 27
    if s > convert(MAX_S, uint256) or (v != 27 and v != 28):
        return empty(address)
    return ecrecover(digest, v, r, s)


# EIP-2098: the parity of v is the highest bit of s.
@internal
@pure
def _recover_compact(digest: bytes32, r: uint256, vs: uint256) -> address:
    s: uint256 = vs & (2**255 - 1)
    if s > convert(MAX_S, uint256):
        return empty(address)
    return ecrecover(digest, 27 + (vs >> 255), r, s)


# By a key first: an EIP-7702 account has both code and a key.
@internal
@view
def _signed(
    account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]
) -> bool:
    return self._recover(digest, signature) == account or self._wallet_signed(
        account, digest, signature
    )


# Whether an account with code says, by ERC-1271, that it has signed.
@internal
@view
def _wallet_signed(
    account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]
) -> bool:
    success: bool = False
    returned: Bytes[32] = b""
    success, returned = raw_call(
        account,
        abi_encode(digest, signature, method_id=IS_VALID),
        max_outsize=32,
        gas=WALLET_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return (
        success
        and len(returned) == 32
        and convert(returned, bytes32) == convert(IS_VALID, bytes32)
    )
