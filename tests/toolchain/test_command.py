"""Commands have arguments; a mistake of the person at the keyboard is a line, not a traceback."""

import subprocess
import sys

import pytest

from scripts import command
from tests.toolchain.tiny import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.command", *arguments],
        cwd=ROOT,
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
    assert done.stdout.startswith("usage: deploy")
    assert "--network NAME or URL" in done.stdout


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["deplo"], "deplo: no such command; did you mean deploy?"),
        (["zzz"], "zzz: no such command; there are "),
        (["deploy", "--network"], "--network: name one, or give its URL"),
        (["deploy", "--network", "nowhere"], "--network nowhere: unknown; "),
        (["deploy", "--network=http://127.0.0.1:1"], "nobody answers at http://127.0.0.1:1"),
        (["status", "--network", "local"], "--network: status takes none; `bin/peerpool "),
    ],
    ids=["typing error", "unknown", "no network", "unknown network", "no node", "no Brownie"],
)
def test_mistake__is_one_line_and_fails(arguments: list[str], line: str) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert line in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


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
    assert command._without_network(given) == (rest, network)


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
