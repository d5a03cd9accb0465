"""Leaving in the cooling-off time."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..clock import at
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("L2")
@on_every_asset
def test_leave(stage, pool, claimant):
    before = stage.balance(claimant)
    funds, held = stage.pots()
    receipt = pool.leave({"from": claimant})
    assert only(receipt, "Left") == {
        "member": claimant,
        "id": 1,
        "payer": claimant,
        "premium": 100 * stage.u,
    }
    assert names(receipt) == ["Left"]
    assert stage.balance(claimant) - before == 100 * stage.u - stage.asset.gas(receipt)
    assert stage.pots() == (funds - 95 * stage.u, held - 5 * stage.u)
    assert pool.member(claimant)["id"] == 0
    assert pool.member_at(1) == ZERO_ADDRESS
    assert pool.payer_of(claimant) == ZERO_ADDRESS
    summary = pool.summary()
    assert (summary["members"], summary["roster_size"]) == (5, 6)
    assert summary["premiums"] == 500 * stage.u


@pytest.mark.spec("L2")
def test_leave__premium_goes_to_who_paid(make_stage, claimant, payer):
    stage = make_stage()
    stage.join(claimant, payer=payer)
    before = payer.balance()
    receipt = stage.pool.leave({"from": claimant})
    assert only(receipt, "Left")["payer"] == payer
    assert payer.balance() - before == 100 * stage.u
    assert stage.pots() == (0, 0)


@pytest.mark.spec("L2")
def test_leave__commission_is_void(make_stage, claimant, neighbour, referrer, organiser):
    stage = make_stage()
    stage.join(claimant, referrer=referrer)
    stage.join(neighbour, tier=1, referrer=referrer)
    stage.pool.leave({"from": claimant})
    assert stage.pool.earnings_of(referrer) == 3 * stage.u // 2
    assert stage.pool.earnings_of(organiser) == 5 * stage.u // 2
    assert stage.pots() == (46 * stage.u, 4 * stage.u)


def test_leave__payer_cannot_take_it(make_stage, deployer, WalletThatRejects, claimant, keeper):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage()
    args = (*stage.sign(claimant), ZERO_ADDRESS)
    stage.act(wallet, stage.pool.join, *args, value=100 * stage.u)
    receipt = stage.pool.leave({"from": claimant})
    assert names(receipt) == ["Left", "Credited"]
    assert only(receipt, "Credited") == {"account": wallet, "amount": 100 * stage.u}
    assert stage.pool.credit_of(wallet) == 100 * stage.u
    assert stage.pots() == (0, 100 * stage.u)


@pytest.mark.spec("L1")
def test_leave__last_second(stage, pool, claimant):
    at(stage.terms.cover_start - 1)
    receipt = pool.leave({"from": claimant})
    assert receipt.timestamp == stage.terms.cover_start - 1
    assert pool.member(claimant)["id"] == 0


@pytest.mark.spec("L1")
def test_leave__cover_has_started__reverts(stage, pool, claimant):
    at(stage.terms.cover_start)
    refuses("leave: cover has started", pool.leave, {"from": claimant})


def test_leave__pool_is_cancelled__reverts(make_stage, claimant):
    stage = make_stage([claimant])
    stage.start()
    refuses("leave: cover has started", stage.pool.leave, {"from": claimant})


@pytest.mark.spec("L1")
@pytest.mark.parametrize("role", ["outsider", "organiser", "payer"])
def test_leave__not_a_member__reverts(make_stage, request, claimant, payer, role):
    stage = make_stage()
    stage.join(claimant, payer=payer)
    who = request.getfixturevalue(role)
    refuses("leave: not a member", stage.pool.leave, {"from": who})


def test_leave__twice__reverts(stage, pool, claimant):
    pool.leave({"from": claimant})
    refuses("leave: not a member", pool.leave, {"from": claimant})


def test_leave__everybody(stage, pool, members):
    for person in members:
        pool.leave({"from": person})
    assert stage.pots() == (0, 0)
    assert pool.summary()["members"] == 0
    assert stage.balance(pool) == 0


@pytest.mark.spec("L3")
def test_leave__below_min_members_cancels(make_stage, members, claimant):
    stage = make_stage(members[:3])
    stage.pool.leave({"from": claimant})
    stage.start()
    assert stage.pool.phase() == 1
