"""A pool's events as plain values, read with eth_getLogs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils import to_checksum_address
from web3 import Web3

from peerpool.errors import PeerpoolError
from peerpool.ledger.codec import Abi, event_args, events_by_topic


class LedgerError(PeerpoolError):
    """The events cannot be understood, or contradict one another; the text says which and how."""


@dataclass(frozen=True)
class Event:
    """One event of a pool; addresses are checksummed, bytes are bytes."""

    name: str
    args: Mapping[str, Any]
    block: int
    time: int  # of the block, Unix seconds
    tx: str
    index: int  # of the log in its block

    def __getitem__(self, field: str) -> Any:
        return self.args[field]

    def __str__(self) -> str:
        return f"{self.name} (block {self.block}, log {self.index})"


def fetch(
    web3: Web3, abi: Abi, pool: str, first_block: int, last_block: int, step: int | None = None
) -> list[Event]:
    """Events of a pool in [first_block, last_block], in order.

    step: blocks in one request, for nodes that limit it; None asks for all at once.
    Raises LedgerError for a log that the ABI does not know.
    """
    known = events_by_topic(abi)
    times: dict[int, int] = {}

    def time_of(log: Mapping[str, Any]) -> int:
        number = log["blockNumber"]
        if number not in times:
            stamp = log.get("blockTimestamp")  # newer nodes send it along
            if stamp is None:
                stamp = web3.eth.get_block(number)["timestamp"]
            times[number] = int(stamp, 16) if isinstance(stamp, str) else int(stamp)
        return times[number]

    events = []
    width = step or last_block - first_block + 1
    for start in range(first_block, last_block + 1, width):
        logs = web3.eth.get_logs(
            {
                "address": to_checksum_address(pool),
                "fromBlock": start,
                "toBlock": min(start + width - 1, last_block),
            }
        )
        for log in logs:
            topics = [bytes(topic) for topic in log["topics"]]
            entry = known.get(topics[0]) if topics else None
            if entry is None:
                raise LedgerError(
                    f"ledger: unknown event in block {log['blockNumber']}, log {log['logIndex']}"
                )
            events.append(
                Event(
                    name=entry["name"],
                    args=event_args(entry, topics, bytes(log["data"])),
                    block=log["blockNumber"],
                    time=time_of(log),
                    tx="0x" + bytes(log["transactionHash"]).hex(),
                    index=log["logIndex"],
                )
            )
    return sorted(events, key=lambda e: (e.block, e.index))
