"""What a pool tells: all of its views, where no other test looks at them."""

import pytest
from brownie import ZERO_ADDRESS

from peerpool.terms import Terms

from .. import on_every_asset, rules
from ..clock import DAY, at, now
from ..layers import reinsured
from ..refusal import refuses

NOBODY = {
    "id": 0,
    "tier": 0,
    "joined_at": 0,
    "premium": 0,
    "cover_used": 0,
    "refunded": 0,
    "open_claim": 0,
    "awarded": False,
}


@on_every_asset
def test_terms(stage, pool):
    assert Terms.from_tuple(pool.terms()) == stage.terms


@on_every_asset
def test_summary(stage, pool):
    assert pool.summary().dict() == {
        "phase": 0,
        "members": 6,
        "roster_size": 6,
        "claims": 0,
        "open_claims": 0,
        "premiums": 600 * stage.u,
        "funds": 570 * stage.u,
        "held": 30 * stage.u,
        "asked": 0,
        "unpaid": 0,
        "capacity": 0,
        "drawn": 0,
        "unbound": False,
        "settled_at": 0,
        "shared_at": 0,
    }


def test_summary__in_the_middle_of_a_shortage(stage, pool, claimant, neighbour, keeper):
    stage.start()
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    stage.file(neighbour, 50 * stage.u)
    assert pool.summary().dict() == {
        "phase": 2,
        "members": 6,
        "roster_size": 6,
        "claims": 2,
        "open_claims": 1,
        "premiums": 600 * stage.u,
        "funds": 0,
        "held": (30 + 570 + 5) * stage.u,
        "asked": 50 * stage.u,
        "unpaid": 330 * stage.u,
        "capacity": 0,
        "drawn": 0,
        "unbound": False,
        "settled_at": 0,
        "shared_at": 0,
    }


def test_summary__with_layers(make_stage, members, claimant, donor, reinsurer, keeper):
    """Capacity, drawn, unbound, and held, through the life of a pool."""
    stage = make_stage(members, **reinsured(10**16))

    def told():
        s = stage.pool.summary()
        return s["unbound"], *(s[name] // stage.u for name in ("capacity", "drawn", "held"))

    assert told() == (False, 0, 0, 30)
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    assert told() == (True, 400, 0, 430)
    stage.start()
    assert told() == (True, 400, 0, 430)
    stage.pool.bind_reinsurance({"from": keeper})
    assert told() == (False, 400, 0, 465)
    stage.decide(stage.file(claimant, 900 * stage.u), 10)
    assert told() == (False, 35, 365, 100)
    stage.pool.donate(65 * stage.u, stage.pay(donor, 65 * stage.u))
    assert told() == (False, 100, 300, 165)
    stage.settle()
    assert told() == (False, 0, 300, 165)
    stage.layer(2).redeem(100 * stage.u, reinsurer, reinsurer, {"from": reinsurer})
    assert told() == (False, 0, 300, 60)


@pytest.mark.spec("V1")
def test_member__of_nobody(stage, pool, outsider):
    for account in (outsider, ZERO_ADDRESS, pool):
        assert pool.member(account).dict() == NOBODY


def test_member__who_left(stage, pool, claimant):
    pool.leave({"from": claimant})
    assert pool.member(claimant).dict() == NOBODY


@pytest.mark.spec("C19")
def test_member__cover_used_adds_up(stage, pool, claimant):
    stage.start()
    stage.decide(stage.file(claimant, 100 * stage.u), 10)
    stage.decide(stage.file(claimant, 100 * stage.u), 5)
    stage.decide(stage.file(claimant, 100 * stage.u), 0)
    assert pool.member(claimant)["cover_used"] == 150 * stage.u


@pytest.mark.spec("V1")
@pytest.mark.parametrize("id_", [0, 7, 2**32, 2**32 + 1, 2**256 - 1])
def test_member_at__nobody(stage, pool, id_):
    assert pool.member_at(id_) == ZERO_ADDRESS


def test_member_at__everybody(stage, pool, members):
    assert [pool.member_at(i + 1) for i in range(6)] == members


def test_payer_of__nobody(stage, pool, outsider):
    assert pool.payer_of(outsider) == ZERO_ADDRESS


@pytest.mark.parametrize("tier, price", [(0, 100), (1, 50)])
def test_quote_premium(stage, pool, tier, price):
    assert pool.quote_premium(tier) == price * stage.u
    at(stage.terms.cover_start)
    assert pool.quote_premium(tier) == price * stage.u


@pytest.mark.spec("J8")
@pytest.mark.parametrize("second", [1, 90 * DAY, 180 * DAY - 1])
def test_quote_premium__late(stage, pool, second):
    stage.start(second)
    assert pool.quote_premium(0) == rules.premium_at(stage.terms, 0, now())


@pytest.mark.parametrize("tier", [2, 255])
def test_quote_premium__unknown_tier__reverts(stage, pool, tier):
    refuses("join: unknown tier", pool.quote_premium, tier)


def test_quote_premium__enrolment_is_over__reverts(stage, pool):
    at(stage.terms.enrolment_end)
    refuses("join: enrolment is over", pool.quote_premium, 0)


def test_quote_premium__pool_is_cancelled__reverts(make_stage, claimant):
    stage = make_stage([claimant])
    stage.start()
    refuses("join: pool is cancelled", stage.pool.quote_premium, 0)


@pytest.mark.spec("C10")
@pytest.mark.parametrize("claim_id", [0, 1, 2**256 - 1])
@pytest.mark.parametrize("view", ["claim", "award_due"])
def test_claim__no_such_claim__reverts(stage, pool, view, claim_id):
    refuses("claim: no such claim", getattr(pool, view), claim_id)


@pytest.mark.spec("V1")
def test_tally__of_no_claim(stage, pool):
    assert pool.tally(1) == (0,) * 11


def test_has_voted__of_no_claim(stage, pool, claimant, outsider):
    assert not pool.has_voted(1, claimant)
    assert not pool.has_voted(1, outsider)


@pytest.mark.spec("V1")
@pytest.mark.parametrize("window", [0, 1, 2**256 - 1])
def test_window__without_claims(stage, pool, window):
    assert pool.window(window).dict() == {
        "undecided": 0,
        "previous": 0,
        "settled": False,
        "awards": 0,
        "available": 0,
    }


def test_window__counts(stage, pool, claimant, neighbour):
    stage.start()
    stage.file(claimant, 500 * stage.u)
    stage.file(neighbour, 400 * stage.u)
    assert pool.window(0)["undecided"] == 2
    stage.decide(1, 10)
    assert pool.window(0)["undecided"] == 1
    assert pool.window(0)["awards"] == 500 * stage.u


def test_refund_due__before_the_end(stage, pool, claimant):
    for second in (stage.terms.cover_start, stage.terms.expiry + 31 * DAY):
        at(second)
        assert pool.refund_due(claimant) == 0


def test_refund_due__of_nobody(stage, pool, outsider):
    stage.settle()
    assert pool.refund_due(outsider) == 0


def test_refund_due__cancelled(make_stage, claimant, outsider):
    stage = make_stage([claimant])
    stage.start()
    assert stage.pool.refund_due(claimant) == 100 * stage.u
    assert stage.pool.refund_due(outsider) == 0


@pytest.mark.spec("V2")
def test_earnings_of__cancelled(make_stage, claimant, referrer, organiser):
    """Void: the premium goes back in full."""
    stage = make_stage()
    stage.join(claimant, referrer=referrer)
    assert stage.pool.earnings_of(referrer) == 3 * stage.u
    stage.start()
    assert stage.pool.earnings_of(referrer) == stage.pool.earnings_of(organiser) == 0


def test_credit_of__nobody(stage, pool, claimant, outsider):
    assert pool.credit_of(claimant) == pool.credit_of(outsider) == 0


def test_donation_of__nobody(stage, pool, donor):
    assert pool.donation_of(donor) == 0


def test_terms__of_two_pools(make_stage, stage, pool):
    other = make_stage(name="Another", tiers=stage.terms.tiers[:1])
    assert Terms.from_tuple(other.pool.terms()) == other.terms
    assert Terms.from_tuple(pool.terms()) == stage.terms
