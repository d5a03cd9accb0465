"""Money that came in without a call."""

import pytest

from .. import on_every_asset
from ..assets import Ether
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def lose(deployer, ForceSender):
    """Return a function that puts money into a pool's balance without its knowledge."""

    def lose(stage, amount):
        if isinstance(stage.asset, Ether):
            deployer.deploy(ForceSender).force(stage.pool, {"from": deployer, "value": amount})
        else:
            stage.asset.token.mint(stage.pool, amount, {"from": deployer})

    return lose


@pytest.mark.spec("M3")
@on_every_asset
def test_absorb(stage, pool, lose, keeper):
    stage.start()
    lose(stage, 11)
    funds, held = stage.pots()
    assert pool.absorb.call({"from": keeper}) == 11
    receipt = pool.absorb({"from": keeper})
    assert names(receipt) == ["Absorbed"]
    assert only(receipt, "Absorbed") == {"amount": 11}
    assert stage.pots() == (funds + 11, held)


@pytest.mark.spec("M9")
def test_absorb__unpaid_awards_come_first(stage, pool, lose, claimant, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    lose(stage, 11)
    receipt = pool.absorb({"from": keeper})
    assert names(receipt) == ["Absorbed", "MadeUp"]
    assert only(receipt, "MadeUp") == {"amount": 11}


@pytest.mark.spec("M10")
def test_absorb__once_settled_is_shared(stage, pool, lose, cause, keeper):
    stage.settle()
    lose(stage, 100)
    had = cause.balance()
    receipt = pool.absorb({"from": keeper})
    assert names(receipt) == ["Absorbed", "Shared"]
    assert only(receipt, "Shared") == {"to_cause": 10, "to_members": 90}
    assert cause.balance() - had == 10


@pytest.mark.spec("M11")
def test_absorb__cancelled_pool_shares_it(make_stage, lose, claimant, payer, cause, keeper):
    stage = make_stage()
    stage.join(claimant, payer=payer)
    stage.start()
    lose(stage, 100)
    receipt = stage.pool.absorb({"from": keeper})
    assert only(receipt, "Shared") == {"to_cause": 10, "to_members": 90}
    assert stage.pool.refund_due(claimant) == 100 * stage.u + 90


def test_absorb__cancelled_pool_without_members(make_stage, lose, keeper):
    stage = make_stage()
    stage.start()
    lose(stage, 100)
    receipt = stage.pool.absorb({"from": keeper})
    assert only(receipt, "Absorbed") == {"amount": 100}
    assert sum(stage.pots()) == stage.balance(stage.pool)


@pytest.mark.spec("M3")
def test_absorb__last_second_of_enrolment__reverts(stage, pool, lose, keeper):
    lose(stage, 11)
    stage.stray = 11
    at(stage.terms.cover_start - 1)
    refuses("absorb: cover has not started", pool.absorb, {"from": keeper})


@pytest.mark.spec("M4")
def test_absorb__nothing_stray__reverts(stage, pool, keeper):
    stage.start()
    refuses("absorb: nothing stray", pool.absorb, {"from": keeper})


@pytest.mark.spec("M4")
def test_absorb__twice__reverts(stage, pool, lose, keeper):
    stage.start()
    lose(stage, 11)
    pool.absorb({"from": keeper})
    refuses("absorb: nothing stray", pool.absorb, {"from": keeper})


@pytest.mark.spec("M4")
def test_absorb__another_token_is_not_money(stage, pool, make_token, Token, deployer, keeper):
    make_token(Token).token.mint(pool, 10, {"from": deployer})
    stage.start()
    refuses("absorb: nothing stray", pool.absorb, {"from": keeper})


@pytest.mark.spec("M2")
def test_absorb__stray_money_is_no_bond(make_stage, lose, members, claimant):
    """What lies in the balance pays for nobody."""
    stage = make_stage(members[:3])
    stage.start()
    lose(stage, stage.terms.claim_bond)
    stage.stray = stage.terms.claim_bond
    args = stage.claim_args(100 * stage.u)
    refuses("value: wrong amount", stage.pool.file_claim, *args, {"from": claimant})


@pytest.mark.spec("M3")
@on_every_asset
def test_absorb__collateral_is_not_stray(make_stage, asset, members, lose, reinsurer, keeper):
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    refuses("absorb: nothing stray", stage.pool.absorb, {"from": keeper})
    lose(stage, 11)
    assert only(stage.pool.absorb({"from": keeper}), "Absorbed") == {"amount": 11}
    assert stage.pool.layer(1)["assets"] == 300 * stage.u


def test_absorb__layers_that_have_paid_come_before_the_funds(
    make_stage, members, lose, claimant, reinsurer, keeper
):
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.decide(stage.file(claimant, 640 * stage.u), 10)
    lose(stage, 101 * stage.u)
    receipt = stage.pool.absorb({"from": keeper})
    assert names(receipt) == ["Absorbed", "LayersRepaid"]
    assert only(receipt, "LayersRepaid") == {"amount": 100 * stage.u}
    assert stage.pots()[0] == stage.u
