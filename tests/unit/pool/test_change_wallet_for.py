"""A change of wallet that both wallets have signed, brought in by anybody."""

import pytest
from brownie import ZERO_ADDRESS

from ..ballots import twin
from ..clock import at, now
from ..refusal import refuses
from ..stage import names, only
from ..wallet_messages import change, signed

NOT_OLD = "wallet: not signed by the old one"
NOT_NEW = "wallet: not signed by the new one"


def args(stage, old, new, nonce=None, deadline=0, **where):
    """Return the arguments of change_wallet_for, signed by both."""
    nonce = stage.pool.wallet_nonce(old) if nonce is None else nonce
    deadline = deadline or now() + 3600
    what = change(stage, old, new, nonce, deadline, **where)
    return old, new, deadline, signed(old, what), signed(new, what)


@pytest.mark.spec("K6")
def test_change_wallet_for(stage, pool, claimant, new_wallet, outsider):
    receipt = pool.change_wallet_for(*args(stage, claimant, new_wallet), {"from": outsider})
    assert names(receipt) == ["WalletChanged"]
    assert only(receipt, "WalletChanged")["new"] == new_wallet
    assert pool.member(new_wallet)["id"] == 1
    assert pool.member(claimant)["id"] == 0
    assert pool.wallet_nonce(claimant) == 1


# --- deadline


@pytest.mark.spec("K6")
def test_change_wallet_for__last_second(stage, pool, claimant, new_wallet, outsider):
    deadline = now() + 100
    call = args(stage, claimant, new_wallet, deadline=deadline)
    at(deadline)
    pool.change_wallet_for(*call, {"from": outsider})
    assert pool.member(new_wallet)["id"] == 1


@pytest.mark.spec("K6")
def test_change_wallet_for__too_late__reverts(stage, pool, claimant, new_wallet, outsider):
    deadline = now() + 100
    call = args(stage, claimant, new_wallet, deadline=deadline)
    at(deadline + 1)
    refuses("wallet: signatures expired", pool.change_wallet_for, *call, {"from": outsider})


# --- who has signed what


@pytest.mark.spec("K6")
def test_change_wallet_for__one_signature__reverts(stage, pool, claimant, new_wallet, outsider):
    old, new, deadline, by_old, by_new = args(stage, claimant, new_wallet)
    method, sender = pool.change_wallet_for, {"from": outsider}
    for bad in (b"", by_new, twin(by_old), by_old[:63], bytes(65)):
        refuses(NOT_OLD, method, old, new, deadline, bad, by_new, sender)
    for bad in (b"", by_old, twin(by_new), by_new[:63], bytes(65)):
        refuses(NOT_NEW, method, old, new, deadline, by_old, bad, sender)


@pytest.mark.spec("K7")
def test_change_wallet_for__another_content__reverts(
    stage, pool, claimant, neighbour, new_wallet, outsider
):
    old, new, deadline, by_old, by_new = args(stage, claimant, new_wallet)
    method, sender = pool.change_wallet_for, {"from": outsider}
    refuses(NOT_OLD, method, old, outsider, deadline, by_old, by_new, sender)
    refuses(NOT_OLD, method, neighbour, new, deadline, by_old, by_new, sender)
    refuses(NOT_OLD, method, old, new, deadline + 1, by_old, by_new, sender)


@pytest.mark.spec("K7")
@pytest.mark.parametrize("where", ["another pool", "another chain", "another nonce"])
def test_change_wallet_for__elsewhere__reverts(
    stage, pool, core, claimant, new_wallet, outsider, where
):
    changes = {
        "another pool": {"pool": core.implementation},
        "another chain": {"chain_id": 1},
        "another nonce": {"nonce": 1},
    }
    call = args(stage, claimant, new_wallet, **changes[where])
    refuses(NOT_OLD, pool.change_wallet_for, *call, {"from": outsider})


# --- replay


@pytest.mark.spec("K7")
def test_change_wallet_for__there_and_back__no_replay(stage, pool, claimant, new_wallet, outsider):
    """A to B, B to A; the first signatures are no good a second time."""
    first = args(stage, claimant, new_wallet)
    back = args(stage, new_wallet, claimant)
    method, sender = pool.change_wallet_for, {"from": outsider}
    method(*first, sender)
    method(*back, sender)
    assert pool.member(claimant)["id"] == 1
    refuses(NOT_OLD, method, *first, sender)
    method(*args(stage, claimant, new_wallet), sender)
    refuses(NOT_OLD, method, *back, sender)


def test_change_wallet_for__left_and_joined_again__no_replay(
    stage, pool, claimant, new_wallet, outsider
):
    """The same account under another id: signatures from before its change count no more."""
    first = args(stage, claimant, new_wallet)
    pool.change_wallet_for(*first, {"from": outsider})
    pool.leave({"from": new_wallet})
    stage.join(claimant, deadline=stage.terms.enrolment_end + 1)
    refuses(NOT_OLD, pool.change_wallet_for, *first, {"from": outsider})


@pytest.mark.spec("K7")
def test_change_wallet_for__objection_makes_it_void(stage, pool, claimant, new_wallet, outsider):
    call = args(stage, claimant, new_wallet)
    pool.object_to_recovery({"from": claimant})
    refuses(NOT_OLD, pool.change_wallet_for, *call, {"from": outsider})


# --- wallets that are contracts (ERC-1271)


@pytest.fixture
def wallet(deployer, inviter, WalletThatSigns):
    """A wallet for which `inviter` signs."""
    return deployer.deploy(WalletThatSigns, inviter)


@pytest.mark.spec("K6")
def test_change_wallet_for__to_a_contract(stage, pool, claimant, inviter, wallet, outsider):
    what = change(stage, claimant, wallet, 0, now() + 3600)
    signatures = signed(claimant, what), signed(inviter, what)
    pool.change_wallet_for(
        claimant, wallet, what["message"]["deadline"], *signatures, {"from": outsider}
    )
    assert pool.member(wallet)["id"] == 1


@pytest.mark.spec("K6")
def test_change_wallet_for__from_a_contract(
    stage, pool, payer, inviter, wallet, new_wallet, outsider
):
    stage.join(wallet, payer=payer)
    what = change(stage, wallet, new_wallet, 0, now() + 3600)
    signatures = signed(inviter, what), signed(new_wallet, what)
    pool.change_wallet_for(
        wallet, new_wallet, what["message"]["deadline"], *signatures, {"from": outsider}
    )
    assert pool.member(new_wallet)["id"] == 7


def test_change_wallet_for__contract_says_no__reverts(stage, pool, claimant, wallet, outsider):
    deadline = now() + 3600
    what = change(stage, claimant, wallet, 0, deadline)
    signatures = signed(claimant, what), signed(outsider, what)
    method = pool.change_wallet_for
    refuses(NOT_NEW, method, claimant, wallet, deadline, *signatures, {"from": outsider})


# --- what change_wallet refuses


def test_change_wallet_for__not_a_member__reverts(stage, pool, outsider, new_wallet):
    call = args(stage, outsider, new_wallet)
    refuses("wallet: not a member", pool.change_wallet_for, *call, {"from": outsider})


def test_change_wallet_for__to_a_member__reverts(stage, pool, claimant, neighbour, outsider):
    call = args(stage, claimant, neighbour)
    refuses("wallet: new one is a member", pool.change_wallet_for, *call, {"from": outsider})


def test_change_wallet_for__to_who_was_a_member(stage, pool, claimant, neighbour, outsider):
    pool.leave({"from": neighbour})
    pool.change_wallet_for(*args(stage, claimant, neighbour), {"from": outsider})
    assert pool.member(neighbour)["id"] == 1


def test_change_wallet_for__nobody__reverts(stage, pool, claimant, outsider):
    """What recovers to nobody is nobody's signature."""
    deadline = now() + 3600
    by_old = signed(claimant, change(stage, claimant, ZERO_ADDRESS, 0, deadline))
    call = (claimant, ZERO_ADDRESS, deadline, by_old, bytes(65))
    error = "wallet: new one is the zero address"
    method = pool.change_wallet_for
    refuses(error, method, *call, {"from": outsider})
