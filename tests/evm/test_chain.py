"""The harness itself: that it is a chain, not a calculator that resembles one."""

from __future__ import annotations

import pytest

from tests.evm.chain import Chain, Reverted
from tests.evm.contract import Contract, deploy

ALICE, BOB = "0x" + "a1" * 20, "0x" + "b0" * 20
START = 1_800_000_000


@pytest.fixture
def chain() -> Chain:
    return Chain(START)


@pytest.fixture
def token(chain: Chain) -> Contract:
    contract = deploy(chain, "contracts/mocks/Token.vy", "Money", "MON", 6, sender=ALICE)
    contract.send("mint", ALICE, 1000, sender=ALICE)
    return contract


def test_send__returns_value_events_and_gas(token: Contract) -> None:
    result = token.send("transfer", BOB, 400, sender=ALICE)
    assert result.value is True
    assert [(e.name, e.sender, e.receiver, e.value) for e in result.events] == [
        ("Transfer", ALICE, BOB, 400)
    ]
    # 21,000 to begin with, 22,100 for a new balance in a cold slot, 5,000 for a changed one
    assert 21_000 + 22_100 + 5_000 < result.gas_used < 55_000


def test_send__repeated__pays_for_cold_access_again(token: Contract) -> None:
    first = token.send("transfer", BOB, 1, sender=ALICE)
    second = token.send("transfer", BOB, 1, sender=ALICE)
    third = token.send("transfer", BOB, 1, sender=ALICE)
    assert first.gas_used - second.gas_used == 20_000 - 2_900
    assert second.gas_used == third.gas_used


def test_send__refused__raises_the_reason_and_changes_nothing(token: Contract) -> None:
    with pytest.raises(Reverted) as failure:
        token.send("transfer", BOB, 1001, sender=ALICE)
    assert failure.value.reason == "token: balance"
    assert token.view("balanceOf", ALICE) == 1000


def test_send__too_little_gas__is_named(token: Contract) -> None:
    with pytest.raises(Reverted) as failure:
        token.send("transfer", BOB, 1, sender=ALICE, gas=30_000)
    assert failure.value.reason == "<OutOfGas>"
    assert failure.value.gas_used == 30_000


def test_view__undoes_what_the_call_did(token: Contract) -> None:
    assert token.view("transfer", BOB, 1000, sender=ALICE) is True
    assert token.view("balanceOf", BOB) == 0


def test_revert__goes_back_in_state_and_time_as_often_as_wanted(
    chain: Chain, token: Contract
) -> None:
    before = chain.snapshot()
    for _ in range(2):
        chain.time += 1000
        token.send("transfer", BOB, 1000, sender=ALICE)
        assert token.view("balanceOf", ALICE) == 0
        chain.revert(before)
        assert chain.time == START
        assert token.view("balanceOf", ALICE) == 1000


def test_transact__plain_ether__moves_by_value_only(chain: Chain) -> None:
    chain.give(ALICE, 50)
    receipt = chain.transact(ALICE, BOB, value=20)
    assert receipt.gas_used == 21_000
    assert (chain.balance(ALICE), chain.balance(BOB)) == (30, 20)


def test_transact__every_one__finds_transient_storage_empty(chain: Chain) -> None:
    # returns tload(0), then stores 1 there: 5f5c 5f52 6001 5f5d 60205ff3
    runtime = bytes.fromhex("5f5c5f5260015f5d60205ff3")
    # copies the 12 bytes behind these 10 into memory and returns them
    creator = bytes.fromhex("600c600a5f39600c5ff3")
    contract = chain.transact(ALICE, "", creator + runtime).created
    assert contract is not None
    for _ in range(2):
        assert int.from_bytes(chain.transact(ALICE, contract).output, "big") == 0
