"""The end: surplus is shared."""

import pytest

from .. import on_every_asset
from ..clock import DAY, at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("E3", "E6")
@on_every_asset
def test_settle(stage, pool, cause, keeper):
    stage.after_reporting()
    had = stage.balance(cause)
    funds, held = stage.pots()
    assert funds == 570 * stage.u
    receipt = pool.settle({"from": keeper})
    assert names(receipt) == ["Settled", "Shared"]
    assert only(receipt, "Settled") == {"surplus": 570 * stage.u}
    assert only(receipt, "Shared") == {"to_cause": 57 * stage.u, "to_members": 513 * stage.u}
    assert stage.balance(cause) - had == 57 * stage.u
    assert stage.pots() == (513 * stage.u, held)
    assert pool.phase() == 4
    summary = pool.summary()
    assert summary["settled_at"] == summary["shared_at"] == receipt.timestamp


@pytest.mark.spec("E3")
def test_settle__cause_part_is_rounded_down(stage, pool, donor, cause):
    pool.donate(9, {"from": donor, "value": 9})
    had = cause.balance()
    stage.settle()
    assert cause.balance() - had == 57 * stage.u


@pytest.mark.spec("E3")
def test_settle__without_a_cause(make_stage, members):
    zero = "0x" + "0" * 40
    stage = make_stage(members[:3], cause=zero, cause_bps=0, unclaimed_after=0)
    receipt = stage.settle()
    assert only(receipt, "Shared") == {"to_cause": 0, "to_members": 285 * stage.u}


@pytest.mark.spec("E3")
def test_settle__all_of_it_to_the_cause(make_stage, members, cause):
    stage = make_stage(members[:3], cause_bps=10_000)
    had = cause.balance()
    stage.settle()
    assert cause.balance() - had == 285 * stage.u
    assert stage.pots()[0] == 0


def test_settle__nothing_is_left(make_stage, members, claimant, keeper):
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 570 * stage.u), 10)
    receipt = stage.settle()
    assert only(receipt, "Settled") == {"surplus": 0}
    assert stage.pool.phase() == 4
    assert stage.pool.refund_due(claimant) == 0


def test_settle__cause_cannot_take_it(make_stage, members, deployer, WalletThatRejects):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members[:3], cause=wallet.address)
    receipt = stage.settle()
    assert names(receipt) == ["Settled", "Shared", "Credited"]
    assert stage.pool.credit_of(wallet) == 285 * stage.u // 10
    stage.pool.refund(members[0], {"from": members[0]})


@pytest.mark.spec("E1")
@pytest.mark.parametrize("role", ["claimant", "outsider", "organiser"])
def test_settle__by_anyone(stage, pool, request, role):
    stage.after_reporting()
    pool.settle({"from": request.getfixturevalue(role)})
    assert pool.phase() == 4


@pytest.mark.spec("E1")
def test_settle__last_second_of_reporting__reverts(stage, pool, keeper):
    at(stage.terms.expiry + stage.terms.reporting_period - 1)
    refuses("settle: reporting is not over", pool.settle, {"from": keeper})


@pytest.mark.parametrize("days", [-1, 0, 100])
def test_settle__too_early__reverts(stage, pool, keeper, days):
    at(stage.terms.cover_start + days * DAY)
    refuses("settle: reporting is not over", pool.settle, {"from": keeper})


@pytest.mark.spec("E1")
def test_settle__twice__reverts(stage, pool, keeper):
    stage.settle()
    refuses("settle: already settled", pool.settle, {"from": keeper})


@pytest.mark.spec("E1")
def test_settle__pool_is_cancelled__reverts(make_stage, claimant, keeper):
    stage = make_stage([claimant])
    stage.after_reporting()
    refuses("settle: pool is cancelled", stage.pool.settle, {"from": keeper})


@pytest.mark.spec("E2")
def test_settle__claims_are_open__reverts(stage, pool, claimant, keeper):
    stage.start()
    stage.file(claimant, 10 * stage.u)
    stage.after_reporting()
    refuses("settle: claims are open", pool.settle, {"from": keeper})
    pool.resolve(1, {"from": keeper})
    pool.settle({"from": keeper})


@pytest.mark.spec("E2")
def test_settle__awards_wait_for_their_window__reverts(stage, pool, claimant, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    stage.after_reporting()
    refuses("settle: awards wait for their window", pool.settle, {"from": keeper})
    pool.settle_window(0, {"from": keeper})
    pool.settle({"from": keeper})
    assert pool.award_due(1) == 570 * stage.u


@pytest.mark.spec("E2")
def test_settle__award_waits_but_can_be_paid__reverts(stage, pool, claimant, donor, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    pool.donate(400 * stage.u, {"from": donor, "value": 400 * stage.u})
    stage.after_reporting()
    refuses("settle: awards wait for their window", pool.settle, {"from": keeper})
    pool.pay_award(1, {"from": keeper})
    pool.settle({"from": keeper})


@pytest.mark.spec("W11", "E6")
def test_settle__award_set_aside_can_be_taken_later(stage, pool, claimant, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    stage.settle()
    had = claimant.balance()
    pool.pay_award(1, {"from": keeper})
    assert claimant.balance() - had == 570 * stage.u


@pytest.mark.spec("U5")
def test_settle__unpaid_awards_rank_before_refunds(stage, pool, claimant, donor, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    stage.settle()
    receipt = pool.donate(400 * stage.u, {"from": donor, "value": 400 * stage.u})
    assert names(receipt) == ["Donated", "MadeUp", "Shared"]
    assert only(receipt, "MadeUp")["amount"] == 330 * stage.u
    assert only(receipt, "Shared") == {"to_cause": 7 * stage.u, "to_members": 63 * stage.u}
    assert pool.award_due(1) == 900 * stage.u


# --- layers


@pytest.fixture(scope="module")
def tower(make_stage, stages, asset, members, reinsurer):
    """A pool that enrols: 570 in funds, layers of 300 and 200 are full."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("E6")
@on_every_asset
def test_settle__what_was_ceded_is_no_surplus(tower, cause):
    """Nor is collateral: 570 less 40."""
    had, held, u = tower.balance(cause), tower.pots()[1], tower.u
    receipt = tower.settle()
    assert names(receipt) == ["PremiumCeded", "PremiumCeded", "Settled", "Shared"]
    assert only(receipt, "Settled") == {"surplus": 530 * u}
    assert tower.balance(cause) - had == 53 * u
    assert tower.pots() == (477 * u, held + 40 * u)
    assert [tower.pool.layer(i)["assets"] for i in (1, 2)] == [330 * u, 210 * u]


@pytest.mark.spec("R17")
def test_settle__no_surplus_once_a_layer_has_paid(tower, claimant, donor, reinsurer):
    """Rule 11: money that comes in repays layers, whenever, before anybody gets a refund."""
    u = tower.u
    tower.start()
    tower.decide(tower.file(claimant, 600 * u), 10)
    tower.pool.donate(50 * u, tower.pay(donor, 50 * u))
    receipt = tower.settle()
    assert only(receipt, "Settled") == {"surplus": 0}
    assert tower.drawn() == [20 * u, 0]
    receipt = tower.pool.donate(50 * u, tower.pay(donor, 50 * u))
    assert names(receipt) == ["Donated", "LayersRepaid", "Shared"]
    assert only(receipt, "LayersRepaid") == {"amount": 20 * u}
    assert only(receipt, "Shared") == {"to_cause": 3 * u, "to_members": 27 * u}


@pytest.mark.spec("R11")
def test_settle__layers_can_pay_no_more(tower):
    """Collateral is the reinsurers' from then on."""
    tower.start()
    assert tower.pool.summary()["capacity"] == 500 * tower.u
    tower.settle()
    assert tower.pool.summary()["capacity"] == 0


@pytest.mark.spec("E12")
def test_settle__all_that_is_left_belongs_to_somebody(tower, members, reinsurer, organiser, keeper):
    """Members, cause, organiser and reinsurers: nothing stays behind."""
    tower.settle()
    tower.pool.refund_many(1, 6, {"from": keeper})
    for number, limit in ((1, 300), (2, 200)):
        args = (limit * tower.u, reinsurer, reinsurer, {"from": reinsurer})
        tower.layer(number).redeem(*args)
    tower.pool.withdraw(organiser, {"from": organiser})
    assert sum(tower.pots()) == tower.balance(tower.pool) < 6
