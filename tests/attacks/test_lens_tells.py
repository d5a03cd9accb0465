"""The lens against the pool: what it says of a ballot or of the next step is what happens."""

from __future__ import annotations

import itertools

import pytest

from tests.attacks.arena import OUTSIDER, WORDS, ZERO, Arena
from tests.attacks.papers import ballot, sign
from tests.attacks.test_hearing import APPEAL, ARBITER, HEARING, RULING, refused
from tests.evm.contract import Contract, deploy
from tests.evm.signing import address_of

PAYEE = address_of(5)


def lens_of(a: Arena) -> Contract:
    return deploy(a.chain, "contracts/PoolLens.vy", sender=OUTSIDER)


@pytest.mark.spec("V8")
def test_problem_of_a_ballot__is_the_pool_s_own_words(a: Arena) -> None:
    """Every voter with every signature: a ballot the lens lets pass counts, no other does."""
    wallet = a.mock("WalletThatSigns", address_of(7))
    a.create(enrolment_end=a.terms.expiry)
    lens = lens_of(a)
    a.join(2)
    a.pool.send("pledge", PAYEE, 10, sender=address_of(2))
    for member in (3, 4, 5):
        a.join(member)
    a.join(wallet.address, payer=OUTSIDER)
    a.start()
    a.file(address_of(2), 1000)
    a.vote(1, [address_of(3)])
    a.at(a.chain.time + 60)
    a.join(6)
    a.pool.send("change_wallet", address_of(40), sender=address_of(4))
    pool = a.pool.address
    people = {n: address_of(n) for n in (2, 3, 4, 40, 5, 6, 99)}
    right = ballot(pool, 1, 9, WORDS)
    papers = [sign(n, right) for n in (*people, 7)]
    papers += [b"", bytes(64), bytes(65), b"x" * 66, sign(40, ballot(pool, 1, 8, WORDS))]
    voters = [*people.values(), wallet.address, ZERO, pool, "0x" + "00" * 19 + "04"]
    seen = set()
    before = a.chain.snapshot()
    for voter, paper in itertools.product(voters, papers):
        told = lens.view("ballot_problem", pool, 1, voter, 9, WORDS, paper)
        happened = a.refusal("cast_ballot_for", 1, voter, 9, WORDS, paper)
        if not happened:
            a.chain.revert(before)
        assert told == happened, (voter, paper.hex())
        seen.add(told)
    assert seen == {
        "",
        "ballot: not signed by the voter",
        "ballot: wallet is not deployed",
        "ballot: not a member",
        "ballot: own claim",
        "ballot: voter is the loss payee",
        "ballot: joined after the claim",
        "ballot: already cast",
    }
    for claim_id, award, reason in (
        (0, 9, WORDS),
        (2, 9, WORDS),
        (1, 11, WORDS),
        (1, 9, bytes(32)),
    ):
        ballot_now = (claim_id, people[40], award, reason, b"")
        told = lens.view("ballot_problem", pool, *ballot_now)
        assert told == a.refusal("cast_ballot_for", *ballot_now) != ""


@pytest.mark.spec("V4")
def test_next_step_of_a_claim__can_be_taken_by_whom_it_names(a: Arena) -> None:
    """Through the whole of a hearing, filed by the payee; nobody is sent to do in vain."""
    a.create(**HEARING)
    lens = lens_of(a)
    for member in (2, 3, 4):
        a.join(member)
    a.pool.send("pledge", PAYEE, 10, sender=address_of(2))
    a.start()
    claim = ("file_claim_for", address_of(2), 1000, a.chain.time, WORDS, "")
    a.pool.send(*claim, sender=PAYEE)

    def step() -> tuple[str, str]:
        action = lens.view("next_claim_action", a.pool.address, 1)
        assert action.since <= a.chain.time
        return action.action, action.who

    assert step() == ("vote", ZERO)
    a.vote(1, [address_of(3), address_of(4)], 2)
    assert step() == ("resolve", ZERO)
    a.by_anyone("resolve", 1)
    assert step() == ("appeal", PAYEE)
    before = a.chain.snapshot()
    a.chain.time += APPEAL
    assert step() == ("resolve", ZERO)
    a.chain.revert(before)
    assert refused(a, PAYEE, "appeal", 1) == ""
    assert step() == ("rule", ARBITER)
    before = a.chain.snapshot()
    a.chain.time += RULING
    assert step() == ("resolve", ZERO)
    assert a.refusal("resolve", 1) == ""
    assert step() == ("", ZERO)
    a.chain.revert(before)
    assert refused(a, ARBITER, "rule", 1, 10, WORDS) == ""
    assert step() == ("", ZERO)
