"""Collected ballots: what is said about each is what the pool then does."""

import json
from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils import keccak, to_checksum_address

from peerpool import typed_data
from peerpool.ballots import Ballot, BallotError, as_tree, check, fit, normal, plan, read
from peerpool.rpc import RpcRefused, through
from tests.attacks.arena import OUTSIDER, arena
from tests.evm.chain import CHAIN_ID
from tests.evm.provider import connect
from tests.evm.signing import address_of, key

REASON = keccak(text="reason")
POOL = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
CLAIMANT, LATE, VOTERS = 10, 60, range(11, 31)


def vote(person, claim_id=1, award=10, reason=REASON, pool=POOL, chain_id=CHAIN_ID):
    """Return the ballot of a person by number; its signature has 65 bytes."""
    message = typed_data.ballot(chain_id, pool, claim_id, award, reason)
    voter = to_checksum_address(address_of(person))
    signature = typed_data.sign(key(person).to_bytes(), message)
    return Ballot(chain_id, pool, claim_id, award, reason, voter, signature)


def forms(signature):
    """Return the four forms in which one signature of a key is handed out."""
    zero = signature[:64] + bytes([signature[64] - 27])
    return {"27 or 28": signature, "0 or 1": zero, "compact": typed_data.compact(signature)}


@pytest.fixture
def a():
    """A pool of which claim 1 is open; LATE has joined after it."""
    a = arena()
    a.reset()
    a.create(enrolment_end=a.terms.cover_start + 1000)
    for person in (CLAIMANT, *VOTERS):
        a.join(person)
    a.start()
    a.file(address_of(CLAIMANT), 100)
    a.join(LATE)
    a.pool_address = to_checksum_address(a.pool.address)
    return a


@pytest.fixture
def node(a):
    return through(connect(a.chain))


def send(a, calls):
    """Send the transactions of a plan as an outsider; return how many ballots they say counted."""
    counted = 0
    for call in calls:
        receipt = a.chain.transact(OUTSIDER, call.pool.lower(), call.encode())
        batch = call.function == "cast_ballots"
        counted += int.from_bytes(receipt.output, "big") if batch else 1
    return counted


# --- from the ballots to the pool


def test_check_and_plan__then_sent__all_count(a, node):
    ballots = [vote(person, pool=a.pool_address) for person in VOTERS]
    good, skipped = check(node, a.pool_address, ballots)
    assert (good, skipped) == (tuple(ballots), ())
    calls = plan(good)
    assert [(call.function, len(call.voters)) for call in calls] == [("cast_ballots", 20)]
    assert send(a, calls) == 20
    assert a.pool.view("tally", 1)[10] == 20


@pytest.mark.parametrize("form", ["27 or 28", "0 or 1", "compact"])
def test_plan__every_form_of_signature__counts(a, form):
    ballots = [vote(person, pool=a.pool_address) for person in VOTERS]
    ballots = [replace(b, signature=forms(b.signature)[form]) for b in ballots]
    assert {b.signature[-1] for b in ballots} >= ({0, 1} if form == "0 or 1" else set())
    assert send(a, plan(ballots)) == len(VOTERS)


def test_plan__several_subjects__a_batch_each(a):
    ballots = [
        vote(person, award=(10, 10, 4)[i % 3], reason=REASON[::-1] if i % 2 else REASON)
        for i, person in enumerate(VOTERS)
    ]
    calls = plan(ballots)
    assert sorted(voter for call in calls for voter in call.voters) == sorted(
        b.voter for b in ballots
    )
    assert len({call.arguments[:3] for call in calls}) == len(calls) == 4
    assert {call.pool for call in calls} == {POOL}


def test_plan__size__splits_in_order(a):
    ballots = [vote(person, pool=a.pool_address) for person in VOTERS]
    calls = plan(ballots, size=8)
    assert [len(call.voters) for call in calls] == [8, 8, 4]
    assert [voter for call in calls for voter in call.voters] == [b.voter for b in ballots]
    assert send(a, calls) == 20


@pytest.mark.parametrize("size", [0, -1, 257])
def test_plan__size_that_the_pool_does_not_take__is_refused(size):
    with pytest.raises(BallotError) as caught:
        plan([], size)
    assert str(caught.value) == f"batch: {size} ballots, not 1 to 256"


def test_plan__nothing__is_nothing():
    assert plan([]) == ()


def test_plan__wallets__go_alone(a, node):
    wallet = a.mock("WalletThatSigns", address_of(90))
    a.join(wallet.address)
    a.file(address_of(VOTERS[0]), 100)
    members = [vote(person, claim_id=2, pool=a.pool_address) for person in (90, VOTERS[1])]
    ballots = [replace(members[0], voter=to_checksum_address(wallet.address)), members[1]]
    good, skipped = check(node, a.pool_address, ballots)
    assert skipped == ()
    calls = plan(good)
    assert [call.function for call in calls] == ["cast_ballots", "cast_ballot_for"]
    assert send(a, calls) == 2
    assert a.pool.view("has_voted", 2, wallet.address)


# --- what would not count, and why


def spoil(ballot, person):
    """Return the ballot with what a fault's name says, and what the pool says of it."""
    signature = ballot.signature
    high = typed_data.SECPK1_N - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + high.to_bytes(32, "big") + bytes([55 - signature[64]])
    pool = ballot.pool
    unsigned = "ballot: not signed by the voter"
    return {
        "chain": (vote(person, pool=pool, chain_id=1), "ballot: is for another chain"),
        "pool": (vote(person), "ballot: is for another pool"),
        "claim": (vote(person, 2, pool=pool), "claim: no such claim"),
        "award": (vote(person, award=11, pool=pool), "ballot: award is above ten tenths"),
        "no reason": (vote(person, 1, 9, bytes(32), pool), "ballot: reason missing"),
        "other award": (replace(ballot, award=3), unsigned),
        "other reason": (replace(ballot, reason=bytes(32)), unsigned),
        "cut": (replace(ballot, signature=signature[:63]), unsigned),
        "empty": (replace(ballot, signature=b""), unsigned),
        "malleable": (replace(ballot, signature=twin), unsigned),
        "v is 2": (replace(ballot, signature=signature[:64] + b"\2"), unsigned),
        "long": (replace(ballot, signature=bytes(66)), "ballot: wallet is not deployed"),
        "too long": (
            replace(ballot, signature=bytes(1025)),
            "ballot: signature is longer than 1024 bytes",
        ),
        "foreign": (vote(99, pool=pool), "ballot: not a member"),
        "own": (vote(CLAIMANT, pool=pool), "ballot: own claim"),
        "late": (vote(LATE, pool=pool), "ballot: joined after the claim"),
    }


FAULTS = spoil(vote(VOTERS[0]), VOTERS[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_check__bad_ballot__is_skipped_and_says_why(a, node, fault):
    good = [vote(person, pool=a.pool_address) for person in VOTERS[1:3]]
    person = VOTERS[0]
    bad, problem = spoil(vote(person, pool=a.pool_address), person)[fault]
    counted, [skipped] = check(node, a.pool_address, [good[0], bad, good[1]])
    assert (list(counted), skipped.ballot, skipped.problem) == (good, bad, problem)


@pytest.mark.parametrize("fault", ["foreign", "own", "late", "malleable", "other award"])
def test_check__bad_ballot__would_not_have_counted(a, fault):
    """What is said is true: sent all the same, the pool skips or refuses it."""
    person = VOTERS[0]
    bad, problem = spoil(vote(person, pool=a.pool_address), person)[fault]
    for call in plan([bad]):
        if call.function == "cast_ballots":
            assert send(a, [call]) == 0
        else:
            assert a.refusal("cast_ballot_for", *call.arguments) == problem
    assert sum(a.pool.view("tally", 1)) == 0


def test_check__twice__counts_once(a, node):
    first, second = (vote(VOTERS[0], award=n, pool=a.pool_address) for n in (10, 3))
    good, skipped = check(node, a.pool_address, [first, second, first])
    assert good == (first,)
    assert [s.problem for s in skipped] == ["ballot: already cast"] * 2


def test_check__already_cast__by_transaction(a, node):
    a.vote(1, [address_of(VOTERS[0])])
    _, [skipped] = check(node, a.pool_address, [vote(VOTERS[0], pool=a.pool_address)])
    assert skipped.problem == "ballot: already cast"


def test_check__on_two_claims__counts_twice(a, node):
    a.file(address_of(VOTERS[1]), 100)
    ballots = [vote(VOTERS[0], claim_id, pool=a.pool_address) for claim_id in (1, 2)]
    good, skipped = check(node, a.pool_address, ballots)
    assert (good, skipped) == (tuple(ballots), ())
    assert send(a, plan(good)) == 2


def test_check__voting_is_over(a, node):
    a.at(a.chain.time + a.terms.voting_period)
    _, [skipped] = check(node, a.pool_address, [vote(VOTERS[0], pool=a.pool_address)])
    assert skipped.problem == "ballot: voting is over"


def test_check__pool_that_fails_without_words__leaves_out_that_ballot(a, node):
    """A wallet may do to a call what it likes; the other ballots are asked about all the same."""
    elsewhere = to_checksum_address(a.factory.address)
    _, [skipped] = check(node, elsewhere, [vote(VOTERS[0], pool=elsewhere)])
    assert skipped.problem == "<empty>"


def test_check__node_that_refuses__is_an_error(a):
    class Refusing:
        def call(self, method, *params, kind=None):
            return "0x7a69"

        def batch(self, calls, *, kind=None, tolerant=False):
            return [RpcRefused("rpc: node: eth_call: not today", -32601, "not today")] * len(calls)

    with pytest.raises(RpcRefused, match="not today"):
        check(Refusing(), a.pool_address, [vote(VOTERS[0], pool=a.pool_address)])


# --- into blocks


def test_fit__batches_that_need_too_much_gas__are_halved_in_order(a):
    ballots = [vote(person, pool=a.pool_address) for person in VOTERS]
    calls = fit(plan(ballots), lambda call: 10_000 * len(call.voters), 60_000)
    assert [len(call.voters) for call in calls] == [5, 5, 5, 5]
    assert [len(call.arguments[3]) for call in calls] == [5, 5, 5, 5]
    assert [voter for call in calls for voter in call.voters] == [b.voter for b in ballots]
    assert send(a, calls) == 20


def test_fit__a_single_ballot__is_sent_whatever_it_needs(a):
    [call] = plan([vote(VOTERS[0], pool=a.pool_address)])
    assert fit([call], lambda call: 10**9, 1) == (call,)


def test_fit__enough_room__changes_nothing(a):
    calls = plan([vote(person, pool=a.pool_address) for person in VOTERS], size=7)
    assert fit(calls, lambda call: 10_000 * len(call.voters), 70_000) == calls


# --- signatures and files


def test_normal__forms_of_one_signature__are_one():
    signature = vote(VOTERS[0]).signature
    assert {normal(form) for form in forms(signature).values()} == {typed_data.compact(signature)}


@pytest.mark.parametrize("other", [b"", bytes(63), bytes(64), bytes(130), b"\xff" * 65])
def test_normal__anything_else__is_left_alone(other):
    assert normal(other) == other


def test_by_key__of_a_wallet__is_not():
    ballot = vote(VOTERS[0])
    assert ballot.by_key
    assert not replace(ballot, voter=POOL).by_key
    assert not replace(ballot, signature=ballot.signature * 2).by_key


def test_read__then_the_same(tmp_path):
    ballots = [vote(person) for person in VOTERS[:3]]
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps([as_tree(ballot) for ballot in ballots]))
    assert read(path) == tuple(ballots)
    path.write_text(json.dumps(as_tree(ballots[0])))
    assert read(path) == (ballots[0],)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chain_id": "1"}, 'chain_id: "1" is not a number that fits'),
        ({"claim_id": -1}, "claim_id: -1 is not a number that fits"),
        ({"claim_id": True}, "claim_id: true is not a number that fits"),
        ({"award": 256}, "award: 256 is not a number that fits"),
        ({"pool": "0x12"}, 'pool: address: "0x12" is not 0x and 40 hex digits'),
        ({"voter": None}, "voter: address: None is not 0x and 40 hex digits"),
        ({"reason": "0x12"}, "reason: 1 byte, not 32"),
        ({"signature": "12"}, 'signature: "12" is not 0x and hex digits'),
        ({"signature": 12}, "signature: 12 is not 0x and hex digits"),
        (
            {"more": 1},
            "is not an object of chain_id, pool, claim_id, award, reason, voter, signature",
        ),
    ],
)
def test_read__bad_object__is_refused(tmp_path, change, message):
    path = tmp_path / "ballots.json"
    path.write_text(json.dumps([as_tree(vote(VOTERS[0])), as_tree(vote(VOTERS[1])) | change]))
    with pytest.raises(BallotError) as caught:
        read(path)
    assert str(caught.value) == f"ballots: {path}: ballot 2: {message}"


def test_read__not_json__is_refused(tmp_path):
    path = tmp_path / "ballots.json"
    path.write_text("{")
    with pytest.raises(BallotError, match=r"^ballots: .*: is not JSON: "):
        read(path)
    path.write_text("[" * 100_000)
    with pytest.raises(BallotError) as caught:
        read(path)
    assert str(caught.value) == f"ballots: {path}: is nested deeper than a list of objects"
    with pytest.raises(BallotError, match=r"^ballots: .*: no such file$"):
        read(tmp_path / "nothing")


def test_key_and_account__agree():
    """Numbers of tests/evm and keys of eth_account are the same people."""
    person = VOTERS[0]
    assert Account.from_key(key(person).to_bytes()).address == vote(person).voter
