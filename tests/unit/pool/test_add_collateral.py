"""Collateral comes into a pool from its layers alone, while it enrols (rule 15)."""

import pytest

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only


@pytest.fixture(scope="module")
def stage(make_stage, stages, asset, members):
    """A pool that enrols, with empty layers of 300 and 200."""
    stage = make_stage(members, **reinsured(asset.unit))
    yield stage
    stages.remove(stage)


@pytest.mark.spec("R3")
@on_every_asset
def test_add_collateral(stage, pool, reinsurer):
    funds, held = stage.pots()
    had = stage.balance(pool)
    receipt = stage.fill(reinsurer, 120 * stage.u, 2)
    assert only(receipt, "CollateralAdded") == {"layer": 2, "amount": 120 * stage.u}
    assert stage.pots() == (funds, held + 120 * stage.u)
    assert stage.balance(pool) - had == 120 * stage.u
    assert [pool.layer(number)["filled"] for number in (1, 2)] == [0, 120 * stage.u]
    summary = pool.summary()
    assert (summary["capacity"], summary["unbound"]) == (120 * stage.u, True)
    assert summary["drawn"] == 0


def test_add_collateral__adds_up(stage, pool, reinsurer, buyer):
    for person, amount, number in ((reinsurer, 100, 1), (buyer, 50, 1), (buyer, 200, 2)):
        stage.fill(person, amount * stage.u, number)
    assert [pool.layer(number)["filled"] for number in (1, 2)] == [150 * stage.u, 200 * stage.u]
    assert pool.summary()["capacity"] == 350 * stage.u


def test_add_collateral__nothing(stage, pool, reinsurer):
    """There is nothing to bind then."""
    stage.fill(reinsurer, 0)
    assert pool.summary()["unbound"] is False
    assert pool.summary()["capacity"] == 0


def test_add_collateral__who_leaves_takes_none_of_it(stage, pool, reinsurer):
    stage.fill(reinsurer, 100 * stage.u)
    for number in range(1, 7):
        pool.leave({"from": pool.member_at(number)})
    assert stage.pots() == (0, 100 * stage.u)


@pytest.mark.spec("R1")
@pytest.mark.parametrize("number", [0, 3, 4, 5, 2**255, 2**256 - 1])
def test_add_collateral__no_such_layer__reverts(stage, pool, number):
    sender = {"from": stage.layer().address}
    refuses("layer: no such layer", pool.add_collateral, number, 1, sender)


def test_add_collateral__pool_without_layers__reverts(make_stage, outsider):
    stage = make_stage()
    refuses("layer: no such layer", stage.pool.add_collateral, 1, 1, {"from": outsider})


@pytest.mark.spec("R1")
@pytest.mark.parametrize("role", ["outsider", "reinsurer", "organiser", "deployer", "claimant"])
def test_add_collateral__caller_is_not_the_layer__reverts(stage, pool, request, role):
    sender = {"from": request.getfixturevalue(role)}
    refuses("layer: caller is not the layer", pool.add_collateral, 1, 1, sender)


@pytest.mark.spec("R1")
def test_add_collateral__by_another_layer__reverts(stage, pool, make_stage):
    other = make_stage((), **reinsured(10**16))
    for layer in (stage.layer(2), other.layer(1)):
        sender = {"from": layer.address}
        refuses("layer: caller is not the layer", pool.add_collateral, 1, 1, sender)


@pytest.mark.spec("R2")
def test_add_collateral__deposits_are_over__reverts(stage, pool):
    at(stage.terms.cover_start)
    sender = {"from": stage.layer().address}
    refuses("layer: deposits are over", pool.add_collateral, 1, 1, sender)


@pytest.mark.spec("R2")
@pytest.mark.parametrize("amount", [101 * 10**16, 100 * 10**16 + 1, 2**128, 2**256 - 1])
def test_add_collateral__above_its_limit__reverts(stage, pool, reinsurer, amount):
    """Of 300, 200 are filled."""
    stage.fill(reinsurer, 200 * stage.u)
    sender = {"from": stage.layer().address}
    refuses("layer: above its limit", pool.add_collateral, 1, amount, sender)


@on_every_asset
@pytest.mark.parametrize("amount", [1, 7])
def test_add_collateral__received_another_amount__reverts(stage, pool, reinsurer, amount):
    """What did not come in is not counted, whatever the layer says."""
    stage.fill(reinsurer, 100 * stage.u)
    sender = {"from": stage.layer().address}
    refuses("token: received another amount", pool.add_collateral, 1, amount, sender)
