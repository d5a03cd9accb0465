"""Mistakes on the command line of status, audit and verify: a line that says what would be right.

No chain: whatever is refused here is refused before a node is asked.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import audit, status, verify

POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
NOBODY = ("--rpc", "http://127.0.0.1:1")


@pytest.mark.parametrize("block", ["abc", "-1", "0x10", "1.5", "pending", ""])
def test_audit__block_that_is_none__says_what_would_be(
    block: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        audit.main(POOL, f"--block={block}")
    assert ended.value.code == 2
    problem = f"argument --block: {block}: not a number, finalized, safe or latest"
    assert capsys.readouterr().err.splitlines()[-1] == f"bin/peerpool audit: error: {problem}"


@pytest.mark.parametrize(
    "text, block", [("0", 0), ("17", 17), ("safe", "safe"), ("latest", "latest")]
)
def test_audit__block__is_taken(text: str, block: int | str):
    assert audit._options([POOL, "--block", text]).block == block


@pytest.mark.parametrize("seconds", ["0", "soon", "nan", "-5", "86401"])
def test_status__watch_that_cannot_be__says_what_can(
    seconds: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        status.main(POOL, f"--watch={seconds}")
    assert ended.value.code == 2
    problem = f"argument --watch: {seconds}: not a number of seconds from 0.1 to 86400"
    assert capsys.readouterr().err.splitlines()[-1] == f"bin/peerpool status: error: {problem}"


@pytest.mark.parametrize("text, seconds", [("0.1", 0.1), ("86400", 86_400.0)])
def test_status__watch__is_taken(text: str, seconds: float):
    assert status._options([POOL, "--watch", text]).watch == seconds


@pytest.mark.parametrize(
    "main, problem",
    [
        (audit.main, "pool: {}: is not the manifest of a pool"),
        (verify.main, "verify: {}: is not a manifest"),
    ],
    ids=["audit", "verify"],
)
def test_manifest__nested_too_deeply_or_of_no_chain__is_a_line(
    main: Callable[..., None], problem: str, tmp_path: Path, too_deep: str
):
    file = tmp_path / "pool.json"
    for text in (too_deep, json.dumps({"chain_id": float("inf"), "pool": {"address": POOL}})):
        file.write_text(text)
        with pytest.raises(SystemExit) as ended:
            main(str(file), *NOBODY)
        assert ended.value.code == problem.format(file)
