"""`make mutation`: on a contract of which every mutant is known, and on some of the real ones."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from peerpool.compiled import ROOT
from proof.mutation import __main__ as command
from proof.mutation import compiler as compiling
from proof.mutation.results import (
    BEFORE,
    DUPLICATE,
    INVALID,
    KILLED,
    SAME,
    SURVIVED,
    TIMED_OUT,
    UNFINISHED,
    Results,
    Verdict,
    judged,
)
from proof.mutation.run import Hunt, Hunts, Subject, in_order, trace_all
from proof.mutation.suite import Child, Suite, with_suite
from tests.attacks import test_sharing, test_shortage
from tests.attacks.arena import Arena
from tests.evm.chain import Chain
from tests.evm.contract import deploy
from tests.evm.stretches import program
from tests.proof.purse import PERSON, PURSE, Functions, hunt, test_limit, test_total_and_half

# Every mutant of Purse.vy, and what becomes of it under the tests below.
KNOWN = {
    "put comparison: amount <= MOST => amount < MOST": DUPLICATE,
    'put drop: assert amount <= MOST, "purse: too much" => pass': KILLED,
    "put drop: self._add(amount, self.total) => pass": KILLED,
    "put argument: self._add(amount, self.total) => self._add(self.total, amount)": SURVIVED,
    "put lock: external => external @reentrant": SURVIVED,
    "half arithmetic: self.total // 2 => self.total * 2": KILLED,
    "half arithmetic: self.total // 2 => self.total % 2": KILLED,
    "half constant: self.total // 2 => self.total // 3": KILLED,
    "half constant: self.total // 2 => self.total // 1": DUPLICATE,
    "half operand: self.total // 2 => self.total": KILLED,
    "half operand: self.total // 2 => 2": KILLED,
    "half rounding: self.total // 2 => ((self.total + 2 - 1) // 2)": SURVIVED,
    "half result: self.total // 2 => empty(uint256)": KILLED,
    "half lock: external => external @reentrant": SURVIVED,
    "_add arithmetic: before + amount => before - amount": KILLED,
    "_add operand: before + amount => before": KILLED,
    "_add operand: before + amount => amount": KILLED,
    "_add drop: self.total = before + amount => pass": KILLED,
    "(constant) constant: 100 => 101": KILLED,
    "(constant) constant: 100 => 99": KILLED,
    "(constant) constant: 7 => 8": SAME,
    "(constant) constant: 7 => 6": SAME,
}


@pytest.fixture(scope="module")
def purse() -> Subject:
    return Subject.read(ROOT, [PURSE])


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "kept.json", {PURSE: "as it is"}, "sources")


# --- what is wrong --------------------------------------------------------------


def test_mutants__are_these(purse: Subject) -> None:
    assert set(purse.mutants) == {f"{PURSE} {name}" for name in KNOWN}


def test_mutants__change_what_their_name_says(purse: Subject) -> None:
    [rounded] = (m for m in purse.mutants.values() if m.operator == "rounding")
    assert "-    return self.total // 2\n+    return ((self.total + 2 - 1) // 2)" in rounded.diff(
        purse.texts[PURSE]
    )


@pytest.mark.parametrize(
    "line, expected",
    [
        ("return a < b", {"comparison: a < b => a <= b", "result: a < b => not (a < b)"}),
        ("return a == b", {"comparison: a == b => a != b", "result: a == b => not (a == b)"}),
        (
            "return a < b and self.x",
            {
                "boolean: a < b and self.x => (a < b or self.x)",
                "operand: a < b and self.x => self.x",
                "operand: a < b and self.x => (a < b)",
                "comparison: a < b => a <= b",
                "result: a < b and self.x => not (a < b and self.x)",
            },
        ),
        (
            "return not self.x",
            {"boolean: not self.x => self.x", "result: not self.x => not (not self.x)"},
        ),
        (
            "return min(a, b) == a",
            {
                "arithmetic: min(a, b) => max(a, b)",
                "operand: min(a, b) => a",
                "operand: min(a, b) => b",
                "comparison: min(a, b) == a => min(a, b) != a",
                "result: min(a, b) == a => not (min(a, b) == a)",
            },
        ),
        (
            "return self._divide_up(a, b) != 0",
            {
                "rounding: self._divide_up(a, b) => (a // b)",
                "argument: self._divide_up(a, b) => self._divide_up(b, a)",
                "comparison: self._divide_up(a, b) != 0 => self._divide_up(a, b) == 0",
                "constant: self._divide_up(a, b) != 0 => self._divide_up(a, b) != 1",
                "result: self._divide_up(a, b) != 0 => not (self._divide_up(a, b) != 0)",
            },
        ),
        (
            "if self.x:\n        self.n += a\n    return True",
            {
                "branch: self.x => True",
                "branch: self.x => False",
                "drop: self.n += a => pass",
                "arithmetic: self.n += a => self.n -= a",
                "constant: True => False",
            },
        ),
        (
            "log Seen(a=a, b=b)\n    return False",
            {
                "drop: log Seen(a=a, b=b) => pass",
                "argument: Seen(a=a, b=b) => Seen(a=b, b=a)",
                "argument: a => empty(uint256)",
                "argument: b => empty(uint256)",
                "constant: False => True",
            },
        ),
        (
            "return (a + 1) * b > a",
            {
                "comparison: (a + 1) * b > a => (a + 1) * b >= a",
                "arithmetic: (a + 1) * b => (a + 1) // b",
                "arithmetic: a + 1 => a - 1",
                "operand: (a + 1) * b => (a + 1)",
                "operand: (a + 1) * b => b",
                "operand: a + 1 => a",
                "operand: a + 1 => 1",
                "constant: a + 1 => a + 2",
                "constant: a + 1 => a + 0",
                "result: (a + 1) * b > a => not ((a + 1) * b > a)",
            },
        ),
        # what is overwritten before anybody reads it can be anything
        (
            "c: bool = False\n    n: uint256 = 7\n    c, n = self._two(a, b)\n    return c",
            {
                "drop: c, n = self._two(a, b) => pass",
                "argument: self._two(a, b) => self._two(b, a)",
                "result: c => not c",
            },
        ),
        (
            "n: uint256 = 7\n    n = n + a\n    return self.x",
            {
                "constant: 7 => 8",
                "constant: 7 => 6",
                "drop: n = n + a => pass",
                "arithmetic: n + a => n - a",
                "operand: n + a => n",
                "operand: n + a => a",
                "result: self.x => not self.x",
            },
        ),
        (
            "for n: uint256 in [a, b]:\n        self.n = n\n    return self.x",
            {"drop: self.n = n => pass", "result: self.x => not self.x"},
        ),
    ],
)
def test_operators__of_each_kind(tmp_path: Path, line: str, expected: set[str]) -> None:
    text = f"""
event Seen:
    a: uint256
    b: uint256

x: bool
n: uint256

@external
def check(a: uint256, b: uint256) -> bool:
    {line}

@internal
@pure
def _divide_up(a: uint256, b: uint256) -> uint256:
    return (a + b - 1) // b

@internal
@pure
def _two(a: uint256, b: uint256) -> (bool, uint256):
    return a < b, a
"""
    (tmp_path / "Line.vy").write_text(text)
    subject = Subject.read(tmp_path, ["Line.vy"])
    found = {m.id for m in subject.mutants.values() if m.function == "check"}
    assert found == {f"Line.vy check {name}" for name in expected}


# --- who kills it ---------------------------------------------------------------


def test_verdicts__are_these(purse: Subject, results: Results) -> None:
    the_hunt = hunt(purse, results, test_limit, test_total_and_half)
    for mutant in purse.mutants.values():
        results.add(mutant.id, the_hunt.run(mutant))
    found = {name: verdict.verdict for name, verdict in results.verdicts.items()}
    assert found == {f"{PURSE} {name}": verdict for name, verdict in KNOWN.items()}


def test_processes_side_by_side__come_to_the_same(purse: Subject, results: Results) -> None:
    the_hunt = hunt(purse, results, test_limit, test_total_and_half)
    hunts = Hunts(the_hunt, list(purse.mutants.values()), inf)
    for name, verdict in hunts.run(2):
        results.add(name, verdict)
    kinds = Counter(verdict.verdict for verdict in results.verdicts.values())
    assert kinds == Counter(KNOWN.values())
    late = Hunts(the_hunt, list(purse.mutants.values()), time.monotonic() - 1)
    assert list(late.run(2)) == []


def test_more_tests__kill_what_survived(purse: Subject, results: Results) -> None:
    def test_half_of_odd() -> None:
        contract = deploy(Chain(1), PURSE, sender=PERSON)
        contract.send("put", 7, sender=PERSON)
        assert contract.view("half") == 3

    [rounded] = (m for m in purse.mutants.values() if m.operator == "rounding")
    assert hunt(purse, results, test_total_and_half).run(rounded).verdict == SURVIVED
    verdict = hunt(purse, results, test_total_and_half, test_half_of_odd).run(rounded)
    assert (verdict.verdict, verdict.by) == (KILLED, "test_half_of_odd")


def test_test_without_an_end__is_a_kill_of_its_own(
    purse: Subject, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    def test_for_ever() -> None:
        signal.pause()

    monkeypatch.setattr("proof.mutation.run.PATIENCE_MORE", 0.5)
    mutant = next(iter(purse.mutants.values()))
    assert hunt(purse, results, test_for_ever).run(mutant).verdict == TIMED_OUT


def test_compilation_without_an_end__is_no_verdict(
    purse: Subject, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proof.mutation.run.LONGEST_COMPILATION", 0.001)
    mutant = next(iter(purse.mutants.values()))
    assert hunt(purse, results, test_limit).run(mutant).verdict == UNFINISHED


def test_test_that_fails_now_and_then__is_not_sound(
    purse: Subject, results: Results, tmp_path: Path
) -> None:
    file = tmp_path / "test_some.py"
    once = "def test_once():\n    seen.append(1)\n    assert seen == [1]\n"
    file.write_text(f"seen = []\ndef test_always():\n    assert True\n{once}")

    def work(child: Child) -> None:
        def ask(suite: Suite) -> None:
            the_hunt = Hunt(suite, purse, results, {})
            child.tell(sound={name: the_hunt._is_sound(name) for name in suite.items})

        with_suite([str(file)], ask)

    child = Child(work)
    found = child.hear()["sound"]
    child.end()
    assert [found[name] for name in sorted(found)] == [True, False]


def test_tests_for__those_that_run_the_statement_and_most_kills_in_a_second_first(
    purse: Subject, results: Results
) -> None:
    the_hunt = hunt(purse, results, test_limit, test_total_and_half)
    half = {(PURSE, "half", 1)}
    the_hunt = Hunt(
        the_hunt.suite,
        purse,
        results,
        {"test_limit": (0.1, frozenset()), "test_total_and_half": (9.0, frozenset(half))},
    )
    by_operator = {m.operator: m for m in purse.mutants.values() if m.function == "half"}
    assert the_hunt.tests_for(by_operator["rounding"]) == ["test_total_and_half"]
    for seconds, first in ((0.4, "test_total_and_half"), (9.0, "test_limit")):
        both = {
            "test_limit": (0.1, frozenset(half)),
            "test_total_and_half": (seconds, frozenset(half)),
        }
        the_hunt = Hunt(the_hunt.suite, purse, Results(None, {}, ""), both)
        assert the_hunt.tests_for(by_operator["rounding"]) == ["test_limit", "test_total_and_half"]
        assert the_hunt.run(by_operator["result"]).by == "test_total_and_half"
        assert the_hunt.tests_for(by_operator["rounding"])[0] == first


def test_traces__are_of_the_contracts_of_today(purse: Subject, tmp_path: Path) -> None:
    """A statement that is new moves those behind it: what ran them would not be asked."""
    kept = tmp_path / "traces.json"
    suite = Functions(test_limit, test_total_and_half)

    def trace(child: Child) -> None:
        program.cache_clear()  # of what ran here before, untraced
        found = trace_all(suite, purse, kept, lambda: None)
        child.tell(**{name: (seconds, sorted(ran)) for name, (seconds, ran) in found.items()})

    def seen() -> dict[str, list[str]]:
        child = Child(trace)
        found = child.hear()
        child.end()
        return {name: sorted({place[1] for place in places}) for name, (_, places) in found.items()}

    def change(**changes: object) -> None:
        kept.write_text(json.dumps(json.loads(kept.read_text()) | changes))

    as_it_is = {
        "test_limit": ["_add", "put"],
        "test_total_and_half": ["_add", "half", "put"],
    }
    assert seen() == as_it_is
    moved = [
        [file, f"{function}, before", n]
        for file, function, n in json.loads(kept.read_text())["places"]
    ]
    change(places=moved)
    assert seen()["test_limit"] == ["_add, before", "put, before"]
    change(contracts="others")
    assert seen() == as_it_is


def test_tests_for__those_of_little_but_the_file_first(purse: Subject) -> None:
    both = hunt(purse, Results(None, {}, ""), test_limit, test_total_and_half)
    here, there = (PURSE, "half", 1), {("Life.vy", "life", n) for n in range(9)}
    tests = {"test_limit": (0.1, {here, *there}), "test_total_and_half": (0.2, {here})}
    asked = Hunt(both.suite, purse, Results(None, {}, ""), tests)
    [rounded] = (m for m in purse.mutants.values() if m.operator == "rounding")
    assert asked.tests_for(rounded) == ["test_total_and_half", "test_limit"]


def test_patience__leaves_what_only_a_long_test_kills_for_later(purse: Subject) -> None:
    [tripled] = (m for m in purse.mutants.values() if m.id.endswith("2 => self.total // 3"))
    quick = hunt(purse, Results(None, {}, ""), test_limit, test_total_and_half)
    seconds = {"test_limit": 0.1, "test_total_and_half": 9.0}
    tests = {name: (seconds[name], places) for name, (_, places) in quick.tests.items()}
    verdicts = [
        Hunt(quick.suite, purse, Results(None, {}, ""), tests, patience).run(tripled)
        for patience in (36.0, 36.1)
    ]
    assert [(verdict.verdict, verdict.by) for verdict in verdicts] == [
        (UNFINISHED, "1 of 2"),
        (KILLED, "test_total_and_half"),
    ]


def test_in_order__every_beginning_has_of_each_file_its_share(purse: Subject) -> None:
    [some, *_] = purse.mutants.values()
    many = [replace(some, file="many", nth=n) for n in range(40)]
    few = [replace(some, file="few", nth=n) for n in range(10)]
    order = in_order([*many, *few], seed=7)
    assert sorted(m.file for m in order[:10]) == ["few"] * 2 + ["many"] * 8
    assert order == in_order([*few, *many], seed=7) != in_order([*many, *few], seed=8)


# --- what is compiled -------------------------------------------------------------


LAYER, FACTORY = "contracts/ReinsuranceLayer.vy", "contracts/PoolFactory.vy"
MODULES = "contracts/modules"


@pytest.mark.parametrize(
    "contract, file, name, operator",
    [
        (LAYER, f"{MODULES}/currency.vy", "_call_token", "operand"),
        (LAYER, LAYER, "_to_shares_up", "branch"),
        (LAYER, LAYER, "redeem", "lock"),
        (FACTORY, f"{MODULES}/terms_code.vy", "HOUR", "constant"),  # DAY, and through it YEAR
        (FACTORY, FACTORY, "MAX_LAYERS", "constant"),  # types
    ],
)
def test_what_is_taken_over__makes_the_code_of_a_plain_compilation(
    contract: str, file: str, name: str, operator: str
) -> None:
    subject = Subject.read(ROOT, [contract])
    mutant = next(
        m
        for m in subject.mutants.values()
        if (m.file, m.function or m.constant, m.operator) == (file, name, operator)
    )
    text = mutant.apply(subject.texts[file])
    compiler = subject.compiler
    plain = compiling._bytecode(compiler._data(contract, {file: text}))
    assert compiler.mutant(contract, file, text, name) == plain  # with what is prepared,
    assert compiler.mutant(contract, file, text, name) == plain  # and when that is used up
    assert plain != compiler.original(contract).bytecode


# --- what is kept -----------------------------------------------------------------


def test_load__gives_back_what_is_still_good(results: Results) -> None:
    old = {
        "killed": Verdict(KILLED, "a test"),
        "killed by what is gone": Verdict(KILLED, "an old test"),
        "slow": Verdict(TIMED_OUT, "a test"),
        "alive": Verdict(SURVIVED, "3"),
        "same": Verdict(SAME),
        "invalid": Verdict(INVALID),
        "gone": Verdict(KILLED, "a test"),
    }
    results.verdicts = old
    results.save({})
    parts = dict.fromkeys(old, PURSE)
    del parts["gone"]

    def loaded(**changes: object) -> set[str]:
        again = replace(results, verdicts={}, **changes)
        again.load(parts, ["a test"])
        return set(again.verdicts)

    lasting = {"killed", "slow", "invalid"}
    assert loaded() == {*lasting, "alive", "same"}
    assert loaded(sources="others") == {*lasting, "alive"}
    assert loaded(parts={PURSE: "changed"}) == set()


def test_load__of_what_is_alive__is_tried_again_on_other_contracts(results: Results) -> None:
    results.verdicts = {
        "alive": Verdict(SURVIVED, "3"),
        "out of patience": Verdict(UNFINISHED, "1 of 3"),
        "alive before": Verdict(UNFINISHED, BEFORE),
        "killed": Verdict(KILLED, "a test"),
    }
    results.save({})
    parts = dict.fromkeys(results.verdicts, PURSE)

    def tried_again(sources: str) -> set[str]:
        again = replace(results, verdicts={}, sources=sources)
        again.load(parts, ["a test"])
        assert set(again.verdicts) == set(parts)
        return {name for name in parts if again.is_to_be_tried(name)}

    assert tried_again("sources") == {"alive before"}
    assert tried_again("others") == {"alive", "out of patience", "alive before"}


def test_parts__are_functions_and_the_rest__of_words(tmp_path: Path) -> None:
    """Lines and comments change no verdict, nor does what happens in another function."""
    (tmp_path / "Purse.vy").write_text((ROOT / PURSE).read_text())

    def parts(old: str = "", new: str = "") -> dict[str, str]:
        text = (ROOT / PURSE).read_text()
        assert old in text
        (tmp_path / "Purse.vy").write_text(text.replace(old, new, 1) if old else text)
        return Subject.read(tmp_path, ["Purse.vy"]).parts()

    as_it_is = parts()
    assert set(as_it_is) == {f"Purse.vy {name}" for name in ("put", "half", "_add", "(constant)")}
    for old, new, changed in (
        ("    self._add(", "    # why\n    self._add(", set()),
        ("amount <= MOST, ", "(\n        amount <= MOST\n    ), ", {"put"}),
        (
            "amount: uint256, before: uint256",
            "\n    amount: uint256,  # in\n    before: uint256",
            set(),
        ),
        ("before + amount", "before + amount + 0", {"_add"}),
        ("@view\n@external\ndef half", "@external\n@view\ndef half", {"half"}),
        ("= 100", "= 101", {"(constant)"}),
    ):
        now = parts(old, new)
        found = {name.removeprefix("Purse.vy ") for name in now if now[name] != as_it_is[name]}
        assert found == changed, new


def test_forget_alive__only_those_named(results: Results) -> None:
    for name, verdict in (("one", SURVIVED), ("two", KILLED), ("three", SURVIVED)):
        results.add(name, Verdict(verdict))
    results.forget_alive(["one", "two", "four"])
    assert set(results.verdicts) == {"two", "three"}


def test_saved__a_mutant_a_line(results: Results) -> None:
    results.verdicts = {"b": Verdict(KILLED, "a test"), "a": Verdict(INVALID)}
    results.save({"score": 50.0})
    text = results.path.read_text()
    assert json.loads(text)["summary"] == {"score": 50.0}
    assert text.index('\n"a": {"verdict": "invalid"}') < text.index('\n"b": ')


def test_judged__twice_or_without_a_reason__is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    entry = '[[equivalent]]\nreason = "{}"\nmutants = [{}]\n'
    file.write_text(entry.format("rounds to the same", '"one", "two"'))
    assert judged(file) == dict.fromkeys(("one", "two"), "rounds to the same")
    for faulty in (
        entry.format("why", '"one"') * 2,
        entry.format("", '"one"'),
        entry.format("why", ""),
    ):
        file.write_text(faulty)
        with pytest.raises(ValueError, match=r"list\.toml"):
            judged(file)


def test_problems__of_the_list_and_the_score(
    purse: Subject, results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{PURSE} {name}" for name in KNOWN]
    killed, alive, equivalent = names[0], names[3], names[4]
    results.verdicts = {
        killed: Verdict(KILLED, "a test"),
        alive: Verdict(SURVIVED, "2"),
        equivalent: Verdict(SURVIVED, "2"),
    }
    file = tmp_path / "list.toml"
    monkeypatch.setattr(command, "EQUIVALENTS", file)
    listed = '[[equivalent]]\nreason = "it is so"\nmutants = {}\n'
    file.write_text(listed.format(json.dumps([equivalent])))
    assert command.problems(purse, results) == []
    assert command.summary(purse, results)["score"] == 50.0
    file.write_text(listed.format(json.dumps([killed, equivalent, "what is no mutant"])))
    assert command.problems(purse, results) == [
        f"not equivalent, but killed (a test): {killed}",
        "there is no such mutant: what is no mutant",
    ]


def test_listed_equivalents__are_mutants_of_files_that_exist() -> None:
    files = {name.split()[0] for name in judged(command.EQUIVALENTS)}
    assert all((ROOT / file).is_file() for file in files)


# --- the real contracts -------------------------------------------------------------

REFUNDS, WINDOWS, AWARDS, EARNINGS = (
    f"contracts/modules/{name}.vy" for name in ("refunds", "windows", "awards", "earnings")
)
# One for each way to lose money: paid too much, twice, to the wrong side, or not at all.
MISTAKES = (
    f"{REFUNDS} _due operand: unsafe_mul(premium, b.shared) => b.shared",
    f"{REFUNDS} _pay drop: from_funds -= premium => pass",
    f"{REFUNDS} _pay drop:"
    " members._book_refund(account, word, b.round, unsafe_add(taken, due)) => pass",
    f"{WINDOWS} _settle operand: min(awards, funds + liabilities._capacity()) => awards",
    f"{WINDOWS} _payable rounding: award * s.available // s.awards"
    " => (((award * s.available) + s.awards - 1) // s.awards)",
    f"{WINDOWS} _payable operand: base + cut - left => (base + cut)",
    f"{AWARDS} _conclude drop: bond = 0 => pass",
    f"{EARNINGS} _void_all operand: (sums >> 128) + (sums & MASK_128) => (sums >> 128)",
)
NO_MISTAKE = f"{WINDOWS} _settle branch: awards != 0 => True"
QUICK = (
    test_sharing.test_cancelled_and_swept__nothing_is_owed_any_more,
    test_sharing.test_settled_without_surplus__later_income_cannot_be_swept_at_once,
    test_sharing.test_dust_after_the_end__moves_nothing_and_harms_nobody,
    test_sharing.test_cancelled__premiums_donations_and_void_fees_all_come_back,
    test_shortage.test_one_unit_awards__never_more_than_there_is,
    test_shortage.test_forfeited_bonds__make_up_unpaid_awards_and_nothing_else,
    test_shortage.test_donation_after_the_end__makes_up_what_was_cut_before_it_is_surplus,
)


@pytest.fixture(scope="module")
def money() -> Subject:
    Arena()  # compiles what the processes forked from here deploy besides
    return Subject.read(ROOT, ["contracts/Pool.vy", "contracts/BackOffice.vy"])


def verdict_on(mutant: str, money: Subject, results: Results) -> Verdict:
    """Return what some quick tests say of a mutant, each in an arena of its own."""
    tests = []
    for function in QUICK:

        def test(function: Callable[[Arena], None] = function) -> None:
            function(Arena())

        test.__name__ = function.__name__
        tests.append(test)
    return hunt(money, results, *tests).run(money.mutants[mutant])


@pytest.mark.parametrize("mutant", MISTAKES)
def test_mistake_in_a_money_rule__is_noticed(mutant: str, money: Subject, results: Results) -> None:
    assert verdict_on(mutant, money, results).verdict == KILLED


def test_change_that_changes_nothing__is_listed_and_lives(money: Subject, results: Results) -> None:
    assert NO_MISTAKE in judged(command.EQUIVALENTS)
    assert verdict_on(NO_MISTAKE, money, results).verdict == SURVIVED
