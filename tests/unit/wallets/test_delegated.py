"""EIP-7702: an account that has both a key and the code of a wallet."""

import pytest
from brownie import ZERO_ADDRESS

from ..ballots import counted, digest, pair, sign
from ..refusal import refuses
from ..stage import REASON, only
from .delegation import delegated, needs_7702, redelegate
from .safe import Safe, new_owners

pytestmark = needs_7702

NOT_SIGNED = "ballot: not signed by the voter"


@pytest.fixture(scope="module")
def account(safe_kit):
    """A member whose code is that of Safe: it has no owners, only its key."""
    return delegated("delegator", safe_kit.singleton)


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, account):
    """An active pool with claim 1 open; `account` is its seventh member."""
    stage = make_stage(members)
    stage.join(account)
    stage.start()
    stage.file(members[0], 200 * stage.u)
    yield stage
    stages.remove(stage)


def cast(stage, voter, signature):
    """Bring one ballot in."""
    return stage.pool.cast_ballot_for(1, voter, 10, REASON, signature, {"from": stage.keeper})


def refused(stage, voter, signature):
    """Check that one ballot is refused as not signed."""
    args = (1, voter, 10, REASON, signature, {"from": stage.keeper})
    refuses(NOT_SIGNED, stage.pool.cast_ballot_for, *args)


@pytest.mark.spec("B13")
def test_cast_ballot_for__delegated__by_key(stage, account):
    receipt = cast(stage, account, sign(stage, account))
    assert only(receipt, "BallotCast")["voter"] == account
    assert stage.pool.has_voted(1, account)


def test_cast_ballots__delegated__by_key(stage, account, voter):
    signatures = [pair(sign(stage, each)) for each in (account, voter)]
    receipt = stage.pool.cast_ballots(1, 10, REASON, signatures, {"from": stage.keeper})
    assert counted(stage, receipt) == [account, voter]


@pytest.mark.parametrize("kind", ["WalletThatRejects", "WalletThatBurnsGas"])
def test_cast_ballot_for__delegated_to_a_faulty_wallet__by_key(
    stage, account, deployer, kind, request
):
    """The key is looked at first: the code is not asked."""
    redelegate(account, deployer.deploy(request.getfixturevalue(kind)))
    receipt = cast(stage, account, sign(stage, account))
    assert receipt.gas_used < 120_000
    assert stage.pool.has_voted(1, account)


def test_cast_ballot_for__delegated__by_code(stage, account, deployer, WalletThatAnswers):
    """What the key has not signed, the code may still take."""
    redelegate(account, deployer.deploy(WalletThatAnswers))
    refused(stage, account, bytes(65))
    wallet = WalletThatAnswers.at(account.address)
    wallet.answer_with(bytes.fromhex("1626ba7e") + bytes(28), {"from": stage.keeper})
    cast(stage, account, bytes(65))
    assert stage.pool.has_voted(1, account)


def test_cast_ballot_for__delegated_to_safe__by_its_owners(stage, account, safe_kit, outsider):
    """The Safe at an account's own address, set up by its holder."""
    owners = new_owners(2)
    safe = Safe(account.address, owners, 2, outsider, safe_kit.singleton.abi)
    safe.contract.setup(
        [str(each) for each in owners],
        2,
        ZERO_ADDRESS,
        b"",
        safe_kit.handler.address,
        ZERO_ADDRESS,
        0,
        ZERO_ADDRESS,
        {"from": account},
    )
    refused(stage, account, safe.sign(digest(stage), owners[:1]))
    cast(stage, account, safe.sign(digest(stage)))
    assert stage.pool.has_voted(1, account)


def test_cast_ballot_for__delegated__somebody_elses_key__reverts(stage, account, voter):
    refused(stage, account, sign(stage, voter))


def test_cast_ballot_for__delegation_ended__by_key(stage, account):
    redelegate(account, ZERO_ADDRESS)
    cast(stage, account, sign(stage, account))
    assert stage.pool.has_voted(1, account)


def test_vote__delegated__by_transaction(stage, account):
    stage.pool.vote(1, 10, REASON, {"from": account})
    assert stage.pool.has_voted(1, account)


def test_join__delegated_organiser__invites_by_key(make_stage, account, voter):
    stage = make_stage([], organiser=account.address)
    fields, signature = stage.sign(voter, signer=account)
    stage.pool.join(fields, signature, ZERO_ADDRESS, stage.pay(voter, 100 * stage.u))
    assert stage.pool.member(voter)["id"] == 1


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
def test_refund__delegated__arrives(stage, pool, account, batch):
    """Safe's receive() runs at the account's address and emits an event."""
    stage.decide(1, 10)
    stage.settle()
    due, before = pool.refund_due(account), account.balance()
    if batch:
        receipt = pool.refund_many(1, 7, {"from": stage.keeper})
    else:
        receipt = pool.refund(account, {"from": stage.keeper})
    assert account.balance() - before == due > 0
    assert pool.credit_of(account) == 0
    assert "SafeReceived" in receipt.events


def test_refund__delegated_to_a_wallet_that_rejects__is_a_credit(
    stage, pool, account, deployer, WalletThatRejects
):
    """Its holder can withdraw to another address, or end the delegation."""
    redelegate(account, deployer.deploy(WalletThatRejects))
    stage.decide(1, 10)
    stage.settle()
    due, before = pool.refund_due(account), account.balance()
    pool.refund(account, {"from": stage.keeper})
    assert (account.balance(), pool.credit_of(account)) == (before, due)
    redelegate(account, ZERO_ADDRESS)
    pool.withdraw(account, {"from": account})
    assert account.balance() - before == due
