"""What the events of claims, ballots, hearings and guarantees say: every field, in order."""

from __future__ import annotations

import pytest

from peerpool.terms import Tier
from tests.attacks.arena import DAY, HOUR, OUTSIDER, Arena
from tests.attacks.events import Told, event, said
from tests.attacks.papers import ballot, short, sign
from tests.attacks.test_hearing import APPEAL, ARBITER, HEARING, RULING
from tests.evm.chain import Reverted
from tests.evm.contract import Result
from tests.evm.signing import address_of

PAYEE = address_of(70)
M = [address_of(n) for n in (2, 3, 4, 5)]
PROOF = b"\x07" * 32
WHY = b"\x09" * 32
TERMS = {"deductible": 30, "claim_bond": 7, "tiers": (Tier(1000, 5000), Tier(900, 4000))}


def four(a: Arena, **changes: object) -> None:
    """A pool of four, the second with a tier of its own, on the second day of cover."""
    a.create(**{**TERMS, **changes})
    for number, tier in ((2, 0), (3, 1), (4, 0), (5, 0)):
        a.join(number, tier)
    a.at(a.terms.cover_start + DAY)


def file(a: Arena, claimant: str, amount: int, ago: int = HOUR, uri: str = "ipfs://x") -> Result:
    value = a.fund(claimant, a.terms.claim_bond)
    call = ("file_claim", amount, a.chain.time - ago, PROOF, uri)
    return a.pool.send(*call, sender=claimant, value=value)


def resolved(status: int, award: int, amount: int, claim_id: int = 1) -> Told:
    return event("ClaimResolved", claim_id=claim_id, status=status, award=award, amount=amount)


@pytest.mark.spec("M5", "C8", "D1")
def test_claim_filed__says_what_was_claimed_and_what_can_be_awarded(both: Arena) -> None:
    a = both
    four(a)
    filed = {
        "claim_id": 1,
        "claimant": M[1],
        "filer": M[1],
        "amount": 630,
        "asked": 600,
        "bond": 7,
        "incident_at": a.chain.time - HOUR,
        "evidence_hash": PROOF,
        "uri": "ipfs://x",
    }
    result = file(a, M[1], 630)
    assert said(result) == [("ClaimFiled", filed)]
    assert result.value == 1
    # above the cover limit, of the last second, with an address as long as one may be
    filed |= {"claim_id": 2, "claimant": M[0], "filer": M[0], "amount": 9000, "asked": 5000}
    filed |= {"incident_at": a.chain.time, "uri": "u" * 256}
    result = file(a, M[0], 9000, 0, "u" * 256)
    assert said(result) == [("ClaimFiled", filed)]
    assert result.value == 2
    with pytest.raises(Reverted):
        file(a, M[2], 9000, 0, "u" * 257)


@pytest.mark.spec("G8", "D1", "D2", "G5", "M5")
def test_claim_of_a_payee__says_who_filed_and_who_is_paid(both: Arena) -> None:
    a = both
    four(a)
    a.pool.send("pledge", PAYEE, 250, sender=M[1])
    value = a.fund(PAYEE, 7)
    call = ("file_claim_for", M[1], 630, a.chain.time - HOUR, PROOF, "")
    result = a.pool.send(*call, sender=PAYEE, value=value)
    filed = {"claim_id": 1, "claimant": M[1], "filer": PAYEE, "amount": 630, "asked": 600}
    filed |= {"bond": 7, "incident_at": a.chain.time - HOUR, "evidence_hash": PROOF, "uri": ""}
    assert said(result) == [("ClaimFiled", filed)]
    assert result.value == 1
    reduced = a.pool.send("reduce_claim", 1, 530, sender=PAYEE)
    assert said(reduced) == [event("ClaimReduced", claim_id=1, amount=530, asked=500)]
    a.vote(1, [M[0], M[2], M[3]], 8)
    assert said(a.by_anyone("resolve", 1)) == [
        resolved(2, 8, 400),
        event("PledgePaid", claim_id=1, payee=PAYEE, amount=250),
        event("AwardPaid", claim_id=1, claimant=M[1], amount=150),
    ]
    assert (a.balance(PAYEE), a.balance(M[1])) == (257, 150)


@pytest.mark.spec("B9")
def test_ballots__say_whose_they_are_and_for_what(a: Arena) -> None:
    """In a batch by id, eight in a word, the first of them lowest; what did not count is not in."""
    a.create(max_members=300)
    crowd = range(100, 121)
    members = [a.join(number) for number in crowd]
    a.start()
    a.file(members[0], 100)
    cast = {"claim_id": 1, "award": 3, "reason": WHY}
    result = a.pool.send("vote", 1, 3, WHY, sender=members[1])
    assert said(result) == [event("BallotCast", voter=members[1], **cast)]
    paper = sign(102, ballot(a.pool.address, 1, 3, WHY))
    result = a.by_anyone("cast_ballot_for", 1, members[2], 3, WHY, paper)
    assert said(result) == [event("BallotCast", voter=members[2], **cast)]

    def batch(*signers: int, award: int = 3) -> Result:
        digest = ballot(a.pool.address, 1, award, WHY)
        return a.by_anyone("cast_ballots", 1, award, WHY, [short(n, digest) for n in signers])

    def ids(*signers: int) -> int:
        return sum(crowd.index(n) + 1 << 32 * place for place, n in enumerate(signers))

    order = (105, 103, *range(106, 112), 104)
    words = (ids(*order[:8]), ids(104))
    # the claimant, who has voted, a stranger, and who is in twice
    result = batch(100, 101, 105, 103, 99, 105, *order[2:], 102)
    assert said(result) == [event("BallotsCast", voters=words, **cast)]
    assert result.value == 9
    result = batch(*range(112, 120), award=10)
    cast["award"] = 10
    assert said(result) == [event("BallotsCast", voters=(ids(*range(112, 120)),), **cast)]
    assert result.value == 8
    assert said(batch(112, award=10)) == []
    assert said(batch(120, award=10)) == [event("BallotsCast", voters=(ids(120),), **cast)]
    assert a.pool.view("tally", 1) == (0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 9)


OUTCOMES = {
    "whole": ((10, 10, 10), resolved(2, 10, 600), 607),
    "cut": ((3, 3, 10), resolved(2, 3, 180), 187),
    "rejected": ((0, 0, 10), resolved(3, 0, 0), 0),
    "lapsed": ((10,), resolved(4, 0, 0), 7),
}


@pytest.mark.spec("A8", "A9", "D2", "D3", "M5")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_claim_resolved__says_how_it_ended(both: Arena, outcome: str) -> None:
    a = both
    four(a)
    file(a, M[1], 630)
    awards, told, sent = OUTCOMES[outcome]
    for voter, award in zip((M[0], M[2], M[3]), awards, strict=False):
        a.vote(1, [voter], award)
    a.at(a.chain.time + a.terms.voting_period)
    paid = sent - 7 if sent > 7 else 0
    expected = [event("AwardPaid", claim_id=1, claimant=M[1], amount=paid)] if paid else []
    assert said(a.by_anyone("resolve", 1)) == [told, *expected]
    assert a.balance(M[1]) == sent


@pytest.mark.spec("H1", "H2", "H3", "H9", "H10")
def test_hearing__says_of_each_stage_what_was_decided_and_until_when(a: Arena) -> None:
    four(a, **HEARING)
    file(a, M[1], 630)
    begun = a.chain.snapshot()
    a.vote(1, [M[0], M[2], M[3]], 4)
    a.chain.time += 60
    decided = a.by_anyone("resolve", 1)
    until = a.chain.time + APPEAL
    assert said(decided) == [event("ClaimDecided", claim_id=1, status=5, award=4, until=until)]
    cut = a.chain.snapshot()
    in_the_end = [
        resolved(2, 4, 240),
        event("AwardPaid", claim_id=1, claimant=M[1], amount=240),
    ]
    assert said(a.pool.send("accept", 1, sender=M[1])) == in_the_end
    a.chain.revert(cut)
    a.at(until)
    assert said(a.by_anyone("resolve", 1)) == in_the_end
    a.chain.revert(cut)
    a.chain.time += 100
    until = a.chain.time + RULING
    assert said(a.pool.send("appeal", 1, sender=M[1])) == [
        event("ClaimAppealed", claim_id=1, until=until)
    ]
    appealed = a.chain.snapshot()
    assert said(a.pool.send("rule", 1, 7, WHY, sender=ARBITER)) == [
        event("ClaimRuled", claim_id=1, award=7, reason=WHY),
        resolved(2, 7, 420),
        event("AwardPaid", claim_id=1, claimant=M[1], amount=420),
    ]
    a.chain.revert(appealed)
    a.at(until)
    assert said(a.by_anyone("resolve", 1)) == in_the_end
    # without a quorum
    a.chain.revert(begun)
    a.at(a.chain.time + a.terms.voting_period)
    until = a.chain.time + RULING
    assert said(a.by_anyone("resolve", 1)) == [
        event("ClaimDecided", claim_id=1, status=6, award=0, until=until)
    ]
    referred = a.chain.snapshot()
    assert said(a.pool.send("rule", 1, 0, WHY, sender=ARBITER)) == [
        event("ClaimRuled", claim_id=1, award=0, reason=WHY),
        resolved(3, 0, 0),
    ]
    a.chain.revert(referred)
    a.at(until)
    assert said(a.by_anyone("resolve", 1)) == [resolved(4, 0, 0)]
    assert a.balance(M[1]) == 7
    # rejected
    a.chain.revert(begun)
    a.vote(1, [M[0], M[2], M[3]], 0)
    until = a.chain.time + APPEAL
    assert said(a.by_anyone("resolve", 1)) == [
        event("ClaimDecided", claim_id=1, status=5, award=0, until=until)
    ]
    assert said(a.pool.send("accept", 1, sender=M[1])) == [resolved(3, 0, 0)]


@pytest.mark.spec("G12", "G13", "G17", "W2", "W4", "M5")
def test_guarantee__says_for_whom_it_was_called_and_who_was_paid(a: Arena) -> None:
    desk, loan = a.mock("GuaranteeDesk"), a.mock("Loan")
    desk.send("lend", loan.address, sender=OUTSIDER)
    four(a, desk=desk.address)
    a.pool.send("pledge", loan.address, 3500, sender=M[1])
    desk.send("set_callable", loan.address, M[1], 3500, sender=OUTSIDER)

    def call(amount: int) -> list[Told]:
        receipt = loan.send("call_guarantee", a.pool.address, M[1], amount, sender=OUTSIDER).receipt
        return [(e.name, e.args) for e in a.pool.events_of(receipt)]

    called = {"id": 2, "loan": loan.address}
    assert call(400) == [
        event("GuaranteeCalled", claim_id=1, amount=400, **called),
        event("PledgePaid", claim_id=1, payee=loan.address, amount=400),
    ]
    assert a.balance(loan.address) == 400
    file(a, M[0], 630)  # 600 asked of the 3500 left
    assert call(3000) == [event("GuaranteeCalled", claim_id=3, amount=3000, **called)]
    assert a.balance(loan.address) == 400
    assert tuple(a.pool.view("pledge_of", M[1])) == (loan.address, 100)
    a.vote(2, M[1:], 0)
    a.by_anyone("resolve", 2)
    result = a.by_anyone("pay_award", 3)
    assert said(result) == [event("PledgePaid", claim_id=3, payee=loan.address, amount=3000)]
    assert result.value == 3000
    assert a.balance(loan.address) == 3400
    a.chain.give(OUTSIDER, 50)
    result = a.pool.send("recover", 1, 50, sender=OUTSIDER, value=50)
    assert said(result) == [event("Recovered", claim_id=1, payer=OUTSIDER, amount=50)]
    assert a.pool.view("claim", 1).filer == loan.address
