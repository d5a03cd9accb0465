"""The chain of this process as a web3 provider, for code that only reads."""

from __future__ import annotations

from typing import Any

from web3 import Web3
from web3.middleware import AttributeDictMiddleware
from web3.providers.base import BaseProvider

from .answering import reverted
from .chain import CHAIN_ID, Chain, Reverted


class Provider(BaseProvider):
    """Answers eth_chainId, eth_call, eth_getCode and eth_getBalance, of the latest state;
    eth_getLogs of all blocks; eth_getBlockByNumber of any, of which the latest has today's time.
    """

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self._chain = chain
        self.calls = 0

    def make_request(self, method: str, params: Any) -> Any:
        """Return the JSON-RPC response; a failed call is an error with its data, as nodes do it."""
        answer = {"jsonrpc": "2.0", "id": 1}
        try:
            return answer | {"result": self._result(method, params)}
        except Reverted as failure:
            error = reverted(failure)
            found = {"code": error.code, "message": error.message, "data": error.data}
            return answer | {"error": found}

    def _result(self, method: str, params: Any) -> Any:
        if method == "eth_chainId":
            return hex(CHAIN_ID)
        if method == "eth_getCode":
            return "0x" + self._chain.code(params[0].lower()).hex()
        if method == "eth_call":
            self.calls += 1
            call = params[0]
            return "0x" + self._chain.call(call["to"], bytes.fromhex(call["data"][2:])).hex()
        if method == "eth_getBalance":
            return hex(self._chain.balance(params[0].lower()))
        if method == "eth_getBlockByNumber":
            return self._block(params[0])
        if method == "eth_getLogs":
            return self._logs(params[0])
        raise LookupError(method)

    def _block(self, tag: str) -> dict[str, Any] | None:
        latest = self._latest()
        number = int(tag, 16) if tag.startswith("0x") else latest
        if number > latest:
            return None
        known = self._chain.blocks.get(number)
        time = known.time if known else self._chain.time
        return {"number": hex(number), "hash": f"0x{number:064x}", "timestamp": hex(time)}

    def _latest(self) -> int:
        """Return the last block; an empty one if time has passed since a transaction."""
        number = self._chain.number
        known = self._chain.blocks.get(number)
        return number if known is None or known.time == self._chain.time else number + 1

    def _logs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the logs of one address in a range of blocks, each a transaction."""
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        return [
            {
                "address": log.address,
                "topics": [f"0x{topic:064x}" for topic in log.topics],
                "data": "0x" + log.data.hex(),
                "blockNumber": hex(number),
                "blockHash": f"0x{number:064x}",
                "blockTimestamp": hex(block.time),
                "transactionHash": f"0x{number:064x}",
                "logIndex": hex(index),
            }
            for number, block in self._chain.blocks.items()
            if first <= number <= last
            for index, log in enumerate(block.logs)
            if log.address == wanted["address"].lower()
        ]


def connect(chain: Chain) -> Web3:
    """Return a Web3 that reads from the chain, without the checks it makes before each call."""
    return Web3(Provider(chain), middleware=[(AttributeDictMiddleware, "attrdict")])
