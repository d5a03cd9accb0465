"""One table of how well the contracts are proved: `make proof`.

Sentences, promises and exploits are counted now; fuzzing, coverage, mutation and planted bugs take
from minutes to hours, so the table has what their commands found when last told --keep, and says
whether that was on the contracts of today.

Exit status 1: something falls short of what is asked, or was measured on other contracts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.stateful import promises

from . import exploits, specification
from .sources import ROOT, contracts_digest, digest

RESULTS = ROOT / "proof" / "results"
PROMISES = 25
CALLS = 1_000_000
PLANTED = "bugs planted by hand, caught"
LIST = ROOT / "proof" / "planted.toml"
MUTATION_SCORE = 95.0  # per cent


@dataclass(frozen=True)
class Row:
    """One kind of proof: what it found, what is asked, whether that is enough."""

    what: str
    found: str
    asked: str
    enough: bool
    command: str


def main(arguments: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """Print the table; return 1 if it has a gap."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(arguments)
    rows = [*counted_now(), *kept(results, contracts_digest())]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        Console().print(_drawn(rows))
    return 0 if all(row.enough for row in rows) else 1


def counted_now() -> Iterator[Row]:
    """Yield the rows of what is quick to count."""
    sentences = specification.find()
    shown = sum(bool(sentences.tests[sentence.id]) for sentence in sentences.sentences)
    yield Row(
        "sentences with a test",
        f"{shown} of {len(sentences.sentences)}",
        "all",
        not sentences.problems,
        "make specification",
    )
    count = len(promises.listing())
    yield Row("promises kept", str(count), str(PROMISES), count >= PROMISES, "make fuzz")
    tried = exploits.find()
    yield Row(
        "exploits tried",
        str(len(tried.exploits)),
        "all known",
        not tried.problems,
        "python -m proof.exploits",
    )


def kept(results: Path, today: str) -> Iterator[Row]:
    """Yield the rows of what takes long, from what the commands left in a folder."""
    fuzz, now = _read(results / "fuzz.json", today)
    if fuzz:
        calls, differences = fuzz["calls"], fuzz["failures"]
        found = f"{calls:,}, {differences} failed"
        enough = now and calls >= CALLS and not differences
        yield Row("random calls", _dated(found, now), f"{CALLS:,}, none", enough, "make fuzz")
    else:
        yield _missing("random calls", "make fuzz")
    coverage, now = _read(results / "coverage.json", today)
    if coverage:
        for kind in ("lines", "branches"):
            missing = sum(remark["kind"] == kind for remark in coverage["uncovered"])
            found = f"{coverage[kind] - missing:,} of {coverage[kind]:,}"
            enough = now and not missing and coverage["tests_passed"]
            yield Row(f"{kind} covered", _dated(found, now), "all", enough, "make coverage")
    else:
        yield _missing("lines and branches covered", "make coverage")
    mutation, now = _read(results / "mutation.json", today)
    if mutation:
        summary = mutation["summary"]
        judged = summary["killed"] + summary["timed_out"] + summary["survived"]
        found = f"{summary['score']:.1f} % of {judged:,}"
        found += "" if summary["is_whole"] else f", a sample of {summary['mutants']:,}"
        enough = now and summary["score"] >= MUTATION_SCORE
        asked = f"{MUTATION_SCORE:g} %"
        yield Row("mutants killed", _dated(found, now), asked, enough, "make mutation")
    else:
        yield _missing("mutants killed", "make mutation")
    planted, now = _read(results / "planted.json", today)
    if planted:
        caught, count = planted["caught"], len(planted["bugs"])
        now = now and planted["list"] == digest([LIST.name], LIST.parent)
        enough = now and caught == count > 0
        yield Row(PLANTED, _dated(f"{caught} of {count}", now), "all", enough, "make planted")
    else:
        yield _missing(PLANTED, "make planted")


def _read(file: Path, today: str) -> tuple[dict[str, Any], bool]:
    """Return what a command kept, and whether it is of the contracts of today."""
    if not file.is_file():
        return {}, False
    kept = json.loads(file.read_text())
    return kept, kept.get("contracts") == today


def _dated(found: str, now: bool) -> str:
    return found if now else f"{found} (of other contracts)"


def _missing(what: str, command: str) -> Row:
    return Row(what, "not measured", "", False, f'{command} ARGS="--keep"')


def _drawn(rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("proof", "found", "asked", "", "command"):
        table.add_column(head)
    for row in rows:
        verdict = "[green]yes[/]" if row.enough else "[red]no[/]"
        table.add_row(row.what, row.found, row.asked, verdict, row.command)
    return table


if __name__ == "__main__":
    sys.exit(main())
