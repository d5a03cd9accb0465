"""What explorers and Sourcify compile: Vyper's standard JSON input, and what comes of it.

One file holds all that a contract is made of. `compiled` takes the compiler's own way from it,
which looks at no disk, so that what it gives is what somebody else gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peerpool import compiled as sources
from peerpool.compiled import Part, outputs
from peerpool.errors import PeerpoolError

Tree = dict[str, Any]


class StandardJsonError(PeerpoolError):
    """Input that does not compile: `standard json: problem`."""


@dataclass(frozen=True)
class Code:
    """The code that creates a contract, and the code that is left, without immutables."""

    creation: bytes
    runtime: bytes


def build(part: Part, evm_version: str) -> Tree:
    """Return the input for a contract, with every source that it imports."""
    data, _ = outputs(part.path, evm_version, [])
    files = [data.file_input, *data.resolved_imports.compiler_inputs]
    texts = {Path(file.resolved_path): file.contents for file in files if not file.from_builtin}
    return {
        "language": "Vyper",
        "sources": {
            path.relative_to(sources.ROOT).as_posix(): {"content": text}
            for path, text in sorted(texts.items())
        },
        "settings": {
            "evmVersion": evm_version,
            "search_paths": ["."],
            "outputSelection": {part.path: ["*"]},
        },
    }


def compiled(tree: Tree) -> Code:
    """Compile an input for one contract. Raises StandardJsonError("standard json: ...")."""
    from vyper.cli.vyper_json import compile_json, exc_handler_to_dict

    [path] = tree["settings"]["outputSelection"]
    selected = {path: ["evm.bytecode.object", "evm.deployedBytecode.object"]}
    settings = tree["settings"] | {"outputSelection": selected}
    output = compile_json(tree | {"settings": settings}, exc_handler_to_dict)
    if errors := [e for e in output.get("errors", ()) if e["severity"] == "error"]:
        raise StandardJsonError(f"standard json: {path}: {errors[0]['message']}")
    [contract] = output["contracts"][path].values()
    objects = [contract["evm"][key]["object"] for key in ("bytecode", "deployedBytecode")]
    return Code(*(bytes.fromhex(each.removeprefix("0x")) for each in objects))


def compiler_version() -> str:
    """The compiler's full name, as Sourcify wants it: `0.4.3+commit.bff19ea2`."""
    from vyper.utils import get_long_version

    return str(get_long_version())
