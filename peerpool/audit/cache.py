"""What was read of a pool, in a file: the next audit reads only what is new.

The file may be deleted at any time. Whoever is killed leaves it as it was after the last stretch;
two processes may read into it at once. A file of another format, or none of ours, is begun anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peerpool.audit.blocks import Head
from peerpool.audit.logs import Proof, RawLog, Seen, Stretch
from peerpool.errors import PeerpoolError

FORMAT = "2"
_BUSY = 60.0  # seconds that another process may take to write one stretch
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE stretches (
    first INTEGER, last INTEGER PRIMARY KEY, hash TEXT, time INTEGER, proved INTEGER
);
CREATE TABLE seen (
    block INTEGER PRIMARY KEY, hash TEXT, logs INTEGER, header INTEGER, hashed INTEGER,
    rooted INTEGER, strange INTEGER, doubtful INTEGER, unasked INTEGER
);
CREATE TABLE logs (
    block INTEGER, place INTEGER, time INTEGER, tx TEXT, topics BLOB, data BLOB,
    PRIMARY KEY (block, place)
) WITHOUT ROWID;
"""


class CacheError(PeerpoolError):
    """A cache that cannot be used: `cache: <file>: <problem>`."""


class Store:
    """The logs of one pool on one chain, in a file, or without a path for this process alone.

    about: what it is of (chain, genesis, pool); a file that is of something else is begun anew.
    """

    def __init__(self, path: Path | None, about: dict[str, str]) -> None:
        self.path = path
        self._about = {"format": FORMAT} | about
        if path:
            with self._told():
                path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            if path is None or isinstance(error, sqlite3.OperationalError):
                raise self._error(error) from None
            self._remove()
            with self._told():
                self._db = self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # --- what is there ------------------------------------------------------------

    def known(self, name: str) -> str | None:
        """Return what was noted."""
        row = self._row("SELECT value FROM about WHERE name = ?", name)
        return row and row[0]

    def marks(self) -> list[Head]:
        """Return the ends of the stretches, the latest first."""
        with self._told():
            rows = self._db.execute("SELECT last, hash, time FROM stretches ORDER BY last DESC")
            return [Head(*row) for row in rows]

    def proof(self, last: int) -> Proof:
        """Return what was proved of all blocks up to `last`, which may be amidst a stretch."""
        [blocks] = self._row("SELECT min(max(last), ?) - min(first) + 1 FROM stretches", last)
        sums = self._row(
            "SELECT sum(header), sum(logs > 0), sum(hashed), sum(rooted), sum(strange),"
            " sum(doubtful), sum(unasked), sum(logs) FROM seen WHERE block <= ?",
            last,
        )
        *of_blocks, logs = (number or 0 for number in sums)
        return Proof(logs, max(blocks or 0, 0), *of_blocks)

    def hash_of(self, number: int) -> str | None:
        """Return the hash that a block had when it was read; None if it was passed over."""
        row = self._row("SELECT hash FROM seen WHERE block = ?", number)
        return row and row[0]

    def first_unproved(self) -> int | None:
        """Return the first block that was read without asking for proofs, if there is one."""
        [first] = self._row("SELECT min(first) FROM stretches WHERE NOT proved")
        return first

    def first_unread(self, last: int) -> int | None:
        """Return the first block of a stretch up to `last` of which headers were passed over."""
        [first] = self._row(
            "SELECT min(first) FROM stretches WHERE first <= ? AND last - first + 1 >"
            " (SELECT count(*) FROM seen WHERE header AND block BETWEEN first AND last)",
            last,
        )
        return first

    def logs(self, last: int) -> Iterator[RawLog]:
        """Return the logs up to a block, in order, without keeping more than a few in memory."""
        with self._told():
            rows = self._db.execute(
                "SELECT block, place, time, tx, topics, data FROM logs WHERE block <= ?"
                " ORDER BY block, place",
                (last,),
            )
            yield from map(RawLog._make, rows)

    # --- what is added and taken away ---------------------------------------------

    def note(self, name: str, value: str) -> None:
        """Keep a word about what is there."""
        with self._changing():
            self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def add(self, stretch: Stretch, proved: bool) -> bool:
        """Keep a stretch, all of it or nothing; return False if another process was there first."""
        with self._changing():
            [end] = self._row("SELECT max(last) FROM stretches")
            if end is not None and end != stretch.first - 1:
                return False
            self._db.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", stretch.logs)
            places = ", ".join("?" * len(Seen._fields))
            self._db.executemany(f"INSERT INTO seen VALUES ({places})", stretch.seen)  # noqa: S608
            row = (stretch.first, stretch.last, stretch.hash, stretch.time, proved)
            self._db.execute("INSERT INTO stretches VALUES (?, ?, ?, ?, ?)", row)
        return True

    def drop(self, first: int) -> None:
        """Forget all stretches that reach to a block or beyond."""
        with self._changing():
            [start] = self._row("SELECT min(first) FROM stretches WHERE last >= ?", first)
            if start is not None:
                self._db.execute("DELETE FROM logs WHERE block >= ?", (start,))
                self._db.execute("DELETE FROM seen WHERE block >= ?", (start,))
                self._db.execute("DELETE FROM stretches WHERE last >= ?", (first,))

    # --- the file -----------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        """Open the file, and see that it is ours; sqlite3.DatabaseError if it is not."""
        db = sqlite3.connect(self.path or "", timeout=_BUSY, isolation_level=None)
        try:
            if self.path:
                db.execute("PRAGMA journal_mode = WAL")  # readers and a writer side by side
                db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _TABLES.split(";"):
                    db.execute(statement)
                db.executemany("INSERT INTO about VALUES (?, ?)", self._about.items())
            db.execute("COMMIT")
            try:
                found = dict(db.execute("SELECT name, value FROM about"))
            except sqlite3.OperationalError:
                found = {}
            if any(found.get(name) != value for name, value in self._about.items()):
                raise sqlite3.DatabaseError("of another format")
        except BaseException:
            db.close()
            raise
        return db

    def _remove(self) -> None:
        assert self.path is not None
        with self._told():
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _row(self, query: str, *values: Any) -> Any:
        with self._told():
            return self._db.execute(query, values).fetchone()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._error(error) from None

    def _error(self, error: Exception) -> CacheError:
        problem = getattr(error, "strerror", None) or str(error)
        return CacheError(f"cache: {self.path or 'in memory'}: {problem.lower()}")
