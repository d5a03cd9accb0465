"""Published ABIs: what a pool hands on is part of its own."""

import json
from pathlib import Path

import pytest
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData

from peerpool import abi

ROOT = Path(__file__).resolve().parents[2]

VOTE = {"type": "function", "name": "vote"}
TERMS = {"type": "function", "name": "terms"}
PLEDGE = {"type": "function", "name": "pledge"}
LEAVE = {"type": "function", "name": "leave"}
MADE_UP = {"type": "event", "name": "MadeUp"}
FALLBACK = {"type": "fallback"}
CONSTRUCTOR = {"type": "constructor", "inputs": []}


@pytest.fixture
def published(tmp_path, monkeypatch):
    folder = tmp_path / "abi"
    folder.mkdir()
    (folder / "Pool.json").write_text(json.dumps([VOTE, MADE_UP, FALLBACK]))
    (folder / "BackOffice.json").write_text(json.dumps([CONSTRUCTOR, MADE_UP, TERMS]))
    (folder / "TreatyOffice.json").write_text(json.dumps([CONSTRUCTOR, MADE_UP, PLEDGE]))
    (folder / "PolicyOffice.json").write_text(json.dumps([MADE_UP, LEAVE]))
    monkeypatch.setattr(abi, "files", lambda package: tmp_path)
    abi.load.cache_clear()
    yield folder
    abi.load.cache_clear()


def test_load__pool__is_what_the_interface_declares():
    """All four parts together, as they are published, leave nothing out and add nothing."""
    bundle = FilesystemInputBundle([ROOT])
    source = bundle.load_file("interfaces/IPool.vyi")
    declared = CompilerData(source, bundle).annotated_vyper_module._metadata["type"]
    theirs = declared.interface.to_toplevel_abi_dict()
    kinds = ("function", "event")
    ours = [entry for entry in abi.load("Pool") if entry["type"] in kinds]
    assert sorted(map(_text, ours)) == sorted(map(_text, theirs))


def _text(entry) -> str:
    return json.dumps(entry, sort_keys=True)


def test_load__pool__has_what_it_hands_on_once(published):
    assert abi.load("Pool") == [VOTE, MADE_UP, FALLBACK, TERMS, PLEDGE, LEAVE]


def test_load__other__is_as_published(published):
    assert abi.load("BackOffice") == [CONSTRUCTOR, MADE_UP, TERMS]


def test_load__not_built__says_what_to_do(published):
    (published / "BackOffice.json").unlink()
    with pytest.raises(abi.AbiError) as caught:
        abi.load("Pool")
    assert str(caught.value) == ("abi: no BackOffice.json in peerpool/abi (make compile writes it)")
