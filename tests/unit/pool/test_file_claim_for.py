"""The payee of a pledge files for the member."""

import pytest

from .. import on_every_asset
from ..clock import at, now
from ..hearing import AWARDED, LAPSED, RULING, hearing, status, voting_ends
from ..refusal import refuses
from ..stage import names, only

NOT_THE_PAYEE = "claim: caller is not the loss payee"
NOT_THE_CLAIMANT = "claim: caller is not the claimant"


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, lender):
    """An active pool of six; the claimant has pledged 150 to the lender."""
    stage = make_stage(members)
    stage.pool.pledge(lender, 150 * stage.u, {"from": claimant})
    stage.start()
    yield stage
    stages.remove(stage)


def file_for(stage, payee, member, asked):
    """File and return the receipt."""
    args = stage.claim_args(asked + stage.terms.deductible)
    return stage.pool.file_claim_for(member, *args, stage.pay(payee, stage.terms.claim_bond))


@pytest.mark.spec("D1", "G8")
@on_every_asset
def test_file_claim_for(stage, pool, claimant, lender):
    stage.pay(lender, 5 * stage.u)
    had = stage.balance(lender)
    funds, held = stage.pots()
    receipt = file_for(stage, lender, claimant, 200 * stage.u)
    assert names(receipt) == ["ClaimFiled"]
    event = only(receipt, "ClaimFiled")
    assert (event["claimant"], event["filer"]) == (claimant, lender)
    assert (event["asked"], event["bond"]) == (200 * stage.u, 5 * stage.u)
    assert had - stage.balance(lender) == 5 * stage.u + stage.asset.gas(receipt)
    assert stage.pots() == (funds, held + 5 * stage.u)
    claim = pool.claim(1)
    assert (claim["claimant"], claim["filer"]) == (claimant, lender)
    assert (claim["electorate"], claim["payee_id"]) == (5, 0)
    assert pool.member(claimant)["open_claim"] == 1


@pytest.mark.spec("D2", "G8")
@on_every_asset
def test_file_claim_for__bond_back_to_the_filer(stage, claimant, lender):
    file_for(stage, lender, claimant, 200 * stage.u)
    had = stage.balance(claimant), stage.balance(lender)
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "PledgePaid", "AwardPaid"]
    assert stage.balance(lender) - had[1] == 155 * stage.u
    assert stage.balance(claimant) - had[0] == 50 * stage.u


def test_file_claim_for__lapsed__bond_back_to_the_filer(stage, pool, claimant, lender, keeper):
    file_for(stage, lender, claimant, 200 * stage.u)
    at(voting_ends(stage))
    had = stage.balance(claimant), stage.balance(lender)
    pool.resolve(1, {"from": keeper})
    assert status(stage) == (LAPSED, 0)
    assert (stage.balance(claimant), stage.balance(lender)) == (had[0], had[1] + 5 * stage.u)


def test_file_claim_for__rejected__filer_loses_the_bond(stage, claimant, lender):
    file_for(stage, lender, claimant, 200 * stage.u)
    funds, held = stage.pots()
    had = stage.balance(lender)
    stage.decide(1, 0)
    assert stage.pots() == (funds + 5 * stage.u, held - 5 * stage.u)
    assert stage.balance(lender) == had


def test_file_claim_for__pledge_was_released__bond_back_to_the_filer(stage, pool, claimant, lender):
    file_for(stage, lender, claimant, 200 * stage.u)
    pool.release(claimant, 150 * stage.u, {"from": lender})
    had = stage.balance(claimant), stage.balance(lender)
    stage.decide(1, 10)
    assert stage.balance(lender) - had[1] == 5 * stage.u
    assert stage.balance(claimant) - had[0] == 200 * stage.u


def test_file_claim_for__counts_as_the_member_s(stage, pool, claimant, lender):
    file_for(stage, lender, claimant, 200 * stage.u)
    args = (*stage.claim_args(50 * stage.u, now()), {"from": claimant, "value": 5 * stage.u})
    refuses("claim: one is already open", pool.file_claim, *args)
    stage.decide(1, 10)
    member = pool.member(claimant)
    assert (member["cover_used"], member["awarded"]) == (200 * stage.u, True)


def test_file_claim_for__member_changes_the_wallet(stage, pool, claimant, lender, new_wallet):
    file_for(stage, lender, claimant, 200 * stage.u)
    pool.change_wallet(new_wallet, {"from": claimant})
    claim = pool.claim(1)
    assert (claim["claimant"], claim["filer"]) == (new_wallet, lender)
    had = stage.balance(new_wallet), stage.balance(lender)
    stage.decide(1, 10)
    assert stage.balance(lender) - had[1] == 155 * stage.u
    assert stage.balance(new_wallet) - had[0] == 50 * stage.u


def test_file_claim_for__member_who_is_the_payee(
    stage, pool, claimant, neighbour, voters, new_wallet
):
    """Moved onto the payee's account after the pledge: out of vote and quorum where it files."""
    pool.pledge(new_wallet, 50 * stage.u, {"from": voters[0]})
    pool.change_wallet(new_wallet, {"from": neighbour})
    file_for(stage, new_wallet, voters[0], 100 * stage.u)
    claim = pool.claim(1)
    assert (claim["electorate"], claim["payee_id"]) == (4, 2)
    stage.vote(1, 10, [claimant, voters[1]])
    pool.resolve(1, {"from": claimant})
    assert status(stage) == (AWARDED, 10)


# --- the filer has the say over it


@pytest.mark.spec("C13", "G8")
def test_reduce_claim__by_the_filer_only(stage, pool, claimant, lender):
    file_for(stage, lender, claimant, 200 * stage.u)
    refuses(NOT_THE_CLAIMANT, pool.reduce_claim, 1, 60 * stage.u, {"from": claimant})
    pool.reduce_claim(1, 60 * stage.u, {"from": lender})
    assert pool.claim(1)["asked"] == 50 * stage.u


def test_reduce_claim__payee_has_no_say_over_the_member_s(stage, pool, claimant, lender):
    stage.file(claimant, 200 * stage.u)
    refuses(NOT_THE_CLAIMANT, pool.reduce_claim, 1, 60 * stage.u, {"from": lender})
    assert pool.claim(1)["filer"] == claimant


@pytest.fixture
def heard(make_stage, members, claimant, lender, arbiter):
    """A pool with an arbiter; the lender has filed, and the vote was for 4 tenths."""
    stage = make_stage(members, **hearing(arbiter))
    stage.pool.pledge(lender, 150 * stage.u, {"from": claimant})
    stage.start()
    file_for(stage, lender, claimant, 200 * stage.u)
    stage.decide(1, 4)
    return stage


@pytest.mark.spec("H3", "G8")
def test_accept__by_the_filer_only(heard, claimant, lender):
    refuses(NOT_THE_CLAIMANT, heard.pool.accept, 1, {"from": claimant})
    had = heard.balance(lender)
    receipt = heard.pool.accept(1, {"from": lender})
    spent = receipt.gas_used * receipt.gas_price
    assert heard.balance(lender) - had + spent == 85 * heard.u


@pytest.mark.spec("H2", "G8")
def test_appeal__by_the_filer_only(heard, claimant, lender, arbiter):
    refuses(NOT_THE_CLAIMANT, heard.pool.appeal, 1, {"from": claimant})
    heard.pool.appeal(1, {"from": lender})
    heard.pool.rule(1, 6, RULING, {"from": arbiter})
    assert status(heard) == (AWARDED, 6)


# --- refused


@pytest.mark.spec("G8")
@pytest.mark.parametrize("role", ["claimant", "neighbour", "outsider", "organiser"])
def test_file_claim_for__not_the_payee__reverts(stage, pool, claimant, request, role):
    sender = {"from": request.getfixturevalue(role), "value": 5 * stage.u}
    args = stage.claim_args(100 * stage.u, now())
    refuses(NOT_THE_PAYEE, pool.file_claim_for, claimant, *args, sender)


def test_file_claim_for__another_member__reverts(stage, pool, neighbour, outsider, lender):
    args = (*stage.claim_args(100 * stage.u, now()), {"from": lender, "value": 5 * stage.u})
    for member in (neighbour, outsider):
        refuses(NOT_THE_PAYEE, pool.file_claim_for, member, *args)


@pytest.mark.spec("G8")
def test_file_claim_for__nothing_pledged_any_more__reverts(stage, pool, claimant, lender):
    pool.release(claimant, 150 * stage.u, {"from": lender})
    args = (*stage.claim_args(100 * stage.u, now()), {"from": lender, "value": 5 * stage.u})
    refuses(NOT_THE_PAYEE, pool.file_claim_for, claimant, *args)


def test_file_claim_for__as_file_claim__reverts(stage, pool, claimant, lender):
    method = pool.file_claim_for
    incident, evidence = now(), b"\x01" * 32
    pay = {"from": lender, "value": 5 * stage.u}
    args = (claimant, 100 * stage.u, incident)
    refuses("value: wrong amount", method, *args, evidence, "", {"from": lender})
    refuses("claim: no evidence", method, *args, bytes(32), "", pay)
    early = stage.terms.cover_start - 1
    error = "claim: incident before the member's cover"
    refuses(error, method, claimant, 100 * stage.u, early, evidence, "", pay)
    error = "claim: not above the deductible"
    refuses(error, method, claimant, 10 * stage.u, incident, evidence, "", pay)
