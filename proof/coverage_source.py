"""What of a Vyper source is to be covered: statements, and the sides of what decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vyper import ast as vy_ast

from peerpool.compiled import ROOT

TRUE, FALSE = "true", "false"
PASSES, FAILS = "passes", "fails"
NO_TURN, A_TURN, NEXT_TURN, END, FULL = "empty", "entered", "repeated", "ended", "full"


class Line(NamedTuple):
    """Where a statement or a function begins."""

    file: str
    line: int


class Point(NamedTuple):
    """Something that decides: a condition, a loop, or an operand of `and`, `or`."""

    file: str
    line: int
    column: int
    kind: str  # if, assert, choice, for, and, or
    text: str


class Side(NamedTuple):
    """One way to go from a point."""

    point: Point
    name: str


class Last(NamedTuple):
    """What a last operand of `and`, `or` is; if the guards held, for else it was not evaluated."""

    guards: tuple[Side, ...]
    side: Side


def file_of(node: vy_ast.VyperNode) -> str:
    """Return the file of a node, relative to the project's root."""
    return _relative(node.module_node.resolved_path)


@cache
def _relative(path: str) -> str:
    inside = Path(path).is_relative_to(ROOT)
    return Path(path).relative_to(ROOT).as_posix() if inside else path


def line_of(node: vy_ast.VyperNode) -> Line:
    """Return where a node begins."""
    return Line(file_of(node), node.lineno)


def point_of(part: vy_ast.VyperNode, kind: str) -> Point:
    """Return the point that a condition, an operand or what a loop runs over makes."""
    part = part.get_original_node()
    text = " ".join(part.node_source_code.split())
    return Point(*line_of(part), part.col_offset, kind, text)


# --- and, or, not -----------------------------------------------------------------------


def goes_on(operation: vy_ast.BoolOp) -> bool:
    """Return what an operand must be for the next one to be evaluated."""
    return isinstance(operation.op, vy_ast.And)


def operand_side(operation: vy_ast.BoolOp, operand: vy_ast.VyperNode, value: bool) -> Side:
    """Return the side that an operand with that value takes."""
    point = point_of(operand, "and" if goes_on(operation) else "or")
    return Side(point, TRUE if value else FALSE)


def lasts_of(
    condition: vy_ast.VyperNode, value: bool, guards: tuple[Side, ...] = ()
) -> Iterator[Last]:
    """Yield what last operands in a condition are when it has that value."""
    condition = condition.get_original_node()
    if isinstance(condition, vy_ast.UnaryOp):
        yield from lasts_of(condition.operand, not value, guards)
    elif isinstance(condition, vy_ast.BoolOp):
        *others, last = condition.values
        guards += tuple(operand_side(condition, other, goes_on(condition)) for other in others)
        yield Last(guards, operand_side(condition, last, value))
        yield from lasts_of(last, value, guards)


# --- statements -------------------------------------------------------------------------


def functions_of(module: vy_ast.Module) -> list[vy_ast.FunctionDef]:
    """Return a module's functions that are written out."""
    return module.get_children(vy_ast.FunctionDef)


def statements(body: Iterable[vy_ast.VyperNode]) -> Iterator[vy_ast.VyperNode]:
    """Yield all statements, a block's before those within it."""
    for statement in body:
        yield statement
        for block in _blocks(statement):
            yield from statements(block)


def needs_no_code(statement: vy_ast.VyperNode) -> bool:
    """Whether a statement only says where to go on, which a jump elsewhere may do already."""
    if isinstance(statement, vy_ast.Return):
        return statement.value is None
    return isinstance(statement, vy_ast.Pass | vy_ast.Break | vy_ast.Continue)


def leads_to(statement: vy_ast.VyperNode) -> Iterator[Line | Side]:
    """Yield what shows that a statement was reached: each alone is enough."""
    parent = statement._parent
    for block in _blocks(parent):
        for before, at in zip([None, *block], block, strict=False):
            if at is not statement:
                continue
            if before is not None:
                yield from _ends(before)
            elif isinstance(parent, vy_ast.If):
                name = TRUE if block is parent.body else FALSE
                yield Side(point_of(parent.test, "if"), name)
            elif isinstance(parent, vy_ast.For):
                yield Side(point_of(parent.iter, "for"), A_TURN)
            else:
                yield line_of(parent)


def _blocks(parent: vy_ast.VyperNode) -> list[list[vy_ast.VyperNode]]:
    if isinstance(parent, vy_ast.If):
        return [parent.body, parent.orelse]
    return [parent.body] if isinstance(parent, vy_ast.For | vy_ast.FunctionDef) else []


def _ends(statement: vy_ast.VyperNode) -> Iterator[Line | Side]:
    """Yield what shows that control came out of a statement at its end."""
    if isinstance(statement, vy_ast.Assert):
        yield Side(point_of(statement.test, "assert"), PASSES)
    elif isinstance(statement, vy_ast.Pass):
        yield from leads_to(statement)
    elif isinstance(statement, vy_ast.If):
        yield from _ends(statement.body[-1])
        if statement.orelse:
            yield from _ends(statement.orelse[-1])
        else:
            yield Side(point_of(statement.test, "if"), FALSE)
    elif not isinstance(statement, vy_ast.Return | vy_ast.Raise | vy_ast.Break | vy_ast.Continue):
        yield line_of(statement)


class Statements:
    """Which statement each node is part of, in the modules met so far."""

    def __init__(self) -> None:
        self.modules: dict[str, vy_ast.Module] = {}
        self._of: dict[int, vy_ast.VyperNode] = {}

    def of(self, node: vy_ast.VyperNode) -> vy_ast.VyperNode | None:
        """Return the innermost statement that a node is part of; none outside of functions."""
        if id(node) not in self._of:
            self._meet(node.module_node)
        return self._of.get(id(node))

    def _meet(self, module: vy_ast.Module | None) -> None:
        # there is none above the return that the compiler adds at the end of a function
        if module is None or (file := file_of(module)) in self.modules:
            return
        self.modules[file] = module
        for function in functions_of(module):
            for statement in statements(function.body):
                # what is in a block of it is overwritten by its own
                nodes = statement.get_descendants(include_self=True)
                self._of |= {id(part): statement for part in nodes}
