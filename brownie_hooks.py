"""What Brownie 1.22 needs to build and test Vyper 0.4; it imports this before it reads contracts/.

As it ships, Brownie compiles no Vyper 0.4 contract. It hands single files to a compiler interface
that never looks at the disk, so that no import is found; it takes modules for contracts; it reads
a source map that Vyper has changed; and it rebuilds only the file that was edited. Parts 1 and 2
replace this. Part 3 defines the project's own chains, one of which the environment variable CHAIN
chooses, and waits for them properly.
"""

import gc
import json
import os
import socket
import sysconfig
from hashlib import sha1
from pathlib import Path
from typing import Any

import brownie.project.compiler.vyper as brownie_vyper
from brownie._config import CONFIG
from brownie.network.account import Account, LocalAccount
from brownie.network.contract import ContractConstructor, ContractTx, _ContractMethod
from brownie.network.web3 import web3
from brownie.project.main import Project
from vyper import ast as vy_ast
from vyper.compiler import output
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings
from vyper.evm.opcodes import get_opcodes
from vyper.exceptions import VyperException
from vyper.ir.compile_ir import assembly_to_evm

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
            artefact = _artefact(CompilerData(bundle.load_file(path), bundle, settings), root)
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
    _brownie_create_containers(self)
    _publish_abis(self)
    # Brownie collects garbage whenever the chain reverts: keep what stays loaded out of that.
    gc.collect()
    gc.freeze()


_brownie_create_containers = Project._create_containers
Project._create_containers = _create_containers
Project._compare_build_json = _is_outdated

# --- 3. Chains ---

COMMON = {
    "accounts": 30,
    "chain_id": 31337,
    "default_balance": 1_000_000,
    "gas_limit": 100_000_000,
    "mnemonic": "test test test test test test test test test test test junk",
}
# The fork that a chain runs; and below, the one that contracts are compiled for to run on it.
CHAINS = {
    "anvil": {"evm_version": "prague", "base_fee": 0, "gas_price": 0},
    "ganache": {"evm_version": "shanghai"},
}
TARGETS = {"anvil": "cancun", "ganache": "shanghai"}


def _network(name: str, chain: str) -> dict[str, Any]:
    with socket.socket() as probe:  # a free port: test runs and demos go on side by side
        probe.bind(("127.0.0.1", 0))
        settings = {"port": probe.getsockname()[1], **COMMON, **CHAINS[chain]}
    return {"id": name, "name": name, "cmd": chain, "host": "http://127.0.0.1"} | {
        "cmd_settings": settings,
        "timeout": 120,
    }


def _transact(self: Account, tx: dict[str, Any], allow_revert: bool | None) -> bytes:
    """Return when the receipt is there: without it Brownie sleeps for a second, or sees a loss.

    Asking Anvil without web3.py saves five requests of eight, so that it is three times as fast.
    """
    if CONFIG.network_type != "development" or allow_revert is False or CHAIN != "anvil":
        return _brownie_transact(self, tx, allow_revert)
    plain = {key: hex(value) if isinstance(value, int) else value for key, value in tx.items()}
    answer = web3.provider.make_request("eth_sendTransactionSync", [plain])
    if "error" in answer:
        raise ValueError(answer["error"])
    return bytes.fromhex(answer["result"]["transactionHash"][2:])


def _transact_signed(self: LocalAccount, tx: dict[str, Any], allow_revert: bool | None) -> bytes:
    transaction_hash = _brownie_transact_signed(self, tx, allow_revert)
    if CONFIG.network_type == "development":
        web3.eth.wait_for_transaction_receipt(transaction_hash, timeout=10, poll_latency=0.005)
    return transaction_hash


_brownie_transact, Account._transact = Account._transact, _transact
_brownie_transact_signed, LocalAccount._transact = LocalAccount._transact, _transact_signed

# Calls of contracts print each transaction even in tests and under --silent: let Brownie decide.
for call in (ContractConstructor.__call__, ContractTx.__call__, _ContractMethod.transact):
    call.__kwdefaults__["silent"] = None

CHAIN = CONFIG.argv["network"]
if CHAIN not in CHAINS:
    CHAIN = os.environ.get("CHAIN") or "anvil"
if CHAIN not in CHAINS:
    raise ValueError(f"CHAIN is {CHAIN}: must be one of {', '.join(CHAINS)}")
CONFIG.networks.update({name: _network(name, name) for name in CHAINS})
CONFIG.networks["development"] = _network("development", CHAIN)
# A node that somebody keeps running, with accounts of its own.
CONFIG.networks["local"] = {"id": "local", "name": "local", "host": "http://127.0.0.1:8545"} | {
    "chainid": str(COMMON["chain_id"]),
    "timeout": 120,
}
CONFIG.settings["compiler"]["evm_version"] = TARGETS[CHAIN]
if CHAIN == "ganache":  # without a price, Brownie asks Ganache for one until the end of time
    CONFIG.settings["networks"]["development"]["gas_price"] = 2 * 10**9
PATH = THIS_FILE.parent / "node_modules" / ".bin"
os.environ["PATH"] = f"{PATH}{os.pathsep}{os.environ['PATH']}"
