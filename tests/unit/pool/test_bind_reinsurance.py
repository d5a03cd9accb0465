"""Layers get their premium, once (rule 16)."""

import pytest

from peerpool.terms import Layer

from .. import on_every_asset, rules
from ..clock import DAY, at
from ..hearing import RULING, hearing
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, asset, members, reinsurer):
    """A pool that enrols: 570 in funds, 200 in the layer of 300 and 100 in that of 200."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 200 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    yield stage
    stages.remove(stage)


def ceded(stage):
    """Return what each layer has got."""
    return [stage.pool.layer(i + 1)["ceded"] for i in range(len(stage.terms.reinsurance))]


@pytest.mark.spec("R13")
@on_every_asset
def test_bind_reinsurance(stage, pool, keeper):
    stage.start()
    funds, held = stage.pots()
    assert pool.summary()["unbound"] is True
    receipt = pool.bind_reinsurance({"from": keeper})
    assert names(receipt) == ["PremiumCeded", "PremiumCeded"]
    assert [dict(event) for event in receipt.events["PremiumCeded"]] == [
        {"layer": 1, "filled": 200 * stage.u, "premium": 20 * stage.u},
        {"layer": 2, "filled": 100 * stage.u, "premium": 5 * stage.u},
    ]
    assert stage.pots() == (funds - 25 * stage.u, held + 25 * stage.u)
    assert ceded(stage) == [20 * stage.u, 5 * stage.u]
    summary = pool.summary()
    assert (summary["unbound"], summary["capacity"]) == (False, 300 * stage.u)


@pytest.mark.spec("R12")
@pytest.mark.parametrize("role", ["claimant", "outsider", "organiser", "reinsurer"])
def test_bind_reinsurance__by_anyone(stage, pool, request, role):
    stage.start()
    pool.bind_reinsurance({"from": request.getfixturevalue(role)})
    assert ceded(stage) == [20 * stage.u, 5 * stage.u]


@pytest.mark.spec("R13")
@pytest.mark.parametrize("filled, premium", [(1, 0), (2, 0), (3, 1), (299, 99), (300, 100)])
def test_bind_reinsurance__in_proportion_to_what_is_filled__rounded_down(
    make_stage, members, reinsurer, keeper, filled, premium
):
    stage = make_stage(members, max_cession_bps=1, reinsurance=(Layer(300, 100),))
    stage.fill(reinsurer, filled)
    stage.start()
    receipt = stage.pool.bind_reinsurance({"from": keeper})
    assert only(receipt, "PremiumCeded") == {"layer": 1, "filled": filled, "premium": premium}


@pytest.mark.spec("R13")
def test_bind_reinsurance__an_empty_layer_gets_nothing(make_stage, members, reinsurer, keeper):
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 200 * stage.u, 2)
    stage.start()
    receipt = stage.pool.bind_reinsurance({"from": keeper})
    assert only(receipt, "PremiumCeded")["layer"] == 2
    assert ceded(stage) == [0, 10 * stage.u]


@pytest.mark.spec("R14")
@pytest.mark.parametrize("bps", [1, 777, 2333, 2499, 2500, 2501, 5000])
def test_bind_reinsurance__not_more_than_max_cession_bps_of_the_premiums(
    make_stage, members, reinsurer, keeper, bps
):
    """At 2500 it is just enough for 100 and 50."""
    u = 10**16
    layers = (Layer(300 * u, 100 * u), Layer(200 * u, 50 * u))
    stage = make_stage(members, max_cession_bps=bps, reinsurance=layers)
    for number, layer in enumerate(layers, 1):
        stage.fill(reinsurer, layer.limit, number)
    stage.start()
    funds, held = stage.pots()
    stage.pool.bind_reinsurance({"from": keeper})
    expected = rules.ceded(stage.terms, 600 * u, [300 * u, 200 * u])
    assert ceded(stage) == expected
    most = 600 * u * bps // 10_000
    assert sum(expected) == 150 * u if bps >= 2500 else most - 2 < sum(expected) <= most
    assert stage.pots() == (funds - sum(expected), held + sum(expected))


def test_bind_reinsurance__layers_without_a_premium(make_stage, members, reinsurer, keeper):
    """They may be had for nothing; bound they are all the same."""
    stage = make_stage(members, reinsurance=(Layer(300, 0),))
    stage.fill(reinsurer, 300)
    stage.start()
    pots = stage.pots()
    stage.pool.bind_reinsurance({"from": keeper})
    assert ceded(stage) == [0]
    assert stage.pots() == pots
    assert stage.pool.summary()["unbound"] is False


def test_bind_reinsurance__four_layers(make_stage, members, reinsurer, keeper):
    layers = tuple(Layer(100 + i, 10 + i) for i in range(4))
    stage = make_stage(members, max_cession_bps=5000, reinsurance=layers)
    for number in (4, 1, 3):
        stage.fill(reinsurer, 100, number)
    stage.start()
    receipt = stage.pool.bind_reinsurance({"from": keeper})
    assert [event["layer"] for event in receipt.events["PremiumCeded"]] == [1, 3, 4]
    assert ceded(stage) == rules.ceded(stage.terms, 600 * stage.u, [100, 0, 100, 100])


# --- what does it first


def begins_with_it(receipt):
    """Say whether both layers got their premium before anything else happened."""
    found = names(receipt)
    return found[:2] == ["PremiumCeded"] * 2 and found.count("PremiumCeded") == 2


@pytest.mark.spec("R15")
@pytest.mark.parametrize("award", [10, 5, 0])
def test_resolve__binds_first(stage, pool, claimant, award):
    stage.start()
    stage.file(claimant, 100 * stage.u)
    assert pool.summary()["unbound"] is True
    assert begins_with_it(stage.decide(1, award))
    assert ceded(stage) == [20 * stage.u, 5 * stage.u]


@pytest.mark.spec("R15")
def test_resolve__binds_first__and_counts_the_funds_then(stage, pool, claimant):
    """Of 570 and 300 in layers 25 are ceded: 845 can be paid, and not one unit more."""
    stage.start()
    stage.file(claimant, 845 * stage.u + 1)
    stage.decide(1, 10)
    assert pool.claim(1)["paid"] == 0
    assert pool.summary()["asked"] == 845 * stage.u + 1


@pytest.mark.spec("R15")
def test_accept__binds_first(make_stage, members, claimant, arbiter, reinsurer):
    stage = make_stage(members, **reinsured(10**16), **hearing(arbiter))
    for number in (1, 2):
        stage.fill(reinsurer, 100 * stage.u, number)
    stage.start()
    stage.decide(stage.file(claimant, 100 * stage.u), 7)
    assert begins_with_it(stage.pool.accept(1, {"from": claimant}))


@pytest.mark.spec("R15")
def test_rule__binds_first(make_stage, members, claimant, arbiter, reinsurer):
    stage = make_stage(members, **reinsured(10**16), **hearing(arbiter))
    for number in (1, 2):
        stage.fill(reinsurer, 100 * stage.u, number)
    stage.start()
    stage.decide(stage.file(claimant, 100 * stage.u), 7)
    stage.pool.appeal(1, {"from": claimant})
    receipt = stage.pool.rule(1, 9, RULING, {"from": arbiter})
    assert names(receipt)[-2:] == ["ClaimResolved", "AwardPaid"]
    assert names(receipt).count("PremiumCeded") == 2
    assert only(receipt, "AwardPaid")["amount"] == 90 * stage.u


@pytest.mark.spec("R15")
def test_settle__binds_first(stage, pool):
    receipt = stage.settle()
    assert begins_with_it(receipt)
    assert only(receipt, "Settled") == {"surplus": 545 * stage.u}


@pytest.mark.spec("R15")
def test_join__late__binds_first(stage, pool, late_joiner):
    stage.start(DAY)
    assert begins_with_it(stage.join(late_joiner))


@pytest.mark.spec("R16")
def test_join__late__adds_nothing_to_what_can_be_ceded(make_stage, members, late_joiner, reinsurer):
    """The share of the premiums is of those that were there when cover began."""
    u = 10**16
    stage = make_stage(members, max_cession_bps=100, reinsurance=(Layer(300 * u, 100 * u),))
    stage.fill(reinsurer, 300 * u)
    stage.start(DAY)
    stage.join(late_joiner)
    assert ceded(stage) == [6 * u]


def test_bind_reinsurance__the_same_whenever(
    make_stage, members, claimant, donor, late_joiner, reinsurer, keeper
):
    """At once, or by settling a year later, with donations and money back in between."""
    found = []
    for early in (True, False):
        stage = make_stage(members, **reinsured(10**16))
        stage.fill(reinsurer, 77 * stage.u + 7, 1)
        stage.fill(reinsurer, 199 * stage.u + 3, 2)
        stage.start()
        if early:
            stage.pool.bind_reinsurance({"from": keeper})
        stage.file(claimant, 300 * stage.u)
        stage.pool.donate(11 * stage.u, stage.pay(donor, 11 * stage.u))
        stage.pool.recover(1, 5 * stage.u, stage.pay(donor, 5 * stage.u))
        stage.decide(1, 10)
        stage.settle()
        found.append((ceded(stage), stage.pots()))
    assert found[0] == found[1]
    assert found[0][0] == rules.ceded(
        stage.terms, 600 * stage.u, [77 * stage.u + 7, 199 * stage.u + 3]
    )


@pytest.mark.spec("R16")
def test_bind_reinsurance__donations_are_not_premiums(make_stage, members, donor, reinsurer):
    u = 10**16
    stage = make_stage(members, max_cession_bps=100, reinsurance=(Layer(300 * u, 100 * u),))
    stage.fill(reinsurer, 300 * u)
    stage.pool.donate(900 * u, stage.pay(donor, 900 * u))
    stage.settle()
    assert ceded(stage) == [6 * u]


@pytest.mark.spec("R16")
def test_bind_reinsurance__who_has_left_is_not_counted(make_stage, members, reinsurer, keeper):
    u = 10**16
    stage = make_stage(members, max_cession_bps=100, reinsurance=(Layer(300 * u, 100 * u),))
    stage.fill(reinsurer, 300 * u)
    stage.pool.leave({"from": members[0]})
    stage.start()
    stage.pool.bind_reinsurance({"from": keeper})
    assert ceded(stage) == [5 * u]


# --- refused


@pytest.mark.spec("R12")
def test_bind_reinsurance__last_second_of_enrolment__reverts(stage, pool, keeper):
    at(stage.terms.cover_start - 1)
    error = "reinsurance: cover has not started"
    refuses(error, pool.bind_reinsurance, {"from": keeper})
    at(stage.terms.cover_start)
    pool.bind_reinsurance({"from": keeper})


@pytest.mark.spec("R12")
def test_bind_reinsurance__pool_is_cancelled__reverts(make_stage, members, reinsurer, keeper):
    stage = make_stage(members[:2], **reinsured(10**16))
    stage.fill(reinsurer, 200 * stage.u)
    stage.start()
    refuses("reinsurance: pool is cancelled", stage.pool.bind_reinsurance, {"from": keeper})


@pytest.mark.spec("R12")
def test_bind_reinsurance__twice__reverts(stage, pool, keeper):
    stage.start()
    pool.bind_reinsurance({"from": keeper})
    refuses("reinsurance: nothing to bind", pool.bind_reinsurance, {"from": keeper})


def test_bind_reinsurance__after_settlement__reverts(stage, pool, keeper):
    stage.settle()
    refuses("reinsurance: nothing to bind", pool.bind_reinsurance, {"from": keeper})


@pytest.mark.spec("R12")
@pytest.mark.parametrize("limits", [(300, 200), ()], ids=["empty layers", "without layers"])
def test_bind_reinsurance__nothing_to_bind__reverts(make_stage, members, keeper, limits):
    changes = reinsured(10**16) if limits else {}
    stage = make_stage(members, **changes)
    stage.start()
    refuses("reinsurance: nothing to bind", stage.pool.bind_reinsurance, {"from": keeper})
