"""What shares of a layer are worth leaves the pool when they are redeemed (rule 17)."""

import pytest

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only


@pytest.fixture(scope="module")
def stage(make_stage, stages, asset, members, reinsurer):
    """A pool that enrols: 570 in funds, layers of 300 and 200 are full."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    yield stage
    stages.remove(stage)


@on_every_asset
def test_redeem_layer(stage, pool, reinsurer, heir):
    stage.settle()
    had = stage.balance(heir)
    funds, held = stage.pots()
    shares = 300 * stage.u
    receipt = stage.layer().redeem(shares, heir, reinsurer, {"from": reinsurer})
    assert only(receipt, "LayerRedeemed") == {
        "layer": 1,
        "receiver": heir,
        "amount": 330 * stage.u,
    }
    assert stage.balance(heir) - had == 330 * stage.u
    assert stage.pots() == (funds, held - 330 * stage.u)
    assert pool.layer(1)["assets"] == 0
    assert pool.layer(2)["assets"] == 210 * stage.u


def test_redeem_layer__in_a_cancelled_pool__is_the_collateral(make_stage, claimant, reinsurer):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 100 * stage.u)
    stage.start()
    held = stage.pots()[1]
    receipt = stage.layer().redeem(100 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "LayerRedeemed")["amount"] == 100 * stage.u
    assert stage.pots()[1] == held - 100 * stage.u


@pytest.mark.spec("R19")
def test_redeem_layer__in_a_cancelled_pool__is_beside_the_refunds(
    make_stage, claimant, neighbour, reinsurer, keeper
):
    """Premiums go back, collateral goes back, and nothing is left."""
    stage = make_stage([claimant, neighbour], **reinsured(10**16))
    stage.fill(reinsurer, 100 * stage.u)
    stage.start()
    stage.layer().redeem(40 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    stage.pool.refund_many(1, 2, {"from": keeper})
    stage.layer().redeem(60 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert stage.pots() == (0, 0)


def test_redeem_layer__swept_before(stage, pool, reinsurer, keeper):
    """What a reinsurer does not take is nobody else's, however long it lies there."""
    at(stage.settle().timestamp + 10 * stage.terms.unclaimed_after)
    pool.sweep({"from": keeper})
    receipt = stage.layer().redeem(300 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "LayerRedeemed")["amount"] == 330 * stage.u


@pytest.mark.spec("R1")
@pytest.mark.parametrize("number", [0, 3, 4, 2**256 - 1])
def test_redeem_layer__no_such_layer__reverts(stage, pool, reinsurer, number):
    stage.settle()
    sender = {"from": stage.layer().address}
    refuses("layer: no such layer", pool.redeem_layer, number, 1, reinsurer, sender)


@pytest.mark.spec("R1")
@pytest.mark.parametrize("role", ["outsider", "reinsurer", "organiser", "claimant"])
def test_redeem_layer__caller_is_not_the_layer__reverts(stage, pool, request, role):
    stage.settle()
    who = request.getfixturevalue(role)
    refuses("layer: caller is not the layer", pool.redeem_layer, 1, 1, who, {"from": who})


def test_redeem_layer__by_another_layer__reverts(stage, pool, reinsurer):
    stage.settle()
    sender = {"from": stage.layer(2).address}
    refuses("layer: caller is not the layer", pool.redeem_layer, 1, 1, reinsurer, sender)


def test_redeem_layer__collateral_is_bound__reverts(stage, pool, reinsurer, keeper):
    """From the deposit until somebody has settled the pool."""
    args = (1, 1, reinsurer, {"from": stage.layer().address})
    terms = stage.terms
    seconds = (
        terms.cover_start - 1,
        terms.cover_start,
        terms.expiry - 1,
        terms.expiry,
        terms.expiry + terms.reporting_period,
    )
    for second in seconds:
        at(second)
        refuses("layer: collateral is bound", pool.redeem_layer, *args)
    pool.settle({"from": keeper})
    pool.redeem_layer.call(*args)


@pytest.mark.spec("T8")
@pytest.mark.parametrize("more", [1, 2**128, 2**256 - 1 - 330 * 10**16])
def test_redeem_layer__above_its_assets__reverts(stage, pool, reinsurer, more):
    """What a layer's contract may ask for at most is the layer's own."""
    stage.settle()
    sender = {"from": stage.layer().address}
    assets = pool.layer(1)["assets"]
    assert assets == 330 * stage.u
    pool.redeem_layer.call(1, assets, reinsurer, sender)
    refuses("layer: above its assets", pool.redeem_layer, 1, assets + more, reinsurer, sender)


@pytest.mark.spec("T9")
def test_redeem_layer__transfer_failed__reverts(
    stage, pool, deployer, reinsurer, WalletThatRejects
):
    """A receiver who takes nothing: shares and money stay where they are."""
    stage.settle()
    wallet = deployer.deploy(WalletThatRejects)
    args = (300 * stage.u, wallet, reinsurer, {"from": reinsurer})
    refuses("layer: transfer failed", stage.layer().redeem, *args)
    sender = {"from": stage.layer().address}
    refuses("layer: transfer failed", pool.redeem_layer, 1, 1, wallet, sender)


def test_redeem_layer__receiver_is_blocked__reverts(
    make_stage, make_token, TokenThatBlocks, members, reinsurer, heir, keeper
):
    """By the token's issuer. The reinsurer names another address."""
    token = make_token(TokenThatBlocks)
    stage = make_stage(members, token, **reinsured(token.unit))
    stage.fill(reinsurer, 300 * stage.u)
    stage.settle()
    token.token.block(reinsurer, True, {"from": keeper})
    layer, shares = stage.layer(), 300 * stage.u
    sender = {"from": reinsurer}
    refuses("layer: transfer failed", layer.redeem, shares, reinsurer, reinsurer, sender)
    layer.redeem(shares, heir, reinsurer, sender)
    assert stage.balance(heir) == 330 * stage.u
