"""What of this project is changed, and which tests are asked."""

from __future__ import annotations

from proof.sources import ROOT

from .run import Seen, Subject, trace_all
from .suite import Suite
from .ticker import Ticker

TRACES = ROOT / "build" / "mutation" / "traces.json"
CONTRACTS, HELPERS = (
    sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("*.vy"))
    for folder in ("contracts", "tests/modules")
)
# Those that need a chain, those of tools, and audits, which compare the code and so notice any
# change of it. What of the rest runs no contract is not asked.
OTHER_TESTS = ("audit", "gas", "keeper", "proof", "toolchain", "unit")


def read() -> Subject:
    """Return the contracts, and all mutants of them."""
    ticker = Ticker("compiling", len(CONTRACTS) + len(HELPERS))
    return Subject.read(ROOT, CONTRACTS, HELPERS, ticker.tick)


def test_paths() -> list[str]:
    """Return the folders of the tests that are asked."""
    return [
        f"tests/{folder.name}"
        for folder in sorted((ROOT / "tests").iterdir())
        if folder.name not in OTHER_TESTS and list(folder.glob("test_*.py"))
    ]


def traced(suite: Suite, subject: Subject) -> dict[str, Seen]:
    """Return what each test runs of the contracts; minutes, the first time."""
    ticker = Ticker("what tests run", len(suite.items))
    return trace_all(suite, subject, TRACES, ticker.tick)
