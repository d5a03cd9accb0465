"""A pool at a glance, in every phase: what is said of it, how it looks, and the command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from peerpool.keeper.look import Action
from peerpool.rpc import RpcError
from peerpool.status import as_tree, overview, page, read, words
from peerpool.terms import Layer, Tier
from peerpool.units import format_amount
from scripts import status
from tests.attacks.arena import DAY, OUTSIDER, START, WITH_CAUSE, ZERO
from tests.evm.contract import Contract
from tests.evm.signing import address_of
from tests.keeper.conftest import Keeping

ARBITER = address_of(50)
UNIT = 10**6


@pytest.fixture
def elm(k: Keeping) -> Keeping:
    """A pool in tokens, with an arbiter and two layers, that enrols; the first is nearly full."""
    k.a.use_token()
    k.create(
        name="Bicycles of Elm Street",
        cover_start=START + 7 * DAY,
        enrolment_end=START + 7 * DAY,
        expiry=START + 7 * DAY + 360 * DAY,
        reporting_period=30 * DAY,
        voting_period=7 * DAY,
        min_members=5,
        max_members=20,
        claim_bond=10 * UNIT,
        tiers=(Tier(100 * UNIT, 1000 * UNIT),),
        arbiter=ARBITER,
        appeal_period=7 * DAY,
        ruling_period=14 * DAY,
        max_cession_bps=2000,
        reinsurance=(Layer(500 * UNIT, 60 * UNIT), Layer(400 * UNIT, 20 * UNIT)),
        **WITH_CAUSE,
    )
    for number, amount in ((1, 450 * UNIT), (2, 100 * UNIT)):
        shares = k.a.pool.view("layer", number).shares
        layer = Contract(k.chain, "interfaces/IReinsuranceLayer.vyi", shares)
        k.a.fund(OUTSIDER, amount, shares)
        layer.send("deposit", amount, OUTSIDER, sender=OUTSIDER)
    return k


@pytest.fixture
def hearing(elm: Keeping) -> Keeping:
    """Its claims a quarter of the way: one awarded that waits, one to be appealed, one voted on."""
    k = elm
    k.a.start()
    k.a.by_anyone("bind_reinsurance")
    k.a.at(k.a.terms.cover_start + 98 * DAY)
    first, second, third, *voters = k.people
    k.a.file(first, 900 * UNIT)
    k.a.file(second, 400 * UNIT)
    k.a.file(third, 250 * UNIT)
    k.a.vote(1, voters, 10)
    k.a.vote(2, [first, third, *voters], 6)
    k.a.by_anyone("resolve", 1)
    k.a.by_anyone("resolve", 2)
    k.a.vote(3, [first], 10)
    k.a.vote(3, [second], 0)
    return k


def snapshot(k: Keeping) -> Any:
    """The pool as it is now."""
    return read(k.node, k.kept(), k.chain.time)


def shown(what: Any, width: int = 110) -> list[str]:
    """What a person sees, without colours, a line each."""
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return [line.rstrip() for line in out.getvalue().replace("\u00a0", " ").splitlines()]


def row(lines: list[str], head: str) -> str:
    """The one line that begins so."""
    [found] = [text for line in lines if (text := " ".join(line.split())).startswith(head)]
    return found


# --- what is said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (1, "in 1 second"),
        (59, "in 59 seconds"),
        (119, "in 119 seconds"),
        (7199, "in 119 minutes"),
        (7200, "in 2 hours"),
        (-DAY, "24 hours ago"),
        (-2 * DAY, "2 days ago"),
        (364 * DAY, "in 364 days"),
        (365 * DAY, "in 365 days"),
        (730 * DAY, "in 2 years"),
    ],
)
def test_ago__in_one_unit(seconds: int, text: str) -> None:
    assert words.ago(10**9 + seconds, 10**9) == text


@pytest.mark.parametrize(
    ("action", "text", "brief", "is_due"),
    [
        (
            ("resolve", ZERO, 3, 0, 0),
            "resolve claim 3: anybody, now",
            "resolve: anybody, now",
            True,
        ),
        (
            ("vote", ZERO, 3, START - 5, START + 2 * DAY),
            "vote on claim 3: members, until 2027-01-17 08:00 UTC (in 2 days)",
            "vote: members, for 2 days",
            True,
        ),
        (
            ("rule", ARBITER, 3, START - 5, START + 3 * DAY),
            "rule on claim 3: the arbiter 0xa375…9045, until 2027-01-18 08:00 UTC (in 3 days)",
            "rule: the arbiter 0xa375…9045, for 3 days",
            True,
        ),
        (
            ("settle_window", ZERO, 1, START + 2 * DAY, 0),
            "settle window 1: anybody, from 2027-01-17 08:00 UTC (in 2 days)",
            "settle window 1: anybody, in 2 days",
            False,
        ),
        (
            ("settle_window", ZERO, 9, START, 0),
            "settle window 9: anybody, once all its claims are decided",
            "settle window 9: anybody, once all its claims are decided",
            False,
        ),
        (("sweep", ZERO, 0, START, 0), "give the cause what nobody took: anybody, now", None, True),
    ],
)
def test_next_step__says_what_who_and_when(
    elm: Keeping, action: Any, text: str, brief: str | None, is_due: bool
) -> None:
    seen = snapshot(elm).seen
    object.__setattr__(seen, "undecided", frozenset({9}))
    found = words.next_step(Action(*action), seen)
    assert found
    assert (str(found), found.is_due) == (text, is_due)
    assert found.brief == (brief or text)


def test_next_step__every_action_of_the_lens__has_words(elm: Keeping) -> None:
    lens = Path(__file__).parents[2] / "contracts" / "PoolLens.vy"
    named = set(re.findall(r'_action\(\s*"([a-z_]*)"', lens.read_text()))
    assert named == {*words.ACTIONS, ""}
    assert words.next_step(Action("", ZERO, 0, 0, 0), snapshot(elm).seen) is None


# --- how it looks


def test_page__enrolling(elm: Keeping) -> None:
    lines = shown(page(snapshot(elm)))
    assert lines[0].startswith(f"Bicycles of Elm Street  {elm.pool}, chain 31337")
    assert lines[1].startswith("Enrolling: cover starts in 7 days  block ")
    assert lines[1].endswith(", 2027-01-15 08:00 UTC")
    assert set(lines[3]) == {"░", "┃"}
    assert lines[4].split() == [
        "cover",
        "2027-01-22",
        "expiry",
        "2028-01-17",
        "reporting",
        "ends",
        "2028-02-16",
    ]
    assert row(lines, "funds") == "funds 600 MON what claims are paid from"
    assert row(lines, "layers") == "layers 550 MON what they can still pay"
    assert row(lines, "asked") == "asked 0 MON open claims, and awards that wait"
    left = "surplus 541 MON left if all open claims were awarded in full now"
    assert row(lines, "surplus 5") == left
    assert row(lines, "members") == "members 6 of 5 to 20"
    assert row(lines, "claims") == "claims 0 filed, 0 open, 0 with money to come"
    assert row(lines, "1 ") == "1 541 500 450 0 450 54 12 % █████████·"
    next_ = "next  people join: whoever is invited, until 2027-01-22 08:00 UTC (in 7 days)"
    assert lines[-1] == next_


def test_page__active__claims_and_shortage(hearing: Keeping) -> None:
    lines = shown(page(snapshot(hearing)), 160)
    assert lines[1].startswith("Active: cover ends in 262 days")
    bar = lines[3]
    assert 24 <= bar.count("█") <= 25  # of 96: 98 of 390 days
    assert row(lines, "asked") == "asked 1 550 MON more than there is: awards wait for their window"
    assert row(lines, "claims") == "claims 3 filed, 2 open, 1 with money to come"
    first, second, third = map(words.short, _people(hearing))
    assert row(lines, "1 0x") == (
        f"1 {first} 900 MON awarded, waits, 10 of 10 3 of 5 voted: 3 for 10"
        " settle window 14: anybody, in 7 days"
    )
    assert row(lines, "2 0x") == (
        f"2 {second} 400 MON open to appeal, 6 of 10 5 of 5 voted: 5 for 6"
        f" accept or appeal: its claimant {second}, for 7 days"
    )
    assert row(lines, "3 0x") == (
        f"3 {third} 250 MON open 2 of 5 voted: 1 for 10, 1 for 0 vote: members, for 7 days"
    )


def _people(k: Keeping) -> list[str]:
    return [claim.row["claim"]["claimant"] for claim in snapshot(k).seen.claims]


def test_page__window_with_a_claim_before_the_arbiter__waits_for_it(hearing: Keeping) -> None:
    k = hearing
    k.a.at(k.chain.time + 7 * DAY)
    k.a.by_anyone("resolve", 2)
    k.a.by_anyone("resolve", 3)
    lines = shown(page(snapshot(k)), 160)
    assert row(lines, "1 0x").endswith("settle window 14: anybody, once all its claims are decided")
    assert "before the arbiter 2 of 5 voted" in row(lines, "3 0x")


def test_page__cut_awards__wait_for_money(hearing: Keeping) -> None:
    k = hearing
    k.a.at(k.chain.time + 7 * DAY)
    k.a.by_anyone("resolve", 2)
    k.a.by_anyone("resolve", 3)
    k.a.reporting_end()
    k.once()
    lines = shown(page(snapshot(k)), 160)
    assert row(lines, "unpaid").endswith("MON awards that were cut: made up first")
    cut = "awarded, cut, 10 of 10 3 of 5 voted: 3 for 10 waits for money that comes in"
    assert row(lines, "1 0x").endswith(cut)
    k.a.donate(3000 * UNIT)
    assert row(shown(page(snapshot(k)), 160), "1 0x").endswith("pay the award: anybody, now")
    k.once()
    lines = shown(page(snapshot(k)), 160)
    assert row(lines, "claims") == "claims 3 filed, 0 open, 0 with money to come"


def test_page__run_off_then_settled(elm: Keeping) -> None:
    k = elm
    k.a.at(k.a.terms.expiry + DAY)
    assert "Run-off: reporting ends in 29 days" in shown(page(snapshot(k)))[1]
    k.a.reporting_end()
    k.a.by_anyone("bind_reinsurance")
    lines = shown(page(snapshot(k)))
    assert "Run-off: reporting ended now" in lines[1]
    assert lines[-1] == "next  settle the pool: anybody, now"
    k.a.by_anyone("settle")
    k.a.at(k.chain.time + 3 * DAY)
    lines = shown(page(snapshot(k)))
    assert "Settled 3 days ago" in lines[1]
    assert set(lines[3]) == {"█", "┃"}
    assert row(lines, "funds").endswith("refunds that wait to be taken or pushed")
    assert not [line for line in lines if line.startswith("surplus")]
    assert lines[-1].startswith("next  push refunds: anybody, until ")
    k.once()
    lines = shown(page(snapshot(k)), 160)
    held = format_amount(snapshot(k).seen.summary["held"], snapshot(k).asset)
    assert snapshot(k).seen.summary["held"] > 500 * UNIT  # the layers'
    assert row(lines, "next") == f"next {held} held, for its owners to take"
    assert shown(overview([snapshot(k)]), 200)[2].endswith(f"  {held} held, for its owners to take")


def test_page__settled_and_all_taken__has_only_what_rounding_left(k: Keeping) -> None:
    k.create(people=range(100, 103))
    k.a.start()
    k.a.donate(1)
    k.a.reporting_end()
    k.a.by_anyone("settle")
    k.once()
    assert snapshot(k).seen.summary["funds"] in (1, 2)
    lines = shown(page(snapshot(k)))
    assert row(lines, "funds").endswith("what rounding left over")
    assert lines[-1] == "next  nothing is left to do"


def test_page__cancelled(k: Keeping) -> None:
    k.create(people=(), min_members=5)
    k.a.start()
    lines = shown(page(snapshot(k)))
    until = "fewer than 5 members had joined by 2027-01-16 08:00 UTC"
    assert lines[1].startswith(f"Cancelled: {until}")


def test_page__name_that_would_paint__is_only_text(k: Keeping) -> None:
    k.create(name="[red]x[/red] \u202e")
    assert shown(page(snapshot(k)))[0].startswith("[red]x[/red] ?  0x")
    assert "[red]x[/red] ?" in shown(overview([snapshot(k)]))[2]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_page__any_width__holds(hearing: Keeping, width: int) -> None:
    assert max(map(len, shown(page(snapshot(hearing)), width))) <= width


def test_page__more_claims_than_fit__are_counted(k: Keeping) -> None:
    k.create(people=range(100, 115))
    k.a.start()
    for person in k.people[:14]:
        k.a.file(person, 10)
    lines = shown(page(snapshot(k)))
    assert "and 2 more" in [line.strip() for line in lines]


def test_overview__a_row_a_pool(hearing: Keeping) -> None:
    lines = shown(overview([snapshot(hearing), snapshot(hearing)]), 160)
    assert len(lines) == 4
    text = "Active 6 541 MON 1 550 MON 2 claims are filed: members, for 292 days"
    assert " ".join(lines[2].split()) == f"Bicycles of Elm Street {text}"


@pytest.mark.parametrize("symbol", ["[red]", "[/x]"])
def test_screens__symbol_that_looks_like_markup__is_shown(hearing: Keeping, symbol: str) -> None:
    found = snapshot(hearing)
    assets = {"asset": replace(found.asset, symbol=symbol)}
    found = replace(found, **assets, tower=replace(found.tower, **assets))
    [line] = shown(overview([found]), 160)[2:]
    assert f"6 541 {symbol} 1 550 {symbol} 2 " in " ".join(line.split())
    lines = shown(page(found), 160)
    assert row(lines, "funds").startswith(f"funds 541 {symbol} ")
    assert f" 900 {symbol} awarded" in row(lines, "1 0x")
    assert row(lines, f"in {symbol};") == f"in {symbol}; █ left, ▒ paid, · neither"


# --- as JSON


def test_tree__has_all_of_it(hearing: Keeping) -> None:
    k = hearing
    tree = json.loads(json.dumps(as_tree(snapshot(k))))
    terms = k.a.terms
    assert tree["pool"] == k.pool
    assert (tree["name"], tree["phase"], tree["chain_id"]) == (terms.name, "active", 31337)
    assert tree["asset"] == {"address": k.kept().terms.asset, "symbol": "MON", "decimals": 6}
    assert tree["dates"] == {
        "cover_start": terms.cover_start,
        "enrolment_end": terms.enrolment_end,
        "expiry": terms.expiry,
        "reporting_end": terms.expiry + terms.reporting_period,
        "settled_at": 0,
    }
    summary = k.a.summary()
    names = ("premiums", "funds", "held", "asked", "unpaid", "capacity", "drawn")
    money = {name: str(getattr(summary, name)) for name in names}
    assert tree["money"] == money | {"stray": "0"}
    assert tree["members"] == {"present": 6, "ever": 6, "least": 5, "most": 20}
    first, second, third = tree["claims"]["not_over"]
    assert (tree["claims"]["filed"], tree["claims"]["open"]) == (3, 2)
    assert third == {
        "id": 3,
        "claimant": third["claimant"],
        "status": "open",
        "asked": str(250 * UNIT),
        "award": 0,
        "paid": "0",
        "due": "0",
        "filed_at": k.chain.time,
        "window": 14,
        "electorate": 5,
        "tally": [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        "next": third["next"],
    }
    assert third["next"]["action"] == "vote"
    assert second["next"]["words"].startswith("accept or appeal claim 2: its claimant 0x")
    assert first["next"]["is_due"] is False
    assert [layer["left"] for layer in tree["layers"]] == [str(450 * UNIT), str(100 * UNIT)]
    assert tree["next"]["action"] == "file_claim"
    assert tree["if_all_claims_were_awarded"]["paid"] == str(1091 * UNIT)


# --- the command

Ran = Callable[..., tuple[int | str | None, str]]


@pytest.fixture
def run(k: Keeping, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ran:
    """Return a function that runs the command on the arena's chain: its end, and its output."""

    @contextmanager
    def connect(url: str, told: Any) -> Iterator[Any]:
        yield k.node

    monkeypatch.setattr(status, "connect", connect)
    monkeypatch.setattr(status.time, "time", lambda: k.chain.time)
    monkeypatch.setenv("COLUMNS", "120")

    def ran(*arguments: object) -> tuple[int | str | None, str]:
        capsys.readouterr()
        try:
            status.main(*map(str, arguments), "--lens", k.lens.address)
        except SystemExit as ended:
            return ended.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return ran


def test_status__one_pool__is_its_page(elm: Keeping, run: Ran) -> None:
    code, out = run(elm.pool)
    assert code == 0
    assert "Enrolling: cover starts in 7 days" in out
    assert "layer  attaches at" in out


def test_status__several__are_a_table_or_in_full(elm: Keeping, run: Ran) -> None:
    other = elm.a.clone(b"\1" * 32).address
    code, out = run(elm.pool, other)
    assert (code, len(out.splitlines())) == (0, 4)
    _, out = run(elm.pool, other, "--full")
    assert out.count("Enrolling: cover starts in 7 days") == 2


def test_status__json__is_an_object_a_line(elm: Keeping, run: Ran) -> None:
    other = elm.a.clone(b"\1" * 32).address
    _, out = run(elm.pool, other, "--json")
    pools = [json.loads(line)["pool"].lower() for line in out.splitlines()]
    assert pools == [elm.pool.lower(), other.lower()]


@pytest.mark.parametrize("form", ["page", "json"])
def test_status__watch__looks_again_until_somebody_has_seen_enough(
    elm: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    k, slept = elm, []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise KeyboardInterrupt
        k.a.start()

    monkeypatch.setattr(status.time, "sleep", sleep)
    code, out = run(k.pool, "--watch", "5", *(["--json"] if form == "json" else []))
    assert (code, slept) == (0, [5.0, 5.0])
    if form == "json":
        phases = [json.loads(line)["phase"] for line in out.splitlines()]
        assert phases == ["enrolling", "active"]
    else:
        assert "Active: cover ends in 360 days" in out


def test_status__watch__node_in_trouble__is_told_and_waited_for(
    elm: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    k, slept = elm, []

    def lie(method: str, params: Any, result: Any) -> Any:
        raise RpcError("rpc: node.example: nobody answers")

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        k.node.lie = lie
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(status.time, "sleep", sleep)
    code, out = run(k.pool, "--watch")
    assert (code, slept) == (0, [15, 15])
    assert "Enrolling: cover starts in 7 days" in out
    assert "rpc: node.example: nobody answers" in out


def test_status__watch_json__node_in_trouble__is_told_on_stderr_and_waited_for(
    elm: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    k, slept, errors = elm, [], StringIO()

    def lie(method: str, params: Any, result: Any) -> Any:
        raise RpcError("rpc: node.example: nobody answers")

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        k.node.lie = lie if len(slept) == 1 else None
        if len(slept) == 2:
            k.a.start()
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(status.time, "sleep", sleep)
    monkeypatch.setattr(status.sys, "stderr", errors)
    code, out = run(k.pool, "--watch", "5", "--json")
    assert (code, slept) == (0, [5.0, 5.0, 5.0])
    phases = [json.loads(line)["phase"] for line in out.splitlines()]
    assert phases == ["enrolling", "active"]
    assert errors.getvalue() == "rpc: node.example: nobody answers\n"


@pytest.mark.parametrize(
    ("arguments", "is_told"),
    [((), True), (("--json",), True), (("--watch",), False), (("--watch", "--json"), True)],
)
def test_status__waiting_for_the_node__is_told_where_no_screen_is_torn(
    elm: Keeping, run: Ran, monkeypatch: pytest.MonkeyPatch, arguments: Any, is_told: bool
) -> None:
    tellers: list[Any] = []

    @contextmanager
    def connect(url: str, told: Any) -> Iterator[Any]:
        tellers.append(told)
        yield elm.node

    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "connect", connect)
    monkeypatch.setattr(status.time, "sleep", sleep)
    assert run(elm.pool, *arguments)[0] == 0
    assert [told is not None for told in tellers] == [is_told]


def test_status__what_cannot_be__is_a_line(elm: Keeping, run: Ran) -> None:
    nobody = "0x" + "12" * 20
    assert run(nobody)[0] == f"pool: {nobody} has no code on chain 31337"
    assert run("0x12")[0] == 'address: "0x12" is not 0x and 40 hex digits'
    assert run(elm.pool, "--watch", "soon")[0] == 2
    assert run(elm.pool, "--watch", "0")[0] == 2


def test_status__asset_that_is_no_token_any_more__is_a_line(elm: Keeping, run: Ran) -> None:
    token = elm.kept().terms.asset

    def lie(method: str, params: Any, result: Any) -> Any:
        gone = method == "eth_getCode" and params[0].lower() == token.lower()
        return "0x" if gone else result

    elm.node.lie = lie
    assert run(elm.pool)[0] == f"asset: {token} has no code on chain 31337"
