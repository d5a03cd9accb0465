"""How fast a pool's events are read, beside web3.py, and with how much memory, on a new Anvil.

Each way reads all logs of a contract that emitted so many events, and understands each: web3.py by
get_logs and process_log; ours, a tenth of them, all with headers and receipts proved into a cache,
and again from that. Exit code 1 if ours is not 10 times as fast, or memory grows with the events.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eth_utils.abi import event_abi_to_log_topic
from rich.console import Console
from rich.table import Table
from web3 import HTTPProvider, Web3

from peerpool import abi
from peerpool.audit.history import History
from peerpool.rpc import Rpc
from scripts.arguments import parser_of
from scripts.bench_chain import A_BLOCK, POOL, anvil, emit

NEEDS_CHAIN = False
BINARIES = Path(__file__).resolve().parents[1] / "node_modules" / ".bin"
TIMES = 10  # as fast as web3.py, at least
MORE_MEMORY = 1.25  # of ten times as many events, at most; what is kept is on disk
RANGE = 256  # blocks that web3.py asks for at once

# Reads the logs up to a block, from a node, into events; returns how many.
Way = Callable[[str, int, Path], int]


@dataclass(frozen=True)
class Measured:
    """What one way took; `memory` is the most that it held, in bytes."""

    name: str
    events: int
    seconds: float
    memory: int

    @property
    def a_second(self) -> float:
        return self.events / self.seconds


def main(*arguments: str) -> None:
    """The command; `--help` tells."""
    options = _options([argument for argument in arguments if argument != "--"])
    os.environ["PATH"] = f"{BINARIES}{os.pathsep}{os.environ['PATH']}"
    console = Console(stderr=True)
    with anvil() as rpc, TemporaryDirectory() as folder:
        with console.status(f"Mining {options.events:,} events"):
            last = emit(rpc, options.events)
        with console.status("Reading") as status:
            found = measure(
                rpc.url, last, Path(folder), lambda name: status.update(f"Reading: {name}")
            )
    theirs, ours, few = found["web3.py"], found["peerpool"], found["a tenth"]
    times = ours.a_second / theirs.a_second
    growth = ours.memory / few.memory
    if options.json:
        tree = {
            "times": round(times, 1),
            "memory_growth": round(growth, 2),
            "ways": {name: asdict(each) for name, each in found.items()},
        }
        print(json.dumps(tree, indent=2))
    else:
        Console().print(_table(found.values(), theirs))
    if times < TIMES:
        sys.exit(f"bench: {times:.1f} times as fast as web3.py, not {TIMES}")
    if growth > MORE_MEMORY:
        sys.exit(f"bench: memory grows with the events, {growth:.2f} times for ten times as many")


def measure(url: str, last: int, folder: Path, told: Callable[[str], None]) -> dict[str, Measured]:
    """Measure every way, each in a process of its own."""
    few = last // 10
    ways: Sequence[tuple[str, str, Way, int]] = (
        ("web3.py", "web3.py", _by_web3, last),
        ("peerpool", "peerpool", _by_history, last),
        ("a tenth", "peerpool, a tenth", _by_history, few),
        ("proved", "peerpool, proved", _proved, last),
        ("cached", "peerpool, from cache", _proved, last),
    )
    found = {}
    for key, name, way, end in ways:
        told(name)
        found[key] = Measured(name, *_apart(way, url, end, folder))
    return found


def _by_web3(url: str, last: int, _: Path) -> int:
    web3 = Web3(HTTPProvider(url))
    contract = web3.eth.contract(POOL, abi=abi.load("Pool"))
    kinds = {
        event_abi_to_log_topic(entry): contract.events[entry["name"]]()
        for entry in abi.load("Pool")
        if entry["type"] == "event"
    }
    count = 0
    for start in range(0, last + 1, RANGE):
        end = min(start + RANGE - 1, last)
        for log in web3.eth.get_logs({"address": POOL, "fromBlock": start, "toBlock": end}):
            kinds[bytes(log["topics"][0])].process_log(log)
            count += 1
    return count


def _by_history(url: str, last: int, _: Path) -> int:
    with Rpc(url) as rpc, History.open(rpc, POOL, to=last, first=0, prove=False) as history:
        return sum(1 for _ in history.events())


def _proved(url: str, last: int, folder: Path) -> int:
    with Rpc(url) as rpc, History.open(rpc, POOL, to=last, first=0, cache=folder) as history:
        return sum(1 for _ in history.events())


# --- one way in a process of its own ----------------------------------------------------


def _apart(way: Way, *arguments: Any) -> tuple[int, float, int]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_timed, way, *arguments).result()


def _timed(way: Way, *arguments: Any) -> tuple[int, float, int]:
    before, start = _most_memory(), time.perf_counter()
    count = way(*arguments)
    return count, time.perf_counter() - start, _most_memory() - before


def _most_memory() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


# --- the command line -------------------------------------------------------------------


def _table(found: Sequence[Measured], theirs: Measured) -> Table:
    table = Table("", "events", "seconds", "a second", "times", "memory")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found:
        table.add_row(
            each.name,
            f"{each.events:,}",
            f"{each.seconds:.2f}",
            f"{each.a_second:,.0f}",
            f"{each.a_second / theirs.a_second:.1f}",
            f"{each.memory / 2**20:.0f} MB",
        )
    return table


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("bench", __doc__)
    parser.add_argument("--events", type=_count, default=100_000, help="so many (100000)")
    parser.add_argument("--json", action="store_true", help="the measurements as JSON")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 10 * A_BLOCK:
        raise argparse.ArgumentTypeError(f"{text}: not a number from {10 * A_BLOCK} on")
    return int(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
