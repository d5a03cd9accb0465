"""Calls and logs by ABI, tolerant of text on chain that is not UTF-8.

web3's own decoding raises on such text, so that one member's evidence uri could make a pool
unreadable; here it is decoded with replacement characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.encoding import TextStringEncoder
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as standard
from eth_utils import to_checksum_address
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from web3 import Web3

Abi = Sequence[Mapping[str, Any]]


def _codec() -> ABICodec:
    registry = standard.copy()
    registry.unregister("string")
    registry.register(
        BaseEquals("string"),
        TextStringEncoder,
        StringDecoder(handle_string_errors="replace"),
        label="string",
    )
    return ABICodec(registry)


CODEC = _codec()


def _plain(value: Any, abi_type: str) -> Any:
    return to_checksum_address(value) if abi_type == "address" else value


def _named(values: Sequence[Any], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Values by the names of their ABI entries, structs as dicts, to any depth."""
    return {e["name"]: _shaped(v, e) for v, e in zip(values, entries, strict=True)}


def _shaped(value: Any, entry: Mapping[str, Any]) -> Any:
    kind = entry["type"]
    if kind == "tuple":
        return _named(value, entry["components"])
    if kind.startswith("tuple["):
        return tuple(_named(row, entry["components"]) for row in value)
    return _plain(value, kind)


def function(abi: Abi, name: str) -> Mapping[str, Any]:
    """The ABI entry of a function by its name."""
    return next(e for e in abi if e.get("type") == "function" and e["name"] == name)


def call_data(entry: Mapping[str, Any], args: Sequence[Any]) -> bytes:
    """What is sent to a contract to call a function."""
    return function_abi_to_4byte_selector(entry) + CODEC.encode(get_abi_input_types(entry), args)


def call_result(entry: Mapping[str, Any], raw: bytes) -> Any:
    """What a function returned, a tuple of several; structs are dicts by field name."""
    values = CODEC.decode(get_abi_output_types(entry), raw)
    shaped = tuple(_shaped(v, e) for v, e in zip(values, entry["outputs"], strict=True))
    return shaped[0] if len(shaped) == 1 else shaped


def call(web3: Web3, abi: Abi, address: str, name: str, *args: Any, block: int | str) -> Any:
    """Result of a view as of `block`, as `call_result` gives it."""
    entry = function(abi, name)
    query: Any = {"to": to_checksum_address(address), "data": call_data(entry, args)}
    return call_result(entry, bytes(web3.eth.call(query, block)))


def events_by_topic(abi: Abi) -> dict[bytes, Mapping[str, Any]]:
    """Event entries of an ABI by the first topic of their logs."""
    return {event_abi_to_log_topic(e): e for e in abi if e.get("type") == "event"}
