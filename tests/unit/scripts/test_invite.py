"""Inviting: the whole way from the deployed pool's manifest to members, and who is turned away."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, accounts, web3
from brownie.network.account import Account

from peerpool import abi, invitations, typed_data
from peerpool.units import parse_date
from scripts import invite

from ..clock import DAY, at, now
from ..stage import Stage
from .deploying import Ran


@pytest.fixture(autouse=True)
def invitations_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where invitations to a pool without a manifest go."""
    monkeypatch.setattr(invite, "DEPLOYMENTS", tmp_path / "deployments")
    return tmp_path / "deployments" / str(web3.eth.chain_id)


@pytest.fixture
def roster(tmp_path: Path, claimant: Any, voter: Any) -> Path:
    """A roster of two, with numbers of tiers."""
    path = tmp_path / "roster.csv"
    path.write_text(f"member,tier\n{claimant},0\n{voter},1\n")
    return path


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A pool that nobody has joined yet."""
    return make_stage()


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function: what the command says when it does not do what its arguments ask."""

    def message(*arguments: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            invite.main(*map(str, arguments))
        assert capsys.readouterr().out == ""
        return str(ended.value)

    return message


def test_invite__from_the_manifest__everybody_can_join(
    command: Callable[..., Ran], folder: Path, roster: Path, claimant: Any, voter: Any
) -> None:
    assert command("--yes").code == 0
    roster.write_text(f"member,tier\n{claimant},city bike\n{voter},0\n")
    manifest = folder / "bicycle-cover.json"
    invite.main(str(roster), str(manifest))
    signed = invitations.read(folder / "bicycle-cover.invitations.json")
    assert signed.pool == json.loads(manifest.read_text())["pool"]["address"]
    assert [row.as_tuple() for row in signed.rows] == [
        (claimant.address, 0, now() + 14 * DAY),
        (voter.address, 0, now() + 14 * DAY),
    ]
    pool = web3.eth.contract(signed.pool, abi=abi.load("Pool"))
    for row in signed.rows:
        join = pool.functions.join(row.as_tuple(), row.signature, ZERO_ADDRESS)
        join.transact({"from": row.member, "value": 10**18})
    assert pool.functions.summary().call()[1] == 2


def test_invite__json__is_the_file(
    stage: Stage, roster: Path, invitations_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = "2030-01-01 12:00 UTC"
    invite.main("--", str(roster), stage.pool.address, "--deadline", until, "--json")
    path = invitations_folder / f"{stage.pool.address}.invitations.json"
    assert capsys.readouterr().out == path.read_text()
    assert {row.deadline for row in invitations.read(path).rows} == {parse_date(until)}


def test_signer__account_of_the_node__is_recovered(stage: Stage, claimant: Any) -> None:
    message = typed_data.invitation(web3.eth.chain_id, stage.pool.address, ZERO_ADDRESS, 0, 1)
    assert typed_data.recover(message, invite.signer(claimant)(message)) == claimant.address


def test_signer__account_that_the_node_does_not_have__is_refused(stage: Stage) -> None:
    stranger = Account("0x" + "22" * 20)  # accounts.at() would make Ganache sign for it
    message = typed_data.invitation(web3.eth.chain_id, stage.pool.address, ZERO_ADDRESS, 0, 1)
    with pytest.raises(invite.InviteError) as error:
        invite.signer(stranger)(message)
    assert str(error.value) == f"invite: the node does not sign as {stranger}"


def test_invite__by_somebody_else__is_refused(
    stage: Stage, roster: Path, outsider: Any, organiser: Any
) -> None:
    with pytest.raises(invite.InviteError) as error:
        invite.invite(stage.pool.address, roster, (), outsider, now() + DAY)
    assert str(error.value) == f"invite: {outsider} is not the organiser {organiser}"


def test_invite__too_late__is_refused(
    stage: Stage, roster: Path, refused: Callable[..., str]
) -> None:
    pool = stage.pool.address
    assert refused(roster, pool, "--deadline", "2020-01-01") == (
        "invite: the deadline 2020-01-01 00:00 UTC is in the past"
    )
    at(stage.terms.enrolment_end)
    assert refused(roster, pool) == "invite: enrolment is over"


def test_invite__not_a_pool__is_refused(
    stage: Stage, core: Any, roster: Path, outsider: Any, refused: Callable[..., str]
) -> None:
    lens = core.lens.address
    assert refused(roster, outsider) == f"pool: {outsider} has no code on chain 31337"
    assert refused(roster, lens) == f"pool: {lens} is not a pool"
    assert refused(roster, "0x12") == 'address: "0x12" is not 0x and 40 hex digits'


def test_invite__unusable_manifest__is_refused(
    stage: Stage, roster: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = tmp_path / "pool.json"
    assert refused(roster, path) == f"pool: {path}: no such file"
    for text in ("", "[]", "{}", '{"pool": {"address": "0x12"}, "chain_id": 31337}'):
        path.write_text(text)
        assert refused(roster, path) == f"pool: {path}: is not the manifest of a pool"
    path.write_text(json.dumps({"pool": {"address": stage.pool.address}, "chain_id": 1}))
    assert refused(roster, path) == f"pool: {path}: is of chain 1, this is chain 31337"


def test_invite__wrong_tiers__are_refused(
    stage: Stage,
    roster: Path,
    terms_file: Path,
    claimant: Any,
    refused: Callable[..., str],
    invitations_folder: Path,
) -> None:
    pool = stage.pool.address
    assert refused(roster, pool, "--terms", terms_file) == (
        f"invite: 1 names for the 2 tiers of {pool}"
    )
    roster.write_text(f"member,tier\n{claimant},2\n")
    assert refused(roster, pool) == 'roster: line 2: unknown tier "2" (there are 0, 1)'
    assert not invitations_folder.exists()


def test_invite__unknown_account__is_refused(
    stage: Stage, roster: Path, organiser: Any, refused: Callable[..., str]
) -> None:
    pool = stage.pool.address
    assert refused(roster, pool, "--account", "nobody") == "account: Brownie has none called nobody"
    accounts.remove(organiser)
    try:
        assert refused(roster, pool) == f"invite: name the --account of the organiser {organiser}"
    finally:
        accounts.add(organiser.private_key)


def test_invite__again__drops_nobody_unasked(
    stage: Stage, roster: Path, outsider: Any, invitations_folder: Path, refused: Callable[..., str]
) -> None:
    pool = stage.pool.address
    path = invitations_folder / f"{pool}.invitations.json"
    invite.main(str(roster), pool)
    roster.write_text(f"{roster.read_text()}{outsider},1\n")
    invite.main(str(roster), pool)
    assert len(invitations.read(path).rows) == 3
    before = path.read_text()
    roster.write_text(f"member,tier\n{outsider},0\n")
    assert refused(roster, pool) == (
        f"invite: {path} has 2 others; --replace it, or name another --out"
    )
    assert path.read_text() == before
    invite.main(str(roster), pool, "--replace")
    assert [row.as_tuple()[:2] for row in invitations.read(path).rows] == [(outsider.address, 0)]


def test_invite__file_of_another_chain__is_kept(
    stage: Stage, roster: Path, tmp_path: Path, organiser: Any, refused: Callable[..., str]
) -> None:
    out = tmp_path / "kept.json"
    other = invitations.issue(
        [(organiser.address, 0)],
        chain_id=1,
        pool=stage.pool.address,
        organiser=organiser.address,
        deadline=1,
        sign=invite.signer(organiser),
    )
    invitations.write(out, other)
    assert refused(roster, stage.pool.address, "--out", out) == (
        f"invite: {out} has 1 other; --replace it, or name another --out"
    )
    assert invitations.read(out) == other
