"""A chain with as many events of a pool as wanted, all kinds of them in turn, within seconds.

A contract without a source stands in the place of the pool, and emits: each transaction runs it
once, in a block of its own. What it tells makes no sense as books; as logs they are a pool's.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eth_utils import to_checksum_address
from eth_utils.abi import event_abi_to_log_topic

from peerpool import abi
from peerpool.rpc import Rpc

POOL = to_checksum_address("0x" + "b0" * 20)
A_BLOCK = 53  # events
_ACCOUNTS = 4096  # that events name, a power of two
_TEXT = b"ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
_ADD, _AND, _MLOAD, _MSTORE, _SLOAD, _SSTORE, _LOG = 0x01, 0x16, 0x51, 0x52, 0x54, 0x55, 0xA0
_COUNTER = 0x00  # slot, and the place in memory, of the number that the arguments are made of
_DATA = 0x20
_GAS = 30_000_000


@contextmanager
def anvil() -> Iterator[Rpc]:
    """An Anvil of its own on a free port, for as long as the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["anvil", "--silent", "--port", str(port), "--gas-limit", str(_GAS)]
    with subprocess.Popen([*command, "--max-persisted-states", "0"]) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            with Rpc(url, patience=20.0) as rpc:
                rpc.call("eth_chainId")
                yield rpc
        finally:
            process.terminate()


def emit(rpc: Rpc, count: int) -> int:
    """Mine blocks of A_BLOCK events each, `count` in all; return the number of the last block."""
    [sender, *_] = rpc.call("eth_accounts")
    events = [entry for entry in abi.load("Pool") if entry.get("type") == "event"]
    transaction = {"from": sender, "to": POOL, "gas": hex(_GAS)}
    for start in range(0, count, A_BLOCK):
        places = range(start, min(start + A_BLOCK, count))
        code = _code([events[n % len(events)] for n in places])
        rpc.call("anvil_setCode", POOL, "0x" + code.hex())
        rpc.call("eth_sendTransactionSync", transaction)
    return int(rpc.call("eth_blockNumber"), 16)


def _code(events: list[Mapping[str, Any]]) -> bytes:
    """The code of a contract that emits one event after the other, each with other values."""
    code = _push(_COUNTER) + bytes([_SLOAD]) + _push(_COUNTER) + bytes([_MSTORE])
    for entry in events:
        code += _emit(entry)
    return code + _push(_COUNTER) + bytes([_MLOAD]) + _push(_COUNTER) + bytes([_SSTORE])


def _emit(entry: Mapping[str, Any]) -> bytes:
    count = _push(_COUNTER) + bytes([_MLOAD])
    code = count + _push(1) + bytes([_ADD]) + _push(_COUNTER) + bytes([_MSTORE])
    plain = [field["type"] for field in entry["inputs"] if not field["indexed"]]
    words: list[bytes] = []  # what pushes each word of the data
    tail: list[bytes] = []
    for kind in plain:
        if kind in ("string", "uint256[]"):
            words.append(_push(32 * (len(plain) + len(tail))))
            tail += _dynamic(kind)
        else:
            words.append(_value(kind))
    words += tail
    for place, word in enumerate(words):
        code += word + _push(_DATA + 32 * place) + bytes([_MSTORE])
    indexed = [field["type"] for field in entry["inputs"] if field["indexed"]]
    for kind in reversed(indexed):
        code += _value(kind)
    code += b"\x7f" + event_abi_to_log_topic(entry)
    return code + _push(32 * len(words)) + _push(_DATA) + bytes([_LOG + 1 + len(indexed)])


def _value(kind: str) -> bytes:
    """What pushes a value of a kind: for numbers and addresses the counter and something."""
    count = _push(_COUNTER) + bytes([_MLOAD])
    if kind == "address":
        account = count + _push(_ACCOUNTS - 1) + bytes([_AND])
        return account + _push(int(POOL, 16) >> 96 << 96 | 1 << 100) + bytes([_ADD])
    if kind == "uint256":
        return count + _push(10**15) + bytes([_ADD])
    return b"\x7f" + b"\x5a" * 32 if kind == "bytes32" else _push(7)


def _dynamic(kind: str) -> list[bytes]:
    if kind == "uint256[]":
        return [_push(2), _value("uint256"), _value("uint256")]
    padded = _TEXT.ljust(-(-len(_TEXT) // 32) * 32, b"\0")
    parts = [b"\x7f" + padded[n : n + 32] for n in range(0, len(padded), 32)]
    return [_push(len(_TEXT)), *parts]


def _push(value: int) -> bytes:
    raw = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return bytes([0x5F + len(raw)]) + raw
