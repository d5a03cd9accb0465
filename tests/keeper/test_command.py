"""The command keep: what it takes, what it tells, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from peerpool.keeper import Keeper
from peerpool.rpc import RpcError
from scripts import account, keep
from tests.evm.signing import key
from tests.keeper.conftest import KEEPER, SECOND_KEEPER, Keeping
from tests.keeper.node import GAS_PRICE

Ran = Callable[..., tuple[int | str | None, str]]


@pytest.fixture
def run(
    k: Keeping, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Ran:
    """Return a function that runs the command on the arena's chain: its end, and its output."""

    @contextmanager
    def connect(url: str, told: Any) -> Iterator[Any]:
        assert url == "http://node.example"
        yield k.node

    monkeypatch.setattr(keep, "connect", connect)

    def ran(*arguments: object) -> tuple[int | str | None, str]:
        capsys.readouterr()
        options = ["--rpc", "http://node.example"]
        options += ["--lens", k.lens.address] if k.lens else []
        try:
            keep.main(*map(str, arguments), *options)
        except SystemExit as ended:
            return ended.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return ran


@pytest.fixture
def settling(k: Keeping) -> Keeping:
    """A pool that waits to be settled."""
    k.create(name="Elm Street")
    k.a.reporting_end()
    return k


def lines(out: str) -> list[dict[str, Any]]:
    """Return the JSON objects of an output."""
    return [json.loads(line) for line in out.splitlines()]


def test_keep__once__tells_a_line_each_and_a_sum(settling: Keeping, run: Ran) -> None:
    k = settling
    code, out = run(k.pool, "--once")
    assert code == 0
    first, second, last = out.splitlines()
    gas = int(k.node.sent[0].receipt["gasUsed"], 16)
    told = f"{gas:,}".replace(",", " ")
    cost = f"{gas * GAS_PRICE / 10**18:.18f}".rstrip("0")
    assert first.startswith(f"Elm Street: settle(): done, {told} gas, {cost[:12]}")
    assert first.endswith(f" ETH, {k.node.sent[0].hash}")
    assert second.startswith("Elm Street: refund_many(1 to 6): done, ")
    assert last.startswith("pass 1 over 1 pool: 2 done; spent 0.00")
    assert run(k.pool, "--once") == (0, "pass 1 over 1 pool: nothing worth a transaction is due\n")


def test_keep__json__is_an_object_a_line(settling: Keeping, run: Ran) -> None:
    k = settling
    code, out = run(k.pool, "--once", "--json")
    assert code == 0
    settled, pushed, ended = lines(out)
    receipt = k.node.sent[0].receipt
    gas = int(receipt["gasUsed"], 16)
    assert settled == {
        "pool": k.pool,
        "name": "Elm Street",
        "call": "settle",
        "arguments": [],
        "result": "done",
        "problem": "",
        "transaction": k.node.sent[0].hash,
        "gas": gas,
        "wei": str(gas * GAS_PRICE),
    }
    assert (pushed["call"], pushed["arguments"]) == ("refund_many", [1, 6])
    spent = {"gas": gas + pushed["gas"], "wei": str((gas + pushed["gas"]) * GAS_PRICE)}
    assert ended == {"pass": 1, "error": "", "spent": spent, "counts": {"done": 2}}


def test_keep__dry_run__needs_no_account_and_sends_nothing(settling: Keeping, run: Ran) -> None:
    k = settling
    k.node.accounts = []
    code, out = run(k.pool, "--dry-run")
    assert code == 0
    assert out.startswith("Elm Street: settle(): planned, up to ")
    assert out.endswith("pass 1 over 1 pool: 1 planned\n")
    assert k.node.sent == []


def test_keep__dry_run__is_one_pass_and_help_says_so(settling: Keeping, run: Ran) -> None:
    k = settling
    code, out = run(k.pool, "--dry-run", "--every", "1s")
    assert (code, out.count("pass ")) == (0, 1)
    code, out = run("--help")
    assert code == 0
    assert "--dry-run show what is due in one pass, and send nothing" in " ".join(out.split())


def test_keep__something_failed__exit_code_1(settling: Keeping, run: Ran) -> None:
    k = settling
    k.node.gas_limit = 100_000
    code, out = run(k.pool, "--once")
    assert code == 1
    assert "Elm Street: settle(): failed, gas: " in out
    assert "pass 1 over 1 pool: 1 failed" in out


def test_keep__node_in_trouble__exit_code_1_and_a_line(
    settling: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    k, once = settling, Keeper.once

    def lie(method: str, params: Any, result: Any) -> Any:
        raise RpcError("rpc: node.example: nobody answers")

    def failing(keeper: Keeper) -> Any:
        k.node.lie = lie
        return once(keeper)

    monkeypatch.setattr(Keeper, "once", failing)
    code, out = run(k.pool, "--once")
    assert code == 1
    assert out.splitlines()[0] == "rpc: node.example: nobody answers"
    k.node.lie = None
    assert lines(run(k.pool, "--once", "--json")[1])[0]["error"].endswith("nobody answers")
    assert run(k.pool, "--once")[0] == "rpc: node.example: nobody answers"


def test_keep__budget_and_ceiling__are_understood(settling: Keeping, run: Ran) -> None:
    k = settling
    code, out = run(k.pool, "--once", "--per-pass", "1000 gas")
    assert (code, "left of 1 000 gas a pass" in out) == (0, True)
    code, out = run(k.pool, "--once", "--budget", "0.0000001 ETH")
    assert (code, "left of 0.0000001 ETH a run" in out) == (0, True)
    code, out = run(k.pool, "--once", "--max-gas-price", "2.5")
    assert (code, "gas price: 3 gwei, above 2.5 gwei" in out) == (0, True)
    assert k.node.sent == []
    assert run(k.pool, "--once", "--max-gas-price", "3 gwei")[0] == 0
    assert k.node.sent


def test_keep__account_and_password__of_a_key_file(
    settling: Keeping, run: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    k = settling
    file, secret = tmp_path / "key.json", tmp_path / "password"
    file.write_text(json.dumps(Account.encrypt(key(80).to_bytes(), "horse", iterations=2)))
    secret.write_text("horse\n")
    assert run(k.pool, "--once", "--account", file, "--password-file", secret)[0] == 0
    assert {sent.fields["from"] for sent in k.node.sent} == {KEEPER}
    monkeypatch.setenv(account.PASSWORD, "wrong")
    assert run(k.pool, "--once", "--account", file)[0] == f"account: {file}: wrong password"
    monkeypatch.delenv(account.PASSWORD)
    asked: list[str] = []
    monkeypatch.setattr(account, "getpass", lambda prompt: asked.append(prompt) or "horse")
    assert run(k.pool, "--once", "--account", file)[0] == 0
    assert asked == [f"Password of {file}: "]

    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(account, "getpass", nobody)
    problem = "give --password-file, or set PEERPOOL_PASSWORD"
    line = f"account: no password for {file}: {problem}"
    assert run(k.pool, "--once", "--account", file)[0] == line
    missing = tmp_path / "missing.json"
    assert run(k.pool, "--once", "--account", missing)[0] == f"account: {missing}: no such file"


def test_keep__several_pools__manifests_in_a_folder(
    settling: Keeping, run: Ran, tmp_path: Path
) -> None:
    k = settling
    tree = {"chain_id": 31337, "pool": {"address": k.pool}}
    (tmp_path / "elm.json").write_text(json.dumps(tree))
    code, out = run(tmp_path, k.pool, "--once", "--account", SECOND_KEEPER)
    assert code == 0
    assert out.splitlines()[-1].startswith("pass 1 over 1 pool: 2 done")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["0x12"], 'address: "0x12" is not 0x and 40 hex digits'),
        (["POOL", "--every", "0s"], "keep: --every is less than a second"),
        (["POOL", "--every", "soon"], 'duration: "soon" is not like "14 days"'),
        (["POOL", "--per-pass", "much"], 'amount: "much" is not like "120 ETH"'),
        (["POOL", "--budget", "1 EUR"], 'amount: "1 EUR" is not in ETH'),
        (["POOL", "--least", "1"], 'percent: "1" is not like "2.5 %"'),
        (["POOL", "--once", "--account", "nobody"], "account: Brownie has none called nobody"),
        (["KEEPER", "--once"], f"pool: {KEEPER} has no code on chain 31337"),
        (["LENS", "--once"], "pool: LENS is not a pool of this version"),
    ],
)
def test_keep__what_cannot_be__is_a_line(
    settling: Keeping, run: Ran, arguments: list[str], problem: str
) -> None:
    k = settling
    lens = k.kept().lens
    named = {"POOL": k.pool, "KEEPER": KEEPER, "LENS": lens}
    code, out = run(*(named.get(each, each) for each in arguments))
    assert (code, out) == (problem.replace("LENS", lens), "")


def test_keep__lens_that_is_none__is_a_line(settling: Keeping, run: Ran) -> None:
    k = settling
    k.lens = k.a.pool
    assert run(k.pool, "--once")[0] == f"lens: {k.pool} is not a lens for this pool"


def test_keep__no_lens_known__asks_one_that_is_not_there(
    settling: Keeping, run: Ran, tmp_path: Path
) -> None:
    k = settling
    k.lens = None
    assert run(k.pool, "--once", "--deployments", tmp_path)[0] == 0
    assert k.a.summary().phase == 4
    k.node.overrides = False
    problem = "lens: none is known on chain 31337; say which with --lens"
    assert run(k.pool, "--once", "--deployments", tmp_path)[0] == problem


class Stop(BaseException):
    """The end of a loop without an end."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1m", 60), ("2h", 7200), ("1d", 86_400), ("90 minutes", 5400)],
)
def test_keep__every__is_short_or_in_words(
    settling: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch, text: str, seconds: int
) -> None:
    """And what a pass had nothing to do in is not told, but for the first."""
    k = settling

    def every(keeper: Keeper, pause: float, told: Any) -> None:
        assert pause == seconds
        told(keeper.once(), pause)
        told(keeper.once(), pause)
        raise Stop

    monkeypatch.setattr(Keeper, "every", every)
    with pytest.raises(Stop):
        run(k.pool, "--every", text)


def test_keep__loop__tells_when_it_looks_again(
    settling: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def every(keeper: Keeper, pause: float, told: Any) -> None:
        told(keeper.once(), pause)
        told(keeper.once(), pause)
        raise Stop

    monkeypatch.setattr(Keeper, "every", every)
    with pytest.raises(Stop):
        run(settling.pool)
    [*_, last] = capsys.readouterr().out.splitlines()
    assert last.startswith("pass 1 over 1 pool: 2 done; spent ")
    assert last.endswith("; again in 60 s")
