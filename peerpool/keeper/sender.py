"""Transactions of one account, one at a time, each tried without being sent just before.

The nonce is always that of the next transaction to be mined, and nothing is sent while another of
the account waits: so nothing can be sent twice with two nonces, whoever was killed in between, and
of two keepers with one account only one gets its transaction in.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from eth_account.signers.local import LocalAccount
from eth_utils.conversions import to_hex
from eth_utils.crypto import keccak

from peerpool.chain import most_gas
from peerpool.errors import PeerpoolError
from peerpool.keeper.look import Block
from peerpool.keeper.purse import Price, Purse
from peerpool.keeper.steps import Step
from peerpool.rpc import Node, RpcError, RpcRefused, quantity
from peerpool.units import ETHER, format_amount
from peerpool.views import is_revert, reason

# What a payment may take beyond what it took in the trial: whom it goes to may spend more now.
PAYMENT = 110_000
PATIENCE = 180.0  # seconds that a transaction is waited for
PAUSE = 0.25
OTHERS = 3  # how often somebody else's transaction that is not mined keeps ours back
ELSE = "somebody else has done it"
LOOKS = 8  # behind one address there may be several nodes, of which one is late


class SendError(PeerpoolError):
    """The account cannot send: `account: problem`."""


class Refused(PeerpoolError):
    """The pool refuses the call, in its words; nothing was sent."""


class TooLarge(PeerpoolError):
    """The call would not fit into a block."""


class Lost(PeerpoolError):
    """Somebody else was faster; nothing of ours will be mined."""


class Waiting(PeerpoolError):
    """A transaction of the account is not mined yet."""


class Account(Protocol):
    """Who pays."""

    address: str

    def send(self, node: Node, transaction: dict[str, Any]) -> str:
        """Hand the transaction to the node; return its hash. Raises RpcRefused, Lost."""


@dataclass(frozen=True)
class NodeAccount:
    """An account whose key the node has."""

    address: str

    def send(self, node: Node, transaction: dict[str, Any]) -> str:
        """As Account says."""
        return node.call("eth_sendTransaction", _in_hex(transaction), kind=str)


@dataclass(frozen=True)
class KeyAccount:
    """An account whose key is here."""

    key: LocalAccount

    @property
    def address(self) -> str:
        """Its address."""
        return str(self.key.address)

    def send(self, node: Node, transaction: dict[str, Any]) -> str:
        """As Account says. A node that was asked twice, by a lost connection, has it already."""
        unsigned = {name: value for name, value in transaction.items() if name != "from"}
        raw = bytes(self.key.sign_transaction(unsigned).raw_transaction)
        hash_ = to_hex(keccak(raw))
        try:
            node.call("eth_sendRawTransaction", to_hex(raw), kind=str)
        except RpcRefused:
            if node.call("eth_getTransactionByHash", hash_) is None:
                raise
        return hash_


class _Receipt(msgspec.Struct, rename="camel"):
    status: str
    gas_used: str
    logs: list[Any]
    effective_gas_price: str = "0x0"


@dataclass(frozen=True)
class Mined:
    """A transaction that is on the chain."""

    transaction: str
    gas: int
    cost: int  # wei
    worked: bool
    logs: int


class Sender:
    """Sends steps for an account, within a purse.

    wait: called with seconds to sleep.
    """

    def __init__(
        self,
        node: Node,
        account: Account,
        purse: Purse,
        *,
        chain_id: int,
        patience: float = PATIENCE,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.node, self.account, self.purse = node, account, purse
        self._chain_id, self._patience, self._wait = chain_id, patience, wait
        self._others: Counter[Hashable] = Counter()

    def send(self, step: Step, block: Block, price: Price) -> Mined:
        """Try a step, send it, and wait until it is mined.

        Raises Refused, TooLarge, Lost, Waiting, PurseError, SendError, RpcError.
        """
        address = self.account.address
        nonce = self._nonce()
        gas = with_reserve(self._try_out(step), step)
        if gas > most_gas(block.gas_limit):
            raise TooLarge(f"gas: {gas:,} do not fit into a transaction".replace(",", " "))
        self.purse.refuse(gas, price.most)
        has = quantity(self.node.call("eth_getBalance", address, "latest", kind=str))
        if has < gas * price.most:
            needed = format_amount(gas * price.most, ETHER)
            raise SendError(f"account: {address} has {format_amount(has, ETHER)}, {needed} needed")
        transaction = {
            **step.question.query,
            "from": address,
            "value": 0,
            "gas": gas,
            "nonce": nonce,
            "chainId": self._chain_id,
            **price.fields,
        }
        try:
            mined = self._wait_for(self._send(transaction), nonce)
        except (Waiting, RpcError) as error:
            if not isinstance(error, RpcRefused):  # it may be mined yet
                self.purse.spend(gas, gas * price.most)
            raise
        self.purse.spend(mined.gas, mined.cost)
        return mined

    def _try_out(self, step: Step) -> int:
        """Try a step after what waits to be mined, somebody else's among it.

        Whoever else is doing it is left to it, but not for ever: it may never be mined.
        """
        sender = self.account.address
        try:
            gas = try_out(self.node, step, sender, "pending")
        except (Refused, Lost):
            gas = try_out(self.node, step, sender, "latest")
        else:
            self._others.pop(step.key, None)
            return gas
        self._others[step.key] += 1
        if self._others[step.key] <= OTHERS:
            raise Lost("somebody else's transaction, which does it, waits to be mined")
        return gas

    def _send(self, transaction: dict[str, Any]) -> str:
        nonce = transaction["nonce"]
        try:
            return self.account.send(self.node, transaction)
        except RpcRefused as refusal:
            if self._count("pending") > nonce or self._count("latest") > nonce:
                raise Lost("another keeper with this account was faster") from None
            raise SendError(f"account: the node refuses: {reason(refusal)}") from None

    def _nonce(self) -> int:
        """The next one, once nothing of the account waits to be mined."""
        until = time.monotonic() + self._patience
        while True:
            nonce, pending = self._count("latest"), self._count("pending")
            if pending <= nonce:
                return nonce
            if time.monotonic() > until:
                raise Waiting(f"transaction: {nonce} of {self.account.address} is still pending")
            self._wait(PAUSE)

    def _wait_for(self, hash_: str, nonce: int) -> Mined:
        until, looks = time.monotonic() + self._patience, LOOKS
        while True:
            used = self._count("latest") > nonce  # asked first: then the receipt must be there
            receipt = self.node.call("eth_getTransactionReceipt", hash_, kind=_Receipt | None)
            if receipt:
                gas = quantity(receipt.gas_used)
                return Mined(
                    transaction=hash_,
                    gas=gas,
                    cost=gas * quantity(receipt.effective_gas_price),
                    worked=receipt.status == "0x1",
                    logs=len(receipt.logs),
                )
            looks -= used
            if not looks:
                raise Lost(f"another transaction has taken the place of {hash_}")
            if time.monotonic() > until:
                raise Waiting(f"transaction: {hash_} is still pending")
            self._wait(PAUSE)

    def _count(self, block: str) -> int:
        found = self.node.call("eth_getTransactionCount", self.account.address, block, kind=str)
        return quantity(found)


def try_out(node: Node, step: Step, sender: str | None, tag: str = "latest") -> int:
    """Return the gas that a step would use after a block; nothing is sent.

    Raises Refused in the words of the pool, Lost if it would do nothing any more, RpcError.
    """
    query = step.question.query | ({"from": sender} if sender else {})
    try:
        if step.function == "refund_many":  # it does not refuse to do nothing
            raw = node.call("eth_call", query, tag, kind=str)
            if step.question.answer(raw) == 0:
                raise Lost(ELSE)
        return quantity(node.call("eth_estimateGas", query, tag, kind=str))
    except RpcRefused as refusal:
        if tag != "latest" and not is_revert(refusal):  # not every node knows the block to come
            return try_out(node, step, sender)
        raise Refused(reason(refusal) or "reverts without a reason") from None


def with_reserve(gas: int, step: Step) -> int:
    """How much gas to give to a step which used so much when it was tried; the rest comes back."""
    return gas * 5 // 4 + PAYMENT * step.payments


def _in_hex(transaction: dict[str, Any]) -> dict[str, Any]:
    return {
        name: hex(value) if isinstance(value, int) else value for name, value in transaction.items()
    }
