"""Commands have arguments; a mistake of the person at the keyboard is a line, not a traceback."""

import os
import subprocess
import sys

import pytest
from brownie.exceptions import RPCProcessError

from scripts import command, networks
from tests.toolchain.tiny import ROOT

SIGNING = ("deploy", "invite", "relay", "reinsure")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command, for somebody who has set no other variables of ours, nor Infura's."""
    unset = ("PEERPOOL_RPC", "PEERPOOL_PASSWORD", "WEB3_INFURA_PROJECT_ID")
    rest = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, "-m", "scripts.command", *arguments],
        cwd=ROOT,
        env=rest | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_help__lists_every_command_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    command.main("--help")
    listed = capsys.readouterr().out
    assert "  deploy " in listed
    for name, purpose in command.commands().items():
        assert f"{name} " in listed
        assert purpose, f"{name} has no docstring"


def test_help_of_a_command__is_its_own_and_needs_no_chain() -> None:
    done = run("deploy", "--help", "--network", "nowhere")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: bin/peerpool deploy")
    assert "  --network NAME or URL  (the node of $PEERPOOL_RPC); " in done.stdout
    assert "on a development chain the node's first" in " ".join(done.stdout.split())


def test_help_of_a_command_with_a_chain_of_its_own__says_so() -> None:
    assert "  --network NAME or URL  (a new chain); " in run("demo", "--help").stdout


def test_help_of_a_part_of_a_command__says_how_it_is_called() -> None:
    told = run("reinsure", "deposit", "--help").stdout
    assert told.startswith("usage: bin/peerpool reinsure deposit")


def test_help_of_invite__tells_how_long_an_invitation_is_good() -> None:
    told = " ".join(run("invite", "--help").stdout.split())
    assert "last time to join with it, from now or a date (14 days)" in told
    assert "(the organiser's, if the node has its key)" in told


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["deplo"], "deplo: no such command; did you mean deploy?"),
        (["zzz"], "zzz: no such command; there are "),
        (["deploy", "--network"], "--network: name one, or give its URL"),
        (["deploy", "--network", "nowhere"], "--network nowhere: unknown; "),
        (["deploy", "--network=http://127.0.0.1:1"], "nobody answers at http://127.0.0.1:1"),
        (
            ["deploy", "--network", ""],
            "--network: is empty, perhaps a variable that is not set; name one, or give its URL",
        ),
        (
            ["deploy", "--network", "mainnet"],
            "--network mainnet: set WEB3_INFURA_PROJECT_ID, which is in"
            " https://mainnet.infura.io/v3/$WEB3_INFURA_PROJECT_ID",
        ),
        (
            ["status", "--network", "local"],
            "--network: status takes none; name its node with --rpc URL, or set PEERPOOL_RPC",
        ),
        (
            ["bench", "--network", "local"],
            "--network: bench takes none; `bin/peerpool bench --help`",
        ),
    ],
    ids=[
        "typing error",
        "unknown",
        "no network",
        "unknown network",
        "no node",
        "empty network",
        "unset variable",
        "no Brownie",
        "no node at all",
    ],
)
def test_mistake__is_one_line_and_fails(arguments: list[str], line: str) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert line in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "network, program",
    [("hardhat", "npx hardhat node"), ("mainnet-fork", "ganache-cli"), ("anvil-fork", "anvil")],
)
def test_network_that_brownie_would_start__is_refused_and_nothing_written(
    network: str, program: str
) -> None:
    done = run("deploy", "pools/demo.toml", "--network", network)
    problem = f"would start `{program}` for the command alone; start a node, and give its URL"
    assert (done.returncode, done.stderr) == (1, f"--network {network}: {problem}\n")
    assert not (ROOT / "hardhat.config.js").exists()


def test_chain_that_does_not_start__is_a_line() -> None:
    line = "network: the new chain does not start; start a node, and give its URL"
    assert command._mistake(RPCProcessError("anvil", "http://127.0.0.1:1")) == line


@pytest.mark.parametrize("name", SIGNING)
def test_command_whose_work_is_to_last__starts_no_chain_of_its_own(name: str) -> None:
    done = run(name, "a", "b")
    question = "on which network? give --network NAME or URL, or set PEERPOOL_RPC"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{name}: {question}\n")


def test_command_whose_work_is_to_last__asks_the_node_of_the_environment() -> None:
    done = run("deploy", "a", PEERPOOL_RPC="http://127.0.0.1:1")
    line = "PEERPOOL_RPC: nobody answers at http://127.0.0.1:1\n"
    assert (done.returncode, done.stderr) == (1, line)
    done = run("deploy", "a", PEERPOOL_RPC="local")
    assert (done.returncode, done.stderr) == (1, "PEERPOOL_RPC: local: is not a URL\n")


@pytest.mark.parametrize(
    "given, has_chain, name",
    [
        ("local", False, "local"),
        ("local", True, "local"),
        (None, True, None),
        (None, False, "u://"),
    ],
)
def test_network__what_is_given_goes_before_the_environment(
    given: str | None, has_chain: bool, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEERPOOL_RPC", "u://")
    assert networks.choose("deploy", given, has_chain).name == name


def test_commands_with_a_chain_of_their_own__are_those_that_only_show() -> None:
    found = {name for name in command.commands() if command._says(name, "HAS_CHAIN = True")}
    assert found == {"demo", "gas"}


def test_compiling__is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = command._Compiling()
    assert capsys.readouterr().err == ""
    for path in ("contracts/A.vy", "contracts/B.vy"):
        print(path, file=told)
    assert capsys.readouterr().err == "Compiling the contracts; later only what changes\n"


def test_command_that_needs_no_chain__does_not_wait_for_brownie() -> None:
    """That takes four seconds."""
    command_line = (sys.executable, "-X", "importtime", "-m", "scripts.command", "status", "0x1")
    done = subprocess.run(command_line, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "peerpool.errors" in imported
    assert not {"brownie", "vyper"} & imported


@pytest.mark.parametrize(
    "given, rest, network",
    [
        (["a.toml", "--yes"], ["a.toml", "--yes"], None),
        (["--network", "local", "a.toml"], ["a.toml"], "local"),
        (["a.toml", "--network=local", "--yes"], ["a.toml", "--yes"], "local"),
    ],
)
def test_network__is_taken_out_of_the_arguments(
    given: list[str], rest: list[str], network: str | None
) -> None:
    assert networks.split(given) == (rest, network)


def test_stdout__belongs_to_the_command(tmp_path) -> None:
    script = ROOT / "scripts" / "zz_toolchain_probe.py"
    script.write_text(
        '"""A command for a test."""\n'
        "from brownie import Token, accounts, network\n\n\n"
        "def main(*arguments: str) -> None:\n"
        '    token = Token.deploy("T", "T", 6, {"from": accounts[0]})\n'
        '    token.mint(accounts[1], 5, {"from": accounts[0]})\n'
        "    print(network.show_active(), token.balanceOf(accounts[1]), *arguments)\n"
    )
    try:
        done = run("zz-toolchain-probe", "--flag", "--network", "anvil", "x")
    finally:
        script.unlink()
    assert done.returncode == 0, done.stderr
    assert done.stdout == "anvil 5 --flag x\n"
