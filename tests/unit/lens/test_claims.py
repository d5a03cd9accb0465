"""Pages of claims."""

import pytest

from ..clock import at
from ..refusal import refuses


@pytest.fixture(scope="module")
def lens(core):
    """The lens of the deployment."""
    return core.lens


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, keeper):
    """Three claims: cut, rejected, and open."""
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(members[0], 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    stage.decide(stage.file(members[1], 50 * stage.u), 0)
    stage.file(members[0], 50 * stage.u)
    yield stage
    stages.remove(stage)


def test_claims(lens, pool):
    rows = lens.claims(pool, 1, 100)
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert [row["claim"]["status"] for row in rows] == [2, 3, 1]
    for row in rows:
        assert row["claim"] == pool.claim(row["id"])
        assert row["tally"] == pool.tally(row["id"])
        assert row["award_due"] == pool.award_due(row["id"])
    assert rows[0]["award_due"] > 0


@pytest.mark.spec("V3")
@pytest.mark.parametrize(
    "first, count, expected",
    [(1, 0, []), (1, 2, [1, 2]), (3, 100, [3]), (4, 1, []), (0, 1, []), (2**256 - 1, 100, [])],
)
def test_claims__pages(lens, pool, first, count, expected):
    assert [row["id"] for row in lens.claims(pool, first, count)] == expected


def test_claims__of_an_empty_pool(lens, make_stage):
    assert lens.claims(make_stage().pool, 1, 100) == ()


@pytest.mark.spec("V3")
@pytest.mark.parametrize("count", [101, 2**256 - 1])
def test_claims__more_than_100__reverts(lens, pool, count):
    refuses("lens: more than 100", lens.claims, pool, 1, count)
