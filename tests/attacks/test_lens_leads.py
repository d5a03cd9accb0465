"""The lens through whole lives: who only does what it names brings every pool to its end."""

from __future__ import annotations

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import CAUSE, DAY, WITH_CAUSE, WORDS, ZERO, Arena
from tests.attacks.test_hearing import ARBITER, HEARING, RULING, refused
from tests.attacks.test_lens_tells import lens_of
from tests.evm.chain import Reverted
from tests.evm.contract import Contract
from tests.evm.signing import address_of
from tests.layers.steps import deposit

M = [address_of(n) for n in (2, 3, 4)]
TOWER = {
    "tiers": (Tier(1000, 50_000),),
    "reinsurance": (Layer(2000, 200), Layer(1000, 50)),
    "max_cession_bps": 5000,
}


def follow(a: Arena, lens: Contract) -> list[str]:
    """Do what comes next, each at its first second, until nothing does; return what was done.

    Where the step is somebody's own (to join, to claim, to vote, to appeal, to rule), nobody takes
    it, and time goes by until another is named.
    """
    done = []
    while (step := lens.view("next_action", a.pool.address)).action:
        done.append(step.action)
        assert len(done) < 50
        a.at(max(a.chain.time, step.since))
        if step.action == "refund_many" and a.by_anyone("refund_many", 1, 100).value:
            continue
        if step.action == "refund_many" and not step.until:
            break  # dust is left, and no cause to have it
        if step.action in ("join", "file_claim", "vote", "appeal", "rule", "refund_many"):
            a.at(step.until)
            continue
        arguments = [step.argument] if step.argument else []
        if step.action == "settle_window":
            arguments = [step.argument]
        assert a.refusal(step.action, *arguments) == ""
    return done


def join_three(a: Arena) -> None:
    for number in (2, 3, 4):
        a.join(number)


@pytest.mark.spec("V4")
def test_cancelled_pool__is_refunded_and_swept(a: Arena) -> None:
    a.create(min_members=4, **WITH_CAUSE)
    lens = lens_of(a)
    join_three(a)
    a.donate(100)
    assert follow(a, lens) == ["join", "refund_many", "refund_many", "sweep"]
    assert (a.balance(CAUSE), a.balance(M[0])) == (100, 1000)


@pytest.mark.spec("V4")
def test_quiet_pool__is_settled_and_refunded(both: Arena) -> None:
    a = both
    a.create()
    lens = lens_of(a)
    join_three(a)
    assert follow(a, lens) == ["join", "file_claim", "settle", "refund_many"]
    assert [a.balance(member) for member in M] == [1000] * 3


@pytest.mark.spec("V4")
def test_claims_of_two_windows__are_decided_settled_and_paid(a: Arena) -> None:
    """More is asked than there is, so that awards wait; the windows come in their order."""
    a.create(silent_consent_limit=5000)
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[0], 4000)
    a.file(M[1], 4000)
    a.at(a.window_end(1))
    a.file(M[2], 4000)
    decided = ["file_claim", "resolve", "resolve", "resolve"]
    paid = ["settle_window", "pay_award", "pay_award", "settle_window", "settle"]
    assert follow(a, lens) == decided + paid
    assert [a.balance(member) for member in M] == [1500, 1500, 0]
    # the third was cut to nothing, and nobody's call would make it up
    assert lens.view("next_claim_action", a.pool.address, 3).action == ""


@pytest.mark.spec("V4")
def test_award_of_the_second_window__waits_for_the_first(a: Arena) -> None:
    a.create()
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[0], 4000)
    a.vote(1, M[1:], 0)
    a.at(a.window_end(0))
    a.file(M[1], 4000)
    a.vote(2, [M[0], M[2]])
    a.by_anyone("resolve", 2)
    step = lens.view("next_claim_action", a.pool.address, 2)
    assert (step.action, step.argument, step.since) == ("settle_window", 0, a.window_end(0))
    a.by_anyone("resolve", 1)
    assert lens.view("next_claim_action", a.pool.address, 1).action == ""  # rejected
    a.by_anyone("settle_window", 0)
    step = lens.view("next_claim_action", a.pool.address, 2)
    assert (step.action, step.argument, step.since) == ("settle_window", 1, a.window_end(1))
    a.reporting_end()
    assert lens.view("next_action", a.pool.address) == step


@pytest.mark.spec("V4")
def test_hearing_that_nobody_attends__ends(a: Arena) -> None:
    a.create(**HEARING)
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[0], 1000)
    a.at(a.terms.expiry)
    a.file(M[1], 1000)
    a.reporting_end()
    done = follow(a, lens)
    assert done == [
        "resolve",
        "rule",
        "resolve",
        "vote",
        "resolve",
        "rule",
        "resolve",
        "settle",
        "refund_many",
    ]


@pytest.mark.spec("V4")
def test_award_that_can_be_paid_now__is_named_before_its_window(a: Arena) -> None:
    a.create()
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[1], 4000)
    a.award(M[0], 2900, M)
    assert lens.view("next_claim_action", a.pool.address, 2).action == "settle_window"
    a.donate(4000)
    assert lens.view("next_claim_action", a.pool.address, 2).action == "pay_award"
    a.by_anyone("pay_award", 2)
    assert lens.view("next_claim_action", a.pool.address, 2).action == ""


@pytest.mark.spec("V4")
def test_decided_for_certain__is_named_before_time(a: Arena) -> None:
    a.create()
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[0], 1000)
    a.vote(1, M[1:2], 5)
    assert lens.view("next_claim_action", a.pool.address, 1).action == "vote"
    a.vote(1, M[2:], 5)
    assert lens.view("next_claim_action", a.pool.address, 1).action == "resolve"


@pytest.mark.spec("V4")
@pytest.mark.parametrize("hearing", ["referred", "appealed"])
def test_arbiter_s_own_case__is_resolved_by_anybody_once_the_time_to_rule_is_over(
    a: Arena, hearing: str
) -> None:
    a.create(**HEARING)
    lens = lens_of(a)
    join_three(a)
    a.join(90)
    a.start()
    a.file(ARBITER, 1000)
    if hearing == "appealed":
        a.vote(1, M, 5)
    else:
        a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", 1)
    if hearing == "appealed":
        a.pool.send("appeal", 1, sender=ARBITER)
    since = a.chain.time + RULING
    expected = ("resolve", ZERO, 1, since, 0)
    assert tuple(lens.view("next_claim_action", a.pool.address, 1)) == expected
    assert refused(a, ARBITER, "rule", 1, 10, WORDS) == "ruling: own case"
    a.at(since - 1)
    assert a.refusal("resolve", 1) == "claim: waits for the arbiter"
    a.at(since)
    assert tuple(lens.view("next_claim_action", a.pool.address, 1)) == expected
    assert a.refusal("resolve", 1) == ""


@pytest.mark.spec("V4")
def test_own_case__stops_no_pool(a: Arena) -> None:
    a.create(**HEARING)
    lens = lens_of(a)
    a.join(90)
    a.at(a.terms.expiry)
    a.file(ARBITER, 1000)
    a.reporting_end()
    assert follow(a, lens) == ["resolve", "resolve", "settle", "refund_many"]


@pytest.mark.spec("V4")
def test_waiting_period__claims_are_named_from_its_end_on(a: Arena) -> None:
    a.create(waiting_period=2 * DAY)
    lens = lens_of(a)
    join_three(a)
    a.start()
    since = a.terms.cover_start + 2 * DAY
    over = a.terms.expiry + a.terms.reporting_period
    for moment, refusal in (
        (since - 1, "claim: incident before the member's cover"),
        (since, ""),
    ):
        a.at(moment)
        step = lens.view("next_action", a.pool.address)
        assert tuple(step) == ("file_claim", ZERO, 0, since, over)
        assert refused(a, M[0], "file_claim", 10, moment, WORDS, "") == refusal


@pytest.mark.spec("V4")
@pytest.mark.parametrize("cancelled", [False, True])
def test_refunds__are_named_from_the_first_on_although_more_was_shared_since(
    a: Arena, cancelled: bool
) -> None:
    """Only the time for them begins anew."""
    a.create(min_members=4 if cancelled else 1, **WITH_CAUSE)
    lens = lens_of(a)
    join_three(a)
    since = a.terms.cover_start if cancelled else a.terms.expiry + a.terms.reporting_period
    a.at(since - 1)
    assert a.refusal("refund_many", 1, 1) == "refund: pool is not settled"
    a.at(since)
    if not cancelled:
        a.by_anyone("settle")
    assert a.by_anyone("refund_many", 1, 1).value == 1000
    a.at(since + 5 * DAY)
    a.stray(900)
    a.by_anyone("absorb")
    end = since + 185 * DAY
    step = lens.view("next_action", a.pool.address)
    assert tuple(step) == ("refund_many", ZERO, 1, since, end)
    a.at(end - 1)
    assert lens.view("next_action", a.pool.address) == step
    assert a.refusal("sweep") == "sweep: too early"
    a.at(end)
    assert tuple(lens.view("next_action", a.pool.address)) == ("sweep", ZERO, 0, end, 0)
    assert a.refusal("sweep") == ""


@pytest.mark.spec("V4")
@pytest.mark.parametrize("layered", [False, True])
def test_full_pool__next_is_what_comes_at_the_start_of_cover(a: Arena, layered: bool) -> None:
    a.create(max_members=3, waiting_period=DAY, **(TOWER if layered else {}))
    lens = lens_of(a)
    join_three(a)
    if layered:
        deposit(a, 1000)
    start, over = a.terms.cover_start, a.terms.expiry + a.terms.reporting_period
    expected = ("file_claim", ZERO, 0, start + DAY, over)
    if layered:
        expected = ("bind_reinsurance", ZERO, 0, start, 0)
    assert tuple(lens.view("next_action", a.pool.address)) == expected
    full = a.chain.snapshot()
    a.pool.send("leave", sender=M[0])
    assert lens.view("next_action", a.pool.address).action == "join"
    a.chain.revert(full)
    a.start()
    assert tuple(lens.view("next_action", a.pool.address)) == expected


@pytest.mark.spec("V4")
@pytest.mark.parametrize("beside", ["nobody", "the payee"])
def test_claim_on_which_nobody_can_vote__waits_for_the_end_of_the_vote(
    a: Arena, beside: str
) -> None:
    a.create()
    lens = lens_of(a)
    a.join(2)
    if beside == "the payee":
        a.pool.send("pledge", M[1], 10, sender=M[0])
        a.join(3)
    a.start()
    a.file(M[0], 1000)
    assert a.pool.view("claim", 1).electorate == 0
    end = a.chain.time + a.terms.voting_period
    expected = ("resolve", ZERO, 1, end, 0)
    assert tuple(lens.view("next_claim_action", a.pool.address, 1)) == expected
    a.at(end - 1)
    assert a.refusal("resolve", 1) == "claim: voting is still open"
    a.at(end)
    assert tuple(lens.view("next_claim_action", a.pool.address, 1)) == expected
    assert a.refusal("resolve", 1) == ""


@pytest.mark.parametrize("layers", [0, 1, 2, 4])
def test_tower__bound_first_if_anything_is_in_it(a: Arena, layers: int) -> None:
    rows = (Layer(2000, 200),) * layers
    a.create(
        tiers=TOWER["tiers"],
        reinsurance=rows,
        max_cession_bps=TOWER["max_cession_bps"] if rows else 0,
    )
    lens = lens_of(a)
    join_three(a)
    for number in range(1, layers + 1):
        deposit(a, 1000, number=number)
    a.start()
    told = lens.view("tower", a.pool.address)
    ceded = 100 * layers
    assert [row.attachment for row in told.layers] == [
        3000 - ceded + 1000 * i for i in range(layers)
    ]
    assert [row.left for row in told.layers] == [1000] * layers
    assert told.collectable == 3000 - ceded + 1000 * layers
    assert told.per_member == told.collectable // 3
    quote = lens.view("quote_settlement", a.pool.address)
    assert (quote.surplus, quote.to_members) == (3000 - ceded,) * 2
    expected = ["file_claim", "settle", "refund_many", *["refund_many"] * (layers > 0)]
    assert follow(a, lens) == (["bind_reinsurance"] if layers else []) + expected


@pytest.mark.parametrize("phase", ["enrolling", "bound", "cancelled", "settled"])
def test_tower__in_each_phase(a: Arena, phase: str) -> None:
    a.create(**TOWER, min_members=4 if phase == "cancelled" else 1)
    lens = lens_of(a)
    join_three(a)
    deposit(a, 1000)
    if phase != "enrolling":
        a.start()
    if phase in ("bound", "settled"):
        a.by_anyone("bind_reinsurance")
    if phase == "settled":
        a.reporting_end()
        a.by_anyone("settle")
    told = lens.view("tower", a.pool.address)
    over = phase in ("cancelled", "settled")
    assert [row.left for row in told.layers] == [0 if over else 1000, 0]
    assert told.collectable == (0 if over else 3900)
    # 200 of 2000, in any phase; nobody filled the second layer: 50 of 1000
    assert [row.rate_on_line_bps for row in told.layers] == [1000, 500]
    assert [row.layer.filled for row in told.layers] == [1000, 0]


def test_tower__cut_to_the_cap_and_without_members(a: Arena) -> None:
    a.create(**{**TOWER, "max_cession_bps": 100})
    lens = lens_of(a)
    assert lens.view("tower", a.pool.address).per_member == 0
    join_three(a)
    deposit(a, 2000)
    deposit(a, 1000, number=2)
    told = lens.view("tower", a.pool.address)
    assert told.collectable == 3000 - 24 - 6 + 3000  # of 30, in parts of 200 and 50
    a.start()
    a.by_anyone("bind_reinsurance")
    assert lens.view("tower", a.pool.address).collectable == told.collectable


def test_quote__pays_out_of_funds_then_layers_and_shares_the_rest(a: Arena) -> None:
    a.create(**TOWER, cause_bps=2500, **WITH_CAUSE)
    lens = lens_of(a)
    join_three(a)
    deposit(a, 2000)
    a.start()
    a.by_anyone("bind_reinsurance")  # cedes 200 of 3000
    a.file(M[0], 800)
    assert tuple(lens.view("quote_settlement", a.pool.address)) == (800, 0, 800, 2000, 500, 1500)
    a.file(M[1], 3000)
    assert tuple(lens.view("quote_settlement", a.pool.address)) == (3800, 0, 3800, 0, 0, 0)
    a.file(M[2], 50_000)
    assert tuple(lens.view("quote_settlement", a.pool.address)) == (53_800, 0, 4800, 0, 0, 0)


@pytest.mark.spec("V6")
def test_quote__before_binding_pays_nobody_with_the_layers_premium(a: Arena) -> None:
    a.create(**TOWER)
    lens = lens_of(a)
    join_three(a)
    deposit(a, 2000)
    a.start()
    a.file(M[0], 50_000)
    quote = (50_000, 0, 2800 + 2000, 0, 0, 0)
    assert tuple(lens.view("quote_settlement", a.pool.address)) == quote
    a.by_anyone("bind_reinsurance")
    assert tuple(lens.view("quote_settlement", a.pool.address)) == quote


@pytest.mark.parametrize(
    "first, count, expected",
    [(1, 100, 100), (1, 1, 1), (100, 2, 1), (99, 1, 1), (1, 0, 0), (0, 100, 0), (101, 1, 0)],
)
def test_pages__stop_at_the_last_entry(
    hundred: Arena, first: int, count: int, expected: int
) -> None:
    a, lens = hundred, lens_of(hundred)
    members = lens.view("members", a.pool.address, first, count)
    accounts = [a.pool.view("member_at", first + i) for i in range(expected)]
    assert [row.account for row in members] == accounts
    assert [row.record for row in members] == [a.pool.view("member", who) for who in accounts]
    claims = lens.view("claims", a.pool.address, first, count)
    assert [row.id for row in claims] == list(range(first, first + expected))
    assert [row.claim for row in claims] == [a.pool.view("claim", row.id) for row in claims]


@pytest.mark.parametrize("page", ["members", "claims"])
def test_page_of_more_than_a_hundred__is_refused(hundred: Arena, page: str) -> None:
    with pytest.raises(Reverted, match="lens: more than 100"):
        lens_of(hundred).view(page, hundred.pool.address, 1, 101)


@pytest.fixture
def hundred(a: Arena) -> Arena:
    """A hundred members with a claim each."""
    a.create()
    members = [a.join(n) for n in range(1000, 1100)]
    a.start()
    for member in members:
        a.file(member, 10)
    return a


def test_problem_of_a_ballot__after_the_vote(a: Arena) -> None:
    a.create()
    lens = lens_of(a)
    join_three(a)
    a.start()
    a.file(M[0], 1000)
    a.file(M[1], 1000)
    ballot = (1, M[2], 10, bytes(32), b"")
    assert lens.view("ballot_problem", a.pool.address, *ballot) == "ballot: not signed by the voter"
    a.vote(1, M[1:])
    a.by_anyone("resolve", 1)
    assert lens.view("ballot_problem", a.pool.address, *ballot) == "ballot: voting is over"
    a.at(a.chain.time + a.terms.voting_period)
    assert lens.view("ballot_problem", a.pool.address, 2, *ballot[1:]) == "ballot: voting is over"
