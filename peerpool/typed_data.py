"""EIP-712 messages of a pool: invitations, ballots, changes and recoveries of wallets.

A message is the plain dict that wallets take (`eth_signTypedData_v4`): JSON can hold it.
"""

from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys import keys
from eth_keys.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils import keccak

from peerpool.errors import PeerpoolError
from peerpool.units import counted

Message = dict[str, Any]

_DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_INVITATION_TYPE = [
    {"name": "member", "type": "address"},
    {"name": "tier", "type": "uint8"},
    {"name": "deadline", "type": "uint256"},
]
_BALLOT_TYPE = [
    {"name": "claimId", "type": "uint256"},
    {"name": "award", "type": "uint8"},
    {"name": "reason", "type": "bytes32"},
]
_WALLET_CHANGE_TYPE = [
    {"name": "oldWallet", "type": "address"},
    {"name": "newWallet", "type": "address"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]
_WALLET_RECOVERY_TYPE = _WALLET_CHANGE_TYPE[:3]
_S_MASK = (1 << 255) - 1


class SignatureError(PeerpoolError):
    """Bytes that are no signature."""


def invitation(chain_id: int, pool: str, member: str, tier: int, deadline: int) -> Message:
    """Return the message that invites a member.

    tier: the number of the tier, from 0. deadline: the last Unix second in which it can be used.
    """
    content = {"member": member, "tier": tier, "deadline": deadline}
    return _message(chain_id, pool, "Invitation", _INVITATION_TYPE, content)


def ballot(chain_id: int, pool: str, claim_id: int, award: int, reason: bytes) -> Message:
    """Return the message of a ballot. award: tenths, 0 to 10. reason: 32 bytes, a hash or zero."""
    content = {"claimId": claim_id, "award": award, "reason": f"0x{reason.hex()}"}
    return _message(chain_id, pool, "Ballot", _BALLOT_TYPE, content)


def wallet_change(
    chain_id: int, pool: str, old: str, new: str, nonce: int, deadline: int
) -> Message:
    """Return the message with which both wallets agree that the policy moves.

    nonce: what `wallet_nonce(old)` of the pool says. deadline: the last Unix second for it.
    """
    content = {"oldWallet": old, "newWallet": new, "nonce": nonce, "deadline": deadline}
    return _message(chain_id, pool, "WalletChange", _WALLET_CHANGE_TYPE, content)


def wallet_recovery(chain_id: int, pool: str, old: str, new: str, nonce: int) -> Message:
    """Return the message with which a member supports moving the policy of a lost wallet.

    nonce: what `wallet_nonce(old)` of the pool says.
    """
    content = {"oldWallet": old, "newWallet": new, "nonce": nonce}
    return _message(chain_id, pool, "WalletRecovery", _WALLET_RECOVERY_TYPE, content)


def digest(message: Message) -> bytes:
    """Return the 32 bytes that are signed."""
    signable = encode_typed_data(full_message=message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def sign(account_key: Any, message: Message) -> bytes:
    """Return the signature of a private key (hex or bytes): 65 bytes r, s, v; v is 27 or 28."""
    return bytes(Account.sign_typed_data(account_key, full_message=message).signature)


def recover(message: Message, signature: bytes) -> str:
    """Return who signed, from 65 bytes or the 64 of EIP-2098.

    Raises SignatureError("signature: ...") for what no contract should take: another length, v
    other than 27 and 28, s in the upper half (the second form of the same signature), no key.
    """
    return recover_digest(digest(message), signature)


def recover_digest(signed: bytes, signature: bytes) -> str:
    """Return who signed these 32 bytes, as `recover` does: many signatures have one digest."""
    if len(signature) == 64:
        signature = expand(signature)
    r, s, v = _parts(signature)
    try:
        key = keys.Signature(vrs=(v, r, s)).recover_public_key_from_msg_hash(signed)
    except BadSignature:
        raise SignatureError("signature: belongs to no key") from None
    return key.to_checksum_address()


def compact(signature: bytes) -> bytes:
    """Return the 64 bytes of EIP-2098 for 65 bytes. Raises SignatureError("signature: ...")."""
    r, s, v = _parts(signature)
    return r.to_bytes(32, "big") + (v << 255 | s).to_bytes(32, "big")


def expand(signature: bytes) -> bytes:
    """Return 65 bytes for the 64 of EIP-2098. Raises SignatureError("signature: ...")."""
    if len(signature) != 64:
        raise SignatureError(f"signature: {counted(len(signature), 'byte')}, not 64")
    last = int.from_bytes(signature[32:], "big")
    s, v = last & _S_MASK, last >> 255
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + v])


def _parts(signature: bytes) -> tuple[int, int, int]:
    if len(signature) != 65:
        raise SignatureError(f"signature: {counted(len(signature), 'byte')}, not 65")
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:64]))
    v = signature[64]
    if v not in (27, 28):
        raise SignatureError(f"signature: v is {v}, not 27 or 28")
    if s > SECPK1_N // 2:
        raise SignatureError("signature: s is in the upper half")
    return r, s, v - 27


def _message(
    chain_id: int, pool: str, name: str, fields: list[dict[str, str]], content: dict[str, Any]
) -> Message:
    return {
        "types": {"EIP712Domain": _DOMAIN_TYPE, name: fields},
        "primaryType": name,
        "domain": {
            "name": "Peerpool",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": pool,
        },
        "message": content,
    }
