"""What lives have done so far, in this process: `make fuzz` reports it."""

from __future__ import annotations

from collections import Counter

calls: Counter[tuple[str, str]] = Counter()  # by function and refusal, "" if there was none
reached: Counter[str] = Counter()  # situations
kept: Counter[str] = Counter()  # promises, each time one was looked at


def call(function: str, refusal: str = "") -> None:
    """Count a call that changed something, or was refused."""
    calls[function, refusal] += 1
