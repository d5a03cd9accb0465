"""A contract of which every mutant is known, tests of it, and what hunts its mutants with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from proof.mutation.results import Results
from proof.mutation.run import Hunt, Seen, Subject
from proof.mutation.suite import Suite
from tests.evm.chain import Chain, Reverted
from tests.evm.contract import deploy

PURSE = "tests/proof/Purse.vy"
PERSON = "0x" + "a1" * 20


def test_limit() -> None:
    purse = deploy(Chain(1), PURSE, sender=PERSON)
    with pytest.raises(Reverted, match="purse: too much"):
        purse.send("put", 101, sender=PERSON)
    purse.send("put", 100, sender=PERSON)


def test_total_and_half() -> None:
    purse = deploy(Chain(1), PURSE, sender=PERSON)
    purse.send("put", 6, sender=PERSON)
    purse.send("put", 4, sender=PERSON)
    assert (purse.view("total"), purse.view("half")) == (10, 5)


class Functions(Suite):
    """Plain functions as tests."""

    def __init__(self, *functions: Callable[[], None]) -> None:
        self.functions = {function.__name__: function for function in functions}
        super().__init__({name: SimpleNamespace(path=Path(__file__)) for name in self.functions})

    def run(self, names: Sequence[str]):
        for name in names:
            try:
                self.functions[name]()
            except (AssertionError, Reverted, pytest.fail.Exception):
                yield name, False, 0.1
            else:
                yield name, True, 0.1


def everywhere(suite: Suite, subject: Subject) -> dict[str, Seen]:
    """Every test runs every statement."""
    originals = map(subject.compiler.original, subject.contracts)
    places = frozenset(place for original in originals for place in original.places.values())
    return dict.fromkeys(suite.items, (0.1, places))


def hunt(subject: Subject, results: Results, *functions: Callable[[], None]) -> Hunt:
    """Return what asks these functions, each of which runs every statement."""
    suite = Functions(*functions)
    return Hunt(suite, subject, results, everywhere(suite, subject))
