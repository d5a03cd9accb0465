"""Views through a node: what comes back, and what the many kinds of nodes say when it does not."""

from typing import Any

import pytest
from eth_abi import encode

from peerpool.rpc import RpcRefused
from peerpool.views import (
    ERROR_STRING,
    Question,
    ViewError,
    ask,
    ask_all,
    is_out_of_gas,
    is_revert,
    printable,
    reason,
    web3_of,
)

POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
WORDS = "0x" + (ERROR_STRING + encode(["string"], ["settle: already settled"])).hex()


class Fixed:
    """A node that answers everything alike."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, []

    def call(self, method: str, *params: Any, kind: Any = Any) -> Any:
        self.asked.append((method, *params))
        return self.answer

    def batch(self, calls: Any, *, kind: Any = Any, tolerant: bool = False) -> list[Any]:
        return [self.call(method, *params) for method, params in calls]


def refusal(message: str, data: Any = None, code: int = -32000) -> RpcRefused:
    return RpcRefused(f"rpc: node: eth_call: {message}", code, message, data)


def test_ask__encodes_and_decodes() -> None:
    node = Fixed("0x" + encode(["uint8"], [2]).hex())
    assert ask(node, "0x7", Question("Pool", POOL.lower(), "phase")) == 2
    assert node.asked == [("eth_call", {"to": POOL, "data": "0xb1c9fe6e"}, "0x7")]
    assert ask_all(node, "latest", [Question("Pool", POOL, "phase")] * 2) == [2, 2]
    assert ask_all(node, "latest", []) == []


@pytest.mark.parametrize("answer", ["0x", "0x12", "0x" + "ff" * 32, "garbage"])
def test_ask__another_contract__is_told(answer: str) -> None:
    with pytest.raises(ViewError) as caught:
        ask(Fixed(answer), "latest", Question("Pool", POOL, "phase"))
    assert str(caught.value) == f"view: {POOL} does not answer phase"


def test_ask_all__tolerant__leaves_refusals_in_their_places() -> None:
    refused = refusal("execution reverted")
    question = Question("Pool", POOL, "phase")
    assert ask_all(Fixed(refused), "latest", [question], tolerant=True) == [refused]


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (
            refusal("execution reverted: no", WORDS, 3),
            "settle: already settled",
        ),
        (refusal("execution reverted", WORDS, 3), "settle: already settled"),
        (refusal("VM execution error.", WORDS, -32015), "settle: already settled"),
        (refusal("reverted", {"data": WORDS}), "settle: already settled"),
        (refusal("revert", {"result": WORDS}), "settle: already settled"),
        (
            refusal("VM Exception while processing transaction: revert claim: x", None),
            "claim: x",
        ),
        (refusal("execution reverted: claim: x", "0x", 3), "claim: x"),
        (refusal("execution reverted", "0x", 3), ""),
        (refusal("execution reverted", "0x08c379a0ff", 3), ""),
        (refusal("out of gas: not enough", None), "out of gas: not enough"),
        (refusal("bad \x1b[31m words \u202e", None), "bad ?[31m words ?"),
    ],
)
def test_reason__of_every_node__is_the_contracts_words(refused: RpcRefused, words: str) -> None:
    assert reason(refused) == words


def test_is_revert__the_contract_or_the_node() -> None:
    for message in ("execution reverted", "VM execution error.", "out of gas", "Reverted 0x"):
        assert is_revert(refusal(message))
    assert is_revert(refusal("anything", code=3))
    for message in ("method not found", "header not found", "missing trie node"):
        assert not is_revert(refusal(message, code=-32601))


def test_is_out_of_gas() -> None:
    for message in (
        "out of gas",
        "gas required exceeds allowance (3)",
        "EVM error OutOfGas",
    ):
        assert is_out_of_gas(refusal(message))
    assert not is_out_of_gas(refusal("execution reverted: gas: too little for the transfer"))


def test_printable__hides_nothing() -> None:
    assert printable("plain é €\n\t\u202e\x00") == "plain é €????"


def test_web3_of__asks_the_node() -> None:
    assert web3_of(Fixed("0x2a")).eth.get_balance(POOL) == 42
