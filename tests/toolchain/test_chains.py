"""The project's chains, as a script sees them that `brownie run` runs."""

from typing import Any

import pytest

from .tiny import Tiny, last_json


@pytest.fixture(scope="module")
def probes(built: Tiny) -> list[dict[str, Any]]:
    """What two scripts see that run at the same time."""
    processes = [built.start("run", "probe") for _ in range(2)]
    texts = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], texts
    return [last_json(text) for text in texts]


@pytest.fixture(scope="module")
def seen(probes: list[dict[str, Any]]) -> dict[str, Any]:
    return probes[0]


def test_anvil__is_the_default(seen: dict[str, Any]) -> None:
    assert (seen["network"], seen["client"], seen["chain"]) == ("development", "anvil", 31337)


def test_anvil__has_accounts_and_ether_enough(seen: dict[str, Any]) -> None:
    assert seen["accounts"] == 31  # one of them the script's own
    assert seen["balance"] == str(10**6 * 10**18)


def test_anvil__runs_contracts_with_modules(seen: dict[str, Any]) -> None:
    assert (seen["count"], seen["is_open"]) == (6, True)
    assert seen["events"] == [["Greeted"], ["Greeted"]]


def test_anvil__mines_at_the_second(seen: dict[str, Any]) -> None:
    assert seen["late"] == 0


def test_anvil__reasons_are_decoded(seen: dict[str, Any]) -> None:
    assert seen["refused_call"] == "greet: nobody"
    assert seen["refused_transaction"] == "greet: nobody"
    assert not seen["refused_without_reason"]


def test_anvil__traced__shows_the_line(seen: dict[str, Any], built: Tiny) -> None:
    code, text = built.brownie("run", "probe", TRACE="1")
    assert code == 0, text
    assert "contracts/Greeter.vy" in last_json(text)["refused_where"]
    assert '"greet: nobody"' in last_json(text)["refused_where"]
    assert not seen["refused_where"]


def test_anvil__brownie_does_not_sleep(seen: dict[str, Any]) -> None:
    assert max(seen["naps"], default=0) < 0.1
    assert seen["methods"].count("eth_sendTransactionSync") == 1


def test_anvil__processes_do_not_share_a_port(probes: list[dict[str, Any]]) -> None:
    assert probes[0]["endpoint"] != probes[1]["endpoint"]


def test_ganache__behaves_the_same(tiny: Tiny) -> None:
    code, text = tiny.brownie("run", "probe", CHAIN="ganache")
    assert code == 0, text
    seen = last_json(text)
    assert (seen["client"], seen["chain"], seen["count"]) == ("ganache", 31337, 6)
    assert seen["refused_call"] == seen["refused_transaction"] == "greet: nobody"
    assert not seen["refused_without_reason"]


def test_network_named_on_the_command_line__chooses_the_fork(tiny: Tiny) -> None:
    code, text = tiny.brownie("run", "probe", "--network", "ganache")
    assert code == 0, text
    assert "Vyper 0.4.3 for shanghai" in text
    assert last_json(text)["network"] == "ganache"


def test_brownie_run__leaves_the_home_folder_alone(
    built: Tiny, probes: list[dict[str, Any]]
) -> None:
    assert list(built.home.rglob("*")) == []
