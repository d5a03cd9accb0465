"""Anvil at speed: hundreds of transactions in a block, from anybody, with the gas each used."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from brownie import web3

from peerpool.errors import PeerpoolError

Transaction = dict[str, str]
GAS_LIMIT = 600_000
TRANSACTION_GAS = 16_777_216  # the most that one may have, by EIP-7825
RICH = hex(10**24)
START = 2_000_000_000  # a second that has not come yet


class GasError(PeerpoolError):
    """A measurement that went wrong, or a figure that grows: `gas: problem`."""


def rpc(method: str, *params: Any) -> Any:
    """Ask the node. Raises GasError."""
    answer = web3.provider.make_request(method, list(params))
    if "error" in answer:
        raise GasError(f"gas: {method}: {answer['error']['message']}")
    return answer["result"]


def rpc_many(method: str, params: Iterable[Sequence[Any]]) -> list[Any]:
    """The same question with many parameters, in few requests."""
    asked, results = [(method, list(each)) for each in params], []
    for some in chunks(asked, 250):
        for answer in web3.provider.make_batch_request(some):
            if "error" in answer:
                raise GasError(f"gas: {method}: {answer['error']['message']}")
            results.append(answer["result"])
    return results


def transaction(
    sender: str, to: str | None, data: str, value: int = 0, gas: int = GAS_LIMIT
) -> Transaction:
    """A transaction at no price; of anybody, since the node signs for all."""
    made = {"from": sender, "data": data, "value": hex(value), "gas": hex(gas), "gasPrice": "0x0"}
    return made | {"to": to} if to else made


def send(made: Transaction) -> dict[str, Any]:
    """Send one transaction; return its receipt. Raises GasError with the reason if it reverts."""
    receipt = rpc("eth_sendTransactionSync", made)
    if int(receipt["status"], 16) != 1:
        rpc("eth_call", made, hex(int(receipt["blockNumber"], 16) - 1))
        raise GasError("gas: a transaction ran out of gas")
    return receipt


def used(receipt: dict[str, Any]) -> int:
    """Gas used."""
    return int(receipt["gasUsed"], 16)


def send_all(made: Sequence[Transaction]) -> list[int]:
    """Send many transactions, many in a block; return what each has used.

    Warm slots are of a transaction, not of a block, so each uses what it would use alone.
    """
    rpc("evm_setAutomine", False)
    hashes = rpc_many("eth_sendTransaction", ((each,) for each in made))
    while int(rpc("txpool_status")["pending"], 16):
        rpc("evm_mine")
    rpc("evm_setAutomine", True)
    receipts = rpc_many("eth_getTransactionReceipt", ((each,) for each in hashes))
    for each, receipt in zip(made, receipts, strict=True):
        if int(receipt["status"], 16) != 1:
            rpc("eth_call", each, "latest")
            raise GasError("gas: a transaction failed")
    return [used(receipt) for receipt in receipts]


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Pieces of at most that size."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def go_to(second: int) -> None:
    """Let the next block be at that second, and mine it."""
    rpc("evm_setNextBlockTimestamp", second)
    rpc("evm_mine")


def keep_time() -> None:
    """Let time run by blocks, not by the clock: each run signs the same, and takes the same gas."""
    go_to(START)
    rpc("anvil_setBlockTimestampInterval", 1)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is taken back."""
    snapshot = rpc("evm_snapshot")
    yield
    rpc("evm_revert", snapshot)


def give_ether(people: Iterable[str]) -> None:
    """Let them have more than they need."""
    rpc_many("anvil_setBalance", ((each, RICH) for each in people))
