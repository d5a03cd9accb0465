"""Records come out of their words as they went in, at the full width of every field."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.evm.chain import Chain, Reverted
from tests.evm.contract import Contract, deploy

SHELF = "tests/modules/Shelf.vy"
PERSON = "0x" + "a1" * 20
OTHER = "0x" + "b2" * 20
NOW = 2**39 + 12_345
ZERO = "0x" + "00" * 20

MEMBER = {
    "id": 32,
    "tier": 8,
    "joined_at": 40,
    "open_claim": 32,
    "awarded": 1,
    "other_payer": 1,
    "referred": 1,
    "pledged": 1,
    "refund_round": 12,
    "amount": 128,
}
CLAIM = {
    "claimant_id": 32,
    "filed_at": 40,
    "incident_at": 40,
    "electorate": 31,
    "roster_size": 32,
    "status": 3,
    "by_payee": 1,
    "award": 4,
    "until": 40,
    "payee_id": 32,
    "asked": 128,
    "paid": 128,
    "paid_at_once": 1,
}
TOTALS = {"roster_size": 32, "members": 32, "claims": 32, "premiums": 128}


@pytest.fixture
def shelf() -> Contract:
    return deploy(Chain(NOW), SHELF, sender=PERSON)


def full(widths: dict[str, int], **others: int) -> tuple[Any, ...]:
    """Return a record with nothing but ones, but for some."""
    values = {name: others.get(name, 2**bits - 1) for name, bits in widths.items()}
    return tuple(bool(v) if widths[name] == 1 else v for name, v in values.items())


def samples(widths: dict[str, int]) -> list[tuple[Any, ...]]:
    """Return records with one field empty, with one field full, and at random."""
    random = Random(0)
    return [
        *(full(widths, **{name: 0}) for name in widths),
        *(full(widths, **{n: 0 for n in widths if n != name}) for name in widths),
        *(full(widths, **{n: random.getrandbits(b) for n, b in widths.items()}) for _ in range(20)),
    ]


@pytest.mark.parametrize("record", samples(MEMBER), ids=str)
def test_member__comes_out_as_it_went_in(shelf: Contract, record: tuple[Any, ...]) -> None:
    shelf.send("store_member", OTHER, full(MEMBER), sender=PERSON)
    shelf.send("store_member", PERSON, record, sender=PERSON)
    assert tuple(shelf.view("load_member", PERSON)) == record
    assert tuple(shelf.view("load_member", OTHER)) == full(MEMBER)


@pytest.mark.parametrize("record", samples(CLAIM), ids=str)
def test_claim__comes_out_as_it_went_in(shelf: Contract, record: tuple[Any, ...]) -> None:
    claim = dict(zip(CLAIM, record, strict=True))
    # a word of nothing is no claim; who is paid at once is paid what was awarded
    claim["claimant_id"] = max(claim["claimant_id"], 1)
    if claim["paid_at_once"]:
        claim["award"] = min(claim["award"], 10)
        claim["paid"] = claim["asked"] * claim["award"] // 10
    expected = tuple(claim.values())
    shelf.send("store_claim", 8, full(CLAIM, paid_at_once=0), sender=PERSON)
    shelf.send("store_claim", 7, expected, sender=PERSON)
    assert tuple(shelf.view("load_claim", 7)) == expected
    assert tuple(shelf.view("load_claim", 8)) == full(CLAIM, paid_at_once=0)


@pytest.mark.parametrize("record", samples(TOTALS), ids=str)
def test_totals__come_out_as_they_went_in(shelf: Contract, record: tuple[Any, ...]) -> None:
    shelf.send("store_totals", record, sender=PERSON)
    assert tuple(shelf.view("load_totals")) == record


def test_totals__claims_beyond_their_width__are_refused(shelf: Contract) -> None:
    with pytest.raises(Reverted):
        shelf.send("store_totals", (1, 1, 2**32, 1), sender=PERSON)


@pytest.mark.parametrize("record", samples(MEMBER), ids=str)
def test_book_refund__changes_two_fields(shelf: Contract, record: tuple[Any, ...]) -> None:
    shelf.send("store_member", PERSON, record, sender=PERSON)
    for number, amount in ((2**12 - 1, 2**128 - 1), (0, 0), (1365, 2**127 + 5)):
        shelf.send("book_refund", PERSON, number, amount, sender=PERSON)
        assert tuple(shelf.view("load_member", PERSON)) == (*record[:-2], number, amount)


def test_roster__keeps_the_deadline_of_who_left(shelf: Contract) -> None:
    last, deadline = 2**32 - 1, 2**40 - 2
    shelf.send("add_member", last, PERSON, 255, deadline, sender=PERSON)
    assert shelf.view("find_member", last) == PERSON
    member = shelf.view("load_member", PERSON)
    assert (member.id, member.tier, member.joined_at) == (last, 255, NOW)
    assert (member.open_claim, member.other_payer, member.referred) == (0, False, False)
    shelf.send("remove_member", PERSON, last, sender=PERSON)
    assert shelf.view("find_member", last) == ZERO
    assert tuple(shelf.view("load_member", PERSON)) == full(
        dict.fromkeys(MEMBER, 0) | {"awarded": 1, "other_payer": 1, "referred": 1, "pledged": 1},
        joined_at=deadline,
        awarded=0,
        other_payer=0,
        referred=0,
        pledged=0,
    )
    with pytest.raises(Reverted, match="invitation: already used"):
        shelf.send("add_member", 1, PERSON, 0, deadline, sender=PERSON)
    shelf.send("add_member", 1, PERSON, 0, deadline + 1, sender=PERSON)
    for beyond in (2**32, 2**32 + 1, 2**256 - 1):
        assert shelf.view("find_member", beyond) == ZERO


def test_ballots__of_each_award_are_counted_apart(shelf: Contract) -> None:
    most = 2**23 - 1
    for award in range(11):
        shelf.send("add_ballots", 2**32 - 1, award, most - award, sender=PERSON)
    assert list(shelf.view("counts", 2**32 - 1)) == [most - award for award in range(11)]
    assert list(shelf.view("counts", 2**32 - 2)) == [0] * 11
    assert list(shelf.view("counts", 2**32)) == [0] * 11


@pytest.mark.parametrize("award", range(11))
def test_no_objection__however_many_are_for_one_award__is_told(shelf: Contract, award: int) -> None:
    """Any number of ballots for less than all objects, whatever bits it sets."""
    for bit in range(23):
        shelf.send("add_ballots", bit, award, 1 << bit, sender=PERSON)
        assert shelf.view("no_objection", bit) is (award == 10)


def test_ballots__who_has_cast__by_claim_and_voter(shelf: Contract) -> None:
    claims, voters = (1, 2, 2**24, 2**32 - 1), (1, 255, 256, 257, 2**31, 2**32 - 1)
    cast = {(c, v) for i, c in enumerate(claims) for j, v in enumerate(voters) if (i + j) % 2}
    for claim, voter in sorted(cast):
        shelf.send("add_ballot", claim, voter, 3, sender=PERSON)
    found = {(c, v) for c in claims for v in voters if shelf.view("has_cast", c, v)}
    assert found == cast
    assert not shelf.view("has_cast", 2**32, 1)
    assert [sum(shelf.view("counts", c)) for c in claims] == [3] * 4
    with pytest.raises(Reverted, match="ballot: already cast"):
        shelf.send("add_ballot", 1, 255, 4, sender=PERSON)


def test_pots__are_apart_up_to_what_they_hold(shelf: Contract) -> None:
    most = 2**127 - 1
    shelf.send("add_money", most, most - 7, sender=PERSON)
    assert shelf.view("pots") == (most, most - 7)
    shelf.send("add_money", 0, 7, sender=PERSON)
    for pair in ((1, 0), (0, 1), (2**127, 0), (0, 2**127), (2**128, 0), (0, 2**128), (2**255, 0)):
        with pytest.raises(Reverted, match="money: too much"):
            shelf.send("add_money", *pair, sender=PERSON)
    shelf.send("take_out", most - 5, most - 3, sender=PERSON)
    assert shelf.view("pots") == (5, 3)
    for pair in ((6, 0), (0, 4)):
        with pytest.raises(Reverted):
            shelf.send("take_out", *pair, sender=PERSON)
    with pytest.raises(Reverted):
        shelf.send("take_out_of_funds", 6, sender=PERSON)
    shelf.send("take_out_of_funds", 4, sender=PERSON)
    assert shelf.view("pots") == (1, 3)
    with pytest.raises(Reverted, match="money: too much"):
        shelf.send("add_money", 2**256 - 1, 0, sender=PERSON)


def test_surplus__word_and_times__keep_their_fields(shelf: Contract) -> None:
    base, most = 2**116 - 1, 2**127 - 1
    assert tuple(shelf.view("shares")) == (0, 0, 0, False)
    shelf.send("settle", sender=PERSON)
    assert shelf.view("times") == (NOW, 0)
    shelf.chain.time = 2**40 - 1
    shelf.send("share", most - 100, 0, base, sender=PERSON)
    assert tuple(shelf.view("shares")) == (most - 100, base, 0, True)
    assert shelf.view("times") == (NOW, 2**40 - 1)
    shelf.chain.time = NOW + 1
    shelf.send("share", 99, 9_901, base - 1, sender=PERSON)  # less than a hundredth: no delay
    assert tuple(shelf.view("shares")) == (most - 1, base - 1, 0, True)
    assert shelf.view("times") == (NOW, 2**40 - 1)
    shelf.send("share", 1, 100, base, sender=PERSON)  # a hundredth
    assert tuple(shelf.view("shares")) == (most, base, 0, True)
    assert shelf.view("times") == (NOW, NOW + 1)
    with pytest.raises(Reverted, match="money: too much"):
        shelf.send("share", 1, 1, base, sender=PERSON)
    for number in (1, 2, 3):
        shelf.send("sweep", sender=PERSON)
        assert tuple(shelf.view("shares")) == (0, 0, number, True)
        shelf.send("share", 5, 500, number, sender=PERSON)
        assert tuple(shelf.view("shares")) == (5, number, number, True)
    assert shelf.view("times") == (NOW, NOW + 1)


@pytest.mark.spec("P2", "P5")
def test_sweeps__of_what_nobody_shares_in__make_no_rounds(shelf: Contract) -> None:
    """Into a cancelled pool without members a unit may stray at any time, and be swept: 4,096 such
    rounds would reach the bit that says that it is settled.
    """
    for _ in range(3):
        shelf.send("sweep", sender=PERSON)
        assert tuple(shelf.view("shares")) == (0, 0, 1, False)


def test_surplus__of_a_pool_that_was_not_settled(shelf: Contract) -> None:
    shelf.send("share", 5, 5, 7, sender=PERSON)
    shelf.send("sweep", sender=PERSON)
    assert tuple(shelf.view("shares")) == (0, 0, 1, False)
    assert shelf.view("times") == (0, NOW)


def test_outcome__of_as_many_ballots_as_there_can_be_members(shelf: Contract) -> None:
    """8,388,607 in all, which the last of 23 bits counts."""
    counts = [0] * 10 + [2**23 - 1]
    assert shelf.view("outcome", counts, 2**23 - 1, 10_000, 10_000) == (True, 10)
    counts = [2**22, *([0] * 9), 2**22 - 1]
    assert shelf.view("outcome", counts, 2**23 - 1, 10_000, 5000) == (True, 0)
