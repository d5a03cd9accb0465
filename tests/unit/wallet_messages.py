"""What is signed for a change of wallet, written down once more for the tests, and who signs it."""

from typing import Any

from brownie import chain

from peerpool import typed_data

from .ballots import key_of, pair
from .stage import Stage

DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
CHANGE_TYPE = [
    {"name": "oldWallet", "type": "address"},
    {"name": "newWallet", "type": "address"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]


def change(
    stage: Stage, old: Any, new: Any, nonce: int, deadline: int, pool: Any = None, chain_id: int = 0
) -> dict[str, Any]:
    """Return the WalletChange that both wallets sign."""
    content = {
        "oldWallet": str(old),
        "newWallet": str(new),
        "nonce": nonce,
        "deadline": deadline,
    }
    return message(pool or stage.pool, "WalletChange", CHANGE_TYPE, content, chain_id)


def recovery(
    stage: Stage, old: Any, new: Any, nonce: int, pool: Any = None, chain_id: int = 0
) -> dict[str, Any]:
    """Return the WalletRecovery that members sign."""
    content = {"oldWallet": str(old), "newWallet": str(new), "nonce": nonce}
    return message(pool or stage.pool, "WalletRecovery", CHANGE_TYPE[:3], content, chain_id)


def message(
    pool: Any, kind: str, fields: list[dict[str, str]], content: dict[str, Any], chain_id: int = 0
) -> dict[str, Any]:
    """Return EIP-712 typed data for a pool."""
    return {
        "types": {"EIP712Domain": DOMAIN_TYPE, kind: fields},
        "primaryType": kind,
        "domain": {
            "name": "Peerpool",
            "version": "1",
            "chainId": chain_id or chain.id,
            "verifyingContract": str(pool),
        },
        "message": content,
    }


def signed(signer: Any, what: dict[str, Any]) -> bytes:
    """Return the 65 bytes of somebody's signature."""
    return typed_data.sign(key_of(signer), what)


def short(signer: Any, what: dict[str, Any]) -> tuple[int, int]:
    """Return (r, vs) of somebody's signature."""
    return pair(signed(signer, what))
