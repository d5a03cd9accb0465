"""Pools as a command line names them: by address, by manifest, by a folder of manifests.

A manifest is what `deploy` writes. Nothing here needs Brownie, or a chain beyond its id.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import exists
from pathlib import Path
from typing import Any

from peerpool.errors import PeerpoolError
from peerpool.files import read_text
from peerpool.units import parse_address

CORE = "core.json"  # of a chain, beside the manifests of its pools


class FindError(PeerpoolError):
    """Nothing of that name: `pool: problem`, `account: problem` or `lens: problem`."""


@dataclass(frozen=True)
class Named:
    """A pool as it was named: its address, and what its manifest tells besides, if it was that."""

    address: str
    tier_names: Sequence[str] = ()
    manifest: Path | None = None
    lens: str | None = None


def find(texts: Iterable[str], chain_id: int) -> list[Named]:
    """Return the pools of addresses, manifests and folders, each once, in their order.

    Of a folder all manifests of pools of this chain are taken. Raises FindError("pool: ..."),
    UnitError.
    """
    found: dict[str, Named] = {}
    for text in texts:
        path = Path(text)
        several = in_folder(path, chain_id) if path.is_dir() else [find_one(text, chain_id)]
        for each in several:
            found.setdefault(each.address, each)
    return list(found.values())


def is_path(text: str) -> bool:
    """Whether a pool is named by a path, even one where nothing is; an address never is one."""
    is_address = text.startswith("0x") and "/" not in text
    return text.endswith(".json") or "/" in text or (not is_address and exists(text))  # noqa: PTH110 (Path's can raise)


def find_one(text: str, chain_id: int) -> Named:
    """Return the pool of an address or a manifest. Raises FindError("pool: ..."), UnitError."""
    if not is_path(text):
        return Named(parse_address(text))
    path = Path(text)
    named, of_chain = _manifest(path)
    if of_chain != chain_id:
        raise FindError(f"pool: {path}: is of chain {of_chain}, this is chain {chain_id}")
    return named


def in_folder(folder: Path, chain_id: int) -> Iterator[Named]:
    """The pools whose manifests lie in a folder; other files, and other chains', are passed over.

    Raises FindError("pool: ...") if there is none.
    """
    none = True
    for path in sorted(folder.glob("*.json")):
        try:
            named, of_chain = _manifest(path)
        except FindError:
            continue
        if of_chain == chain_id:
            none = False
            yield named
    if none:
        raise FindError(f"pool: {folder}: no manifest of a pool of chain {chain_id} there")


def find_lens(named: Named, deployments: Path, chain_id: int) -> str | None:
    """Return the lens that a pool's manifest names, or else the one of its chain's core, if any.

    deployments: the folder in which deploy keeps what it has made. Raises FindError("lens: ...").
    """
    core = deployments / str(chain_id) / CORE
    if named.lens or not core.exists():
        return named.lens
    try:
        return _lens(read_tree(core))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise FindError(f"lens: {core}: names none") from None


def _manifest(path: Path) -> tuple[Named, int]:
    try:
        tree = read_tree(path)
        address, chain_id = parse_address(tree["pool"]["address"]), int(tree["chain_id"])
        lens = _lens(tree["core"]) if "core" in tree else None
        tier_names = tuple(tree.get("tier_names", ()))
    except FindError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise FindError(f"pool: {path}: is not the manifest of a pool") from None
    return Named(address, tier_names, path, lens), chain_id


def read_tree(path: Path) -> Any:
    """Return the JSON of a manifest. Raises FindError("pool: ..."), ValueError, RecursionError."""
    return json.loads(read_text(path, "pool", FindError))


def _lens(core: Mapping[str, Any]) -> str:
    return parse_address(core["contracts"]["lens"]["address"])
