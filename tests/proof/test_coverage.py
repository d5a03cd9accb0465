"""`make coverage`, on contracts of which every branch is known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from proof import coverage
from proof.coverage_impossible import Impossible
from proof.coverage_map import Map, compile_map
from proof.coverage_report import Part, Remark, Report
from proof.coverage_source import Line, Side
from proof.coverage_trace import Run, tracing
from proof.sources import contracts_digest
from tests.evm.chain import Chain, Reverted
from tests.evm.contract import deploy

BRANCHES, LEAF, TWIGS = (f"tests/proof/{name}.vy" for name in ("Branches", "Leaf", "twigs"))
PERSON = "0x" + "a1" * 20

# A call (the function, its arguments), the lines that it reaches, the sides that it takes.
BOTH = "assert a != 4 and (b != 4 or a == 3)"
CALLS = [
    ("decide 1 7", "if a == 1:|return 10", "if a == 1: true"),
    (
        "decide 2 7",
        "if a == 1:|elif a == 2:|self.total += b|return self.total",
        "if a == 1: false|if a == 2: true",
    ),
    (
        "decide 3 7",
        "if a == 1:|elif a == 2:|self.total = twigs._double(b)|return self.total|"
        "if a > 100:|return 2 * a",
        "if a == 1: false|if a == 2: false|if a > 100: false",
    ),
    (
        "decide 3 101",
        "if a == 1:|elif a == 2:|self.total = twigs._double(b)|return self.total|"
        "if a > 100:|return 200",
        "if a == 1: false|if a == 2: false|if a > 100: true",
    ),
    ("check 5 1", 'assert a < 5, "branches: a"', "assert a < 5: fails"),
    (
        "check 1 5",
        'assert a < 5, "branches: a"|assert b < 5',
        "assert a < 5: passes|assert b < 5: fails",
    ),
    (
        "check 1 1",
        f'assert a < 5, "branches: a"|assert b < 5|{BOTH}, "branches: both"',
        "assert a < 5: passes|assert b < 5: passes|and a != 4: true|or b != 4: true|"
        f"and b != 4 or a == 3: true|{BOTH}: passes",
    ),
    (
        "check 4 1",
        f'assert a < 5, "branches: a"|assert b < 5|{BOTH}, "branches: both"',
        f"assert a < 5: passes|assert b < 5: passes|and a != 4: false|{BOTH}: fails",
    ),
    (
        "check 1 4",
        f'assert a < 5, "branches: a"|assert b < 5|{BOTH}, "branches: both"',
        "assert a < 5: passes|assert b < 5: passes|and a != 4: true|or b != 4: false|"
        f"or a == 3: false|and b != 4 or a == 3: false|{BOTH}: fails",
    ),
    (
        "check 3 4",
        f'assert a < 5, "branches: a"|assert b < 5|{BOTH}, "branches: both"',
        "assert a < 5: passes|assert b < 5: passes|and a != 4: true|or b != 4: false|"
        f"or a == 3: true|and b != 4 or a == 3: true|{BOTH}: passes",
    ),
    ("insist 1", "assert n < 5, UNREACHABLE", "assert n < 5: passes"),
    ("insist 5", "assert n < 5, UNREACHABLE", "assert n < 5: fails"),
    ("any_of 1 0 0", "return a == 1 or b == 1 or c == 1", "or a == 1: true"),
    ("any_of 0 1 0", "return a == 1 or b == 1 or c == 1", "or a == 1: false|or b == 1: true"),
    ("any_of 0 0 1", "return a == 1 or b == 1 or c == 1", "or a == 1: false|or b == 1: false"),
    (
        "not_all false false false",
        "if not (a and b) and c:|return 0",
        "and a: false|and not (a and b): true|and c: false|if not (a and b) and c: false",
    ),
    (
        "not_all true true true",
        "if not (a and b) and c:|return 0",
        "and a: true|and b: true|and not (a and b): false|if not (a and b) and c: false",
    ),
    (
        "not_all true false true",
        "if not (a and b) and c:|return 1",
        "and a: true|and b: false|and not (a and b): true|and c: true|if not (a and b) and c: true",
    ),
    ("choose 4", "return a if a < 5 else a - 5", "choice a < 5: true"),
    ("choose 5", "return a if a < 5 else a - 5", "choice a < 5: false"),
    (
        "count 0",
        "turns: uint256 = 0|for i: uint256 in range(n, bound=MOST):|return turns",
        "for range(n, bound=MOST): empty",
    ),
    (
        "count 1",
        "turns: uint256 = 0|for i: uint256 in range(n, bound=MOST):|if i == 1:|turns += 1|"
        "return turns",
        "for range(n, bound=MOST): entered|for range(n, bound=MOST): ended|if i == 1: false",
    ),
    (
        "count 3",
        "turns: uint256 = 0|for i: uint256 in range(n, bound=MOST):|if i == 1:|continue|"
        "turns += 1|return turns",
        "for range(n, bound=MOST): entered|for range(n, bound=MOST): repeated|"
        "for range(n, bound=MOST): ended|for range(n, bound=MOST): full|"
        "if i == 1: false|if i == 1: true",
    ),
    ("count 4", "turns: uint256 = 0|for i: uint256 in range(n, bound=MOST):", ""),
    (
        "find 0",
        "at: uint256 = 0|for i: uint256 in range(4):|at = i|if i == wanted:|break|return at",
        "if i == wanted: true",
    ),
    (
        "find 9",
        "at: uint256 = 0|for i: uint256 in range(4):|at = i|if i == wanted:|return at",
        "if i == wanted: false|for range(4): repeated|for range(4): ended",
    ),
    (
        "add_up []",
        "added: uint256 = 0|for word: uint256 in words:|return added",
        "for words: empty",
    ),
    (
        "add_up [1,1,1,1]",
        "added: uint256 = 0|for word: uint256 in words:|added += word|return added",
        "for words: entered|for words: repeated|for words: ended|for words: full",
    ),
    ("do_little 1", "if a == 1:|return", "if a == 1: true"),
    ("do_little 2", "if a == 1:|if a == 2:|pass", "if a == 1: false|if a == 2: true"),
    ("do_little 3", "if a == 1:|if a == 2:|self.total = a", "if a == 1: false|if a == 2: false"),
    (
        "refuse 0",
        "if a != 0:|twigs._check(a)|if a == 0:|return",
        "if a != 0: false|if a == 0: true",
    ),
    ("refuse 1", 'if a != 0:|raise "branches: refused"', "if a != 0: true"),
    (
        "add_many []",
        "added: uint256 = 0|for word: uint256 in many:|return added",
        "for many: empty",
    ),
    (
        "add_many [1,1]",
        "added: uint256 = 0|for word: uint256 in many:|added += word|return added",
        "for many: entered|for many: repeated|for many: ended",
    ),
    (
        "find_far 1",
        "at: uint256 = 0|for i: uint256 in range(2000):|if i == wanted:|at = i|break|return at",
        "for range(2000): repeated|if i == wanted: true|if i == wanted: false",
    ),
    ("read_twice 0", "if amount == 0:|self.total += 1", "if amount == 0: true"),
    ("read_twice 1", "if amount == 0:|self.total += amount", "if amount == 0: false"),
    (
        "refuse_one 1",
        'twigs._check(a)|if a == 0:|assert a == 1, "twigs: not one"',
        "if a == 0: false|assert a == 1: passes",
    ),
    (
        "refuse_one 2",
        'twigs._check(a)|if a == 0:|assert a == 1, "twigs: not one"',
        "if a == 0: false|assert a == 1: fails",
    ),
    ("most 1 2", "return max(a, b)", ""),  # what the compiler makes of it is no branch
]
NOT_COUNTED = {
    (BRANCHES, "no code of its own", "if NEVER:"),
    (BRANCHES, "no code of its own", "self.total = 7"),
    (BRANCHES, "or c == 1: there is no jump for it", "return a == 1 or b == 1 or c == 1"),
    (
        BRANCHES,
        "for many: full only after more turns than a test can take",
        "for word: uint256 in many:",
    ),
    (
        BRANCHES,
        "for range(2000): ended only after more turns than a test can take",
        "for i: uint256 in range(2000):",
    ),
    (TWIGS, "_nobody_calls_this: nobody calls it", "def _nobody_calls_this() -> uint256:"),
}


@pytest.fixture(scope="module")
def branches() -> Map:
    return compile_map(BRANCHES)


@pytest.fixture(scope="module")
def leaf() -> Map:
    return compile_map(LEAF)


def run(code: Map, calls: Iterable[str], constructor: tuple[int, ...] = (5,)) -> Run:
    """Deploy the contract and make the calls, whether they succeed or not."""
    with tracing([code]) as [seen]:
        contract = deploy(Chain(1), code.path, *constructor, sender=PERSON)
        for call in calls:
            function, *words = call.split()
            with suppress(Reverted):
                contract.send(function, *map(json.loads, words), sender=PERSON)
    return seen


def sources(lines: Iterable[Line]) -> set[str]:
    return {Remark(*line, "").source for line in lines}


def names(sides: Iterable[Side]) -> set[str]:
    return {f"{side.point.kind} {side.point.text}: {side.name}" for side in sides}


def words(text: str) -> set[str]:
    return set(text.split("|")) - {""}


@pytest.fixture(scope="module")
def constructed(branches: Map) -> Run:
    """What deploying alone covers."""
    return run(branches, [])


@pytest.mark.parametrize("call, lines, sides", CALLS, ids=[call for call, *_ in CALLS])
def test_call__exactly_these_lines_and_sides(
    branches: Map, constructed: Run, call: str, lines: str, sides: str
) -> None:
    seen = run(branches, [call])
    assert sources(seen.lines - constructed.lines) == words(lines)
    assert names(seen.sides - constructed.sides) == words(sides)


def test_constructor__is_covered_too(branches: Map, constructed: Run) -> None:
    assert sources(constructed.lines) == {
        'assert total != 0, "branches: nothing"',
        "self.total = total",
    }
    assert names(constructed.sides) == {"assert total != 0: passes"}
    with tracing([branches]) as [seen], pytest.raises(Reverted):
        deploy(Chain(1), BRANCHES, 0, sender=PERSON)
    assert names(seen.sides) == {"assert total != 0: fails"}


def report(*runs: Run, impossible: Iterable[Impossible] = (), passed: bool = True) -> Report:
    return Report(list(runs), [BRANCHES, TWIGS], list(impossible), passed)


def test_all_calls__cover_all_that_has_code(branches: Map) -> None:
    calls = [call for call, *_ in CALLS]
    with tracing([branches]) as [seen], pytest.raises(Reverted):
        deploy(Chain(1), BRANCHES, 0, sender=PERSON)
    found = report(run(branches, calls), seen)
    assert found.whole.missing() == []
    assert found.is_complete
    assert found.whole.line_count == (len(found.whole.lines),) * 2
    assert {(r.file, r.text, r.source) for r in found.without_code} == NOT_COUNTED


def test_missing__is_listed_with_its_side(branches: Map) -> None:
    missing = report(run(branches, ["check 1 1", "decide 3 7"])).whole.missing()
    found = {(remark.text, remark.source, remark.kind) for remark in missing}
    assert ("assert b < 5: never fails", "assert b < 5", "branches") in found
    assert ("if a > 100: never true", "if a > 100:", "branches") in found
    assert ("never reached", "return 200", "lines") in found
    assert ("if i == 1: never true", "if i == 1:", "branches") in found


def test_print__says_only_once_that_something_was_not_reached(branches: Map) -> None:
    console = Console(record=True, file=StringIO(), width=100)
    report(run(branches, ["check 1 1"])).print(console)
    text = console.export_text()
    assert "assert b < 5: never fails" in text
    assert "turns: uint256 = 0" in text
    assert "if i == 1: never true" not in text
    assert "nobody calls it" in text


def test_failed_tests__are_not_complete(leaf: Map) -> None:
    all_of_it = run(leaf, ["double 1", "double 101"], constructor=())
    assert report(all_of_it).is_complete
    assert not report(all_of_it, passed=False).is_complete
    nothing = Run(leaf)
    assert nothing.lines == set()
    assert not report(nothing).is_complete


EMPTY = Impossible(BRANCHES, "words", "empty", "because")


def test_impossible__is_not_asked_for(branches: Map) -> None:
    seen = run(branches, ["add_up [1]"])
    asked = report(seen).whole.sides
    found = report(seen, impossible=[EMPTY])
    assert names(asked - found.whole.sides) == {"for words: empty"}
    assert found.wrong == []


@pytest.mark.parametrize(
    "entry, call",
    [
        (EMPTY, "add_up []"),  # it happened
        (EMPTY._replace(loop="sentences"), "add_up [1]"),  # there is none
        (Impossible(TWIGS, "a > 100", "true", "because"), "add_up [1]"),  # no loop
    ],
)
def test_impossible__that_is_not__is_wrong(branches: Map, entry: Impossible, call: str) -> None:
    found = report(run(branches, [call]), impossible=[entry])
    assert found.wrong == [entry]
    assert not found.is_complete


def test_module_of_two_contracts__once_is_enough(branches: Map, leaf: Map) -> None:
    in_leaf = run(leaf, ["double 1", "double 101"], constructor=())
    in_branches = run(branches, ["refuse 0", "refuse_one 1", "refuse_one 2"])
    together = report(in_leaf, in_branches).whole.within(TWIGS)
    assert together.is_complete
    assert not Part.of([in_branches]).within(TWIGS).is_complete
    assert not Part.of([in_leaf, Run(branches)]).within(TWIGS).is_complete


def test_code_of_others__is_not_looked_at(leaf: Map, branches: Map) -> None:
    with tracing([branches]) as [seen]:
        other = deploy(Chain(1), LEAF, sender=PERSON)
        assert other.send("double", 7, sender=PERSON).value == 14
    assert (seen.counters, seen.sides) == (set(), set())


def test_tracing__ends(branches: Map) -> None:
    before = Chain.state_class
    with tracing([branches]):
        assert Chain.state_class is not before
    assert Chain.state_class is before


def test_tracing__does_not_change_what_a_call_costs(branches: Map) -> None:
    def cost() -> list[int]:
        contract = deploy(Chain(1), BRANCHES, 5, sender=PERSON)
        return [contract.send("decide", a, 7, sender=PERSON).gas_used for a in (1, 2, 3)]

    with tracing([branches]):
        traced = cost()
    assert traced == cost()


def test_command__prints_json_keeps_it_and_fails_below_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: Any, branches: Map
) -> None:
    def tests(arguments: list[str]) -> pytest.ExitCode:
        asked.append(arguments[-1])
        deploy(Chain(1), BRANCHES, 5, sender=PERSON).send("decide", 1, 7, sender=PERSON)
        return pytest.ExitCode.OK

    asked: list[str] = []
    monkeypatch.setattr(coverage, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(coverage, "CONTRACTS", (BRANCHES,))
    monkeypatch.setattr(coverage, "SOURCES", (BRANCHES, TWIGS))
    monkeypatch.setattr(coverage, "read_impossible", list)
    monkeypatch.setattr(coverage.pytest, "main", tests)
    assert coverage.main(["--json", "--keep", "tests/some"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "results" / "coverage.json").read_text())
    assert asked == ["tests/some"]
    assert printed["contracts"] == contracts_digest()
    missing = [remark["kind"] for remark in printed["uncovered"]]
    assert missing.count("lines") == printed["lines"] - 4
    assert missing.count("branches") == printed["branches"] - 2
    assert printed["files"][BRANCHES]["lines"][0] == 4  # two, and two of the constructor
    assert printed["by_contract"][BRANCHES]["branches"][0] == 2
    assert coverage.main([]) == 1
    assert f"{TWIGS}:" in capsys.readouterr().out
