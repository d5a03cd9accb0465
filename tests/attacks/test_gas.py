"""Attacks by gas: stingy callers, payees that burn it, answers that cost it (rule 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import DAY, IPOOL, OUTSIDER, TERMS, WITH_CAUSE, Arena
from tests.evm.chain import Reverted
from tests.evm.contract import Contract, _interface, deploy
from tests.evm.signing import address_of

FAIR = 100_000
PICKY = "tests/attacks/Picky.vy"


def execute(a: Arena, wallet: Contract, function: str, *args: Any, value: int = 0) -> None:
    """Make a wallet call the pool."""
    (spec,) = (f for (n, _), f in _interface(IPOOL).functions.items() if n == function)
    if value:
        a.chain.give(OUTSIDER, value)
    wallet.send("execute", a.pool.address, value, spec.encode(args), sender=OUTSIDER, value=value)


def picky(a: Arena) -> Contract:
    return deploy(a.chain, PICKY, sender=OUTSIDER)


def awarded(a: Arena, wallet: Contract) -> None:
    """The wallet's claim is voted on and waits to be resolved."""
    a.create(claim_bond=10)
    m = [a.join(2), a.join(3), a.join(wallet.address, payer=OUTSIDER)]
    a.start()
    execute(a, wallet, "file_claim", 500, a.chain.time, b"\1" * 32, "", value=10)
    a.vote(1, m[:2])


def waiting(a: Arena, wallet: Contract) -> None:
    """The wallet's award was cut and can be paid."""
    a.create()
    m = [a.join(2), a.join(3), a.join(wallet.address, payer=OUTSIDER)]
    a.start()
    execute(a, wallet, "file_claim", 5000, a.chain.time, b"\1" * 32, "")
    a.vote(1, m[:2])
    a.by_anyone("resolve", 1)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)


def refundable(a: Arena, wallet: Contract) -> None:
    a.create()
    a.join(wallet.address, payer=OUTSIDER)
    a.join(3)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")


def before_settlement(a: Arena, wallet: Contract) -> None:
    a.create(cause=wallet.address, cause_bps=5000, unclaimed_after=180 * DAY)
    a.join(2)
    a.start()
    a.reporting_end()


def before_sweep(a: Arena, wallet: Contract) -> None:
    a.create(cause=wallet.address, cause_bps=0, unclaimed_after=180 * DAY)
    a.join(2)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    a.at(a.chain.time + 180 * DAY)


def cancelled(a: Arena, wallet: Contract) -> None:
    a.create(min_members=2)
    a.join(2)
    execute(a, wallet, "donate", 50, value=50)
    a.start()


def enrolled(a: Arena, wallet: Contract) -> None:
    a.create()
    a.chain.give(wallet.address, 1000)
    invitation = a.invite(address_of(2))
    execute(a, wallet, "join", *invitation, "0x" + "00" * 20, value=1000)


CASES: dict[str, tuple[Callable[[Arena, Contract], None], Callable[[Contract], tuple]]] = {
    "resolve": (awarded, lambda w: ("resolve", 1)),
    "pay_award": (waiting, lambda w: ("pay_award", 1)),
    "refund": (refundable, lambda w: ("refund", w.address)),
    "refund_many": (refundable, lambda w: ("refund_many", 1, 2)),
    "settle": (before_settlement, lambda w: ("settle",)),
    "sweep": (before_sweep, lambda w: ("sweep",)),
    "return_donation": (cancelled, lambda w: ("return_donation", w.address)),
    "leave": (enrolled, lambda w: ("leave",)),
}


@pytest.mark.spec("S2")
@pytest.mark.parametrize("case", CASES)
def test_stingy_caller__cannot_turn_a_payment_into_a_credit(a: Arena, case: str) -> None:
    """63/64: for any gas the call fails as a whole or pays the wallet, which needs most of it."""
    prepare, call = CASES[case]
    wallet = picky(a)
    prepare(a, wallet)
    before = a.chain.snapshot()
    sender = address_of(2) if case == "leave" else OUTSIDER
    outcomes = set()
    for gas in range(60_000, 420_000, 4_000):
        a.chain.revert(before)
        try:
            a.pool.send(*call(wallet), sender=sender, gas=gas)
        except Reverted as failure:
            outcomes.add(failure.reason)
        else:
            outcomes.add("paid")
            assert a.pool.view("credit_of", wallet.address) == 0
            assert wallet.view("received") == 1
    assert "paid" in outcomes
    assert outcomes <= {"paid", "<OutOfGas>", "<empty>", "gas: too little for the transfer"}


@pytest.mark.spec("S2")
@pytest.mark.parametrize("call", [("refund", address_of(2)), ("refund_many", 1, 2)])
def test_stingy_caller_and_a_token_that_gives_up_early__make_no_credit(
    a: Arena, call: tuple[Any, ...]
) -> None:
    """A token that burns what is too little takes the whole call along; this one does not."""
    a.token = deploy(
        a.chain, "tests/attacks/TokenThatNeedsGas.vy", "Money", "MON", 6, sender=OUTSIDER
    )
    a.create()
    a.join(2), a.join(3)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    before = a.chain.snapshot()
    outcomes = set()
    for gas in range(60_000, 320_000, 4_000):
        a.chain.revert(before)
        try:
            a.pool.send(*call, sender=OUTSIDER, gas=gas)
        except Reverted as failure:
            outcomes.add(failure.reason)
        else:
            outcomes.add("paid")
            assert a.pool.view("credit_of", address_of(2)) == 0
            assert a.balance(address_of(2)) == 1000
    assert outcomes == {"paid", "gas: too little for the transfer"}


@pytest.mark.spec("S3")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mock", ["WalletThatBurnsGas", "WalletThatReturnsABomb"])
def test_gas_burning_payee__costs_the_caller_a_bounded_amount_and_stops_nothing(
    a: Arena, case: str, mock: str
) -> None:
    """Moloch v2, Y2K 044-M; nomad-xyz/ExcessivelySafeCall."""
    prepare, call = CASES[case]
    wallet = a.mock(mock)
    prepare(a, wallet)
    sender = address_of(2) if case == "leave" else OUTSIDER
    result = a.pool.send(*call(wallet), sender=sender)
    assert result.gas_used < 400_000
    credit = a.pool.view("credit_of", wallet.address)
    assert credit > 0
    execute(a, wallet, "withdraw", OUTSIDER)
    assert a.pool.view("credit_of", wallet.address) == 0
    with pytest.raises(Reverted):
        execute(a, wallet, "withdraw", OUTSIDER)


def test_crowd_of_gas_burners__one_refund_batch_still_fits_a_block(a: Arena) -> None:
    a.create(tiers=(Tier(1000, 5000),))
    wallets = [a.mock("WalletThatBurnsGas") for _ in range(20)]
    for wallet in wallets:
        a.join(wallet.address, payer=OUTSIDER)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    result = a.by_anyone("refund_many", 1, 500)
    assert result.gas_used < 20 * 190_000
    assert a.summary().held == 20_000
    assert a.summary().funds == 0


def test_withdraw__to_a_receiver_that_refuses__keeps_the_credit(a: Arena) -> None:
    wallet = a.mock("WalletThatRejects")
    a.create(fee_bps=1000)
    a.join(2)
    a.start()
    wallet.send("reject", True, sender=OUTSIDER)
    with pytest.raises(Reverted, match="withdraw: transfer failed"):
        a.pool.send("withdraw", wallet.address, sender=a.terms.organiser)
    assert a.pool.send("withdraw", OUTSIDER, sender=a.terms.organiser).value == 100


@pytest.mark.spec("S3")
def test_token_that_blocks_and_pauses__stops_no_exit(a: Arena) -> None:
    """USDC's block list: every step goes on, the money waits as credit."""
    token = a.use_token("TokenThatBlocks")
    a.create(**WITH_CAUSE)
    m = [a.join(2), a.join(3), a.join(4)]
    a.start()
    claim = a.file(m[0], 2000)
    a.vote(claim, m[1:])
    token.send("block", a.pool.address, True, sender=OUTSIDER)
    a.by_anyone("resolve", claim)
    assert a.pool.view("credit_of", m[0]) == 2000
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 3)
    assert a.summary().funds <= 3
    with pytest.raises(Reverted, match="withdraw: transfer failed"):
        a.pool.send("withdraw", m[0], sender=m[0])
    token.send("block", a.pool.address, False, sender=OUTSIDER)
    for member in m:
        a.pool.send("withdraw", member, sender=member)
    a.audit()
    assert TERMS.tiers[0].premium * 3 - sum(a.balance(x) for x in m) <= 3
