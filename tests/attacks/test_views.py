"""What a pool tells of itself: every field of every view, after calls that leave no two alike."""

from __future__ import annotations

from typing import Any

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import (
    CAUSE,
    DAY,
    HOUR,
    ORGANISER,
    OUTSIDER,
    WITH_CAUSE,
    WORDS,
    ZERO,
    Arena,
)
from tests.attacks.test_hearing import ARBITER, HEARING, RULING
from tests.evm.chain import Reverted
from tests.evm.signing import address_of
from tests.layers.steps import HOLDERS, ROUND, deposit, join_all, layer

PAYER, REFERRER, NEW, PAYEE = (address_of(n) for n in (60, 61, 20, 70))
M = [address_of(n) for n in (2, 3, 4, 5)]
NOBODY = {"id": 0, "tier": 0, "joined_at": 0, "premium": 0, "cover_used": 0, "refunded": 0}
NOBODY |= {"open_claim": 0, "awarded": False}
NO_WINDOW = {"undecided": 0, "previous": 0, "settled": False, "awards": 0, "available": 0}
TIERS = (Tier(1000, 5000), Tier(700, 6000))
SHARES = {"tiers": TIERS, "fee_bps": 1100, "commission_bps": 700}


def told(a: Arena, view: str, *args: object) -> dict[str, Any]:
    """Return the fields of a struct."""
    return a.pool.view(view, *args)._asdict()


def as_plain(value: Any) -> Any:
    return tuple(map(as_plain, value)) if isinstance(value, (tuple, list)) else value


@pytest.mark.spec("P7", "F1")
def test_terms__are_what_was_given_word_for_word(a: Arena) -> None:
    """With no two words alike, and with other tiers and layers beside the same ones."""
    desk, gate = a.mock("GuaranteeDesk"), a.mock("Gate")
    words = {
        "asset": a.use_token().address,
        "enrolment_end": a.terms.cover_start + 3 * DAY,
        "min_members": 2,
        "reporting_period": 5 * HOUR,
        "voting_period": 6 * HOUR,
        "waiting_period": 7 * HOUR,
        "deductible": 11,
        "claim_bond": 13,
        "quorum_bps": 4999,
        "approval_bps": 5003,
        "silent_consent_limit": 17,
        **HEARING,
        "claim_free_refund": True,
        "gate": gate.address,
        "members_may_invite": True,
        "fee_bps": 19,
        "commission_bps": 23,
        "max_members": 29,
        "cause": CAUSE,
        "cause_bps": 31,
        "unclaimed_after": 181 * DAY,
        "desk": desk.address,
        "reinsurer": NEW,
        "max_cession_bps": 37,
        "name": "N" * 32,
    }
    tiers = tuple(Tier(100 + i, 200 + 3 * i) for i in range(8))
    rows = tuple(Layer(300 + i, 40 + 5 * i) for i in range(4))
    for count, layers in ((1, 1), (8, 4), (8, 1), (1, 4), (3, 2)):
        changes = {**words, "tiers": tiers[:count], "reinsurance": rows[:layers]}
        a.create(**changes)
        assert as_plain(a.pool.view("terms")) == as_plain(a.terms.as_tuple())
        assert a.pool.view("name") == "N" * 32
        for number, row in enumerate(rows[:layers], 1):
            assert (told(a, "layer", number)["limit"], told(a, "layer", number)["premium"]) == (
                row.limit,
                row.premium,
            )


@pytest.mark.spec("P1", "P2", "P3", "P4")
def test_phase__changes_in_its_very_second(a: Arena) -> None:
    a.create(min_members=2)
    a.join(2)
    lonely = a.chain.snapshot()
    a.join(3)
    for second, phase in (
        (a.terms.cover_start - 1, 0),
        (a.terms.cover_start, 2),
        (a.terms.expiry - 1, 2),
        (a.terms.expiry, 3),
        (a.terms.expiry + a.terms.reporting_period, 3),
    ):
        a.at(second)
        assert a.pool.view("phase") == a.summary().phase == phase
    a.by_anyone("settle")
    assert a.pool.view("phase") == a.summary().phase == 4
    a.chain.revert(lonely)
    for second, phase in ((a.terms.cover_start - 1, 0), (a.terms.cover_start, 1)):
        a.at(second)
        assert a.pool.view("phase") == a.summary().phase == phase


@pytest.mark.spec("V1", "I2")
def test_summary__through_a_life_with_layers_and_a_shortage(both: Arena) -> None:
    a = both
    a.create(
        **SHARES,
        claim_bond=3,
        reinsurance=(Layer(2000, 200), Layer(1000, 50)),
        max_cession_bps=5000,
    )
    expected = dict.fromkeys(a.summary()._fields, 0) | {"unbound": False}

    def becomes(**changes: object) -> None:
        expected.update(changes)
        assert a.summary()._asdict() == expected

    becomes()
    a.join(2, referrer=REFERRER)
    a.join(3, 1)
    a.join(4)
    a.join(5)
    a.pool.send("leave", sender=M[3])
    becomes(members=3, roster_size=4, premiums=2700, funds=2700 - 297 - 70, held=367)
    deposit(a, 1500)
    becomes(capacity=1500, held=1867, unbound=True)
    a.start()
    becomes(phase=2)
    a.by_anyone("bind_reinsurance")
    becomes(unbound=False, funds=2183, held=2017)
    a.file(M[0], 3000)
    becomes(claims=1, open_claims=1, asked=3000, held=2020)
    a.file(M[1], 5000)
    becomes(claims=2, open_claims=2, asked=8000, held=2023)
    a.vote(2, [M[0], M[2]])
    a.by_anyone("resolve", 2)  # waits: 8000 are asked of 3683
    becomes(open_claims=1, held=2020)
    a.at(a.window_end(0))
    a.by_anyone("resolve", 1)  # lapses
    becomes(open_claims=0, asked=5000, held=2017)
    a.by_anyone("settle_window", 0)
    becomes(asked=0, funds=0, held=367 + 150 + 3683, unpaid=1317, capacity=0, drawn=1500)
    a.by_anyone("pay_award", 2)
    becomes(held=517)
    a.donate(1717)
    becomes(held=517 + 1717, unpaid=0, drawn=1100, capacity=400)
    a.reporting_end()
    becomes(phase=3)
    a.by_anyone("settle")
    moment = a.chain.time
    becomes(phase=4, capacity=0, settled_at=moment, shared_at=moment)
    a.chain.time += 5
    a.donate(2000)
    becomes(held=517 + 1717 + 1100, drawn=0, funds=900, shared_at=moment + 5)
    a.by_anyone("refund", M[0])
    becomes(funds=900 - 333)


@pytest.mark.spec("V1", "C19", "E4")
def test_member__through_a_life(both: Arena) -> None:
    a = both
    a.create(**SHARES, enrolment_end=a.terms.expiry, **WITH_CAUSE)
    a.join(2)
    a.chain.time += 60
    member = {"id": 2, "tier": 1, "joined_at": a.chain.time, "premium": 700, "cover_used": 0}
    member |= {"refunded": 0, "open_claim": 0, "awarded": False}
    assert told(a, "member", M[1]) == NOBODY
    a.join(3, 1, payer=PAYER)

    def becomes(**changes: object) -> None:
        member.update(changes)
        assert told(a, "member", M[1]) == member

    becomes()
    a.at(a.terms.cover_start + 10 * DAY)
    a.join(4)
    late = {"id": 3, "tier": 0, "joined_at": a.chain.time, "premium": 667}
    assert told(a, "member", M[2]) == {**NOBODY, **late}
    a.file(M[0], 10)
    a.file(M[1], 90)
    becomes(open_claim=2)
    a.vote(2, [M[0], M[2]], 5)
    a.by_anyone("resolve", 2)
    becomes(open_claim=0, cover_used=45, awarded=True)
    a.award(M[1], 20, M[:3])
    becomes(cover_used=65)
    a.pool.send("change_wallet", NEW, sender=M[1])
    assert told(a, "member", M[1]) == NOBODY
    assert told(a, "member", NEW) == member
    a.pool.send("change_wallet", M[1], sender=NEW)
    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", 1)
    a.reporting_end()
    a.by_anyone("settle")
    becomes()
    funds = a.summary().funds
    due = funds * 700 // 2367
    assert a.pool.view("refund_due", M[1]) == due == a.by_anyone("refund", M[1]).value
    becomes(cover_used=0, refunded=due)
    assert a.pool.view("refund_due", M[1]) == 0
    a.donate(1000)
    more = (funds + 1000) * 700 // 2367 - due
    assert a.pool.view("refund_due", M[1]) == more == a.by_anyone("refund", M[1]).value
    becomes(refunded=due + more)
    for account in (OUTSIDER, ZERO, a.pool.address, ORGANISER):
        assert told(a, "member", account) == NOBODY
        assert a.pool.view("refund_due", account) == 0


@pytest.mark.spec("V1", "C11", "C12", "D1", "W1")
def test_claim__from_filing_to_payment(both: Arena) -> None:
    a = both
    a.create(**SHARES, **HEARING, deductible=30, claim_bond=3)
    a.join(2), a.join(3, 1)
    a.pool.send("pledge", M[2], 5, sender=M[1])
    a.join(4)
    a.at(a.window_end(1) + HOUR)
    a.file(M[0], 40, a.chain.time - 9)
    a.chain.time += 60
    value = a.fund(M[2], 3)
    filed_at, incident_at = a.chain.time, a.chain.time - 77
    call = ("file_claim_for", M[1], 4030, incident_at, WORDS, "")
    a.pool.send(*call, sender=M[2], value=value)
    claim = {
        "claimant": M[1],
        "filer": M[2],
        "payee_id": 3,
        "asked": 4000,
        "incident_at": incident_at,
        "filed_at": filed_at,
        "window": 2,
        "electorate": 1,
        "roster_size": 3,
        "status": 1,
        "since": 0,
        "award": 0,
        "paid": 0,
    }

    def becomes(**changes: object) -> None:
        claim.update(changes)
        assert told(a, "claim", 2) == claim

    becomes()
    a.pool.send("reduce_claim", 2, 3530, sender=M[2])
    becomes(asked=3500)
    open_claim = a.chain.snapshot()
    a.chain.time += 5
    a.vote(2, [M[0]], 6)
    a.by_anyone("resolve", 2)
    decided_at = a.chain.time
    becomes(status=5, award=6, since=decided_at)
    a.chain.time += 5
    becomes()
    a.pool.send("appeal", 2, sender=M[2])
    becomes(status=7, since=decided_at + 5)
    a.chain.time += 5
    a.pool.send("rule", 2, 9, WORDS, sender=ARBITER)
    becomes(status=2, award=9, since=0)  # 3150 of 2403, and 10 are asked besides
    assert a.pool.view("award_due", 2) == 0
    a.donate(2000)
    assert a.pool.view("award_due", 2) == 3150
    a.by_anyone("pay_award", 2)
    becomes(paid=3150)
    assert a.pool.view("award_due", 2) == 0
    a.chain.revert(open_claim)
    claim |= {"status": 1, "award": 0, "paid": 0}
    becomes()
    a.at(filed_at + a.terms.voting_period)
    a.by_anyone("resolve", 2)
    becomes(status=6, since=a.chain.time)
    a.chain.time += RULING
    becomes()
    a.by_anyone("resolve", 2)
    becomes(status=4, since=0)
    first = told(a, "claim", 1)
    assert (first["claimant"], first["filer"], first["payee_id"]) == (M[0], M[0], 0)
    assert (first["asked"], first["electorate"], first["status"]) == (10, 2, 1)
    with pytest.raises(Reverted, match="claim: no such claim"):
        a.pool.view("award_due", 3)


@pytest.mark.spec("V1", "W6", "W8", "U1", "V2")
def test_window_and_award_due__through_a_shortage(both: Arena) -> None:
    a = both
    a.create()
    join_all(a)
    a.at(a.window_end(0))
    windows = {n: dict(NO_WINDOW) for n in range(6)}

    def becomes(window: int, due: tuple[int, ...], **changes: object) -> None:
        windows[window].update(changes)
        assert {n: told(a, "window", n) for n in windows} == windows
        assert tuple(a.pool.view("award_due", n + 1) for n in range(len(due))) == due

    becomes(0, ())
    a.file(M[0], 4000)
    becomes(1, (0,), undecided=1)
    a.at(a.window_end(3))
    a.file(M[1], 3000)
    becomes(4, (0, 0), undecided=1, previous=2)
    a.file(M[2], 2000)
    becomes(4, (0, 0, 0), undecided=2)
    a.vote(2, [M[0], M[2]])
    a.vote(3, M[:2], 5)
    a.by_anyone("resolve", 2)
    becomes(4, (0, 0, 0), undecided=1, awards=3000)
    a.by_anyone("resolve", 3)
    becomes(4, (0, 0, 0), undecided=0, awards=4000)
    a.at(a.window_end(4))
    assert a.refusal("settle_window", 4) == "window: an earlier one is not settled"
    a.by_anyone("resolve", 1)  # lapsed
    becomes(1, (0, 0, 0), undecided=0)
    a.by_anyone("settle_window", 1)
    becomes(1, (0, 0, 0), settled=True)
    a.by_anyone("settle_window", 4)
    becomes(4, (0, 2250, 750), settled=True, available=3000)
    a.by_anyone("pay_award", 2)
    becomes(4, (0, 0, 750))
    a.donate(500)
    becomes(4, (0, 375, 875))
    a.donate(500)
    becomes(4, (0, 750, 1000))
    a.by_anyone("pay_award", 2), a.by_anyone("pay_award", 3)
    becomes(4, (0, 0, 0))
    for number in (6, 2**32, 2**255, 2**256 - 1):
        assert told(a, "window", number) == NO_WINDOW


@pytest.mark.spec("V1", "T10", "R4", "R13")
def test_layer__through_a_life(both: Arena) -> None:
    a = both
    a.create(**ROUND, reinsurer=HOLDERS[0])
    join_all(a)
    asset = a.token.address if a.token else ZERO
    same = {"asset": asset, "reinsurer": HOLDERS[0]}
    shares = [layer(a, number).address for number in (1, 2)]
    rows = [
        {"shares": shares[0], "phase": 0, "limit": 2000, "premium": 200},
        {"shares": shares[1], "phase": 0, "limit": 1000, "premium": 50},
    ]
    rows = [{**row, **same, "filled": 0, "ceded": 0, "drawn": 0, "assets": 0} for row in rows]

    def become(first: dict[str, int], second: dict[str, int], **common: int) -> None:
        for number, changes in enumerate((first, second)):
            rows[number] |= {**changes, **common}
            assert told(a, "layer", number + 1) == rows[number]

    become({}, {})
    deposit(a, 1500), deposit(a, 800, number=2)
    become({"filled": 1500, "assets": 1500}, {"filled": 800, "assets": 800})
    a.start()
    become({}, {}, phase=2)
    a.by_anyone("bind_reinsurance")
    become({"ceded": 150, "assets": 1650}, {"ceded": 40, "assets": 840})
    a.award(M[0], 2810 + 1700, M[:3])
    become({"drawn": 1500, "assets": 150}, {"drawn": 200, "assets": 640})
    a.at(a.terms.expiry)
    become({}, {}, phase=3)
    a.donate(300)
    become({"drawn": 1400, "assets": 250}, {"drawn": 0, "assets": 840})
    a.reporting_end()
    a.by_anyone("settle")
    become({}, {}, phase=4)
    layer(a).send("redeem", 600, PAYER, HOLDERS[0], sender=HOLDERS[0])
    become({"assets": 150}, {})
    layer(a, 2).send("redeem", 800, PAYER, HOLDERS[0], sender=HOLDERS[0])
    become({}, {"assets": 0})
    for number in (0, 3, 2**256 - 1):
        with pytest.raises(Reverted, match="layer: no such layer"):
            a.pool.view("layer", number)


@pytest.mark.spec("J7", "J8", "J10", "J13")
def test_quote_premium__in_the_seconds_that_matter(a: Arena) -> None:
    """Rounded up: exact where it divides, a unit more where anything is left over."""
    a.create(
        tiers=(Tier(1000, 5000), Tier(1, 6000)),
        expiry=a.terms.cover_start + 2000 * HOUR,
        enrolment_end=a.terms.cover_start + 2000 * HOUR,
    )
    a.join(2)
    begin = a.terms.cover_start
    for second, prices in (
        (begin - 1, (1000, 1)),
        (begin, (1000, 1)),
        (begin + 1, (1000, 1)),
        (begin + 2 * HOUR - 1, (1000, 1)),
        (begin + 2 * HOUR, (999, 1)),
        (begin + 2 * HOUR + 1, (999, 1)),
        (begin + 1000 * HOUR - 1, (501, 1)),
        (begin + 1000 * HOUR, (500, 1)),
        (begin + 1998 * HOUR, (1, 1)),
        (begin + 2000 * HOUR - 1, (1, 1)),
    ):
        a.at(second)
        assert tuple(a.pool.view("quote_premium", tier) for tier in (0, 1)) == prices
    a.at(begin + 2000 * HOUR)
    with pytest.raises(Reverted, match="join: enrolment is over"):
        a.pool.view("quote_premium", 0)


def test_quote_premium__of_a_tier_that_is_none_or_a_cancelled_pool(a: Arena) -> None:
    a.create(min_members=2, tiers=TIERS, enrolment_end=a.terms.expiry)
    for tier in (2, 255):
        with pytest.raises(Reverted, match="join: unknown tier"):
            a.pool.view("quote_premium", tier)
    a.join(2)
    a.start()
    with pytest.raises(Reverted, match="join: pool is cancelled"):
        a.pool.view("quote_premium", 0)


@pytest.mark.spec("V1", "K4", "K5", "L3")
def test_roster_payers_and_pledges__as_members_come_move_and_go(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3, payer=PAYER), a.join(4), a.join(5)
    a.pool.send("pledge", PAYEE, 40, sender=M[1])
    a.pool.send("leave", sender=M[2])
    a.pool.send("change_wallet", NEW, sender=M[1])
    a.pool.send("change_wallet", REFERRER, sender=M[0])
    roster = [REFERRER, NEW, ZERO, M[3]]
    assert [a.pool.view("member_at", i) for i in range(6)] == [ZERO, *roster, ZERO]
    for number in (2**32 - 1, 2**32, 2**32 + 2, 2**256 - 1):
        assert a.pool.view("member_at", number) == ZERO
    payers = {REFERRER: REFERRER, NEW: PAYER, M[3]: M[3]}
    for account in (*M, REFERRER, NEW, PAYER, OUTSIDER, ZERO):
        assert a.pool.view("payer_of", account) == payers.get(account, ZERO)
        assert a.pool.view("pledge_of", account) == ((PAYEE, 40) if account == NEW else (ZERO, 0))
    nonces = {M[0]: 1, M[1]: 1}
    for account in (*M, REFERRER, NEW, PAYER, OUTSIDER, ZERO):
        assert a.pool.view("wallet_nonce", account) == nonces.get(account, 0)


@pytest.mark.spec("V2", "S4", "S6", "M14")
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_is_owed__is_told_of_each_account(both: Arena, cancelled: bool) -> None:
    a = both
    a.create(**SHARES, min_members=3 if cancelled else 2, **WITH_CAUSE)
    a.join(2, referrer=REFERRER)
    a.join(3, 1, payer=PAYER, referrer=ORGANISER)
    a.donate(10), a.donate(7), a.donate(5, PAYER)
    accounts = (*M, PAYER, REFERRER, ORGANISER, OUTSIDER, CAUSE, ZERO)

    def owed(view: str) -> dict[str, int]:
        found = {account: a.pool.view(view, account) for account in accounts}
        return {account: amount for account, amount in found.items() if amount}

    earned = {REFERRER: 70, ORGANISER: 110 + 77 + 49}
    assert owed("earnings_of") == earned
    assert owed("donation_of") == {OUTSIDER: 17, PAYER: 5}
    assert owed("refund_due") == owed("credit_of") == {}
    a.start()
    assert owed("donation_of") == {OUTSIDER: 17, PAYER: 5}
    if not cancelled:
        assert owed("earnings_of") == earned
        a.pool.send("withdraw", PAYER, sender=REFERRER)
        assert owed("earnings_of") == {ORGANISER: 236}
        assert owed("refund_due") == {}
        return
    assert owed("earnings_of") == {}
    assert owed("refund_due") == {M[0]: 1000, M[1]: 700}
    a.by_anyone("refund", M[1])
    assert owed("refund_due") == {M[0]: 1000}
    a.by_anyone("return_donation", PAYER)
    assert owed("donation_of") == {OUTSIDER: 17}
