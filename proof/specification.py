"""The sentences of docs/specification.md, each with the tests that show it.

    python -m proof.specification [--json]

A test says which sentences it shows by `@pytest.mark.spec("P1", "W8")`; so does a promise of the
stateful machine, which is a plain function in a tuple of its module. Both are read, not run.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SENTENCE = re.compile(r"^- \*\*([A-Z]+)(\d+)\*\* (.+)$", re.MULTILINE)
ITEM = re.compile(r"^- ", re.MULTILINE)
MARK = "pytest.mark.spec"
NOT_RUN = ("pytest.mark.skip", "pytest.mark.xfail")


@dataclass(frozen=True)
class Sentence:
    """One line of the specification."""

    section: str
    number: int
    text: str

    @property
    def id(self) -> str:
        """Return what tests name it by."""
        return f"{self.section}{self.number}"


@dataclass(frozen=True)
class Mark:
    """What a function in tests/ says it shows."""

    test: str  # as pytest names it
    ids: tuple[str, ...]
    runs: bool


@dataclass(frozen=True)
class Findings:
    """The sentences, the tests of each, and what is wrong."""

    sentences: list[Sentence]
    tests: dict[str, list[str]]
    problems: list[str]

    def summary(self) -> dict[str, object]:
        """Return counts and names."""
        named = {test for tests in self.tests.values() for test in tests}
        return {
            "sentences": len(self.sentences),
            "shown": sum(bool(self.tests[sentence.id]) for sentence in self.sentences),
            "tests": len(named),
            "problems": self.problems,
            "tests_of": self.tests,
        }


def read_page(root: Path) -> tuple[list[Sentence], list[str]]:
    """Return the sentences in order, and what is wrong with their ids."""
    text = (root / "docs" / "specification.md").read_text()
    found = [Sentence(letter, int(n), words) for letter, n, words in SENTENCE.findall(text)]
    problems = []
    if len(found) < len(ITEM.findall(text)):
        problems.append("an item of the page is not one line with an id")
    last: Counter[str] = Counter()
    before = ""
    for sentence in found:
        if sentence.number != last[sentence.section] + 1:
            problems.append(f"{sentence.id} does not follow {sentence.section}'s last")
        if last[sentence.section] and sentence.section != before:
            problems.append(f"{sentence.id} stands outside its section")
        last[sentence.section] = sentence.number
        before = sentence.section
    return found, problems


def read_marks(root: Path) -> Iterator[Mark]:
    """Yield what functions in tests/ say they show."""
    for path in sorted((root / "tests").rglob("*.py")):
        source = path.read_text()
        if MARK not in source:
            continue
        module = ast.parse(source)
        in_tuples = set(_names_in_tuples(module))
        is_test_file = path.name.startswith("test_")
        for function in module.body:
            if not isinstance(function, ast.FunctionDef):
                continue
            ids = tuple(_ids(function))
            if ids:
                is_test = is_test_file and function.name.startswith("test_")
                yield Mark(
                    test=f"{path.relative_to(root).as_posix()}::{function.name}",
                    ids=ids,
                    runs=(is_test or function.name in in_tuples) and not _is_skipped(function),
                )


def _ids(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
            for argument in decorator.args:
                yield ast.literal_eval(argument)


def _is_skipped(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith(NOT_RUN) for decorator in function.decorator_list)


def _names_in_tuples(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            for node in ast.walk(statement):
                if isinstance(node, ast.Tuple):
                    yield from (e.id for e in node.elts if isinstance(e, ast.Name))


def find(root: Path = ROOT) -> Findings:
    """Read the page and the tests."""
    sentences, problems = read_page(root)
    tests: dict[str, list[str]] = {sentence.id: [] for sentence in sentences}
    for mark in read_marks(root):
        if not mark.runs:
            problems.append(f"{mark.test} never runs: no test, no promise in a tuple, or skipped")
        for name in mark.ids:
            if name not in tests:
                problems.append(f"{mark.test} shows {name}, which is no sentence")
            elif mark.test in tests[name]:
                problems.append(f"{mark.test} shows {name} twice")
            elif mark.runs:
                tests[name].append(mark.test)
    problems += [f"no test shows {name}" for name, found in tests.items() if not found]
    return Findings(sentences, tests, problems)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print what was found; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.specification",
        description="The sentences of docs/specification.md, each with the tests that show it.",
    )
    parser.add_argument("--json", action="store_true", help="print counts and tests as JSON")
    options = parser.parse_args(arguments)
    findings = find(root)
    summary = findings.summary()
    if options.json:
        print(json.dumps(summary, indent=1))
    else:
        for sentence in findings.sentences:
            print(f"{sentence.id}  {sentence.text}")
            for test in findings.tests[sentence.id]:
                print(f"      {test}")
        print()
        for problem in findings.problems:
            print(f"problem: {problem}")
        print("{sentences} sentences, {shown} of them shown by {tests} tests".format(**summary))
    return 1 if findings.problems else 0


if __name__ == "__main__":
    sys.exit(main())
