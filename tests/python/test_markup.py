"""Texts of users and of chains reach the terminal as they are: none of them is rich's markup."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from peerpool.status.screen import tower_table
from peerpool.terms import Terms
from peerpool.units import Asset
from scripts import deploy_command, reinsure
from scripts.demo_stage import Narrator
from scripts.deploy_command import Manners
from tests.python.test_reinsurance import ENROLLING, tower

MARKUP = pytest.mark.parametrize("text", ["[red]", "[/x]"])  # would vanish; would be an error


def console(**how: Any) -> Console:
    return Console(file=StringIO(), width=160, highlight=False, **how)


def said(by: Console) -> str:
    assert isinstance(by.file, StringIO)
    return by.file.getvalue()


@MARKUP
def test_tower_table__symbol_of_any_token(eurx: Asset, text: str):
    out = console()
    out.print(tower_table(tower(ENROLLING, (800, 0, 0), asset=replace(eurx, symbol=text))))
    assert f"in {text}; █ left, ▒ paid, · neither" in said(out)


@MARKUP
def test_reinsure__what_is_asked_about__has_names_and_symbols_as_they_are(text: str):
    out = console()
    backing = SimpleNamespace(tower=SimpleNamespace(name=f"Elm {text}"))
    act: Any = SimpleNamespace(backing=backing, console=out)
    reinsure.Act._show(act, [("deposit", f"500 {text}")])
    assert f"Elm {text}" in said(out)
    assert f"500 {text}" in said(out)


@MARKUP
def test_deploy__what_is_asked_about__has_names_and_symbols_as_they_are(
    terms: Terms, eurx: Asset, text: str, monkeypatch: pytest.MonkeyPatch
):
    out = console()
    file = SimpleNamespace(asset=replace(eurx, symbol=text), tier_names=(f"city {text}", ""))
    sender = SimpleNamespace(address=terms.organiser, balance=lambda: 10**18)
    job: Any = SimpleNamespace(file=file, sender=sender)
    node = SimpleNamespace(eth=SimpleNamespace(chain_id=1, gas_price=10**9))
    monkeypatch.setattr(deploy_command, "web3", node)
    deploy_command._show(out, job, replace(terms, name=f"Elm {text}"), {"pool": 100_000})
    for shown in (f"Elm {text}", f"premium 90 {text}", f"tier 0, city {text}"):
        assert shown in said(out)


@MARKUP
def test_deploy__again__tells_the_path_as_it_is(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setattr(deploy_command, "_finished", lambda _: {"pool": {}})
    job: Any = SimpleNamespace(folder=tmp_path, pool=Path(text) / "elm.json")
    assert deploy_command.deploy(job, Manners()) == {"pool": {}}
    assert capsys.readouterr().err == f"already deployed: {text}/elm.json\n"


@MARKUP
@pytest.mark.parametrize("is_terminal", [False, True])
def test_narrator__says_and_shows_what_there_is(text: str, is_terminal: bool):
    out = console(force_terminal=is_terminal, color_system=None)
    narrator = Narrator(out)
    narrator.act(f"Act {text}")
    narrator.say(1_800_000_000, text, f"pays 5 {text}")
    narrator.show(f"The page: {text}")
    first, second, third = (line for line in said(out).splitlines() if line.strip())
    assert f"Act {text}" in first
    assert " ".join(second.split()) == f"2027-01-15 {text} pays 5 {text}"
    assert third.rstrip() == f"The page: {text}"
