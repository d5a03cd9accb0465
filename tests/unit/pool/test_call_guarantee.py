"""A loan of the terms' desk draws on the cover pledged to it; what comes back later."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import DAY, at
from ..hearing import AWARDED, LAPSED, status, voting_ends
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def desk(deployer, GuaranteeDesk):
    """A desk without loans."""
    return deployer.deploy(GuaranteeDesk)


@pytest.fixture(scope="module")
def loan(deployer, desk, Loan):
    """A loan of the desk."""
    loan = deployer.deploy(Loan)
    desk.lend(loan, {"from": deployer})
    return loan


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, desk):
    """An active pool of six with a desk, 570 in funds."""
    stage = make_stage(members, desk=desk.address)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.fixture
def default(stage, pool, desk, loan, claimant, keeper):
    """The claimant has pledged 300 to the loan, which is in default for 250."""
    pool.pledge(loan, 300 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 250 * stage.u, {"from": keeper})


def call(stage, loan, member, amount):
    """Let the loan draw so much; return the receipt."""
    return loan.call_guarantee(stage.pool, member, amount, {"from": stage.keeper})


def refused(error, stage, loan, member, amount):
    """Check that the loan cannot draw so much, with these words."""
    refuses(error, loan.call_guarantee, stage.pool, member, amount, {"from": stage.keeper})


@pytest.mark.spec("G12", "G15")
def test_call_guarantee(stage, pool, loan, claimant, default):
    funds, held = stage.pots()
    had = stage.balance(claimant)
    receipt = call(stage, loan, claimant, 200 * stage.u)
    assert names(receipt) == ["GuaranteeCalled", "PledgePaid"]
    assert only(receipt, "GuaranteeCalled") == {
        "claim_id": 1,
        "id": 1,
        "loan": loan,
        "amount": 200 * stage.u,
    }
    assert only(receipt, "PledgePaid")["payee"] == loan
    assert stage.balance(loan) == 200 * stage.u
    assert stage.balance(claimant) == had
    assert stage.pots() == (funds - 200 * stage.u, held)
    claim = pool.claim(1).dict()
    assert (claim["claimant"], claim["filer"]) == (claimant, loan)
    assert (claim["asked"], claim["paid"]) == (200 * stage.u, 200 * stage.u)
    assert (claim["electorate"], claim["roster_size"]) == (0, 0)
    assert claim["filed_at"] == claim["incident_at"] == receipt.timestamp
    assert status(stage) == (AWARDED, 10)
    member = pool.member(claimant)
    assert (member["cover_used"], member["awarded"]) == (200 * stage.u, True)
    assert member["open_claim"] == 0
    assert pool.pledge_of(claimant) == (loan, 100 * stage.u)
    summary = pool.summary()
    assert (summary["claims"], summary["open_claims"], summary["asked"]) == (1, 0, 0)


def test_call_guarantee__again_up_to_the_pledge(stage, pool, desk, loan, claimant, default, keeper):
    desk.set_callable(loan, claimant, 1000 * stage.u, {"from": keeper})
    call(stage, loan, claimant, 250 * stage.u)
    refused("guarantee: more than pledged", stage, loan, claimant, 50 * stage.u + 1)
    call(stage, loan, claimant, 50 * stage.u)
    assert pool.pledge_of(claimant) == (loan, 0)
    assert stage.balance(loan) == 300 * stage.u


@pytest.mark.spec("G12")
def test_call_guarantee__no_vote_no_bond_no_deductible(stage, pool, loan, claimant, default):
    """Less than the deductible, and nobody is asked."""
    call(stage, loan, claimant, 1)
    assert stage.balance(loan) == 1
    assert list(pool.tally(1)) == [0] * 11
    refuses("ballot: voting is over", pool.vote, 1, 10, bytes(32), {"from": stage.voters[0]})
    refuses("claim: already decided", pool.resolve, 1, {"from": stage.keeper})


@pytest.mark.spec("G15")
def test_call_guarantee__not_claim_free_any_more(make_stage, members, desk, loan, claimant, keeper):
    stage = make_stage(members, desk=desk.address, claim_free_refund=True)
    stage.start()
    stage.pool.pledge(loan, 100 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 50 * stage.u, {"from": keeper})
    call(stage, loan, claimant, 50 * stage.u)
    stage.settle()
    assert stage.pool.refund_due(claimant) == 0


@pytest.mark.spec("G11")
def test_call_guarantee__last_second_of_reporting(stage, loan, claimant, default):
    end = stage.terms.expiry + stage.terms.reporting_period
    at(end - 1)
    call(stage, loan, claimant, 100 * stage.u)
    at(end)
    refused("guarantee: reporting is over", stage, loan, claimant, 100 * stage.u)


def test_call_guarantee__token(
    make_stage, make_token, Token, members, desk, loan, claimant, keeper
):
    stage = make_stage(members, make_token(Token), desk=desk.address)
    stage.start()
    stage.pool.pledge(loan, 100 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 50 * stage.u, {"from": keeper})
    call(stage, loan, claimant, 50 * stage.u)
    assert stage.balance(loan) == 50 * stage.u


# --- refused


@pytest.mark.spec("G9")
def test_call_guarantee__no_such_loan__reverts(
    stage, pool, deployer, desk, loan, claimant, neighbour, outsider, Loan, keeper
):
    """Not of the desk, not the payee, not a member, not pledged at all."""
    error = "guarantee: no such loan"
    stranger = deployer.deploy(Loan)
    refused(error, stage, loan, claimant, 1)
    pool.pledge(stranger, 300 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 250 * stage.u, {"from": keeper})
    desk.set_callable(stranger, claimant, 250 * stage.u, {"from": keeper})
    for caller in (loan, stranger):
        for member in (claimant, neighbour, outsider, ZERO_ADDRESS):
            refused(error, stage, caller, member, 1)


@pytest.mark.spec("G9")
def test_call_guarantee__pool_without_a_desk__reverts(
    make_stage, members, desk, loan, claimant, keeper
):
    stage = make_stage(members)
    stage.start()
    stage.pool.pledge(loan, 300 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 250 * stage.u, {"from": keeper})
    refused("guarantee: no such loan", stage, loan, claimant, 1)


@pytest.mark.spec("G10")
def test_call_guarantee__nothing__reverts(stage, loan, claimant, default):
    refused("guarantee: nothing", stage, loan, claimant, 0)


@pytest.mark.spec("G9")
def test_call_guarantee__not_in_default__reverts(stage, desk, loan, claimant, default, keeper):
    error = "guarantee: not in default"
    refused(error, stage, loan, claimant, 250 * stage.u + 1)
    desk.set_callable(loan, claimant, 0, {"from": keeper})
    refused(error, stage, loan, claimant, 1)


@pytest.mark.spec("G10")
def test_call_guarantee__more_than_pledged__reverts(stage, pool, desk, loan, claimant, default):
    desk.set_callable(loan, claimant, 2**255, {"from": stage.keeper})
    error = "guarantee: more than pledged"
    for amount in (300 * stage.u + 1, 2**255):
        refused(error, stage, loan, claimant, amount)
    release = pool.release.encode_input(claimant, 299 * stage.u)
    loan.execute(pool, 0, release, {"from": stage.keeper})
    refused(error, stage, loan, claimant, stage.u + 1)
    call(stage, loan, claimant, stage.u)


@pytest.mark.spec("G10")
def test_call_guarantee__more_than_the_cover_left__reverts(
    stage, pool, desk, loan, claimant, default, donor
):
    pool.donate(1000 * stage.u, {"from": donor, "value": 1000 * stage.u})
    stage.decide(stage.file(claimant, 900 * stage.u), 10)  # the loan gets 300 of it
    raised = 500 * stage.u
    pool.pledge(loan, raised, {"from": claimant})
    desk.set_callable(loan, claimant, raised, {"from": stage.keeper})
    refused("guarantee: more than the cover left", stage, loan, claimant, 100 * stage.u + 1)
    call(stage, loan, claimant, 100 * stage.u)
    refused("guarantee: more than the cover left", stage, loan, claimant, 1)


@pytest.mark.spec("G11")
def test_call_guarantee__not_in_the_member_s_cover__reverts(
    make_stage, members, desk, loan, claimant, keeper, late_joiner
):
    """Before cover_start, and before the waiting period of whoever joined late is over."""
    error = "guarantee: not in the member's cover"
    stage = make_stage(members, desk=desk.address, waiting_period=2 * DAY)
    for member in (claimant, late_joiner):
        desk.set_callable(loan, member, stage.u, {"from": keeper})
    stage.pool.pledge(loan, stage.u, {"from": claimant})
    refused(error, stage, loan, claimant, 1)
    begin = stage.terms.cover_start + 2 * DAY
    at(begin - 1)
    refused(error, stage, loan, claimant, 1)
    joined_at = stage.join(late_joiner).timestamp
    stage.pool.pledge(loan, stage.u, {"from": late_joiner})
    at(begin)
    call(stage, loan, claimant, 1)
    at(joined_at + 2 * DAY - 1)
    refused(error, stage, loan, late_joiner, 1)
    at(joined_at + 2 * DAY)
    call(stage, loan, late_joiner, 1)


@pytest.mark.spec("G11")
def test_call_guarantee__cancelled__reverts(make_stage, desk, loan, claimant, keeper):
    stage = make_stage([claimant], desk=desk.address)
    stage.pool.pledge(loan, stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, stage.u, {"from": keeper})
    stage.start()
    refused("guarantee: not in the member's cover", stage, loan, claimant, 1)


# --- in a shortage


@pytest.fixture
def short(stage, pool, loan, claimant, neighbour, default):
    """450 is asked by a neighbour, and 200 by a guarantee that has to wait: 570 is there."""
    stage.file(neighbour, 450 * stage.u)
    receipt = call(stage, loan, claimant, 200 * stage.u)
    assert names(receipt) == ["GuaranteeCalled"]
    assert stage.balance(loan) == 0
    assert pool.pledge_of(claimant) == (loan, 100 * stage.u)


@pytest.mark.spec("G12")
def test_call_guarantee__waits_and_is_paid_by_pay_award(stage, pool, loan, short, keeper):
    refuses("award: nothing to pay", pool.pay_award, 2, {"from": keeper})
    assert pool.summary()["asked"] == 650 * stage.u
    stage.decide(1, 5)
    receipt = pool.pay_award(2, {"from": keeper})
    assert names(receipt) == ["PledgePaid"]
    assert stage.balance(loan) == 200 * stage.u
    assert pool.claim(2)["paid"] == 200 * stage.u


@pytest.mark.spec("G12")
def test_call_guarantee__shares_the_shortage(stage, pool, loan, neighbour, donor, short, keeper):
    stage.decide(1, 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    due = 200 * stage.u * 570 // 650
    pool.pay_award(2, {"from": keeper})
    assert stage.balance(loan) == due
    pool.donate(80 * stage.u, {"from": donor, "value": 80 * stage.u})
    pool.pay_award(2, {"from": keeper})
    assert 200 * stage.u - 1 <= stage.balance(loan) <= 200 * stage.u


@pytest.mark.spec("G13")
def test_call_guarantee__waits__is_the_loan_s_whatever_becomes_of_the_pledge(
    stage, pool, loan, claimant, short, keeper, lender
):
    """Released, and pledged to another: what was called before stays the loan's, whole."""
    release = pool.release.encode_input(claimant, 100 * stage.u)
    loan.execute(pool, 0, release, {"from": keeper})
    pool.pledge(lender, 10 * stage.u, {"from": claimant})
    stage.decide(1, 0)
    pool.pay_award(2, {"from": keeper})
    assert stage.balance(loan) == 200 * stage.u
    assert pool.pledge_of(claimant) == (lender, 10 * stage.u)


@pytest.mark.spec("G12")
def test_call_guarantee__waits__pledge_is_called_once(stage, pool, desk, loan, claimant, short):
    desk.set_callable(loan, claimant, 1000 * stage.u, {"from": stage.keeper})
    refused("guarantee: more than pledged", stage, loan, claimant, 100 * stage.u + 1)


# --- beside an open claim of the member's


@pytest.mark.spec("A9", "G14")
def test_call_guarantee__an_open_claim_keeps_what_cover_is_left(
    stage, pool, loan, claimant, default, donor
):
    pool.donate(1000 * stage.u, {"from": donor, "value": 1000 * stage.u})
    stage.file(claimant, 900 * stage.u)
    call(stage, loan, claimant, 250 * stage.u)
    assert pool.member(claimant)["open_claim"] == 1
    had, asked = stage.balance(claimant), pool.summary()["asked"]
    assert asked == 900 * stage.u
    stage.decide(1, 10)
    claim = pool.claim(1)
    assert (claim["asked"], claim["paid"]) == (750 * stage.u, 750 * stage.u)
    assert pool.member(claimant)["cover_used"] == 1000 * stage.u
    assert pool.summary()["asked"] == 0
    assert stage.balance(loan) == 300 * stage.u  # what is left of the pledge comes first
    assert stage.balance(claimant) - had == 705 * stage.u


def test_call_guarantee__an_open_claim_that_fits_is_not_touched(
    stage, pool, loan, claimant, default
):
    stage.file(claimant, 100 * stage.u)
    call(stage, loan, claimant, 250 * stage.u)
    stage.decide(1, 10)
    assert pool.claim(1)["paid"] == 100 * stage.u
    assert pool.member(claimant)["cover_used"] == 350 * stage.u


@pytest.mark.spec("G14")
def test_call_guarantee__an_open_claim_without_cover_left(
    make_stage, members, desk, loan, claimant, keeper, donor
):
    stage = make_stage(members, desk=desk.address)
    stage.start()
    stage.pool.donate(1500 * stage.u, {"from": donor, "value": 1500 * stage.u})
    stage.pool.pledge(loan, 1000 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 1000 * stage.u, {"from": keeper})
    stage.file(claimant, 100 * stage.u)
    call(stage, loan, claimant, 1000 * stage.u)
    had = stage.balance(claimant)
    stage.decide(1, 10)
    assert stage.pool.claim(1)["paid"] == 0
    assert stage.balance(claimant) - had == 5 * stage.u
    assert stage.pool.summary()["open_claims"] == 0


def test_call_guarantee__member_has_moved(stage, pool, desk, loan, claimant, new_wallet, default):
    """The loan names the account that the member has now."""
    pool.change_wallet(new_wallet, {"from": claimant})
    refused("guarantee: no such loan", stage, loan, claimant, 1)
    desk.set_callable(loan, new_wallet, 250 * stage.u, {"from": stage.keeper})
    call(stage, loan, new_wallet, 200 * stage.u)
    assert stage.balance(loan) == 200 * stage.u


def test_call_guarantee__window_of_its_own(stage, pool, loan, claimant, neighbour, default):
    """It counts among the claims of its window, and later windows wait for that."""
    call(stage, loan, claimant, stage.u)
    assert pool.window(0)["undecided"] == 0
    at(stage.window_end(0))
    stage.file(neighbour, 100 * stage.u)
    assert pool.window(1)["previous"] == 1


@pytest.mark.spec("G17")
def test_recover__by_the_loan(stage, pool, loan, claimant, default, keeper):
    call(stage, loan, claimant, 200 * stage.u)
    funds, held = stage.pots()
    receipt = loan.repay(pool, 1, {"from": keeper, "value": 150 * stage.u})
    assert names(receipt) == ["Recovered"]
    assert only(receipt, "Recovered")["payer"] == loan
    assert stage.pots() == (funds + 150 * stage.u, held)
    assert pool.claim(1)["paid"] == 200 * stage.u  # the award stays what it was


@pytest.mark.spec("W13")
def test_claim__of_a_guarantee__lapses_never(stage, pool, loan, claimant, default, keeper):
    call(stage, loan, claimant, 200 * stage.u)
    at(voting_ends(stage))
    refuses("claim: already decided", pool.resolve, 1, {"from": keeper})
    assert status(stage) != (LAPSED, 0)


# --- layers


@pytest.mark.spec("R15")
def test_call_guarantee__layers_are_bound_first_and_pay_beyond_the_funds(
    make_stage, members, desk, loan, claimant, reinsurer, keeper
):
    stage = make_stage(members, desk=desk.address, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.pool.pledge(loan, 1000 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 1000 * stage.u, {"from": keeper})
    receipt = call(stage, loan, claimant, 700 * stage.u)
    assert names(receipt) == ["PremiumCeded", "LayersDrawn", "GuaranteeCalled", "PledgePaid"]
    assert only(receipt, "LayersDrawn") == {"amount": 160 * stage.u}
    assert stage.balance(loan) == 700 * stage.u
    assert stage.pots()[0] == 0
    receipt = call(stage, loan, claimant, 141 * stage.u)
    assert names(receipt) == ["GuaranteeCalled"]  # 140 are left: it waits
    assert stage.pool.claim(2)["paid"] == 0


def test_recover__by_the_loan__repays_layers(
    make_stage, members, desk, loan, claimant, reinsurer, keeper
):
    stage = make_stage(members, desk=desk.address, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    stage.pool.pledge(loan, 700 * stage.u, {"from": claimant})
    desk.set_callable(loan, claimant, 700 * stage.u, {"from": keeper})
    call(stage, loan, claimant, 700 * stage.u)
    receipt = loan.repay(stage.pool, 1, {"from": keeper, "value": 200 * stage.u})
    assert names(receipt) == ["Recovered", "LayersRepaid"]
    assert stage.drawn() == [0, 0]
    assert stage.pots()[0] == 40 * stage.u
