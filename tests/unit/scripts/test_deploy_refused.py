"""A user's mistake is one line and exit code 1, and nothing is sent."""

import fcntl
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from brownie import accounts, web3

from peerpool import chain

from .deploying import Ran, created_since, write_terms

Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def nothing_sent(isolation: None) -> Iterator[None]:
    """Check after each test that nothing was sent."""
    before = web3.eth.block_number
    yield
    assert created_since(before) == []


def refused(ran: Ran, line: str) -> None:
    """Check that the run ended with this line and no traceback."""
    assert (ran.code, ran.err.splitlines()[-1], ran.out) == (1, line, "")
    assert "Traceback" not in ran.err


def test_deploy__no_file__refused(command: Command, terms_file: Path) -> None:
    terms_file.unlink()
    refused(command("--yes"), f"terms: {terms_file}: no such file")


def test_deploy__wrong_terms__refused(command: Command, tmp_path: Path) -> None:
    write_terms(tmp_path, min_members=0)
    refused(command("--yes"), "terms: min_members is zero")


def test_deploy__name_without_address__refused(command: Command) -> None:
    refused(command("--name", "cause"), "deploy: --name cause is not NAME=ADDRESS")


def test_deploy__asset_is_no_token__refused(
    command: Command, terms_file: Path, outsider: object
) -> None:
    terms_file.write_text(terms_file.read_text().replace('"ETH"', f'"{outsider}"'))
    refused(
        command("--yes"),
        f"terms: {terms_file}: pool.asset: asset: {outsider} has no code on chain 31337",
    )


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_deploy__not_agreed__cancelled(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(answer))
    ran = command()
    refused(ran, ran.err.splitlines()[-1])
    assert ran.err.endswith("[y/N] deploy: cancelled, nothing sent")
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_deploy__dry_run__shows_and_sends_nothing(command: Command, folder: Path) -> None:
    ran = command("--dry-run")
    assert ran.code == 0
    for shown in ("Bicycle cover", "layer 2", "create layer implementation", "gas"):
        assert shown in ran.err
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_deploy__unknown_account__refused(command: Command) -> None:
    refused(command("--account", "nobody"), "account: Brownie has none called nobody")


def test_deploy__no_account_on_a_real_chain__refused(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "DEVELOPMENT_CHAINS", ())
    refused(
        command("--yes"),
        "account: say who pays with --account; `brownie accounts list` shows all",
    )


def test_deploy__no_money_for_gas__refused(command: Command) -> None:
    rpc = web3.provider.make_request
    if "anvil" not in web3.client_version.lower():
        pytest.skip("Ganache cannot set a balance")
    rpc("anvil_setBalance", [accounts[0].address, "0x1"])
    ran = command("--yes")
    assert ran.code == 1
    assert f"deploy: {accounts[0]} has 0.000000000000000001 ETH, about 0.0" in ran.err


def test_deploy__another_at_work__refused(command: Command, folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(command("--yes"), f"deploy: another one is at work in {folder}")
