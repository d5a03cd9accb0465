"""Who signs and pays, as deploy, invite, relay and reinsure are told: key files and passwords."""

import json
import subprocess
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from brownie import accounts, web3
from eth_account import Account

from scripts import account
from scripts.lookup import load_account

from .deploying import Ran, command_line

SECRET = "correct horse"
NO_PASSWORD = "give --password-file, or set PEERPOOL_PASSWORD"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password in the environment."""
    monkeypatch.delenv(account.PASSWORD, raising=False)


@pytest.fixture
def stranger() -> Iterator[Any]:
    """Somebody whose key the node has not; Brownie forgets the account afterwards."""
    key = Account.create()
    yield key
    if key.address in accounts:
        accounts.remove(key.address)


@pytest.fixture
def key_file(tmp_path: Path, stranger: Any) -> Path:
    """The stranger's."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(stranger.key, SECRET, kdf="pbkdf2", iterations=2)))
    return path


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with the password."""
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n")
    return path


def test_load__key_file_and_password_file(stranger: Any, key_file: Path, secret: Path) -> None:
    found = load_account(Namespace(account=str(key_file), password_file=secret))
    assert (found.address, found.private_key) == (stranger.address, "0x" + stranger.key.hex())


def test_load__name_of_brownies(
    stranger: Any, key_file: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.lookup.KEYS", key_file.parent)
    found = load_account(Namespace(account="key", password_file=secret))
    assert found.address == stranger.address


def test_load__address_of_the_nodes(outsider: Any) -> None:
    found = load_account(Namespace(account=outsider.address.lower(), password_file=None))
    assert found == outsider


@pytest.fixture
def refused(command: Callable[..., Ran]) -> Callable[..., str]:
    """Return a function: what deploy says of an account that it cannot use."""

    def line(*arguments: object) -> str:
        block = web3.eth.block_number
        ran = command("--yes", *arguments)
        assert (ran.code, ran.out, web3.eth.block_number) == (1, "", block)
        return ran.err

    return line


def test_deploy__account_that_is_none__is_a_line(
    refused: Callable[..., str], key_file: Path, stranger: Any, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.json"
    assert refused("--account", missing) == f"account: {missing}: no such file"
    problem = f"account: the node has not the key of {stranger.address}"
    assert refused("--account", stranger.address) == problem
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    problem = f"account: {key_file}: wrong password"
    assert refused("--account", key_file, "--password-file", wrong) == problem
    problem = f"account: {missing}: no such file"
    assert refused("--account", key_file, "--password-file", missing) == problem


def test_deploy__end_of_input_at_the_password__is_a_line(
    refused: Callable[..., str], key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(question: str) -> str:
        raise EOFError

    monkeypatch.setattr(account, "getpass", ends)
    problem = f"account: no password for {key_file}: {NO_PASSWORD}"
    assert refused("--account", key_file) == problem


@pytest.mark.parametrize(
    "piped, problem",
    [
        ("", "account: no password for {}: " + NO_PASSWORD),
        ("wrong\n", "account: {}: wrong password"),
    ],
)
def test_deploy__no_terminal__is_a_line_and_takes_what_is_piped(
    terms_file: Path,
    folder: Path,
    organiser: Any,
    isolation: Any,
    key_file: Path,
    piped: str,
    problem: str,
) -> None:
    done = subprocess.run(
        [*map(str, command_line(terms_file, folder, organiser)), "--account", str(key_file)],
        input=piped,
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == problem.format(key_file) + "\n"
