"""Refunds pushed in batches."""

import pytest

from .. import on_every_asset, rules
from ..refusal import refuses
from ..stage import names


def refunds(receipt):
    """Return (member, amount) of each refund in a receipt."""
    if "Refunded" not in receipt.events:
        return []
    return [(event["member"], event["amount"]) for event in receipt.events["Refunded"]]


@pytest.mark.spec("E10")
@on_every_asset
def test_refund_many(stage, pool, members, keeper):
    stage.settle()
    each = rules.refund(100 * stage.u, 513 * stage.u, 600 * stage.u)
    before = [stage.balance(person) for person in members]
    assert pool.refund_many.call(1, 500, {"from": keeper}) == 6 * each
    receipt = pool.refund_many(1, 500, {"from": keeper})
    assert refunds(receipt) == [(person, each) for person in members]
    assert [stage.balance(person) for person in members] == [had + each for had in before]
    assert stage.pots()[0] == 513 * stage.u - 6 * each


@pytest.mark.spec("E10")
def test_refund_many__in_pages(stage, pool, members, keeper):
    stage.settle()
    for first, count, expected in ((1, 2, members[:2]), (3, 3, members[2:5]), (6, 1, members[5:])):
        receipt = pool.refund_many(first, count, {"from": keeper})
        assert [member for member, _ in refunds(receipt)] == expected


@pytest.mark.spec("L3", "E10")
def test_refund_many__skips_who_has_it_or_left(make_stage, members, neighbour, voter, keeper):
    stage = make_stage(members)
    stage.pool.leave({"from": neighbour})
    stage.settle()
    stage.pool.refund(voter, {"from": keeper})
    receipt = stage.pool.refund_many(1, 6, {"from": keeper})
    rest = [person for person in members if person not in (neighbour, voter)]
    assert [member for member, _ in refunds(receipt)] == rest


def test_refund_many__twice_does_nothing(stage, pool, keeper):
    stage.settle()
    pool.refund_many(1, 6, {"from": keeper})
    assert pool.refund_many.call(1, 6, {"from": keeper}) == 0
    assert names(pool.refund_many(1, 6, {"from": keeper})) == []


@pytest.mark.parametrize("first, count", [(0, 1), (7, 500), (1, 0), (2**200, 500)])
def test_refund_many__nobody_there(stage, pool, keeper, first, count):
    stage.settle()
    assert pool.refund_many.call(first, count, {"from": keeper}) == 0


def test_refund_many__cancelled(make_stage, claimant, neighbour, payer, keeper):
    stage = make_stage([neighbour])
    stage.join(claimant, payer=payer)
    stage.start()
    receipt = stage.pool.refund_many(1, 10, {"from": keeper})
    assert [event["payer"] for event in receipt.events["PremiumReturned"]] == [neighbour, payer]
    assert stage.pots() == (0, 0)


@pytest.mark.spec("S3")
@pytest.mark.parametrize(
    "kind", ["WalletThatRejects", "WalletThatBurnsGas", "WalletThatReturnsABomb"]
)
def test_refund_many__one_who_cannot_take_it_stops_nobody(
    make_stage, request, deployer, members, payer, keeper, kind
):
    wallet = deployer.deploy(request.getfixturevalue(kind))
    stage = make_stage(members[:2])
    stage.join(wallet, payer=payer)
    stage.join(members[2])
    stage.settle()
    had = [person.balance() for person in members[:3]]
    receipt = stage.pool.refund_many(1, 4, {"from": keeper})
    assert len(refunds(receipt)) == 4
    assert stage.pool.credit_of(wallet) == refunds(receipt)[2][1]
    assert all(person.balance() > before for person, before in zip(members[:3], had, strict=True))


@pytest.mark.spec("E10")
def test_refund_many__more_than_500__reverts(stage, pool, keeper):
    stage.settle()
    refuses("refund: more than 500", pool.refund_many, 1, 501, {"from": keeper})


def test_refund_many__pool_is_not_settled__reverts(stage, pool, keeper):
    stage.after_reporting()
    refuses("refund: pool is not settled", pool.refund_many, 1, 6, {"from": keeper})
