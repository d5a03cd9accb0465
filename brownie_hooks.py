"""What Brownie 1.22 needs to build Vyper 0.4 contracts; it imports this before it reads contracts/.

As it ships, Brownie compiles no Vyper 0.4 contract. It hands single files to a compiler interface
that never looks at the disk, so that no import is found; it takes modules for contracts; it reads
a source map that Vyper has changed; and it rebuilds only the file that was edited. This replaces
all that. The chains, and the EVM version they ask for, are in brownie_chains.py.
"""

import json
import sysconfig
from hashlib import sha1
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import brownie.project.compiler.vyper as brownie_vyper
from brownie.project.main import Project
from vyper import ast as vy_ast
from vyper.compiler import output
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings, anchor_settings
from vyper.evm.opcodes import get_opcodes
from vyper.exceptions import VyperException
from vyper.ir.compile_ir import assembly_to_evm

import brownie_chains

brownie_chains.install()

THIS_FILE = Path(__file__).resolve()
THIS_TEXT = THIS_FILE.read_text(encoding="utf-8")

# --- 1. Compiling: imports are found from the project's root, Brownie's working directory ---


def _compile(input_json: dict[str, Any], silent: bool = True, *_: Any) -> dict[str, Any]:
    root = Path.cwd()
    bundle = FilesystemInputBundle([Path(sysconfig.get_path("purelib")), root])
    settings = Settings(evm_version=input_json["settings"]["evmVersion"])
    if not silent:
        print(f"Vyper {brownie_vyper.get_version()} for {settings.evm_version}:")
    result: dict[str, Any] = {"contracts": {}, "sources": {}}
    for path in sorted(input_json["sources"]):
        if not silent:
            print(f"  {path}", flush=True)
        try:
            data = CompilerData(bundle.load_file(path), bundle, settings)
            # Vyper picks some opcodes by its global settings, not by those of the compilation.
            with anchor_settings(data.settings), catch_warnings():
                if "/mocks/" in path:  # faulty on purpose
                    simplefilter("ignore")
                artefact = _artefact(data, root)
        except VyperException as error:
            raise error.with_traceback(None) from None
        result["contracts"][path] = {Path(path).stem: artefact}
        result["sources"][path] = {"ast": []}
    return result


def _artefact(data: CompilerData, root: Path) -> dict[str, Any]:
    """Standard JSON as Brownie reads it; "inputs", "paths" and "pcMap" are for _build_json."""
    module = data.annotated_vyper_module  # finds the mistakes in modules that nobody imports yet
    files = [data.file_input, *data.resolved_imports.compiler_inputs]
    inputs = {f.resolved_path: f.contents for f in files if not f.from_builtin}
    empty = {"object": "", "opcodes": "", "sourceMap": ""}
    evm: dict[str, Any] = {"bytecode": empty, "deployedBytecode": empty, "paths": {}, "pcMap": {}}
    evm["inputs"] = {_key(p, root): _sha1(t) for p, t in (inputs | {THIS_FILE: THIS_TEXT}).items()}
    if _is_module(Path(data.contract_path), module):
        return {"abi": [], "evm": evm}  # Brownie makes no container of what has no bytecode
    evm["bytecode"] = empty | {"object": output.build_bytecode_output(data)}
    evm["deployedBytecode"] = empty | {"object": output.build_bytecode_runtime_output(data)}
    evm["paths"], evm["pcMap"] = _source_map(data, root)
    natspec = {"devdoc": output.build_devdoc(data), "userdoc": output.build_userdoc(data)}
    return {"abi": output.build_abi_output(data), "evm": evm, **natspec}


def _is_module(path: Path, module: vy_ast.Module) -> bool:
    declared = module._metadata["type"]
    return "modules" in path.parts or bool(declared.uses_decls) or not declared.exposed_functions


def _source_map(data: CompilerData, root: Path) -> tuple[dict[str, str], dict[int, Any]]:
    """Number the source files; give each program counter its file, offsets, function and jump."""
    code, maps = assembly_to_evm(data.assembly_runtime, compiler_metadata=None)
    opcodes = {value[0]: name for name, value in get_opcodes().items()}
    numbers: dict[str, str] = {}
    counters: dict[int, Any] = {0: {"op": opcodes[code[0]]}}
    for pc, node in maps["pc_raw_ast_map"].items():
        file = Path(node.module_node.resolved_path)
        if not file.is_relative_to(root):
            continue  # the compiler's own
        number = numbers.setdefault(_key(file, root), str(len(numbers)))
        start, length, _ = map(int, node.src.split(":"))
        counters[pc] = {"op": opcodes[code[pc]], "path": number, "offset": (start, start + length)}
        inside = isinstance(node, vy_ast.FunctionDef)
        if (function := node if inside else node.get_ancestor(vy_ast.FunctionDef)) is not None:
            counters[pc]["fn"] = f"{file.stem}.{function.name}"
        if pc in maps["pc_jump_map"]:
            counters[pc]["jump"] = maps["pc_jump_map"][pc]
    return {number: path for path, number in numbers.items()}, counters


def _build_json(evm: dict[str, Any], path: str, _name: str, _ast: list[Any], offset: Any) -> Any:
    return {
        "allSourcePaths": evm["paths"] or {"0": path},
        "bytecode": evm["bytecode"]["object"],
        "bytecodeSha1": _sha1(evm["bytecode"]["object"]),
        "coverageMap": {"statements": {}, "branches": {}},
        "dependencies": [],
        "inputs": evm["inputs"],
        "offset": offset,
        "pcMap": evm["pcMap"],
        "type": "contract",
    }


brownie_vyper.compile_from_input_json = _compile
brownie_vyper._get_unique_build_json = _build_json

# --- 2. Rebuilding what changed, whatever changed; publishing what was built ---


def _key(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _sha1(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def _is_outdated(self: Project, name: str) -> bool:
    """Whether a contract, what it imports, this file, the compiler or the EVM version changed."""
    if not self._build.contains(name):
        return True
    build, wanted = self._build.get(name), self._compiler_config
    files = {self._path / path: known for path, known in build.get("inputs", {"": ""}).items()}
    return (
        build["compiler"]["evm_version"] != wanted["evm_version"]
        or build["compiler"]["version"] != wanted["vyper"]["version"]
        or any(not f.is_file() or _sha1(f.read_text()) != known for f, known in files.items())
    )


def _publish_abis(project: Project) -> None:
    """Write the ABI of each contract directly in contracts/ to peerpool/abi, an entry a line."""
    folder = project._path / "peerpool" / "abi"
    for name, build in project._build.items():
        if not folder.parent.is_dir() or Path(build["sourcePath"]).parent != Path("contracts"):
            continue
        lines = sorted(json.dumps(entry, sort_keys=True) for entry in build["abi"])
        text = "[\n" + ",\n".join(lines) + "\n]\n"
        file = folder / f"{name}.json"
        if not file.is_file() or file.read_text() != text:
            folder.mkdir(exist_ok=True)
            file.write_text(text)


def _create_containers(self: Project) -> None:
    _publish_abis(self)  # before Brownie adds names of its own
    _brownie_create_containers(self)


_brownie_create_containers = Project._create_containers
Project._create_containers = _create_containers
Project._compare_build_json = _is_outdated
