"""What an audit found: one check after the other, and the verdict of them all.

A check is proved only if all it looked at is as it must be. What differs is named; what could not
be looked at is "unproved", and so is then the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerpool.units import format_date

PROVED, DIFFERS, UNPROVED = "proved", "differs", "unproved"
RESULTS = (PROVED, UNPROVED, DIFFERS)  # the worst last
_STYLES = {PROVED: "green", UNPROVED: "yellow", DIFFERS: "red"}
MARKS = {PROVED: "✓", UNPROVED: "?", DIFFERS: "✗"}
_SHOWN = 20  # details of a check in the terminal


@dataclass(frozen=True)
class Check:
    """One check. `details`: what differs, what is missing, or what was proved, a line each."""

    name: str
    result: str
    details: tuple[str, ...] = ()


def checked(name: str, differences: Iterable[str], proved: Iterable[str] = ()) -> Check:
    """Return a check that is proved, in the words of `proved`, if there are no differences."""
    found = tuple(differences)
    return Check(name, DIFFERS, found) if found else Check(name, PROVED, tuple(proved))


@dataclass(frozen=True)
class Verdict:
    """All checks of a pool as of a block. `block` and `time` are None if it was not read so far."""

    pool: str
    chain_id: int | None
    block: int | None
    checks: tuple[Check, ...]
    time: int | None = None  # of the block, Unix seconds
    name: str = ""  # of the pool
    block_hash: str | None = None

    @property
    def result(self) -> str:
        """The worst of all checks; without any nothing is proved."""
        return max((check.result for check in self.checks), key=RESULTS.index, default=UNPROVED)

    @property
    def exit_code(self) -> int:
        """0 only if every check is proved."""
        return 0 if self.result == PROVED else 1

    @property
    def line(self) -> str:
        """The verdict in one line."""
        what = f"the pool {self.pool}"
        if self.chain_id is not None:
            what += f" on chain {self.chain_id}"
        if self.block is not None:
            what += f" as of block {self.block}"
        if self.time is not None:
            what += f" ({format_date(self.time)})"
        if self.result == PROVED:
            return f"proved: {what} is what its code, its events and its state say"
        names = ", ".join(check.name for check in self.checks if check.result == self.result)
        if self.result == DIFFERS:
            return f"differs: {what}: see {names}"
        return f"not proved: {what}: see {names or 'nothing: there was no check'}"

    def as_tree(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {
            "verdict": self.result,
            "line": self.line,
            "pool": self.pool,
            "name": self.name,
            "chain_id": self.chain_id,
            "block": self.block,
            "block_hash": self.block_hash,
            "time": self.time,
            "checks": [
                {"name": check.name, "result": check.result, "details": list(check.details)}
                for check in self.checks
            ],
        }


def _details(check: Check) -> Table:
    """What it says, a paragraph each."""
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column()
    lines.add_column(overflow="fold")
    for line in check.details[:_SHOWN]:
        lines.add_row("·", Text(line))
    if (more := len(check.details) - _SHOWN) > 0:
        lines.add_row("·", Text(f"… and {more} more, see --json", style="dim"))
    return lines


def show(verdict: Verdict, console: Console) -> None:
    """Print a verdict: the pool, a row for each check, then the line."""
    pool = f"{verdict.name}, {verdict.pool}" if verdict.name else verdict.pool
    console.print(Text(pool, style="bold"), soft_wrap=True)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for check in verdict.checks:
        result = Text(f"{MARKS[check.result]} {check.result}", style=_STYLES[check.result])
        table.add_row(Text(check.name, style="bold"), result, _details(check))
    console.print(table)
    console.print(Text(verdict.line, style=f"bold {_STYLES[verdict.result]}"), soft_wrap=True)
