"""Sharing a shortage among the awards of a claims window (rule 9)."""

import pytest

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members):
    """An active pool with 570 in funds."""
    stage = make_stage(members)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.mark.spec("W8", "W10")
@on_every_asset
def test_settle_window(stage, pool, claimant, neighbour, keeper):
    claims = [stage.file(claimant, 600 * stage.u), stage.file(neighbour, 900 * stage.u)]
    for claim_id in claims:
        stage.decide(claim_id, 10)
    at(stage.window_end(0))
    funds, held = stage.pots()
    receipt = pool.settle_window(0, {"from": keeper})
    assert names(receipt) == ["WindowSettled"]
    assert only(receipt, "WindowSettled") == {
        "window": 0,
        "awards": 1500 * stage.u,
        "available": 570 * stage.u,
    }
    assert stage.pots() == (0, held + funds)
    assert pool.window(0).dict() == {
        "undecided": 0,
        "previous": 0,
        "settled": True,
        "awards": 1500 * stage.u,
        "available": 570 * stage.u,
    }
    assert pool.summary()["unpaid"] == 930 * stage.u
    assert pool.summary()["asked"] == 0
    assert [pool.award_due(i) for i in claims] == [228 * stage.u, 342 * stage.u]


def test_settle_window__nothing_waits(stage, pool, claimant, keeper):
    stage.decide(stage.file(claimant, 100 * stage.u), 10)
    at(stage.window_end(0))
    before = stage.pots()
    receipt = pool.settle_window(0, {"from": keeper})
    assert only(receipt, "WindowSettled") == {"window": 0, "awards": 0, "available": 0}
    assert stage.pots() == before
    assert pool.window(0)["settled"] is True


def test_settle_window__money_has_come_in_since(stage, pool, claimant, donor, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    pool.donate(400 * stage.u, {"from": donor, "value": 400 * stage.u})
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    assert pool.summary()["unpaid"] == 0
    assert pool.award_due(1) == 900 * stage.u
    assert stage.pots() == (70 * stage.u, 30 * stage.u + 900 * stage.u)


@pytest.mark.spec("W9")
def test_settle_window__order_of_decisions_changes_nothing(
    make_stage, members, claimant, neighbour, keeper
):
    paid = []
    for order in ((1, 2), (2, 1)):
        stage = make_stage(members)
        stage.start()
        stage.file(claimant, 600 * stage.u)
        stage.file(neighbour, 900 * stage.u)
        for claim_id in order:
            stage.decide(claim_id, 10)
        at(stage.window_end(0))
        stage.pool.settle_window(0, {"from": keeper})
        paid.append([stage.pool.award_due(i) for i in (1, 2)])
    assert paid[0] == paid[1]


@pytest.mark.spec("W10", "U1")
def test_settle_window__two_windows_in_order(stage, pool, claimant, neighbour, donor, keeper):
    """Rule 9: the second window gets what the first has left, and both are made up pro rata."""
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.decide(stage.file(neighbour, 200 * stage.u), 10)
    assert pool.claim(2)["window"] == 1
    pool.settle_window(0, {"from": keeper})
    assert pool.award_due(1) == 570 * stage.u
    assert pool.award_due(2) == 0
    at(stage.window_end(1))
    pool.settle_window(1, {"from": keeper})
    assert pool.award_due(2) == 0
    assert pool.summary()["unpaid"] == 530 * stage.u
    pool.donate(53 * stage.u, {"from": donor, "value": 53 * stage.u})
    assert pool.award_due(1) in (603 * stage.u, 603 * stage.u - 1)
    assert pool.award_due(2) in (20 * stage.u, 20 * stage.u - 1)


@pytest.mark.spec("W6")
def test_settle_window__first_second_after_it(stage, pool, claimant, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    receipt = pool.settle_window(0, {"from": keeper})
    assert receipt.timestamp == stage.window_end(0)


@pytest.mark.spec("W6")
def test_settle_window__still_open__reverts(stage, pool, claimant, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0) - 1)
    refuses("window: still open", pool.settle_window, 0, {"from": keeper})


@pytest.mark.spec("W7")
@pytest.mark.parametrize("window", [1, 2**32, 2**255, 2**256 - 1])
def test_settle_window__no_claims__reverts(stage, pool, claimant, keeper, window):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    stage.after_reporting()
    refuses("window: no claims", pool.settle_window, window, {"from": keeper})


@pytest.mark.spec("W7")
def test_settle_window__already_settled__reverts(stage, pool, claimant, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    refuses("window: already settled", pool.settle_window, 0, {"from": keeper})


@pytest.mark.spec("W6")
def test_settle_window__claims_are_undecided__reverts(stage, pool, claimant, neighbour, keeper):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    stage.file(neighbour, 10 * stage.u)
    at(stage.window_end(0))
    refuses("window: claims are undecided", pool.settle_window, 0, {"from": keeper})


@pytest.mark.spec("W7")
def test_settle_window__an_earlier_one_is_not_settled__reverts(
    stage, pool, claimant, neighbour, keeper
):
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(2))
    stage.decide(stage.file(neighbour, 10 * stage.u), 10)
    at(stage.window_end(3))
    refuses("window: an earlier one is not settled", pool.settle_window, 3, {"from": keeper})
    pool.settle_window(0, {"from": keeper})
    pool.settle_window(3, {"from": keeper})
    assert pool.window(3)["settled"] is True


# --- layers: what they can pay is shared with the funds (rule 9)


@pytest.fixture(scope="module")
def tower(make_stage, stages, asset, members, reinsurer):
    """An active pool with 535 in funds once 35 are ceded, and 300 and 100 in its layers."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.mark.spec("W8", "R4")
@on_every_asset
def test_settle_window__funds_and_layers(tower, claimant, neighbour, keeper):
    pool, u = tower.pool, tower.u
    for person, asked in ((claimant, 600), (neighbour, 900)):
        tower.file(person, asked * u)
    for claim_id in (1, 2):
        tower.decide(claim_id, 10)
    at(tower.window_end(0))
    held = tower.pots()[1]
    receipt = pool.settle_window(0, {"from": keeper})
    assert names(receipt) == ["LayersDrawn", "WindowSettled"]
    assert only(receipt, "LayersDrawn") == {"amount": 400 * u}
    assert only(receipt, "WindowSettled") == {
        "window": 0,
        "awards": 1500 * u,
        "available": 935 * u,
    }
    assert tower.pots() == (0, held + 535 * u)  # what was the layers' is the awards' now
    assert tower.drawn() == [300 * u, 100 * u]
    summary = pool.summary()
    assert (summary["unpaid"], summary["capacity"]) == (565 * u, 0)
    assert [pool.award_due(i) for i in (1, 2)] == [374 * u, 561 * u]
    for claim_id in (1, 2):
        pool.pay_award(claim_id, {"from": keeper})
    assert tower.pots() == (0, held - 400 * u)


def test_settle_window__later_claims_have_come_to_nothing(tower, claimant, neighbour, keeper):
    """What waited because of them is set aside out of the funds, and then layers, in part."""
    u = tower.u
    tower.file(claimant, 700 * u)
    tower.file(neighbour, 900 * u)
    tower.decide(1, 10)
    at(tower.window_end(0) + 60)
    tower.pool.resolve(2, {"from": keeper})
    tower.pool.settle_window(0, {"from": keeper})
    assert tower.pool.award_due(1) == 700 * u
    assert tower.drawn() == [165 * u, 0]
    assert tower.pool.summary()["unpaid"] == 0


def test_settle_window__a_later_one_has_what_layers_are_left(tower, claimant, neighbour, keeper):
    u = tower.u
    tower.file(claimant, 700 * u)
    tower.vote(1, 10)
    at(tower.window_end(0))
    tower.decide(tower.file(neighbour, 600 * u), 10)
    tower.pool.resolve(1, {"from": keeper})
    tower.pool.settle_window(0, {"from": keeper})
    assert tower.drawn() == [165 * u, 0]
    at(tower.window_end(1))
    tower.pool.settle_window(1, {"from": keeper})
    assert tower.pool.award_due(2) == 235 * u
    assert tower.drawn() == [300 * u, 100 * u]
    assert tower.pool.summary()["unpaid"] == 365 * u


def test_settle_window__donated_before__layers_pay_less(tower, claimant, neighbour, donor, keeper):
    u = tower.u
    tower.file(claimant, 600 * u)
    tower.file(neighbour, 900 * u)
    for claim_id in (1, 2):
        tower.decide(claim_id, 10)
    tower.pool.donate(665 * u, tower.pay(donor, 665 * u))
    at(tower.window_end(0))
    tower.pool.settle_window(0, {"from": keeper})
    assert tower.drawn() == [300 * u, 0]
    assert tower.pool.summary()["unpaid"] == 0
