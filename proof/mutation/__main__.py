"""Changes the contracts in small ways and tells how many of the changes the tests notice.

    python -m proof.mutation [--module currency ...] [--sample N] [--minutes M] [--keep] [--json]

With --keep verdicts are read from and written to proof/results/mutation.json, so that a run goes
on where the last one was stopped, and repeats only what a change of the contracts concerns, or
with --alive what nothing has killed yet.
Fails below 95 %, and if proof/mutation_equivalents.toml says of a mutant what is not so.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path

from rich.console import Console
from rich.table import Table

from proof.sources import ROOT, digest

from .operators import Mutant
from .ours import TRACES, read, test_paths, traced
from .results import (
    ALIVE,
    DUPLICATE,
    INVALID,
    KILLED,
    SAME,
    SURVIVED,
    TIMED_OUT,
    Results,
    judged,
)
from .run import Hunt, Hunts, Subject, in_order
from .suite import Suite, with_suite
from .ticker import Ticker

KEPT = ROOT / "proof" / "results" / "mutation.json"
EQUIVALENTS = ROOT / "proof" / "mutation_equivalents.toml"
ENOUGH = 95.0  # per cent
SAVE_EVERY = 20.0  # seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _options().parse_args(arguments)
    if options.retrace:
        TRACES.unlink(missing_ok=True)
    subject = read()
    unknown = set(options.module) - {_stem(file) for file in subject.texts}
    if unknown:
        raise SystemExit(f"mutation: no such module: {', '.join(sorted(unknown))}")
    wanted = [
        mutant
        for mutant in in_order(subject.mutants.values(), options.seed)
        if not options.module or _stem(mutant.file) in options.module
        if options.only in mutant.id
    ][: options.sample]
    if options.list:
        for mutant in wanted:
            print(mutant.id)
        return 0
    results = Results(
        KEPT if options.keep else None,
        subject.parts(),
        digest(["contracts/**/*.vy", "interfaces/*.vyi"]),
    )
    until = time.monotonic() + 60 * options.minutes
    with_suite(test_paths(), lambda suite: _hunt(suite, subject, results, wanted, until, options))
    return _report(subject, results, wanted, options.json)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m proof.mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--module", action="append", default=[], help="one file's (currency)")
    parser.add_argument("--only", default="", metavar="TEXT", help="those with this in their name")
    parser.add_argument("--sample", type=int, metavar="N", help="only N, of each file its share")
    parser.add_argument("--seed", type=int, default=0, help="which ones (0)")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long")
    parser.add_argument(
        "--patience",
        type=float,
        default=inf,
        metavar="SECONDS",
        help="of tests for each mutant, none of which takes more than a quarter of it",
    )
    parser.add_argument("--workers", type=int, default=1, help="so many at a time (1)")
    parser.add_argument("--alive", action="store_true", help="try again those still alive")
    parser.add_argument("--keep", action="store_true", help="go on from, and write, proof/results")
    parser.add_argument("--retrace", action="store_true", help="find anew what each test runs")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--list", action="store_true", help="only name the mutants")
    return parser


def _hunt(
    suite: Suite,
    subject: Subject,
    results: Results,
    wanted: Sequence[Mutant],
    until: float,
    options: argparse.Namespace,
) -> None:
    results.load({name: m.part for name, m in subject.mutants.items()}, suite.items)
    if options.alive:
        results.forget_alive({mutant.id for mutant in wanted})
    tests = traced(suite, subject)
    missing = [mutant for mutant in wanted if results.is_to_be_tried(mutant.id)]
    ticker = Ticker("mutants", len(missing))
    saved = time.monotonic()
    hunts = Hunts(Hunt(suite, subject, results, tests, options.patience), missing, until)
    try:
        for name, verdict in hunts.run(options.workers):
            results.add(name, verdict)
            counts = Counter(verdict.verdict for verdict in results.verdicts.values())
            caught = counts[KILLED] + counts[TIMED_OUT]
            ticker.tick(f"{caught} killed, {sum(counts[kind] for kind in ALIVE)} alive")
            if time.monotonic() - saved > SAVE_EVERY:
                results.save(summary(subject, results))
                saved = time.monotonic()
    finally:
        results.save(summary(subject, results))


def summary(subject: Subject, results: Results) -> dict[str, object]:
    """Return the figures, over all mutants with a verdict."""
    reasons = judged(EQUIVALENTS)
    verdicts = results.verdicts
    counts = Counter(verdict.verdict for verdict in verdicts.values())
    equivalent = sum(
        name in reasons for name, verdict in verdicts.items() if verdict.verdict in ALIVE
    )
    caught = counts[KILLED] + counts[TIMED_OUT]
    left = sum(counts[kind] for kind in ALIVE) - equivalent
    return {
        "mutants": len(subject.mutants),
        "tried": len(verdicts),
        "killed": counts[KILLED],
        "timed_out": counts[TIMED_OUT],
        "survived": left,
        "judged_equivalent": equivalent,
        "same_code": counts[SAME],
        "duplicates": counts[DUPLICATE],
        "invalid": counts[INVALID],
        "score": round(100 * caught / (caught + left), 2) if caught + left else 0.0,
        "is_whole": not any(map(results.is_to_be_tried, subject.mutants)),
    }


def problems(subject: Subject, results: Results) -> list[str]:
    """Return what the list of equivalents says that is not so."""
    found = []
    for name in judged(EQUIVALENTS):
        verdict = results.verdicts.get(name)
        if name not in subject.mutants:
            found.append(f"there is no such mutant: {name}")
        elif verdict and verdict.verdict not in ALIVE:
            found.append(f"not equivalent, but {verdict.verdict} ({verdict.by}): {name}")
    return found


def _report(subject: Subject, results: Results, wanted: Iterable[Mutant], as_json: bool) -> int:
    figures, wrong = summary(subject, results), problems(subject, results)
    reasons = judged(EQUIVALENTS)
    alive = [
        mutant
        for mutant in wanted
        if mutant.id not in reasons
        and mutant.id in results.verdicts
        and results.verdicts[mutant.id].verdict in ALIVE
    ]
    if as_json:
        alive_names = [mutant.id for mutant in alive]
        print(json.dumps({**figures, "alive": alive_names, "problems": wrong}, indent=1))
    else:
        for mutant in sorted(alive, key=lambda m: (m.file, m.start)):
            found = results.verdicts[mutant.id]
            print(f"{mutant.diff(subject.texts[mutant.file])}\n  {found.verdict}: {found.by}\n")
        Console().print(_table(results, reasons))
        for name, figure in figures.items():
            print(f"{name.replace('_', ' ')}: {figure}")
        for problem in wrong:
            print(f"mutation_equivalents.toml: {problem}", file=sys.stderr)
    return int(figures["score"] < ENOUGH or bool(wrong))


def _table(results: Results, reasons: dict[str, str]) -> Table:
    table = Table("file", "killed", "timed out", "alive", "equivalent", "same or invalid", box=None)
    rows: dict[str, Counter[str]] = {}
    for name, verdict in sorted(results.verdicts.items()):
        kind = SURVIVED if verdict.verdict in ALIVE else verdict.verdict
        kind = "equivalent" if kind == SURVIVED and name in reasons else kind
        rows.setdefault(name.split()[0], Counter())[kind] += 1
    for file, row in rows.items():
        other = row[SAME] + row[DUPLICATE] + row[INVALID]
        figures = (row[KILLED], row[TIMED_OUT], row[SURVIVED], row["equivalent"], other)
        table.add_row(file, *map(str, figures))
    return table


def _stem(file: str) -> str:
    return Path(file).stem


if __name__ == "__main__":
    sys.exit(main())
