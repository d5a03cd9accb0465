"""EIP-712 invitations, hashed and signed here word by word: not with the project's own code.

Keys are small integers, so that a person of a test has one address for ever.
"""

from __future__ import annotations

from functools import cache, lru_cache

from eth_abi.abi import encode
from eth_keys import keys
from eth_utils import keccak

from .chain import CHAIN_ID

DOMAIN_TYPE = keccak(
    text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
INVITATION_TYPE = keccak(text="Invitation(address member,uint8 tier,uint256 deadline)")


@cache
def key(number: int) -> keys.PrivateKey:
    """Return the private key of person `number` (from 1)."""
    return keys.PrivateKey(keccak(text=f"peerpool test {number}"))


@cache
def address_of(number: int) -> str:
    """Return the address of person `number`, in lower case."""
    return key(number).public_key.to_address()


@lru_cache(maxsize=1024)
def sign_invitation(
    signer: int, pool: str, member: str, tier: int, deadline: int, chain_id: int = CHAIN_ID
) -> bytes:
    """Return r, s, v (65 bytes) of person `signer` over an invitation to `pool`."""
    domain = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [DOMAIN_TYPE, keccak(text="Peerpool"), keccak(text="1"), chain_id, pool],
        )
    )
    invitation = keccak(
        encode(
            ["bytes32", "address", "uint8", "uint256"], [INVITATION_TYPE, member, tier, deadline]
        )
    )
    signature = key(signer).sign_msg_hash(keccak(b"\x19\x01" + domain + invitation))
    v = 27 + signature.v
    return signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + bytes([v])


def compact(signature: bytes) -> bytes:
    """Return the 64-byte form (EIP-2098) of a 65-byte signature."""
    y_parity_and_s = bytearray(signature[32:64])
    y_parity_and_s[0] |= (signature[64] - 27) << 7
    return signature[:32] + bytes(y_parity_and_s)
