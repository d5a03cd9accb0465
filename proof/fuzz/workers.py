"""Processes that live lives side by side, and what they tell the one that started them."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from tests.stateful import counts

from .drive import Failure, live, shorten

STEPS = 120
SHORTEN_FOR = 120  # seconds
TELL_EVERY = 1  # second


@dataclass
class Tally:
    """What was done: calls by function and refusal, situations, promises, lives."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    lives: int = 0

    def add(self, other: Tally) -> None:
        """Add another's."""
        self.calls.update(other.calls)
        self.reached.update(other.reached)
        self.kept.update(other.kept)
        self.lives += other.lives


@dataclass(frozen=True)
class Difference:
    """A life that failed, and the shortest one found that does."""

    life: int
    text: str
    story: str
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Fault:
    """An error of ours in a life, which says nothing about the contracts."""

    life: int
    text: str


Word = Tally | Difference | Fault


def life_seed(seed: int, life: int) -> str:
    """Return what the dice of a life begin with."""
    return f"{seed}.{life}"


def work(
    machine: type[RuleBasedStateMachine], seed: int, lives: Iterator[int], until: float
) -> Iterator[Word]:
    """Live in this process; yield what was done since the last word, and the failure it ends by."""
    told = time.monotonic()
    since = Tally()
    for number in lives:
        if time.monotonic() >= until:
            break
        try:
            live(machine, life_seed(seed, number), range(STEPS))
        except Failure as failure:
            yield _take_counts(since)
            shortest = shorten(machine, life_seed(seed, number), failure, SHORTEN_FOR)
            _take_counts(Tally())  # calls made to shorten count for nothing
            yield Difference(number, shortest.difference, shortest.story, shortest.steps)
            return
        except Exception as error:
            yield _take_counts(since)
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
            yield Fault(number, " ".join(text.split()))
            return
        since.lives += 1
        if time.monotonic() - told >= TELL_EVERY:
            yield _take_counts(since)
            told, since = time.monotonic(), Tally()
    yield _take_counts(since)


def _take_counts(tally: Tally) -> Tally:
    """Add what the lives of this process have counted, and begin anew."""
    tally.add(Tally(Counter(counts.calls), Counter(counts.reached), Counter(counts.kept)))
    for counter in (counts.calls, counts.reached, counts.kept):
        counter.clear()
    return tally


def side_by_side(
    machine: type[RuleBasedStateMachine], seed: int, workers: int, until: float
) -> Iterator[Word]:
    """Let each process live every so manieth life; yield what they say until the last is silent.

    The first failure ends them all.
    """
    context = multiprocessing.get_context("fork")
    running: dict[Any, tuple[int, Any]] = {}
    for first in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        given = (theirs, machine, seed, first, workers, until)
        process = context.Process(target=_worker, args=given, daemon=True)
        process.start()
        theirs.close()
        running[ours] = first, process
    try:
        while running:
            for ours in wait(list(running), timeout=TELL_EVERY):
                word = _hear(ours)
                if word is None:
                    first, process = running.pop(ours)
                    process.join()
                    if process.exitcode:
                        yield Fault(first, f"worker ended with status {process.exitcode}")
                    continue
                yield word
                if not isinstance(word, Tally):
                    return
    finally:
        for _, process in running.values():
            process.terminate()


def _hear(ours: Any) -> Word | None:
    try:
        return ours.recv()
    except EOFError:
        return None


def _worker(
    theirs: Connection,
    machine: type[RuleBasedStateMachine],
    seed: int,
    first: int,
    workers: int,
    until: float,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started us ends us
    for word in work(machine, seed, iter(range(first, 1 << 62, workers)), until):
        theirs.send(word)
