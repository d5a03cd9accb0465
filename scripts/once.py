"""Transactions sent exactly once, however often the script that sends them is killed.

What is about to be sent is in the journal before it is sent: sender, nonce and the
address that it will create, or all of the call. A transaction is never sent with another
nonce until the chain has shown that the first one was used for something else.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownie import history, web3
from brownie.exceptions import VirtualMachineError
from web3.exceptions import TransactionNotFound, Web3Exception

from peerpool import chain
from peerpool.chain import Mined
from peerpool.deployment import DeployError, Journal

PATIENCE = 600.0  # seconds that a transaction is waited for


@dataclass(frozen=True)
class Creation:
    """A contract to be created by one transaction of `sender`.

    `address` is None where it follows from the nonce (CREATE). `is_it` tells whether
    code found at an address is this contract. `locate(from_block)` finds the
    transaction where `address` is given.
    """

    step: str
    sender: Any
    data: str
    is_it: Callable[[str, bytes], bool]
    to: str | None = None
    address: str | None = None
    locate: Callable[[int], Mined] | None = None


@dataclass(frozen=True)
class Created:
    """A contract on the chain, with the transaction that created it."""

    address: str
    mined: Mined


@dataclass(frozen=True)
class Call:
    """A call that must not be made twice. `asked` tells what it is for to whoever finds it."""

    step: str
    sender: Any
    to: str
    data: str
    asked: str
    value: int = 0


def open_journal(path: Path, about: dict[str, Any]) -> Journal:
    """The journal there, or a new one; on a development chain that was started anew always that.

    `about` has the chain's genesis. Raises DeployError for a journal of another real chain.
    """
    journal = Journal(path, about)
    if journal.about["genesis"] == about["genesis"]:
        return journal
    if not _is_development():
        raise DeployError(f"deploy: {path} is of another chain with the same id")
    journal.close()
    return Journal(path, about)


def broadcast(sender: Any, nonce: int, to: str | None, data: str, value: int = 0) -> str:
    """Send a transaction and do not wait for it. Returns its hash.

    Raises DeployError if the node does not take it, or (on a real chain: before it is sent) says
    that it reverts.
    """
    try:
        receipt = sender.transfer(
            to,
            value,
            data=data,
            nonce=nonce,
            required_confs=0,
            silent=True,
            skip_undo=True,
        )
    except (ValueError, VirtualMachineError, Web3Exception) as error:
        raise DeployError(f"transaction: the node refuses: {str(error).splitlines()[0]}") from error
    return str(receipt.txid)


def create_once(journal: Journal, creation: Creation) -> Created:
    """Create the contract, unless an earlier run did, or is still doing so.

    Raises DeployError where that cannot be told, or the transaction fails.
    """
    step, sent = creation.step, None
    if step not in journal.entries and creation.address and _code(creation.address):
        return _created(creation, {"address": creation.address, "block": 0})
    while True:
        if step not in journal.entries:
            journal.write(step, _plan(creation))
        entry = journal.entries[step]
        if _is_there(creation, entry):
            return _created(creation, entry)
        if _count(entry, "latest") > entry["nonce"]:
            if _is_there(creation, entry):  # mined between the two questions
                continue
            if sent:
                raise DeployError(f"deploy: transaction {sent} ({step}) failed")
            journal.drop(step)
        elif _count(entry, "pending") > entry["nonce"]:
            _wait(entry)
        elif entry["sender"] != creation.sender.address:
            raise DeployError(f"deploy: was begun by {entry['sender']}; go on with that account")
        elif _count(entry, "pending") < entry["nonce"]:
            _refuse_gap(entry)
            journal.drop(step)
        else:
            sent = broadcast(creation.sender, entry["nonce"], creation.to, creation.data)
            journal.write(step, entry | {"transaction": sent})
            _wait(entry)
            _let_brownie_know(sent)


def call_once(journal: Journal, call: Call) -> Mined:
    """Make a call that `earlier_call` knows nothing of; where that found one that was never mined,
    with its nonce, so that only one of the two can be.

    Until the journal is closed `earlier_call` finds it. Raises DeployError if the call fails.
    """
    kept, sender = journal.entries.get(call.step), call.sender.address
    entry = {
        "sender": sender,
        "to": call.to,
        "data": call.data,
        "value": call.value,
        "asked": call.asked,
        "nonce": kept["nonce"] if kept else web3.eth.get_transaction_count(sender, "pending"),
        "block": web3.eth.block_number,
    }
    journal.write(call.step, entry)
    sent = broadcast(call.sender, entry["nonce"], call.to, call.data, call.value)
    _wait(entry)
    _let_brownie_know(sent)
    mined = earlier_call(journal, call.step)
    if mined is None:
        raise DeployError(f"transaction: {sent} failed")
    return mined


def earlier_call(journal: Journal, step: str) -> Mined | None:
    """Where the journal's call went, once it is mined; None if there is none that was made.

    Raises DeployError where that cannot be told.
    """
    entry = journal.entries.get(step)
    if entry is None:
        return None
    if _count(entry, "latest") <= entry["nonce"] < _count(entry, "pending"):
        _wait(entry)
    if _count(entry, "latest") > entry["nonce"]:
        mined = chain.sent_with(web3, entry["sender"], entry["nonce"], entry["block"])
        if _is_the_call(mined, entry):
            return mined
        journal.drop(step)
    elif _count(entry, "pending") < entry["nonce"]:
        _refuse_gap(entry)
        journal.drop(step)
    return None


def _is_the_call(mined: Mined, entry: dict[str, Any]) -> bool:
    """Whether it was this one that used the nonce, and it did not fail."""
    found = web3.eth.get_transaction(mined.transaction)
    same = (found.get("to"), "0x" + bytes(found["input"]).hex(), found["value"])
    if same != (entry["to"], entry["data"], entry["value"]):
        return False
    return web3.eth.get_transaction_receipt(mined.transaction)["status"] == 1


def is_under_way(entry: dict[str, Any]) -> bool:
    """Whether what the entry announced is on the chain, or waits to be mined."""
    if chain.has_code(web3, entry["address"]):
        return True
    if _count(entry, "latest") > entry["nonce"]:  # asked in this order: it may just be mined
        return chain.has_code(web3, entry["address"])
    return _count(entry, "pending") > entry["nonce"]


def _plan(creation: Creation) -> dict[str, Any]:
    sender = creation.sender.address
    nonce = web3.eth.get_transaction_count(sender, "pending")
    address = creation.address or chain.create_address(sender, nonce)
    return {
        "sender": sender,
        "nonce": nonce,
        "address": address,
        "block": web3.eth.block_number,
    }


def _is_there(creation: Creation, entry: dict[str, Any]) -> bool:
    code = _code(entry["address"])
    if not code or creation.is_it(entry["address"], code):
        return bool(code)
    if _is_development():  # started anew, or reverted, with the same accounts
        return False
    raise DeployError(
        f"deploy: {entry['address']} has other code than the {creation.step} compiled here"
    )


def _created(creation: Creation, entry: dict[str, Any]) -> Created:
    if creation.locate:
        return Created(entry["address"], creation.locate(entry["block"]))
    if hash_ := entry.get("transaction"):
        try:
            receipt = web3.eth.get_transaction_receipt(hash_)
            return Created(entry["address"], Mined(hash_, receipt["blockNumber"]))
        except TransactionNotFound:  # replaced by one with a higher fee
            pass
    mined = chain.sent_with(web3, entry["sender"], entry["nonce"], entry["block"])
    return Created(entry["address"], mined)


def _wait(entry: dict[str, Any]) -> None:
    until = time.monotonic() + PATIENCE
    pause = 0.01
    while _count(entry, "latest") <= entry["nonce"]:
        if time.monotonic() > until:
            raise DeployError(
                f"transaction: {entry['nonce']} of {entry['sender']} is still pending;"
                " run again to go on"
            )
        time.sleep(pause)
        pause = min(2 * pause, 1.0)


def _let_brownie_know(sent: str) -> None:
    """Brownie looks for the receipt in a thread; until it has it, it cannot take a chain back."""
    for receipt in history.filter(key=lambda receipt: receipt.txid == sent):
        receipt._confirmed.wait(2)


def _refuse_gap(entry: dict[str, Any]) -> None:
    """On a real chain a transaction whose predecessor vanished may still come back."""
    if not _is_development():
        raise DeployError(
            f"transaction: those of {entry['sender']} before nonce {entry['nonce']} are"
            " missing on the chain; send them again first"
        )


def _is_development() -> bool:
    return web3.eth.chain_id in chain.DEVELOPMENT_CHAINS


def _count(entry: dict[str, Any], block: str) -> int:
    return web3.eth.get_transaction_count(entry["sender"], block)


def _code(address: str) -> bytes:
    return bytes(web3.eth.get_code(address))
