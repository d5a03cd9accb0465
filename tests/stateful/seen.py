"""What was seen of a pool before, for promises about what never goes back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Seen:
    """The last look."""

    phase: int = 0
    premiums: int = 0
    ids: int = 0
    concluded: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    voted: dict[int, int] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
