"""Vyper sources of the project to bytecode and ABI, kept for the life of the process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vyper.compiler import compile_from_file_input
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EVM_VERSION = "cancun"


@dataclass(frozen=True)
class Artefact:
    """One compiled contract: ABI as in JSON, and the code that creates it (none: interface)."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes


@cache
def compile_contract(path: str) -> Artefact:
    """Compile a contract or interface, path relative to the project root ("contracts/Pool.vy").

    Raises:
        vyper.exceptions.VyperException: the source is faulty.
        FileNotFoundError: there is none.
    """
    if not (ROOT / path).is_file():
        raise FileNotFoundError(path)
    bundle = FilesystemInputBundle([ROOT])
    is_interface = path.endswith(".vyi")
    output = compile_from_file_input(
        bundle.load_file(path),
        input_bundle=bundle,
        settings=Settings(evm_version=EVM_VERSION),
        output_formats=["abi"] if is_interface else ["abi", "bytecode"],
    )
    bytecode = bytes.fromhex(output["bytecode"][2:]) if not is_interface else b""
    return Artefact(Path(path).stem, output["abi"], bytecode)
