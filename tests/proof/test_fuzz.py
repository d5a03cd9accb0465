"""`make fuzz`, with a machine of a few numbers in place of the pools."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proof.fuzz import results
from proof.fuzz.__main__ import main
from tests.stateful import counts


class Numbers(RuleBasedStateMachine):
    """Adds dice; a life is counted from its beginning to its end."""

    most = 10**9

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.drawn: list[int] = [data.draw(st.integers(0, 5))]
        counts.reached["a pool began"] += 1

    @rule(data=st.data(), number=st.integers(1, 6))
    def add(self, data: Any, number: int) -> None:
        self.drawn.append(number + data.draw(st.sampled_from((0, 1))))
        counts.call("add")

    @precondition(lambda self: len(self.drawn) > 3)
    @rule()
    def refuse(self) -> None:
        assert len(self.drawn) > 3
        counts.call("add", "join: pool is full")

    @invariant()
    def stays_small(self) -> None:
        counts.kept["stays_small"] += 1
        assert sum(self.drawn) < self.most, "too many"

    def teardown(self) -> None:
        note(f"drew {self.drawn}")
        counts.reached["a pool was brought to its end"] += 1


class Few(Numbers):
    """Breaks its promise after some steps of any life."""

    most = 20


class Faulty(Numbers):
    """Has an error of its own."""

    @precondition(lambda self: len(self.drawn) > 10)
    @rule()
    def look_up(self) -> None:
        {}["nothing"]


class Dying(Numbers):
    """Ends its process."""

    @precondition(lambda self: len(self.drawn) > 10)
    @rule()
    def end(self) -> None:
        os._exit(7)


def fuzz(
    capsys: pytest.CaptureFixture[str], machine: type[Numbers], *arguments: str
) -> tuple[int, dict[str, Any], str]:
    """Run it for a moment; return its status, its report, and what it said besides."""
    capsys.readouterr()
    given = ["--seed", "5", "--seconds", "0.3", "--json", *arguments]
    status = main(given, machine, prepare=lambda: None)
    said = capsys.readouterr()
    return status, json.loads(said.out), said.err


def test_run__counts_everything(capsys: pytest.CaptureFixture[str]) -> None:
    status, report, said = fuzz(capsys, Numbers)
    assert status == 0
    assert report["failure"] == ""
    assert report["lives"] == report["pools"] == report["pools_ended"] > 0
    added = report["functions"]["add"]
    assert report["calls"] == added["succeeded"] + added["refused"]
    assert report["refusals"] == {"join: pool is full": added["refused"]}
    assert report["promises"]["stays_small"] > 120 * report["lives"]
    assert "join: pool is full" not in report["refusals_never_reached"]["IPool"]
    assert "leave: not a member" in report["refusals_never_reached"]["IPool"]
    assert "seed 5" in said
    assert "calls a second" in said


def test_life__is_the_same_again_and_with_any_number_of_workers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone = fuzz(capsys, Numbers, "--life", "3")[1]
    assert alone["lives"] == 1
    assert fuzz(capsys, Numbers, "--life", "3")[1] == alone
    assert fuzz(capsys, Numbers, "--life", "4")[1]["functions"] != alone["functions"]
    two = fuzz(capsys, Numbers, "--workers", "2")[1]
    assert two["lives"] == two["pools_ended"] > 2


def test_difference__is_told_as_the_shortest_life_and_can_be_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, report, said = fuzz(capsys, Few)
    assert status == 1
    again = next(line for line in said.splitlines() if line.startswith("again: SEED=5 make fuzz"))
    life = again.split()[-1].strip('"')
    assert "too many" in report["failure"]
    drawn = json.loads(report["failure"].partition("drew ")[2].partition("\n")[0])
    assert 20 <= sum(drawn) < 20 + 7
    assert all(sum(drawn) - number < 20 for number in drawn[1:])
    status, report, _ = fuzz(capsys, Few, "--life", life)
    assert status == 1
    assert "too many" in report["failure"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_error_of_our_own__is_no_success(capsys: pytest.CaptureFixture[str], workers: str) -> None:
    status, report, said = fuzz(capsys, Faulty, "--workers", workers)
    assert status == 1
    assert "an error of our own in life" in said
    assert "KeyError: 'nothing'" in report["failure"]
    assert "\n" not in report["failure"]


def test_worker_that_dies__is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    status, report, _ = fuzz(capsys, Dying)
    assert status == 1
    assert "worker ended with status 7" in report["failure"]


def test_keep__gathers_each_seed_once(tmp_path: Any) -> None:
    file = tmp_path / "results" / "fuzz.json"

    def kept(seed: int, calls: int, sources: str = "a", failure: str = "") -> tuple[int, int]:
        run = {"seed": seed, "calls": calls, "lives": 1, "failure": failure}
        gathered = results.keep(run, sources, file)
        assert gathered == json.loads(file.read_text())
        return gathered["calls"], gathered["failures"]

    assert kept(1, 10) == (10, 0)
    assert kept(2, 20) == (30, 0)
    assert kept(1, 15) == (35, 0)
    assert kept(1, 5) == (35, 0)
    assert kept(2, 1, failure="differs") == (16, 1)
    assert kept(2, 99) == (16, 1)
    assert kept(3, 7, sources="b") == (7, 0)


def test_sources__their_digest_is_of_contracts_and_machine(tmp_path: Any) -> None:
    before = results.sources_digest(tmp_path)
    for name in ("contracts/modules/a.vy", "interfaces/I.vyi", "tests/model/a.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
        after = results.sources_digest(tmp_path)
        assert after != before
        before = after
    (tmp_path / "contracts" / "README.md").write_text("1")
    (tmp_path / "tests/model/test_a.py").write_text("1")
    assert results.sources_digest(tmp_path) == before
