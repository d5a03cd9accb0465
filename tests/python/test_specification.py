"""Every sentence of docs/specification.md has a test, and every error of the interfaces a sentence.

First the page and the tests of this project; then the check itself, on a page of three sentences.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from proof import specification
from proof.specification import ROOT
from tests.unit.test_errors_are_all_tested import WORDS, in_documents, promised

PAGE = """# What a till does

- **A1** Only the owner opens it.
- **A2** It never forgets (`till: closed`).

## B: the drawer

- **B1** It is never empty.
"""
TESTS = """
@pytest.mark.spec("A1", "B1")
@pytest.mark.parametrize("who", [1])
def test_open(who): ...


def never_empty(till): ...


@pytest.mark.spec("A2")
def never_forgets(till): ...


PROMISES = (never_empty, never_forgets)
"""


# --- this project


def test_page__has_a_test_for_each_sentence() -> None:
    findings = specification.find()
    assert findings.problems == []
    assert len(findings.sentences) > 200
    assert all(findings.tests[sentence.id] for sentence in findings.sentences)


def test_page__says_every_error_of_the_interfaces_and_no_other() -> None:
    text = " ".join(sentence.text for sentence in specification.find().sentences)
    said = set(re.findall(rf"`({WORDS})`", text))
    of_interfaces = promised((ROOT / "interfaces").glob("*.vyi"))
    assert len(of_interfaces) > 90
    assert of_interfaces - said == set()
    assert said - in_documents() == set()


# --- the check


@pytest.fixture
def till(tmp_path: Path) -> Path:
    """A project of three sentences and as many tests."""
    for folder in ("docs", "tests/unit"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs" / "specification.md").write_text(PAGE)
    (tmp_path / "tests" / "unit" / "test_till.py").write_text(TESTS)
    return tmp_path


def change(root: Path, file: str, old: str, new: str) -> list[str]:
    """Change a file of the project; return what is found to be wrong with it then."""
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return specification.find(root).problems


def test_find__all_is_well(till: Path) -> None:
    findings = specification.find(till)
    assert findings.problems == []
    here = "tests/unit/test_till.py::"
    assert findings.tests == {
        "A1": [f"{here}test_open"],
        "A2": [f"{here}never_forgets"],
        "B1": [f"{here}test_open"],
    }


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ("**B1**", "**B2**", "B2 does not follow B's last"),
        ("**A2**", "**A1**", "A1 does not follow A's last"),
        ("**A2**", "**A3**", "A3 does not follow A's last"),
        (
            "- **B1**",
            "- **C1** A drawer.\n- **A3** It is.\n- **B1**",
            "A3 stands outside its section",
        ),
        ("- **B1** It", "- It", "an item of the page is not one line with an id"),
        ("- **B1**", "- **B1** A drawer.\n- **B2**", "no test shows B2"),
    ],
)
def test_find__page_is_wrong(till: Path, old: str, new: str, problem: str) -> None:
    assert problem in change(till, "docs/specification.md", old, new)


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ('spec("A2")', 'spec("A3")', "test_till.py::never_forgets shows A3, which is no sentence"),
        ('spec("A2")', 'spec("A2", "A2")', "test_till.py::never_forgets shows A2 twice"),
        ('@pytest.mark.spec("A2")\n', "", "no test shows A2"),
        ('@pytest.mark.spec("A2")', '# @pytest.mark.spec("A2")', "no test shows A2"),
        ('@pytest.mark.spec("A2")', '@pytest.mark.slow("A2")', "no test shows A2"),
        (", never_forgets)", ",)", "no test shows A2"),
        (", never_forgets)", ",)", "test_till.py::never_forgets never runs"),
        ("def test_open", "def open", "test_till.py::open never runs"),
        ("@pytest.mark.parametrize", "@pytest.mark.skipif", "test_till.py::test_open never runs"),
        ("@pytest.mark.parametrize", "@pytest.mark.xfail", "no test shows B1"),
    ],
)
def test_find__marks_are_wrong(till: Path, old: str, new: str, problem: str) -> None:
    found = change(till, "tests/unit/test_till.py", old, new)
    assert any(problem in each for each in found), found


def test_find__test_outside_a_test_file__does_not_run(till: Path) -> None:
    tests = till / "tests" / "unit"
    (tests / "test_till.py").rename(tests / "till.py")
    found = specification.find(till).problems
    assert any("tests/unit/till.py::test_open never runs" in each for each in found)
    assert "no test shows A1" in found


def test_command__lists_sentences_and_tests(till: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert specification.main([], till) == 0
    said = capsys.readouterr().out
    assert "A2  It never forgets (`till: closed`).\n      tests/unit/test_till.py::never_f" in said
    assert said.endswith("3 sentences, 3 of them shown by 2 tests\n")


def test_command__json(till: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(till, "docs/specification.md", "- **B1**", "- **B1** A drawer.\n- **B2**")
    assert specification.main(["--json"], till) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["sentences"], said["shown"], said["tests"]) == (4, 3, 2)
    assert said["problems"] == ["no test shows B2"]
    assert said["tests_of"]["B2"] == []
