"""Published ABIs: what a pool hands on is part of its own."""

import json

import pytest

from peerpool import abi

VOTE = {"type": "function", "name": "vote"}
TERMS = {"type": "function", "name": "terms"}
MADE_UP = {"type": "event", "name": "MadeUp"}
FALLBACK = {"type": "fallback"}
CONSTRUCTOR = {"type": "constructor", "inputs": []}


@pytest.fixture(autouse=True)
def published(tmp_path, monkeypatch):
    folder = tmp_path / "abi"
    folder.mkdir()
    (folder / "Pool.json").write_text(json.dumps([VOTE, MADE_UP, FALLBACK]))
    (folder / "BackOffice.json").write_text(json.dumps([CONSTRUCTOR, MADE_UP, TERMS]))
    monkeypatch.setattr(abi, "files", lambda package: tmp_path)
    abi.load.cache_clear()
    yield folder
    abi.load.cache_clear()


def test_load__pool__has_what_it_hands_on_once():
    assert abi.load("Pool") == [VOTE, MADE_UP, FALLBACK, TERMS]


def test_load__other__is_as_published():
    assert abi.load("BackOffice") == [CONSTRUCTOR, MADE_UP, TERMS]


def test_load__not_built__says_what_to_do(published):
    (published / "BackOffice.json").unlink()
    with pytest.raises(abi.AbiError) as caught:
        abi.load("Pool")
    assert str(caught.value) == ("abi: no BackOffice.json in peerpool/abi (make compile writes it)")
