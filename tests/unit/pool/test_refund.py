"""What members get back: their part of the surplus, or their premium from a cancelled pool."""

import pytest

from peerpool.terms import Tier

from .. import on_every_asset, rules
from ..clock import DAY, YEAR, at
from ..refusal import refuses
from ..stage import names, only


@pytest.mark.spec("E4", "V2")
@on_every_asset
def test_refund(stage, pool, claimant, keeper):
    stage.settle()
    expected = rules.refund(100 * stage.u, 513 * stage.u, 600 * stage.u)
    had = stage.balance(claimant)
    funds, held = stage.pots()
    assert pool.refund_due(claimant) == expected
    assert pool.refund.call(claimant, {"from": keeper}) == expected
    receipt = pool.refund(claimant, {"from": keeper})
    assert names(receipt) == ["Refunded"]
    assert only(receipt, "Refunded") == {"member": claimant, "amount": expected}
    assert stage.balance(claimant) - had == expected
    assert stage.pots() == (funds - expected, held)
    member = pool.member(claimant)
    assert member["refunded"] == expected
    assert member["cover_used"] == 0
    assert pool.refund_due(claimant) == 0


@pytest.mark.spec("E7", "E9")
@on_every_asset
def test_refund__cancelled(make_stage, claimant, neighbour, payer, keeper):
    stage = make_stage([neighbour])
    stage.join(claimant, payer=payer)
    stage.start()
    had = stage.balance(payer)
    assert stage.pool.refund_due(claimant) == 100 * stage.u
    receipt = stage.pool.refund(claimant, {"from": keeper})
    assert names(receipt) == ["PremiumReturned"]
    assert only(receipt, "PremiumReturned") == {
        "member": claimant,
        "payer": payer,
        "amount": 100 * stage.u,
    }
    assert stage.balance(payer) - had == 100 * stage.u
    assert stage.pots() == (95 * stage.u, 5 * stage.u)
    assert stage.pool.member(claimant)["refunded"] == 100 * stage.u


@pytest.mark.spec("E13")
def test_refund__surplus_goes_to_the_member_not_the_payer(make_stage, members, payer, keeper):
    stage = make_stage(members[1:3])
    stage.join(members[0], payer=payer)
    stage.settle()
    before = stage.balance(members[0]), stage.balance(payer)
    stage.pool.refund(members[0], {"from": keeper})
    assert stage.balance(members[0]) > before[0]
    assert stage.balance(payer) == before[1]


@pytest.mark.spec("E4")
def test_refund__in_proportion_to_premiums(make_stage, members, keeper):
    stage = make_stage(members[:2], fee_bps=0, cause_bps=0)
    stage.join(members[2], tier=1)
    stage.settle()
    for person, premium in zip(members[:3], (100, 100, 50), strict=True):
        receipt = stage.pool.refund(person, {"from": keeper})
        assert only(receipt, "Refunded")["amount"] == premium * stage.u


@pytest.mark.spec("E4")
def test_refund__late_joiner_gets_a_part_of_the_lower_premium(
    make_stage, members, late_joiner, keeper
):
    stage = make_stage(members[:3], fee_bps=0, cause_bps=0)
    stage.start(90 * DAY)
    stage.join(late_joiner)
    stage.settle()
    assert stage.pool.refund_due(late_joiner) == 75 * stage.u
    stage.pool.refund(late_joiner, {"from": keeper})
    for person in members[:3]:
        stage.pool.refund(person, {"from": keeper})
    assert stage.pots()[0] == 0


def test_refund__after_a_claim(stage, pool, claimant, neighbour, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 270 * stage.u), 10)
    stage.settle()
    each = rules.refund(100 * stage.u, 270 * stage.u, 600 * stage.u)
    for person in (claimant, neighbour):
        receipt = pool.refund(person, {"from": keeper})
        assert only(receipt, "Refunded")["amount"] == each
    assert pool.member(claimant)["awarded"] is True


@pytest.mark.spec("E5")
def test_refund__only_to_the_claim_free(make_stage, members, claimant, neighbour, keeper):
    stage = make_stage(members, claim_free_refund=True)
    stage.start()
    stage.decide(stage.file(claimant, 70 * stage.u), 10)
    stage.settle()
    assert stage.pool.refund_due(claimant) == 0
    refuses("refund: nothing due", stage.pool.refund, claimant, {"from": keeper})
    expected = rules.refund(100 * stage.u, 450 * stage.u, 500 * stage.u)
    receipt = stage.pool.refund(neighbour, {"from": keeper})
    assert only(receipt, "Refunded")["amount"] == expected


@pytest.mark.spec("C18")
def test_refund__rejected_and_lapsed_claims_leave_one_claim_free(
    make_stage, members, claimant, neighbour, voter, keeper
):
    stage = make_stage(members, claim_free_refund=True)
    stage.start()
    stage.decide(stage.file(claimant, 70 * stage.u), 0)
    stage.file(neighbour, 70 * stage.u)
    stage.after_reporting()
    stage.pool.resolve(2, {"from": keeper})
    stage.settle()
    dues = {stage.pool.refund_due(person) for person in (claimant, neighbour, voter)}
    assert dues == {stage.pool.refund_due(claimant)}
    assert dues != {0}


@pytest.mark.spec("E5")
def test_refund__everybody_was_awarded_something(
    make_stage, members, claimant, neighbour, voter, keeper
):
    """Rule 12: then all share."""
    stage = make_stage(members[:3], claim_free_refund=True)
    stage.start()
    for person in members[:3]:
        claim_id = stage.file(person, 10 * stage.u)
        stage.vote(claim_id, 10, [other for other in members[:3] if other != person])
        stage.pool.resolve(claim_id, {"from": keeper})
    stage.settle()
    surplus = (285 - 30) * stage.u
    shared = surplus - rules.to_cause(stage.terms, surplus)
    expected = rules.refund(100 * stage.u, shared, 300 * stage.u)
    for person in members[:3]:
        receipt = stage.pool.refund(person, {"from": keeper})
        assert only(receipt, "Refunded")["amount"] == expected


@pytest.mark.spec("E4", "E8")
def test_refund__again_after_more_has_come_in(stage, pool, claimant, neighbour, donor, keeper):
    stage.settle()
    pool.refund(claimant, {"from": keeper})
    pool.donate(60 * stage.u, {"from": donor, "value": 60 * stage.u})
    assert pool.refund_due(neighbour) == (855 + 90) * stage.u // 10
    receipt = pool.refund(claimant, {"from": keeper})
    assert only(receipt, "Refunded")["amount"] == 9 * stage.u
    refuses("refund: nothing due", pool.refund, claimant, {"from": keeper})


@pytest.mark.spec("E11", "E12")
def test_refund__last_one_out_is_paid_and_leaves_dust(make_stage, members, keeper):
    """Rule 14, with amounts that nothing divides."""
    tiers = (Tier(101, 10**6), Tier(7, 10**6))
    stage = make_stage(tiers=tiers, deductible=0, claim_bond=0, fee_bps=0, cause_bps=0)
    for i, person in enumerate(members):
        stage.join(person, tier=i % 2)
    stage.start()
    stage.decide(stage.file(members[0], 97), 10)
    stage.settle()
    surplus = 3 * 108 - 97
    paid = 0
    for person in members:
        paid += only(stage.pool.refund(person, {"from": keeper}), "Refunded")["amount"]
    assert stage.pots() == (surplus - paid, 0)
    assert 0 < surplus - paid < len(members)


def test_refund__receiver_cannot_take_it(
    make_stage, members, deployer, WalletThatRejects, payer, keeper
):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members[:3], cause_bps=0, fee_bps=0)
    stage.join(wallet, payer=payer)
    stage.settle()
    receipt = stage.pool.refund(wallet, {"from": keeper})
    assert names(receipt) == ["Refunded", "Credited"]
    assert stage.pool.credit_of(wallet) == stage.pots()[1] == 100 * stage.u
    refuses("refund: nothing due", stage.pool.refund, wallet, {"from": keeper})


@pytest.mark.spec("E7")
@pytest.mark.parametrize("role", ["claimant", "outsider", "organiser"])
def test_refund__by_anyone(stage, pool, claimant, request, role):
    stage.settle()
    had, due = stage.balance(claimant), pool.refund_due(claimant)
    receipt = pool.refund(claimant, {"from": request.getfixturevalue(role)})
    assert only(receipt, "Refunded") == {"member": claimant, "amount": due}
    if role != "claimant":  # who pays the gas
        assert stage.balance(claimant) == had + due


@pytest.mark.spec("E9")
def test_refund__cancelled_voids_fee_and_commission(
    make_stage, claimant, referrer, organiser, keeper
):
    stage = make_stage()
    stage.join(claimant, referrer=referrer)
    stage.start()
    receipt = stage.pool.refund(claimant, {"from": keeper})
    assert only(receipt, "PremiumReturned")["amount"] == 100 * stage.u
    assert stage.pool.earnings_of(referrer) == stage.pool.earnings_of(organiser) == 0
    assert stage.pots() == (0, 0)


@pytest.mark.spec("M11")
def test_refund__cancelled_with_money_absorbed_later(
    make_stage, claimant, deployer, ForceSender, keeper
):
    stage = make_stage([claimant], cause_bps=0)
    stage.start()
    stage.pool.refund(claimant, {"from": keeper})
    deployer.deploy(ForceSender).force(stage.pool, {"from": deployer, "value": 55})
    stage.pool.absorb({"from": keeper})
    assert stage.pool.refund_due(claimant) == 55
    receipt = stage.pool.refund(claimant, {"from": keeper})
    assert only(receipt, "PremiumReturned")["amount"] == 55
    assert stage.pool.member(claimant)["refunded"] == 100 * stage.u + 55


@pytest.mark.spec("E7")
@pytest.mark.parametrize("role", ["outsider", "payer", "organiser", "cause"])
def test_refund__not_a_member__reverts(stage, pool, request, keeper, role):
    stage.settle()
    refuses("refund: not a member", pool.refund, request.getfixturevalue(role), {"from": keeper})


@pytest.mark.spec("E8")
def test_refund__twice__reverts(stage, pool, claimant, keeper):
    stage.settle()
    pool.refund(claimant, {"from": keeper})
    refuses("refund: nothing due", pool.refund, claimant, {"from": keeper})


@pytest.mark.spec("E8")
def test_refund__cancelled_twice__reverts(make_stage, claimant, keeper):
    stage = make_stage([claimant])
    stage.start()
    stage.pool.refund(claimant, {"from": keeper})
    refuses("refund: nothing due", stage.pool.refund, claimant, {"from": keeper})


@pytest.mark.spec("E7")
@pytest.mark.parametrize("when", ["enrolling", "active", "run-off", "reporting is over"])
def test_refund__pool_is_not_settled__reverts(stage, pool, claimant, keeper, when):
    terms = stage.terms
    second = {
        "enrolling": terms.cover_start - 1,
        "active": terms.cover_start,
        "run-off": terms.expiry,
        "reporting is over": terms.expiry + terms.reporting_period,
    }[when]
    at(second)
    refuses("refund: pool is not settled", pool.refund, claimant, {"from": keeper})


@pytest.mark.spec("X4")
def test_refund__swept__reverts(stage, pool, claimant, keeper):
    stage.settle()
    at(pool.summary()["shared_at"] + YEAR)
    pool.sweep({"from": keeper})
    refuses("refund: nothing due", pool.refund, claimant, {"from": keeper})
