"""Marks in the compiler's intermediate representation, which say what each JUMPI decides.

The compiler keeps, for each instruction, the node of the source that it is from. That is not enough
to know which way a JUMPI goes if an `if` is true, because optimizers turn conditions round; and a
node of the representation that is used twice (an argument) says only where it was used last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from unittest.mock import patch

from vyper import ast as vy_ast
from vyper.codegen.ir_node import IRnode
from vyper.ir import compile_ir

from .coverage_source import (
    FAILS,
    FALSE,
    PASSES,
    TRUE,
    Last,
    Side,
    Statements,
    goes_on,
    lasts_of,
    line_of,
    operand_side,
    point_of,
)


class MapError(Exception):
    """The compiler does not do what it is taken to do here."""


class Outcome(NamedTuple):
    """What it means that a JUMPI went one way."""

    side: Side
    lasts: tuple[Last, ...] = ()


class Mark:
    """Stands in for a node of the source in the compiler's map, and knows which way is which."""

    node_id = -1  # the map takes what has one

    def __init__(self, node: vy_ast.VyperNode, stayed: Outcome, jumped: Outcome) -> None:
        self.node, self.stayed, self.jumped = node, stayed, jumped

    def get_original_node(self) -> Mark:
        """Do as a node does."""
        return self

    def turned(self) -> Mark:
        """Return the mark of the same JUMPI turned round."""
        return Mark(self.node, self.jumped, self.stayed)


class LoopMark(Mark):
    """Marks the JUMPIs of a loop, of at most so many turns, or always so many."""

    def __init__(self, node: vy_ast.For, most: int, is_constant: bool) -> None:
        self.node, self.most, self.is_constant = node, most, is_constant


class _Unnamed:
    """Says that what decides is the compiler's own, lest it inherits a place while optimized."""

    lineno = 0

    def get_original_node(self) -> _Unnamed:
        """Do as a node does; what has no id is left out of the compiler's map."""
        return self


UNNAMED = _Unnamed()
DECIDES = ("if", "assert", "assert_unreachable", "repeat")


def walk(node: IRnode) -> Iterator[IRnode]:
    """Yield a node and all below it, from the top."""
    yield node
    for part in node.args:
        yield from walk(part)


def correct_sources(
    node: IRnode, known: Statements, inside: vy_ast.VyperNode | None = None
) -> None:
    """Before optimizing: let each node say the statement, and the arm, that it is in."""
    source = node.ast_source
    source = source.get_original_node() if source is not None else None
    if source is not None and source is known.of(source):
        inside = source
        if isinstance(source, vy_ast.For):  # which the optimizer may take for superfluous
            _loop_of(node, source).ast_source = source
    elif source is None or not _is_part(source, inside, known):
        node.ast_source = UNNAMED if node.value in DECIDES else inside
    arms = [inside] * len(node.args)
    if node.value == "if" and isinstance(source, vy_ast.IfExp):
        arms[1:] = source.body, source.orelse
    for part, arm in zip(node.args, arms, strict=True):
        correct_sources(part, known, arm)


def _loop_of(node: IRnode, source: vy_ast.For) -> IRnode:
    loops = (part for part in walk(node) if part.value == "repeat")
    return next(loop for loop in loops if _has(loop.args[4], source.body))


def _is_part(source: vy_ast.VyperNode, inside: vy_ast.VyperNode | None, known: Statements) -> bool:
    if inside is None or isinstance(inside, vy_ast.Stmt):
        return known.of(source) is inside
    return _is_below(source, [inside])


def mark_branches(ir: IRnode) -> None:
    """After optimizing: mark what decides."""
    for node in walk(ir):
        source = node.ast_source
        if source is None or isinstance(source, Mark):
            continue
        source = source.get_original_node()
        if node.value == "if" and isinstance(source, vy_ast.If | vy_ast.IfExp):
            _mark_if(node, source)
        elif node.value in ("if", "assert", "assert_unreachable"):
            if isinstance(source, vy_ast.Assert):
                # the first jumps to fail, the others jump over the failure
                passes_if_stayed = node.value == "assert"
                node.ast_source = _decision(source, "assert", (PASSES, FAILS), passes_if_stayed)
            elif isinstance(source, vy_ast.BoolOp):
                _mark_operands(node, source)
        elif node.value == "repeat" and isinstance(source, vy_ast.For):
            _, _, turns, bound, _ = node.args
            node.ast_source = LoopMark(source, bound.value, turns == bound)


def _mark_if(node: IRnode, source: vy_ast.If | vy_ast.IfExp) -> None:
    if isinstance(source, vy_ast.If):
        kind, then, otherwise = "if", source.body, source.orelse
    else:
        kind, then, otherwise = "choice", [source.body], [source.orelse]
    true_if_stayed = len(node.args) == 2 or _is_first(node, then, otherwise)
    node.ast_source = _decision(source, kind, (TRUE, FALSE), true_if_stayed)


def _decision(
    source: vy_ast.VyperNode, kind: str, names: tuple[str, str], true_if_stayed: bool
) -> Mark:
    point = point_of(source.test, kind)
    true, false = (
        Outcome(Side(point, name), tuple(lasts_of(source.test, value)))
        for name, value in zip(names, (True, False), strict=True)
    )
    return Mark(source, true, false) if true_if_stayed else Mark(source, false, true)


def _mark_operands(node: IRnode, source: vy_ast.BoolOp) -> None:
    """Mark the chain of ifs, one for each operand but the last."""
    for at, operand in enumerate(source.values[:-1], 1):
        if node.value != "if" or (at > 1 and node.ast_source is not UNNAMED):
            return  # the compiler knows an operand's value
        goes_on_if_stayed = _is_first(node, source.values[at:], [])
        on, out = (
            Outcome(operand_side(source, operand, value), tuple(lasts_of(operand, value)))
            for value in (goes_on(source), not goes_on(source))
        )
        stayed, jumped = (on, out) if goes_on_if_stayed else (out, on)
        node.ast_source = Mark(source, stayed, jumped)
        node = node.args[1 if goes_on_if_stayed else 2]


def _is_first(node: IRnode, first: list[vy_ast.VyperNode], second: list[vy_ast.VyperNode]) -> bool:
    """Whether the first of two arms is made of the first nodes, and the other of the second."""
    one, other = node.args[1:]
    straight = _has(one, first) or _has(other, second)
    crossed = _has(one, second) or _has(other, first)
    if straight == crossed:
        raise MapError(f"{line_of(first[0])}: cannot tell the sides of this branch")
    return straight


def _has(node: IRnode, wanted: list[vy_ast.VyperNode]) -> bool:
    for part in walk(node):
        source = part.ast_source
        if source is None or source is UNNAMED:
            continue
        source = source.node if isinstance(source, Mark) else source.get_original_node()
        if _is_below(source, wanted):
            return True
    return False


def _is_below(node: vy_ast.VyperNode | None, above: list[vy_ast.VyperNode]) -> bool:
    while node is not None:
        if any(node is one for one in above):
            return True
        node = node._parent
    return False


@contextmanager
def keeping_marks() -> Iterator[None]:
    """While assembling: an optimizer turns JUMPIs round and forgets their sources; recall them."""
    turn_round = compile_ir._optimize_inefficient_jumps

    def optimize(assembly: list) -> bool:
        before = [item for item in assembly if item == "JUMPI"]
        changed = turn_round(assembly)
        places = [at for at, item in enumerate(assembly) if item == "JUMPI"]
        for at, was in zip(places, before, strict=True):
            mark = getattr(was, "ast_source", None)
            if assembly[at] is not was and isinstance(mark, Mark):
                assembly[at] = compile_ir.Instruction("JUMPI", mark.turned())
        return changed

    with patch.object(compile_ir, "_optimize_inefficient_jumps", optimize):
        yield
