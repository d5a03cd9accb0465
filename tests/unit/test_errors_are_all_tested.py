"""Every error is documented, every documented error exists, and each occurs in a test.

The words are taken from the contracts' sources, from the documents that promise them, and from
the test files beside this one.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

WORDS = r"[a-z]+: [^\"|`\n]+"
# "a: b | a: c |" may be broken between lines; "value: ..." stands for all of a subject.
DOCUMENTED = re.compile(r"@custom:errors(.*?)(?=\n\s*(?:@|\"\"\"))", re.DOTALL)


def in_sources() -> set[str]:
    """Return the words after every assert and raise of the contracts, the mocks' left out."""
    files = [f for f in (ROOT / "contracts").rglob("*.vy") if "mocks" not in f.parts]
    assert len(files) > 5
    return {words for f in files for words in re.findall(rf'"({WORDS})"', f.read_text())}


def promised(files: Iterable[Path]) -> set[str]:
    """Return the words after @custom:errors in some files."""
    words = set()
    for text in (f.read_text() for f in files):
        for block in DOCUMENTED.findall(text):
            words |= set(re.split(r"\s*\|\s*", " ".join(block.split())))
    return {w for w in words if re.fullmatch(WORDS, w) and "..." not in w}


def in_documents() -> set[str]:
    """Return the words that interfaces, constructors and docs/design.md promise."""
    table = (ROOT / "docs" / "design.md").read_text().partition("## Terms")[2]
    words = promised([*(ROOT / "interfaces").glob("*.vyi"), *(ROOT / "contracts").glob("*.vy")])
    return words | set(re.findall(rf"`(?=terms: )({WORDS})`", table))


def in_tests() -> set[str]:
    """Return all strings of the test files."""
    strings = set()
    for file in HERE.rglob("test_*.py"):
        if file.name == Path(__file__).name:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
    # test_check_terms.py leaves "terms: " away
    return strings | {f"terms: {s}" for s in strings}


def test_errors__of_the_sources_are_documented():
    assert in_sources() - in_documents() == set()


def test_errors__of_the_documents_exist():
    assert in_documents() - in_sources() == set()


def test_errors__are_all_tested():
    assert in_sources() - in_tests() == set()


def test_errors__are_found():
    """What the tests above compare is not empty, and holds one of each kind."""
    some = {
        "join: pool is full",
        "gas: too little for the transfer",
        "terms: cover_limit is above 2**100",
        "claim: incident before the member's cover",
        "factory: pool already exists",
        "layer: collateral is bound",
        "lens: more than 100",
    }
    assert some <= in_sources() & in_documents() & in_tests()
    assert len(in_sources()) > 90
