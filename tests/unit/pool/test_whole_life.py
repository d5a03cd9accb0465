"""A pool from the first premium to the last unit, in every kind of asset."""

import pytest

from .. import on_every_asset
from ..clock import DAY, at
from ..layers import reinsured
from ..stage import only


@pytest.fixture(scope="module")
def stage(make_stage):
    """A pool that nobody has joined yet."""
    return make_stage(claim_free_refund=True)


@pytest.mark.spec("E12", "I8")
@on_every_asset
def test_whole_life(
    stage, pool, members, payer, late_joiner, donor, cause, referrer, organiser, heir, keeper
):
    u = stage.u
    for person in (*members, payer, late_joiner, donor):
        stage.pay(person, 1)
    # enrolment: one is paid for, one is brought by a referrer, one leaves and comes back
    stage.join(members[0], payer=payer)
    stage.join(members[1], referrer=referrer)
    for person in members[2:]:
        stage.join(person)
    pool.leave({"from": members[5]})
    stage.join(members[5], tier=1, deadline=stage.terms.enrolment_end + 1)
    pool.donate(3 * u, stage.pay(donor, 3 * u))
    assert pool.summary()["premiums"] == 550 * u
    assert stage.pots() == (5225 * u // 10, 305 * u // 10)

    # cover: paid in full, in part, rejected; a shortage, made up in part
    stage.start(DAY)
    stage.join(late_joiner)
    for asked, award in ((100, 10), (100, 4), (100, 0)):
        stage.decide(stage.file(members[0], asked * u), award, stage.voters)
    claims = [stage.file(members[0], 300 * u), stage.file(members[1], 500 * u)]
    for claim_id in claims:
        stage.decide(claim_id, 10, stage.voters)
    at(stage.window_end(0))
    available = only(pool.settle_window(0, {"from": keeper}), "WindowSettled")["available"]
    pool.donate(50 * u, stage.pay(donor, 50 * u))
    for claim_id in claims:
        pool.pay_award(claim_id, {"from": keeper})
    assert pool.summary()["unpaid"] == 800 * u - available - 50 * u

    # the end: the rest is made up, and what is above goes to cause and members
    stage.settle()
    rest = pool.summary()["unpaid"]
    pool.donate(rest + 100 * u, stage.pay(donor, rest + 100 * u))
    for claim_id in claims:
        pool.pay_award(claim_id, {"from": keeper})
    assert [pool.claim(i)["paid"] for i in claims] == [300 * u, 500 * u]
    assert pool.refund_due(members[0]) == pool.refund_due(members[1]) == 0
    pool.refund_many(1, 100, {"from": keeper})
    for account in (organiser, referrer):
        pool.withdraw(heir, {"from": account})
    assert sum(stage.pots()) == stage.balance(pool) < 10
    assert pool.summary()["phase"] == 4


@pytest.mark.spec("I8")
@on_every_asset
def test_whole_life__cancelled(stage, pool, members, payer, donor, referrer, keeper):
    u = stage.u
    for person in members[:2]:
        stage.join(person, payer=payer, referrer=referrer)
    pool.donate(3 * u, stage.pay(donor, 3 * u))
    stage.start()
    had = [stage.balance(person) for person in (payer, donor)]
    pool.refund_many(1, 10, {"from": keeper})
    pool.return_donation(donor, {"from": keeper})
    gained = [stage.balance(p) - h for p, h in zip((payer, donor), had, strict=True)]
    assert gained == [200 * u, 3 * u]
    assert stage.pots() == (0, 0)
    assert stage.balance(pool) == 0


@pytest.fixture(scope="module")
def tower(make_stage, asset):
    """A pool with layers of 300 and 200 that nobody has joined or filled yet."""
    return make_stage(**reinsured(asset.unit))


@pytest.mark.spec("I8")
@on_every_asset
def test_whole_life__with_layers(
    tower, members, late_joiner, donor, organiser, reinsurer, buyer, outsider, keeper
):
    """A catastrophe in the first week, paid by premiums and layers; then the rest of the year."""
    stage, pool, u = tower, tower.pool, tower.u
    for person in members:
        stage.join(person)
    stage.fill(reinsurer, 200 * u, 1)
    stage.fill(buyer, 100 * u, 1)
    stage.fill(reinsurer, 70 * u, 2)

    # 33.5 are ceded; 900 are paid of 536.5 and 370
    stage.start(DAY)
    stage.decide(stage.file(members[0], 900 * u), 10)
    assert stage.drawn() == [300 * u, 635 * u // 10]
    stage.join(late_joiner)
    premium = pool.member(late_joiner)["premium"]
    back = premium - premium * 500 // 10_000
    assert pool.summary()["drawn"] == 3635 * u // 10 - back

    # too much is asked: what layers have left is shared, and made up first by what comes in
    claims = [stage.file(person, 400 * u) for person in (members[1], members[5])]
    for claim_id in claims:
        stage.decide(claim_id, 10)
    at(stage.window_end(0))
    receipt = pool.settle_window(0, {"from": keeper})
    assert only(receipt, "LayersDrawn") == {"amount": 65 * u // 10 + back}
    unpaid = pool.summary()["unpaid"]
    pool.recover(1, unpaid + 100 * u, stage.pay(outsider, unpaid + 100 * u))
    assert stage.drawn() == [270 * u, 0]
    for claim_id in claims:
        pool.pay_award(claim_id, {"from": keeper})
        assert 400 * u - 2 < pool.claim(claim_id)["paid"] <= 400 * u  # rule 14

    # the end: reinsurers sell, redeem, and are repaid before members get anything
    stage.settle()
    stage.layer(1).transfer(buyer, 50 * u, {"from": reinsurer})
    for owner, number, shares in ((reinsurer, 1, 150), (reinsurer, 2, 70)):
        args = (shares * u, outsider, owner, {"from": owner})
        stage.layer(number).redeem(*args)
    pool.donate(300 * u, stage.pay(donor, 300 * u))
    assert pool.summary()["drawn"] == 0
    receipt = stage.layer(1).redeem(150 * u, outsider, buyer, {"from": buyer})
    assert only(receipt, "LayerRedeemed")["amount"] == 300 * u
    pool.refund_many(1, 100, {"from": keeper})
    pool.withdraw(organiser, {"from": organiser})
    assert sum(stage.pots()) == stage.balance(pool) < 10
