"""ABIs of the contracts, as the build publishes them in peerpool/abi/."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from peerpool.errors import PeerpoolError

Abi = list[dict[str, Any]]

# What a pool hands on to other code by its fallback belongs to its ABI too.
_HANDED_ON = {"Pool": ("BackOffice", "TreatyOffice", "PolicyOffice")}


class AbiError(PeerpoolError):
    """An ABI that the package does not carry."""


@cache
def load(name: str) -> Abi:
    """Return the ABI that the address of a contract answers to ("Pool", "PoolFactory", "PoolLens").

    Raises AbiError("abi: ...") if the build has not written it.
    """
    entries = _published(name)
    for other in _HANDED_ON.get(name, ()):
        entries += [
            entry
            for entry in _published(other)
            if entry["type"] in ("function", "event") and entry not in entries
        ]
    return entries


def _published(name: str) -> Abi:
    source = files("peerpool") / "abi" / f"{name}.json"
    if not source.is_file():
        raise AbiError(f"abi: no {name}.json in peerpool/abi (make compile writes it)")
    return json.loads(source.read_text(encoding="utf-8"))
