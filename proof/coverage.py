"""Lines and branches of the contracts that the tests in process run.

    python -m proof.coverage [--json] [--keep] [TESTS ...]

A line is where a statement begins. It is covered if any of its code was run, in any contract that
has the module. Branches are those of the source: each `if`, `assert` and conditional expression
both ways; each operand of `and` and `or` both ways (the last one only where the whole decides
something); each `for` empty, entered, repeated, ended without `break`, and full: with as many turns
as it may have. What the compiler adds (checks of arithmetic, of arguments and of locks, the
dispatcher, what `min` and `max` are made of) is no branch here. What has no code is said, and not
counted, nor are sides of loops that proof/impossible.toml says cannot be, and why.

Exit status 1: something is not covered, or a test failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import track

from peerpool.compiled import ROOT

from .coverage_impossible import read_impossible
from .coverage_map import Map, compile_map
from .coverage_report import Report
from .coverage_trace import tracing

RESULTS = ROOT / "proof" / "results"
# Without tests/stateful: what only random lives reach is covered by luck, and counts as uncovered.
SUITES = ("attacks", "evm", "exploits", "layers", "modules", "python")
SOURCES = ("contracts/*.vy", "contracts/modules/*.vy")
# And those of tests that show modules by themselves: bounds that no pool comes near.
CONTRACTS = ("contracts/*.vy", "tests/modules/*.vy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests, print what they cover; return 1 if that is not all."""
    options = _options(arguments)
    console = Console(stderr=True)
    maps = _maps(console)
    with redirect_stdout(sys.stderr), tracing(maps) as runs:
        suites = options.tests or [f"tests/{name}" for name in SUITES]
        status = pytest.main(["-p", "no:pytest-brownie", "-q", "--no-header", *suites])
    passed = status == pytest.ExitCode.OK
    report = Report(runs, _files(*SOURCES), read_impossible(), passed)
    text = json.dumps(report.as_json(), indent=1) + "\n"
    if options.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "coverage.json").write_text(text)
    if options.json:
        sys.stdout.write(text)
    else:
        report.print(Console())
    return 0 if report.is_complete else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m proof.coverage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--keep", action="store_true", help="write it to proof/results too")
    parser.add_argument("tests", nargs="*", help=f"instead of {', '.join(SUITES)} in tests/")
    return parser.parse_args(arguments)


def _maps(console: Console) -> list[Map]:
    paths = _files(*CONTRACTS)
    return [compile_map(p) for p in track(paths, "Compiling", console=console, transient=True)]


def _files(*patterns: str) -> list[str]:
    found: list[Path] = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return [path.relative_to(ROOT).as_posix() for path in found]


if __name__ == "__main__":
    sys.exit(main())
