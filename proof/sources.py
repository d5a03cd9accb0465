"""Digests of the files that a result was found with, so that an old one is known as such."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACTS = ("contracts/*.vy", "contracts/modules/*.vy", "interfaces/*.vyi")


def digest(patterns: Iterable[str], root: Path = ROOT) -> str:
    """Return a digest of files by name and content."""
    whole = sha256()
    for file in sorted({file for pattern in patterns for file in root.glob(pattern)}):
        whole.update(f"{file.relative_to(root).as_posix()}\0".encode())
        whole.update(sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]


def contracts_digest(root: Path = ROOT) -> str:
    """Return the digest of everything that goes on chain, mocks apart."""
    return digest(CONTRACTS, root)
