"""Money that strayed into a layer's contract goes on to the pool."""

import pytest

from ..assets import Ether
from ..layers import reinsured
from ..refusal import refuses
from ..stage import only


@pytest.fixture(scope="module")
def stray(make_stage, stages, make_token, TokenThatPauses, members, reinsurer, deployer):
    """A pool in a token, with 100 in its layer, and 11 that were sent to the layer by mistake."""
    token = make_token(TokenThatPauses)
    stage = make_stage(members, token, **reinsured(token.unit))
    stage.fill(reinsurer, 100 * stage.u)
    token.token.mint(stage.layer(), 11, {"from": deployer})
    yield stage
    stages.remove(stage)


@pytest.mark.spec("T12")
def test_absorb(stray, keeper):
    layer, pool = stray.layer(), stray.pool
    before = layer.totalAssets(), stray.pots()
    had = stray.balance(pool)
    assert layer.absorb.call({"from": keeper}) == 11
    layer.absorb({"from": keeper})
    assert stray.balance(layer) == 0
    assert stray.balance(pool) - had == 11
    assert (layer.totalAssets(), stray.pots()) == before
    stray.stray = 11


def test_absorb__the_pool_books_it_as_a_donation(stray, keeper):
    stray.layer().absorb({"from": keeper})
    stray.start()
    funds, held = stray.pots()
    assert only(stray.pool.absorb({"from": keeper}), "Absorbed") == {"amount": 11}
    assert stray.pots() == (funds + 11, held)


@pytest.mark.spec("T12")
def test_absorb__nothing_stray__reverts(stray, keeper):
    stray.layer().absorb({"from": keeper})
    refuses("absorb: nothing stray", stray.layer().absorb, {"from": keeper})
    refuses("absorb: nothing stray", stray.layer(2).absorb, {"from": keeper})
    stray.stray = 11


def test_absorb__of_a_layer_in_ether__reverts(stage, layer, deployer, ForceSender, keeper):
    """What was forced upon it stays there: no figure counts it."""
    assert isinstance(stage.asset, Ether)
    stage.fill(keeper, 100)
    force = deployer.deploy(ForceSender).force
    force(layer, {"from": deployer, "value": 11})
    refuses("absorb: nothing stray", layer.absorb, {"from": keeper})
    assert layer.totalAssets() == 100


def test_absorb__transfer_failed__reverts(stray, keeper):
    stray.asset.token.pause(True, {"from": keeper})
    refuses("token: transfer failed", stray.layer().absorb, {"from": keeper})
