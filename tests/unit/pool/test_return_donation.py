"""A cancelled pool gives donations back."""

import pytest

from .. import on_every_asset
from ..clock import YEAR, at
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, claimant, donor):
    """A pool with one member and a donation, which cover_start will cancel."""
    stage = make_stage([claimant])
    stage.pool.donate(8 * stage.u, stage.pay(donor, 8 * stage.u))
    yield stage
    stages.remove(stage)


@pytest.mark.spec("M14", "V2")
@on_every_asset
def test_return_donation(stage, pool, donor, keeper):
    stage.start()
    before = stage.balance(donor)
    funds, held = stage.pots()
    receipt = pool.return_donation(donor, {"from": keeper})
    assert names(receipt) == ["DonationReturned"]
    assert only(receipt, "DonationReturned") == {"donor": donor, "amount": 8 * stage.u}
    assert stage.balance(donor) - before == 8 * stage.u
    assert stage.pots() == (funds - 8 * stage.u, held)
    assert pool.donation_of(donor) == 0


def test_return_donation__premiums_can_be_refunded_too(stage, pool, donor, claimant, keeper):
    stage.start()
    pool.return_donation(donor, {"from": keeper})
    pool.refund(claimant, {"from": keeper})
    assert stage.pots() == (0, 0)


@pytest.mark.spec("S1")
def test_return_donation__donor_cannot_take_it(make_stage, deployer, WalletThatRejects, keeper):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage()
    stage.act(wallet, stage.pool.donate, 5, value=5)
    stage.start()
    receipt = stage.pool.return_donation(wallet, {"from": keeper})
    assert names(receipt) == ["DonationReturned", "Credited"]
    assert stage.pool.credit_of(wallet) == 5


@pytest.mark.spec("M14")
def test_return_donation__last_second_of_enrolment__reverts(stage, pool, donor, keeper):
    at(stage.terms.cover_start - 1)
    refuses("donation: pool is not cancelled", pool.return_donation, donor, {"from": keeper})


@pytest.mark.spec("M14")
def test_return_donation__pool_is_active__reverts(make_stage, members, donor, keeper):
    stage = make_stage(members[:3])
    stage.pool.donate(1, {"from": donor, "value": 1})
    stage.start()
    refuses("donation: pool is not cancelled", stage.pool.return_donation, donor, {"from": keeper})


@pytest.mark.spec("M15")
def test_return_donation__twice__reverts(stage, pool, donor, keeper):
    stage.start()
    pool.return_donation(donor, {"from": keeper})
    refuses("donation: nothing to return", pool.return_donation, donor, {"from": keeper})


@pytest.mark.spec("M15")
@pytest.mark.parametrize("role", ["outsider", "claimant"])
def test_return_donation__gave_nothing__reverts(stage, pool, request, keeper, role):
    stage.start()
    who = request.getfixturevalue(role)
    refuses("donation: nothing to return", pool.return_donation, who, {"from": keeper})


@pytest.mark.spec("X4")
def test_return_donation__swept__reverts(stage, pool, donor, keeper):
    stage.start(YEAR)
    pool.sweep({"from": keeper})
    refuses("donation: nothing to return", pool.return_donation, donor, {"from": keeper})
