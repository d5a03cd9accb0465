"""peerpool.ledger on hand-made events; layers and whole lives: test_ledger_layers.py."""

from dataclasses import replace

import pytest
from eth_abi import encode
from eth_utils import keccak

from peerpool.ledger import Event, Kept, LedgerError, differences
from peerpool.ledger.codec import call
from peerpool.units import DAY, ZERO_ADDRESS
from tests.python.pool_story import START, TERMS, UNIT, Story, cancelled, role, whole_life

EARLY = START - DAY


def summary(**changes):
    """What pool.summary() says after whole_life()."""
    return {
        "phase": 4,
        "members": 3,
        "roster_size": 4,
        "claims": 3,
        "open_claims": 0,
        "premiums": 300 * UNIT,
        "funds": 3,
        "held": 0,
        "asked": 0,
        "unpaid": 0,
        "capacity": 0,
        "drawn": 0,
        "unbound": False,
        "settled_at": START + 400 * DAY,
        "shared_at": START + 400 * DAY,
    } | changes


def test_rebuild__every_unit_that_entered_is_somewhere():
    ledger = whole_life().ledger()
    assert sum(ledger.books.balances.values()) == 0
    assert ledger.came_in() == {
        "premium": 400 * UNIT,
        "donation": 40 * UNIT,
        "bond": 15 * UNIT,
    }
    assert ledger.went_out() == {
        "premium back": 100 * UNIT,
        "bond back": 10 * UNIT,
        "award": 70 * UNIT,
        "cause": 67 * UNIT,
        "refund": 201 * UNIT - 3,
        "fee": 6 * UNIT,
        "commission": UNIT,
    }
    assert (ledger.funds, ledger.held) == (3, 0)


def test_rebuild__members():
    members = whole_life().ledger().members
    claimant, employee, referred, leaver = (members[i] for i in (1, 2, 3, 4))
    due = 67 * UNIT - 1
    assert claimant.net == 30 * UNIT + due - 100 * UNIT
    assert (employee.payer, employee.awarded, employee.paid) == (
        role("employer"),
        40 * UNIT,
        40 * UNIT,
    )
    assert (referred.bonds_kept, referred.net) == (5 * UNIT, due - 105 * UNIT)
    assert (leaver.left_at, leaver.net) == (START - 9 * DAY, 0)


def test_rebuild__claims():
    full, part, none = whole_life().ledger().claims.values()
    assert (full.tenths, full.award, full.paid, full.bond_kept) == (10, 30 * UNIT, 30 * UNIT, 0)
    assert (part.tenths, part.award, part.paid) == (8, 40 * UNIT, 40 * UNIT)
    assert part.tally() == (0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0)
    assert (none.status, none.award, none.paid, none.bond_kept) == (3, 0, 0, 5 * UNIT)
    assert [claim.window for claim in (full, part, none)] == [4, 8, 12]


def test_rebuild__credit_takes_award_and_bond_back_until_it_is_pulled():
    story = whole_life()
    pulled = next(i for i, e in enumerate(story.events) if e.name == "Withdrawn")
    story.events = story.events[:pulled]
    ledger = story.ledger()
    assert ledger.credit_of(role("employee")) == 45 * UNIT
    assert ledger.went_out()["award"] == 30 * UNIT  # the other claim's
    assert ledger.held == (45 + 7) * UNIT
    assert ledger.claims[2].paid == 40 * UNIT  # as the contract counts it


def test_rebuild__credit_in_a_batch_is_the_payment_just_before_it():
    story = Story()
    story.joined(EARLY, 1, "claimant").joined(EARLY, 2, "employee").joined(EARLY, 3, "referred")
    story.tell(START + 400 * DAY, "Settled", surplus=300 * UNIT)
    story.also("Shared", to_cause=0, to_members=300 * UNIT)
    for name in ("claimant", "employee", "referred"):
        story.also("Refunded", member=role(name), amount=100 * UNIT)
        if name == "employee":
            story.also("Credited", account=role("employee"), amount=100 * UNIT)
    ledger = story.ledger()
    assert ledger.credit_of(role("employee")) == 100 * UNIT
    assert ledger.went_out() == {"refund": 200 * UNIT}


def test_rebuild__shortage_is_set_aside_and_made_up():
    story = Story()
    story.joined(EARLY, 1, "claimant").joined(EARLY, 2, "employee")
    story.filed(START + DAY, 1, "claimant", 300 * UNIT)
    story.resolved(START + 2 * DAY, 1, status=2, award=10, amount=300 * UNIT)
    assert story.ledger().asked == 300 * UNIT
    story.tell(START + 7 * DAY, "WindowSettled", window=0, awards=300 * UNIT, available=200 * UNIT)
    story.tell(
        START + 8 * DAY, "AwardPaid", claim_id=1, claimant=role("claimant"), amount=200 * UNIT
    )
    story.tell(START + 9 * DAY, "Donated", donor=role("supporter"), amount=120 * UNIT)
    story.also("MadeUp", amount=100 * UNIT)
    ledger = story.ledger()
    assert (ledger.asked, ledger.unpaid) == (0, 0)
    assert (ledger.funds, ledger.held) == (20 * UNIT, 100 * UNIT)
    story.tell(
        START + 10 * DAY, "AwardPaid", claim_id=1, claimant=role("claimant"), amount=100 * UNIT
    )
    ledger = story.ledger()
    assert (ledger.funds, ledger.held, ledger.claims[1].paid) == (20 * UNIT, 0, 300 * UNIT)


def test_rebuild__waiting_award_paid_before_its_window_is_settled_comes_from_the_funds():
    story = Story()
    story.joined(EARLY, 1, "claimant").joined(EARLY, 2, "employee")
    story.filed(START + DAY, 1, "claimant", 250 * UNIT)
    story.resolved(START + 2 * DAY, 1, status=2, award=10, amount=250 * UNIT)
    story.tell(START + 3 * DAY, "Donated", donor=role("supporter"), amount=60 * UNIT)
    story.tell(
        START + 4 * DAY, "AwardPaid", claim_id=1, claimant=role("claimant"), amount=250 * UNIT
    )
    ledger = story.ledger()
    assert (ledger.funds, ledger.held, ledger.asked) == (10 * UNIT, 0, 0)


def test_rebuild__cancelled_pool_gives_the_whole_premium_to_its_payer():
    story = cancelled()
    for name, payer in (("claimant", "employer"), ("employee", "employee")):
        story.tell(
            START, "PremiumReturned", member=role(name), payer=role(payer), amount=100 * UNIT
        )
    story.tell(START, "DonationReturned", donor=role("supporter"), amount=40 * UNIT)
    ledger = story.ledger()
    assert ledger.phase_at(START) == 1
    assert ledger.went_out() == {"refund": 200 * UNIT, "donation back": 40 * UNIT}
    assert (ledger.funds, ledger.held, ledger.earnings_of(role("referrer"))) == (0, 0, 0)


def test_rebuild__cancelled_pool_that_is_swept_gives_void_earnings_to_the_cause():
    story = cancelled()
    story.tell(
        START, "PremiumReturned", member=role("claimant"), payer=role("employer"), amount=100 * UNIT
    )
    story.tell(START + 365 * DAY, "Swept", amount=140 * UNIT)
    ledger = story.ledger()
    assert ledger.went_out() == {"refund": 100 * UNIT, "cause": 140 * UNIT}
    assert (ledger.funds, ledger.held) == (0, 0)


def test_rebuild__stray_money_after_the_settlement_is_shared_again():
    story = whole_life()
    at = story.events[-1].time + DAY
    story.tell(at, "Absorbed", amount=8 * UNIT)
    story.also("Shared", to_cause=2 * UNIT, to_members=6 * UNIT)
    ledger = story.ledger()
    assert ledger.came_in()["stray money"] == 8 * UNIT
    assert ledger.went_out()["cause"] == 69 * UNIT
    assert (ledger.funds, ledger.shared_at) == (6 * UNIT + 3, at)


def test_rebuild__sharing_too_small_to_put_off_a_sweep():
    story = whole_life()
    settled = next(i for i, e in enumerate(story.events) if e.name == "Shared")
    story.events = story.events[: settled + 1]
    at = story.events[-1].time
    story.tell(at + DAY, "Absorbed", amount=2 * UNIT)
    story.also("Shared", to_cause=0, to_members=2 * UNIT)
    assert story.ledger().shared_at == at  # 2 of 203 that wait
    story.tell(at + 2 * DAY, "Absorbed", amount=3 * UNIT)
    story.also("Shared", to_cause=0, to_members=3 * UNIT)
    assert story.ledger().shared_at == at + 2 * DAY  # 3 of 206


def test_rebuild__refunds_after_a_sweep_count_from_zero():
    story = whole_life()
    at = story.events[-1].time + 365 * DAY
    story.tell(at, "Swept", amount=3)
    before = story.ledger().members[1]
    assert before.refunded_since_sweep == before.refunded == 67 * UNIT - 1
    story.tell(at, "Absorbed", amount=9)
    story.also("Shared", to_cause=0, to_members=9)
    for _ in range(2):
        story.tell(at, "Refunded", member=role("claimant"), amount=1)
    after = story.ledger().members[1]
    assert (after.refunded_since_sweep, after.refunded) == (2, 67 * UNIT + 1)


def test_rebuild__who_left_comes_back_with_a_new_id():
    story = Story()
    story.joined(EARLY, 1, "claimant")
    story.tell(
        EARLY, "Left", member=role("claimant"), id=1, payer=role("claimant"), premium=100 * UNIT
    )
    story.joined(EARLY + 60, 2, "claimant", tier=1, premium=50 * UNIT)
    ledger = story.ledger()
    assert ledger.present == {role("claimant"): 2}
    assert ledger.premiums == 50 * UNIT


def test_rebuild__pots_over_time():
    story, points = whole_life(), []

    class Watcher:
        def saw(self, ledger, events, moves):
            points.append((ledger.funds, ledger.held))

    story.ledger(Watcher())
    assert points[:5] == [
        (98 * UNIT, 2 * UNIT),
        (196 * UNIT, 4 * UNIT),
        (293 * UNIT, 7 * UNIT),
        (391 * UNIT, 9 * UNIT),
        (293 * UNIT, 7 * UNIT),
    ]
    assert points[-1] == (3, 0)


def test_rebuild__watchers_see_every_event_and_move_by_transaction():
    kept = Kept()
    story = whole_life()
    ledger = story.ledger(kept)
    assert kept.events == story.events
    assert all(move.event in story.events for move in kept.moves)
    sums = dict.fromkeys(ledger.books.balances, 0)
    for move in kept.moves:
        sums[move.source] -= move.amount
        sums[move.target] += move.amount
    assert sums == ledger.books.balances


def test_phase_at():
    ledger = whole_life().ledger()
    moments = [START - 1, START, TERMS.expiry - 1, TERMS.expiry, START + 400 * DAY]
    assert [ledger.phase_at(moment) for moment in moments] == [0, 2, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("Donatd", {}, "ledger: no rule for Donatd (block 2, log 0)"),
        (
            "Joined",
            {"member": role("claimant"), "id": 2},
            "ledger: member or id is taken in Joined",
        ),
        (
            "Joined",
            {"member": role("employee"), "id": 1},
            "ledger: member or id is taken in Joined",
        ),
        (
            "Donated",
            {"donor": role("claimant"), "amount": -1},
            "ledger: negative amount in Donated",
        ),
        (
            "Refunded",
            {"member": role("employee"), "amount": 1},
            f"ledger: {role('employee')} is not a member in Refunded",
        ),
        (
            "Refunded",
            {"member": role("claimant"), "amount": 101 * UNIT},
            f"ledger: funds is {-UNIT} after transaction 0x",
        ),
        (
            "BallotCast",
            {"claim_id": 7, "voter": role("claimant"), "award": 10},
            "ledger: no claim 7 in BallotCast",
        ),
        (
            "Credited",
            {"account": role("claimant"), "amount": 1},
            "ledger: no payment of 1 before Credited",
        ),
        (
            "Withdrawn",
            {"account": role("claimant"), "receiver": role("claimant"), "amount": 1},
            "ledger: 0 was due in Withdrawn (block 2, log 0), not 1",
        ),
        ("Settled", {"surplus": 1}, f"ledger: surplus is not the funds ({100 * UNIT}) in Settled"),
    ],
)
def test_rebuild__contradiction__raises(name, args, message):
    story = Story(replace(TERMS, min_members=1)).joined(EARLY, 1, "claimant")
    if name == "Joined":
        args = {"payer": role("claimant"), "premium": 0} | args
    with pytest.raises(LedgerError) as caught:
        story.tell(START, name, **args).ledger()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("BallotCast", {"claim_id": 1, "voter": role("employee"), "award": 11}),
        ("ClaimResolved", {"claim_id": 1, "status": 2, "award": 10, "amount": UNIT}),
    ],
)
def test_rebuild__what_does_not_exist__raises(name, args):
    story = Story().joined(EARLY, 1, "claimant", tier=7).filed(START, 1, "claimant", UNIT)
    with pytest.raises(LedgerError, match=rf"ledger: {name} .* of something that does not exist"):
        story.tell(START, name, **args).ledger()


def test_rebuild__claim_decided_twice__raises():
    story = Story().joined(EARLY, 1, "claimant").joined(EARLY, 2, "employee")
    story.filed(START, 1, "claimant", UNIT).resolved(START + DAY, 1, status=4, award=0, amount=0)
    with pytest.raises(LedgerError, match=r"ledger: claim 1 is decided twice"):
        story.resolved(START + DAY, 1, status=4, award=0, amount=0).ledger()


def test_differences__none():
    assert differences(whole_life().ledger(), summary(), 3) == []


@pytest.mark.parametrize("field", sorted(summary()))
def test_differences__each_field_is_compared(field):
    found = differences(whole_life().ledger(), summary(**{field: 77}), 3)
    assert len(found) == 1
    assert found[0].startswith(f"{field}: the events say ")
    assert found[0].endswith(", the pool says 77")


def test_differences__balance():
    ledger = whole_life().ledger()
    assert differences(ledger, summary(), 2) == ["balance: 0.000001 EURX are missing"]
    assert differences(ledger, summary(), 3 + UNIT) == ["balance: 1 EURX are stray, see absorb()"]


class Node:
    """Answers every call with the same bytes, and remembers what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.eth = self
        self.answer = answer

    def call(self, transaction, block):
        self.asked = (transaction["data"], block)
        return self.answer


def test_call__struct_by_field_name():
    entry = {
        "name": "terms",
        "type": "function",
        "inputs": [{"name": "id", "type": "uint256"}],
        "outputs": [
            {
                "name": "",
                "type": "tuple",
                "components": [
                    {"name": "who", "type": "address"},
                    {
                        "name": "tiers",
                        "type": "tuple[]",
                        "components": [{"name": "premium", "type": "uint256"}],
                    },
                ],
            }
        ],
    }
    node = Node(encode(["(address,(uint256)[])"], [(ZERO_ADDRESS, [(5,), (7,)])]))
    found = call(node, [entry], role("pool"), "terms", 3, block=12)
    assert found == {"who": ZERO_ADDRESS, "tiers": ({"premium": 5}, {"premium": 7})}
    assert node.asked == (keccak(text="terms(uint256)")[:4] + encode(["uint256"], [3]), 12)


def test_event__names_itself():
    assert str(Event("Swept", {"amount": 1}, 4, 0, "0x", 2)) == "Swept (block 4, log 2)"
