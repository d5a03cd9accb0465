"""Write what explorers and Sourcify need to verify the contracts, and check it here first.

For each contract of the core a file of standard JSON input, and verify.json with the rest that
their forms ask for. Each input is compiled as they will compile it, and must give, byte for byte,
what this checkout compiles to and, with a pool or a manifest, what stands on the chain.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from peerpool import published, standard_json
from peerpool.compiled import (
    CORE,
    EVM_VERSION,
    EVM_VERSIONS,
    ROOT,
    compile_contract,
    require_sources,
)
from peerpool.errors import PeerpoolError
from peerpool.files import read_text, write_text
from peerpool.named import FindError, find_one
from peerpool.published import Place, PublishedError
from peerpool.rpc import Node
from scripts.arguments import parser_of
from scripts.at_node import add_node, chain_id_of, connect

NEEDS_CHAIN = False
OUT = ROOT / "build" / "verify"


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        require_sources()
        with connect(options.rpc, lambda line: errors.print(line, markup=False)) as node:
            places, evm_version = _places(options, node)
            with errors.status("Compiling") as status:
                rows = []
                for row in _rows(options.out, node, places, options.evm_version or evm_version):
                    rows.append(row)
                    status.update(f"Compiling; {row['contract']} is done")
    except PeerpoolError as error:
        sys.exit(str(error))
    write_text(options.out / "verify.json", json.dumps(rows, indent=2) + "\n")
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        _show(rows)
        errors.print(f"written: {options.out}", markup=False)
    if any(row["differences"] for row in rows):
        sys.exit(1)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("verify", __doc__)
    parser.add_argument(
        "pool",
        nargs="?",
        help="address of a pool, or a manifest that deploy wrote (core.json too): what of the core"
        " it leads to is compared with the chain; without it only the inputs are",
    )
    add_node(parser)
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="FOLDER", help="default: build/verify"
    )
    parser.add_argument(
        "--evm-version", choices=EVM_VERSIONS, help=f"default: the deployment's, or {EVM_VERSION}"
    )
    parser.add_argument("--json", action="store_true", help="print verify.json")
    return parser.parse_args(arguments)


def _places(options: argparse.Namespace, node: Node) -> tuple[dict[str, Place], str]:
    """Where the parts are, and for which EVM they were compiled."""
    if not options.pool:
        return {}, EVM_VERSION
    if not options.pool.endswith(".json"):
        return published.of_pool(node, find_one(options.pool, 0).address)
    try:
        kept = json.loads(read_text(Path(options.pool), "verify", FindError))
        kept_id = int(kept["chain_id"])
    except FindError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise PublishedError(f"verify: {options.pool}: is not a manifest") from None
    if (chain_id := chain_id_of(node)) != kept_id:
        raise PublishedError(
            f"verify: {options.pool}: is of chain {kept_id}, this is chain {chain_id}"
        )
    return published.of_manifest(kept)


def _rows(
    out: Path, node: Node, places: dict[str, Place], evm_version: str
) -> Iterator[dict[str, Any]]:
    """Write the input of each contract; tell what it gives."""
    for part in CORE:
        if places and part.step not in places:
            continue
        tree = standard_json.build(part, evm_version)
        text = json.dumps(tree, indent=2) + "\n"
        write_text(out / f"{part.contract}.json", text)
        made = standard_json.compiled(json.loads(text))
        mine = compile_contract(part.path, evm_version)
        found = []
        if (made.creation, made.runtime) != (mine.bytecode, mine.runtime):
            found.append("standard JSON gives another code than contracts/")
        if places:
            found += published.differences(node, part, made, places)
        yield published.entry(part, places, evm_version) | {"differences": found}


def _show(rows: Sequence[dict[str, Any]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(part.contract) for part in CORE) + 2
    for row in rows:
        found = row["differences"]
        line = Text(f"{row['contract']:<{width}}")
        line.append("✗ differs" if found else "✓ reproduced", style="red" if found else "green")
        console.print(line.append(f"  {row['address'] or ''}".rstrip()))
        for difference in found:
            console.print(f"{'':<{width}}{difference}", markup=False)
