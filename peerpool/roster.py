"""The roster: who is to be invited, from a CSV file.

Columns, by name and in any order: `member` (address) and `tier` (its name, or its number from 0);
`payer` (address), `name` and `note` are for people and optional. Commas or semicolons.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from peerpool.errors import ProblemList, shown
from peerpool.files import read_text
from peerpool.units import ZERO_ADDRESS, UnitError, counted, parse_address

_REQUIRED = ("member", "tier")
_COLUMNS = (*_REQUIRED, "payer", "name", "note")


class RosterError(ProblemList):
    """A roster that cannot be used; `problems` lists all that is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems)


@dataclass(frozen=True)
class Row:
    """One member to be. `tier` is the number that the pool knows it by."""

    line: int
    member: str
    tier: int
    payer: str | None
    name: str
    note: str


def load(path: str | Path, tier_names: Sequence[str]) -> list[Row]:
    """Read a roster; `tier_names` are those of the pool in order, "" for one that has none.

    Raises RosterError with all problems at once, each "roster: line 4: ...".
    """
    text = read_text(Path(path), "roster", RosterError)
    header, lines = _table(text)
    rows: list[Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        try:
            row = _row(line, header, cells, tier_names, seen)
        except RosterError as error:
            problems += [f"roster: line {line}: {problem}" for problem in error.problems]
        else:
            rows.append(row)
    if problems:
        raise RosterError(*problems)
    if not rows:
        raise RosterError("roster: nobody in it")
    return rows


def _table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    first_line = text.partition("\n")[0]
    separator = ";" if ";" in first_line and "," not in first_line else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((begin, [cell.strip() for cell in cells]))
            begin = reader.line_num + 1
    except csv.Error as problem:
        raise RosterError(f"roster: line {begin}: is not CSV: {problem}") from None
    if not lines:
        raise RosterError("roster: nobody in it")
    header = [cell.lower() for cell in lines[0][1]]
    problems = [_unknown(column) for column in header if column not in _COLUMNS]
    problems += [f"column {name} is missing" for name in _REQUIRED if name not in header]
    problems += [f"column {name} is there twice" for name in _COLUMNS if header.count(name) > 1]
    if problems:
        raise RosterError(*(f"roster: {problem}" for problem in problems))
    return header, lines[1:]


def _unknown(column: str) -> str:
    near = get_close_matches(column, _COLUMNS, n=1)
    return f"unknown column {shown(column)}" + (f" (did you mean {near[0]}?)" if near else "")


def _row(
    line: int,
    header: Sequence[str],
    values: Sequence[str],
    tier_names: Sequence[str],
    seen: dict[str, int],
) -> Row:
    """Return a row, or raise all that is wrong with it; `seen` has the line of each member."""
    if len(values) != len(header):
        raise RosterError(f"{counted(len(values), 'cell')} under {counted(len(header), 'column')}")
    cells = dict(zip(header, values, strict=True))
    problems: list[str] = []
    member, payer, tier = "", None, 0
    try:
        member = parse_address(cells["member"])
        if member == ZERO_ADDRESS:
            problems.append("member is the zero address")
        elif seen.setdefault(member, line) != line:
            problems.append(f"member {member} is already in line {seen[member]}")
    except UnitError as problem:
        problems.append(str(problem))
    try:
        payer = parse_address(cells["payer"]) if cells.get("payer") else None
    except UnitError as problem:
        problems.append(f"payer: {problem}")
    if cells["tier"] and cells["tier"] in tier_names:
        tier = list(tier_names).index(cells["tier"])
    elif cells["tier"] in map(str, range(len(tier_names))):
        tier = int(cells["tier"])
    else:
        known = ", ".join(f"{i} {name}".strip() for i, name in enumerate(tier_names))
        problems.append(f"unknown tier {shown(cells['tier'])} (there are {known})")
    if problems:
        raise RosterError(*problems)
    return Row(line, member, tier, payer, cells.get("name", ""), cells.get("note", ""))
