"""The chain of this process as a web3 provider, for code that only reads."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from web3 import Web3
from web3.providers.base import BaseProvider

from .chain import CHAIN_ID, ERROR_STRING, Chain, Reverted


class Provider(BaseProvider):
    """Answers eth_chainId, eth_call and eth_getCode, of the latest state."""

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
            error = {"code": 3, "message": f"execution reverted: {failure.reason}", "data": "0x"}
            if not failure.reason.startswith("<"):
                error["data"] = "0x" + (ERROR_STRING + encode(["string"], [failure.reason])).hex()
            return answer | {"error": error}

    def _result(self, method: str, params: Any) -> str:
        if method == "eth_chainId":
            return hex(CHAIN_ID)
        if method == "eth_getCode":
            return "0x" + self._chain.code(params[0].lower()).hex()
        if method == "eth_call":
            self.calls += 1
            call = params[0]
            return "0x" + self._chain.call(call["to"], bytes.fromhex(call["data"][2:])).hex()
        raise LookupError(method)


def connect(chain: Chain) -> Web3:
    """Return a Web3 that reads from the chain."""
    return Web3(Provider(chain))
