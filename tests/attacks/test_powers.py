"""Powers: what organiser, creator and factory can do with a pool is what any outsider can."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peerpool.compiled import compile_contract
from tests.attacks.arena import CAUSE, DAY, IPOOL, ORGANISER, OUTSIDER, WITH_CAUSE, WORDS, Arena
from tests.attacks.test_dispatch import PAYABLE, calldata
from tests.evm.chain import Reverted
from tests.evm.contract import _interface
from tests.evm.signing import address_of

CREATOR = ORGANISER  # of the arena; here the organiser is another
INVITER = 7
MEMBER, DONOR = address_of(2), address_of(60)
CALLS = sorted(
    {
        entry["name"]
        for entry in compile_contract(IPOOL).abi
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    }
)
# What the organiser may: start a recovery that members support, and take what was earned.
OWN = {"begin_recovery", "withdraw"}
ABOUT = {
    "refund": (MEMBER,),
    "return_donation": (DONOR,),
    "release": (MEMBER, 0),
    "call_guarantee": (MEMBER, 1),
    "file_claim_for": (MEMBER, 1, 1, WORDS, ""),
    "finish_recovery": (MEMBER,),
    "vote": (1, 10, WORDS),
}


def enrolling(a: Arena) -> None:
    a.create(
        organiser=address_of(INVITER),
        enrolment_end=a.terms.expiry,
        fee_bps=500,
        cause_bps=1000,
        **WITH_CAUSE,
    )
    for member in (2, 3, 4):
        a.join(member, signer=INVITER)
    a.donate(10, DONOR)


def active(a: Arena) -> None:
    """One claim can be resolved, another waits to be paid, and money has strayed in."""
    enrolling(a)
    a.start()
    for claimant, amount in ((3, 2900), (2, 100)):
        a.file(address_of(claimant), amount)
    a.vote(1, [address_of(2), address_of(4)])
    a.stray(50)


def settled(a: Arena) -> None:
    """Long enough ago for a sweep."""
    active(a)
    a.reporting_end()
    for claim_id in (1, 2):
        a.by_anyone("resolve", claim_id)
    a.at(max(a.chain.time, a.window_end(0)))
    a.by_anyone("settle_window", 0)
    a.by_anyone("settle")
    a.donate(100)
    a.at(a.chain.time + 180 * DAY)


def cancelled(a: Arena) -> None:
    a.create(organiser=address_of(INVITER), min_members=2, fee_bps=500, **WITH_CAUSE)
    a.join(2, signer=INVITER)
    a.donate(10, DONOR)
    a.start()


def data_of(name: str) -> bytes:
    """A call of a function that concerns this pool's people, where it concerns anybody."""
    if name not in ABOUT:
        return calldata(name)
    spec = next(f for (n, _), f in _interface(IPOOL).functions.items() if n == name)
    return spec.encode(ABOUT[name])


def outcome(a: Arena, sender: str, name: str) -> tuple:
    """Why a call is refused to a sender, or all that it changes."""
    a.chain.give(sender, 1)
    people = (MEMBER, DONOR, CAUSE)
    had = [a.balance(person) for person in people]
    try:
        value = int(name in PAYABLE and name not in ("file_claim", "file_claim_for"))
        a.chain.transact(sender, a.pool.address, data_of(name), value)
    except Reverted as failure:
        return (failure.reason,)
    got = [a.balance(person) - before for person, before in zip(people, had, strict=True)]
    return tuple(a.summary()), a.balance(a.pool.address), *got


@pytest.mark.spec("P7", "P8")
@pytest.mark.parametrize("prepare", [enrolling, active, settled, cancelled])
def test_nobody_s_call__does_what_an_outsider_s_does_not(
    a: Arena, prepare: Callable[[Arena], None]
) -> None:
    """Neither the organiser's, the creator's nor the factory's; and terms and code stay."""
    prepare(a)
    before, code, terms = a.chain.snapshot(), a.chain.code(a.pool.address), a.pool.view("terms")
    succeeded = set()
    for name in CALLS:
        a.chain.revert(before)
        by_outsider = outcome(a, OUTSIDER, name)
        if len(by_outsider) > 1:
            succeeded.add(name)
        for sender in (address_of(INVITER), CREATOR, a.factory.address):
            a.chain.revert(before)
            by_role = outcome(a, sender, name)
            may = sender == address_of(INVITER) and name in OWN
            assert may or by_role == by_outsider, (name, sender)
            assert a.chain.code(a.pool.address) == code
            assert a.pool.view("terms") == terms
    expected = {
        enrolling: {"donate"},
        active: {"absorb", "donate", "recover", "resolve"},
        settled: {"donate", "recover", "refund", "refund_many", "sweep"},
        cancelled: {"refund", "refund_many", "return_donation"},
    }[prepare]
    assert expected <= succeeded
