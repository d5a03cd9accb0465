"""Money given to the pool by anybody."""

import pytest

from .. import on_every_asset, rules
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("M12")
@on_every_asset
def test_donate(stage, pool, donor):
    funds, held = stage.pots()
    receipt = pool.donate(7 * stage.u, stage.pay(donor, 7 * stage.u))
    assert names(receipt) == ["Donated"]
    assert only(receipt, "Donated") == {"donor": donor, "amount": 7 * stage.u}
    assert stage.pots() == (funds + 7 * stage.u, held)
    assert pool.donation_of(donor) == 7 * stage.u


def test_donate__twice(stage, pool, donor):
    for amount in (1, 2):
        pool.donate(amount, {"from": donor, "value": amount})
    assert pool.donation_of(donor) == 3


def test_donate__last_second_before_cover_start(stage, pool, donor):
    at(stage.terms.cover_start - 1)
    pool.donate(1, {"from": donor, "value": 1})
    assert pool.donation_of(donor) == 1


@pytest.mark.spec("M12", "M15")
def test_donate__once_cover_has_started(stage, pool, donor):
    funds, held = stage.pots()
    at(stage.terms.cover_start)
    receipt = pool.donate(5, {"from": donor, "value": 5})
    assert names(receipt) == ["Donated"]
    assert pool.donation_of(donor) == 0
    assert stage.pots() == (funds + 5, held)


@pytest.mark.spec("M12")
def test_donate__in_run_off(stage, pool, donor):
    funds, held = stage.pots()
    at(stage.terms.expiry)
    pool.donate(5, {"from": donor, "value": 5})
    assert stage.pots() == (funds + 5, held)


@pytest.mark.spec("M10", "M12")
def test_donate__once_settled_is_shared(stage, pool, donor, cause, claimant):
    stage.settle()
    due = pool.refund_due(claimant)
    cause_had = cause.balance()
    funds, held = stage.pots()
    amount = 60 * stage.u
    receipt = pool.donate(amount, {"from": donor, "value": amount})
    assert names(receipt) == ["Donated", "Shared"]
    assert only(receipt, "Shared") == {"to_cause": 6 * stage.u, "to_members": 54 * stage.u}
    assert cause.balance() - cause_had == 6 * stage.u
    assert stage.pots() == (funds + 54 * stage.u, held)
    assert pool.refund_due(claimant) - due == 9 * stage.u
    assert pool.summary()["shared_at"] == receipt.timestamp


@pytest.mark.spec("M9")
def test_donate__unpaid_awards_come_first(make_stage, members, claimant, donor):
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": stage.keeper})
    unpaid = 900 * stage.u - 570 * stage.u
    funds, held = stage.pots()
    amount = unpaid + 20 * stage.u
    receipt = stage.pool.donate(amount, {"from": donor, "value": amount})
    assert names(receipt) == ["Donated", "MadeUp"]
    assert only(receipt, "MadeUp") == {"amount": unpaid}
    assert stage.pots() == (funds + 20 * stage.u, held + unpaid)
    assert stage.pool.summary()["unpaid"] == 0


def test_donate__smallest_amount_once_settled(stage, pool, donor):
    stage.settle()
    receipt = pool.donate(1, {"from": donor, "value": 1})
    assert only(receipt, "Shared") == {
        "to_cause": rules.to_cause(stage.terms, 1),
        "to_members": 1,
    }


@pytest.mark.spec("M12")
def test_donate__pool_is_cancelled__reverts(make_stage, claimant, donor):
    stage = make_stage([claimant])
    stage.start()
    refuses("donate: pool is cancelled", stage.pool.donate, 1, {"from": donor, "value": 1})


@pytest.mark.spec("M12")
def test_donate__nothing__reverts(stage, pool, donor):
    refuses("donate: nothing", pool.donate, 0, {"from": donor})


@pytest.mark.spec("M7")
@pytest.mark.parametrize("value", [0, 9, 11])
def test_donate__wrong_value__reverts(stage, pool, donor, value):
    refuses("value: wrong amount", pool.donate, 10, {"from": donor, "value": value})


def test_donate__ether_for_a_token_pool__reverts(make_stage, make_token, Token, donor):
    stage = make_stage(money=make_token(Token))
    stage.pay(donor, 10)
    refuses("value: pool takes a token", stage.pool.donate, 10, {"from": donor, "value": 10})


def test_donate__no_allowance__reverts(make_stage, make_token, Token, deployer, donor):
    stage = make_stage(money=make_token(Token))
    stage.asset.token.mint(donor, 10, {"from": deployer})
    refuses("token: transfer failed", stage.pool.donate, 10, {"from": donor})


@pytest.mark.spec("M8")
def test_donate__token_takes_a_fee__reverts(make_stage, make_token, TokenThatTakesAFee, donor):
    stage = make_stage(money=make_token(TokenThatTakesAFee))
    refuses("token: received another amount", stage.pool.donate, 100, stage.pay(donor, 100))


@pytest.mark.spec("M13")
def test_donate__most_that_fits(make_stage, make_token, Token, deployer, donor):
    stage = make_stage(money=make_token(Token))
    stage.asset.token.mint(donor, 2**126, {"from": deployer})
    stage.asset.token.approve(stage.pool, 2**126, {"from": donor})
    refuses("money: too much", stage.pool.donate, 2**126, {"from": donor})
    stage.pool.donate(2**126 - 1, {"from": donor})
    assert stage.pots() == (2**126 - 1, 0)
    refuses("money: too much", stage.pool.donate, 1, {"from": donor})


@pytest.mark.spec("M16")
def test_donate__to_the_implementation__reverts(implementation, donor):
    refuses("pool: is an implementation", implementation.donate, 1, {"from": donor, "value": 1})


@pytest.mark.spec("M9")
def test_donate__layers_that_have_paid_come_before_the_funds(
    make_stage, members, claimant, donor, reinsurer
):
    """30 were ceded; of 640 asked funds paid 540 and the layer 100."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.decide(stage.file(claimant, 640 * stage.u), 10)
    held = stage.pots()[1]
    receipt = stage.pool.donate(99 * stage.u, stage.pay(donor, 99 * stage.u))
    assert names(receipt) == ["Donated", "LayersRepaid"]
    assert stage.pots() == (0, held + 99 * stage.u)
    receipt = stage.pool.donate(3 * stage.u, stage.pay(donor, 3 * stage.u))
    assert only(receipt, "LayersRepaid") == {"amount": stage.u}
    assert stage.pots() == (2 * stage.u, held + 100 * stage.u)
    receipt = stage.pool.donate(1, stage.pay(donor, 1))
    assert names(receipt) == ["Donated"]
    assert stage.pool.donation_of(donor) == 0


def test_donate__before_cover_start__is_no_collateral(make_stage, claimant, donor, reinsurer):
    """It comes back if the pool is cancelled, and the reinsurer's does as well."""
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 10)
    stage.pool.donate(7, {"from": donor, "value": 7})
    stage.start()
    receipt = stage.pool.return_donation(donor, {"from": donor})
    assert only(receipt, "DonationReturned")["amount"] == 7
    assert stage.pool.layer(1)["assets"] == 10
