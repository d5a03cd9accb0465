"""The committed figures: nothing takes more gas than they say, and docs say what they say."""

import re
from pathlib import Path
from typing import Any

import pytest

from scripts import gas, gas_picture, gas_report, gas_snapshot
from scripts.core import ROOT
from scripts.gas_ballots import measure_signed
from scripts.gas_prices import read_prices
from scripts.gas_rows import measure, measure_referred

SIZE = 10


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """The committed snapshot."""
    return gas_snapshot.load()


def test_snapshot__no_row_takes_more_gas(stage: tuple[Any, Any], kept: dict[str, Any]) -> None:
    core, token = stage
    found = {
        asset: {
            name: {SIZE: used}
            for name, used in (
                measure(core, SIZE, money) | {"join_referred": measure_referred(core, money)}
            ).items()
        }
        for asset, money in zip(gas.ASSETS, (None, token), strict=True)
    }
    assert gas_snapshot.grown(gas.named(kept["rows"]), gas.named(found)) == []


def test_snapshot__signed_ballots_take_no_more_gas(
    stage: tuple[Any, Any], kept: dict[str, Any]
) -> None:
    found = {"signed ballots, each": measure_signed(stage[0])}
    assert gas_snapshot.grown({"signed ballots, each": kept["signed"]}, found) == []


def test_snapshot__head_is_what_compiles_and_runs_here(
    stage: tuple[Any, Any], kept: dict[str, Any]
) -> None:
    assert kept["head"] == gas_snapshot.head(), f"renew the figures: {gas_snapshot.RENEW}"


def test_grown__more_than_a_hundredth__is_told() -> None:
    kept = {"join": {"10": 100_000}, "file": {"10": 100_000}}
    found = {"join": {10: 101_000}, "file": {10: 101_001}}
    assert gas_snapshot.grown(kept, found) == [
        "gas: file at 10 takes 101,001 instead of 100,000 (+1.0%); if that is meant: "
        "make gas-snapshot"
    ]


def test_grown__a_row_that_is_not_kept__is_told() -> None:
    assert gas_snapshot.grown({"join": {"10": 1}}, {"join": {10: 1}, "leave": {10: 1}}) == [
        "gas: leave at 10 is not in gas/snapshot.json: make gas-snapshot"
    ]


def test_grown__less__is_fine() -> None:
    assert gas_snapshot.grown({"join": {"10": 2}}, {"join": {10: 1}}) == []


def test_documents__have_the_figures_of_the_snapshot(kept: dict[str, Any]) -> None:
    document = gas_report.DOCUMENT.read_text(encoding="utf-8")
    made = gas_report.tables(kept, read_prices())
    assert all(f"<!-- {name} -->" in document for name in made)
    assert gas_report.written(document, made) == document
    assert gas_picture.draw(kept) == gas_picture.PATH.read_text(encoding="utf-8")


def test_targets__met_or_explained(kept: dict[str, Any]) -> None:
    """Each row that misses its target, and no other, has its note in docs/gas.md."""
    document = gas_report.DOCUMENT.read_text(encoding="utf-8")
    notes = document.partition("\n## What misses its target\n")[2].partition("\n## ")[0]
    missed = {
        gas_report.title(name)
        for name in gas_report.ORDER
        if gas_report.typical(kept, name) > gas_report.TARGETS[name]
    }
    assert set(re.findall(r"^- \*\*(.+?)\*\*", notes, re.MULTILINE)) == missed


def test_make__names_the_command_that_renews() -> None:
    makefile = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{gas_snapshot.RENEW.removeprefix('make ')}:", makefile, re.MULTILINE)
