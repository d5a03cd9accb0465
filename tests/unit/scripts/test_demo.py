"""The demo, played on the tests' own chain: `play` raises unless its books balance."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, accounts, web3
from rich.console import Console

from peerpool import ledger
from peerpool.ledger import Ledger
from peerpool.roster import Row
from scripts import demo, demo_stage
from scripts.demo_stage import Cast, DemoError, Narrator, cast_roster

UNIT = 10**demo.DECIMALS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page goes."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def played(module_isolation: Any, folder: Path) -> Ledger:
    """The books of a demo that was played to the end."""
    return demo.play(folder / "demo.html")


def test_play__everything_in_the_story_happened(played: Ledger) -> None:
    full, part, rejected, late = played.claims.values()
    assert (full.tenths, full.paid) == (10, 250 * UNIT)
    assert (part.vote, part.tenths, part.paid) == (6, 8, 280 * UNIT)
    assert (rejected.status, rejected.bond_kept) == (3, 10 * UNIT)
    assert late.filed_at > played.terms.expiry
    assert (late.ballots, late.paid) == ([], 90 * UNIT)
    names = [event.name for event in played.events]
    assert names.count("Joined") == 8
    assert names.count("Left") == names.count("Credited") == names.count("Donated") == 1
    assert names.count("Refunded") == 7
    assert names.count("BallotsCast") == 1
    assert [ballot.award for ballot in rejected.ballots] == [0, 0, 0, 0]
    assert len({event.tx for event in played.events if event.name == "Refunded"}) == 2
    kinds = {"award", "refund", "cause", "fee", "commission", "bond back", "premium back"}
    assert set(played.went_out()) == kinds


def test_play__the_contract_is_left_with_dust(played: Ledger) -> None:
    assert ledger.balance_of(web3, played) == played.funds
    assert 0 <= played.funds <= len(played.present) + 1
    assert played.held == 0


def test_play__payer_and_referrer(played: Ledger) -> None:
    members = list(played.members.values())
    [paid_for] = [m for m in members if m.payer != m.account]
    assert paid_for.payer == accounts[demo.OUTSIDERS["employer"]]
    [referred] = [m for m in members if m.referrer != ZERO_ADDRESS]
    assert referred.commission == referred.premium // 100
    assert members[-1].premium < played.terms.tiers[members[-1].tier].premium  # pro rata


def test_play__writes_the_page(played: Ledger, folder: Path) -> None:
    text = (folder / "demo.html").read_text(encoding="utf-8")
    assert "Every unit is accounted for." in text
    assert demo.REASONS["half"] in text
    assert played.pool in text


def test_main__prints_plain_lines(
    isolation: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.main("--out", str(tmp_path / "here.html"))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "first claimant   pulls a refund of " in out
    assert "The books agree with the chain to the last unit; dust left: 0.00000" in out
    assert out.endswith(f"The page: {tmp_path / 'here.html'}\n")


@pytest.mark.parametrize("error", [-1, 1])
def test_play__balance_off_by_one_unit__raises(
    isolation: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    right: Callable = ledger.balance_of
    monkeypatch.setattr(ledger, "balance_of", lambda *args: right(*args) + error)
    with pytest.raises(DemoError, match=r"demo: 0\.00000\d EURX should be left, not 0\.00000\d"):
        demo.play(tmp_path / "demo.html")
    assert "The books and the chain differ." in (tmp_path / "demo.html").read_text()


def test_play__not_a_development_chain__raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "DEVELOPMENT_CHAINS", (1337,))
    with pytest.raises(DemoError, match="demo: plays with time, so it needs a development chain"):
        demo.play(tmp_path / "demo.html")


def row(account: Any, name: str) -> Row:
    return Row(line=2, member=str(account), tier=0, payer=None, name=name, note="")


def test_cast_roster__same_names_are_numbered() -> None:
    cast = Cast()
    rows = [row(accounts[1], "voter"), row(accounts[2], ""), row(accounts[3], "voter")]
    assert cast_roster(cast, rows) == ["voter 1", "member", "voter 2"]
    assert cast["voter 2"] == accounts[3]
    assert cast.names()[accounts[1].address] == "voter 1"


def test_cast_roster__stranger__raises() -> None:
    stranger = "0x000000000000000000000000000000000000dEaD"
    problem = f"demo: the chain has no account {stranger} \\(line 2\\)"
    with pytest.raises(DemoError, match=problem):
        cast_roster(Cast(), [row(stranger, "voter")])


def test_cast__missing_part__raises() -> None:
    with pytest.raises(DemoError, match="demo: nobody in the roster is the leaver"):
        Cast()["leaver"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_narrator__no_line_is_wider_than_the_terminal(width: int) -> None:
    console = Console(force_terminal=True, width=width, record=True, color_system=None)
    with console.capture() as captured:
        narrator = Narrator(console)
        narrator.act("Claims")
        narrator.say(1_800_000_000, "second claimant", "asks for 1\u00a0500\u00a0EURX " * 8)
    lines = captured.get().splitlines()
    assert len(lines) >= 4
    assert max(map(len, lines)) <= width
    assert lines[2].startswith("2027-01-15  second claimant  asks for")
    assert all(line.startswith(" " * 29) for line in lines[3:])
    assert captured.get().count("1 500 EURX") == 8  # none is broken


def test_stage__money_is_rounded_to_cents() -> None:
    stage = demo_stage.Stage(Narrator(), Cast(), demo.Asset(str(accounts[1]), "EURX", 6))
    assert stage.money(1_234_567_890) == "1\u00a0234.57\u00a0EURX"
