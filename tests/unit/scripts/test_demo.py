"""The demo, played on the tests' own chain: `play` raises unless both pools are proved."""

from pathlib import Path
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, accounts, web3
from rich.console import Console

from peerpool import ledger
from peerpool.audit import run
from peerpool.audit.books import read
from peerpool.audit.verdict import DIFFERS, Check
from peerpool.ledger import Event, Kept, Ledger
from peerpool.roster import Row
from scripts import demo, demo_catastrophe, demo_stage
from scripts.demo_stage import Cast, DemoError, Narrator, cast_roster

UNIT = 10**demo.DECIMALS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page goes."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def both(module_isolation: Any, folder: Path) -> tuple[Ledger, Ledger]:
    """The books of a demo that was played to the end."""
    ordinary, catastrophe = demo.play(folder / "demo.html", Narrator())
    return ordinary.ledger, catastrophe.ledger


@pytest.fixture(scope="module")
def played(both: tuple[Ledger, Ledger]) -> Ledger:
    """The books of the ordinary year."""
    return both[0]


@pytest.fixture(scope="module")
def struck(both: tuple[Ledger, Ledger]) -> Ledger:
    """The books of the year with the catastrophe."""
    return both[1]


def events_of(books: Ledger) -> list[Event]:
    """What happened to a pool, read again."""
    kept = Kept()
    read(web3, books.pool, watchers=[kept])
    return kept.events


def test_play__everything_in_the_story_happened(played: Ledger) -> None:
    full, part, rejected, late = played.claims.values()
    assert (full.tenths, full.paid) == (10, 250 * UNIT)
    assert (part.vote, part.tenths, part.paid) == (6, 8, 280 * UNIT)
    assert (rejected.status, rejected.bond_kept) == (3, 10 * UNIT)
    assert late.filed_at > played.terms.expiry
    assert (any(late.tally()), late.paid) == (False, 90 * UNIT)
    events = events_of(played)
    names = [event.name for event in events]
    assert names.count("Joined") == 8
    assert names.count("Left") == names.count("Credited") == names.count("Donated") == 1
    assert names.count("Refunded") == 7
    assert names.count("BallotsCast") == 1
    assert rejected.tally() == (4, *[0] * 10)
    assert len({event.tx for event in events if event.name == "Refunded"}) == 2
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


def test_play__catastrophe__goes_through_premiums_and_two_layers(struck: Ledger) -> None:
    """Worked out here from the terms file and the story alone, in whole tokens."""
    premiums = 6 * 120
    fee = premiums * 25 // 1000
    filled, limits, prices = [800, 1000, 0], [800, 1500, 2000], [72, 75, 40]
    ceded = [p * f / limit for p, f, limit in zip(prices, filled, limits, strict=True)]
    assert sum(ceded) < premiums * 0.2  # so the cap on it does not bind
    losses = [loss - 50 for loss in demo_catastrophe.LOSSES.values()]
    rest = sum(losses) - (premiums - fee - sum(ceded))
    paid = []
    for collateral in filled:
        paid.append(min(rest, collateral))
        rest -= paid[-1]
    assert rest == 0
    assert paid[0] == filled[0]
    assert 0 < paid[1] < filled[1]
    repaid = [0, demo_catastrophe.RECOVERED, 0]
    assert repaid[1] < paid[1]
    redeemed = [f + c - p + r for f, c, p, r in zip(filled, ceded, paid, repaid, strict=True)]

    def told(name: str) -> list[float]:
        return [(getattr(layer, name) or 0) / UNIT for layer in struck.layers.values()]

    assert told("filled") == filled
    assert told("ceded") == ceded
    assert told("paid") == paid
    assert told("repaid") == repaid
    assert told("redeemed") == redeemed
    assert [claim.paid / UNIT for claim in struck.claims.values()] == losses
    assert {kind: amount / UNIT for kind, amount in struck.went_out().items()} == {
        "award": sum(losses),
        "redemption": sum(redeemed),
        "fee": fee,
    }
    assert (struck.funds, struck.held, struck.unpaid) == (0, 0, 0)


def test_play__catastrophe__everything_in_the_story_happened(struck: Ledger) -> None:
    events = events_of(struck)
    names = [event.name for event in events]
    assert names.count("CollateralAdded") == names.count("LayerRedeemed") == 3
    assert names.count("PremiumCeded") == 2
    assert names.count("LayersDrawn") == 4
    assert names.count("LayersRepaid") == names.count("Recovered") == 1
    assert len({event.tx for event in events if event.name == "PremiumCeded"}) == 1
    receivers = [e["receiver"] for e in events if e.name == "LayerRedeemed"]
    a, b = (accounts[demo_catastrophe.OUTSIDERS[part]] for part in ("reinsurer A", "reinsurer B"))
    assert receivers == [a, b, b]
    assert all(claim.tenths == 10 for claim in struck.claims.values())
    filed = [claim.filed_at for claim in struck.claims.values()]
    decided = [claim.resolved_at for claim in struck.claims.values()]
    assert max(filed) < min(decided)  # one catastrophe, and all of it known before it is paid
    assert struck.settled_at


def test_play__writes_the_page(
    played: Ledger, struck: Ledger, folder: Path, both: tuple[Ledger, Ledger]
) -> None:
    text = (folder / "demo.html").read_text(encoding="utf-8")
    assert text.count("<strong>Proved: </strong>") == 2
    assert demo.REASONS["half"] in text
    assert played.pool in text
    assert struck.pool in text
    assert "Layer 2: losses above 1\u00a0380\u00a0EURX" in text


def test_main__prints_plain_lines(
    isolation: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.main("--out", str(tmp_path / "here.html"))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "first claimant   pulls a refund of " in out
    for check in ("code", "logs", "books", "state", "money", "signatures"):
        assert out.count(f"{check}: proved\n") == 2
    assert out.count("proved: the pool 0x") == 2
    assert "resolves claim 1: 10 of 10, 600 EURX, paid at once, 20 EURX of it by layers" in out
    assert "collectable: 2 380 EURX, 396.666666 EURX a member" in out
    assert "    2  1 000.000000  50.000000  570.000000  350.000000  830.000000  −170.000000" in (
        out.replace("\u00a0", " ")
    )
    assert out.endswith(f"The page: {tmp_path / 'here.html'}\n")


def test_play__a_difference__raises(
    isolation: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Check("state", DIFFERS, ("member 1: tier: 0, not 1",))
    monkeypatch.setattr(run, "check_state", lambda *_: wrong)
    text = r"^demo: differs: the pool 0x.*: see state\n(.*\n)*member 1: tier: 0, not 1\n"
    with pytest.raises(DemoError, match=text):
        demo.play(tmp_path / "demo.html", Narrator())
    page = (tmp_path / "demo.html").read_text(encoding="utf-8")
    assert page.count("<strong>Differs: </strong>") == 2


def test_play__too_few_people__raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "accounts", list(accounts)[:10])
    with pytest.raises(DemoError, match="demo: the chain has 10 accounts: anvil --accounts 20"):
        demo.play(tmp_path / "page.html", Narrator())


def test_play__not_a_development_chain__raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "DEVELOPMENT_CHAINS", (1337,))
    with pytest.raises(DemoError, match="demo: plays with time, so it needs a development chain"):
        demo.play(tmp_path / "demo.html", Narrator())


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
