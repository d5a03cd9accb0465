"""The chain in process (tests/evm) against Anvil: a whole life costs the same in each step."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from brownie import web3

from scripts import gas_lives
from tests.evm.chain import Chain, Log, Reverted

RICH = 2**100


@pytest.mark.usefixtures("fn_isolation")
def test_chain__given_what_anvil_ran__takes_the_same_gas_and_logs(
    stage: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gas_lives, "undone", nullcontext)
    gas_lives.live(stage[0], 20)
    chain = Chain(0)
    ran = 0
    for number in range(1, web3.eth.block_number + 1):
        block = web3.eth.get_block(number, full_transactions=True)
        chain.time, chain.number = block.timestamp, number - 1
        for sent in block.transactions:
            receipt = web3.eth.get_transaction_receipt(sent.hash)
            assert again(chain, sent) == (receipt.gasUsed, logs_of(receipt))
            ran += 1
    assert ran > 30


def again(chain: Chain, sent: Any) -> tuple[int, list[Log]]:
    """Run a transaction of Anvil's; return its gas and its logs."""
    chain.give(sent["from"].lower(), RICH)
    to = (sent.to or "").lower()
    given = sent["from"].lower(), to, bytes(sent.input), sent.value, sent.gas
    try:
        receipt = chain.transact(*given)
    except Reverted as failure:
        return failure.gas_used, []
    return receipt.gas_used, list(receipt.logs)


def logs_of(receipt: Any) -> list[Log]:
    """Return logs as the chain in process has them."""
    return [
        Log(
            log.address.lower(),
            tuple(int.from_bytes(topic, "big") for topic in log.topics),
            bytes(log.data),
        )
        for log in receipt.logs
    ]
