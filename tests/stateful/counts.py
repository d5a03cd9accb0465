"""What a run has done: calls by function, refusals by reason. Shown by `make fuzz`."""

from __future__ import annotations

from collections import Counter

succeeded: Counter[str] = Counter()
refused: Counter[str] = Counter()
reached: Counter[str] = Counter()


def table() -> str:
    """Return the counts as text, most frequent first."""
    lines = [f"calls made: {sum(succeeded.values()) + sum(refused.values())}"]
    for title, counter in (
        ("succeeded", succeeded),
        ("refused", refused),
        ("situations reached", reached),
    ):
        lines.append(f"{title}:")
        lines += [f"  {count:>9}  {name}" for name, count in counter.most_common()]
    return "\n".join(lines)
