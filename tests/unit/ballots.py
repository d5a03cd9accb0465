"""Signed ballots of people whose keys are known, and whom an event says were counted."""

from functools import cache
from typing import Any

from brownie import accounts, chain
from brownie._config import CONFIG
from eth_account.hdaccount import ETHEREUM_DEFAULT_PATH, key_from_seed, seed_from_mnemonic
from eth_keys.constants import SECPK1_N
from eth_utils import to_checksum_address

from peerpool import typed_data

from .stage import REASON, Stage


@cache
def _keys() -> dict[str, bytes]:
    seed = seed_from_mnemonic(CONFIG.active_network["cmd_settings"]["mnemonic"], "")
    branch = ETHEREUM_DEFAULT_PATH.removesuffix("/0")
    return {
        str(account): key_from_seed(seed, f"{branch}/{i}")
        for i, account in enumerate(accounts[:30])
    }


def key_of(account: Any) -> Any:
    """Return the private key of an account of the local chain, or of one that was added."""
    return getattr(account, "private_key", None) or _keys()[str(account)]


def digest(stage: Stage, claim_id: int = 1, award: int = 10, reason: bytes = REASON) -> bytes:
    """Return the 32 bytes that a voter signs."""
    return typed_data.digest(typed_data.ballot(chain.id, str(stage.pool), claim_id, award, reason))


def sign(
    stage: Stage,
    signer: Any,
    claim_id: int = 1,
    award: int = 10,
    reason: bytes = REASON,
    pool: Any = None,
    chain_id: int = 0,
) -> bytes:
    """Return the 65 bytes (v is 27 or 28) of somebody's ballot."""
    message = typed_data.ballot(
        chain_id or chain.id, str(pool or stage.pool), claim_id, award, reason
    )
    return typed_data.sign(key_of(signer), message)


def pair(signature: bytes) -> tuple[int, int]:
    """Return (r, vs), as cast_ballots takes it, of 65 bytes."""
    short = typed_data.compact(signature)
    return int.from_bytes(short[:32], "big"), int.from_bytes(short[32:], "big")


def twin(signature: bytes) -> bytes:
    """Return the other form of a signature, with a high s, which every contract should refuse."""
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def counted(stage: Stage, receipt: Any) -> list[str]:
    """Return whose ballots a batch has counted, in order, from the ids in its event."""
    if "BallotsCast" not in receipt.events:
        return []
    [event] = receipt.events["BallotsCast"]
    ids = [word >> 32 * i & 2**32 - 1 for word in event["voters"] for i in range(8)]
    present = [i for i in ids if i]
    assert ids == present + [0] * (len(ids) - len(present)), "a gap among the ids"
    return [to_checksum_address(stage.pool.member_at(i)) for i in present]
