"""What pays when the funds are used up: the layers, lowest first."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import at
from ..layers import reinsured


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, reinsurer):
    """A pool that enrols: 570 in funds, 300 of 300 and 100 of 200 in layers."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    yield stage
    stages.remove(stage)


def rows(lens, stage):
    """Return attachment, left and rate on line of each layer, amounts in whole units."""
    return [
        (row["attachment"] // stage.u, row["left"] // stage.u, row["rate_on_line_bps"])
        for row in lens.tower(stage.pool)["layers"]
    ]


def collectable(lens, stage):
    """Return what can be collected, and how much that is for each member, in whole units."""
    tower = lens.tower(stage.pool)
    return tower["collectable"] / stage.u, tower["per_member"] / stage.u


@pytest.fixture
def bound(stage, pool, keeper):
    """The first second of cover; 35 are ceded: 535 in funds."""
    stage.start()
    pool.bind_reinsurance({"from": keeper})


@pytest.mark.spec("V7")
def test_tower(lens, stage, pool, bound):
    """Premium / limit; what is partly filled got premium in proportion, and has the same rate."""
    assert rows(lens, stage) == [(535, 300, 1000), (835, 100, 500)]
    assert collectable(lens, stage) == (935, 935 / 6)
    for number, row in enumerate(lens.tower(pool)["layers"], 1):
        assert row["layer"] == pool.layer(number)


def test_tower__while_the_pool_enrols(lens, stage):
    """As if cover began now: 35 would be ceded."""
    assert rows(lens, stage) == [(535, 300, 1000), (835, 100, 500)]
    assert collectable(lens, stage)[0] == 935


@pytest.mark.spec("V7")
def test_tower__collectable__is_what_can_be_paid(lens, stage, claimant):
    """To the unit, also before the premium is ceded: the award cedes it first."""
    stage.start()
    most = lens.tower(stage.pool)["collectable"]
    assert most == 935 * stage.u
    stage.decide(stage.file(claimant, most), 10)
    assert stage.pool.claim(1)["paid"] == most
    assert collectable(lens, stage) == (0, 0)


@pytest.mark.spec("V7")
def test_tower__one_unit_more_than_collectable__waits(lens, stage, claimant, bound):
    stage.decide(stage.file(claimant, lens.tower(stage.pool)["collectable"] + 1), 10)
    assert stage.pool.claim(1)["paid"] == 0


@pytest.mark.spec("V7")
def test_tower__drawn(lens, stage, claimant, donor, bound):
    """What is left of layers, and where each begins for the next loss."""
    stage.decide(stage.file(claimant, 600 * stage.u), 10)
    assert rows(lens, stage) == [(0, 235, 1000), (235, 100, 500)]
    stage.decide(stage.file(claimant, 300 * stage.u), 10)
    assert rows(lens, stage) == [(0, 0, 1000), (0, 35, 500)]
    stage.pool.donate(70 * stage.u, stage.pay(donor, 70 * stage.u))
    assert rows(lens, stage) == [(0, 5, 1000), (5, 100, 500)]
    assert collectable(lens, stage)[0] == 105


def test_tower__rate_on_line__once_ceded__is_of_what_was_ceded(
    lens, make_stage, members, reinsurer, keeper
):
    """The cap of 60 leaves 40 of 100 and 20 of 50."""
    stage = make_stage(members, **reinsured(10**16, (300, 200), (100, 50)))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 200 * stage.u, 2)
    assert [row[2] for row in rows(lens, stage)] == [3333, 2500]
    stage.start()
    stage.pool.bind_reinsurance({"from": keeper})
    assert [row[2] for row in rows(lens, stage)] == [1333, 1000]


def test_tower__rate_on_line__of_an_empty_layer(lens, make_stage, members, reinsurer, keeper):
    """It got nothing: what the terms offered."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 200 * stage.u, 2)
    stage.start()
    stage.pool.bind_reinsurance({"from": keeper})
    assert [row[2] for row in rows(lens, stage)] == [1000, 500]


def test_tower__rate_on_line__of_what_was_rounded_to_nothing(
    lens, make_stage, members, reinsurer, keeper
):
    """One unit of collateral got a tenth of one."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 1)
    stage.start()
    assert rows(lens, stage)[0][2] == 1000
    stage.pool.bind_reinsurance({"from": keeper})
    assert rows(lens, stage)[0][2] == 0


def test_tower__settled(lens, stage, bound):
    """Nothing is left to pay."""
    stage.settle()
    assert rows(lens, stage) == [(0, 0, 1000), (0, 0, 500)]
    assert collectable(lens, stage) == (0, 0)


@pytest.mark.spec("R11")
def test_tower__cancelled(lens, make_stage, claimant, reinsurer):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    assert [row[:2] for row in rows(lens, stage)] == [(0, 0), (0, 0)]
    assert collectable(lens, stage) == (0, 0)


def test_tower__without_layers(lens, make_stage, members):
    stage = make_stage(members)
    assert rows(lens, stage) == []
    assert collectable(lens, stage) == (570, 95)


def test_tower__without_members(lens, make_stage, donor):
    stage = make_stage((), **reinsured(10**16))
    stage.pool.donate(7 * stage.u, stage.pay(donor, 7 * stage.u))
    assert collectable(lens, stage) == (7, 0)


def test_tower__per_member_is_rounded_down(lens, make_stage, members, donor):
    stage = make_stage(members[:3])
    stage.pool.donate(1, stage.pay(donor, 1))
    assert lens.tower(stage.pool)["per_member"] == 95 * stage.u


def test_tower__in_run_off(lens, stage, bound):
    """Claims are still paid."""
    at(stage.terms.expiry)
    assert collectable(lens, stage)[0] == 935
    assert lens.tower(stage.pool)["layers"][0]["layer"]["reinsurer"] == ZERO_ADDRESS
