"""Signed ballots in bulk: what a batch costs, and groups of more than one word of the bitmap."""

from __future__ import annotations

from random import Random

import pytest

from peerpool import typed_data
from tests.attacks.arena import OUTSIDER, Arena, arena
from tests.evm.chain import CHAIN_ID, GAS_LIMIT
from tests.evm.signing import address_of, key

GROUP = range(1001, 1301)  # ids 1 to 300, in two words of the bitmap
CLAIMANT, FIRST_VOTER = GROUP[0], GROUP[1]
REASON = b"\x22" * 32
TARGET = 8_000  # gas a ballot, in a batch of 100


@pytest.fixture(scope="module")
def group() -> Arena:
    """300 members and an open claim of the first; one more, by another, on which some voted."""
    a = arena()
    a.reset()
    a.create(max_members=1000)
    for person in GROUP:
        a.join(person)
    a.start()
    a.file(address_of(CLAIMANT), 100)
    a.filed = a.chain.snapshot()
    return a


@pytest.fixture
def a(group: Arena) -> Arena:
    """The group, as new."""
    group.chain.revert(group.filed)
    return group


def signed(a: Arena, people: list[int]) -> list[tuple[int, int]]:
    """Return (r, vs) of each person's ballot for all of claim 1."""
    digest = typed_data.digest(typed_data.ballot(CHAIN_ID, a.pool.address, 1, 10, REASON))
    signatures = [key(person).sign_msg_hash(digest) for person in people]
    return [(s.r, s.s | s.v << 255) for s in signatures]


def cast(a: Arena, pairs: list[tuple[int, int]]):
    """Bring them in; return the result, of which the gas is within a transaction's limit."""
    result = a.pool.send("cast_ballots", 1, 10, REASON, pairs, sender=OUTSIDER)
    assert result.gas_used < GAS_LIMIT
    return result


def counted(result) -> list[int]:
    """Return the ids in a batch's event, in order."""
    return [
        i
        for event in result.events
        for word in event.voters
        for at in range(8)
        if (i := word >> 32 * at & 2**32 - 1)
    ]


@pytest.mark.parametrize("size, most", [(1, 90_000), (10, 15_500), (100, TARGET), (200, TARGET)])
def test_cast_ballots__gas_of_each__at_most(a: Arena, size: int, most: int) -> None:
    result = cast(a, signed(a, GROUP[1 : size + 1]))
    assert result.value == size
    print(f"batch of {size}: {result.gas_used / size:.0f} gas a ballot")
    assert result.gas_used / size <= most


def test_cast_ballots__most_at_once__fits_a_transaction(a: Arena) -> None:
    result = cast(a, signed(a, GROUP[1:257]))
    assert result.value == 256 == a.pool.view("tally", 1)[10]
    assert counted(result) == list(range(2, 258))
    assert result.gas_used < 2_500_000


def test_cast_ballots__only_garbage__costs_no_more(a: Arena) -> None:
    """Whoever pays for a batch that others have filled pays for nothing worse than ballots."""
    random = Random(0)
    garbage = [(random.getrandbits(256), random.getrandbits(255)) for _ in range(200)]
    result = cast(a, garbage)
    assert result.value == 0
    assert result.gas_used < 200 * TARGET


@pytest.mark.parametrize("order", ["as joined", "words in turn", "at random"])
def test_cast_ballots__two_words_of_the_bitmap__all_are_kept(a: Arena, order: str) -> None:
    """Ids 2 to 255 and 256 to 300 are in two words; one is at hand at a time."""
    people = {
        "as joined": GROUP[200:300],
        "words in turn": [
            p for pair in zip(GROUP[200:245], GROUP[255:300], strict=True) for p in pair
        ],
        "at random": Random(1).sample(GROUP[1:], 120),
    }[order]
    result = cast(a, signed(a, list(people)))
    ids = [person - CLAIMANT + 1 for person in people]
    assert (result.value, counted(result)) == (len(ids), ids)
    voted = {i + 1 for i, p in enumerate(GROUP) if a.pool.view("has_voted", 1, address_of(p))}
    assert voted == set(ids)


def test_cast_ballots__some_again__count_once_in_both_words(a: Arena) -> None:
    a.vote(1, [address_of(GROUP[260])])
    cast(a, signed(a, [GROUP[5], GROUP[270]]))
    again = [GROUP[i] for i in (270, 5, 260, 6, 271, 6, 271, 5)]
    result = cast(a, signed(a, again))
    assert counted(result) == [7, 272]
    assert a.pool.view("tally", 1)[10] == 5
