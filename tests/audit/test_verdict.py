"""peerpool.audit.verdict: the worst check is the verdict, and what is shown says why."""

from io import StringIO

import pytest
from rich.console import Console

from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check, Verdict, checked, show

POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
GOOD = Check("code", PROVED, ("all of it",))
BAD = Check("money", DIFFERS, ("block 3: 1 EURX are missing", "block 4: too"))
BLIND = Check("state", UNPROVED, ("state: the node keeps no old state, not of block 7",))


def verdict(*checks: Check) -> Verdict:
    return Verdict(POOL, 31337, 7, checks, time=1_800_000_000, name="Bicycle cover")


@pytest.mark.parametrize(
    "checks, result, code",
    [
        ((GOOD,), PROVED, 0),
        ((GOOD, BLIND), UNPROVED, 1),
        ((GOOD, BAD), DIFFERS, 1),
        ((BAD, BLIND, GOOD), DIFFERS, 1),
        ((BLIND, BAD, GOOD), DIFFERS, 1),
        ((), UNPROVED, 1),
    ],
)
def test_result__is_the_worst_of_all(checks: tuple[Check, ...], result: str, code: int):
    assert verdict(*checks).result == result
    assert verdict(*checks).exit_code == code


def test_checked__differences_decide():
    assert checked("code", [], ["all of it"]) == GOOD
    assert checked("money", BAD.details, ["nothing else"]) == BAD


@pytest.mark.parametrize(
    "checks, begin, end",
    [
        ((GOOD,), "proved: ", " is what its code, its events and its state say"),
        ((GOOD, BAD, BLIND), "differs: ", ": see money"),
        ((GOOD, BLIND), "not proved: ", ": see state"),
        ((), "not proved: ", ": see nothing: there was no check"),
    ],
)
def test_line(checks: tuple[Check, ...], begin: str, end: str):
    what = f"the pool {POOL} on chain 31337 as of block 7 (2027-01-15 08:00 UTC)"
    assert verdict(*checks).line == begin + what + end


def test_line__nothing_was_read():
    found = Verdict(POOL, None, None, (Check("chain", UNPROVED, ("rpc: x: nobody answers",)),))
    assert found.line == f"not proved: the pool {POOL}: see chain"


def test_as_tree():
    tree = verdict(GOOD, BAD).as_tree()
    assert tree == {
        "verdict": "differs",
        "line": verdict(GOOD, BAD).line,
        "pool": POOL,
        "name": "Bicycle cover",
        "chain_id": 31337,
        "block": 7,
        "block_hash": None,
        "time": 1_800_000_000,
        "checks": [
            {"name": "code", "result": "proved", "details": ["all of it"]},
            {"name": "money", "result": "differs", "details": list(BAD.details)},
        ],
    }


def shown(found: Verdict, width: int = 100) -> str:
    out = StringIO()
    show(found, Console(file=out, width=width))
    return out.getvalue()


def test_show__a_row_for_each_check_then_the_line():
    lines = shown(verdict(GOOD, BAD, BLIND)).splitlines()
    assert lines[0].rstrip() == f"Bicycle cover, {POOL}"
    assert [line.split("  ")[0] for line in lines[1:5]] == ["code", "money", "", "state"]
    assert "✓ proved" in lines[1] and "✗ differs" in lines[2] and "? unproved" in lines[4]
    assert "block 3: 1 EURX are missing" in lines[2] and "block 4: too" in lines[3]
    assert lines[5] == verdict(GOOD, BAD, BLIND).line


def test_show__many_details_are_counted():
    text = shown(verdict(Check("state", DIFFERS, tuple(f"member {i}" for i in range(23)))))
    assert "member 19" in text and "member 20" not in text
    assert "… and 3 more, see --json" in text


def test_show__text_of_others_is_no_markup():
    assert "[bold]x[/bold]" in shown(verdict(Check("code", DIFFERS, ("[bold]x[/bold]",))))
