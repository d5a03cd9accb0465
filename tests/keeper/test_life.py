"""A pool that nobody but its keeper looks after: everything it can come to, in order."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils import to_checksum_address

from peerpool.audit.logs import LogsError
from peerpool.keeper.donors import donors
from peerpool.terms import Layer, Tier
from tests.attacks.arena import CAUSE, DAY, OUTSIDER, WITH_CAUSE, YEAR, ZERO
from tests.audit.node import record
from tests.evm.answering import NodeError
from tests.evm.contract import Contract
from tests.evm.signing import address_of
from tests.keeper.conftest import Keeping

ARBITER = address_of(50)
HEARING = {"arbiter": ARBITER, "appeal_period": DAY, "ruling_period": DAY}


def done(*steps: str) -> list[tuple[str, str]]:
    """Steps as they are told when they worked."""
    return [(step, "done") for step in steps]


def test_keep__from_cover_start_to_the_last_refund(k: Keeping) -> None:
    k.create(cause_bps=1000, **WITH_CAUSE)
    k.once()
    k.a.start()
    k.once()
    assert k.said() == []
    claimant, *voters = k.people
    k.a.file(claimant, 500)
    k.a.vote(1, voters[:3])
    k.once()
    assert k.said() == done("resolve(1)")
    assert k.a.balance(claimant) == 500
    k.a.reporting_end()
    ended = k.once()
    assert k.said() == done("settle()", "refund_many(1 to 6)")
    assert (ended.is_good, ended.counts) == (True, {"done": 2})
    assert sum(k.a.due(*k.people)) == 0
    k.once()
    assert k.said() == []


def test_keep__reinsured_pool_with_a_shortage__shares_and_makes_up(k: Keeping) -> None:
    """The premium is ceded, awards wait for their window, and what comes in later makes them up."""
    k.create(reinsurance=(Layer(1000, 100),), max_cession_bps=2000)
    layer = Contract(k.chain, "interfaces/IReinsuranceLayer.vyi", k.a.pool.view("layer", 1).shares)
    layer.send("deposit", 1000, OUTSIDER, sender=OUTSIDER, value=k.a.fund(OUTSIDER, 1000))
    k.a.start()
    k.once()
    assert k.said() == done("bind_reinsurance()")
    for claimant in k.people[:2]:
        claim_id = k.a.file(claimant, 5000)
        k.a.vote(claim_id, [p for p in k.people if p != claimant][:3])
    k.once()
    assert k.said() == done("resolve(1)", "resolve(2)")
    k.a.at(k.a.window_end(0) - 1)
    k.once()
    assert k.said() == []
    k.a.at(k.a.window_end(0))
    k.once()
    assert k.said() == done("settle_window(0)", "pay_award(1)", "pay_award(2)")
    k.a.donate(1000)
    k.once()
    assert k.said() == done("pay_award(1)", "pay_award(2)")
    assert k.a.summary().unpaid > 0


def test_keep__windows__oldest_first_and_only_once_all_is_decided(k: Keeping) -> None:
    k.create(tiers=(Tier(1000, 9000),), expiry=k.chain.time + 61 * DAY)
    k.a.start()
    first, second, third, *voters = k.people
    k.a.file(first, 9000)
    k.a.vote(1, voters, 10)
    k.a.at(k.a.window_end(0))
    k.a.file(second, 9000)
    k.a.vote(2, voters, 10)
    k.a.file(third, 9000)
    k.a.vote(3, voters[:1], 10)  # it will lapse
    k.a.at(k.a.window_end(1))
    k.once()
    resolved = done("resolve(1)", "resolve(2)", "resolve(3)")
    assert k.said() == resolved + done("settle_window(0)", "settle_window(1)", "pay_award(1)")


def test_keep__window_with_an_undecided_claim__waits(k: Keeping) -> None:
    k.create(tiers=(Tier(1000, 9000),), **HEARING)
    k.a.start()
    first, second, *voters = k.people
    k.a.file(first, 9000)
    k.a.at(k.a.window_end(0) - 1)
    k.a.file(second, 9000)
    k.a.vote(1, voters, 10)
    k.once()
    k.a.at(k.a.window_end(0))
    k.once()
    assert k.said() == done("resolve(1)")


def test_keep__hearing__leaves_to_people_what_is_theirs_and_ends_it(k: Keeping) -> None:
    k.create(**HEARING)
    k.a.start()
    claimant, *voters = k.people
    k.a.file(claimant, 500)
    k.a.vote(1, voters, 4)
    k.once()
    assert k.said() == done("resolve(1)")  # open to appeal
    k.a.pool.send("appeal", 1, sender=claimant)
    k.once()
    assert k.said() == []  # the arbiter's turn
    k.a.at(k.chain.time + DAY)
    k.once()
    assert k.said() == done("resolve(1)")
    assert k.a.balance(claimant) == 200


def test_keep__vote_that_nobody_cast__is_resolved_at_its_end(k: Keeping) -> None:
    k.create(silent_consent_limit=1000)
    k.a.start()
    k.a.file(k.people[0], 500)
    k.a.at(k.chain.time + k.a.terms.voting_period - 1)
    k.once()
    assert k.said() == []
    k.a.at(k.chain.time + 1)
    k.once()
    assert k.said() == done("resolve(1)")


def test_keep__cancelled_pool__gives_premiums_back(k: Keeping) -> None:
    k.create(min_members=7, fee_bps=500)
    k.a.start()
    k.once()
    assert k.said() == done("refund_many(1 to 6)")
    assert [k.a.balance(person) for person in k.people] == [1000] * 6


def test_keep__cancelled_pool__gives_donations_back_before_a_sweep(k: Keeping) -> None:
    k.create(min_members=7, **WITH_CAUSE)
    for donor, amount in ((address_of(60), 500), (address_of(61), 300)):
        k.a.donate(amount, donor)
        k.donors.append(to_checksum_address(donor))
    k.a.start()
    k.a.at(k.chain.time + YEAR)
    k.once()
    returned = [f"return_donation({donor})" for donor in k.donors]
    assert k.said() == done("refund_many(1 to 6)", *returned)
    assert [k.a.balance(address_of(n)) for n in (60, 61)] == [500, 300]
    assert k.a.balance(CAUSE) == 0


def test_keep__donation_that_cannot_be_returned__is_not_swept(k: Keeping) -> None:
    k.create(min_members=7, **WITH_CAUSE)
    k.a.donate(500)
    k.donors.append(to_checksum_address(OUTSIDER))
    k.a.start()
    k.a.at(k.chain.time + YEAR)
    selector = k.kept().ask("return_donation", OUTSIDER).query["data"][:10]

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas" and params[0]["data"].startswith(selector):
            raise NodeError(3, "execution reverted")
        return result

    k.node.lie, keeper = lie, k.keeper()
    keeper.once()
    assert k.said()[-1] == (f"return_donation({k.donors[0]})", "failed")
    keeper.once()
    assert k.said() == []
    assert k.a.balance(CAUSE) == 0


def test_keep__donors_who_cannot_be_found__is_told_after_the_refunds(k: Keeping) -> None:
    def nobody(node: Any, pool: str) -> tuple[str, ...]:
        raise LogsError("logs: the node contradicts itself")

    k.create(min_members=7)
    k.a.donate(500)
    k.a.start()
    keeper = k.keeper()
    keeper._donors = nobody
    assert not keeper.once().is_good
    assert k.said() == [("refund_many(1 to 6)", "done"), ("look()", "failed")]
    assert k.problems[-1] == "logs: the node contradicts itself"


def test_keep__donors_who_cannot_be_found_after_a_refund_failed__both_are_told(k: Keeping) -> None:
    def nobody(node: Any, pool: str) -> tuple[str, ...]:
        raise LogsError("logs: the node contradicts itself")

    k.create([10], min_members=2)
    k.a.donate(500)
    k.a.start()

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_estimateGas":
            raise NodeError(3, "execution reverted: token: is paused")
        if method == "eth_getBlockByNumber" and k.node.calls.get("eth_estimateGas"):
            k.node.lie = None
            k.a.by_anyone("refund", address_of(10))  # which nobody sees before the donors
        return result

    k.node.lie, keeper = lie, k.keeper()
    keeper._donors = nobody
    keeper.once()
    assert k.said() == [("refund_many(1 to 1)", "failed"), ("look()", "failed")]
    assert k.problems == [
        "token: is paused; not again for 1 minute",
        "logs: the node contradicts itself",
    ]


def test_donors__are_found_in_the_events(k: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("transact", "revert"):  # which `record` replaces
        monkeypatch.setattr(k.chain, name, getattr(k.chain, name))
    node = record(k.chain)
    k.create(min_members=7)
    for donor in (60, 61, 60):
        k.a.donate(100, address_of(donor))
    assert donors(node, k.pool) == tuple(to_checksum_address(address_of(n)) for n in (60, 61))


def test_keep__stray_money__is_booked_before_the_pool_is_settled(k: Keeping) -> None:
    k.create()
    k.a.stray(60)
    k.once()
    assert k.said() == []  # not before cover starts
    k.a.reporting_end()
    k.once()
    assert k.said() == done("absorb()", "settle()", "refund_many(1 to 6)")
    assert k.a.balance(k.people[0]) == 1010


def test_keep__later_sharing__is_pushed_too(k: Keeping) -> None:
    k.create()
    k.a.reporting_end()
    keeper = k.keeper()
    keeper.once()
    k.said()
    asked = k.node.calls["eth_call"]
    keeper.once()
    assert k.said() == []
    k.a.donate(600)
    keeper.once()
    assert k.said() == done("refund_many(1 to 6)")
    assert k.node.calls["eth_call"] > asked


def test_keep__refunds_that_nobody_took__are_pushed_before_the_sweep(k: Keeping) -> None:
    """A cause may have what nobody took; but what a keeper can still push is the members'."""
    k.create(cause_bps=0, **WITH_CAUSE)
    k.a.reporting_end()
    k.a.by_anyone("settle")
    k.a.at(k.chain.time + YEAR)
    k.once()
    assert k.said() == done("refund_many(1 to 6)")
    assert k.a.balance(CAUSE) == 0


def test_keep__what_cannot_be_shared__is_swept(k: Keeping) -> None:
    """A cancelled pool without members has nobody to give to but its cause."""
    k.create(people=(), min_members=1, **WITH_CAUSE)
    k.a.start()
    k.a.stray(500)
    k.once()
    assert k.said() == done("absorb()")
    k.a.at(k.chain.time + k.a.terms.unclaimed_after)
    k.once()
    assert k.said() == done("sweep()")
    assert k.a.balance(CAUSE) == 500


@pytest.mark.parametrize("least", [0, 10])
def test_keep__dust__is_not_worth_a_transaction(k: Keeping, least: int) -> None:
    """Somebody who gives a pool six units a day could else empty its keeper's purse."""
    k.create(tiers=(Tier(10**6, 5 * 10**6),))
    k.a.reporting_end()
    k.once()
    k.said()
    k.a.donate(6)
    k.once(least_bps=least)
    assert k.said() == (done("refund_many(1 to 6)") if least == 0 else [])
    k.a.stray(12)
    k.once(least_bps=least)
    steps = ("absorb()", "refund_many(1 to 6)")
    assert k.said() == (done(*steps) if least == 0 else [])


def test_keep__dust_of_an_award__waits_but_the_last_of_it_is_paid(k: Keeping) -> None:
    k.create(tiers=(Tier(10**6, 10**8),))
    k.a.start()
    claimant, *voters = k.people
    k.a.award(claimant, 10**8, voters)
    k.a.at(k.a.window_end(0))
    k.once()
    k.said()
    k.a.donate(1000)
    k.once()
    assert k.said() == []
    k.a.donate(k.a.summary().unpaid)
    k.once()
    assert k.said() == done("pay_award(1)")


def test_keep__token_pool(k: Keeping) -> None:
    k.a.use_token()
    k.create()
    k.a.stray(60)
    k.a.reporting_end()
    k.once()
    assert k.said() == done("absorb()", "settle()", "refund_many(1 to 6)")
    assert k.a.balance(k.people[0]) == 1010
    assert k.a.terms.asset != ZERO
