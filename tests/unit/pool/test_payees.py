"""Payees and tokens that do not take money: it becomes a credit, and stops nobody else (rule 4)."""

import pytest
from brownie import ZERO_ADDRESS
from brownie.exceptions import VirtualMachineError

from ..clock import YEAR, at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only

WALLETS = ["WalletThatRejects", "WalletThatBurnsGas", "WalletThatReturnsABomb", "WalletThatSpends"]


@pytest.fixture(params=WALLETS)
def wallet(request, deployer):
    """A wallet that takes no payment of 100,000 gas."""
    return deployer.deploy(request.getfixturevalue(request.param))


@pytest.mark.spec("S1")
def test_award__wallet_cannot_take_it(make_stage, members, wallet, payer, heir):
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    receipt = stage.decide(stage.file(wallet, 100 * stage.u), 10)
    assert only(receipt, "AwardPaid")["amount"] == 100 * stage.u
    assert only(receipt, "Credited") == {"account": wallet, "amount": 105 * stage.u}
    assert receipt.gas_used < 600_000  # its own costs, and 100,000 for the payee
    stage.act(wallet, stage.pool.withdraw, heir.address)
    assert stage.pool.credit_of(wallet) == 0


def test_bond__wallet_cannot_take_it(make_stage, members, wallet, payer, keeper):
    """A lapsed claim: the bond waits as a credit, and the member can claim again."""
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.file(wallet, 100 * stage.u)
    at(stage.window_end(1))
    receipt = stage.pool.resolve(1, {"from": keeper})
    assert only(receipt, "Credited")["amount"] == 5 * stage.u
    assert stage.file(wallet, 100 * stage.u) == 2


@pytest.mark.spec("S1")
def test_cause__wallet_cannot_take_it(make_stage, members, wallet, keeper):
    stage = make_stage(members[:3], cause=wallet.address)
    stage.settle()
    assert stage.pool.credit_of(wallet) == 285 * stage.u // 10
    stage.pool.refund_many(1, 3, {"from": keeper})
    assert stage.pots()[0] == 0


@pytest.mark.spec("S1")
def test_payer__wallet_cannot_take_it(make_stage, claimant, neighbour, wallet, keeper):
    """Cancelled, with a payer that is no member and cannot be paid."""
    stage = make_stage([neighbour])
    args = (*stage.sign(claimant), ZERO_ADDRESS)
    stage.act(wallet, stage.pool.join, *args, value=100 * stage.u)
    stage.start()
    receipt = stage.pool.refund_many(1, 2, {"from": keeper})
    assert names(receipt) == ["PremiumReturned", "PremiumReturned", "Credited"]
    assert stage.pool.credit_of(wallet) == 100 * stage.u
    assert stage.pots() == (0, 100 * stage.u)


@pytest.mark.spec("S4")
def test_credits_add_up(make_stage, members, deployer, WalletThatRejects, payer, heir):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    for _ in range(2):
        stage.decide(stage.file(wallet, 50 * stage.u), 10)
    assert stage.pool.credit_of(wallet) == 110 * stage.u
    wallet.reject(False, {"from": payer})
    receipt = stage.act(wallet, stage.pool.withdraw, wallet.address)
    assert only(receipt, "Withdrawn")["amount"] == wallet.balance() == 110 * stage.u


# --- tokens


@pytest.fixture
def blocking(make_stage, make_token, TokenThatBlocks, members):
    """An active pool in a token that can block accounts."""
    stage = make_stage(members, make_token(TokenThatBlocks))
    stage.start()
    return stage


@pytest.mark.spec("S3", "S5")
def test_award__claimant_is_blocked(blocking, claimant, neighbour, heir, keeper):
    stage, pool = blocking, blocking.pool
    for person in (claimant, neighbour):
        stage.file(person, 100 * stage.u)
    stage.asset.token.block(claimant, True, {"from": keeper})
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "AwardPaid", "Credited"]
    had = stage.balance(neighbour)
    stage.decide(2, 10)
    assert stage.balance(neighbour) - had == 105 * stage.u
    refuses("withdraw: transfer failed", pool.withdraw, claimant, {"from": claimant})
    pool.withdraw(heir, {"from": claimant})
    assert stage.balance(heir) == 105 * stage.u


def test_refund__member_is_blocked(blocking, claimant, members, keeper):
    stage = blocking
    stage.asset.token.block(claimant, True, {"from": keeper})
    stage.settle()
    receipt = stage.pool.refund_many(1, 6, {"from": keeper})
    assert only(receipt, "Credited")["account"] == claimant
    assert len(receipt.events["Refunded"]) == 6


def test_leave__payer_is_blocked(
    make_stage, make_token, TokenThatBlocks, claimant, payer, heir, keeper
):
    stage = make_stage(money=make_token(TokenThatBlocks))
    stage.join(claimant, payer=payer)
    stage.asset.token.block(payer, True, {"from": keeper})
    stage.pool.leave({"from": claimant})
    assert stage.pool.credit_of(payer) == 100 * stage.u
    stage.pool.withdraw(heir, {"from": payer})
    assert stage.balance(heir) == 100 * stage.u


@pytest.mark.spec("S1")
@pytest.mark.parametrize("kind", ["TokenThatPauses", "TokenThatReturnsFalse"])
def test_award__token_fails(make_stage, make_token, request, members, claimant, keeper, kind):
    """By reverting, or without: a credit, which can be pulled when the token works again."""
    stage = make_stage(members, make_token(request.getfixturevalue(kind)))
    stage.start()
    stage.file(claimant, 100 * stage.u)
    stage.vote(1, 10)
    token = stage.asset.token
    switch = token.pause if kind == "TokenThatPauses" else token.fail
    switch(True, {"from": keeper})
    receipt = stage.pool.resolve(1, {"from": keeper})
    assert only(receipt, "Credited") == {"account": claimant, "amount": 105 * stage.u}
    refuses("withdraw: transfer failed", stage.pool.withdraw, claimant, {"from": claimant})
    switch(False, {"from": keeper})
    had = stage.balance(claimant)
    stage.pool.withdraw(claimant, {"from": claimant})
    assert stage.balance(claimant) - had == 105 * stage.u


def test_award__token_returns_nothing(
    make_stage, make_token, TokenThatReturnsNothing, members, claimant
):
    stage = make_stage(members, make_token(TokenThatReturnsNothing))
    stage.start()
    had = stage.balance(claimant)
    stage.pay(claimant, 5 * stage.u)
    stage.decide(stage.file(claimant, 100 * stage.u), 10)
    assert stage.balance(claimant) - had == 100 * stage.u
    assert stage.pool.credit_of(claimant) == 0


@pytest.mark.spec("S3")
def test_settle__token_is_paused(make_stage, make_token, TokenThatPauses, members, cause, keeper):
    """Nothing stands still: the pool is settled, and everything can be pulled later."""
    stage = make_stage(members[:3], make_token(TokenThatPauses))
    stage.asset.token.pause(True, {"from": keeper})
    stage.settle()
    stage.pool.refund_many(1, 3, {"from": keeper})
    assert stage.pool.credit_of(cause) == 285 * stage.u // 10
    assert stage.pool.credit_of(members[0]) == 855 * stage.u // 10
    stage.asset.token.pause(False, {"from": keeper})
    stage.pool.withdraw(members[0], {"from": members[0]})


# --- gas


def outcomes(method, *args):
    """Return what the call says with ever more gas, each answer once in a row.

    Left out is what it says when it runs out of gas: nothing.
    """
    answers = []
    for gas in range(60_000, 600_000, 15_000):
        try:
            method.call(*args[:-1], args[-1] | {"gas": gas})
            answer = "done"
        except VirtualMachineError as error:
            answer = error.revert_msg
        except ValueError:
            continue
        if answer not in (None, "Unknown typed error: 0x", *answers[-1:]):
            answers.append(answer)
    return answers


STINGY = ["gas: too little for the transfer", "done"]


@pytest.mark.spec("S2")
def test_leave__gas_too_little_for_the_transfer__reverts(stage, pool, claimant):
    """Whoever is stingy with gas cannot make a credit of a payment; so for all that pay."""
    assert outcomes(pool.leave, {"from": claimant}) == STINGY


@pytest.mark.spec("S2")
def test_resolve__gas_too_little_for_the_transfer__reverts(stage, pool, claimant, keeper):
    stage.start()
    stage.file(claimant, 100 * stage.u)
    stage.vote(1, 10)
    assert outcomes(pool.resolve, 1, {"from": keeper}) == STINGY


def test_pay_award__gas_too_little_for_the_transfer__reverts(stage, pool, claimant, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    assert outcomes(pool.pay_award, 1, {"from": keeper}) == STINGY


def test_settle__gas_too_little_for_the_transfer__reverts(stage, pool, keeper):
    stage.after_reporting()
    assert outcomes(pool.settle, {"from": keeper}) == STINGY


def test_refund__gas_too_little_for_the_transfer__reverts(stage, pool, claimant, keeper):
    stage.settle()
    assert outcomes(pool.refund, claimant, {"from": keeper}) == STINGY


def test_refund_many__gas_too_little_for_the_transfer__reverts(stage, pool, keeper):
    stage.settle()
    assert outcomes(pool.refund_many, 1, 6, {"from": keeper}) == STINGY


def test_sweep__gas_too_little_for_the_transfer__reverts(stage, pool, keeper):
    stage.settle()
    stage.start(3 * YEAR)
    assert outcomes(pool.sweep, {"from": keeper}) == STINGY


def test_return_donation__gas_too_little_for_the_transfer__reverts(make_stage, donor, keeper):
    stage = make_stage()
    stage.pool.donate(1, {"from": donor, "value": 1})
    stage.start()
    assert outcomes(stage.pool.return_donation, donor, {"from": keeper}) == STINGY


def test_absorb_layer__gas_too_little_for_the_transfer__reverts(
    make_stage, members, claimant, donor, reinsurer, keeper
):
    """What lay in a layer without shares pays the cause its part."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.decide(stage.file(claimant, 600 * stage.u), 10)
    stage.settle()
    stage.layer().redeem(300 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    stage.pool.recover(1, 50 * stage.u, stage.pay(donor, 50 * stage.u))
    assert outcomes(stage.pool.absorb_layer, 1, {"from": keeper}) == STINGY


def test_donate__gas_too_little_for_the_transfer__reverts(stage, pool, donor):
    """Once settled, a donation pays the cause."""
    stage.settle()
    assert outcomes(pool.donate, 100, {"from": donor, "value": 100}) == STINGY
