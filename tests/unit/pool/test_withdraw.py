"""Pulling credits, fees and commissions, to any address."""

import pytest
from brownie import ZERO_ADDRESS

from .. import on_every_asset
from ..clock import at
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("S6", "V2")
@on_every_asset
def test_withdraw(stage, pool, organiser, heir):
    stage.start()
    had = stage.balance(heir)
    funds, held = stage.pots()
    assert pool.withdraw.call(heir, {"from": organiser}) == 30 * stage.u
    receipt = pool.withdraw(heir, {"from": organiser})
    assert names(receipt) == ["Withdrawn"]
    assert only(receipt, "Withdrawn") == {
        "account": organiser,
        "receiver": heir,
        "amount": 30 * stage.u,
    }
    assert stage.balance(heir) - had == 30 * stage.u
    assert stage.pots() == (funds, held - 30 * stage.u)
    assert pool.earnings_of(organiser) == 0


def test_withdraw__commission(make_stage, members, claimant, referrer, organiser, heir):
    stage = make_stage(members[1:4])
    stage.join(claimant, referrer=referrer)
    stage.start()
    receipt = stage.pool.withdraw(heir, {"from": referrer})
    assert only(receipt, "Withdrawn")["amount"] == 3 * stage.u
    assert stage.pool.earnings_of(organiser) == 20 * stage.u


def test_withdraw__fee_and_commission_of_one_account(make_stage, members, organiser, heir):
    stage = make_stage(members[1:4])
    stage.join(members[0], referrer=organiser)
    stage.start()
    assert stage.pool.earnings_of(organiser) == 23 * stage.u
    receipt = stage.pool.withdraw(heir, {"from": organiser})
    assert only(receipt, "Withdrawn")["amount"] == 23 * stage.u
    assert stage.pots()[1] == 0


@pytest.mark.spec("S6")
def test_withdraw__credit_and_commission_together(
    make_stage, members, deployer, WalletThatRejects, payer, heir
):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members[1:5])
    stage.join(members[0], referrer=wallet)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.decide(stage.file(wallet, 50 * stage.u), 10)
    had = heir.balance()
    receipt = stage.act(wallet, stage.pool.withdraw, heir.address)
    assert only(receipt, "Withdrawn") == {
        "account": wallet,
        "receiver": heir,
        "amount": 58 * stage.u,
    }
    assert heir.balance() - had == 58 * stage.u
    assert stage.pool.credit_of(wallet) == stage.pool.earnings_of(wallet) == 0


def test_withdraw__more_fees_later(stage, pool, organiser, late_joiner, heir):
    stage.start()
    pool.withdraw(heir, {"from": organiser})
    stage.join(late_joiner)
    receipt = pool.withdraw(heir, {"from": organiser})
    assert only(receipt, "Withdrawn")["amount"] == 5 * stage.u


@pytest.mark.spec("S5")
def test_withdraw__credit_before_cover_start(
    make_stage, claimant, neighbour, deployer, WalletThatRejects, heir
):
    """A credit is due at once; the fees of others wait."""
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage([neighbour])
    args = (*stage.sign(claimant), ZERO_ADDRESS)
    stage.act(wallet, stage.pool.join, *args, value=100 * stage.u)
    stage.pool.leave({"from": claimant})
    stage.act(wallet, stage.pool.withdraw, heir.address)
    assert stage.pots() == (95 * stage.u, 5 * stage.u)


@pytest.mark.spec("S5")
def test_withdraw__credit_in_a_cancelled_pool(
    make_stage, claimant, deployer, WalletThatRejects, heir, keeper
):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage()
    args = (*stage.sign(claimant), ZERO_ADDRESS)
    stage.act(wallet, stage.pool.join, *args, value=100 * stage.u)
    stage.start()
    stage.pool.refund(claimant, {"from": keeper})
    assert stage.pool.credit_of(wallet) == 100 * stage.u
    stage.act(wallet, stage.pool.withdraw, heir.address)
    assert stage.pots() == (0, 0)


def test_withdraw__after_settlement(stage, pool, organiser, heir):
    stage.settle()
    pool.withdraw(heir, {"from": organiser})
    assert stage.pots()[1] == 0


@pytest.mark.spec("S5")
def test_withdraw__receiver_is_the_zero_address__reverts(stage, pool, organiser):
    stage.start()
    refuses(
        "withdraw: receiver is the zero address", pool.withdraw, ZERO_ADDRESS, {"from": organiser}
    )


@pytest.mark.spec("S7")
@pytest.mark.parametrize("role", ["outsider", "claimant", "cause", "payer"])
def test_withdraw__nothing_owed__reverts(stage, pool, request, heir, role):
    stage.start()
    who = request.getfixturevalue(role)
    refuses("withdraw: nothing owed", pool.withdraw, heir, {"from": who})


@pytest.mark.spec("S7")
def test_withdraw__twice__reverts(stage, pool, organiser, heir):
    stage.start()
    pool.withdraw(heir, {"from": organiser})
    refuses("withdraw: nothing owed", pool.withdraw, heir, {"from": organiser})


@pytest.mark.spec("S6")
def test_withdraw__last_second_before_cover_start__reverts(stage, pool, organiser, heir):
    at(stage.terms.cover_start - 1)
    assert pool.earnings_of(organiser) == 30 * stage.u
    refuses("withdraw: nothing owed", pool.withdraw, heir, {"from": organiser})


@pytest.mark.spec("S6")
@pytest.mark.parametrize("role", ["organiser", "referrer"])
def test_withdraw__pool_is_cancelled__reverts(make_stage, claimant, referrer, request, heir, role):
    stage = make_stage()
    stage.join(claimant, referrer=referrer)
    stage.start()
    who = request.getfixturevalue(role)
    refuses("withdraw: nothing owed", stage.pool.withdraw, heir, {"from": who})


@pytest.mark.spec("S8")
@pytest.mark.parametrize(
    "kind", ["WalletThatRejects", "WalletThatBurnsGas", "WalletThatReturnsABomb"]
)
def test_withdraw__transfer_failed__reverts(stage, pool, request, deployer, organiser, heir, kind):
    """Nothing is lost: the same can be pulled to another address."""
    wallet = deployer.deploy(request.getfixturevalue(kind))
    stage.start()
    refuses(
        "withdraw: transfer failed",
        pool.withdraw,
        wallet,
        {"from": organiser, "gas_limit": 1_000_000},
    )
    receipt = pool.withdraw(heir, {"from": organiser})
    assert only(receipt, "Withdrawn")["amount"] == 30 * stage.u


@pytest.mark.spec("S8")
def test_withdraw__token_is_paused__reverts(
    make_stage, make_token, TokenThatPauses, members, organiser, heir, keeper
):
    stage = make_stage(members[:3], make_token(TokenThatPauses))
    stage.start()
    stage.asset.token.pause(True, {"from": keeper})
    refuses("withdraw: transfer failed", stage.pool.withdraw, heir, {"from": organiser})
    stage.asset.token.pause(False, {"from": keeper})
    stage.pool.withdraw(heir, {"from": organiser})
    assert stage.balance(heir) == 15 * stage.u


@pytest.mark.spec("S8")
def test_withdraw__receiver_that_needs_much_gas(stage, pool, deployer, WalletThatSpends, organiser):
    """Pulling gives all the gas there is, where a payment gives 100,000."""
    wallet = deployer.deploy(WalletThatSpends)
    stage.start()
    pool.withdraw(wallet, {"from": organiser})
    assert wallet.balance() == 30 * stage.u
