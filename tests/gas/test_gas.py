"""Nothing may cost more in a larger group. `make gas` measures more, and prints it."""

from typing import Any

import pytest

from scripts import gas
from scripts.gas_ballots import BATCHES, TARGET, measure_signed
from scripts.gas_lives import alternative, live
from scripts.gas_rows import ROWS

SIZES = (10, 100)


@pytest.fixture(scope="module")
def found(stage: tuple[Any, Any]) -> gas.Figures:
    """All figures at both sizes."""
    return gas.figures(*stage, SIZES)


def test_gas__no_row_grows_with_members(found: gas.Figures) -> None:
    assert gas.growing(found) == []


def test_gas__all_rows_are_measured_in_both_assets(found: gas.Figures) -> None:
    for asset in gas.ASSETS:
        for name in ROWS:
            assert found[asset][name].keys() == ({100} if name == "refund_many" else {10, 100})
            assert all(used > 17_000 for used in found[asset][name].values())


def test_gas__a_row_that_grows__is_told(found: gas.Figures) -> None:
    grown = {"Ether": {"join": {10: 100_000, 100: 101_001}}}
    assert gas.growing(grown) == [
        "gas: join and pay (Ether) grows with members: 100,000 at 10, 101,001 at 100"
    ]


def test_gas__signed_ballots__are_cheap_in_batches(stage: tuple[Any, Any]) -> None:
    signed = measure_signed(stage[0])
    assert list(signed) == list(BATCHES)
    assert list(signed.values()) == sorted(signed.values(), reverse=True)
    assert signed[100] <= TARGET


def test_lives__a_blueprint_pays_off_by_calls_alone(stage: tuple[Any, Any]) -> None:
    core, _ = stage
    small, larger, other = live(core, 10), live(core, 40), alternative(core)
    lead = [other.whole_life(life) - life.bill.total.gas for life in (small, larger)]
    assert 0 < lead[1] < lead[0]
    calls = larger.bill.total.transactions - small.bill.total.transactions
    reads = larger.reads - small.reads
    assert lead[0] - lead[1] == calls * other.hop + reads * other.read
