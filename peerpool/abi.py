"""ABIs of the contracts, as the build publishes them in peerpool/abi/."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from peerpool.errors import PeerpoolError


class AbiError(PeerpoolError):
    """An ABI that the package does not carry."""


@cache
def load(name: str) -> list[dict[str, Any]]:
    """Return the ABI of a contract or interface ("Pool", "PoolFactory", "PoolLens").

    Raises AbiError("abi: ...") if the build has not written it.
    """
    source = files("peerpool") / "abi" / f"{name}.json"
    if not source.is_file():
        raise AbiError(f"abi: no {name}.json in peerpool/abi (make build writes it)")
    return json.loads(source.read_text(encoding="utf-8"))
