"""The lens, field by field: pages, towers, quotes, and the next step to its last second."""

from __future__ import annotations

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import CAUSE, DAY, OUTSIDER, WITH_CAUSE, ZERO, Arena
from tests.attacks.test_hearing import APPEAL, ARBITER, HEARING, RULING
from tests.attacks.test_lens_tells import lens_of
from tests.evm.chain import Reverted
from tests.evm.contract import Contract
from tests.evm.signing import address_of
from tests.layers.steps import ROUND, deposit, join_all

PAYEE = address_of(70)
M = [address_of(n) for n in (2, 3, 4)]
NOTHING = ("", ZERO, 0, 0, 0)


@pytest.fixture
def lens(a: Arena) -> Contract:
    return lens_of(a)


@pytest.mark.spec("V3")
def test_members__with_what_each_can_have_now(a: Arena, lens: Contract) -> None:
    token = a.use_token("TokenThatBlocks")
    a.create(tiers=(Tier(1000, 5000), Tier(700, 6000)))
    a.join(2), a.join(3, 1), a.join(4), a.join(5)
    a.pool.send("leave", sender=M[2])
    a.start()
    token.send("block", M[0], True, sender=OUTSIDER)
    a.award(M[0], 90, [M[1], address_of(5)])
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund", address_of(5))
    rows = lens.view("members", a.pool.address, 1, 100)
    owed = [(row.account, row.refund_due, row.credit) for row in rows]
    share = 2610 * 1000 // 2700
    assert owed == [
        (M[0], share, 90),
        (M[1], 2610 * 700 // 2700, 0),
        (ZERO, 0, 0),
        (address_of(5), 0, 0),
    ]
    assert [row.record for row in rows] == [a.pool.view("member", row.account) for row in rows]
    assert [row.record.id for row in rows] == [1, 2, 0, 4]
    assert rows[3].record.refunded == share


@pytest.mark.spec("V3")
def test_claims__with_their_ballots_and_what_can_be_paid_now(a: Arena, lens: Contract) -> None:
    a.create()
    join_all(a)
    a.start()
    a.file(M[0], 4000)
    a.file(M[1], 2000)
    a.vote(1, M[1:2], 3), a.vote(1, M[2:], 2)
    a.vote(2, [M[0], M[2]], 9)
    a.by_anyone("resolve", 2)
    a.at(a.window_end(0))
    a.by_anyone("resolve", 1)
    a.by_anyone("pay_award", 2)
    a.donate(70)
    a.file(M[2], 5000)
    a.vote(3, M[:2], 10)
    a.by_anyone("resolve", 3)
    a.at(a.window_end(1))
    a.by_anyone("settle_window", 0), a.by_anyone("settle_window", 1)
    rows = lens.view("claims", a.pool.address, 1, 100)
    tallies = [[(tenths, n) for tenths, n in enumerate(row.tally) if n] for row in rows]
    assert tallies == [[(2, 1), (3, 1)], [(9, 2)], [(10, 2)]]
    assert [row.id for row in rows] == [1, 2, 3]
    assert [row.award_due for row in rows] == [0, 0, 70]
    assert [row.claim for row in rows] == [a.pool.view("claim", n) for n in (1, 2, 3)]


@pytest.mark.spec("V3")
@pytest.mark.parametrize("page", ["members", "claims"])
def test_page__that_begins_behind_the_last_or_before_the_first_is_empty(
    a: Arena, lens: Contract, page: str
) -> None:
    a.create()
    join_all(a)
    a.start()
    for member in M:
        a.file(member, 10)
    for first in (0, 4, 5, 200, 2**255, 2**256 - 1):
        assert lens.view(page, a.pool.address, first, 100) == ()
    assert len(lens.view(page, a.pool.address, 3, 100)) == 1
    with pytest.raises(Reverted, match="lens: more than 100"):
        lens.view(page, a.pool.address, 200, 101)


# --- the next step of a pool ------------------------------------------------


@pytest.mark.spec("V4")
@pytest.mark.parametrize("cause", [False, True])
@pytest.mark.parametrize("fate", ["settled", "cancelled"])
def test_next_step__of_a_pool_in_each_phase(
    a: Arena, lens: Contract, fate: str, cause: bool
) -> None:
    more = {"cause": CAUSE, "unclaimed_after": 200 * DAY} if cause else {}
    a.create(min_members=4 if fate == "cancelled" else 1, **more)
    join_all(a)
    begin, over = a.terms.cover_start, a.terms.expiry + a.terms.reporting_period

    def step() -> tuple:
        return tuple(lens.view("next_action", a.pool.address))

    assert step() == ("join", ZERO, 0, 0, begin)
    a.at(begin - 1)
    assert step() == ("join", ZERO, 0, 0, begin)
    a.start()
    since = begin
    if fate == "settled":
        assert step() == ("file_claim", ZERO, 0, begin, over)
        a.at(over - 1)
        assert step() == ("file_claim", ZERO, 0, begin, over)
        a.at(over)
        assert step() == ("settle", ZERO, 0, over, 0)
        a.at(over + 9)
        assert step() == ("settle", ZERO, 0, over, 0)
        a.by_anyone("settle")
        since = over + 9
    end = since + 200 * DAY if cause else 0
    assert step() == ("refund_many", ZERO, 1, since, end)
    a.at(since + 200 * DAY - 1)
    assert step() == ("refund_many", ZERO, 1, since, end)
    a.at(since + 200 * DAY)
    assert step() == (("sweep", ZERO, 0, end, 0) if cause else ("refund_many", ZERO, 1, since, 0))
    if cause:
        a.by_anyone("sweep")
    else:
        a.by_anyone("refund_many", 1, 3)
    assert step() == NOTHING


@pytest.mark.spec("V4")
def test_next_step__while_layers_have_no_premium(a: Arena, lens: Contract) -> None:
    a.create(**ROUND, min_members=3)
    deposit(a, 7)
    a.join(2), a.join(3)
    few = a.chain.snapshot()
    a.join(4)
    begin = a.terms.cover_start
    assert lens.view("next_action", a.pool.address).action == "join"
    for second in (begin, a.terms.expiry + a.terms.reporting_period):
        a.at(second)
        step = lens.view("next_action", a.pool.address)
        assert tuple(step) == ("bind_reinsurance", ZERO, 0, begin, 0)
    a.by_anyone("bind_reinsurance")
    assert lens.view("next_action", a.pool.address).action == "settle"
    a.chain.revert(few)
    a.start()
    assert lens.view("next_action", a.pool.address).action == "refund_many"


@pytest.mark.spec("V4")
def test_next_step__of_a_pool_whose_claims_are_not_over(a: Arena, lens: Contract) -> None:
    """The first that is not decided; once all are, the first whose award waits."""
    a.create()
    join_all(a)
    a.at(a.window_end(2))
    a.award(M[0], 10, M)
    a.at(a.terms.expiry + a.terms.reporting_period - 2)
    filed_at = a.chain.time
    a.file(M[0], 40)
    a.at(filed_at + 1)
    a.file(M[1], 4000)
    a.file(M[2], 4500)
    a.at(filed_at + 2)
    ends = filed_at + a.terms.voting_period

    def step() -> tuple:
        return tuple(lens.view("next_action", a.pool.address))

    assert step() == ("vote", ZERO, 2, filed_at, ends)
    a.vote(2, M[1:], 0)
    assert step() == ("resolve", ZERO, 2, 0, 0)
    a.by_anyone("resolve", 2)
    assert step() == ("vote", ZERO, 3, filed_at + 1, ends + 1)
    a.vote(3, [M[0], M[2]])
    a.by_anyone("resolve", 3)
    assert step() == ("vote", ZERO, 4, filed_at + 1, ends + 1)
    a.vote(4, M[:2], 9)
    a.by_anyone("resolve", 4)
    # the claim of window 3 was paid at once; but windows are settled in order
    window = a.pool.view("claim", 3).window
    assert step() == ("settle_window", ZERO, 3, a.window_end(3), 0)
    a.at(a.window_end(window))
    a.by_anyone("settle_window", 3)
    assert step() == ("settle_window", ZERO, window, a.window_end(window), 0)
    a.by_anyone("settle_window", window)
    assert step()[0] == "settle"
    assert tuple(lens.view("next_claim_action", a.pool.address, 3)) == ("pay_award", ZERO, 3, 0, 0)
    a.by_anyone("pay_award", 3)
    assert tuple(lens.view("next_claim_action", a.pool.address, 3)) == ("", ZERO, 3, 0, 0)


@pytest.mark.spec("V4")
def test_next_step__of_a_claim_through_a_hearing(a: Arena, lens: Contract) -> None:
    a.create(**HEARING)
    join_all(a)
    a.pool.send("pledge", PAYEE, 10, sender=M[0])
    a.at(a.terms.cover_start + DAY)
    call = ("file_claim_for", M[0], 1000, a.chain.time, b"\1" * 32, "")
    a.pool.send(*call, sender=PAYEE)
    filed_at = a.chain.time
    ends = filed_at + a.terms.voting_period

    def step() -> tuple:
        return tuple(lens.view("next_claim_action", a.pool.address, 1))

    def lasts(until: int, expected: tuple, then: tuple) -> None:
        """The step is the same to the last second, and then another."""
        before = a.chain.snapshot()
        assert step() == expected
        a.at(until - 1)
        assert step() == expected
        a.at(until)
        assert step() == then
        a.chain.revert(before)

    resolve = ("resolve", ZERO, 1, 0, 0)
    lasts(ends, ("vote", ZERO, 1, filed_at, ends), ("resolve", ZERO, 1, ends, 0))
    begun = a.chain.snapshot()
    a.vote(1, M[1:], 2)
    assert step() == resolve
    a.chain.time += 5
    a.by_anyone("resolve", 1)
    since = a.chain.time
    until = since + APPEAL
    lasts(until, ("appeal", PAYEE, 1, since, until), ("resolve", ZERO, 1, until, 0))
    a.chain.time += 5
    a.pool.send("appeal", 1, sender=PAYEE)
    until = since + 5 + RULING
    lasts(until, ("rule", ARBITER, 1, since + 5, until), ("resolve", ZERO, 1, until, 0))
    a.pool.send("rule", 1, 3, b"\1" * 32, sender=ARBITER)
    assert step() == ("", ZERO, 1, 0, 0)
    a.chain.revert(begun)
    a.at(ends + 3)
    a.by_anyone("resolve", 1)
    until = ends + 3 + RULING
    lasts(until, ("rule", ARBITER, 1, ends + 3, until), ("resolve", ZERO, 1, until, 0))
    a.at(until)
    a.by_anyone("resolve", 1)
    assert step() == ("", ZERO, 1, 0, 0)
    for number in (0, 2):
        with pytest.raises(Reverted, match="claim: no such claim"):
            lens.view("next_claim_action", a.pool.address, number)


@pytest.mark.spec("V4", "A1", "A4")
@pytest.mark.parametrize(
    ("quorum", "approval", "awards", "step"),
    [
        (10_000, 5000, (7, 7), "vote"),  # certain, but for the quorum
        (6666, 5000, (7, 7), "resolve"),
        (6667, 5000, (7, 7), "vote"),
        (3333, 10_000, (0,), "resolve"),  # one is enough to refuse all
        (3333, 10_000, (7,), "vote"),  # 7 or less, still
        (1, 6667, (7, 7), "vote"),
        (1, 6666, (7, 7), "resolve"),
    ],
)
def test_next_step__is_to_resolve_once_a_quorum_is_certain(
    a: Arena, lens: Contract, quorum: int, approval: int, awards: tuple[int, ...], step: str
) -> None:
    a.create(quorum_bps=quorum, approval_bps=approval)
    join_all(a)
    a.join(5)
    a.start()
    a.file(address_of(5), 1000)
    for voter, award in zip(M, awards, strict=False):
        a.vote(1, [voter], award)
    assert lens.view("next_claim_action", a.pool.address, 1).action == step
    assert (a.refusal("resolve", 1) == "") == (step == "resolve")


@pytest.mark.spec("V4", "W7")
def test_next_step__of_an_award_that_waits_names_the_first_window(a: Arena, lens: Contract) -> None:
    a.create()
    join_all(a)
    for window, member in ((0, M[1]), (1, M[2]), (3, M[0])):
        a.at(a.terms.cover_start + window * a.terms.voting_period)
        a.file(member, 3001 if window == 3 else 1)
        a.vote(a.summary().claims, [m for m in M if m != member])
        if window != 1:
            a.by_anyone("resolve", a.summary().claims)
    a.at(a.window_end(3))
    a.by_anyone("resolve", 2)
    for window in (0, 1, 3):
        step = lens.view("next_claim_action", a.pool.address, 3)
        assert tuple(step) == ("settle_window", ZERO, window, a.window_end(window), 0)
        a.by_anyone("settle_window", window)
    assert lens.view("next_claim_action", a.pool.address, 3).action == "pay_award"


# --- towers and quotes ------------------------------------------------------


@pytest.mark.spec("V6", "V7")
def test_tower_and_quote__through_a_life(both: Arena) -> None:
    a = both
    lens = lens_of(a)
    a.create(
        tiers=(Tier(1000, 50_000),),
        reinsurance=(Layer(2000, 200), Layer(1000, 50), Layer(900, 90)),
        max_cession_bps=1000,
        cause_bps=2500,
        **WITH_CAUSE,
    )
    join_all(a)
    for number, amount in ((1, 2000), (2, 500)):
        deposit(a, amount, number=number)

    def tower() -> tuple:
        told = lens.view("tower", a.pool.address)
        assert [row.layer for row in told.layers] == [a.pool.view("layer", n) for n in (1, 2, 3)]
        rows = [(row.attachment, row.left, row.rate_on_line_bps) for row in told.layers]
        return rows, told.collectable, told.per_member

    def quote() -> tuple:
        return tuple(lens.view("quote_settlement", a.pool.address))

    offered = [(2775, 2000, 1000), (4775, 500, 500), (5275, 0, 1000)]
    assert tower() == (offered, 5275, 1758)
    assert quote() == (0, 0, 0, 2775, 693, 2082)
    a.start()
    assert tower() == (offered, 5275, 1758)
    a.by_anyone("bind_reinsurance")
    assert tower() == (offered, 5275, 1758)
    a.file(M[0], 2000)
    assert tower() == (offered, 5275, 1758)
    assert quote() == (2000, 0, 2000, 775, 193, 582)
    a.file(M[1], 4000)
    assert quote() == (6000, 0, 5275, 0, 0, 0)
    a.vote(1, M[1:])
    a.by_anyone("resolve", 1)  # waits
    a.vote(2, [M[0], M[2]])
    a.by_anyone("resolve", 2)
    assert quote() == (6000, 0, 5275, 0, 0, 0)
    a.donate(25)
    assert tower() == ([(2800, 2000, 1000), (4800, 500, 500), (5300, 0, 1000)], 5300, 1766)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    assert tower() == ([(0, 0, 1000), (0, 0, 500), (0, 0, 1000)], 0, 0)
    assert quote() == (0, 700, 0, 0, 0, 0)
    a.donate(700 + 600)
    assert tower() == ([(0, 100, 1000), (100, 500, 500), (600, 0, 1000)], 600, 200)
    a.file(M[2], 250)
    assert quote() == (250, 0, 250, 0, 0, 0)
    a.donate(1900 + 41)
    assert tower() == ([(41, 2000, 1000), (2041, 500, 500), (2541, 0, 1000)], 2541, 847)
    assert quote() == (250, 0, 250, 0, 0, 0)
    a.donate(1000)
    assert quote() == (250, 0, 250, 791, 197, 594)
    a.vote(3, M[:2], 0)
    a.by_anyone("resolve", 3)
    a.reporting_end()
    assert tower()[1] == 3541
    a.by_anyone("settle")
    assert tower() == ([(0, 0, 1000), (0, 0, 500), (0, 0, 1000)], 0, 0)
    a.by_anyone("refund", M[0])
    assert quote() == (0, 0, 0, 1041 - 260 - 260, 130, 391)


@pytest.mark.spec("V7")
def test_tower__cut_by_the_cap_has_the_rates_of_what_was_ceded(a: Arena, lens: Contract) -> None:
    a.create(**{**ROUND, "max_cession_bps": 200})
    join_all(a)
    deposit(a, 2000), deposit(a, 1000, number=2)
    assert [row.rate_on_line_bps for row in lens.view("tower", a.pool.address).layers] == [
        1000,
        500,
    ]
    a.start()
    a.by_anyone("bind_reinsurance")  # 48 and 12 of 60
    assert [row.rate_on_line_bps for row in lens.view("tower", a.pool.address).layers] == [240, 120]


@pytest.mark.spec("R11", "V7")
def test_tower_and_quote__of_a_cancelled_pool(a: Arena, lens: Contract) -> None:
    a.create(**ROUND, min_members=4)
    join_all(a)
    deposit(a, 1000)
    a.donate(31)
    told = lens.view("tower", a.pool.address)
    assert (told.collectable, told.per_member) == (3031 - 100 + 1000, 3931 // 3)
    a.start()
    told = lens.view("tower", a.pool.address)
    assert (told.collectable, told.per_member) == (0, 0)
    assert [(row.attachment, row.left) for row in told.layers] == [(0, 0), (0, 0)]
    assert tuple(lens.view("quote_settlement", a.pool.address)) == (0, 0, 0, 3031, 0, 3031)
