"""A payee comes first, only up to the pledge, and has no vote."""

import pytest

from .. import on_every_asset
from ..clock import at
from ..hearing import AWARDED, LAPSED, status, voting_ends
from ..refusal import refuses
from ..stage import REASON, names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members):
    """An active pool of six, 570 in funds."""
    stage = make_stage(members)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.fixture
def pledged(stage, pool, claimant, lender):
    """The claimant has pledged 150 to the lender, and claims 200."""
    pool.pledge(lender, 150 * stage.u, {"from": claimant})
    stage.file(claimant, 200 * stage.u)


@pytest.fixture
def payee(pool, claimant, late_joiner, stage):
    """A member, the seventh, who joined on the account to which the claimant had pledged 150."""
    pool.pledge(late_joiner, 150 * stage.u, {"from": claimant})
    at(stage.terms.cover_start + 60)
    stage.join(late_joiner)
    return late_joiner


@pytest.mark.spec("G5")
@on_every_asset
def test_award__payee_first(stage, pool, claimant, lender, pledged):
    had = stage.balance(claimant), stage.balance(lender)
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "PledgePaid", "AwardPaid"]
    assert only(receipt, "PledgePaid") == {
        "claim_id": 1,
        "payee": lender,
        "amount": 150 * stage.u,
    }
    assert only(receipt, "AwardPaid")["amount"] == 50 * stage.u
    assert stage.balance(lender) - had[1] == 150 * stage.u
    assert stage.balance(claimant) - had[0] == 55 * stage.u  # with the bond
    assert pool.pledge_of(claimant) == (lender, 0)
    assert pool.claim(1)["paid"] == 200 * stage.u


@pytest.mark.spec("G5")
def test_award__all_of_it_to_the_payee(stage, pool, claimant, lender, pledged):
    had = stage.balance(claimant)
    receipt = stage.decide(1, 5)
    assert names(receipt) == ["ClaimResolved", "PledgePaid"]
    assert pool.pledge_of(claimant) == (lender, 50 * stage.u)
    assert stage.balance(claimant) - had == 5 * stage.u  # the bond is the filer's


@pytest.mark.spec("G5")
def test_award__next_claim_pays_the_rest(stage, pool, claimant, lender, pledged):
    stage.decide(1, 5)
    claim = stage.file(claimant, 120 * stage.u)
    had = stage.balance(claimant), stage.balance(lender)
    stage.decide(claim, 10)
    assert stage.balance(lender) - had[1] == 50 * stage.u
    assert stage.balance(claimant) - had[0] == 70 * stage.u + stage.terms.claim_bond


def test_award__released__is_the_member_s(stage, pool, claimant, lender, pledged):
    pool.release(claimant, 150 * stage.u, {"from": lender})
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "AwardPaid"]
    assert only(receipt, "AwardPaid")["amount"] == 200 * stage.u


def test_award__rejected__leaves_the_pledge(stage, pool, claimant, lender, pledged):
    stage.decide(1, 0)
    assert pool.pledge_of(claimant) == (lender, 150 * stage.u)


@pytest.mark.spec("G5")
def test_pay_award__payee_first(stage, pool, claimant, neighbour, lender, pledged, keeper):
    """What waits in a shortage, and what is made up, in two payments."""
    stage.file(neighbour, 940 * stage.u)
    for claim_id in (1, 2):
        stage.decide(claim_id, 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    had = stage.balance(claimant), stage.balance(lender)
    receipt = pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["PledgePaid"]
    assert only(receipt, "PledgePaid")["amount"] == 100 * stage.u
    pool.donate(570 * stage.u, {"from": neighbour, "value": 570 * stage.u})
    receipt = pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["PledgePaid", "AwardPaid"]
    assert stage.balance(lender) - had[1] == 150 * stage.u
    assert stage.balance(claimant) - had[0] == 50 * stage.u


@pytest.mark.spec("S1", "G6")
def test_award__payee_cannot_take_it(stage, pool, claimant, deployer, WalletThatRejects):
    """The payee has a credit; the member gets what is the member's."""
    wallet = deployer.deploy(WalletThatRejects)
    pool.pledge(wallet, 150 * stage.u, {"from": claimant})
    stage.file(claimant, 200 * stage.u)
    had = stage.balance(claimant)
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "PledgePaid", "AwardPaid", "Credited"]
    assert pool.credit_of(wallet) == 150 * stage.u
    assert stage.balance(claimant) - had == 55 * stage.u


# --- no vote for the payee


@pytest.mark.spec("C12", "B3")
def test_payee__has_no_vote(stage, pool, claimant, payee):
    stage.file(claimant, 200 * stage.u)
    claim = pool.claim(1)
    assert (claim["electorate"], claim["payee_id"]) == (5, 7)
    refuses("ballot: voter is the loss payee", pool.vote, 1, 10, REASON, {"from": payee})
    refuses("ballot: own claim", pool.vote, 1, 10, REASON, {"from": claimant})
    stage.vote(1, 10, stage.voters[:3])  # 60 % of five
    at(voting_ends(stage))
    pool.resolve(1, {"from": payee})
    assert status(stage) == (AWARDED, 10)


def test_payee__early_decision_without_it(stage, pool, claimant, payee):
    stage.file(claimant, 200 * stage.u)
    stage.vote(1, 10, stage.voters[:3])  # cannot be outvoted by two others
    pool.resolve(1, {"from": payee})
    assert status(stage) == (AWARDED, 10)


@pytest.mark.spec("B3")
def test_payee__by_another_wallet__has_no_vote(stage, pool, claimant, payee, new_wallet):
    pool.pledge(payee, 160 * stage.u, {"from": claimant})
    pool.change_wallet(new_wallet, {"from": payee})
    pool.pledge(payee, 170 * stage.u, {"from": claimant})
    stage.file(claimant, 200 * stage.u)
    assert pool.claim(1)["electorate"] == 5
    refuses("ballot: voter is the loss payee", pool.vote, 1, 10, REASON, {"from": new_wallet})


@pytest.mark.spec("B3")
def test_payee__moves_while_the_claim_is_open__has_no_vote(
    stage, pool, claimant, payee, new_wallet
):
    stage.file(claimant, 200 * stage.u)
    pool.change_wallet(new_wallet, {"from": payee})
    refuses("ballot: voter is the loss payee", pool.vote, 1, 10, REASON, {"from": new_wallet})


@pytest.mark.spec("B3", "C12")
def test_payee__moved_onto_the_account__votes(stage, pool, claimant, neighbour, lender):
    """Or a claimant could pledge to it just ahead."""
    pool.pledge(lender, 150 * stage.u, {"from": claimant})
    pool.change_wallet(lender, {"from": neighbour})
    stage.file(claimant, 200 * stage.u)
    claim = pool.claim(1)
    assert (claim["electorate"], claim["payee_id"]) == (5, 0)
    stage.vote(1, 10, [lender])


@pytest.mark.spec("B3")
def test_payee__of_a_released_pledge__votes(stage, pool, claimant, payee):
    pool.release(claimant, 150 * stage.u, {"from": payee})
    stage.file(claimant, 200 * stage.u)
    assert pool.claim(1)["electorate"] == 6
    stage.vote(1, 10, [payee])


def test_payee__of_another_member__votes(stage, pool, payee, voter):
    stage.file(voter, 200 * stage.u)
    assert pool.claim(1)["electorate"] == 6
    stage.vote(1, 10, [payee])


# --- the electorate is never smaller than those who may vote


@pytest.mark.spec("C12")
def test_electorate__payee_left(make_stage, claimant, neighbour, voters):
    """All who may vote do: that is the last of it, and the claim can be decided."""
    stage = make_stage([claimant, *voters])
    stage.pool.pledge(neighbour, 150 * stage.u, {"from": claimant})
    stage.join(neighbour)
    stage.pool.pledge(neighbour, 160 * stage.u, {"from": claimant})
    stage.pool.leave({"from": neighbour})
    stage.start()
    stage.file(claimant, 200 * stage.u)
    assert stage.pool.claim(1)["electorate"] == 4
    stage.vote(1, 7, voters)
    stage.pool.resolve(1, {"from": claimant})
    assert status(stage) == (AWARDED, 7)


def test_electorate__payee_left_and_came_back(make_stage, claimant, neighbour, voters):
    stage = make_stage([claimant, *voters])
    stage.pool.pledge(neighbour, 150 * stage.u, {"from": claimant})
    stage.join(neighbour)
    stage.pool.pledge(neighbour, 160 * stage.u, {"from": claimant})
    stage.pool.leave({"from": neighbour})
    stage.join(neighbour, deadline=stage.terms.enrolment_end + 1)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    claim = stage.pool.claim(1)
    assert (claim["electorate"], claim["payee_id"]) == (4, 7)
    error = "ballot: voter is the loss payee"
    refuses(error, stage.pool.vote, 1, 10, REASON, {"from": neighbour})


@pytest.mark.spec("C12")
def test_electorate__member_moves_to_the_payee_s_account(
    stage, pool, claimant, neighbour, voters, lender
):
    pool.pledge(lender, 150 * stage.u, {"from": claimant})
    pool.change_wallet(lender, {"from": claimant})
    stage.file(lender, 200 * stage.u)
    claim = pool.claim(1)
    assert (claim["electorate"], claim["payee_id"]) == (5, 0)
    refuses("ballot: own claim", pool.vote, 1, 10, REASON, {"from": lender})
    stage.vote(1, 7, [neighbour, *voters])
    pool.resolve(1, {"from": neighbour})
    assert status(stage) == (AWARDED, 7)


def test_electorate__claimant_and_payee_are_all_there_is(make_stage, claimant, neighbour, keeper):
    """Nobody may vote: above the silent limit it lapses, the bond back."""
    stage = make_stage([claimant], min_members=2)
    stage.pool.pledge(neighbour, 150 * stage.u, {"from": claimant})
    stage.join(neighbour)
    stage.start()
    stage.file(claimant, 50 * stage.u)
    assert stage.pool.claim(1)["electorate"] == 0
    at(voting_ends(stage))
    had = stage.balance(claimant)
    stage.pool.resolve(1, {"from": keeper})
    assert status(stage) == (LAPSED, 0)
    assert stage.balance(claimant) - had == 5 * stage.u
