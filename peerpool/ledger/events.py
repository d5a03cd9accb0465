"""A pool's events as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peerpool.errors import PeerpoolError


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
