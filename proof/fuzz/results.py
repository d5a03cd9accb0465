"""Runs on the same code, gathered in proof/results/fuzz.json: each seed counts once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from proof.sources import CONTRACTS, ROOT, contracts_digest, digest

FILE = ROOT / "proof" / "results" / "fuzz.json"
MACHINE = ("contracts/mocks/*.vy", "tests/model/*.py", "tests/stateful/*.py")


def sources_digest(root: Path = ROOT) -> str:
    """Return the digest of all that a life is made of; tests beside it are not."""
    files = (file for pattern in MACHINE for file in root.glob(pattern))
    lived = (f.relative_to(root).as_posix() for f in files if not f.name.startswith("test_"))
    return digest((*CONTRACTS, *lived), root)


def keep(run: dict[str, Any], sources: str, file: Path = FILE) -> dict[str, Any]:
    """Add a run of this code; return all of them.

    Of runs with the same seed the longest stays, and one that found a difference always; runs of
    other code are dropped.
    """
    runs = [run]
    if file.exists():
        kept = json.loads(file.read_text())
        runs += kept["runs"] if kept["sources"] == sources else []
    by_seed: dict[int, dict[str, Any]] = {}
    for one in sorted(runs, key=lambda one: (bool(one["failure"]), one["calls"])):
        by_seed[one["seed"]] = one
    gathered = {
        "contracts": contracts_digest(),
        "sources": sources,
        "lives": sum(one["lives"] for one in by_seed.values()),
        "calls": sum(one["calls"] for one in by_seed.values()),
        "failures": sum(bool(one["failure"]) for one in by_seed.values()),
        "runs": sorted(by_seed.values(), key=lambda one: one["seed"]),
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(gathered, indent=1) + "\n")
    return gathered
