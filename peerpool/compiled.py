"""What the Vyper sources of this checkout compile to.

Kept in build/compiled, a file a contract, until one of the sources, the compiler or the EVM version
is another. The package alone has no sources: this needs the checkout, and the compiler.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from eth_abi import encode

from peerpool.errors import PeerpoolError
from peerpool.files import write_text

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "compiled"
EVM_VERSION = "cancun"
# Pools are compiled for one of these; shanghai is for chains that know no later opcodes.
EVM_VERSIONS = (EVM_VERSION, "shanghai")


class CompiledError(PeerpoolError):
    """There is nothing to compile: `compiled: problem`."""


@dataclass(frozen=True)
class Artefact:
    """One compiled contract: ABI as in JSON, the code that creates it (none: interface), and the
    code that is left, without immutables.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    runtime: bytes = b""


@dataclass(frozen=True)
class Part:
    """A contract of the core that all pools of a chain share.

    needs: the parts whose addresses its constructor takes, in order. keeps_itself: it remembers its
    own address, before those.
    """

    step: str
    contract: str
    needs: tuple[str, ...] = ()
    keeps_itself: bool = False

    @property
    def path(self) -> str:
        """Of the source, from the root."""
        return f"contracts/{self.contract}.vy"

    @property
    def immutables(self) -> int:
        """How many addresses stand behind what the compiler gives as its code."""
        return len(self.needs) + self.keeps_itself

    def code(self, runtime: bytes, address: str, arguments: Sequence[str]) -> bytes:
        """Return the code at an address, by what the compiler gives and the constructor took."""
        kept = [address] * self.keeps_itself + list(arguments)
        return runtime + encode(["address"] * self.immutables, kept)


# In the order of their creation
CORE = (
    Part("policy_office", "PolicyOffice"),
    Part("treaty_office", "TreatyOffice", ("policy_office",)),
    Part("back_office", "BackOffice", ("treaty_office",)),
    Part("implementation", "Pool", ("back_office",), keeps_itself=True),
    Part("layer_implementation", "ReinsuranceLayer"),
    Part("factory", "PoolFactory", ("implementation", "layer_implementation")),
    Part("lens", "PoolLens"),
)


def part(step: str) -> Part:
    """Return a part of the core by its step."""
    return next(each for each in CORE if each.step == step)


@cache
def compile_contract(path: str, evm_version: str = EVM_VERSION) -> Artefact:
    """Compile a contract or interface, path relative to the project root ("contracts/Pool.vy").

    Raises:
        vyper.exceptions.VyperException: the source is faulty.
        FileNotFoundError: there is none.
    """
    if not (ROOT / path).is_file():
        raise FileNotFoundError(path)
    file = KEPT / f"{path.replace('/', '-')}.{evm_version}.json"
    kept = _kept(file)
    if kept is None:
        kept = _compiled(path, evm_version)
        with suppress(OSError):  # a folder that cannot be written to
            write_text(file, json.dumps(kept))
    return Artefact(
        Path(path).stem,
        kept["abi"],
        bytes.fromhex(kept["bytecode"]),
        bytes.fromhex(kept["runtime"]),
    )


def require_sources() -> None:
    """Raise CompiledError("compiled: ...") where this is not a checkout."""
    if not (ROOT / CORE[0].path).is_file():
        raise CompiledError(f"compiled: no contracts/ in {ROOT}: this needs Peerpool's checkout")


def _kept(file: Path) -> dict[str, Any] | None:
    """Return what was kept, if it is still what would be compiled."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        known = kept["compiler"] == _compiler()
        known = known and all(_digest(ROOT / p) == d for p, d in kept["inputs"].items())
        return kept if known else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _compiled(path: str, evm_version: str) -> dict[str, Any]:
    is_interface = path.endswith(".vyi")
    formats = ["abi"] if is_interface else ["abi", "bytecode", "bytecode_runtime"]
    data, output = outputs(path, evm_version, formats)
    files = [data.file_input, *data.resolved_imports.compiler_inputs]
    return {
        "compiler": _compiler(),
        "inputs": {_named(Path(f.resolved_path)): _digest(Path(f.resolved_path)) for f in files},
        "abi": output["abi"],
        "bytecode": output.get("bytecode", "0x")[2:],
        "runtime": output.get("bytecode_runtime", "0x")[2:],
    }


def _named(path: Path) -> str:
    """Return what a file is called in whatever folder the checkout lies, or is copied to."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def outputs(path: str, evm_version: str, formats: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    """Return the compiler's own data of a source, and its outputs in these formats."""
    from vyper.compiler import outputs_from_compiler_data
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.phases import CompilerData
    from vyper.compiler.settings import Settings

    bundle = FilesystemInputBundle([ROOT])
    data = CompilerData(bundle.load_file(path), bundle, Settings(evm_version=evm_version))
    with catch_warnings():
        if evm_version != EVM_VERSION:  # a development chain takes any size
            simplefilter("ignore")
        return data, outputs_from_compiler_data(data, formats)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _compiler() -> str:
    from vyper import __version__

    return __version__
