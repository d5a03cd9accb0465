"""Plants bugs in the contracts, one at a time, and tells which test catches each.

    python -m proof.planted [--only E4 ...] [--tests TEXT] [--workers N] [--keep] [--json]

The bugs of proof/planted.toml were made up by hand: mistakes that people make and auditors find,
each against a sentence of docs/specification.md. They were written without a look at the tests.
Fails if one of them is not caught, or is none any more.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import specification
from .mutation.operators import Mutant
from .mutation.ours import read, test_paths, traced
from .mutation.results import KILLED, TIMED_OUT, Results, Verdict
from .mutation.run import Hunt, Hunts, Subject
from .mutation.suite import Suite, with_suite
from .mutation.ticker import Ticker
from .sources import ROOT, contracts_digest, digest

BUGS = ROOT / "proof" / "planted.toml"
KEPT = ROOT / "proof" / "results" / "planted.json"


class PlantedError(Exception):
    """A bug that cannot be planted: `planted.toml: problem`."""


@dataclass(frozen=True)
class Bug:
    """A change of one function that breaks a sentence of the specification."""

    sentence: str
    says: str
    file: str
    function: str
    old: str
    new: str

    def mutant(self, number: int) -> Mutant:
        """Return it as one of the changes that a hunt takes.

        Raises:
            PlantedError: its function does not have the old text, or more than once.
        """
        file = ROOT / self.file
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        start = text.find(self.old)
        end = start + len(self.old)
        functions = re.findall(r"^def (\w+)", text[:end], re.MULTILINE)
        if text.count(self.old) != 1 or functions[-1:] != [self.function]:
            raise PlantedError(f"planted.toml: not once in {self.function}: {self.says}")
        kind = f"planted ({self.sentence})"
        change = (self.old, self.new, number, start, end)
        return Mutant(self.file, self.function, kind, *change, place=("", 0))


@dataclass(frozen=True)
class Row:
    """A bug and what became of it; `by` is the test that failed, or found no end."""

    sentence: str
    says: str
    verdict: str
    by: str

    @property
    def is_caught(self) -> bool:
        """Return whether the tests notice."""
        return self.verdict in (KILLED, TIMED_OUT)


def bugs(path: Path) -> list[Bug]:
    """Return the list.

    Raises:
        PlantedError: it names a sentence that there is not.
    """
    known = {sentence.id for sentence in specification.find().sentences}
    found = [Bug(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["bug"]]
    for bug in found:
        if bug.sentence not in known:
            raise PlantedError(f"planted.toml: no such sentence: {bug.sentence}")
    return found


def main(arguments: Sequence[str] | None = None, path: Path = BUGS) -> int:
    """Run the command; return its exit status."""
    options = _options().parse_args(arguments)
    if options.keep and (options.only or options.tests):
        raise SystemExit("planted: --keep keeps the whole list: leave --only and --tests away")
    try:
        planted = {
            bug.mutant(number): bug
            for number, bug in enumerate(bugs(path), start=1)
            if not options.only or bug.sentence in options.only
        }
    except PlantedError as error:
        raise SystemExit(str(error)) from None
    if not planted:
        raise SystemExit(f"planted: there is none against {' or '.join(options.only)}")
    subject = read()
    verdicts: dict[str, Verdict] = {}

    def hunt(suite: Suite) -> None:
        verdicts.update(_hunt(suite, subject, list(planted), options.tests, options.workers))

    with_suite(test_paths(), hunt)
    rows = [
        Row(bug.sentence, bug.says, verdicts[mutant.id].verdict, verdicts[mutant.id].by)
        for mutant, bug in planted.items()
    ]
    if options.keep:
        keep(rows, path, KEPT)
    return _report(rows, options.json)


def keep(rows: Sequence[Row], bugs: Path, path: Path) -> None:
    """Write what was found of a list, for `make proof`."""
    found = {
        "contracts": contracts_digest(),
        "list": digest([bugs.name], bugs.parent),
        "caught": sum(row.is_caught for row in rows),
        "bugs": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m proof.planted",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", default=[], help="those against a sentence (E4)")
    parser.add_argument("--tests", default="", metavar="TEXT", help="ask tests with this in a name")
    parser.add_argument("--workers", type=int, default=1, help="so many at a time (1)")
    parser.add_argument("--keep", action="store_true", help="write proof/results/planted.json")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def _hunt(
    suite: Suite, subject: Subject, planted: Sequence[Mutant], tests: str, workers: int
) -> Iterator[tuple[str, Verdict]]:
    asked = {name: seen for name, seen in traced(suite, subject).items() if tests in name}
    if not asked:
        raise SystemExit(f"planted: no test has {tests} in its name")
    ticker = Ticker("bugs", len(planted))
    hunts = Hunts(Hunt(suite, subject, Results(None, {}, ""), asked), planted, until=inf)
    for name, verdict in hunts.run(workers):
        yield name, verdict
        ticker.tick()


def _report(rows: Sequence[Row], as_json: bool) -> int:
    caught = sum(row.is_caught for row in rows)
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        table = Table("", "a bug, planted by hand", "caught by", box=box.SIMPLE_HEAD)
        for row in rows:
            test = row.by.removeprefix("tests/")
            by = Text(test) if row.is_caught else Text(row.verdict, style="red")
            table.add_row(row.sentence, Text(row.says), by)
        Console().print(table)
        print(f"{caught} of {len(rows)} caught")
    return int(caught < len(rows))


if __name__ == "__main__":
    sys.exit(main())
