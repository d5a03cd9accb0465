"""Peers in Solidity, and what else is measured besides rows: lives, dollars, limits."""

from pathlib import Path
from typing import Any

import pytest

from scripts import gas_snapshot
from scripts.gas_bill import ENVELOPE, Bill, Cost, posted
from scripts.gas_chain import TRANSACTION_GAS, GasError
from scripts.gas_limits import limits
from scripts.gas_lives import live_as_club
from scripts.gas_peers import measure_peers
from scripts.gas_prices import STATED, Network, Prices, read_prices

PRICES = """
date = "2026-01-01"
ether = 1000
[rollup]
gas_price = 0.1
l1_base_fee = 2
calldata_weight = 0.5
blob_base_fee = 3
blob_weight = 4
"""


def test_peers__take_what_the_snapshot_says(stage: tuple[Any, Any]) -> None:
    kept = gas_snapshot.load()["peers"]
    for name, used in measure_peers(10).items():
        assert used == pytest.approx(kept[name]["10"], rel=gas_snapshot.TOLERANCE), name


def test_life_of_a_club__has_a_transaction_for_each_step(stage: tuple[Any, Any]) -> None:
    steps = live_as_club(20).steps
    assert {name: cost.transactions for name, cost in steps.items()} == {
        "create": 1,
        "joining": 20,
        "claims": 2,
        "ballots": 2,
        "resolving": 2,
        "settling": 4,  # splitter, proposal, ballots, payment
        "refunds": 1,
    }


def test_limits__small(stage: tuple[Any, Any]) -> None:
    filing, voting, resolving, refunding = limits(stage[0], members=501, voters=250, claims=3)
    assert [each.pieces for each in (filing, voting, resolving, refunding)] == [1, 2, 3, 2]
    assert refunding.gas < 2 * refunding.largest < 2 * TRANSACTION_GAS


def test_bill__adds_up() -> None:
    bill = Bill()
    bill.add("joining", "0x" + "00" * 1000, 5)
    bill.add("joining", "0x", 6)
    bill.add("settling", "0x", 7)
    assert bill.steps["joining"].transactions == 2
    assert bill.total == Cost(3, 18, posted("0x" + "00" * 1000) + 2 * posted("0x"))


def test_posted__counts_what_does_not_repeat() -> None:
    assert ENVELOPE < posted("0x" + "00" * 1000) < ENVELOPE + 30
    assert posted("0x" + bytes(range(256)).hex()) >= ENVELOPE + 256


def test_prices__by_hand(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    prices = read_prices(path)
    assert prices == Prices("2026-01-01", 1000, {"rollup": Network(0.1, 2, 0.5, 3, 4)})
    # a million gas at 0.1 gwei, and a thousand bytes at 16 * 0.5 * 2 + 4 * 3 = 28 gwei
    assert prices.dollars("rollup", Cost(1, 10**6, 1000)) == pytest.approx(0.128)


@pytest.mark.parametrize("broken", ["date", "ether", "gas_price", "blob_weight"])
def test_prices__without_one__says_so(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES.replace(broken, f"{broken}_"))
    with pytest.raises(GasError, match=f"gas: .*prices.toml: .*{broken}"):
        read_prices(path)


def test_prices__stated__are_of_mainnet_and_two_rollups() -> None:
    networks = read_prices(STATED).networks
    assert [network.byte_price > 0 for network in networks.values()] == [False, True, True]
