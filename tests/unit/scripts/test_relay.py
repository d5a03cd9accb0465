"""Relaying: signed ballots in files, from their voters to the pool, in few transactions."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from brownie import web3
from brownie._config import CONFIG

from peerpool import ballots, typed_data
from peerpool.ballots import Ballot
from scripts import relay

from ..ballots import key_of
from ..clock import at
from ..stage import REASON, Stage

SMALL = 190_000  # gas of a block

Relayed = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def claim(stage: Stage, claimant: Any) -> int:
    """A claim that waits for ballots."""
    stage.start()
    return stage.file(claimant, 100 * stage.u)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Where voters' ballots arrive."""
    folder = tmp_path / "ballots"
    folder.mkdir()
    return folder


@pytest.fixture
def put(stage: Stage, inbox: Path) -> Callable[..., Ballot]:
    """Return a function: a file with the ballot of a voter, signed with the voter's key."""

    def into_inbox(voter: Any, award: int = 10, claim_id: int = 1, key: Any = None) -> Ballot:
        reason = bytes(32) if award == 10 else REASON
        pool, chain_id = stage.pool.address, web3.eth.chain_id
        message = typed_data.ballot(chain_id, pool, claim_id, award, reason)
        signature = typed_data.sign(key_of(key or voter), message)
        ballot = Ballot(chain_id, pool, claim_id, award, reason, str(voter), signature)
        number = len(list(inbox.iterdir()))
        (inbox / f"{number}.json").write_text(json.dumps(ballots.as_tree(ballot)))
        return ballot

    return into_inbox


@pytest.fixture
def relayed(capsys: pytest.CaptureFixture[str]) -> Relayed:
    """Return a function: what the command prints as JSON, and what it says besides."""

    def run(*arguments: object) -> tuple[dict[str, Any], str]:
        capsys.readouterr()
        said = ""
        try:
            relay.main(*map(str, arguments), "--json")
        except SystemExit as ended:
            said = str(ended.code)
        captured = capsys.readouterr()
        return json.loads(captured.out or "{}"), captured.err + said

    return run


def test_relay__a_folder__counts_in_one_transaction_for_each_award(
    stage: Stage, claim: int, inbox: Path, put: Callable[..., Ballot], relayed: Relayed
) -> None:
    first, second, third, fourth = stage.voters
    for voter, award in ((first, 10), (second, 7), (third, 10), (fourth, 7)):
        put(voter, award)
    block = web3.eth.block_number
    told, said = relayed(inbox, stage.pool)
    assert told["pool"] == stage.pool.address
    assert [
        (t["function"], t["award"], t["ballots"], t["counted"]) for t in told["transactions"]
    ] == [("cast_ballots", 10, 2, 2), ("cast_ballots", 7, 2, 2)]
    assert told["left_out"] == []
    assert web3.eth.block_number == block + 2
    for each in told["transactions"]:
        receipt = web3.eth.get_transaction_receipt(each["transaction"])
        assert receipt["gasUsed"] == each["gas_used"]
    assert list(stage.pool.tally(claim)) == [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert "ballots that count: 4 of 4, in 2 transactions" in said
    assert "1 of 2: claim 1, 10 of 10: 2 of 2 ballots counted, " in said


def test_relay__batches__are_of_the_size_asked_for(
    stage: Stage, claim: int, inbox: Path, put: Callable[..., Ballot], relayed: Relayed
) -> None:
    for voter in stage.voters:
        put(voter)
    told, _ = relayed(inbox, stage.pool, "--batch", 3)
    assert [t["counted"] for t in told["transactions"]] == [3, 1]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks of which half is enough for two or three ballots, but not for four."""
    if "anvil" not in web3.client_version.lower():
        pytest.skip("Ganache's blocks keep their size")
    usual = web3.eth.get_block("latest")["gasLimit"]
    web3.provider.make_request("evm_setBlockGasLimit", [hex(SMALL)])
    web3.provider.make_request("evm_mine", [])
    monkeypatch.setitem(CONFIG.active_network["settings"], "gas_limit", None)  # as on a real chain
    yield
    web3.provider.make_request("evm_setBlockGasLimit", [hex(usual)])


def test_relay__blocks_too_small_for_a_batch__get_half_of_it(
    stage: Stage,
    claim: int,
    inbox: Path,
    put: Callable[..., Ballot],
    relayed: Relayed,
    small_blocks: None,
) -> None:
    for voter in stage.voters:
        put(voter)
    told, _ = relayed(inbox, stage.pool)
    assert [t["counted"] for t in told["transactions"]] == [2, 2]
    assert all(t["gas_used"] <= SMALL // 2 for t in told["transactions"])


def test_relay__what_would_not_count__is_left_out_with_one_reason_each(
    stage: Stage,
    claim: int,
    inbox: Path,
    put: Callable[..., Ballot],
    relayed: Relayed,
    claimant: Any,
    outsider: Any,
) -> None:
    good, cast, other, _ = stage.voters
    stage.vote(claim, 10, [cast])
    for who in (good, cast, claimant, outsider):
        put(who)
    put(other, key=outsider)
    put(good, award=5)
    put(good, claim_id=2)
    (inbox / "9.json").write_text("{")
    told, said = relayed(inbox, stage.pool)
    assert [t["counted"] for t in told["transactions"]] == [1]
    where = {row["file"].rpartition("/")[2]: row["problem"] for row in told["left_out"]}
    assert where == {
        "1.json": "ballot: already cast",
        "2.json": "ballot: own claim",
        "3.json": "ballot: not a member",
        "4.json": "ballot: not signed by the voter",
        "5.json": "ballot: already cast",
        "6.json": "claim: no such claim",
        "9.json": where["9.json"],
    }
    assert where["9.json"].startswith(f"ballots: {inbox}/9.json: is not JSON: ")
    assert f"left out: {cast}, claim 1: ballot: already cast ({inbox}/1.json)" in said
    assert list(stage.pool.tally(claim))[10] == 2


def test_relay__files_that_anybody_may_have_written__stop_nothing(
    stage: Stage, claim: int, inbox: Path, put: Callable[..., Ballot], relayed: Relayed
) -> None:
    put(stage.voters[0])
    (inbox / "deep.json").write_text("[" * 100_000)
    (inbox / "folder.json").mkdir()
    (inbox / os.fsdecode(b"\xff.json")).write_text("{}")
    told, said = relayed(inbox, stage.pool)
    assert [t["counted"] for t in told["transactions"]] == [1]
    where = {row["file"].rpartition("/")[2]: row["problem"] for row in told["left_out"]}
    assert where == {
        "deep.json": f"ballots: {inbox}/deep.json: is nested deeper than a list of objects",
        "folder.json": f"ballots: {inbox}/folder.json: is a folder, not a file",
        "?.json": where["?.json"],
    }
    assert f"left out: {where['deep.json']}" in said.splitlines()
    assert said.count(f"{inbox}/?.json") == 1


def test_relay__only_files_that_are_none__names_each_once_and_counts_nothing(
    stage: Stage, claim: int, inbox: Path, relayed: Relayed
) -> None:
    (inbox / "deep.json").write_text("[" * 100_000)
    _, said = relayed(inbox, stage.pool)
    assert said.splitlines() == [
        f"left out: ballots: {inbox}/deep.json: is nested deeper than a list of objects",
        "relay: no ballot counts",
    ]


def test_relay__wallet_contract__goes_alone(
    stage: Stage,
    claimant: Any,
    inbox: Path,
    put: Callable[..., Ballot],
    relayed: Relayed,
    deployer: Any,
    outsider: Any,
    WalletThatSigns: Any,
) -> None:
    wallet = deployer.deploy(WalletThatSigns, outsider)
    stage.join(wallet, payer=outsider)
    stage.start()
    stage.file(claimant, 100 * stage.u)
    put(wallet, key=outsider)
    put(stage.voters[0])
    told, _ = relayed(inbox, stage.pool)
    functions = [(t["function"], t["counted"], t["problem"]) for t in told["transactions"]]
    assert functions == [("cast_ballots", 1, ""), ("cast_ballot_for", 1, "")]


def test_relay__dry_run__sends_nothing(
    stage: Stage, claim: int, inbox: Path, put: Callable[..., Ballot], relayed: Relayed
) -> None:
    put(stage.voters[0])
    block = web3.eth.block_number
    told, said = relayed(inbox, stage.pool, "--dry-run")
    [planned] = told["transactions"]
    assert (planned["transaction"], planned["ballots"], planned["counted"]) == (None, 1, 0)
    assert web3.eth.block_number == block
    assert said == "ballots that count: 1 of 1, in 1 transaction\n"


def test_relay__nothing_counts__fails(
    stage: Stage, claim: int, inbox: Path, put: Callable[..., Ballot], relayed: Relayed
) -> None:
    put(stage.voters[0])
    at(stage.pool.claim(claim)["filed_at"] + stage.terms.voting_period)
    told, said = relayed(inbox, stage.pool)
    assert told["transactions"] == []
    assert [row["problem"] for row in told["left_out"]] == ["ballot: voting is over"]
    assert said.splitlines()[-2:] == ["ballots that count: 0 of 1", "relay: no ballot counts"]


def test_relay__too_late_in_between__is_told_and_fails(
    stage: Stage,
    claim: int,
    inbox: Path,
    put: Callable[..., Ballot],
    relayed: Relayed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(stage.voters[0])
    planned = ballots.plan

    def slow_plan(*arguments: Any) -> Any:
        calls = planned(*arguments)
        at(stage.pool.claim(claim)["filed_at"] + stage.terms.voting_period)
        return calls

    monkeypatch.setattr(ballots, "plan", slow_plan)
    told, said = relayed(inbox, stage.pool)
    assert [t["problem"] for t in told["transactions"]] == ["ballot: voting is over"]
    assert "claim 1, 10 of 10: failed, ballot: voting is over" in said
    assert said.endswith("relay: 1 of 1 transactions failed")


def test_relay__nothing_to_read__is_refused(
    stage: Stage, inbox: Path, relayed: Relayed, outsider: Any
) -> None:
    assert relayed(inbox, stage.pool)[1] == f"relay: {inbox}: no ballots there"
    missing = inbox / "none.json"
    assert relayed(missing, stage.pool)[1] == f"relay: {missing}: no such file or folder"
    missing = inbox.with_name("none")
    assert relayed(missing, stage.pool)[1] == f"relay: {missing}: no such file or folder"
    assert relayed(inbox, outsider)[1] == f"pool: {outsider} has no code on chain 31337"
