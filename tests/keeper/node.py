"""A node over the chain of this process that takes transactions too, and can be slow or hostile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from eth_utils import keccak
from hexbytes import HexBytes

from tests.evm.answering import Answering, NodeError
from tests.evm.chain import CHAIN_ID, GAS_LIMIT, Chain, Reverted

GAS_PRICE = 3 * 10**9  # wei: base fee 2 gwei, tip 1 gwei
BASE_FEE, TIP = 2 * 10**9, 10**9


@dataclass
class Sent:
    """A transaction; without a receipt it waits to be mined."""

    hash: str
    fields: dict[str, Any]
    receipt: dict[str, Any] | None = None


class SendingNode(Answering):
    """Is a `peerpool.rpc.Node`. `accounts` are those it has the keys of.

    overrides: whether it asks as if code were where it is not. mines: whether a transaction is
    mined at once. before_send: called once, just before the next transaction comes in. calls:
    counts by method.
    """

    def __init__(self, chain: Chain, accounts: Sequence[str] = ()) -> None:
        self.chain, self.accounts = chain, list(accounts)
        self.mines = True
        self.gas_limit = 36_000_000
        self.overrides = True
        self.base_fee: int | None = BASE_FEE
        self.before_send: Callable[[], None] | None = None
        self.lie: Callable[[str, Sequence[Any], Any], Any] | None = None
        self.sent: list[Sent] = []
        self.calls: dict[str, int] = {}

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of a question; raise NodeError, Reverted."""
        self.calls[method] = self.calls.get(method, 0) + 1
        result = getattr(self, f"_{method}")(*params)
        return self.lie(method, params, result) if self.lie else result

    def mine(self) -> None:
        """Mine what waits, in the order of its nonces."""
        for sent in sorted(self.sent, key=lambda each: each.fields["nonce"]):
            if sent.receipt is None:
                self._mine(sent)

    def forget(self) -> None:
        """Lose what waits to be mined, as a node may."""
        self.sent = [sent for sent in self.sent if sent.receipt]

    # --- what it answers ----------------------------------------------------------

    def _eth_chainId(self) -> str:
        return hex(CHAIN_ID)

    def _eth_accounts(self) -> list[str]:
        return self.accounts

    def _eth_gasPrice(self) -> str:
        return hex(GAS_PRICE)

    def _eth_maxPriorityFeePerGas(self) -> str:
        return hex(TIP)

    def _eth_getBlockByNumber(self, tag: str, full: bool) -> dict[str, Any]:
        head = {
            "number": hex(self.chain.number),
            "timestamp": hex(self.chain.time),
            "gasLimit": hex(self.gas_limit),
        }
        return head | ({} if self.base_fee is None else {"baseFeePerGas": hex(self.base_fee)})

    def _eth_getCode(self, address: str, tag: str) -> str:
        return "0x" + self.chain.code(address.lower()).hex()

    def _eth_getBalance(self, address: str, tag: str) -> str:
        return hex(self.chain.balance(address.lower()))

    def _eth_call(self, query: dict[str, Any], tag: str, there: Any = None) -> str:
        if not there:
            return "0x" + self.chain.call(*_parts(query)).hex()
        if not self.overrides:
            raise NodeError(3, "too many arguments, want at most 2")
        before = self.chain.snapshot()
        try:
            for address, account in there.items():
                code = bytes.fromhex(account["code"][2:])
                self.chain._state.set_code(bytes.fromhex(address[2:]), code)
            return "0x" + self.chain.call(*_parts(query)).hex()
        finally:
            self.chain.revert(before)

    def _eth_estimateGas(self, query: dict[str, Any], tag: str) -> str:
        gas = 21_000
        while True:
            try:
                self.chain.call(*_parts(query), gas=gas)
                return hex(gas)
            except Reverted:
                if gas == GAS_LIMIT:
                    raise
                gas = min(gas * 6 // 5, GAS_LIMIT)

    def _eth_getTransactionCount(self, address: str, tag: str) -> str:
        return hex(self._nonce(address) + (len(self._waiting(address)) if tag == "pending" else 0))

    def _eth_getTransactionByHash(self, hash_: str) -> dict[str, Any] | None:
        return next(({"hash": sent.hash} for sent in self.sent if sent.hash == hash_), None)

    def _eth_getTransactionReceipt(self, hash_: str) -> dict[str, Any] | None:
        return next((sent.receipt for sent in self.sent if sent.hash == hash_), None)

    def _eth_sendTransaction(self, fields: dict[str, Any]) -> str:
        whole = {name: int(fields[name], 16) for name in ("gas", "nonce", "chainId", "value")}
        return self._take(fields | whole, keccak(repr(sorted(fields.items())).encode()).hex())

    def _eth_sendRawTransaction(self, raw: str) -> str:
        code = bytes.fromhex(raw[2:])
        fields = TypedTransaction.from_bytes(HexBytes(code)).as_dict()
        named = {
            "from": Account.recover_transaction(code),
            "to": "0x" + bytes(fields["to"]).hex(),
            "data": "0x" + bytes(fields["data"]).hex(),
        }
        return self._take({**fields, **named}, keccak(code).hex())

    def _take(self, fields: dict[str, Any], hash_: str) -> str:
        if self.before_send:
            meanwhile, self.before_send = self.before_send, None
            meanwhile()
        known = self._nonce(fields["from"])
        if fields["nonce"] < known:
            raise NodeError(3, "nonce too low")
        if any(sent.fields["nonce"] == fields["nonce"] for sent in self._waiting(fields["from"])):
            raise NodeError(3, "replacement transaction underpriced")
        assert fields["chainId"] == CHAIN_ID
        self.sent.append(Sent(f"0x{hash_}", fields))
        if self.mines:
            self._mine(self.sent[-1])
        return f"0x{hash_}"

    def _mine(self, sent: Sent) -> None:
        to, data, sender = _parts(sent.fields)
        logs: Sequence[Any] = ()
        try:
            receipt = self.chain.transact(sender, to, data, 0, sent.fields["gas"])
            status, gas, logs = "0x1", receipt.gas_used, receipt.logs
        except Reverted as failure:
            status, gas = "0x0", failure.gas_used
        sent.receipt = {
            "status": status,
            "gasUsed": hex(gas),
            "effectiveGasPrice": hex(GAS_PRICE),
            "logs": [{} for _ in logs],
        }

    def _waiting(self, address: str) -> list[Sent]:
        mine = [s for s in self.sent if s.fields["from"].lower() == address.lower()]
        return [sent for sent in mine if sent.receipt is None]

    def _nonce(self, address: str) -> int:
        mine = [s for s in self.sent if s.fields["from"].lower() == address.lower()]
        return sum(sent.receipt is not None for sent in mine)


def _parts(query: dict[str, Any]) -> tuple[str, bytes, str]:
    sender = query.get("from", "0x" + "00" * 20).lower()
    return query["to"].lower(), bytes.fromhex(query["data"][2:]), sender
