"""One signed ballot: of a key, or of a wallet (ERC-1271). Real wallets: tests/unit/wallets."""

from typing import Any

import pytest
from brownie import ZERO_ADDRESS, history, reverts
from brownie.exceptions import VirtualMachineError

from ..ballots import digest, key_of, pair, sign, twin
from ..clock import at, now
from ..refusal import refuses
from ..stage import REASON, names, only

MAGIC = bytes.fromhex("1626ba7e")
NOT_SIGNED = "ballot: not signed by the voter"
NOT_DEPLOYED = "ballot: wallet is not deployed"
# A wallet may use 300,000; the rest is the call with 1,024 bytes of signature.
MOST_GAS = 400_000


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, neighbour, late_joiner):
    """An active pool: claim 1 open, `late_joiner` joined after it, claim 2 open."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    join_late(stage, late_joiner, late_joiner)
    stage.file(neighbour, 100 * stage.u)
    yield stage
    stages.remove(stage)


@pytest.fixture
def enlist(stage, deployer):
    """Return a function that deploys a wallet and makes it a member."""

    def enlist(kind: Any, *args: Any) -> Any:
        wallet = deployer.deploy(kind, *args)
        join_late(stage, wallet, deployer)
        return wallet

    return enlist


def join_late(stage, member, payer):
    """Join at the price of one second, which is asked for and paid in that second."""
    at(now() + 1)
    stage.join(member, payer=payer)


@pytest.fixture
def ask(stage, voters):
    """Return a function that opens claim 3, on which all wallets so far may vote."""
    return lambda: stage.file(voters[3], 10 * stage.u)


def cast(stage, voter, signature, claim_id=1, award=10, reason=REASON):
    """Bring the ballot in and check that it has counted; return the receipt."""
    before = list(stage.pool.tally(claim_id))
    receipt = stage.pool.cast_ballot_for(
        claim_id, voter, award, reason, signature, {"from": stage.keeper}
    )
    before[award] += 1
    assert list(stage.pool.tally(claim_id)) == before
    assert stage.pool.has_voted(claim_id, voter)
    return receipt


def refused(error, stage, voter, signature, claim_id=1, award=10, reason=REASON):
    """Check that the ballot is refused with these words."""
    refuses(
        error,
        stage.pool.cast_ballot_for,
        claim_id,
        voter,
        award,
        reason,
        signature,
        {"from": stage.keeper},
    )


# --- keys


@pytest.mark.spec("B13")
def test_cast_ballot_for(stage, pool, voter, members):
    receipt = cast(stage, voter, sign(stage, voter, award=7), award=7)
    assert names(receipt) == ["BallotCast"]
    assert only(receipt, "BallotCast") == {
        "claim_id": 1,
        "voter": voter,
        "award": 7,
        "reason": "0x" + REASON.hex(),
    }
    assert [each for each in members if pool.has_voted(1, each)] == [voter]


@pytest.mark.spec("B13")
@pytest.mark.parametrize("base", [27, 0])
def test_cast_ballot_for__either_form_of_v(stage, voters, base):
    """Both parities, each as 27 or 28 and as 0 or 1."""
    for voter, v in zip(voters, (27, 28), strict=False):
        signatures = [(award, sign(stage, voter, award=award)) for award in range(11)]
        award, signature = next((award, s) for award, s in signatures if s[64] == v)
        cast(stage, voter, signature[:64] + bytes([v - 27 + base]), award=award)


@pytest.mark.spec("B13")
def test_cast_ballot_for__compact(stage, voters):
    """64 bytes (EIP-2098), of both parities."""
    for voter in voters:
        cast(stage, voter, _compact(sign(stage, voter)))


def test_cast_ballot_for__all_of_it_without_a_reason(stage, voter):
    cast(stage, voter, sign(stage, voter, reason=bytes(32)), reason=bytes(32))


def test_cast_ballot_for__last_second(stage, pool, voter):
    last = pool.claim(1)["filed_at"] + stage.terms.voting_period - 1
    signature = sign(stage, voter)
    at(last)
    receipt = pool.cast_ballot_for(1, voter, 10, REASON, signature, {"from": stage.keeper})
    assert receipt.timestamp == last
    assert pool.has_voted(1, voter)


def _with_v(signature, v):
    return signature[:64] + bytes([v])


def _compact(signature, parity=0):
    r, vs = pair(signature)
    return r.to_bytes(32, "big") + (vs ^ parity << 255).to_bytes(32, "big")


FAULTS = {
    "nothing": lambda *_: b"",
    "zeros": lambda *_: bytes(65),
    "63 bytes": lambda stage, voter: sign(stage, voter)[:63],
    "compact, other parity": lambda stage, voter: _compact(sign(stage, voter), parity=1),
    "v is 2": lambda stage, voter: _with_v(sign(stage, voter), 2),
    "v is 26": lambda stage, voter: _with_v(sign(stage, voter), 26),
    "v is 29": lambda stage, voter: _with_v(sign(stage, voter), 29),
    "v is 255": lambda stage, voter: _with_v(sign(stage, voter), 255),
    "other parity": lambda stage, voter: _with_v(s := sign(stage, voter), 55 - s[64]),
    "malleable": lambda stage, voter: twin(sign(stage, voter)),
    "another claim": lambda stage, voter: sign(stage, voter, claim_id=2),
    "another award": lambda stage, voter: sign(stage, voter, award=9),
    "another reason": lambda stage, voter: sign(stage, voter, reason=bytes(32)),
    "another chain": lambda stage, voter: sign(stage, voter, chain_id=1),
    "another pool": lambda stage, voter: sign(stage, voter, pool=voter),
    "somebody else": lambda stage, voter: sign(stage, stage.voters[1]),
}


@pytest.mark.spec("B10", "B11")
@pytest.mark.parametrize("fault", FAULTS)
def test_cast_ballot_for__bad_signature__reverts(stage, voter, fault):
    refused(NOT_SIGNED, stage, voter, FAULTS[fault](stage, voter))


@pytest.mark.parametrize("length", [66, 97, 130, 1024])
def test_cast_ballot_for__more_than_a_key_signs__reverts(stage, voter, length):
    """Nothing tells a wallet to come from a person without code but the length."""
    refused(NOT_DEPLOYED, stage, voter, sign(stage, voter).ljust(length, b"\0"))


def test_cast_ballot_for__zero_address__reverts(stage):
    """What recovers to nobody is nobody's ballot."""
    refused("ballot: not a member", stage, ZERO_ADDRESS, bytes(65))


@pytest.mark.parametrize(
    "role, error",
    [
        ("outsider", "ballot: not a member"),
        ("organiser", "ballot: not a member"),
        ("claimant", "ballot: own claim"),
        ("late_joiner", "ballot: joined after the claim"),
    ],
)
def test_cast_ballot_for__may_not_vote__reverts(stage, role, error, request):
    who = request.getfixturevalue(role)
    refused(error, stage, who, sign(stage, who))


@pytest.mark.spec("B7")
def test_cast_ballot_for__already_cast__reverts(stage, pool, voters):
    one, two, three = voters[:3]
    cast(stage, one, sign(stage, one))
    pool.vote(1, 10, REASON, {"from": two})
    pool.cast_ballots(1, 10, REASON, [pair(sign(stage, three))], {"from": stage.keeper})
    for voter in (one, two, three):
        refused("ballot: already cast", stage, voter, sign(stage, voter))
        refused("ballot: already cast", stage, voter, sign(stage, voter, award=3), award=3)


@pytest.mark.spec("B17")
@pytest.mark.parametrize("claim_id", [0, 3, 2**32, 2**256 - 1])
def test_cast_ballot_for__no_such_claim__reverts(stage, voter, claim_id):
    refused("claim: no such claim", stage, voter, sign(stage, voter, claim_id), claim_id)


def test_cast_ballot_for__voting_is_over__reverts(stage, pool, voter):
    at(pool.claim(1)["filed_at"] + stage.terms.voting_period)
    refused("ballot: voting is over", stage, voter, sign(stage, voter))


def test_cast_ballot_for__claim_is_decided__reverts(stage, voters):
    stage.decide(1, 10)
    refused("ballot: voting is over", stage, voters[3], sign(stage, voters[3]))


@pytest.mark.spec("B5")
@pytest.mark.parametrize("award", [11, 12, 255])
def test_cast_ballot_for__award_is_above_ten_tenths__reverts(stage, voter, award):
    refused(
        "ballot: award is above ten tenths", stage, voter, sign(stage, voter, award=award), 1, award
    )


@pytest.mark.spec("B6")
@pytest.mark.parametrize("award", [0, 5, 9])
def test_cast_ballot_for__reason_missing__reverts(stage, voter, award):
    signature = sign(stage, voter, award=award, reason=bytes(32))
    refused("ballot: reason missing", stage, voter, signature, 1, award, bytes(32))


# --- wallets


@pytest.mark.spec("B14")
def test_cast_ballot_for__wallet(stage, enlist, ask, outsider, WalletThatSigns):
    wallet = enlist(WalletThatSigns, outsider)
    ask()
    receipt = cast(stage, wallet, sign(stage, outsider, claim_id=3), claim_id=3)
    assert only(receipt, "BallotCast")["voter"] == wallet
    assert not stage.pool.has_voted(3, outsider)


def test_cast_ballot_for__wallet_says_no__reverts(
    stage, enlist, ask, outsider, payer, WalletThatSigns
):
    wallet = enlist(WalletThatSigns, outsider)
    ask()
    refused(NOT_SIGNED, stage, wallet, sign(stage, payer, claim_id=3), claim_id=3)
    refused(NOT_SIGNED, stage, wallet, sign(stage, outsider, claim_id=1), claim_id=3)


def test_cast_ballot_for__wallet_may_not_vote__reverts(
    stage, enlist, outsider, deployer, WalletThatSigns
):
    late = enlist(WalletThatSigns, outsider)
    foreign = deployer.deploy(WalletThatSigns, outsider)
    refused("ballot: joined after the claim", stage, late, sign(stage, outsider))
    refused("ballot: not a member", stage, foreign, sign(stage, outsider))


ANSWERS = {
    "nothing": b"",
    "short: the magic value alone": MAGIC,
    "short: 31 bytes": MAGIC + bytes(27),
    "zero": bytes(32),
    "true": bytes(31) + b"\x01",
    "at the wrong end": bytes(28) + MAGIC,
    "followed by something": MAGIC + bytes(27) + b"\x01",
    "the magic value of old": bytes.fromhex("20c13b0b") + bytes(28),
    "the invalid of others": b"\xff" * 4 + bytes(28),
    "all ones": b"\xff" * 32,
    "another, and the right one after it": bytes(32) + MAGIC + bytes(28),
}


@pytest.mark.spec("B14")
@pytest.mark.parametrize("answer", ANSWERS)
def test_cast_ballot_for__wallet_answers_otherwise__reverts(
    stage, enlist, ask, answer, WalletThatAnswers
):
    wallet = enlist(WalletThatAnswers)
    ask()
    wallet.answer_with(ANSWERS[answer], {"from": stage.keeper})
    refused(NOT_SIGNED, stage, wallet, bytes(65), claim_id=3)


@pytest.mark.parametrize("extra", [0, 1, 32, 96])
def test_cast_ballot_for__wallet_answers_at_length(stage, enlist, ask, extra, WalletThatAnswers):
    """What comes after the first word is not looked at: Solidity reads it so too."""
    wallet = enlist(WalletThatAnswers)
    ask()
    wallet.answer_with(MAGIC + bytes(28) + b"\xff" * extra, {"from": stage.keeper})
    cast(stage, wallet, bytes(65), claim_id=3)


def test_cast_ballot_for__longest_signature(stage, enlist, ask, WalletThatAnswers):
    wallet = enlist(WalletThatAnswers)
    ask()
    wallet.answer_with(MAGIC + bytes(28), {"from": stage.keeper})
    args = (3, wallet, 10, REASON)
    with pytest.raises(VirtualMachineError):  # by the ABI, which has no words
        stage.pool.cast_ballot_for.call(*args, b"\1" * 1025, {"from": stage.keeper})
    cast(stage, wallet, b"\1" * 1024, claim_id=3)


@pytest.mark.spec("B16")
@pytest.mark.parametrize(
    "kind",
    ["Wallet", "WalletThatRejects", "WalletThatBurnsGas", "WalletThatReturnsABomb", "Token"],
)
def test_cast_ballot_for__wallet_fails__reverts(stage, pool, enlist, ask, kind, request):
    """It does not know ERC-1271, reverts, burns gas, or answers with a bomb: none is dear."""
    args = ("Test Euro", "TEUR", 6) if kind == "Token" else ()
    wallet = enlist(request.getfixturevalue(kind), *args)
    ask()
    with reverts(NOT_SIGNED):
        pool.cast_ballot_for(
            3, wallet, 10, REASON, b"\1" * 1024, {"from": stage.keeper, "gas_limit": 5_000_000}
        )
    assert history[-1].gas_used < MOST_GAS


@pytest.mark.spec("B16")
@pytest.mark.parametrize("call", ["has_voted", "vote", "cast_ballot_for", "withdraw"])
def test_cast_ballot_for__wallet_calls_the_pool__reverts(
    stage, pool, enlist, ask, call, WalletThatCallsWhenAsked
):
    """Locked against views too; and asked by a static call, in which nothing can be written."""
    wallet = enlist(WalletThatCallsWhenAsked)
    ask()
    data = {
        "has_voted": pool.has_voted.encode_input(3, wallet),
        "vote": pool.vote.encode_input(3, 10, REASON),
        "cast_ballot_for": pool.cast_ballot_for.encode_input(3, wallet, 10, REASON, b""),
        "withdraw": pool.withdraw.encode_input(wallet),
    }[call]
    wallet.arm(pool, data, {"from": stage.keeper})
    refused(NOT_SIGNED, stage, wallet, b"", claim_id=3)
    assert not stage.pool.has_voted(3, wallet)


def test_cast_ballot_for__wallet_looks_something_up(
    stage, core, enlist, ask, WalletThatCallsWhenAsked
):
    wallet = enlist(WalletThatCallsWhenAsked)
    ask()
    data = core.factory.IMPLEMENTATION.encode_input()
    wallet.arm(core.factory, data, {"from": stage.keeper})
    cast(stage, wallet, b"", claim_id=3)


@pytest.mark.spec("B16")
def test_cast_ballot_for__wallet_cannot_write__reverts(
    stage, enlist, ask, make_token, Token, WalletThatCallsWhenAsked
):
    token = make_token(Token).token
    wallet = enlist(WalletThatCallsWhenAsked)
    ask()
    wallet.arm(token, token.mint.encode_input(wallet, 1), {"from": stage.keeper})
    refused(NOT_SIGNED, stage, wallet, b"", claim_id=3)


@pytest.mark.spec("B15")
def test_cast_ballot_for__wallet_is_not_deployed__reverts(stage, pool, heir, deployer, ask):
    """With the suffix of ERC-6492, by which signatures of wallets to come are known."""
    join_late(stage, heir, deployer)
    ask()
    refused(NOT_DEPLOYED, stage, heir, bytes(65) + b"\x64\x92" * 16, claim_id=3)


def test_cast_ballot_for__wallet_votes_by_transaction(stage, enlist, ask, WalletThatRejects):
    """Whoever cannot sign can still call."""
    wallet = enlist(WalletThatRejects)
    ask()
    stage.act(wallet, stage.pool.vote, 3, 10, REASON)
    assert stage.pool.has_voted(3, wallet)


# --- what wallets have to see to themselves


def test_cast_ballot_for__one_owner_of_two_wallets__one_signature_counts_for_both(
    stage, enlist, ask, outsider, keeper, WalletThatSigns
):
    """A ballot does not name its voter, and such wallets do not bind it to themselves.

    https://github.com/bcnmy/nexus/issues/59, ERC-7739. It takes an organiser who has invited one
    person three times; what the others have not voted for is still what this owner has signed.
    """
    join_late(stage, outsider, outsider)
    wallets = [enlist(WalletThatSigns, outsider) for _ in range(2)]
    ask()
    signature = sign(stage, outsider, claim_id=3)
    for voter in (outsider, *wallets):
        cast(stage, voter, signature, claim_id=3)


def test_digest__is_what_a_wallet_is_asked_about(stage, outsider, deployer, WalletThatSigns):
    """The fixtures above sign this very hash, not one of their own."""
    wallet = deployer.deploy(WalletThatSigns, outsider)
    signature = sign(stage, outsider)
    assert wallet.isValidSignature(digest(stage), signature) == "0x" + MAGIC.hex()
    assert len(key_of(outsider)) == 32
