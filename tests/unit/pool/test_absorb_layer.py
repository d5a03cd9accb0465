"""What lies in a layer that has no shares any more comes in (rule 17)."""

import pytest

from .. import on_every_asset
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, asset, members, claimant, reinsurer):
    """A settled pool whose layers have paid 370: all 300 of layer 1, 70 of the 200 of layer 2.

    All shares of layer 1 are redeemed, for the 30 that were ceded to it. Funds are empty.
    """
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    stage.settle()
    stage.layer(1).redeem(300 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert (stage.drawn(), stage.pots()[0]) == ([300 * stage.u, 70 * stage.u], 0)
    yield stage
    stages.remove(stage)


@pytest.fixture
def repaid(stage, pool, donor):
    """100 have come back: 70 for layer 2, 30 for layer 1, which has no shares."""
    pool.recover(1, 100 * stage.u, stage.pay(donor, 100 * stage.u))
    assert stage.drawn() == [270 * stage.u, 0]


@pytest.mark.spec("R18")
@on_every_asset
def test_absorb_layer(stage, pool, repaid, cause, keeper):
    funds, held = stage.pots()
    had = stage.balance(cause)
    assert pool.layer(1)["assets"] == 30 * stage.u
    assert pool.absorb_layer.call(1, {"from": keeper}) == 30 * stage.u
    receipt = pool.absorb_layer(1, {"from": keeper})
    assert names(receipt) == ["LayerAbsorbed", "Shared"]
    assert only(receipt, "LayerAbsorbed") == {"layer": 1, "amount": 30 * stage.u}
    assert only(receipt, "Shared") == {"to_cause": 3 * stage.u, "to_members": 27 * stage.u}
    assert stage.balance(cause) - had == 3 * stage.u
    assert stage.pots() == (funds + 27 * stage.u, held - 30 * stage.u)
    assert pool.layer(1)["assets"] == 0
    assert pool.layer(2)["assets"] == 210 * stage.u


@pytest.mark.spec("R18")
def test_absorb_layer__nothing_is_repaid_to_it_any_more(stage, pool, repaid, donor, keeper):
    """Nobody is left to whom it could go: what comes back later is the members'."""
    pool.absorb_layer(1, {"from": keeper})
    assert pool.summary()["drawn"] == 0
    receipt = pool.recover(1, 10 * stage.u, stage.pay(donor, 10 * stage.u))
    assert names(receipt) == ["Recovered", "Shared"]


def test_absorb_layer__layers_below_are_repaid_by_it(stage, pool, reinsurer, donor, keeper):
    """Layer 2 first, which has been left by its reinsurers as well; then layer 1."""
    stage.layer(2).redeem(200 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    pool.recover(1, 40 * stage.u, stage.pay(donor, 40 * stage.u))
    assert stage.drawn() == [300 * stage.u, 30 * stage.u]
    receipt = pool.absorb_layer(2, {"from": keeper})
    assert names(receipt) == ["LayerAbsorbed", "LayersRepaid"]
    assert only(receipt, "LayersRepaid") == {"amount": 40 * stage.u}
    assert stage.drawn() == [260 * stage.u, 0]
    assert [pool.layer(i)["assets"] for i in (1, 2)] == [40 * stage.u, 0]
    receipt = pool.absorb_layer(1, {"from": keeper})
    assert only(receipt, "Shared") == {"to_cause": 4 * stage.u, "to_members": 36 * stage.u}
    assert pool.summary()["drawn"] == 0


@pytest.mark.spec("R18")
@pytest.mark.parametrize("role", ["outsider", "claimant", "reinsurer", "organiser"])
def test_absorb_layer__by_anyone(stage, pool, repaid, request, role):
    pool.absorb_layer(1, {"from": request.getfixturevalue(role)})
    assert pool.layer(1)["assets"] == 0


@pytest.mark.parametrize("number", [0, 3, 2**256 - 1])
def test_absorb_layer__no_such_layer__reverts(pool, keeper, number):
    refuses("layer: no such layer", pool.absorb_layer, number, {"from": keeper})


@pytest.mark.spec("R18")
def test_absorb_layer__has_shares__reverts(stage, pool, reinsurer, keeper):
    """One share is enough."""
    layer = stage.layer(2)
    layer.redeem(200 * stage.u - 1, reinsurer, reinsurer, {"from": reinsurer})
    refuses("layer: has shares", pool.absorb_layer, 2, {"from": keeper})


@pytest.mark.spec("R18")
def test_absorb_layer__nothing_left__reverts(pool, keeper):
    refuses("layer: nothing left", pool.absorb_layer, 1, {"from": keeper})


def test_absorb_layer__twice__reverts(pool, repaid, keeper):
    pool.absorb_layer(1, {"from": keeper})
    refuses("layer: nothing left", pool.absorb_layer, 1, {"from": keeper})


@pytest.mark.parametrize("joined", [6, 2], ids=["settled", "cancelled"])
def test_absorb_layer__of_a_layer_that_nobody_filled__reverts(make_stage, members, keeper, joined):
    stage = make_stage(members[:joined], **reinsured(10**16))
    stage.after_reporting()
    if joined == 6:
        stage.settle()
    refuses("layer: nothing left", stage.pool.absorb_layer, 1, {"from": keeper})


@pytest.mark.spec("R18")
def test_absorb_layer__collateral_is_bound__reverts(make_stage, members, keeper):
    stage = make_stage(members, **reinsured(10**16))
    for go in (lambda: None, stage.start, stage.after_reporting):
        go()
        refuses("layer: collateral is bound", stage.pool.absorb_layer, 1, {"from": keeper})
