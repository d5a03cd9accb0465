"""Sides of loops that cannot be taken, and why: proof/impossible.toml.

A branch that cannot go both ways is to be removed from the contract. A loop over what is never
empty cannot be written otherwise: its sides may be listed, and are not counted then. The list is
held to what it says: if one of these sides is taken, the command fails.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .coverage_source import Side

LIST = Path(__file__).parent / "impossible.toml"


class Impossible(NamedTuple):
    """A side of a loop."""

    file: str
    loop: str  # what it runs over
    side: str
    why: str

    def means(self, side: Side) -> bool:
        """Whether it is this one."""
        point = side.point
        return (point.file, point.kind, point.text, side.name) == (
            self.file,
            "for",
            self.loop,
            self.side,
        )


def read_impossible(path: Path = LIST) -> list[Impossible]:
    """Return the list."""
    return [Impossible(**entry) for entry in tomllib.loads(path.read_text())["loop"]]


def wrong_about(
    listed: Iterable[Impossible], sides: set[Side], taken: set[Side]
) -> list[Impossible]:
    """Return the entries that name no side, or one that was taken."""
    return [
        entry
        for entry in listed
        if not any(map(entry.means, sides)) or any(map(entry.means, taken))
    ]
