"""A contract's bytecode, and what of it belongs to which statement and which side of a branch.

By the compiler's own maps. To know more than they tell, some of its representation is marked on the
way (coverage_marks.py); that this leaves the bytecode as it is, is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from vyper import ast as vy_ast
from vyper.codegen.core import reset_names
from vyper.codegen.module import generate_ir_for_module
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings, anchor_settings
from vyper.ir import compile_ir, optimizer

from peerpool.compiled import EVM_VERSION, ROOT, compile_contract

from .coverage_marks import (
    LoopMark,
    MapError,
    Mark,
    Outcome,
    correct_sources,
    keeping_marks,
    mark_branches,
)
from .coverage_source import (
    A_TURN,
    END,
    FULL,
    NEXT_TURN,
    NO_TURN,
    Line,
    Side,
    Statements,
    leads_to,
    line_of,
    needs_no_code,
    point_of,
    statements,
)

JUMPI, JUMPDEST = 0x57, 0x5B
PUSH1, PUSH32 = 0x60, 0x7F
MOST_TURNS = 1_000  # of a loop, that a test can be asked for


@dataclass
class Map:
    """Program counters are those of the creating code; the runtime code begins at `offset`."""

    path: str
    creation: bytes
    runtime: bytes
    offset: int
    modules: dict[str, vy_ast.Module]
    lines: dict[int, Line] = field(default_factory=dict)
    jumps: dict[int, tuple[Outcome, Outcome]] = field(default_factory=dict)  # stayed, jumped
    bounds: dict[int, tuple[int, Side]] = field(default_factory=dict)  # most turns
    endless: set[Side] = field(default_factory=set)  # that take more turns than a test can
    # a statement without code: what leads to it, one of which is enough
    implied: dict[Line, tuple[Line | Side, ...]] = field(default_factory=dict)
    functions: dict[int, Line] = field(default_factory=dict)

    @property
    def sides(self) -> set[Side]:
        """Return the sides that there is code for."""
        outcomes = [outcome for pair in self.jumps.values() for outcome in pair]
        lasts = {last.side for outcome in outcomes for last in outcome.lasts}
        full = {side for _, side in self.bounds.values()}
        return ({outcome.side for outcome in outcomes} | lasts | full) - self.endless


def compile_map(path: str) -> Map:
    """Compile a contract, path relative to the project's root.

    Raises:
        MapError: marking changed the bytecode, or a branch cannot be told from its other side.
    """
    bundle = FilesystemInputBundle([ROOT])
    data = CompilerData(bundle.load_file(path), bundle, Settings(evm_version=EVM_VERSION))
    known = Statements()
    with anchor_settings(data.settings):
        reset_names()
        compile_ir.reset_symbols()
        ir = deepcopy(
            generate_ir_for_module(data.global_ctx)[0]
        )  # shares nodes that are used twice
        correct_sources(ir, known)
        ir = optimizer.optimize(ir)
        mark_branches(ir)
        with keeping_marks():
            assembly = compile_ir.compile_to_assembly(ir, data.settings.optimize)
        code, maps, symbols = compile_ir.assembly_to_evm_with_symbol_map(
            assembly, compiler_metadata=bytes.fromhex(data.integrity_sum)
        )
    if code != compile_contract(path).bytecode:
        raise MapError(f"{path}: marking the branches changed the bytecode")
    [offset] = [at for name, at in symbols.items() if name.startswith("_sym_runtime_begin")]
    runtime = code[offset : offset + symbols["_sym_subcode_size"]]
    result = Map(path, code, runtime, offset, known.modules)
    _read(result, maps["pc_raw_ast_map"], known)
    return result


def _read(result: Map, nodes: dict[int, vy_ast.VyperNode | Mark], known: Statements) -> None:
    jumps = [pc for pc in _instructions(result.creation) if result.creation[pc] == JUMPI]
    # Optimizers share jumps' targets: what pushes one says nothing about where the jump is from.
    targets = {pc - 1 - compile_ir.SYMBOL_SIZE for pc in jumps}
    compiled = {}
    for pc, node in nodes.items():
        source = node.node if isinstance(node, Mark) else node
        function = source.get_ancestor(vy_ast.FunctionDef)
        if function is not None:
            result.functions[pc] = line_of(function)
            compiled[line_of(function)] = function
        statement = known.of(source)
        if statement is None or needs_no_code(statement) or pc in targets:
            continue
        if result.creation[pc] != JUMPDEST:  # shared, too
            result.lines[pc] = line_of(statement)
    for function in compiled.values():
        for statement in statements(function.body):
            if needs_no_code(statement):
                result.implied[line_of(statement)] = tuple(leads_to(statement))
    _read_jumps(result, {pc: nodes[pc] for pc in jumps if isinstance(nodes.get(pc), Mark)})


def _read_jumps(result: Map, marks: dict[int, Mark]) -> None:
    loops: dict[int, list[int]] = {}
    for pc, mark in marks.items():
        if isinstance(mark, LoopMark):
            loops.setdefault(id(mark), []).append(pc)
        else:
            result.jumps[pc] = mark.stayed, mark.jumped
    for pcs in loops.values():
        mark = marks[pcs[0]]
        point = point_of(mark.node.iter, "for")
        if mark.most > MOST_TURNS:
            result.endless.add(Side(point, END if mark.is_constant else FULL))
        if not mark.is_constant:
            check, begin, *pcs = pcs
            result.bounds[check] = mark.most, Side(point, FULL)
            result.jumps[begin] = Outcome(Side(point, A_TURN)), Outcome(Side(point, NO_TURN))
        for pc in pcs:
            result.jumps[pc] = Outcome(Side(point, END)), Outcome(Side(point, NEXT_TURN))


def _instructions(code: bytes) -> Iterator[int]:
    pc = 0
    while pc < len(code):
        yield pc
        pc += code[pc] - PUSH1 + 2 if PUSH1 <= code[pc] <= PUSH32 else 1
