"""Random lives of random pools until time is up: contracts against the model of tests/model.

    SEED=... FUZZ_SECONDS=... FUZZ_WORKERS=... python -m proof.fuzz [--json] [--keep] [--life N]

Life N of a seed is the same however many workers there are. A life that fails is printed as the
plain calls of the shortest one found that does, with the command that repeats it.

Exit status 1: contract and model differ, a promise was broken, or an error of our own ended a life.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from tests.stateful.machine import PoolMachine
from tests.stateful.world import world

from .report import as_json, as_text
from .results import keep, sources_digest
from .workers import Difference, Fault, Tally, Word, side_by_side, work

TELL_EVERY = 60  # seconds, where nobody looks on


def main(
    arguments: Sequence[str] | None = None,
    machine: type[RuleBasedStateMachine] = PoolMachine,
    prepare: Callable[[], object] = world,
) -> int:
    """Fuzz, report; return 1 if there is anything to mend."""
    options = _options(arguments)
    sources = sources_digest()
    console = Console(stderr=True, highlight=False)
    console.print(f"seed {options.seed}, {options.seconds:g} seconds, {options.workers} at a time")
    with console.status("Compiling"):
        prepare()
    began = time.monotonic()
    until = began + options.seconds
    if options.life is None:
        words = side_by_side(machine, options.seed, options.workers, until)
    else:
        words = work(machine, options.seed, iter([options.life]), until)
    tally = Tally()
    failure = None
    try:
        for word in _shown(words, console, options.seconds):
            if isinstance(word, Tally):
                tally.add(word)
            else:
                failure = word
    except KeyboardInterrupt:
        console.print("interrupted")
    seconds = time.monotonic() - began
    run = {"seed": options.seed, "seconds": round(seconds), "workers": options.workers}
    run |= {"failure": _told(failure, options.seed) if failure else "", **as_json(tally)}
    _print(run, options, seconds, console)
    if options.keep and options.life is None:
        gathered = keep(run, sources)
        console.print(f"{gathered['calls']:,} calls of {len(gathered['runs'])} seeds are kept")
    if failure:
        console.print(run["failure"], markup=False, soft_wrap=True)
    return 1 if failure else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    given = os.environ.get
    parser = argparse.ArgumentParser(
        prog="python -m proof.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    seed = given("SEED") or secrets.randbelow(1 << 32)
    parser.add_argument("--seed", type=int, default=seed, help="SEED; new if there is none")
    seconds = given("FUZZ_SECONDS") or 60
    parser.add_argument("--seconds", type=float, default=seconds, help="FUZZ_SECONDS (60)")
    workers = given("FUZZ_WORKERS") or 1
    parser.add_argument("--workers", type=int, default=workers, help="FUZZ_WORKERS (1)")
    parser.add_argument("--life", type=int, help="only this life of the seed")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    parser.add_argument("--keep", action="store_true", help="gather it in proof/results too")
    return parser.parse_args(arguments)


def _shown(words: Iterator[Word], console: Console, seconds: float) -> Iterator[Word]:
    """Pass words on; show how far it is: always on a terminal, each minute elsewhere."""
    calls, began, told = 0, time.monotonic(), time.monotonic()
    columns = SpinnerColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        for word in words:
            yield word
            now = time.monotonic()
            calls += word.calls.total() if isinstance(word, Tally) else 0
            left = max(0, seconds - (now - began))
            text = f"{calls:,} calls, {calls / (now - began):.0f} a second, {left:.0f} seconds left"
            progress.update(task, description=text)
            if not console.is_terminal and now - told >= TELL_EVERY:
                console.print(text)
                told = now


def _told(failure: Difference | Fault, seed: int) -> str:
    again = f'again: SEED={seed} make fuzz ARGS="--life {failure.life}"'
    if isinstance(failure, Fault):
        return f"an error of our own in life {failure.life}: {failure.text}; {again}"
    return "\n".join(
        [
            failure.story,
            f"{len(failure.steps)} steps of life {failure.life} of seed {seed}: {failure.text}",
            again,
        ]
    )


def _print(
    run: dict[str, Any], options: argparse.Namespace, seconds: float, console: Console
) -> None:
    if options.json:
        print(json.dumps(run, indent=1))
    else:
        print(as_text(run))
    console.print(f"{run['calls'] / seconds:.0f} calls a second")


if __name__ == "__main__":
    sys.exit(main())
