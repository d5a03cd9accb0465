"""Pages of members."""

import pytest
from brownie import ZERO_ADDRESS

from ..refusal import refuses


@pytest.fixture(scope="module")
def lens(core):
    """The lens of the deployment."""
    return core.lens


def ids(rows):
    """Return the ids of the rows, 0 for one who left."""
    return [row["record"]["id"] for row in rows]


def test_members(lens, stage, pool, members):
    stage.settle()
    rows = lens.members(pool, 1, 100)
    assert [row["account"] for row in rows] == members
    for row, person in zip(rows, members, strict=True):
        assert row["record"] == pool.member(person)
        assert row["refund_due"] == pool.refund_due(person) > 0
        assert row["credit"] == 0


def test_members__credit(lens, make_stage, members, deployer, WalletThatRejects, payer, keeper):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members[:2])
    stage.join(wallet, payer=payer)
    stage.settle()
    stage.pool.refund(wallet, {"from": keeper})
    row = lens.members(stage.pool, 3, 1)[0]
    assert row["credit"] == stage.pool.credit_of(wallet) > 0
    assert row["refund_due"] == 0


def test_members__who_left(lens, stage, pool, neighbour):
    pool.leave({"from": neighbour})
    rows = lens.members(pool, 1, 6)
    assert ids(rows) == [1, 0, 3, 4, 5, 6]
    assert rows[1]["account"] == ZERO_ADDRESS


@pytest.mark.spec("V3")
@pytest.mark.parametrize(
    "first, count, expected",
    [
        (1, 0, []),
        (1, 3, [1, 2, 3]),
        (4, 100, [4, 5, 6]),
        (6, 1, [6]),
        (7, 100, []),
        (0, 100, []),
        (2**256 - 1, 100, []),
    ],
)
def test_members__pages(lens, pool, first, count, expected):
    assert ids(lens.members(pool, first, count)) == expected


def test_members__of_an_empty_pool(lens, make_stage):
    assert lens.members(make_stage().pool, 1, 100) == ()


@pytest.mark.spec("V3")
@pytest.mark.parametrize("count", [101, 2**256 - 1])
def test_members__more_than_100__reverts(lens, pool, count):
    refuses("lens: more than 100", lens.members, pool, 1, count)
