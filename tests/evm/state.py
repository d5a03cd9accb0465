"""py-evm's Prague state in dictionaries, with a list of what to undo: no tries, no encoding."""

from __future__ import annotations

from typing import Any, NamedTuple

from eth.abc import ComputationAPI, MessageAPI, SignedTransactionAPI
from eth.constants import EMPTY_SHA3
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague.state import PragueState, PragueTransactionExecutor
from eth_hash.auto import keccak

from .calls import DELEGATION, Frame
from .computation import Computation

NOTHING = object()
PRECOMPILES = Computation.get_precompiles()


class Account(NamedTuple):
    """What an account has besides storage."""

    balance: int = 0
    nonce: int = 0
    code: bytes = b""


NO_ACCOUNT = Account()


class Accounts:
    """What py-evm's AccountDB does, without roots and proofs."""

    def __init__(self) -> None:
        self._accounts: dict[Any, Any] = {}  # by address
        self._storage: dict[Any, Any] = {}  # by address and slot
        self._transient: dict[Any, Any] = {}  # by address and slot
        self._warm: dict[Any, Any] = {}  # addresses; addresses with slots
        self._originals: dict[tuple[bytes, int], int] = {}  # as the transaction began
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    def copy(self) -> Accounts:
        """Return the same accounts, between two transactions."""
        copied = Accounts()
        copied._accounts = self._accounts.copy()
        copied._storage = self._storage.copy()
        return copied

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        self._undo.append((table, key, table.get(key, NOTHING)))
        table[key] = value

    # --- accounts -------------------------------------------------------------

    def get_balance(self, address: bytes) -> int:
        return self._accounts.get(address, NO_ACCOUNT).balance

    def set_balance(self, address: bytes, balance: int) -> None:
        _, nonce, code = self._accounts.get(address, NO_ACCOUNT)
        self._set(self._accounts, address, Account(balance, nonce, code))

    def get_nonce(self, address: bytes) -> int:
        return self._accounts.get(address, NO_ACCOUNT).nonce

    def increment_nonce(self, address: bytes) -> None:
        balance, nonce, code = self._accounts.get(address, NO_ACCOUNT)
        self._set(self._accounts, address, Account(balance, nonce + 1, code))

    def get_code(self, address: bytes) -> bytes:
        return self._accounts.get(address, NO_ACCOUNT).code

    def set_code(self, address: bytes, code: bytes) -> None:
        balance, nonce, _ = self._accounts.get(address, NO_ACCOUNT)
        self._set(self._accounts, address, Account(balance, nonce, code))

    def get_code_hash(self, address: bytes) -> bytes:
        code = self.get_code(address)
        return keccak(code) if code else EMPTY_SHA3

    def account_has_code_or_nonce(self, address: bytes) -> bool:
        account = self._accounts.get(address, NO_ACCOUNT)
        return bool(account.nonce or account.code)

    def account_exists(self, address: bytes) -> bool:
        return address in self._accounts

    def account_is_empty(self, address: bytes) -> bool:
        return self._accounts.get(address, NO_ACCOUNT) == NO_ACCOUNT

    def touch_account(self, address: bytes) -> None:
        if address not in self._accounts:
            self._set(self._accounts, address, NO_ACCOUNT)

    def delete_account(self, address: bytes) -> None:
        account = self._accounts.pop(address, NOTHING)
        self._undo.append((self._accounts, address, account))
        if account not in (NOTHING, NO_ACCOUNT):  # an empty one has no storage
            self.delete_storage(address)

    # --- storage --------------------------------------------------------------

    def get_storage(self, address: bytes, slot: int, from_journal: bool = True) -> int:
        key = (address, slot)
        if not from_journal and key in self._originals:
            return self._originals[key]
        return self._storage.get(key, 0)

    def load(self, address: bytes, slot: int) -> int:
        """Return a word of storage; it is warm from then on."""
        key = (address, slot)
        if key not in self._warm:
            self._set(self._warm, key, True)
        return self._storage.get(key, 0)

    def set_storage(self, address: bytes, slot: int, value: int) -> None:
        key = (address, slot)
        self._originals.setdefault(key, self._storage.get(key, 0))
        self._set(self._storage, key, value)

    def delete_storage(self, address: bytes) -> None:
        for key in [key for key in self._storage if key[0] == address]:
            self.set_storage(*key, 0)

    def get_transient_storage(self, address: bytes, slot: int) -> bytes:
        return self._transient.get((address, slot), b"")

    def set_transient_storage(self, address: bytes, slot: int, value: bytes) -> None:
        self._set(self._transient, (address, slot), value)

    # --- what was accessed in this transaction (EIP-2929) ---------------------

    def is_address_warm(self, address: bytes) -> bool:
        return address in self._warm

    def mark_address_warm(self, address: bytes) -> None:
        if address not in self._warm:
            self._set(self._warm, address, True)

    def is_storage_warm(self, address: bytes, slot: int) -> bool:
        return (address, slot) in self._warm

    def mark_storage_warm(self, address: bytes, slot: int) -> None:
        self._set(self._warm, (address, slot), True)

    # --- going back -----------------------------------------------------------

    def record(self) -> int:
        return len(self._undo)

    def discard(self, checkpoint: int) -> None:
        while len(self._undo) > checkpoint:
            table, key, before = self._undo.pop()
            if before is NOTHING:
                table.pop(key, None)
            else:
                table[key] = before

    def lock_changes(self) -> None:
        """End the transaction."""
        self._undo.clear()
        self._originals.clear()
        self._transient.clear()
        self._warm.clear()


class Executor(PragueTransactionExecutor):
    """Prague's rules of a transaction, for one whose gas is free."""

    def build_evm_message(self, transaction: SignedTransactionAPI) -> MessageAPI:
        """Return the first message."""
        code = self.vm_state.get_code(transaction.to)
        if not transaction.to or code.startswith(DELEGATION):
            return super().build_evm_message(transaction)
        self.vm_state.increment_nonce(transaction.sender)
        gas = transaction.gas - transaction.intrinsic_gas
        to, sender, value = transaction.to, transaction.sender, transaction.value
        return Frame(gas, to, sender, value, transaction.data, code, to)

    def finalize_computation(
        self, transaction: SignedTransactionAPI, computation: ComputationAPI
    ) -> ComputationAPI:
        """Clear accounts that were touched and are empty; py-evm does, where any was destroyed."""
        frames = [computation]
        for frame in frames:
            frames += frame.children
        if any(frame.beneficiaries for frame in frames):
            return super().finalize_computation(transaction, computation)
        spent = transaction.gas - computation.get_gas_remaining()
        refund = self.calculate_gas_refund(computation, spent)
        computation.data_floor_gas = self.calc_data_floor_gas(transaction, spent, refund)
        for account in {frame.msg.to for frame in frames if frame.msg.to}:
            if self.vm_state.account_exists(account) and self.vm_state.account_is_empty(account):
                self.vm_state.delete_account(account)
        return computation


class State(PragueState):
    """Prague's rules on Accounts."""

    computation_class = Computation
    transaction_executor_class = Executor
    _account_db: Accounts

    def __init__(self, accounts: Accounts, context: ExecutionContext) -> None:
        self._account_db = accounts
        self.execution_context = context

    @property
    def accounts(self) -> Accounts:
        """Return everything there is."""
        return self._account_db

    def is_address_warm(self, address: bytes) -> bool:
        return self._account_db.is_address_warm(address) or address in PRECOMPILES

    def snapshot(self) -> int:
        return self._account_db.record()

    def revert(self, snapshot: int) -> None:
        self._account_db.discard(snapshot)

    def commit(self, snapshot: int) -> None:
        """Keep what was done; an outer snapshot may still undo it."""

    def get_transient_storage(self, address: bytes, slot: int) -> bytes:
        return self._account_db.get_transient_storage(address, slot)

    def set_transient_storage(self, address: bytes, slot: int, value: bytes) -> None:
        self._account_db.set_transient_storage(address, slot, value)

    def clear_transient_storage(self) -> None:
        """Done with the end of the transaction."""
