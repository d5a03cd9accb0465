"""Pools by the names that people give them, and the lens that goes with each."""

import json
from pathlib import Path
from typing import Any

import pytest

from peerpool.named import FindError, Named, find, find_lens, find_one
from peerpool.units import UnitError

POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
OTHER = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
LENS = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"
CORE = {"contracts": {"lens": {"address": LENS}}}


def write(path: Path, tree: Any) -> str:
    path.write_text(json.dumps(tree))
    return str(path)


def manifest(address: str = POOL, chain_id: int = 1, **more: Any) -> dict[str, Any]:
    return {"chain_id": chain_id, "pool": {"address": address}, "core": CORE} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What deploy leaves behind: two pools, the core, a journal, invitations; a pool elsewhere."""
    write(tmp_path / "b.json", manifest(OTHER))
    write(tmp_path / "a.json", manifest(tier_names=["city bike"]))
    write(tmp_path / "elsewhere.json", manifest(chain_id=5))
    write(tmp_path / "core.json", {"chain_id": 1, "contracts": {}})
    write(tmp_path / "a.invitations.json", {"pool": POOL, "chain_id": 1})
    (tmp_path / "c.journal.json").write_text("{")
    return tmp_path


def problem(text: str) -> str:
    with pytest.raises((FindError, UnitError)) as caught:
        find_one(text, 1)
    return str(caught.value)


def test_find_one__address__is_it() -> None:
    assert find_one(POOL.lower(), 1) == Named(POOL)
    assert problem("0x12") == 'address: "0x12" is not 0x and 40 hex digits'


def test_find_one__path_of_no_manifest__is_said(folder: Path, monkeypatch) -> None:
    """Not that it is no address: whoever names a path knows that."""
    (folder / "list.txt").write_text("nothing")
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder)
    assert problem("deep") == "pool: deep: is a folder, not a file"
    assert problem("deep/none") == "pool: deep/none: no such file"
    assert problem("list.txt") == "pool: list.txt: is not the manifest of a pool"
    assert problem("none.txt") == 'address: "none.txt" is not 0x and 40 hex digits'
    for named in ("n" * 300, "n" * 300 + "/"):
        assert "\n" not in problem(named)


def test_find_one__file_called_like_an_address__is_the_address(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    (folder / POOL).write_text("{}")
    assert find_one(POOL, 1) == Named(POOL)


def test_find_one__manifest_by_any_name__is_it(folder: Path) -> None:
    path = folder / "a.json"
    assert find_one(str(path.rename(folder / "kept")), 1).address == POOL


def test_find_one__manifest__tells_more(folder: Path) -> None:
    path = folder / "a.json"
    assert find_one(str(path), 1) == Named(POOL, ("city bike",), path, LENS)


def test_find_one__what_is_none__is_refused(folder: Path) -> None:
    elsewhere = folder / "elsewhere.json"
    assert problem(str(elsewhere)) == f"pool: {elsewhere}: is of chain 5, this is chain 1"
    assert problem(f"{folder}/none.json") == f"pool: {folder}/none.json: no such file"
    endless = manifest(chain_id=float("inf"))
    unnamed = [manifest(tier_names=names) for names in (None, 7)]
    for tree in ([], 7, {"pool": POOL}, manifest("0x12"), manifest(core={}), endless, *unnamed):
        path = write(folder / "x.json", tree)
        assert problem(path) == f"pool: {path}: is not the manifest of a pool"


def test_find__folder__has_the_pools_of_this_chain_in_order(folder: Path) -> None:
    assert [named.address for named in find([str(folder)], 1)] == [POOL, OTHER]
    assert [named.address for named in find([str(folder)], 5)] == [POOL]


def test_find__folder_with_a_file_that_is_none__has_the_others(folder: Path, too_deep: str) -> None:
    write(folder / "aa.json", manifest(LENS, tier_names=None))
    (folder / "ab.json").write_text(too_deep)
    assert [named.address for named in find([str(folder)], 1)] == [POOL, OTHER]


def test_find__twice__is_once(folder: Path) -> None:
    found = find([OTHER, str(folder), POOL, str(folder / "b.json")], 1)
    assert [named.address for named in found] == [OTHER, POOL]


def test_find__folder_without_pools__is_refused(folder: Path) -> None:
    with pytest.raises(FindError) as caught:
        find([str(folder)], 7)
    assert str(caught.value) == f"pool: {folder}: no manifest of a pool of chain 7 there"


def test_find_lens__the_manifests_or_the_cores(tmp_path: Path, too_deep: str) -> None:
    assert find_lens(Named(POOL, lens=OTHER), tmp_path, 1) == OTHER
    assert find_lens(Named(POOL), tmp_path, 1) is None
    core = tmp_path / "1" / "core.json"
    core.parent.mkdir()
    write(core, CORE)
    assert find_lens(Named(POOL), tmp_path, 1) == LENS
    for text in ('{"contracts": {}}', too_deep):
        core.write_text(text)
        with pytest.raises(FindError) as caught:
            find_lens(Named(POOL), tmp_path, 1)
        assert str(caught.value) == f"lens: {core}: names none"
