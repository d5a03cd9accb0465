"""Claiming for a loss."""

import pytest

from peerpool.terms import Tier

from .. import on_every_asset
from ..clock import DAY, at, now
from ..refusal import refuses
from ..stage import EVIDENCE, URI, names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members):
    """A pool whose cover starts two days from now for each claim: waiting_period is 2 days."""
    stage = make_stage(members, waiting_period=2 * DAY)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("C1", "C8", "D1")
@on_every_asset
def test_file_claim(stage, pool, claimant):
    stage.start(3 * DAY)
    funds, held = stage.pots()
    incident_at = now() - 60
    args = (210 * stage.u, incident_at, EVIDENCE, URI, stage.pay(claimant, 5 * stage.u))
    assert pool.file_claim.call(*args) == 1
    receipt = pool.file_claim(*args)
    assert names(receipt) == ["ClaimFiled"]
    assert only(receipt, "ClaimFiled") == {
        "claim_id": 1,
        "claimant": claimant,
        "filer": claimant,
        "amount": 210 * stage.u,
        "asked": 200 * stage.u,
        "bond": 5 * stage.u,
        "incident_at": incident_at,
        "evidence_hash": "0x" + EVIDENCE.hex(),
        "uri": URI,
    }
    assert pool.claim(1).dict() == {
        "claimant": claimant,
        "filer": claimant,
        "payee_id": 0,
        "asked": 200 * stage.u,
        "incident_at": incident_at,
        "filed_at": receipt.timestamp,
        "window": 0,
        "electorate": 5,
        "roster_size": 6,
        "status": 1,
        "since": 0,
        "award": 0,
        "paid": 0,
    }
    assert pool.member(claimant)["open_claim"] == 1
    assert stage.pots() == (funds, held + 5 * stage.u)
    summary = pool.summary()
    assert (summary["claims"], summary["open_claims"]) == (1, 1)
    assert summary["asked"] == 200 * stage.u


@pytest.mark.spec("C8")
def test_file_claim__no_more_than_the_cover_limit(stage, pool, claimant):
    stage.start(3 * DAY)
    assert stage.file(claimant, 5000 * stage.u) == 1
    assert pool.claim(1)["asked"] == 1000 * stage.u


@pytest.mark.spec("C8")
def test_file_claim__no_more_than_what_is_left_of_the_cover(stage, pool, claimant):
    stage.start(3 * DAY)
    stage.decide(stage.file(claimant, 400 * stage.u), 5)
    assert pool.member(claimant)["cover_used"] == 200 * stage.u
    stage.file(claimant, 5000 * stage.u)
    assert pool.claim(2)["asked"] == 800 * stage.u


@pytest.mark.spec("C8")
def test_file_claim__limit_of_the_tier(make_stage, members, claimant):
    stage = make_stage(members[1:3])
    stage.join(claimant, tier=1)
    stage.start()
    stage.file(claimant, 5000 * stage.u)
    assert stage.pool.claim(1)["asked"] == 400 * stage.u


@pytest.mark.spec("C9")
def test_file_claim__one_unit_above_the_deductible(stage, pool, claimant):
    stage.start(3 * DAY)
    stage.file(claimant, 1)
    assert pool.claim(1)["asked"] == 1


@pytest.mark.spec("C6", "C10")
def test_file_claim__again_after_the_first_is_decided(stage, pool, claimant):
    stage.start(3 * DAY)
    stage.decide(stage.file(claimant, 10 * stage.u), 10)
    assert stage.file(claimant, 10 * stage.u) == 2
    assert pool.member(claimant)["open_claim"] == 2


def test_file_claim__by_two_members(stage, pool, claimant, neighbour):
    stage.start(3 * DAY)
    stage.file(claimant, 10 * stage.u)
    stage.file(neighbour, 20 * stage.u)
    summary = pool.summary()
    assert (summary["claims"], summary["open_claims"]) == (2, 2)
    assert summary["asked"] == 30 * stage.u
    assert pool.window(0)["undecided"] == 2


@pytest.mark.spec("C12")
def test_file_claim__electorate_with_late_joiners(stage, pool, claimant, late_joiner, neighbour):
    stage.start(3 * DAY)
    stage.file(claimant, 10 * stage.u)
    stage.join(late_joiner)
    stage.file(neighbour, 10 * stage.u)
    assert [pool.claim(i)["electorate"] for i in (1, 2)] == [5, 6]
    assert [pool.claim(i)["roster_size"] for i in (1, 2)] == [6, 7]


@pytest.mark.spec("L3", "C12")
def test_file_claim__electorate_with_one_who_left(make_stage, members, claimant, voter):
    stage = make_stage(members)
    stage.pool.leave({"from": voter})
    stage.start()
    stage.file(claimant, 10 * stage.u)
    claim = stage.pool.claim(1)
    assert (claim["electorate"], claim["roster_size"]) == (4, 6)


def test_file_claim__without_a_bond(make_stage, members, claimant):
    stage = make_stage(members[:3], claim_bond=0)
    stage.start()
    funds, held = stage.pots()
    stage.file(claimant, 10 * stage.u)
    assert stage.pots() == (funds, held)


@pytest.mark.spec("C11")
def test_file_claim__windows(stage, pool, claimant, neighbour, voter):
    stage.start(7 * DAY - 1)
    stage.file(claimant, 10 * stage.u)
    at(stage.terms.cover_start + 7 * DAY)
    stage.file(neighbour, 10 * stage.u)
    at(stage.terms.cover_start + 35 * DAY)
    stage.file(voter, 10 * stage.u)
    assert [pool.claim(i)["window"] for i in (1, 2, 3)] == [0, 1, 5]
    assert [pool.window(w)["previous"] for w in (0, 1, 5)] == [0, 1, 2]


# --- when it happened, when it is reported


@pytest.mark.spec("C4")
def test_file_claim__incident_in_the_first_second_of_cover(stage, pool, claimant):
    stage.start(2 * DAY)
    stage.file(claimant, 10 * stage.u)
    assert pool.claim(1)["incident_at"] == stage.terms.cover_start + 2 * DAY


@pytest.mark.spec("C4")
@pytest.mark.parametrize("before", [1, 2 * DAY, 9 * DAY])
def test_file_claim__incident_before_the_members_cover__reverts(stage, pool, claimant, before):
    begin = stage.terms.cover_start + 2 * DAY
    at(begin + DAY)
    refuses(
        "claim: incident before the member's cover",
        pool.file_claim,
        *stage.claim_args(20 * stage.u, begin - before),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C3", "C4")
def test_file_claim__late_joiner_waits_from_joining(stage, pool, late_joiner):
    stage.start(30 * DAY)
    begin = stage.join(late_joiner).timestamp + 2 * DAY
    at(begin)
    payment = {"from": late_joiner, "value": 5 * stage.u}
    args = stage.claim_args(20 * stage.u, begin - 1)
    refuses("claim: incident before the member's cover", pool.file_claim, *args, payment)
    pool.file_claim(*stage.claim_args(20 * stage.u, begin), payment)
    assert pool.claim(1)["claimant"] == late_joiner


@pytest.mark.spec("C3")
def test_file_claim__incident_is_in_the_future__reverts(stage, pool, claimant):
    stage.start(3 * DAY)
    refuses(
        "claim: incident is in the future",
        pool.file_claim,
        *stage.claim_args(20 * stage.u, now() + 1),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C5")
def test_file_claim__incident_in_the_last_second_of_cover(stage, pool, claimant):
    at(stage.terms.expiry + DAY)
    payment = stage.pay(claimant, 5 * stage.u)
    pool.file_claim(*stage.claim_args(20 * stage.u, stage.terms.expiry - 1), payment)
    assert pool.claim(1)["incident_at"] == stage.terms.expiry - 1


@pytest.mark.spec("C5")
@pytest.mark.parametrize("after", [0, 1, 3600])
def test_file_claim__incident_after_expiry__reverts(stage, pool, claimant, after):
    at(stage.terms.expiry + DAY)
    refuses(
        "claim: incident after expiry",
        pool.file_claim,
        *stage.claim_args(20 * stage.u, stage.terms.expiry + after),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C2")
def test_file_claim__last_second_of_reporting(stage, pool, claimant):
    at(stage.terms.expiry + stage.terms.reporting_period - 1)
    payment = stage.pay(claimant, 5 * stage.u)
    receipt = pool.file_claim(*stage.claim_args(20 * stage.u, stage.terms.expiry - 1), payment)
    assert receipt.timestamp == stage.terms.expiry + stage.terms.reporting_period - 1


@pytest.mark.spec("C2")
def test_file_claim__reporting_is_over__reverts(stage, pool, claimant):
    stage.after_reporting()
    refuses(
        "claim: reporting is over",
        pool.file_claim,
        *stage.claim_args(20 * stage.u, stage.terms.expiry - 1),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C2")
def test_file_claim__pool_is_settled__reverts(stage, pool, claimant):
    stage.settle()
    refuses(
        "claim: reporting is over",
        pool.file_claim,
        *stage.claim_args(20 * stage.u, stage.terms.expiry - 1),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C2")
def test_file_claim__cover_has_not_started__reverts(stage, pool, claimant):
    at(stage.terms.cover_start - 1)
    refuses(
        "claim: cover has not started",
        pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C2")
def test_file_claim__pool_is_cancelled__reverts(make_stage, claimant, neighbour):
    stage = make_stage([claimant, neighbour])
    stage.start(3 * DAY)
    refuses(
        "claim: pool is cancelled",
        stage.pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": claimant, "value": 5 * stage.u},
    )


# --- who and how much


@pytest.mark.spec("C1")
@pytest.mark.parametrize("role", ["outsider", "organiser", "payer"])
def test_file_claim__not_a_member__reverts(stage, pool, request, role):
    stage.start(3 * DAY)
    who = request.getfixturevalue(role)
    refuses(
        "claim: not a member",
        pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": who, "value": 5 * stage.u},
    )


@pytest.mark.spec("L3", "C1")
def test_file_claim__member_has_left__reverts(stage, pool, claimant):
    pool.leave({"from": claimant})
    stage.start(3 * DAY)
    refuses(
        "claim: not a member",
        pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C6")
def test_file_claim__one_is_already_open__reverts(stage, pool, claimant):
    stage.start(3 * DAY)
    stage.file(claimant, 10 * stage.u)
    refuses(
        "claim: one is already open",
        pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C7")
def test_file_claim__no_evidence__reverts(stage, pool, claimant):
    stage.start(3 * DAY)
    refuses(
        "claim: no evidence",
        pool.file_claim,
        20 * stage.u,
        now(),
        bytes(32),
        URI,
        {"from": claimant, "value": 5 * stage.u},
    )


def test_file_claim__uri_of_any_length_that_fits(stage, pool, claimant, neighbour):
    stage.start(3 * DAY)
    for person, uri in ((claimant, ""), (neighbour, "u" * 256)):
        payment = stage.pay(person, 5 * stage.u)
        receipt = pool.file_claim(20 * stage.u, now(), EVIDENCE, uri, payment)
        assert only(receipt, "ClaimFiled")["uri"] == uri


@pytest.mark.spec("C9")
@pytest.mark.parametrize("less", ["nothing", "one unit", "the deductible"])
def test_file_claim__not_above_the_deductible__reverts(stage, pool, claimant, less):
    stage.start(3 * DAY)
    amount = {"nothing": 0, "one unit": 1, "the deductible": 10 * stage.u}[less]
    refuses(
        "claim: not above the deductible",
        pool.file_claim,
        *stage.claim_args(amount),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C9")
def test_file_claim__cover_is_used_up__reverts(make_stage, members, claimant, donor):
    stage = make_stage(members, tiers=(Tier(10**16, 3 * 10**17),))
    stage.pool.donate(10**18, {"from": donor, "value": 10**18})
    stage.start()
    stage.decide(stage.file(claimant, 10**18), 10)
    assert stage.pool.member(claimant)["cover_used"] == 3 * 10**17
    refuses(
        "claim: cover is used up",
        stage.pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": claimant, "value": 5 * stage.u},
    )


@pytest.mark.spec("C8")
def test_file_claim__amount_beyond_all_limits(stage, pool, claimant):
    stage.start(3 * DAY)
    payment = stage.pay(claimant, 5 * stage.u)
    pool.file_claim(*stage.claim_args(2**256 - 1), payment)
    assert pool.claim(1)["asked"] == 1000 * stage.u


@pytest.mark.spec("M7")
@pytest.mark.parametrize("bond", ["nothing", "one less", "one more"])
def test_file_claim__wrong_value__reverts(stage, pool, claimant, bond):
    stage.start(3 * DAY)
    right = 5 * stage.u
    refuses(
        "value: wrong amount",
        pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {
            "from": claimant,
            "value": {"nothing": 0, "one less": right - 1, "one more": right + 1}[bond],
        },
    )


def test_file_claim__value_without_a_bond__reverts(make_stage, members, claimant):
    stage = make_stage(members[:3], claim_bond=0)
    stage.start()
    args = stage.claim_args(20 * stage.u)
    refuses("value: wrong amount", stage.pool.file_claim, *args, {"from": claimant, "value": 1})


def test_file_claim__ether_for_a_token_pool__reverts(make_stage, make_token, Token, members):
    stage = make_stage(members[:3], make_token(Token))
    stage.start()
    refuses(
        "value: pool takes a token",
        stage.pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": members[0], "value": 5 * stage.u},
    )


@pytest.mark.spec("M8")
def test_file_claim__no_allowance_for_the_bond__reverts(make_stage, make_token, Token, members):
    stage = make_stage(members[:3], make_token(Token))
    stage.start()
    stage.asset.token.approve(stage.pool, 5 * stage.u - 1, {"from": members[0]})
    refuses(
        "token: transfer failed",
        stage.pool.file_claim,
        *stage.claim_args(20 * stage.u),
        {"from": members[0]},
    )
