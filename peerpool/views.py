"""Views of contracts through a node's JSON-RPC, many in a request, all as of one block."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils import to_checksum_address
from web3 import Web3
from web3.providers.base import BaseProvider

from peerpool import abi
from peerpool.errors import PeerpoolError
from peerpool.ledger import codec
from peerpool.rpc import Node, RpcRefused

ERROR_STRING = bytes.fromhex("08c379a0")
OUT_OF_GAS = ("out of gas", "outofgas", "gas required exceeds", "exceeds block gas limit")
FAILURES = (*OUT_OF_GAS, "revert", "vm execution error", "invalid opcode")
_PREFIX = re.compile(
    r"^(VM Exception while processing transaction: |execution )revert(ed)?:? *", re.IGNORECASE
)


class ViewError(PeerpoolError):
    """A contract that is another than was thought: `view: problem`."""


@dataclass(frozen=True)
class Question:
    """A view of a contract of ours ("Pool", "PoolLens", ...) with its arguments.

    code: asked as if this were at the address, where the contract is not (geth's state override).
    """

    contract: str
    address: str
    function: str
    arguments: tuple[Any, ...] = ()
    code: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        """What eth_call and eth_estimateGas take."""
        return {
            "to": to_checksum_address(self.address),
            "data": "0x" + codec.call_data(self._entry, self.arguments).hex(),
        }

    def call(self, block: str) -> tuple[Any, ...]:
        """The parameters of eth_call."""
        there = ({self.query["to"]: {"code": f"0x{self.code.hex()}"}},) if self.code else ()
        return self.query, block, *there

    def answer(self, raw: str) -> Any:
        """The value that the contract returned; structs are dicts by field name.

        Raises ViewError.
        """
        try:
            return codec.call_result(self._entry, bytes.fromhex(raw[2:]))
        except (ValueError, DecodingError):
            raise ViewError(f"view: {self.address} does not answer {self.function}") from None

    @property
    def _entry(self) -> Any:
        return codec.function(abi.load(self.contract), self.function)


def ask_all(
    node: Node, block: str, questions: Iterable[Question], *, tolerant: bool = False
) -> list[Any]:
    """Answers to questions as of a block (a number in hex, or a tag), in their order.

    tolerant: the RpcRefused stands in the place of an answer that the node or the contract refuses;
    else the first one is raised. Raises RpcError, ViewError.
    """
    asked = list(questions)
    calls = [("eth_call", each.call(block)) for each in asked]
    answers = node.batch(calls, kind=str, tolerant=tolerant)
    return [
        raw if isinstance(raw, RpcRefused) else each.answer(raw)
        for each, raw in zip(asked, answers, strict=True)
    ]


def ask(node: Node, block: str, question: Question) -> Any:
    """The answer to one question, as `ask_all` gives it."""
    return question.answer(node.call("eth_call", *question.call(block), kind=str))


def is_revert(refusal: RpcRefused) -> bool:
    """Whether it was the contract that refused, and not the node (code 3; some have none)."""
    return refusal.code == 3 or any(word in refusal.message.lower() for word in FAILURES)


def is_out_of_gas(refusal: RpcRefused) -> bool:
    """Whether the call needs more gas than it can be given."""
    return any(word in refusal.message.lower() for word in OUT_OF_GAS)


def reason(refusal: RpcRefused) -> str:
    """Why a contract reverted: the text of Error(string), or else what the node says of it."""
    if isinstance(data := refusal.data, dict):  # some put it a level deeper
        data = data.get("data") or data.get("result")
    try:
        raw = bytes.fromhex(str(data)[2:])
        if raw[:4] == ERROR_STRING:
            return printable(codec.CODEC.decode(["string"], raw[4:])[0])
    except (ValueError, DecodingError):
        pass
    return printable(_PREFIX.sub("", refusal.message))


def printable(text: str) -> str:
    """Somebody's text with question marks for what would not show, or hide what it says."""
    return "".join(c if c.isprintable() else "?" for c in text)


class _Provider(BaseProvider):
    def __init__(self, node: Node) -> None:
        super().__init__()
        self._node = node

    def make_request(self, method: Any, params: Any) -> Any:
        return {"jsonrpc": "2.0", "id": 0, "result": self._node.call(method, *params)}


def web3_of(node: Node) -> Web3:
    """A web3 that asks through the node: for what is written against one, such as read_asset."""
    return Web3(_Provider(node))
