"""Re-entrancy: from every payment into every function, views included.

The DAO (2016); Vyper's locks of 0.2.15 to 0.3.0 (GHSA-5824-cm3x-3c38); read-only re-entrancy.
"""

from __future__ import annotations

import pytest

from tests.attacks.arena import IPOOL, OUTSIDER, WORDS, Arena
from tests.attacks.test_dispatch import calldata
from tests.attacks.test_gas import CASES
from tests.evm.chain import Reverted
from tests.evm.contract import _interface
from tests.evm.signing import address_of

FUNCTIONS = sorted({name for name, _ in _interface(IPOOL).functions})
# views that read no state: nothing in them can be half changed
STATELESS = {"terms"}
REFUSED, SUCCEEDED = 2, 3


@pytest.mark.parametrize("case", CASES)
def test_payee_that_calls_back__finds_every_door_locked(a: Arena, case: str) -> None:
    prepare, call = CASES[case]
    wallet = a.mock("WalletThatReenters")
    prepare(a, wallet)
    a.chain.give(wallet.address, 10**6)
    before = a.chain.snapshot()
    sender = address_of(2) if case == "leave" else OUTSIDER
    for name in FUNCTIONS:
        a.chain.revert(before)
        wallet.send("arm", a.pool.address, calldata(name), sender=OUTSIDER)
        a.pool.send(*call(wallet), sender=sender)
        outcome = wallet.view("outcome"), wallet.view("words")
        assert outcome == (REFUSED, 0) or name in STATELESS, (case, name, outcome)


@pytest.mark.parametrize("entry", ["join", "donate", "file_claim", "withdraw", "leave", "resolve"])
def test_token_that_calls_back__finds_every_door_locked(a: Arena, entry: str) -> None:
    """imBTC, AMP: hooks while money comes in."""
    token = a.use_token("TokenThatReenters")
    a.create(claim_bond=5, fee_bps=100)
    m = [a.join(2), a.join(3)]
    a.donate(10)
    invitation = a.invite(address_of(4))
    if entry not in ("join", "donate", "leave"):
        a.start()
    if entry == "resolve":
        a.file(m[0], 10)
        a.vote(1, [m[1]])
    calls = {
        "join": (OUTSIDER, "join", *invitation, "0x" + "00" * 20),
        "donate": (OUTSIDER, "donate", 10),
        "file_claim": (m[0], "file_claim", 10, a.chain.time, WORDS, ""),
        "withdraw": (a.terms.organiser, "withdraw", OUTSIDER),
        "leave": (m[0], "leave"),
        "resolve": (OUTSIDER, "resolve", 1),
    }
    sender, function, *args = calls[entry]
    a.fund(sender, 1000)
    before = a.chain.snapshot()
    for name in FUNCTIONS:
        a.chain.revert(before)
        token.send("arm", a.pool.address, calldata(name), sender=OUTSIDER)
        a.pool.send(function, *args, sender=sender)
        outcome = token.view("outcome"), token.view("words")
        assert outcome == (REFUSED, 0) or name in STATELESS, (entry, name, outcome)


def test_gas_of_a_payment__is_enough_to_call_back(a: Arena) -> None:
    """Or the refusals above would only show that the wallet ran out of gas."""
    wallet = a.mock("WalletThatReenters")
    a.create()
    for name in ("phase", "summary", "credit_of", "absorb"):
        wallet.send("arm", a.pool.address, calldata(name), sender=OUTSIDER)
        a.stray(1)
        a.chain.time = a.terms.cover_start
        before = a.chain.snapshot()
        a.chain.transact(OUTSIDER, wallet.address, gas=21_000 + 100_000)
        assert wallet.view("outcome") == SUCCEEDED, name
        a.chain.revert(before)


def test_lock__opens_again_after_a_failure(a: Arena) -> None:
    """A lock left closed by a refused call would be the end of the pool."""
    a.create()
    a.join(2)
    for function, *args in (("settle",), ("leave",), ("refund", OUTSIDER)):
        with pytest.raises(Reverted):
            a.pool.send(function, *args, sender=OUTSIDER)
    a.join(3)
    assert a.summary().members == 2


@pytest.mark.parametrize("mock", ["GateThatReverts", "Wallet", "Gate"])
def test_gate_without_a_credential__lets_nobody_in(a: Arena, mock: str) -> None:
    """A gate that reverts, one that answers nothing, and one that says zero."""
    gate = a.mock(mock)
    a.create(gate=gate.address)
    with pytest.raises(Reverted):
        a.join(2)
    assert a.summary().members == 0
