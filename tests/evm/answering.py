"""What nodes of tests have in common: questions of `peerpool.rpc.Node`, answers and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from eth_abi.abi import encode

from peerpool.rpc import OneByOne, RpcError, RpcRefused

from .chain import ERROR_STRING, Reverted


class NodeError(Exception):
    """What a node answers instead of a result."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


def reverted(failure: Reverted) -> NodeError:
    """Return how nodes tell of a call that failed."""
    data = "0x"
    if not failure.reason.startswith("<"):
        data = "0x" + (ERROR_STRING + encode(["string"], [failure.reason])).hex()
    return NodeError(3, f"execution reverted: {failure.reason}", data)


class Answering(OneByOne):
    """Base of a node: what gives a result, or raises NodeError or Reverted, is `answer`."""

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of a question."""
        raise NodeError(-32601, f"the method {method} does not exist/is not available")

    def call(self, method: str, *params: Any, kind: Any = Any, hurry: bool = False) -> Any:
        """Answer one question."""
        try:
            return msgspec.convert(self.answer(method, params), kind)
        except Reverted as failure:
            error = reverted(failure)
        except NodeError as refusal:
            error = refusal
        except msgspec.ValidationError as problem:
            raise RpcError(f"rpc: node: {method}: not an answer of this kind: {problem}") from None
        text = f"rpc: node: {method}: {error.message}"
        raise RpcRefused(text, error.code, error.message, error.data)
