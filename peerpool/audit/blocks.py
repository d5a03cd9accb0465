"""What a header proves: its own hash, that logs are missing or may be there, and its receipts.

Somebody who trusts the hash of a block need not trust the node that shows the block: the hash is
that of the header's fields, and among these are the root of all receipts, which hold all logs, and
a filter (bloom) of their addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import rlp
from eth_utils import keccak
from trie import HexaryTrie


@dataclass(frozen=True)
class Head:
    """What names a block: its number and its hash; and its second."""

    number: int
    hash: str
    time: int


class Header(msgspec.Struct, rename="camel"):
    """A block without its transactions, as JSON-RPC writes it. Newer fields may be missing."""

    number: str
    hash: str
    timestamp: str
    parent_hash: str | None = None
    sha3_uncles: str | None = None
    miner: str | None = None
    state_root: str | None = None
    transactions_root: str | None = None
    receipts_root: str | None = None
    logs_bloom: str | None = None
    difficulty: str | None = None
    gas_limit: str | None = None
    gas_used: str | None = None
    extra_data: str | None = None
    mix_hash: str | None = None
    nonce: str | None = None
    base_fee_per_gas: str | None = None
    withdrawals_root: str | None = None
    blob_gas_used: str | None = None
    excess_blob_gas: str | None = None
    parent_beacon_block_root: str | None = None
    requests_hash: str | None = None
    transactions: list[str] = []


class Log(msgspec.Struct, rename="camel", gc=False):
    """A log, as JSON-RPC writes it."""

    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str
    block_timestamp: str | None = None  # of newer nodes
    removed: bool = False


class Receipt(msgspec.Struct, rename="camel"):
    """A receipt, as JSON-RPC writes it."""

    transaction_hash: str
    cumulative_gas_used: str
    gas_used: str
    logs_bloom: str
    logs: list[Log]
    type: str = "0x0"
    status: str | None = None
    root: str | None = None  # instead of a status, before Byzantium
    deposit_nonce: str | None = None  # of the OP stack
    deposit_receipt_version: str | None = None


# The fields that are hashed, in order; those of later forks follow if the header has them.
_HASHED = (
    "parent_hash",
    "sha3_uncles",
    "miner",
    "state_root",
    "transactions_root",
    "receipts_root",
    "logs_bloom",
    "difficulty",
    "number",
    "gas_limit",
    "gas_used",
    "timestamp",
    "extra_data",
    "mix_hash",
    "nonce",
)
_LATER = (
    "base_fee_per_gas",
    "withdrawals_root",
    "blob_gas_used",
    "excess_blob_gas",
    "parent_beacon_block_root",
    "requests_hash",
)
_NUMBERS = {
    "difficulty",
    "number",
    "gas_limit",
    "gas_used",
    "timestamp",
    "base_fee_per_gas",
    "blob_gas_used",
    "excess_blob_gas",
}
_STANDARD_TYPES = range(5)
_BLOOM_BITS = 2048
_DEPOSIT = 0x7E


def is_hashed(header: Header) -> bool:
    """Whether the header's hash is that of its fields; False also on chains that hash others."""
    values = [(name, getattr(header, name)) for name in _HASHED]
    if any(value is None for _, value in values):
        return False
    values += [(name, value) for name in _LATER if (value := getattr(header, name)) is not None]
    try:
        row = [_whole(value) if name in _NUMBERS else _raw(value) for name, value in values]
    except ValueError:
        return False
    return _hex(keccak(_rlp(row))) == header.hash


@lru_cache(maxsize=64)
def bloom_mask(address: str) -> int:
    """The bits of a header's bloom that are set if an address has a log in the block."""
    digest = keccak(_raw(address))
    mask = 0
    for place in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[place : place + 2], "big") % _BLOOM_BITS)
    return mask


def may_hold(header: Header, address: str) -> bool:
    """Whether the block may have logs of an address; False is certain, given the header."""
    mask = bloom_mask(address.lower())
    return header.logs_bloom is None or int(header.logs_bloom, 16) & mask == mask


def is_crowded(header: Header) -> bool:
    """Whether its bloom tells little: it allows logs of more than an eighth of all addresses."""
    return header.logs_bloom is None or int(header.logs_bloom, 16).bit_count() > _BLOOM_BITS // 2


def receipts_root(receipts: Sequence[Receipt]) -> str | None:
    """The root of all receipts of a block, in order; None for kinds that only their chain knows."""
    trie = HexaryTrie({})
    for place, receipt in enumerate(receipts):
        kind = int(receipt.type, 16)
        if kind not in _STANDARD_TYPES and kind != _DEPOSIT:
            return None
        row = [
            _raw(receipt.root) if receipt.root else _whole(receipt.status or "0x0"),
            _whole(receipt.cumulative_gas_used),
            _raw(receipt.logs_bloom),
            [
                [_raw(log.address), [_raw(topic) for topic in log.topics], _raw(log.data)]
                for log in receipt.logs
            ],
        ]
        if kind == _DEPOSIT and receipt.deposit_receipt_version:
            row += [_whole(receipt.deposit_nonce or "0x0"), _whole(receipt.deposit_receipt_version)]
        trie[_rlp(_shortest(place))] = (bytes([kind]) if kind else b"") + _rlp(row)
    return _hex(trie.root_hash)


def _rlp(row: bytes | list[Any]) -> bytes:
    return rlp.encode(row, infer_serializer=False)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _whole(text: str) -> bytes:
    return _shortest(int(text, 16))


def _shortest(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
