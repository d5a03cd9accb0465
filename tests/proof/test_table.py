"""`make proof`: what its table makes of what the commands kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proof import __main__ as proof
from proof.sources import contracts_digest, digest

SUMMARY = {
    "score": 95.0,
    "mutants": 300,
    "killed": 189,
    "timed_out": 1,
    "survived": 10,
    "is_whole": False,
}
GOOD: dict[str, dict[str, Any]] = {
    "fuzz": {"calls": 1_000_000, "failures": 0},
    "coverage": {"lines": 9, "branches": 4, "uncovered": [], "tests_passed": True},
    "mutation": {"summary": SUMMARY},
    "planted": {
        "list": digest([proof.LIST.name], proof.LIST.parent),
        "caught": 2,
        "bugs": ["one", "another"],
    },
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for name, kept in GOOD.items():
        write(tmp_path, name, kept)
    return tmp_path


def write(results: Path, name: str, kept: dict[str, Any], of: str = "") -> None:
    file = results / f"{name}.json"
    file.write_text(json.dumps({"contracts": of or contracts_digest(), **kept}))


def rows(results: Path) -> dict[str, proof.Row]:
    return {row.what: row for row in proof.kept(results, contracts_digest())}


def test_table__is_complete_if_everything_is(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = proof.main(["--json"], results)
    found = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert all(row["enough"] for row in found.values())
    assert status == 0
    assert len(found) == 8
    assert found["random calls"]["found"] == "1,000,000, 0 failed"
    assert found["branches covered"]["found"] == "4 of 4"
    assert found["mutants killed"]["found"] == "95.0 % of 200, a sample of 300"
    assert found[proof.PLANTED]["found"] == "2 of 2"


@pytest.mark.parametrize(
    "name, changed, row",
    [
        ("fuzz", {"calls": 999_999}, "random calls"),
        ("fuzz", {"failures": 1}, "random calls"),
        ("coverage", {"uncovered": [{"kind": "lines"}]}, "lines covered"),
        ("coverage", {"uncovered": [{"kind": "branches"}]}, "branches covered"),
        ("coverage", {"tests_passed": False}, "lines covered"),
        ("mutation", {"summary": SUMMARY | {"score": 94.9}}, "mutants killed"),
        ("planted", {"caught": 0, "bugs": []}, proof.PLANTED),
        ("planted", {"caught": 1}, proof.PLANTED),
        ("planted", {"list": "one bug less"}, proof.PLANTED),
    ],
)
def test_table__tells_what_falls_short(
    name: str, changed: dict[str, Any], row: str, results: Path
) -> None:
    assert rows(results)[row].enough
    write(results, name, GOOD[name] | changed)
    assert not rows(results)[row].enough


def test_table__what_was_found_with_other_contracts__does_not_count(results: Path) -> None:
    write(results, "fuzz", GOOD["fuzz"], of="others")
    row = rows(results)["random calls"]
    assert row.found.endswith("(of other contracts)")
    assert not row.enough


def test_table__with_a_gap__fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert proof.main([], tmp_path) == 1
    assert capsys.readouterr().out.count("not measured") == 4


def test_digest_of_vyper__is_of_its_words(tmp_path: Path) -> None:
    file = tmp_path / "a.vy"
    text = (
        '"""a title"""\n\n\n@external\ndef f(a: uint256):\n    """what"""\n    g(a, b"x")  # why\n'
    )

    def after(old: str, new: str) -> str:
        assert old in text
        file.write_text(text.replace(old, new))
        return digest(["*"], tmp_path)

    first = after("", "")
    same = [
        ("a title", "another"),
        ("what", "how"),
        ("  # why", ""),
        ("(a, b", "(\n        a,\n b"),
    ]
    assert [after(*change) for change in same] == [first] * len(same)
    others = [
        ('b"x"', 'b"y"'),
        ("    g", "    if a:\n        g"),
        ("uint256", "int128"),
        ("@external\n", ""),
    ]
    assert len({first, *(after(*change) for change in others)}) == 1 + len(others)


def test_digest__changes_with_content_and_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    first = digest(["*"], tmp_path)
    (tmp_path / "a").write_text("y")
    second = digest(["*"], tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, digest(["*"], tmp_path)}) == 3
