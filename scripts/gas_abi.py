"""Calldata, quickly: web3.py takes some milliseconds each time to find the function."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode
from eth_utils import function_abi_to_4byte_selector
from eth_utils.abi import get_abi_input_types, get_abi_output_types

from scripts.gas_chain import rpc


@dataclass(frozen=True)
class _Function:
    selector: bytes
    inputs: list[str]
    outputs: list[str]


class Interface:
    """The functions of an ABI."""

    def __init__(self, abi: Sequence[Any]) -> None:
        self._functions = {
            (each["name"], len(each["inputs"])): _Function(
                function_abi_to_4byte_selector(each),
                get_abi_input_types(each),
                get_abi_output_types(each),
            )
            for each in abi
            if each["type"] == "function"
        }

    def data(self, function: str, *arguments: Any) -> str:
        """Calldata."""
        found = self._functions[function, len(arguments)]
        return "0x" + (found.selector + encode(found.inputs, arguments)).hex()

    def read(self, to: str, function: str, *arguments: Any) -> Any:
        """What a view says, or the first of it."""
        answer = rpc("eth_call", {"to": to, "data": self.data(function, *arguments)}, "latest")
        outputs = self._functions[function, len(arguments)].outputs
        return decode(outputs, bytes.fromhex(answer[2:]))[0]
