"""The pool's balance against its books, at every block in which its money moved.

Rule 1 of docs/design.md: the balance is funds and held, and whatever somebody sent without a call.
Nothing leaves but by an event, so what is stray can only become more, until it is absorbed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peerpool.audit.state import StateError, require_state
from peerpool.audit.verdict import DIFFERS, UNPROVED, Check, checked
from peerpool.ledger import Event, Ledger, Move
from peerpool.ledger.codec import call_data, function
from peerpool.ledger.compare import BALANCE_OF
from peerpool.rpc import Node, RpcRefused
from peerpool.units import ZERO_ADDRESS, Asset, counted, format_amount

AT_ONCE = 200  # balances


@dataclass
class _Block:
    """What the books say as of the end of a block; `absorbed` in it."""

    number: int
    total: int
    absorbed: int = 0


class Money:
    """A watcher of a rebuilding ledger that asks for the balances as it goes; then `check` tells.

    Raises RpcError from either.
    """

    def __init__(self, node: Node, pool: str, asset: Asset) -> None:
        self._node, self._pool, self._asset = node, pool, asset
        self._waiting: list[_Block] = []
        self._asked = 0
        self._stray = 0  # as of the last balance asked
        self._last = 0  # its block
        self._differences: list[str] = []
        self._missing: str | None = None

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """One transaction."""
        if not moves:
            return
        number = events[-1].block
        if not self._waiting or self._waiting[-1].number != number:
            if len(self._waiting) >= AT_ONCE:
                self._ask()
            self._waiting.append(_Block(number, 0))
        block = self._waiting[-1]
        block.total = ledger.funds + ledger.held
        block.absorbed += sum(e["amount"] for e in events if e.name == "Absorbed")

    def check(self, ledger: Ledger) -> Check:
        """Return what was found, up to the block of the ledger, whose balance is asked as well."""
        if not self._waiting or self._waiting[-1].number != ledger.block:
            self._waiting.append(_Block(ledger.block, ledger.funds + ledger.held))
        self._ask()
        if self._missing:
            result = DIFFERS if self._differences else UNPROVED
            return Check("money", result, (*self._differences, self._missing))
        came, went = sum(ledger.came_in().values()), sum(ledger.went_out().values())
        proved = [
            f"{self._money(came)} came in, {self._money(went)} went out, {self._money(came - went)}"
            " are there",
            f"blocks looked at: {self._asked}; the balance covers funds and held at each",
        ]
        if self._stray:
            proved.append(f"{self._money(self._stray)} are stray: absorb() books them")
        return checked("money", self._differences, proved)

    def _ask(self) -> None:
        """Compare what waits with the balances of its blocks."""
        waiting, self._waiting = self._waiting, []
        if self._missing:
            return
        calls = [self._call(block.number) for block in waiting]
        for block, raw in zip(
            waiting, self._node.batch(calls, kind=str, tolerant=True), strict=True
        ):
            try:
                balance = _number(raw, block.number)
            except StateError as error:
                before = counted(self._asked, "block")
                self._missing = f"{error}; the balance of {before} before it was right"
                return
            self._compare(block, balance)

    def _call(self, block: int) -> tuple[str, Sequence[object]]:
        if self._asset.address == ZERO_ADDRESS:
            return "eth_getBalance", (self._pool, hex(block))
        data = call_data(function(BALANCE_OF, "balanceOf"), [self._pool])
        return "eth_call", ({"to": self._asset.address, "data": "0x" + data.hex()}, hex(block))

    def _compare(self, block: _Block, balance: int) -> None:
        stray = balance - block.total
        expected = max(self._stray - block.absorbed, 0)
        if stray < 0:
            self._differences.append(
                f"block {block.number}: {self._money(-stray)} are missing: the books have"
                f" {self._money(block.total)}, the balance is {self._money(balance)}"
            )
        elif stray < expected:
            self._differences.append(
                f"block {block.number}: {self._money(expected - stray)} left since block"
                f" {self._last} without an event"
            )
        self._asked += 1
        self._stray, self._last = max(stray, 0), block.number

    def _money(self, amount: int) -> str:
        return format_amount(amount, self._asset)


def _number(raw: str | RpcRefused, block: int) -> int:
    if isinstance(raw, RpcRefused):
        require_state(raw, block)
        raise StateError(f"state: the asset does not tell the balance of block {block}")
    try:
        return int(raw, 16)
    except ValueError:
        raise StateError(f"state: the asset does not tell the balance of block {block}") from None
