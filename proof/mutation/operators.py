"""What can be wrong in a function of Vyper: every small change of it, by the nodes of its syntax.

A mutant is a change of text at a node's place, so that it reads like a mistake somebody made. Nodes
are those that Vyper has annotated: where an operator needs types, it takes them from there.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vyper import ast as vy_ast
from vyper.semantics.types import AddressT, BoolT, BytesM_T, IntegerT
from vyper.semantics.types.function import ContractFunctionT, MemberFunctionT
from vyper.semantics.types.user import EventT, StructT

ATOMS = (vy_ast.Name, vy_ast.Attribute, vy_ast.Call, vy_ast.Constant, vy_ast.Subscript)
WORDS = (AddressT, BytesM_T, IntegerT, BoolT)
STATEMENTS = (
    vy_ast.AnnAssign,
    vy_ast.Assert,
    vy_ast.Assign,
    vy_ast.AugAssign,
    vy_ast.Break,
    vy_ast.Continue,
    vy_ast.Expr,
    vy_ast.For,
    vy_ast.If,
    vy_ast.Log,
    vy_ast.Pass,
    vy_ast.Raise,
    vy_ast.Return,
)
SWAPS = {
    vy_ast.Lt: ("<", ("<=",)),
    vy_ast.LtE: ("<=", ("<",)),
    vy_ast.Gt: (">", (">=",)),
    vy_ast.GtE: (">=", (">",)),
    vy_ast.Eq: ("==", ("!=",)),
    vy_ast.NotEq: ("!=", ("==",)),
    vy_ast.Add: ("+", ("-",)),
    vy_ast.Sub: ("-", ("+",)),
    vy_ast.Mult: ("*", ("//",)),
    vy_ast.FloorDiv: ("//", ("*", "%")),
    vy_ast.Mod: ("%", ("//",)),
    vy_ast.BitAnd: ("&", ("|",)),
    vy_ast.BitOr: ("|", ("&",)),
    vy_ast.BitXor: ("^", ("&",)),
    vy_ast.LShift: ("<<", (">>",)),
    vy_ast.RShift: (">>", ("<<",)),
    vy_ast.Pow: ("**", ("*",)),
    vy_ast.And: ("and", ("or",)),
    vy_ast.Or: ("or", ("and",)),
}
BUILTIN_SWAPS = {
    "min": "max",
    "max": "min",
    "unsafe_add": "unsafe_sub",
    "unsafe_sub": "unsafe_add",
    "unsafe_mul": "unsafe_div",
    "unsafe_div": "unsafe_mul",
}
DIVIDES_UP = "_divide_up"
NUMBERS = "numbers of statements"
AROUND = 50  # letters that an id keeps on each side of what differs


Place = tuple[str, int]  # a function of a file, and the number of a statement in it


@dataclass(frozen=True)
class Mutant:
    """One change of a file, from `start` to `end`, in the statement at `place`.

    `function` is empty for what is outside of functions: in a `constant`. `nth` tells apart what
    reads the same.
    """

    file: str
    function: str
    operator: str
    original: str
    replacement: str
    nth: int
    start: int
    end: int
    place: Place
    constant: str = ""

    @property
    def id(self) -> str:
        """Return what it is called in results: nothing that moves with lines above it."""
        change = " => ".join(_shortened(_on_a_line(self.original), _on_a_line(self.replacement)))
        nth = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.part} {self.operator}: {change}{nth}"

    @property
    def part(self) -> str:
        """Return what of the contracts it changes, as Subject.parts has it."""
        return f"{self.file} {self.function or '(constant)'}"

    def apply(self, text: str) -> str:
        """Return the file with the change."""
        return text[: self.start] + self.replacement + text[self.end :]

    def diff(self, text: str) -> str:
        """Return the change as people read one."""
        lines = difflib.unified_diff(
            text.splitlines(), self.apply(text).splitlines(), self.file, self.id, lineterm="", n=2
        )
        return "\n".join(lines)


@dataclass(frozen=True)
class _Change:
    operator: str
    node: Any
    replacement: str


def mutants(file: str, text: str, module: Any) -> list[Mutant]:
    """Return all mutants of a file, in its order; `module` is its annotated syntax tree."""
    found = []
    seen: Counter[tuple[str, ...]] = Counter()
    source = _Source(text)
    for top in module.body:
        is_function = isinstance(top, vy_ast.FunctionDef)
        if not is_function and not (isinstance(top, vy_ast.VariableDecl) and top.is_constant):
            continue
        function = top.name if is_function else ""
        unread = _unread(top) if is_function else []
        for change in _changes(source, top):
            start, end = source.span(change.node)
            original = text[start:end]
            before, after = _on_a_line(original), _on_a_line(change.replacement)
            if before == after:
                continue
            key = (function, change.operator, *_shortened(before, after))
            seen[key] += 1
            if any(change.node is value for value in unread):
                continue
            place = place_of(change.node) or ("", 0)
            constant = "" if is_function else top.target.id
            found.append(
                Mutant(
                    file,
                    *key[:2],
                    original,
                    change.replacement,
                    seen[key],
                    start,
                    end,
                    place,
                    constant,
                )
            )
    return found


def place_of(node: Any) -> Place | None:
    """Return the statement that a node is in, by function and number; none outside of functions."""
    statement, function = node, node
    while statement is not None and not isinstance(statement, STATEMENTS):
        statement = statement.get_ancestor()
    while function is not None and not isinstance(function, vy_ast.FunctionDef):
        function = function.get_ancestor()
    if function is None:
        return None
    if statement is None:
        return function.name, 0
    if NUMBERS not in function._metadata:
        statements = sorted(
            function.get_descendants(STATEMENTS), key=lambda each: int(each.src.split(":")[0])
        )
        numbers = {id(each): number for number, each in enumerate(statements, 1)}
        function._metadata[NUMBERS] = numbers
    return function.name, function._metadata[NUMBERS].get(id(statement), 0)


class _Source:
    """A text, and the parts of it that nodes stand for."""

    def __init__(self, text: str) -> None:
        self.text = text

    def span(self, node: Any) -> tuple[int, int]:
        start, length, _ = map(int, node.src.split(":"))
        return start, start + length

    def __call__(self, node: Any) -> str:
        """Return the text of a node, safe to be put anywhere."""
        start, end = self.span(node)
        text = self.text[start:end]
        return text if isinstance(node, ATOMS) else f"({text})"

    def with_parts(self, node: Any, *parts: tuple[int, int, str]) -> str:
        """Return a node's text with pieces of it, (start, end, text), replaced."""
        start, end = self.span(node)
        made, at = "", start
        for first, last, text in sorted(parts):
            made += self.text[at:first] + text
            at = last
        return made + self.text[at:end]

    def between(self, left: Any, right: Any, token: str) -> tuple[int, int]:
        """Return the place of an operator between two nodes."""
        at = self.text.index(token, self.span(left)[1], self.span(right)[0])
        return at, at + len(token)


def _changes(source: _Source, top: Any) -> Iterator[_Change]:
    if isinstance(top, vy_ast.FunctionDef):
        yield from _lock(top)
        nodes = [n for statement in top.body for n in (statement, *statement.get_descendants())]
    else:
        nodes = [top.value, *top.value.get_descendants()]
    for node in nodes:
        if _is_type(node):
            continue
        for kind, find in FINDERS:
            # Vyper 0.4.3 misplaces the odd node behind a `log` on its line.
            if isinstance(node, kind):
                with suppress(ValueError):
                    yield from find(source, node)


def _unread(function: Any) -> list[Any]:
    """Return first values of variables that are overwritten before anybody reads them: Vyper wants
    one before it takes several results, `success, answer = ...`, and any will do.
    """
    found = []
    for statement in function.get_descendants(vy_ast.AnnAssign):
        parent, name = statement.get_ancestor(), statement.target.id
        beside = [*getattr(parent, "body", []), *getattr(parent, "orelse", [])]
        numbers = [number for number, each in enumerate(beside) if each is statement]
        later = beside[numbers[0] + 1 :] if numbers else []  # none: of a loop
        first = next((each for each in later if name in _names(each)), None)
        if isinstance(first, vy_ast.Assign) and name not in _names(first.value):
            targets = getattr(first.target, "elements", [first.target])
            if any(isinstance(each, vy_ast.Name) and each.id == name for each in targets):
                found.append(statement.value)
    return found


def _names(node: Any) -> set[str]:
    return {each.id for each in (node, *node.get_descendants()) if isinstance(each, vy_ast.Name)}


def _lock(function: Any) -> Iterator[_Change]:
    kind = function._metadata["func_type"]
    if kind.is_external and kind.nonreentrant:
        [external] = (each for each in function.decorator_list if each.id == "external")
        yield _Change("lock", external, "external\n@reentrant")


def _compare(source: _Source, node: Any) -> Iterator[_Change]:
    token, others = SWAPS.get(type(node.op), ("", ()))
    for other in others:
        place = source.between(node.left, node.right, token)
        yield _Change("comparison", node, source.with_parts(node, (*place, other)))


def _arithmetic(source: _Source, node: Any) -> Iterator[_Change]:
    token, others = SWAPS[type(node.op)]
    place = source.between(node.left, node.right, token)
    for other in others:
        yield _Change("arithmetic", node, source.with_parts(node, (*place, other)))
    left, right = source(node.left), source(node.right)
    yield _Change("operand", node, left)
    yield _Change("operand", node, right)
    if isinstance(node.op, vy_ast.FloorDiv):
        yield _Change("rounding", node, f"(({left} + {right} - 1) // {right})")


def _boolean(source: _Source, node: Any) -> Iterator[_Change]:
    token, (other,) = SWAPS[type(node.op)]
    pairs = zip(node.values, node.values[1:], strict=False)
    places = [source.between(left, right, token) for left, right in pairs]
    whole = source.with_parts(node, *((*place, other) for place in places))
    yield _Change("boolean", node, f"({whole})")
    for left_out in node.values:
        rest = [source(value) for value in node.values if value is not left_out]
        joined = f" {token} ".join(rest)
        yield _Change("operand", node, joined if len(rest) == 1 else f"({joined})")


def _unary(source: _Source, node: Any) -> Iterator[_Change]:
    if isinstance(node.op, vy_ast.Not | vy_ast.Invert):
        yield _Change("boolean", node, source(node.operand))


def _integer(source: _Source, node: Any) -> Iterator[_Change]:
    whole = node.get_ancestor()
    if not isinstance(whole, vy_ast.BinOp | vy_ast.Compare | vy_ast.Subscript):
        whole = node
    for value in (node.value + 1, node.value - 1):
        if value >= 0:
            place = source.span(node)
            yield _Change("constant", whole, source.with_parts(whole, (*place, str(value))))


def _name_constant(_: _Source, node: Any) -> Iterator[_Change]:
    yield _Change("constant", node, str(not node.value))


def _condition(_: _Source, node: Any) -> Iterator[_Change]:
    yield _Change("branch", node.test, "True")
    yield _Change("branch", node.test, "False")


def _dropped(_: _Source, node: Any) -> Iterator[_Change]:
    yield _Change("drop", node, "pass")


def _augmented(source: _Source, node: Any) -> Iterator[_Change]:
    token, others = SWAPS[type(node.op)]
    place = source.between(node.target, node.value, f"{token}=")
    for other in others:
        yield _Change("arithmetic", node, source.with_parts(node, (*place, f"{other}=")))


def _jump(_: _Source, node: Any) -> Iterator[_Change]:
    yield _Change("jump", node, "break" if isinstance(node, vy_ast.Continue) else "continue")


def _return(source: _Source, node: Any) -> Iterator[_Change]:
    if node.value is not None and not isinstance(node.value, vy_ast.Constant):
        kind = node.value._metadata.get("type")
        if isinstance(kind, BoolT):
            yield _Change("result", node.value, f"not {source(node.value)}")
        elif isinstance(kind, WORDS):
            yield _Change("result", node.value, f"empty({kind})")


def _call(source: _Source, node: Any) -> Iterator[_Change]:
    name = node.func.id if isinstance(node.func, vy_ast.Name) else node.get("func.attr")
    arguments = list(node.args)
    if isinstance(node.func, vy_ast.Name) and name in BUILTIN_SWAPS:
        other = (*source.span(node.func), BUILTIN_SWAPS[name])
        yield _Change("arithmetic", node, source.with_parts(node, other))
        for argument in arguments:
            yield _Change("operand", node, source(argument))
    if name == DIVIDES_UP:
        yield _Change("rounding", node, f"({source(arguments[0])} // {source(arguments[1])})")
    kind = node.func._metadata.get("type")
    made = getattr(kind, "typedef", None)
    if isinstance(kind, ContractFunctionT | MemberFunctionT):
        yield from _swapped(source, node, arguments)
    elif isinstance(kind, EventT) or isinstance(made, EventT | StructT):
        values = [keyword.value for keyword in node.keywords]
        yield from _swapped(source, node, values)
        for value in values:
            value_type = value._metadata.get("type")
            is_empty = isinstance(value, vy_ast.Constant) or source(value).startswith("empty(")
            if isinstance(value_type, WORDS) and not is_empty:
                yield _Change("argument", value, f"empty({value_type})")


def _swapped(source: _Source, node: Any, values: list[Any]) -> Iterator[_Change]:
    """Each value changed for the next of its type."""
    for i, left in enumerate(values):
        kind = left._metadata.get("type")
        right = next((v for v in values[i + 1 :] if v._metadata.get("type") == kind), None)
        if right is not None and kind is not None and source(left) != source(right):
            parts = ((*source.span(left), source(right)), (*source.span(right), source(left)))
            yield _Change("argument", node, source.with_parts(node, *parts))


FINDERS: tuple[tuple[Any, Any], ...] = (
    (vy_ast.Compare, _compare),
    (vy_ast.BinOp, _arithmetic),
    (vy_ast.BoolOp, _boolean),
    (vy_ast.UnaryOp, _unary),
    (vy_ast.Int, _integer),
    (vy_ast.NameConstant, _name_constant),
    ((vy_ast.If, vy_ast.IfExp), _condition),
    ((vy_ast.Assert, vy_ast.Assign, vy_ast.AugAssign, vy_ast.Log, vy_ast.Expr), _dropped),
    (vy_ast.AugAssign, _augmented),
    ((vy_ast.Break, vy_ast.Continue), _jump),
    (vy_ast.Return, _return),
    (vy_ast.Call, _call),
)


def _is_type(node: Any) -> bool:
    """Return whether a node stands in a type, or bounds a loop: what has no value at run time."""
    child, parent = node, node.get_ancestor()
    while parent is not None and not isinstance(parent, vy_ast.FunctionDef | vy_ast.Module):
        if getattr(parent, "annotation", None) is child:
            return True
        if isinstance(parent, vy_ast.keyword) and parent.arg == "bound":
            return True
        if isinstance(parent, vy_ast.Call) and parent.get("func.id") in ("empty", "convert"):
            return child is parent.args[-1]
        child, parent = parent, parent.get_ancestor()
    return False


def _on_a_line(text: str) -> str:
    return " ".join(text.split())


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Return two texts without most of what they begin and end with alike."""
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    first, last = max(head - AROUND, 0), max(tail - AROUND, 0)
    return tuple(
        "…" * bool(first) + text[first : len(text) - last] + "…" * bool(last)
        for text in (before, after)
    )


def _alike(a: str, b: str) -> int:
    pairs = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
