"""A chain of one node in this process: py-evm's Prague rules, free of charge, time under control.

Every transaction is run by py-evm's own executor: nonces, intrinsic gas, warm and cold access, gas
refunds, code size limits and the end of transient storage are those of a real chain. Left out are
signatures (the sender is named) and fees (the gas price is zero), so balances move only by value.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth.abc import ComputationAPI
from eth.constants import ZERO_HASH32
from eth.exceptions import Revert
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.berlin.transactions import calculate_txn_intrinsic_gas_berlin
from eth_abi.abi import decode

from .state import Accounts, State

CHAIN_ID = 31337
# Osaka's cap on one transaction (EIP-7825): nothing in the project may need more.
GAS_LIMIT = 1 << 24
ERROR_STRING = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")


def to_bytes(address: str) -> bytes:
    """Return the 20 bytes of a hexadecimal address."""
    return bytes.fromhex(address[2:])


def to_address(raw: bytes) -> str:
    """Return 20 bytes as a lower-case hexadecimal address."""
    return "0x" + raw.hex()


class Reverted(Exception):
    """A transaction or call that failed.

    `reason` is the text of `Error(string)` word for word; for any other failure it is in angle
    brackets: `<empty>`, `<panic 17>`, `<OutOfGas>`.
    """

    def __init__(self, reason: str, gas_used: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gas_used = gas_used


@dataclass(frozen=True)
class Log:
    """One log entry: emitting address, topics as integers, data."""

    address: str
    topics: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """What a transaction that succeeded left behind; `output` is the code where it created."""

    output: bytes
    logs: tuple[Log, ...]
    gas_used: int
    created: str | None


@dataclass(frozen=True)
class Block:
    """What a chain remembers of a transaction that succeeded: its second and its logs."""

    time: int
    logs: tuple[Log, ...]


class _Transaction:
    """What py-evm's executor reads of an EIP-1559 transaction, with the sender given."""

    type_id = 2
    gas_price = max_fee_per_gas = max_priority_fee_per_gas = 0
    access_list = ()
    s = 1  # a signature that passes the check of its range; nobody recovers it

    def __init__(
        self, sender: bytes, to: bytes, data: bytes, value: int, gas: int, nonce: int
    ) -> None:
        self.sender, self.to, self.data = sender, to, data
        self.value, self.gas, self.nonce = value, gas, nonce
        self.intrinsic_gas = calculate_txn_intrinsic_gas_berlin(self)

    def validate(self) -> None:
        if self.gas < self.intrinsic_gas:
            raise Reverted("<intrinsic gas>", 0)


@dataclass(frozen=True)
class Snapshot:
    """A past state of a chain, to go back to as often as wanted."""

    accounts: Accounts
    time: int
    number: int


class Chain:
    """Accounts, contracts and a clock (`time`, the timestamp of the next transaction).

    `blocks` are those whose transaction succeeded, by number.
    """

    state_class = State  # with a computation of its own, who wants to look at every instruction

    def __init__(self, time: int) -> None:
        self.time = time
        self.number = 1
        self.blocks: dict[int, Block] = {}
        self.calls = 0
        self._open(Accounts())

    def transact(
        self, sender: str, to: str, data: bytes = b"", value: int = 0, gas: int = GAS_LIMIT
    ) -> Receipt:
        """Run one transaction in a block of its own; `to` empty creates a contract.

        Raises:
            Reverted: it failed; everything but the nonce is as before.
            eth_utils.ValidationError: it could not be in a block (no money for the value).
        """
        self.calls += 1
        self.number += 1
        self._set_context()
        computation, gas_used = self._run(sender, to, data, value, gas)
        self._state.lock_changes()
        if computation.is_error:
            raise Reverted(_reason(computation), gas_used)
        created = to_address(computation.msg.storage_address) if not to else None
        logs = tuple(
            Log(to_address(address), topics, log_data)
            for address, topics, log_data in computation.get_log_entries()
        )
        self.blocks[self.number] = Block(self.time, logs)
        return Receipt(computation.output, logs, gas_used, created)

    def call(
        self, to: str, data: bytes, sender: str = "0x" + "00" * 20, gas: int = GAS_LIMIT
    ) -> bytes:
        """Run a message without keeping what it does, like eth_call.

        Raises:
            Reverted: it failed.
        """
        self._set_context()
        snapshot = self._state.snapshot()
        try:
            computation, gas_used = self._run(sender, to, data, 0, gas)
        finally:
            self._state.revert(snapshot)
            self._state.lock_changes()
        if computation.is_error:
            raise Reverted(_reason(computation), gas_used)
        return computation.output

    def balance(self, address: str) -> int:
        """Return the Ether of an account in wei."""
        return self._state.get_balance(to_bytes(address))

    def give(self, address: str, amount: int) -> None:
        """Add wei to an account without a call, as a block reward or a self-destruct can."""
        self._state.delta_balance(to_bytes(address), amount)
        self._state.lock_changes()

    def code(self, address: str) -> bytes:
        """Return the code of an account."""
        return self._state.get_code(to_bytes(address))

    def snapshot(self) -> Snapshot:
        """Remember this state."""
        return Snapshot(self._state.accounts.copy(), self.time, self.number)

    def revert(self, snapshot: Snapshot) -> None:
        """Go back to a remembered state and time."""
        self.time, self.number = snapshot.time, snapshot.number
        self.blocks = {n: block for n, block in self.blocks.items() if n <= self.number}
        self._open(snapshot.accounts.copy())

    def _open(self, accounts: Accounts) -> None:
        self._state = self.state_class(accounts, self._context())

    def _context(self) -> ExecutionContext:
        return ExecutionContext(
            coinbase=b"\xc0" * 20,
            timestamp=self.time,
            block_number=self.number,
            difficulty=0,
            mix_hash=ZERO_HASH32,
            gas_limit=36_000_000,
            prev_hashes=(),
            chain_id=CHAIN_ID,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )

    def _set_context(self) -> None:
        context = self._state.execution_context
        known = context.timestamp, context.block_number, context.chain_id
        if known != (self.time, self.number, CHAIN_ID):
            self._state.execution_context = self._context()

    def _run(
        self, sender: str, to: str, data: bytes, value: int, gas: int
    ) -> tuple[ComputationAPI, int]:
        raw_sender = to_bytes(sender)
        transaction = _Transaction(
            raw_sender,
            to_bytes(to) if to else b"",
            data,
            value,
            gas,
            self._state.get_nonce(raw_sender),
        )
        computation = self._state.apply_transaction(transaction)
        spent = gas - computation.get_gas_remaining()
        refund = min(computation.get_gas_refund(), spent // 5) if not computation.is_error else 0
        return computation, spent - refund + computation.data_floor_gas


def _reason(computation: ComputationAPI) -> str:
    if not isinstance(computation.error, Revert):
        return f"<{type(computation.error).__name__}>"
    output = computation.output
    if output[:4] == ERROR_STRING:
        return decode(["string"], output[4:])[0]
    if output[:4] == PANIC:
        return f"<panic {int.from_bytes(output[4:], 'big')}>"
    return f"<{output.hex() or 'empty'}>"
