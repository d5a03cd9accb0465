"""A layer as the pool tells of it, at each stage of its life (rules 15 to 17)."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses


@pytest.fixture(scope="module")
def stage(make_stage, stages, asset, members):
    """A pool that enrols, with empty layers of 300 and 200."""
    stage = make_stage(members, **reinsured(asset.unit))
    yield stage
    stages.remove(stage)


@on_every_asset
def test_layer(stage, pool):
    assert pool.layer(2).dict() == {
        "shares": stage.layer(2).address,
        "asset": stage.asset.address,
        "reinsurer": ZERO_ADDRESS,
        "phase": 0,
        "limit": 200 * stage.u,
        "premium": 10 * stage.u,
        "filled": 0,
        "ceded": 0,
        "drawn": 0,
        "assets": 0,
    }


@pytest.mark.spec("T10")
def test_layer__through_its_life(stage, pool, claimant, donor, reinsurer, keeper):
    """Filled, ceded a premium, drawn on, repaid, redeemed."""

    def told(number=1):
        found = pool.layer(number)
        names = ("phase", "filled", "ceded", "drawn", "assets")
        return tuple(found[name] // (1 if name == "phase" else stage.u) for name in names)

    stage.fill(reinsurer, 300 * stage.u)
    assert told() == (0, 300, 0, 0, 300)
    stage.start()
    assert told() == (2, 300, 0, 0, 300)
    pool.bind_reinsurance({"from": keeper})
    assert told() == (2, 300, 30, 0, 330)
    stage.decide(stage.file(claimant, 740 * stage.u), 10)
    assert told() == (2, 300, 30, 200, 130)
    pool.recover(1, 50 * stage.u, stage.pay(donor, 50 * stage.u))
    assert told() == (2, 300, 30, 150, 180)
    at(stage.terms.expiry)
    assert told() == (3, 300, 30, 150, 180)
    stage.settle()
    assert told() == (4, 300, 30, 150, 180)
    stage.layer().redeem(100 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert told() == (4, 300, 30, 150, 120)
    pool.donate(1000 * stage.u, stage.pay(donor, 1000 * stage.u))
    assert told() == (4, 300, 30, 0, 270)
    assert told(2) == (4, 0, 0, 0, 0)


def test_layer__of_a_cancelled_pool(make_stage, reinsurer):
    stage = make_stage((), **reinsured(10**16), reinsurer=reinsurer.address)
    stage.fill(reinsurer, 7)
    stage.start()
    found = stage.pool.layer(1)
    assert (found["phase"], found["assets"], found["reinsurer"]) == (1, 7, reinsurer)


@pytest.mark.spec("M2")
def test_layer__stray_money_is_nobody_s(stage, pool, deployer, reinsurer, ForceSender):
    stage.fill(reinsurer, 7)
    before = pool.layer(1), pool.summary()
    deployer.deploy(ForceSender).force(pool, {"from": deployer, "value": 100})
    stage.stray = 100
    assert (pool.layer(1), pool.summary()) == before


@pytest.mark.parametrize("number", [0, 3, 4, 5, 2**255, 2**256 - 1])
def test_layer__no_such_layer__reverts(pool, number):
    refuses("layer: no such layer", pool.layer, number)


def test_layer__pool_without_layers__reverts(make_stage):
    refuses("layer: no such layer", make_stage().pool.layer, 1)


def test_layer__four_of_them(make_stage):
    stage = make_stage((), **reinsured(10**16, (4, 3, 2, 1), (3, 2, 1, 0)))
    rows = [stage.pool.layer(number) for number in (1, 2, 3, 4)]
    assert [row["limit"] // stage.u for row in rows] == [4, 3, 2, 1]
    assert [row["premium"] // stage.u for row in rows] == [3, 2, 1, 0]
    assert len({row["shares"] for row in rows}) == 4
    refuses("layer: no such layer", stage.pool.layer, 5)
