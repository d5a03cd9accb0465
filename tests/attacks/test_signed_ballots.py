"""Attacks by signed ballots: twice, for others, from elsewhere, and by wallets (rule 7)."""

from __future__ import annotations

import pytest
from eth_keys.datatypes import Signature

from tests.attacks.arena import HOUR, OUTSIDER, WORDS, Arena
from tests.attacks.papers import N, ballot, short, sign
from tests.evm.chain import GAS_LIMIT, Reverted
from tests.evm.contract import Contract
from tests.evm.signing import address_of

MEMBERS = (2, 3, 4, 5)


@pytest.fixture
def p(a: Arena) -> Arena:
    """A pool of four with one claim, of person 2."""
    a.create()
    for member in MEMBERS:
        a.join(member)
    a.start()
    a.file(address_of(2), 500)
    return a


def cast(p: Arena, signatures: list[tuple[int, int]], award: int = 10, claim_id: int = 1) -> int:
    """Bring in ballots; return how many counted."""
    return p.by_anyone("cast_ballots", claim_id, award, WORDS, signatures).value


def signed(p: Arena, *signers: int, award: int = 10, claim_id: int = 1) -> list[tuple[int, int]]:
    return [short(s, ballot(p.pool.address, claim_id, award, WORDS)) for s in signers]


def cast_for(p: Arena, voter: str, signature: bytes, award: int = 10) -> str:
    return p.refusal("cast_ballot_for", 1, voter, award, WORDS, signature)


@pytest.mark.spec("B7")
def test_twice__in_one_batch_in_two_and_by_every_door_counts_once(p: Arena) -> None:
    both = signed(p, 3, 4)
    assert cast(p, [*both, *both, both[0]]) == 2
    assert cast(p, both) == 0
    assert cast(p, signed(p, 3, 4, award=3), award=3) == 0
    digest = ballot(p.pool.address, 1, 10, WORDS)
    assert cast_for(p, address_of(3), sign(3, digest)) == "ballot: already cast"
    with pytest.raises(Reverted, match="ballot: already cast"):
        p.pool.send("vote", 1, 10, WORDS, sender=address_of(3))
    assert sum(p.pool.view("tally", 1)) == 2


def test_vote_then_signed_ballot__counts_once(p: Arena) -> None:
    p.vote(1, [address_of(3)], 2)
    assert cast(p, signed(p, 3, 4)) == 1
    assert p.pool.view("tally", 1)[2] == 1
    assert p.pool.view("tally", 1)[10] == 1


@pytest.mark.spec("B12")
def test_signed_ballot_of_the_old_wallet__is_void_after_the_move(p: Arena) -> None:
    of_old = signed(p, 3)
    p.pool.send("change_wallet", address_of(30), sender=address_of(3))
    assert cast(p, of_old) == 0
    assert cast(p, signed(p, 30)) == 1


@pytest.mark.spec("B12", "B7")
def test_signed_ballot_again__counts_for_another_policy_that_is_now_on_the_account(
    p: Arena,
) -> None:
    of_account = signed(p, 3)
    assert cast(p, of_account) == 1
    p.pool.send("change_wallet", address_of(30), sender=address_of(3))
    assert cast(p, [*of_account, *signed(p, 30)]) == 0
    p.pool.send("change_wallet", address_of(3), sender=address_of(4))
    assert cast(p, of_account) == 1
    assert cast(p, [*of_account, *signed(p, 4)]) == 0
    assert sum(p.pool.view("tally", 1)) == 2


@pytest.mark.spec("B2")
def test_claimant_who_moves__has_no_vote_on_the_claim(p: Arena) -> None:
    p.pool.send("change_wallet", address_of(20), sender=address_of(2))
    with pytest.raises(Reverted, match="ballot: own claim"):
        p.pool.send("vote", 1, 10, WORDS, sender=address_of(20))
    assert cast(p, signed(p, 2, 20)) == 0
    digest = ballot(p.pool.address, 1, 10, WORDS)
    assert cast_for(p, address_of(20), sign(20, digest)) == "ballot: own claim"


@pytest.mark.spec("B11")
@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("door", ["batch", "64 bytes", "65 bytes"])
def test_malleated__is_what_has_an_s_above_half_of_the_order(
    a: Arena, door: str, above: int
) -> None:
    """The voter is whoever a signature with exactly this s would be of."""
    a.create()
    message = ballot(a.pool.address, 1, 10, WORDS)
    r, s = short(2, message)[0], N // 2 + above
    signature = Signature(vrs=(0, r, s))
    voter = a.join(signature.recover_public_key_from_msg_hash(message).to_address())
    a.join(2)
    a.start()
    a.file(address_of(2), 100)
    words = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if door == "batch":
        assert cast(a, [(r, s)]) == 1 - above
    else:
        refusal = cast_for(a, voter, words + bytes([27]) * (door == "65 bytes"))
        assert refusal == ("ballot: not signed by the voter" if above else "")
    assert sum(a.pool.view("tally", 1)) == 1 - above


@pytest.mark.spec("B10")
def test_ballot_for_something_else__is_nobody_s(p: Arena) -> None:
    """Another claim, award, reason, pool, chain: the digest recovers to a stranger."""
    pool = p.pool.address
    p.file(address_of(5), 100)
    others = [
        ballot(pool, 2, 10, WORDS),
        ballot(pool, 1, 9, WORDS),
        ballot(pool, 1, 10, bytes(32)),
        ballot(p.factory.address, 1, 10, WORDS),
        ballot(p.implementation.address, 1, 10, WORDS),
        ballot(pool, 1, 10, WORDS, chain_id=1),
    ]
    assert cast(p, [short(3, other) for other in others]) == 0
    for other in others:
        refusal = cast_for(p, address_of(3), sign(3, other))
        assert refusal == "ballot: not signed by the voter"


@pytest.mark.parametrize("kind", ["zero", "random", "strangers"])
def test_full_batch_of_garbage__is_skipped_at_a_bearable_price(p: Arena, kind: str) -> None:
    digest = ballot(p.pool.address, 1, 10, WORDS)
    garbage = {
        "zero": [(0, 0)] * 255,
        "random": [(i * 7919 + 1, i * 104729 + 1) for i in range(255)],
        "strangers": [short(1000 + i, digest) for i in range(255)],
    }[kind]
    result = p.by_anyone("cast_ballots", 1, 10, WORDS, [*garbage, *signed(p, 3)])
    assert result.value == 1
    assert result.gas_used < 2_500_000 < GAS_LIMIT


@pytest.mark.spec("B4")
@pytest.mark.parametrize("moment", [-1, 0])
def test_last_second__of_voting_is_the_one_before_its_end(p: Arena, moment: int) -> None:
    p.at(p.pool.view("claim", 1).filed_at + p.terms.voting_period + moment)
    if moment == 0:
        with pytest.raises(Reverted, match="ballot: voting is over"):
            cast(p, signed(p, 3))
    else:
        assert cast(p, signed(p, 3)) == 1


@pytest.mark.spec("B12")
def test_ballot_signed_before_the_claim_by_who_joined_after_it__is_skipped(a: Arena) -> None:
    a.create(enrolment_end=a.terms.expiry)
    a.join(2), a.join(3)
    a.start()
    a.file(address_of(2), 500)
    a.at(a.chain.time + HOUR)
    a.join(6)
    assert cast(a, signed(a, 6)) == 0
    # nor does a policy that moves onto a voter's old account bring its vote along
    a.pool.send("change_wallet", address_of(30), sender=address_of(3))
    a.pool.send("change_wallet", address_of(3), sender=address_of(6))
    assert cast(a, signed(a, 3)) == 0
    assert cast(a, signed(a, 30)) == 1


@pytest.mark.spec("B8")
def test_bitmap__keeps_neighbours_apart_over_the_edge_of_a_word(a: Arena) -> None:
    """Ids 254 to 258, mixed up: a word that is stored late or twice would lose or add a ballot."""
    a.create(max_members=300)
    for member in range(2, 260):  # ids 1 to 258
        a.join(member)
    a.start()
    a.file(address_of(2), 500)
    mixed = [255, 259, 256, 258, 257, 255, 3, 256, 259]
    assert cast(a, signed(a, *mixed)) == 6
    assert cast(a, signed(a, *mixed)) == 0
    assert cast(a, signed(a, 254, 257, 4)) == 2
    voters = [n for n in range(2, 260) if a.pool.view("has_voted", 1, address_of(n))]
    assert voters == [3, 4, 254, 255, 256, 257, 258, 259]
    assert a.pool.view("tally", 1)[10] == 8


# --- wallets ----------------------------------------------------------------


def with_wallet(a: Arena, mock: str, *args: str) -> Contract:
    """A pool with a claim of person 2, and a wallet contract among the voters."""
    a.create()
    a.join(2), a.join(3)
    wallet = a.mock(mock, *args)
    a.join(wallet.address, payer=OUTSIDER)
    a.start()
    a.file(address_of(2), 500)
    return wallet


def test_wallet_of_another__does_not_speak_for_a_member(p: Arena) -> None:
    """The wallet that is asked is the voter itself, and it has to be a member."""
    wallet = p.mock("WalletThatSigns", OUTSIDER)
    own = p.mock("WalletThatSigns", address_of(99))
    digest = ballot(p.pool.address, 1, 10, WORDS)
    refused = "ballot: not signed by the voter"
    assert cast_for(p, wallet.address, sign(3, digest)) == refused
    assert cast_for(p, own.address, sign(99, digest)) == "ballot: not a member"


def test_wallet__counts_once_whoever_brings_it_in(a: Arena) -> None:
    wallet = with_wallet(a, "WalletThatSigns", address_of(7))
    signature = sign(7, ballot(a.pool.address, 1, 10, WORDS))
    assert cast_for(a, wallet.address, signature) == ""
    assert cast_for(a, wallet.address, signature) == "ballot: already cast"
    # its owner is nobody to the pool
    assert cast(a, signed(a, 7)) == 0


@pytest.mark.spec("B14")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x16\x26\xba\x7e",
        b"\x20\xc1\x3b\x0b" + bytes(28),
        bytes(31) + b"\1",
        b"\x16\x26\xba\x7e" + bytes(27),
        b"\x16\x26\xba\x7e" + bytes(27) + b"\1",
        bytes(28) + b"\x16\x26\xba\x7e",
    ],
)
def test_wallet_that_answers_otherwise__has_not_signed(a: Arena, answer: bytes) -> None:
    wallet = with_wallet(a, "WalletThatAnswers")
    wallet.send("answer_with", answer, sender=OUTSIDER)
    assert cast_for(a, wallet.address, b"x") == "ballot: not signed by the voter"


def test_pool_as_a_voter__cannot_be_asked_to_sign(p: Arena) -> None:
    """A policy pushed onto the pool itself: no call of the pool answers as a wallet does."""
    p.pool.send("change_wallet", p.pool.address, sender=address_of(5))
    assert cast_for(p, p.pool.address, b"x" * 100) == "ballot: not signed by the voter"
    p.vote(1, [address_of(3), address_of(4)])
    p.by_anyone("resolve", 1)
    p.reporting_end()
    p.by_anyone("settle")
    p.by_anyone("refund_many", 1, 4)
    p.audit()


@pytest.mark.spec("B14")
@pytest.mark.parametrize("number", range(1, 18))
def test_precompile_as_a_voter__has_not_signed(p: Arena, number: int) -> None:
    """Precompiles answer 32 bytes to anything; identity answers what it was asked."""
    account = f"0x{number:040x}"
    p.pool.send("change_wallet", account, sender=address_of(5))
    for signature in (b"", b"x" * 65, b"x" * 1024):
        assert cast_for(p, account, signature) != ""
    assert sum(p.pool.view("tally", 1)) == 0
