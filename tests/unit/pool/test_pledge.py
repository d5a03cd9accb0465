"""A member pledges the cover to a payee, who alone can release it."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import at
from ..hearing import hearing, voting_ends
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("G1")
def test_pledge(stage, pool, claimant, lender):
    pots = stage.pots()
    receipt = pool.pledge(lender, 300 * stage.u, {"from": claimant})
    assert names(receipt) == ["Pledged"]
    assert only(receipt, "Pledged") == {"id": 1, "payee": lender, "amount": 300 * stage.u}
    assert pool.pledge_of(claimant) == (lender, 300 * stage.u)
    assert stage.pots() == pots


def test_pledge_of__nobody(pool, claimant, outsider):
    for account in (claimant, outsider, ZERO_ADDRESS):
        assert pool.pledge_of(account) == (ZERO_ADDRESS, 0)


@pytest.mark.spec("G2")
def test_pledge__raised(stage, pool, claimant, lender):
    pool.pledge(lender, 300 * stage.u, {"from": claimant})
    receipt = pool.pledge(lender, 300 * stage.u + 1, {"from": claimant})
    assert only(receipt, "Pledged")["amount"] == 300 * stage.u + 1


@pytest.mark.spec("G2")
def test_pledge__most(pool, claimant, lender):
    """May be above the cover: cover is what limits awards."""
    error = "pledge: amount above 2**100"
    refuses(error, pool.pledge, lender, 2**100 + 1, {"from": claimant})
    pool.pledge(lender, 2**100, {"from": claimant})
    assert pool.pledge_of(claimant)[1] == 2**100


def test_pledge__in_every_phase(stage, pool, claimant, lender):
    stage.start()
    pool.pledge(lender, 1, {"from": claimant})
    stage.settle()
    pool.pledge(lender, 2, {"from": claimant})
    assert pool.pledge_of(claimant) == (lender, 2)


@pytest.mark.spec("G1")
def test_pledge__not_a_member__reverts(pool, outsider, lender):
    refuses("pledge: not a member", pool.pledge, lender, 1, {"from": outsider})


@pytest.mark.spec("G1")
def test_pledge__to_nobody_or_oneself__reverts(pool, claimant):
    for payee in (ZERO_ADDRESS, claimant):
        error = "pledge: payee is not another account"
        refuses(error, pool.pledge, payee, 1, {"from": claimant})


@pytest.mark.spec("G1")
def test_pledge__to_the_arbiter__reverts(make_stage, members, claimant, lender):
    """Or a claimant could shut the arbiter out of the own claims."""
    stage = make_stage(members, **hearing(lender))
    error = "pledge: payee is the arbiter"
    refuses(error, stage.pool.pledge, lender, 1, {"from": claimant})


@pytest.mark.spec("G1")
def test_pledge__to_a_member__reverts(pool, claimant, neighbour, lender):
    """Or a claimant could take a member's vote away."""
    error = "pledge: payee is a member"
    refuses(error, pool.pledge, neighbour, 1, {"from": claimant})
    pool.pledge(lender, 300, {"from": claimant})
    pool.change_wallet(lender, {"from": neighbour})
    pool.pledge(lender, 301, {"from": claimant})  # a raise, of what the account held before
    pool.release(claimant, 301, {"from": lender})
    refuses(error, pool.pledge, lender, 302, {"from": claimant})


@pytest.mark.spec("G2")
@pytest.mark.parametrize("amount", [0, 299, 300])
def test_pledge__not_above_what_is_pledged__reverts(pool, claimant, lender, amount):
    pool.pledge(lender, 300, {"from": claimant})
    error = "pledge: not above what is pledged"
    refuses(error, pool.pledge, lender, amount, {"from": claimant})


def test_pledge__nothing__reverts(pool, claimant, lender):
    refuses("pledge: not above what is pledged", pool.pledge, lender, 0, {"from": claimant})


@pytest.mark.spec("G3")
def test_pledge__to_another__reverts(pool, claimant, lender, payer):
    pool.pledge(lender, 300, {"from": claimant})
    error = "pledge: another payee holds it"
    refuses(error, pool.pledge, payer, 400, {"from": claimant})
    pool.release(claimant, 299, {"from": lender})
    refuses(error, pool.pledge, payer, 400, {"from": claimant})
    pool.release(claimant, 1, {"from": lender})
    pool.pledge(payer, 400, {"from": claimant})
    assert pool.pledge_of(claimant) == (payer, 400)


@pytest.mark.spec("G1")
def test_pledge__a_claim_is_open__reverts(stage, pool, claimant, lender):
    """Or a payee could have voted on it."""
    error = "pledge: a claim is open"
    stage.start()
    stage.file(claimant, 100 * stage.u)
    refuses(error, pool.pledge, lender, 1, {"from": claimant})
    stage.decide(1, 10)
    pool.pledge(lender, 1, {"from": claimant})
    stage.file(claimant, 100 * stage.u)
    refuses(error, pool.pledge, lender, 2, {"from": claimant})


@pytest.mark.spec("G1")
def test_pledge__a_claim_is_before_the_arbiter__reverts(
    make_stage, members, claimant, lender, arbiter, keeper
):
    stage = make_stage(members, **hearing(arbiter))
    stage.start()
    stage.file(claimant, 100 * stage.u)
    at(voting_ends(stage))
    stage.pool.resolve(1, {"from": keeper})
    refuses("pledge: a claim is open", stage.pool.pledge, lender, 1, {"from": claimant})


# --- release


@pytest.mark.spec("G4")
def test_release(pool, claimant, lender):
    pool.pledge(lender, 300, {"from": claimant})
    receipt = pool.release(claimant, 100, {"from": lender})
    assert names(receipt) == ["Pledged"]
    assert only(receipt, "Pledged") == {"id": 1, "payee": lender, "amount": 200}
    assert pool.pledge_of(claimant) == (lender, 200)
    pool.release(claimant, 200, {"from": lender})
    assert pool.pledge_of(claimant) == (lender, 0)


@pytest.mark.spec("G4")
def test_release__more_than_pledged__reverts(pool, claimant, lender):
    pool.pledge(lender, 300, {"from": claimant})
    for amount in (301, 2**256 - 1):
        refuses("release: more than pledged", pool.release, claimant, amount, {"from": lender})


@pytest.mark.spec("G4")
@pytest.mark.parametrize("role", ["claimant", "outsider", "organiser"])
def test_release__not_the_payee__reverts(pool, claimant, lender, request, role):
    pool.pledge(lender, 300, {"from": claimant})
    sender = {"from": request.getfixturevalue(role)}
    refuses("release: caller is not the payee", pool.release, claimant, 1, sender)


def test_release__nothing_was_pledged__reverts(pool, claimant, outsider, lender):
    for member in (claimant, outsider):
        refuses("release: caller is not the payee", pool.release, member, 0, {"from": lender})


@pytest.mark.spec("G4")
def test_release__while_a_claim_is_open(stage, pool, claimant, lender):
    pool.pledge(lender, 50 * stage.u, {"from": claimant})
    stage.start()
    stage.file(claimant, 100 * stage.u)
    pool.release(claimant, 20 * stage.u, {"from": lender})
    had = stage.balance(lender)
    stage.decide(1, 10)
    assert stage.balance(lender) - had == 30 * stage.u
