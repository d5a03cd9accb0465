"""What was run of the contracts' sources and what was not: by file, by contract, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from vyper import ast as vy_ast

from peerpool.compiled import ROOT

from .coverage_impossible import Impossible, wrong_about
from .coverage_source import (
    Line,
    Point,
    Side,
    functions_of,
    line_of,
    operand_side,
    point_of,
    statements,
)
from .coverage_trace import Run
from .sources import contracts_digest

NEVER_REACHED = "never reached"


class Count(NamedTuple):
    """How many of how many."""

    covered: int
    total: int

    def __str__(self) -> str:
        return f"{self.covered} of {self.total}"


class Remark(NamedTuple):
    """Something to say about a line."""

    file: str
    line: int
    text: str
    kind: str = ""

    @property
    def source(self) -> str:
        """Return the line itself."""
        return (ROOT / self.file).read_text().splitlines()[self.line - 1].strip()


@dataclass(frozen=True)
class Part:
    """Statements and sides that have code, and those of them that were run."""

    lines: set[Line]
    sides: set[Side]
    ran: set[Line]
    taken: set[Side]

    @classmethod
    def of(cls, runs: Iterable[Run]) -> Part:
        """Merge runs: once is enough, in whichever contract."""
        part = cls(set(), set(), set(), set())
        for run in runs:
            part.lines.update(run.map.lines.values(), run.map.implied)
            part.sides.update(run.map.sides)
            part.ran.update(run.lines)
            part.taken.update(run.sides)
        return part

    def within(self, file: str) -> Part:
        """Return what of it is in one file."""
        return Part(
            {line for line in self.lines if line.file == file},
            {side for side in self.sides if side.point.file == file},
            self.ran,
            self.taken,
        )

    @property
    def line_count(self) -> Count:
        """Count statements."""
        return Count(len(self.lines & self.ran), len(self.lines))

    @property
    def side_count(self) -> Count:
        """Count sides of branches."""
        return Count(len(self.sides & self.taken), len(self.sides))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left."""
        return self.lines <= self.ran and self.sides <= self.taken

    def missing(self) -> list[Remark]:
        """Return what was not run, in the order of the sources."""
        found = [Remark(*line, NEVER_REACHED, "lines") for line in self.lines - self.ran]
        for point, name in self.sides - self.taken:
            text = f"{_name(point)}: never {name}"
            found.append(Remark(point.file, point.line, text, "branches"))
        return sorted(found)


@dataclass(frozen=True)
class Report:
    """All of it."""

    runs: list[Run]
    files: list[str]  # that are to be covered
    impossible: list[Impossible]
    tests_passed: bool

    @cached_property
    def whole(self) -> Part:
        """Return what is to be covered, whichever contracts it is in."""
        part = Part.of(self.runs)
        lines = {line for line in part.lines if line.file in self.files}
        sides = {side for side in part.sides if side.point.file in self.files}
        asked = {side for side in sides if not any(one.means(side) for one in self.impossible)}
        return Part(lines, asked, part.ran, part.taken)

    @cached_property
    def wrong(self) -> list[Impossible]:
        """Return what is said to be impossible and is not, or not there."""
        part = Part.of(self.runs)
        return wrong_about(self.impossible, part.sides, part.taken)

    @property
    def is_complete(self) -> bool:
        """Whether the tests passed and left nothing."""
        return self.tests_passed and self.whole.is_complete and not self.wrong

    @cached_property
    def without_code(self) -> list[Remark]:
        """Return what cannot be covered, because the compiler left it out or made no jump of it."""
        compiled = {line for run in self.runs for line in run.map.functions.values()}
        modules = {file: m for run in self.runs for file, m in run.map.modules.items()}
        points = {side.point for run in self.runs for side in run.map.sides}
        lines = {line for run in self.runs for line in (*run.map.lines.values(), *run.map.implied)}
        remarks = []
        for point, name in {side for run in self.runs for side in run.map.endless}:
            text = f"{_name(point)}: {name} only after more turns than a test can take"
            remarks.append(Remark(point.file, point.line, text))
        for file in self.files:
            if file not in modules:
                remarks.append(Remark(file, 1, "no contract imports it"))
                continue
            for function in functions_of(modules[file]):
                if line_of(function) not in compiled:
                    remarks.append(Remark(*line_of(function), f"{function.name}: nobody calls it"))
                else:
                    remarks += _left_out(function, lines, points)
        return sorted(remarks)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "contracts": contracts_digest(),
            "lines": self.whole.line_count.total,
            "branches": self.whole.side_count.total,
            "tests_passed": self.tests_passed,
            "files": {file: _counts(self.whole.within(file)) for file in self.files},
            "by_contract": {run.map.path: _contract(Part.of([run])) for run in self.runs},
            "uncovered": [_as_json(remark) for remark in self.whole.missing()],
            "without_code": [_as_json(remark) for remark in self.without_code],
            "impossible": [entry._asdict() for entry in self.impossible],
            "not_impossible": [entry._asdict() for entry in self.wrong],
        }

    def print(self, console: Console) -> None:
        """Print tables, then what is missing line by line."""
        table = _table("file")
        for file in self.files:
            _add_row(table, file, self.whole.within(file))
        _add_row(table, "all", self.whole)
        console.print(table)
        table = _table("contract, with its modules")
        for run in self.runs:
            _add_row(table, run.map.path, Part.of([run]))
        console.print(table)
        _print_remarks(console, "Without code of their own, so not counted:", self.without_code)
        _print_impossible(console, "Cannot be, so not counted:", self.impossible)
        _print_impossible(console, "Listed as what cannot be, but is, or is not there:", self.wrong)
        _print_remarks(console, "Not covered:", _shortened(self.whole.missing()))
        lines, sides = self.whole.line_count, self.whole.side_count
        console.print(f"{lines} lines and {sides} sides of branches are covered")
        if not self.tests_passed:
            console.print("tests failed: what they show is not worth much")


def _left_out(
    function: vy_ast.FunctionDef, lines: set[Line], points: set[Point]
) -> Iterator[Remark]:
    for statement in statements(function.body):
        if line_of(statement) not in lines:
            yield Remark(*line_of(statement), "no code of its own")
    for node in function.get_descendants((vy_ast.If, vy_ast.Assert, vy_ast.IfExp, vy_ast.BoolOp)):
        for point in _points_of(node):
            if point not in points and Line(point.file, point.line) in lines:
                yield Remark(point.file, point.line, f"{_name(point)}: there is no jump for it")


def _points_of(node: vy_ast.VyperNode) -> Iterator[Point]:
    kinds = {vy_ast.If: "if", vy_ast.Assert: "assert", vy_ast.IfExp: "choice"}
    if isinstance(node, vy_ast.BoolOp):
        for operand in node.values:
            yield operand_side(node, operand, True).point
    else:
        yield point_of(node.test, kinds[type(node)])


def _name(point: Point) -> str:
    return f"{point.kind} {point.text}"


def _counts(part: Part) -> dict[str, Count]:
    return {"lines": part.line_count, "branches": part.side_count}


def _contract(part: Part) -> dict[str, Any]:
    return {**_counts(part), "uncovered": [_as_json(remark) for remark in part.missing()]}


def _as_json(remark: Remark) -> dict[str, Any]:
    return {**remark._asdict(), "source": remark.source}


def _table(title: str) -> Table:
    table = Table(title, box=box.SIMPLE_HEAD)
    for column in ("lines", "%", "branches", "%"):
        table.add_column(column, justify="right")
    return table


def _add_row(table: Table, name: str, part: Part) -> None:
    lines, sides = part.line_count, part.side_count
    style = None if part.is_complete else "red"
    table.add_row(name, str(lines), _percent(lines), str(sides), _percent(sides), style=style)


def _percent(count: Count) -> str:
    """Return the share, rounded down: 100 is all."""
    return f"{count.covered * 1000 // count.total / 10:g}" if count.total else ""


def _shortened(remarks: list[Remark]) -> list[Remark]:
    """Leave out the sides of what was not reached at all."""
    unreached = {remark[:2] for remark in remarks if remark.text == NEVER_REACHED}
    return [r for r in remarks if r.text == NEVER_REACHED or r[:2] not in unreached]


def _print_impossible(console: Console, title: str, entries: list[Impossible]) -> None:
    if entries:
        console.print(title)
    for file, loop, side, why in entries:
        console.print(
            f"  {file}: for {loop}: {side}", soft_wrap=True, highlight=False, markup=False
        )
        console.print(f"      {why}", soft_wrap=True, style="dim", highlight=False, markup=False)
    if entries:
        console.print()


def _print_remarks(console: Console, title: str, remarks: list[Remark]) -> None:
    if remarks:
        console.print(title)
    for remark in remarks:
        place = f"{remark.file}:{remark.line}"
        console.print(f"  {place:<40} {remark.text}", soft_wrap=True, highlight=False, markup=False)
        console.print(f"      {remark.source}", soft_wrap=True, style="dim", markup=False)
    if remarks:
        console.print()
