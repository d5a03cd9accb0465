"""`make planted`: on a small contract; and the list of bugs of the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from peerpool.compiled import ROOT
from proof import planted, specification
from proof.mutation.run import Subject
from proof.mutation.suite import Suite
from tests.proof.purse import PURSE, Functions, everywhere, test_limit, test_total_and_half

# Sections of the specification that say what becomes of money.
OF_MONEY = "MSJLCAHWRTEXG"
BUG = """
[[bug]]
sentence = "M1"
says = "{says}"
file = "tests/proof/Purse.vy"
function = "{function}"
old = "{old}"
new = "{new}"
"""
CAUGHT = BUG.format(
    says="Half of it is gone.",
    function="_add",
    old="    self.total = before + amount",
    new="    self.total = before + amount // 2",
)
LIVES = BUG.format(
    says="One unit is rounded up.",
    function="half",
    old="    return self.total // 2",
    new="    return (self.total + 1) // 2",
)


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A list of bugs in the purse, and its tests."""
    purse = Subject.read(ROOT, [PURSE])

    def with_suite(_: object, work: Callable[[Suite], None]) -> None:
        work(Functions(test_limit, test_total_and_half))

    monkeypatch.setattr(planted, "read", lambda: purse)
    monkeypatch.setattr(planted, "with_suite", with_suite)
    monkeypatch.setattr(planted, "traced", everywhere)
    monkeypatch.setattr(planted, "KEPT", tmp_path / "planted.json")
    path = tmp_path / "planted.toml"

    def write(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_planted__all_caught__is_told_with_the_test_of_each(
    listed: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert planted.main(["--keep"], listed(CAUGHT)) == 0
    out = capsys.readouterr().out
    assert "1 of 1 caught" in out
    assert all(text in out for text in ("M1", "Half of it is gone.", "test_total_and_half"))
    [kept] = json.loads(planted.KEPT.read_text())["bugs"]
    assert (kept["verdict"], kept["by"]) == ("killed", "test_total_and_half")


def test_planted__one_lives__fails_and_says_which(
    listed: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert planted.main(["--json", "--workers=2"], listed(CAUGHT + LIVES)) == 1
    found = {row["says"]: row["verdict"] for row in json.loads(capsys.readouterr().out)}
    assert found == {"Half of it is gone.": "killed", "One unit is rounded up.": "survived"}
    assert planted.main([], listed(CAUGHT + LIVES)) == 1
    assert "1 of 2 caught" in capsys.readouterr().out


@pytest.mark.parametrize("some", [["--only", "M1"], ["--tests", "total"]])
def test_planted__a_part_is_not_kept(listed: Callable[[str], Path], some: list[str]) -> None:
    words = "^planted: --keep keeps the whole list: leave --only and --tests away$"
    with pytest.raises(SystemExit, match=words):
        planted.main(["--keep", *some], listed(CAUGHT))


def test_planted__only_some_tests_are_asked(listed: Callable[[str], Path]) -> None:
    assert planted.main(["--tests", "total"], listed(CAUGHT)) == 0
    assert planted.main(["--tests", "limit"], listed(CAUGHT)) == 1
    with pytest.raises(SystemExit, match="^planted: no test has nothing in its name$"):
        planted.main(["--tests", "nothing"], listed(CAUGHT))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CAUGHT.replace("M1", "M99"), "planted.toml: no such sentence: M99"),
        (CAUGHT.replace("before", "after"), "planted.toml: not once in _add: Half of it is gone."),
        (CAUGHT.replace("_add", "half"), "planted.toml: not once in half: Half of it is gone."),
        (CAUGHT.replace("Purse", "Gone"), "planted.toml: not once in _add: Half of it is gone."),
        (
            CAUGHT.replace('old = "    self.total = before + amount"', 'old = "total"'),
            "planted.toml: not once in _add: Half of it is gone.",
        ),
    ],
)
def test_planted__what_is_no_bug__is_refused(
    text: str, problem: str, listed: Callable[[str], Path]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        planted.main([], listed(text))
    assert str(refusal.value) == problem


def test_planted__none_of_a_sentence__is_refused(listed: Callable[[str], Path]) -> None:
    with pytest.raises(SystemExit, match="^planted: there is none against E4 or M2$"):
        planted.main(["--only=E4", "--only=M2"], listed(CAUGHT))


def test_listed_bugs__can_be_planted_and_are_against_every_section_about_money() -> None:
    found = planted.bugs(planted.BUGS)
    for number, bug in enumerate(found):
        bug.mutant(number)
    assert len({(bug.file, bug.old, bug.new) for bug in found}) == len(found)
    section = {sentence.id: sentence.section for sentence in specification.find().sentences}
    assert {*OF_MONEY} <= {section[bug.sentence] for bug in found}
