"""Contracts of which one file is changed, compiled in a fraction of the time.

Vyper spends most of it on making code of functions, and on making that code shorter. What became
of the original's functions is kept, and taken over for those whose text, place in the contract and
callees' memory are as they were. So are the syntax trees of files that do not import the changed
one. The bytecode is that of a plain compilation: tests/proof compares.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from vyper import ast as vy_ast
from vyper.codegen import core
from vyper.codegen import module as codegen
from vyper.codegen.function_definitions.common import (
    ExternalFuncIR,
    InternalFuncIR,
    init_ir_info,
)
from vyper.codegen.ir_node import IRnode
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.output import build_abi_output
from vyper.compiler.phases import CompilerData, generate_assembly
from vyper.compiler.settings import Settings, anchor_settings
from vyper.ir import optimizer
from vyper.ir.compile_ir import assembly_to_evm, reset_symbols
from vyper.semantics.analysis.base import VarInfo

from peerpool.compiled import EVM_VERSION

from .operators import place_of
from .tracing import Place

FRESH_NAMES = 1_000_000  # beyond all that an original has given out
Function = tuple[str, str]  # path of the file from the root, name
Trees = dict[str, vy_ast.Module]  # by resolved path


class Sources(FilesystemInputBundle):
    """The files of a project, of which one may be replaced."""

    def __init__(self, root: Path, replaced: dict[str, str]) -> None:
        super().__init__([root])
        self._replaced = {(root / path).resolve(): text for path, text in replaced.items()}

    def _load_from_path(self, resolved_path: Path, original_path: Path) -> FileInput:
        file = super()._load_from_path(resolved_path, original_path)
        text = self._replaced.get(resolved_path, file.contents)
        return FileInput(file.source_id, file.path, file.resolved_path, text)


@dataclass
class Original:
    """A contract as it is, and what a mutant of it can take over.

    `places` are the statements that its runtime code came from, by program counter; `functions`
    those that it has; `modules` the syntax trees of their files, by path; `trees` of all its files;
    `prepared` such trees, fresh ones and analysed ones, for one compilation.
    """

    path: str
    abi: list[dict[str, Any]] = field(default_factory=list)
    bytecode: bytes = b""
    runtime: bytes = b""
    places: dict[int, Place] = field(default_factory=dict)
    modules: dict[str, Any] = field(default_factory=dict)
    functions: set[Function] = field(default_factory=set)
    made: dict[Any, tuple[Any, Any]] = field(default_factory=dict)
    trees: Trees = field(default_factory=dict)
    prepared: tuple[Trees, Trees] | None = None


class Compiler:
    """Compiles contracts of a project as they are, once, and then mutants of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._originals: dict[str, Original] = {}

    def original(self, path: str) -> Original:
        """Return a contract as it is on the disk.

        Raises:
            vyper.exceptions.VyperException: the source is faulty.
        """
        if path not in self._originals:
            original = Original(path)
            data = self._data(path, {})
            with self._keeping(original, None):
                original.bytecode = _bytecode(data)
                original.runtime, nodes = _runtime(data)
                original.abi = build_abi_output(data)
            for counter, node in nodes.items():
                if place := place_of(node):
                    file = self._name(node.module_node.resolved_path)
                    original.places[counter] = file, *place
            original.trees, analysed = self._prepare(path)
            original.prepared = original.trees, analysed
            self._originals[path] = original
        return self._originals[path]

    def mutant(self, path: str, file: str, text: str, name: str) -> bytes:
        """Return the bytecode of a contract with another text of one of its files.

        `name` is the function or constant in the file that differs, and nothing else does.

        Raises:
            vyper.exceptions.VyperException: the text is faulty.
        """
        original = self.original(path)
        data = self._data(path, {file: text})
        changed = self.changed(original, file, name)
        with ExitStack() as stack:
            if changed is not None:
                stack.enter_context(self._prepared(original, file))
                stack.enter_context(self._keeping(original, changed))
            return _bytecode(data)

    def changed(self, original: Original, file: str, name: str) -> set[Function] | None:
        """Return the functions and constants that differ when one of a file does; None: types."""
        statements = [
            (self._name(path), top) for path, tree in original.trees.items() for top in tree.body
        ]
        constants = [(path, top) for path, top in statements if _is_constant(top)]
        if not any((path, top.target.id) == (file, name) for path, top in constants):
            return {(file, name)}
        names, count = {name}, 0
        while len(names) > count:
            count = len(names)
            names |= {top.target.id for _, top in constants if names & _identifiers(top)}
        found = set()
        for path, top in statements:
            if not names & _identifiers(top):
                continue
            if isinstance(top, vy_ast.FunctionDef):
                found.add((path, top.name))
            elif _is_constant(top):
                found.add((path, top.target.id))  # what returns it, if it is public
            else:
                return None
        return found

    def _data(self, path: str, replaced: dict[str, str]) -> CompilerData:
        sources = Sources(self.root, replaced)
        settings = Settings(evm_version=EVM_VERSION)
        return CompilerData(sources.load_file(path), sources, settings, no_bytecode_metadata=True)

    def _name(self, path: str) -> str:
        file = Path(path)
        return file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else path

    def _prepare(self, path: str) -> tuple[Trees, Trees]:
        fresh: Trees = {}
        analysed: Trees = {}
        with _parsing(lambda file, parse: fresh.setdefault(file, parse())):
            self._data(path, {}).resolved_imports  # noqa: B018 (parses)
        with _parsing(lambda file, parse: analysed.setdefault(file, parse())):
            self._data(path, {}).annotated_vyper_module  # noqa: B018 (parses and analyses)
        return fresh, analysed

    @contextmanager
    def _prepared(self, original: Original, changed: str) -> Iterator[None]:
        """Let the compiler have what is prepared; in this process, once."""
        prepared, original.prepared = original.prepared, None
        if prepared is None:
            yield
            return
        fresh, analysed = prepared
        file = (self.root / changed).resolve().as_posix()
        concerned = _importing(analysed, file)

        def known(path: str, parse: Callable[[], vy_ast.Module]) -> vy_ast.Module:
            if path == file:
                return parse()
            return (fresh if path in concerned else analysed)[path]

        with _parsing(known):
            yield

    @contextmanager
    def _keeping(self, original: Original, changed: set[Function] | None) -> Iterator[None]:
        """Let the code generator keep what it makes of functions; or take over what it made of
        all but the changed ones.
        """
        make_internal = codegen.generate_ir_for_internal_function
        make_external = codegen.generate_ir_for_external_function
        optimize = optimizer._optimize
        finished = {id(_nodes(kept)) for kept, _ in original.made.values()}

        def take_over(make: Any, code: Any, module: Any, is_constructing: bool) -> Any:
            kind = code._metadata["func_type"]
            file = code.module_node.resolved_path
            function = self._name(file), code.name
            original.functions.add(function)
            original.modules.setdefault(function[0], code.module_node)
            frames = [
                (callee._function_id, callee._ir_info.frame_info.frame_size)
                for callee in kind.called_functions
            ]
            key = (function, kind._function_id, is_constructing, tuple(frames))
            if changed and function in changed:
                return make(code, module, is_constructing)
            if key in original.made:
                kept, info = original.made[key]
                init_ir_info(kind)
                kind._ir_info.frame_info = info.frame_info
                kind._ir_info.gas_estimate = info.gas_estimate
                kind._ir_info.func_ir = info.func_ir
                return _copy(kept)
            kept = make(code, module, is_constructing)
            if changed is None:
                kept = _shorter(kept)
                finished.add(id(_nodes(kept)))
                original.made[key] = _copy(kept), kind._ir_info
            return kept

        def internal(code: Any, module: Any, is_ctor_context: bool) -> Any:
            return take_over(make_internal, code, module, is_ctor_context)

        def external(code: Any, module: Any) -> Any:
            return take_over(lambda c, m, _: make_external(c, m), code, module, False)

        def optimize_rest(node: IRnode, parent: IRnode | None) -> tuple[bool, IRnode]:
            return (False, node) if id(node) in finished else optimize(node, parent)

        with ExitStack() as replaced:
            for target, name, replacement in (
                (codegen, "generate_ir_for_internal_function", internal),
                (codegen, "generate_ir_for_external_function", external),
                (optimizer, "_optimize", optimize_rest),
                # A variable is one and the same in the original and in the mutant.
                (VarInfo, "__hash__", lambda variable: hash(_identity(variable))),
                (VarInfo, "__eq__", lambda a, b: _identity(a) == _identity(b)),
            ):
                replaced.enter_context(patch.object(target, name, replacement))
            core._label = FRESH_NAMES if changed else 0
            yield


def _is_constant(top: Any) -> bool:
    return isinstance(top, vy_ast.VariableDecl) and top.is_constant


def _identifiers(top: Any) -> set[str]:
    names = {node.id for node in top.get_descendants(vy_ast.Name)}
    return names | {node.attr for node in top.get_descendants(vy_ast.Attribute)}


@contextmanager
def _parsing(known: Callable[[str, Callable[[], vy_ast.Module]], vy_ast.Module]) -> Iterator[None]:
    """Let `known` give the tree of each file; it is told how to parse it."""
    parse = vy_ast.parse_to_ast

    def parse_to_ast(*texts: Any, resolved_path: str, **more: Any) -> vy_ast.Module:
        return known(resolved_path, lambda: parse(*texts, resolved_path=resolved_path, **more))

    with patch.object(vy_ast, "parse_to_ast", parse_to_ast):
        yield


def _importing(trees: Trees, changed: str) -> set[str]:
    """Return the files that import the changed one, or one that does."""
    imports = {
        path: {
            node._metadata["import_info"].parsed.resolved_path
            for node in tree.get_children((vy_ast.Import, vy_ast.ImportFrom))
            if "import_info" in node._metadata
        }
        for path, tree in trees.items()
    }
    found: set[str] = set()
    new = {changed}
    while new:
        found |= new
        new = {path for path, others in imports.items() if others & found} - found
    return found


def _bytecode(data: CompilerData) -> bytes:
    """Return what creates the contract, without the checksum of the sources at its end."""
    return _assembled(data, 0)[0]


def _runtime(data: CompilerData) -> tuple[bytes, dict[int, Any]]:
    """Return the code that is created, and the syntax of each of its instructions."""
    code, maps = _assembled(data, 1)
    return code, maps["pc_raw_ast_map"]


def _assembled(data: CompilerData, which: int) -> tuple[bytes, dict[str, Any]]:
    with anchor_settings(data.settings):
        reset_symbols()
        data.storage_layout  # noqa: B018 (places the variables)
        module = data.annotated_vyper_module._metadata["type"]
        code = optimizer.optimize(codegen.generate_ir_for_module(module)[which])
        assembly = generate_assembly(code, data.settings.optimize)
        return assembly_to_evm(assembly, compiler_metadata=None)


def _nodes(kept: InternalFuncIR | ExternalFuncIR) -> IRnode:
    return kept.func_ir if isinstance(kept, InternalFuncIR) else kept.common_ir


def _shorter(made: InternalFuncIR | ExternalFuncIR) -> InternalFuncIR | ExternalFuncIR:
    if isinstance(made, InternalFuncIR):
        return InternalFuncIR(optimizer.optimize(made.func_ir))
    return ExternalFuncIR(made.entry_points, optimizer.optimize(made.common_ir))


def _identity(variable: VarInfo) -> Any:
    declaration = variable.decl_node
    if not isinstance(declaration, vy_ast.VariableDecl):
        return id(variable)
    return declaration.module_node.resolved_path, declaration.target.id


def _copy(kept: InternalFuncIR | ExternalFuncIR) -> InternalFuncIR | ExternalFuncIR:
    """Return what the code generator may change without changing what is kept."""
    if isinstance(kept, InternalFuncIR):
        return kept
    entries = {name: copy.copy(entry) for name, entry in kept.entry_points.items()}
    return ExternalFuncIR(entries, kept.common_ir)
