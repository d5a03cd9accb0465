"""Money that comes back for a claim, by anybody; it comes in by rule 11."""

import pytest

from .. import on_every_asset, rules
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant):
    """An active pool; 300 were paid for claim 1, 270 are left."""
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 300 * stage.u), 10)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("G17")
@on_every_asset
def test_recover(stage, pool, outsider):
    funds, held = stage.pots()
    receipt = pool.recover(1, 120 * stage.u, stage.pay(outsider, 120 * stage.u))
    assert names(receipt) == ["Recovered"]
    assert only(receipt, "Recovered") == {
        "claim_id": 1,
        "payer": outsider,
        "amount": 120 * stage.u,
    }
    assert stage.pots() == (funds + 120 * stage.u, held)


def test_recover__unpaid_awards_first(stage, pool, neighbour, outsider, keeper):
    stage.decide(stage.file(neighbour, 370 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    assert pool.summary()["unpaid"] == 100 * stage.u
    held = stage.pots()[1]
    receipt = pool.recover(1, 130 * stage.u, stage.pay(outsider, 130 * stage.u))
    assert names(receipt) == ["Recovered", "MadeUp"]
    assert stage.pots() == (30 * stage.u, held + 100 * stage.u)
    assert pool.summary()["unpaid"] == 0


@pytest.mark.spec("M10")
@on_every_asset
def test_recover__after_settlement__is_shared(stage, pool, members, outsider, cause):
    stage.settle()
    due, had = pool.refund_due(members[1]), stage.balance(cause)
    funds, held = stage.pots()
    receipt = pool.recover(1, 100 * stage.u, stage.pay(outsider, 100 * stage.u))
    assert names(receipt) == ["Recovered", "Shared"]
    given = rules.to_cause(stage.terms, 100 * stage.u)
    assert stage.balance(cause) - had == given
    assert stage.pots() == (funds + 100 * stage.u - given, held)
    assert pool.refund_due(members[1]) - due in (15 * stage.u, 15 * stage.u + 1)


def test_recover__more_than_was_paid(stage, pool, outsider):
    """Who brings it back knows why; the pool takes it."""
    pool.recover(1, 900 * stage.u, stage.pay(outsider, 900 * stage.u))
    assert stage.pots()[0] == 1170 * stage.u


@pytest.mark.spec("G17")
def test_recover__for_an_open_claim(stage, pool, neighbour, outsider):
    stage.file(neighbour, 200 * stage.u)
    pool.recover(2, stage.u, stage.pay(outsider, stage.u))
    assert pool.claim(2)["asked"] == 200 * stage.u


@pytest.mark.spec("G17")
@pytest.mark.parametrize("claim_id", [0, 2, 2**256 - 1])
def test_recover__no_such_claim__reverts(pool, outsider, claim_id):
    refuses("claim: no such claim", pool.recover, claim_id, 1, {"from": outsider, "value": 1})


@pytest.mark.spec("G17")
def test_recover__nothing__reverts(pool, outsider):
    refuses("recover: nothing", pool.recover, 1, 0, {"from": outsider})


@pytest.mark.spec("M7")
def test_recover__wrong_value__reverts(stage, pool, outsider):
    for value in (0, 99, 101):
        refuses("value: wrong amount", pool.recover, 1, 100, {"from": outsider, "value": value})


@pytest.mark.spec("M13")
def test_recover__too_much__reverts(stage, make_stage, make_token, Token, members, outsider):
    stage = make_stage(members, make_token(Token))
    stage.start()
    stage.file(members[0], stage.u)
    stage.asset.token.mint(outsider, 2**128, {"from": outsider})
    payment = stage.pay(outsider, 2**126)
    refuses("money: too much", stage.pool.recover, 1, 2**126, payment)
    refuses("value: pool takes a token", stage.pool.recover, 1, 1, {"from": outsider, "value": 1})


# --- layers are repaid, the highest first (rule 11)


@pytest.fixture(scope="module")
def tower(make_stage, stages, asset, members, claimant, reinsurer):
    """An active pool that has paid 900: its funds, 300 of layer 1 and 65 of layer 2."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    assert stage.drawn() == [300 * stage.u, 65 * stage.u]
    yield stage
    stages.remove(stage)


@on_every_asset
def test_recover__layers(tower, outsider):
    u = tower.u
    held = tower.pots()[1]
    receipt = tower.pool.recover(1, 100 * u, tower.pay(outsider, 100 * u))
    assert names(receipt) == ["Recovered", "LayersRepaid"]
    assert only(receipt, "LayersRepaid") == {"amount": 100 * u}
    assert tower.drawn() == [265 * u, 0]
    assert tower.pots() == (0, held + 100 * u)
    summary = tower.pool.summary()
    assert (summary["capacity"], summary["drawn"]) == (135 * u, 265 * u)


@pytest.mark.spec("R6")
@pytest.mark.parametrize(
    "amount, drawn, funds",
    [(1, [300, 64], 0), (65, [300, 0], 0), (66, [299, 0], 0), (365, [0, 0], 0), (366, [0, 0], 1)],
)
def test_recover__up_to_what_each_layer_has_paid(tower, outsider, amount, drawn, funds):
    u = tower.u
    tower.pool.recover(1, amount * u, tower.pay(outsider, amount * u))
    assert tower.drawn() == [d * u for d in drawn]
    assert tower.pots()[0] == funds * u


@pytest.mark.spec("M9")
def test_recover__unpaid_awards_then_layers_then_funds(tower, neighbour, outsider, keeper):
    """100 were asked for where 35 were left: 65 are unpaid, and 400 drawn."""
    u = tower.u
    tower.decide(tower.file(neighbour, 100 * u), 10)
    at(tower.window_end(0))
    tower.pool.settle_window(0, {"from": keeper})
    assert tower.pool.summary()["unpaid"] == 65 * u
    held = tower.pots()[1]
    receipt = tower.pool.recover(1, 500 * u, tower.pay(outsider, 500 * u))
    assert names(receipt) == ["Recovered", "MadeUp", "LayersRepaid"]
    assert only(receipt, "MadeUp") == {"amount": 65 * u}
    assert only(receipt, "LayersRepaid") == {"amount": 400 * u}
    assert tower.pots() == (35 * u, held + 465 * u)
    assert tower.pool.award_due(2) == 100 * u


@pytest.mark.spec("R17")
def test_recover__after_settlement__layers_before_members(tower, outsider, reinsurer):
    u = tower.u
    tower.settle()
    receipt = tower.pool.recover(1, 400 * u, tower.pay(outsider, 400 * u))
    assert names(receipt) == ["Recovered", "LayersRepaid", "Shared"]
    assert only(receipt, "LayersRepaid") == {"amount": 365 * u}
    assert only(receipt, "Shared")["to_members"] == 35 * u - rules.to_cause(tower.terms, 35 * u)
    receipt = tower.layer(2).redeem(100 * u, reinsurer, reinsurer, {"from": reinsurer})
    assert only(receipt, "LayerRedeemed")["amount"] == 105 * u
