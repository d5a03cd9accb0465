"""What of a contract's code was run, for who asks before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

_traces: dict[bytes, Trace] | None = None


@dataclass(frozen=True)
class Trace:
    """Program counters: where runs of instructions began, and JUMPIs taken or passed."""

    runs: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)


def start() -> dict[bytes, Trace]:
    """Trace all code that is first run from now on; return the traces by code."""
    global _traces
    _traces = {}
    return _traces


def stop() -> None:
    """Trace no code that is first run from now on."""
    global _traces
    _traces = None


def trace_of(code: bytes) -> Trace | None:
    """Return where to write what is run of this code, if anybody asked."""
    return None if _traces is None else _traces.setdefault(code, Trace())
