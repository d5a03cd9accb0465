"""Safe 1.4.1: what a group's or a firm's wallet does as organiser, member, claimant and voter."""

import pytest
from brownie import chain
from eth_account.messages import encode_typed_data

from peerpool import typed_data

from .. import on_every_asset
from ..assets import Ether
from ..ballots import digest
from ..clock import at, now
from ..refusal import refuses
from ..stage import REASON, only
from .safe import DELEGATECALL, new_owners

NOT_SIGNED = "ballot: not signed by the voter"
NOT_DEPLOYED = "ballot: wallet is not deployed"
NOT_INVITED = "invitation: not signed by an inviter"


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, safe, deployer):
    """An active pool with claim 1 open; `safe` is its seventh member, invited and paid for."""
    stage = make_stage(members)
    stage.join(safe, payer=deployer)
    stage.start()
    stage.file(members[0], 200 * stage.u)
    yield stage
    stages.remove(stage)


def refused(error, stage, voter, signature, claim_id=1):
    """Check that the wallet's ballot is refused with these words."""
    refuses(
        error,
        stage.pool.cast_ballot_for,
        claim_id,
        str(voter),
        10,
        REASON,
        signature,
        {"from": stage.keeper},
    )


def cast(stage, voter, signature, claim_id=1):
    """Bring the wallet's ballot in and check that it counts; return the receipt."""
    receipt = stage.pool.cast_ballot_for(
        claim_id, str(voter), 10, REASON, signature, {"from": stage.keeper}
    )
    assert stage.pool.has_voted(claim_id, str(voter))
    return receipt


# --- the organiser is a Safe


@pytest.fixture(scope="module")
def firm(make_stage, stages, safe):
    """A pool in its enrolment whose organiser is `safe`."""
    stage = make_stage([], organiser=safe.address)
    yield stage
    stages.remove(stage)


def invitation(stage, member):
    """Return an invitation and the 32 bytes that its organiser signs."""
    fields = (str(member), 0, stage.terms.cover_start)
    message = typed_data.invitation(chain.id, str(stage.pool), *fields)
    return fields, typed_data.digest(message)


@pytest.mark.spec("J3")
def test_join__safe_invites(firm, safe, voter):
    fields, signed = invitation(firm, voter)
    signature = safe.sign(signed)
    assert len(signature) == 130
    firm.pool.join(fields, signature, str(firm.keeper), firm.pay(voter, 100 * firm.u))
    assert firm.pool.member(voter)["id"] == 1


def test_join__safe_invites_on_chain(firm, safe, safe_kit, voter):
    """The owners have marked the message as signed: the signature is empty."""
    fields, signed = invitation(firm, voter)
    data = safe_kit.sign_message.signMessage.encode_input(signed)
    tx = {"from": firm.keeper}
    safe.execute(safe_kit.sign_message, 0, data, tx, DELEGATECALL)
    firm.pool.join(fields, b"", str(firm.keeper), firm.pay(voter, 100 * firm.u))
    assert firm.pool.member(voter)["id"] == 1


@pytest.mark.parametrize(
    "signing",
    [
        lambda safe, signed: b"",
        lambda safe, signed: safe.sign(signed, safe.owners[:1]),
        lambda safe, signed: safe.sign(signed, [safe.owners[0], *new_owners(4)[3:]]),
        lambda safe, signed: safe.sign(signed, [safe.owners[0]] * 2),
        lambda safe, signed: safe.signatures(signed),
        lambda safe, signed: safe.sign(signed[::-1]),
    ],
    ids=["nobody", "one owner", "a stranger", "one twice", "not as the Safe", "another message"],
)
def test_join__safe_has_not_signed__reverts(firm, safe, voter, signing):
    fields, signed = invitation(firm, voter)
    refuses(
        NOT_INVITED,
        firm.pool.join,
        fields,
        signing(safe, signed),
        str(firm.keeper),
        firm.pay(voter, 100 * firm.u),
    )


def test_withdraw__safe_takes_its_fees(firm, safe, members, heir):
    for member in members[:3]:
        fields, signed = invitation(firm, member)
        firm.pool.join(fields, safe.sign(signed), str(firm.keeper), firm.pay(member, 100 * firm.u))
    firm.start()
    before = heir.balance()
    safe.call(firm.pool.withdraw, heir)
    assert heir.balance() - before == 3 * 5 * firm.u


# --- a Safe votes


def test_cast_ballot_for__safe(stage, safe):
    signature = safe.sign(digest(stage))
    assert len(signature) == 130
    receipt = cast(stage, safe, signature)
    assert only(receipt, "BallotCast")["voter"] == safe.address
    assert stage.pool.tally(1)[10] == 1


def test_cast_ballot_for__safe__any_two_owners(stage, safe):
    cast(stage, safe, safe.sign(digest(stage), [safe.owners[2], safe.owners[0]]))


def test_cast_ballot_for__safe__signed_on_chain(stage, safe, safe_kit):
    data = safe_kit.sign_message.signMessage.encode_input(digest(stage))
    refused(NOT_SIGNED, stage, safe, b"")
    safe.execute(safe_kit.sign_message, 0, data, {"from": stage.keeper}, DELEGATECALL)
    cast(stage, safe, b"")


@pytest.mark.parametrize(
    "signing",
    [
        lambda safe, signed: b"",
        lambda safe, signed: safe.sign(signed, safe.owners[:1]),
        lambda safe, signed: safe.signatures(signed),
        lambda safe, signed: safe.signatures(signed)[:65],
        lambda safe, signed: safe.sign(signed[::-1]),
    ],
    ids=["nobody", "one owner", "not as the Safe", "an owner's own ballot", "another message"],
)
def test_cast_ballot_for__safe_has_not_signed__reverts(stage, safe, signing):
    refused(NOT_SIGNED, stage, safe, signing(safe, digest(stage)))


def test_cast_ballot_for__safe_of_the_same_owners__reverts(stage, safe, safe_kit, deployer, voter):
    """A Safe binds what it signs to itself: one ballot is no other Safe's."""
    sibling = safe_kit.create(safe.owners, 2, nonce=1)
    at(now() + 1)
    stage.join(sibling, payer=deployer)
    claim_id = stage.file(voter, 10 * stage.u)
    signed = digest(stage, claim_id)
    refused(NOT_SIGNED, stage, sibling, safe.sign(signed), claim_id)
    cast(stage, sibling, sibling.sign(signed), claim_id)
    cast(stage, safe, safe.sign(signed), claim_id)


def test_cast_ballot_for__safe_to_come(stage, safe_kit, deployer, voter):
    """Invited at the address it will have; its ballot is refused until it is there."""
    owners = new_owners(3)
    coming = safe_kit.predict(owners, 2, nonce=7)
    at(now() + 1)
    stage.join(coming, payer=deployer)
    claim_id = stage.file(voter, 10 * stage.u)
    signature = coming.sign(digest(stage, claim_id))
    refused(NOT_DEPLOYED, stage, coming, signature, claim_id)
    assert safe_kit.create(owners, 2, nonce=7).address == coming.address
    cast(stage, coming, signature, claim_id)


@pytest.mark.parametrize("count", [1, 10, 15])
def test_cast_ballot_for__safe_of_many_owners(stage, safe_kit, deployer, voter, count):
    """All have to sign; 15 signatures are the most that fit 1,024 bytes.

    One of one is 65 bytes, like a key's: it recovers to somebody else first.
    """
    board = safe_kit.create(new_owners(count), count)
    at(now() + 1)
    stage.join(board, payer=deployer)
    claim_id = stage.file(voter, 10 * stage.u)
    signature = board.sign(digest(stage, claim_id))
    assert len(signature) == 65 * count <= 1024
    receipt = cast(stage, board, signature, claim_id)
    # A Safe takes some 7,500 for each owner: 15 of them half of the 300,000 that it may.
    assert receipt.gas_used < 120_000 + 10_000 * count


def test_cast_ballot_for__safe_owned_by_a_safe(stage, safe, safe_kit, deployer, voter):
    """Of a Safe whose one owner is `safe`, which therefore signs twice over."""
    holding = safe_kit.create([safe], 1)
    at(now() + 1)
    stage.join(holding, payer=deployer)
    claim_id = stage.file(voter, 10 * stage.u)
    signable = encode_typed_data(full_message=holding.message(digest(stage, claim_id)))
    inner = safe.sign(b"\x19" + signable.version + signable.header + signable.body)
    # A contract's signature: address, place of the rest, and v = 0 (Safe, checkNSignatures)
    head = bytes(12) + bytes.fromhex(safe.address[2:]) + (65).to_bytes(32, "big") + b"\0"
    signature = head + len(inner).to_bytes(32, "big") + inner
    refused(NOT_SIGNED, stage, holding, signature[:-1] + b"\0", claim_id)
    cast(stage, holding, signature, claim_id)


# --- a Safe does everything else by transaction


@on_every_asset
def test_safe__joins_files_votes_and_is_paid(make_stage, safe, members, voters, deployer):
    """From the premium to the refund, all of it signed by two of three owners."""
    stage = make_stage(members)
    pool, u = stage.pool, stage.u
    in_ether = isinstance(stage.asset, Ether)
    if not in_ether:
        stage.asset.token.mint(safe.address, 1000 * u, {"from": deployer})
        safe.call(stage.asset.token.approve, pool, 2**256 - 1)

    def value(amount):
        return amount if in_ether else 0

    def balance():
        return stage.balance(safe)

    start = balance()
    fields, signature = stage.sign(safe)
    safe.call(pool.join, fields, signature, str(stage.keeper), value=value(100 * u))
    assert pool.payer_of(safe.address) == safe.address
    assert start - balance() == 100 * u

    stage.start()
    args = stage.claim_args(200 * u + stage.terms.deductible)
    receipt = safe.call(pool.file_claim, *args, value=value(5 * u))
    assert only(receipt, "ClaimFiled")["claimant"] == safe.address
    stage.decide(1, 10)
    assert balance() == start - 100 * u + 200 * u  # bond and award are back
    assert pool.credit_of(safe.address) == 0

    stage.file(members[0], 10 * u)
    safe.call(pool.vote, 2, 0, REASON)
    assert pool.has_voted(2, safe.address)
    stage.vote(2, 10, voters)
    pool.resolve(2, {"from": stage.keeper})

    stage.settle()
    due, before = pool.refund_due(safe.address), balance()
    assert due > 0
    pool.refund(safe.address, {"from": stage.keeper})
    assert balance() - before == due
    assert pool.credit_of(safe.address) == 0


def test_safe__is_paid_in_a_batch(make_stage, safe, members, deployer):
    """Its receive() runs behind a proxy and emits an event: it fits the gas of a payment."""
    stage = make_stage(members)
    stage.join(safe, payer=deployer)
    stage.start()
    stage.settle()
    due, before = stage.pool.refund_due(safe.address), safe.balance()
    receipt = stage.pool.refund_many(1, 7, {"from": stage.keeper})
    assert safe.balance() - before == due > 0
    assert "Credited" not in receipt.events
    assert "SafeReceived" in receipt.events
