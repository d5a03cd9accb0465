"""What people of a pool sign, word by word: ballots, changes of wallet, support of a recovery.

Not with the project's own code; people are numbers, as in tests/evm/signing.py.
"""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from eth_utils import keccak

from tests.evm.chain import CHAIN_ID
from tests.evm.signing import DOMAIN_TYPE, key

BALLOT = "Ballot(uint256 claimId,uint8 award,bytes32 reason)"
CHANGE = "WalletChange(address oldWallet,address newWallet,uint256 nonce,uint256 deadline)"
RECOVERY = "WalletRecovery(address oldWallet,address newWallet,uint256 nonce)"
# Order of secp256k1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def digest(kind: str, values: list[Any], pool: str, chain_id: int = CHAIN_ID) -> bytes:
    """Return what is signed for a struct of these values."""
    types = [field.split()[0] for field in kind[kind.index("(") + 1 : -1].split(",")]
    domain = [DOMAIN_TYPE, keccak(text="Peerpool"), keccak(text="1"), chain_id, pool]
    separator = keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], domain))
    struct = keccak(encode(["bytes32", *types], [keccak(text=kind), *values]))
    return keccak(b"\x19\x01" + separator + struct)


def sign(signer: int, message: bytes) -> bytes:
    """Return r, s, v (65 bytes) of a person."""
    signature = key(signer).sign_msg_hash(message)
    v = bytes([27 + signature.v])
    return signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + v


def short(signer: int, message: bytes) -> tuple[int, int]:
    """Return the two words of EIP-2098."""
    signature = key(signer).sign_msg_hash(message)
    return signature.r, signature.s | signature.v << 255


def ballot(pool: str, claim_id: int, award: int, reason: bytes, chain_id: int = CHAIN_ID) -> bytes:
    """Return the digest of a ballot."""
    return digest(BALLOT, [claim_id, award, reason], pool, chain_id)


def change(pool: str, old: str, new: str, nonce: int, deadline: int) -> bytes:
    """Return the digest of a change of wallet."""
    return digest(CHANGE, [old, new, nonce, deadline], pool)


def recovery(pool: str, old: str, new: str, nonce: int) -> bytes:
    """Return the digest of the support of a recovery."""
    return digest(RECOVERY, [old, new, nonce], pool)
