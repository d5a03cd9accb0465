"""peerpool.audit.cache: killed, deleted, of another format, used twice at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from peerpool.audit.cache import CacheError, Store
from peerpool.audit.logs import Proof, RawLog, Seen, Stretch

ABOUT = {"chain": "31337", "genesis": "0x00", "pool": "0x11"}


def stretch(first: int, last: int, mark: str = "a") -> Stretch:
    """A log in each block."""
    logs = [
        RawLog(n, 0, 12 * n, f"0x{n:064x}", b"t" * 32, b"d" * 64) for n in range(first, last + 1)
    ]
    seen = [Seen(g.block, f"0x{mark}{g.block}", 1, header=True, hashed=True) for g in logs]
    return Stretch(first, last, f"0x{mark}{last}", 12 * last, logs, seen)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "pool.sqlite"


def test_store__keeps_what_was_added(path: Path) -> None:
    store = Store(path, ABOUT)
    assert store.add(stretch(5, 9), proved=True)
    assert store.add(stretch(10, 14), proved=True)
    store.note("first", "5")
    store.close()
    again = Store(path, ABOUT)
    assert [mark.number for mark in again.marks()] == [14, 9]
    assert list(again.logs(12)) == stretch(5, 9).logs + stretch(10, 14).logs[:3]
    assert again.known("first") == "5"
    assert again.known("last") is None
    assert again.proof(14) == Proof(10, 10, 10, 10, 10)
    assert again.proof(9) == Proof(5, 5, 5, 5, 5)
    assert again.proof(12) == Proof(8, 8, 8, 8, 8)
    assert again.proof(4) == Proof()
    assert (again.hash_of(12), again.hash_of(15)) == ("0xa12", None)
    again.close()


def test_store__without_a_path__leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(None, ABOUT)
    store.add(stretch(0, 99), proved=True)
    assert len(list(store.logs(99))) == 100
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_drop__forgets_whole_stretches(path: Path) -> None:
    store = Store(path, ABOUT)
    for first in (0, 10, 20):
        store.add(stretch(first, first + 9), proved=True)
    store.drop(15)
    assert [mark.number for mark in store.marks()] == [9]
    assert [log.block for log in store.logs(99)] == list(range(10))
    assert store.proof(99) == Proof(10, 10, 10, 10, 10)
    assert store.hash_of(10) is None
    store.drop(0)
    assert store.marks() == []
    store.drop(0)


def test_first_unproved(path: Path) -> None:
    store = Store(path, ABOUT)
    store.add(stretch(0, 9), proved=True)
    assert store.first_unproved() is None
    store.add(stretch(10, 19), proved=False)
    assert store.first_unproved() == 10


def test_first_unread(path: Path) -> None:
    store = Store(path, ABOUT)
    store.add(stretch(0, 9), proved=True)
    store.add(stretch(10, 19), proved=True)
    assert store.first_unread(19) is None
    few = stretch(20, 29)
    store.add(replace(few, seen=few.seen[1:]), proved=True)
    assert store.first_unread(19) is None
    assert store.first_unread(20) == 20


def test_add__another_was_there_first__nothing_is_added(path: Path) -> None:
    one, other = Store(path, ABOUT), Store(path, ABOUT)
    assert one.add(stretch(0, 9), proved=True)
    assert not other.add(stretch(0, 5), proved=True)
    assert other.add(stretch(10, 19), proved=True)
    assert not one.add(stretch(10, 14), proved=True)
    assert [log.block for log in one.logs(99)] == list(range(20))


def test_add__fails_half_way__nothing_of_it_is_kept(path: Path) -> None:
    store = Store(path, ABOUT)
    bad = stretch(0, 3)
    bad.logs.append(bad.logs[0])  # two in one place
    with pytest.raises(CacheError, match=r"cache: .*pool\.sqlite: unique constraint failed"):
        store.add(bad, proved=True)
    assert list(store.logs(99)) == store.marks() == []
    assert store.add(stretch(0, 3), proved=True)


@pytest.mark.parametrize(
    "content",
    [b"", b"no database at all, but long enough to look like one" * 40, b"SQLite format 3\0"],
    ids=["empty", "text", "header"],
)
def test_store__file_that_is_none_of_ours__begins_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = Store(path, ABOUT)
    assert store.marks() == []
    assert store.add(stretch(0, 3), proved=True)


@pytest.mark.parametrize("about", [{"format": "0"}, {"pool": "0x22"}, {"genesis": "0x01"}])
def test_store__of_something_else__begins_anew(path: Path, about: dict[str, str]) -> None:
    store = Store(path, ABOUT)
    store.add(stretch(0, 3), proved=True)
    store.close()
    if "format" in about:
        with sqlite3.connect(path) as db:
            db.execute("UPDATE about SET value = '0' WHERE name = 'format'")
        db.close()
        about = {}
    again = Store(path, ABOUT | about)
    assert again.marks() == []
    assert list(again.logs(99)) == []


def test_store__database_of_somebody_else__begins_anew(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE songs (title)")
    db.close()
    assert Store(path, ABOUT).marks() == []


def test_store__deleted_and_wal_left_behind__begins_anew(path: Path) -> None:
    store = Store(path, ABOUT)
    store.add(stretch(0, 3), proved=True)
    path.unlink()  # while it is open, too
    assert [log.block for log in store.logs(99)] == [0, 1, 2, 3]
    again = Store(path, ABOUT)
    assert again.marks() == []
    assert again.add(stretch(0, 1), proved=True)


def test_store__folder_that_cannot_be__raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="cache: .*: (file exists|not a directory)"):
        Store(tmp_path / "file" / "pool.sqlite", ABOUT)


def test_store__path_is_a_folder__raises(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="cache: .*: unable to open database file"):
        Store(tmp_path, ABOUT)


def apart(target: Callable[..., None], *arguments: object) -> ForkProcess:
    """Begin to run a function in another process."""
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    return process


class Dying:
    """A connection whose process is killed in the middle of what it writes."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self.real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def executemany(self, query: str, rows: list[RawLog]) -> None:
        """Write some of it."""
        self.real.executemany(query, rows[:500])
        os.kill(os.getpid(), signal.SIGKILL)


def die(path: Path) -> None:
    """Add a stretch, and half of another."""
    store = Store(path, ABOUT)
    store.add(stretch(0, 99), proved=True)
    store._db = Dying(store._db)  # type: ignore[assignment]
    store.add(stretch(100, 5099), proved=True)


def test_store__killed_in_the_middle__has_all_stretches_before(path: Path) -> None:
    process = apart(die, path)
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    store = Store(path, ABOUT)
    assert [mark.number for mark in store.marks()] == [99]
    assert [log.block for log in store.logs(9999)] == list(range(100))
    assert store.add(stretch(100, 5099), proved=True)


def race(path: Path, width: int) -> None:
    """Add stretches until there are enough, whoever else does."""
    store = Store(path, ABOUT)
    while True:
        marks = store.marks()
        first = marks[0].number + 1 if marks else 0
        if first >= 600:
            return
        store.add(stretch(first, first + width - 1), proved=True)


def test_store__two_processes_at_once__every_block_once(path: Path) -> None:
    racers = [apart(race, path, width) for width in (20, 30)]
    for racer in racers:
        racer.join(20)
    assert [racer.exitcode for racer in racers] == [0, 0]
    blocks = [log.block for log in Store(path, ABOUT).logs(9999)]
    assert blocks == list(range(len(blocks)))
    assert len(blocks) >= 600
