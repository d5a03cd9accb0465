"""A node in this process: real headers, receipts and roots of recorded transactions, by JSON-RPC.

    node = record(arena.chain)      # whatever the chain does from now on
    node.call("eth_getLogs", {...})  # or proxy.serve(node) for a client that wants HTTP

Every answer passes through `lies`, so that a test can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Any

import rlp
from eth.db.trie import make_trie_root_and_nodes
from eth.rlp.logs import Log as RlpLog
from eth.rlp.receipts import Receipt as RlpReceipt
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth_utils import keccak

from tests.evm.answering import Answering, NodeError, reverted
from tests.evm.chain import (
    CHAIN_ID,
    Chain,
    Log,
    Receipt,
    Reverted,
    Snapshot,
    to_bytes,
)
from tests.evm.state import Accounts

Lie = Callable[[str, Sequence[Any], Any], Any]
BORN = 1_700_000_000  # genesis, of chains that begin later


@dataclass
class Transaction:
    """One transaction, as it was sent, and what came of it."""

    logs: tuple[Log, ...] = ()
    sender: str = "0x" + "5e" * 20
    to: str = "0x" + "70" * 20  # empty: it created a contract
    data: bytes = b""
    value: int = 0
    ok: bool = True
    gas_used: int = 21_000
    created: str | None = None


@dataclass
class Block:
    """A block; `accounts` is the state after it, where that is kept."""

    number: int
    time: int
    parent_hash: bytes
    salt: bytes
    transactions: tuple[Transaction, ...]
    accounts: Accounts | None = field(default=None, repr=False)

    @cached_property
    def receipts(self) -> list[bytes]:
        """The receipts, encoded as in the trie."""
        encoded, gas = [], 0
        for transaction in self.transactions:
            gas += transaction.gas_used
            logs = [RlpLog(to_bytes(g.address), g.topics, g.data) for g in transaction.logs]
            receipt = RlpReceipt(b"\x01" if transaction.ok else b"", gas, logs)
            encoded.append(b"\x02" + rlp.encode(receipt))
        return encoded

    @cached_property
    def blooms(self) -> list[int]:
        """The blooms of the receipts."""
        return [rlp.decode(raw[1:], RlpReceipt).bloom for raw in self.receipts]

    @cached_property
    def header(self) -> PragueBlockHeader:
        """The header, sealed."""
        bloom = reduce(or_, self.blooms, 0)
        root, _ = make_trie_root_and_nodes([_Encoded(raw) for raw in self.receipts])
        return PragueBlockHeader(
            difficulty=0,
            block_number=self.number,
            gas_limit=36_000_000,
            timestamp=self.time,
            parent_hash=self.parent_hash,
            receipt_root=root,
            bloom=bloom,
            gas_used=sum(t.gas_used for t in self.transactions),
            extra_data=self.salt,
            nonce=bytes(8),
        )

    def hash_of(self, index: int) -> str:
        """The hash of one of its transactions."""
        return _hex(keccak(rlp.encode([self.number, index, self.salt])))


@dataclass(frozen=True)
class _Encoded:
    raw: bytes

    def encode(self) -> bytes:
        return self.raw


class Node(Answering):
    """Blocks, and what nodes answer about them. It is a `peerpool.rpc.Node` itself.

    lies: each answer goes through them all, in order.
    unsafe: how many blocks, counted from the last, are not final.
    keeps: how many blocks, counted from the last, the state is kept of.
    """

    def __init__(self, chain: Chain | None = None, time: int = BORN) -> None:
        self.chain = chain
        self.lies: list[Lie] = []
        self.asked: list[tuple[str, Sequence[Any]]] = []
        self.unsafe = 0
        self.keeps: int | None = None
        self.salt = b""
        self.blocks = [Block(0, time, bytes(32), b"", ())]

    # --- how it grows -------------------------------------------------------------

    def mine(self, *transactions: Transaction, time: int | None = None) -> Block:
        """Add a block, 12 seconds later unless told when."""
        last = self.blocks[-1]
        when = last.time + 12 if time is None else time
        block = Block(last.number + 1, when, last.header.hash, self.salt, transactions)
        self.blocks.append(block)
        return block

    def forget(self, number: int) -> None:
        """Be as it was after a block; what is mined then has other hashes."""
        del self.blocks[number + 1 :]
        self.salt += b"!"

    # --- what it answers ----------------------------------------------------------

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of a question; raise NodeError."""
        self.asked.append((method, params))
        answering = getattr(self, f"_{method}", None)
        if answering is None:
            raise NodeError(-32601, f"the method {method} does not exist/is not available")
        result = answering(*params)
        for lie in self.lies:
            result = lie(method, params, result)
        return result

    def _eth_chainId(self) -> str:
        return hex(CHAIN_ID)

    def _eth_blockNumber(self) -> str:
        return hex(self.blocks[-1].number)

    def _eth_getBlockByNumber(self, tag: str, full: bool = False) -> Any:
        number = self._number(tag)
        return self._block(self.blocks[number], full) if number < len(self.blocks) else None

    def _eth_getBlockByHash(self, hash_: str, full: bool = False) -> Any:
        found = [b for b in self.blocks if _hex(b.header.hash) == hash_]
        return self._block(found[0], full) if found else None

    def _eth_getLogs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" in wanted:
            blocks = [b for b in self.blocks if _hex(b.header.hash) == wanted["blockHash"]]
            if not blocks:
                raise NodeError(-32000, "unknown block")
        else:
            first = self._number(wanted.get("fromBlock", "latest"))
            last = self._number(wanted.get("toBlock", "latest"))
            blocks = self.blocks[first : last + 1]
        return [log for block in blocks for log in self._logs(block) if _is_wanted(log, wanted)]

    def _eth_getTransactionByHash(self, hash_: str) -> Any:
        found = self._find(hash_)
        return self._transaction(*found) if found else None

    def _eth_getTransactionReceipt(self, hash_: str) -> Any:
        found = self._find(hash_)
        return self._receipts(found[0])[found[1]] if found else None

    def _eth_getBlockReceipts(self, tag: str) -> Any:
        if len(tag) == 66:
            found = [b for b in self.blocks if _hex(b.header.hash) == tag]
            return self._receipts(found[0]) if found else None
        return self._receipts(self.blocks[self._number(tag)])

    def _eth_getCode(self, address: str, tag: str) -> str:
        return _hex(self._at(tag).code(address.lower()))

    def _eth_getBalance(self, address: str, tag: str) -> str:
        return hex(self._at(tag).balance(address.lower()))

    def _eth_call(self, call: dict[str, str], tag: str) -> str:
        sender = call.get("from", "0x" + "00" * 20).lower()
        data = bytes.fromhex(call.get("data", call.get("input", "0x"))[2:])
        try:
            return _hex(self._at(tag).call(call["to"].lower(), data, sender))
        except Reverted as failure:
            raise reverted(failure) from None

    # --- its blocks as JSON -------------------------------------------------------

    def _number(self, tag: str) -> int:
        if tag in ("finalized", "safe"):
            return max(0, self.blocks[-1].number - self.unsafe)
        named = {"earliest": 0, "latest": self.blocks[-1].number, "pending": self.blocks[-1].number}
        return named[tag] if tag in named else int(tag, 16)

    def _find(self, hash_: str) -> tuple[Block, int] | None:
        for block in self.blocks:
            for index in range(len(block.transactions)):
                if block.hash_of(index) == hash_:
                    return block, index
        return None

    def _block(self, block: Block, full: bool) -> dict[str, Any]:
        header = block.header
        every = range(len(block.transactions))
        return {
            "number": hex(block.number),
            "hash": _hex(header.hash),
            "parentHash": _hex(header.parent_hash),
            "sha3Uncles": _hex(header.uncles_hash),
            "miner": _hex(header.coinbase),
            "stateRoot": _hex(header.state_root),
            "transactionsRoot": _hex(header.transaction_root),
            "receiptsRoot": _hex(header.receipt_root),
            "logsBloom": f"0x{header.bloom:0512x}",
            "difficulty": hex(header.difficulty),
            "gasLimit": hex(header.gas_limit),
            "gasUsed": hex(header.gas_used),
            "timestamp": hex(header.timestamp),
            "extraData": _hex(header.extra_data),
            "mixHash": _hex(header.mix_hash),
            "nonce": _hex(header.nonce),
            "baseFeePerGas": hex(header.base_fee_per_gas),
            "withdrawalsRoot": _hex(header.withdrawals_root),
            "blobGasUsed": hex(header.blob_gas_used),
            "excessBlobGas": hex(header.excess_blob_gas),
            "parentBeaconBlockRoot": _hex(header.parent_beacon_block_root),
            "requestsHash": _hex(header.requests_hash),
            "transactions": [
                self._transaction(block, i) if full else block.hash_of(i) for i in every
            ],
            "uncles": [],
            "withdrawals": [],
            "size": "0x400",
        }

    def _transaction(self, block: Block, index: int) -> dict[str, Any]:
        transaction = block.transactions[index]
        return {
            "hash": block.hash_of(index),
            "blockHash": _hex(block.header.hash),
            "blockNumber": hex(block.number),
            "transactionIndex": hex(index),
            "type": "0x2",
            "from": transaction.sender,
            "to": transaction.to or None,
            "input": _hex(transaction.data),
            "value": hex(transaction.value),
        }

    def _receipts(self, block: Block) -> list[dict[str, Any]]:
        found, gas = [], 0
        for index, transaction in enumerate(block.transactions):
            gas += transaction.gas_used
            hash_ = block.hash_of(index)
            found.append(
                {
                    "transactionHash": hash_,
                    "transactionIndex": hex(index),
                    "blockHash": _hex(block.header.hash),
                    "blockNumber": hex(block.number),
                    "from": transaction.sender,
                    "to": transaction.to or None,
                    "contractAddress": transaction.created,
                    "type": "0x2",
                    "status": hex(transaction.ok),
                    "gasUsed": hex(transaction.gas_used),
                    "cumulativeGasUsed": hex(gas),
                    "logsBloom": f"0x{block.blooms[index]:0512x}",
                    "logs": [g for g in self._logs(block) if g["transactionHash"] == hash_],
                }
            )
        return found

    def _logs(self, block: Block) -> list[dict[str, Any]]:
        every = [(i, log) for i, each in enumerate(block.transactions) for log in each.logs]
        return [
            {
                "address": log.address,
                "topics": [f"0x{topic:064x}" for topic in log.topics],
                "data": _hex(log.data),
                "blockNumber": hex(block.number),
                "blockHash": _hex(block.header.hash),
                "transactionHash": block.hash_of(i),
                "transactionIndex": hex(i),
                "logIndex": hex(index),
                "removed": False,
            }
            for index, (i, log) in enumerate(every)
        ]

    def _at(self, tag: str) -> Chain:
        """Return a chain with the state after a block."""
        number, last = self._number(tag), self.blocks[-1].number
        if number > last:
            raise NodeError(-32000, "header not found")
        if self.chain is None or (self.keeps is not None and number <= last - self.keeps):
            raise NodeError(-32000, f"missing trie node {'00' * 32} (path ) state is not available")
        block = self.blocks[number]
        accounts = self.chain.snapshot().accounts if number == last else block.accounts
        there = Chain(block.time)
        there.revert(Snapshot(accounts or Accounts(), block.time, number))
        return there


def record(chain: Chain) -> Node:
    """Return a node of a chain, with every block that it had and those that it will have.

    Of the blocks that it had, the state that it has now is taken for theirs. A chain that goes back
    takes the node along.
    """
    node = Node(chain)
    before = chain.snapshot().accounts
    transact, revert = chain.transact, chain.revert
    for number in range(1, chain.number + 1):
        known = chain.blocks.get(number)
        done = [Transaction(known.logs)] if known else []
        block = node.mine(*done, time=known.time if known else None)
        block.accounts = before

    def recorded(
        sender: str, to: str, data: bytes = b"", value: int = 0, *more: Any, **named: Any
    ) -> Receipt:
        try:
            receipt = transact(sender, to, data, value, *more, **named)
        except Reverted as failure:
            done = Transaction((), sender, to, data, value, False, max(failure.gas_used, 21_000))
            _keep(node, done)
            raise
        _keep(
            node,
            Transaction(
                receipt.logs, sender, to, data, value, True, receipt.gas_used, receipt.created
            ),
        )
        return receipt

    def back(snapshot: Snapshot) -> None:
        revert(snapshot)
        node.forget(max(snapshot.number, 0))

    chain.transact, chain.revert = recorded, back  # type: ignore[method-assign]
    return node


def pass_time(node: Node) -> Block:
    """Add an empty block at the chain's time, so that views see it."""
    assert node.chain is not None
    node.chain.number += 1
    block = node.mine(time=node.chain.time)
    block.accounts = node.chain.snapshot().accounts
    return block


def _keep(node: Node, transaction: Transaction) -> None:
    assert node.chain is not None
    block = node.mine(transaction, time=node.chain.time)
    assert block.number == node.chain.number
    block.accounts = node.chain.snapshot().accounts


def _is_wanted(log: dict[str, Any], wanted: dict[str, Any]) -> bool:
    addresses = wanted.get("address") or [log["address"]]
    addresses = [addresses] if isinstance(addresses, str) else addresses
    if log["address"].lower() not in [address.lower() for address in addresses]:
        return False
    for n, topic in enumerate(wanted.get("topics", ())):
        choice = [topic] if isinstance(topic, str) else topic
        if choice and (n >= len(log["topics"]) or log["topics"][n] not in choice):
            return False
    return True


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
