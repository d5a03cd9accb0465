"""Logs to events, without a detour through the general decoders of ABIs.

Each event of the ABI is prepared once: which word holds which argument, and what reads it. What is
accepted, and what becomes of it, is what eth_abi's strict decoding accepts and gives; only text
that is not UTF-8 does not stop it, or one member's evidence uri could make a pool unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from eth_utils import to_checksum_address

from peerpool.audit.logs import RawLog
from peerpool.ledger.codec import Abi, events_by_topic
from peerpool.ledger.events import Event, LedgerError
from peerpool.units import counted

# Reads one argument: from the topics or the data, at a byte.
Reader = Callable[[bytes, int], Any]
WORD = 32


class _Malformed(Exception):
    """Bytes that are not what the ABI says."""


class Decoder:
    """Understands the logs of contracts that have an ABI."""

    def __init__(self, abi: Abi) -> None:
        self._plans = {topic: _Plan(entry) for topic, entry in events_by_topic(abi).items()}

    def event(self, log: RawLog) -> Event:
        """Return the event of a log. Raises LedgerError for one that the ABI does not know."""
        plan = self._plans.get(log.topics[:WORD])
        if plan is None:
            raise LedgerError(f"ledger: unknown event in block {log.block}, log {log.index}")
        try:
            args = plan.args(log.topics, log.data)
        except _Malformed as error:
            raise LedgerError(
                f"ledger: {plan.name} (block {log.block}, log {log.index}): {error}"
            ) from None
        return Event(plan.name, args, log.block, log.time, log.tx, log.index)

    def events(self, logs: Iterable[RawLog]) -> Iterator[Event]:
        """Return the events of logs, one at a time."""
        return map(self.event, logs)


class _Plan:
    """How the logs of one event are read. Indexed arguments must be of one word."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name = entry["name"]
        self._fields: list[tuple[str, bool, int, Reader]] = []
        topic, word = WORD, 0
        for field in entry["inputs"]:
            reader = _reader(field["type"])
            place = topic if field["indexed"] else word
            self._fields.append((field["name"], field["indexed"], place, reader))
            if field["indexed"]:
                topic += WORD
            else:
                word += WORD
        self._topics, self._data = topic, word

    def args(self, topics: bytes, data: bytes) -> dict[str, Any]:
        """Return the arguments by name, in declared order."""
        if len(topics) != self._topics:
            raise _Malformed(f"{counted(len(topics) // WORD, 'topic')}, not {self._topics // WORD}")
        if len(data) < self._data:
            raise _Malformed("its data is too short")
        return {
            name: read(topics if indexed else data, at) for name, indexed, at, read in self._fields
        }


def _reader(kind: str) -> Reader:
    if kind in _READERS:
        return _READERS[kind]
    if kind.startswith("uint") and kind[4:].isdigit():
        return _uint(int(kind[4:]))
    raise LedgerError(f"ledger: the ABI has an event with a {kind}")


def _uint256(raw: bytes, at: int) -> int:
    return int.from_bytes(raw[at : at + WORD], "big")


def _uint(bits: int) -> Reader:
    limit = 1 << bits

    def read(raw: bytes, at: int) -> int:
        value = int.from_bytes(raw[at : at + WORD], "big")
        if value >= limit:
            raise _Malformed(f"a number of more than {bits} bits")
        return value

    return read


def _bytes32(raw: bytes, at: int) -> bytes:
    return raw[at : at + WORD]


@lru_cache(maxsize=1 << 16)
def _checksummed(word: bytes) -> str:
    if any(word[:12]):
        raise _Malformed("an address of more than 20 bytes")
    return to_checksum_address(word[12:])


def _address(raw: bytes, at: int) -> str:
    return _checksummed(raw[at : at + WORD])


def _count(raw: bytes, at: int) -> tuple[int, int]:
    """Return where what lies behind an offset begins, and its length."""
    place = int.from_bytes(raw[at : at + WORD], "big")
    if place + WORD > len(raw):
        raise _Malformed("its data is too short")
    return place + WORD, int.from_bytes(raw[place : place + WORD], "big")


def _string(raw: bytes, at: int) -> str:
    start, length = _count(raw, at)
    padded = start + (length + WORD - 1) // WORD * WORD
    if padded > len(raw):
        raise _Malformed("its data is too short")
    if any(raw[start + length : padded]):
        raise _Malformed("text that is not padded with zeros")
    return raw[start : start + length].decode("utf-8", "replace")


def _uint256s(raw: bytes, at: int) -> tuple[int, ...]:
    start, count = _count(raw, at)
    if start + count * WORD > len(raw):
        raise _Malformed("its data is too short")
    return tuple(_uint256(raw, start + n * WORD) for n in range(count))


_READERS: dict[str, Reader] = {
    "uint256": _uint256,
    "bytes32": _bytes32,
    "address": _address,
    "string": _string,
    "uint256[]": _uint256s,
}
