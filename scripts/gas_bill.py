"""What a list of transactions costs: gas, and the bytes that a rollup posts for them."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.gas_chain import Transaction, rpc, send, send_all, used

# Signature, nonce, fees and addresses of a signed transaction: next to nothing of it repeats.
ENVELOPE = 110


@dataclass
class Cost:
    """Of one step: how many transactions, their gas, and their bytes once compressed."""

    transactions: int = 0
    gas: int = 0
    data: int = 0

    def add(self, data: str, gas: int) -> None:
        """One transaction more."""
        self.transactions += 1
        self.gas += gas
        self.data += posted(data)


@dataclass
class Bill:
    """Costs by step, in the order of the steps."""

    steps: dict[str, Cost] = field(default_factory=dict)

    def add(self, step: str, data: str, gas: int) -> None:
        """A transaction that somebody has sent already."""
        self.steps.setdefault(step, Cost()).add(data, gas)

    def add_sent(self, step: str, transaction_hash: str) -> None:
        """The same, found by its hash."""
        data = rpc("eth_getTransactionByHash", transaction_hash)["input"]
        self.add(step, data, used(rpc("eth_getTransactionReceipt", transaction_hash)))

    def send(self, step: str, made: Transaction) -> dict[str, Any]:
        """Send it."""
        receipt = send(made)
        self.add(step, made["data"], used(receipt))
        return receipt

    def send_all(self, step: str, made: Sequence[Transaction]) -> None:
        """Send them, many in a block."""
        for each, gas in zip(made, send_all(made), strict=True):
            self.add(step, each["data"], gas)

    @property
    def total(self) -> Cost:
        """Of all steps."""
        costs = list(self.steps.values())
        return Cost(
            sum(cost.transactions for cost in costs),
            sum(cost.gas for cost in costs),
            sum(cost.data for cost in costs),
        )


def posted(data: str) -> int:
    """How many bytes of a transaction a rollup posts, about: rollups compress whole batches with
    Brotli and charge by quick estimates of it; this is zlib, on each transaction alone."""
    return len(zlib.compress(bytes.fromhex(data.removeprefix("0x")), 6)) + ENVELOPE
