"""The chain's clock, to the second, on Anvil and on Ganache."""

from typing import Any

from brownie import web3

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY


def now() -> int:
    """Return the time of the latest block in Unix seconds."""
    return int(web3.eth.get_block("latest")["timestamp"])


def at(second: int) -> None:
    """Mine a block at that second; what is sent or called next happens in the same second."""
    if web3.client_version.lower().startswith("anvil"):
        _rpc("evm_setNextBlockTimestamp", second)
        _rpc("evm_mine")
        _rpc("evm_setNextBlockTimestamp", second)
    else:
        _rpc("evm_setTime", second * 1000)
        _rpc("evm_mine", second)
        _rpc("evm_setTime", second * 1000)
    assert now() == second


def _rpc(method: str, *params: Any) -> None:
    answer = web3.provider.make_request(method, list(params))
    if "error" in answer:
        raise RuntimeError(f"{method}: {answer['error']}")
