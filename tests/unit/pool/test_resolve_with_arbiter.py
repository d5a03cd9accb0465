"""Where the terms name an arbiter, a vote that is not for all of it is not the end (rule 7a)."""

import pytest

from ..clock import at, now
from ..hearing import APPEALED, AWARDED, CUT, LAPSED, REFERRED, REJECTED, ends, hearing, status
from ..hearing import voting_ends as end_of_voting
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, arbiter):
    """An active pool with claim 1 open: 200 asked, 570 in funds, five may vote."""
    stage = make_stage(members, **hearing(arbiter))
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


@pytest.fixture
def voting_ends(stage):
    """The first second in which nobody can vote on claim 1 any more."""
    return end_of_voting(stage)


# --- what the vote leaves


@pytest.mark.spec("H1")
def test_resolve__cut(stage, pool, claimant):
    had = stage.balance(claimant)
    pots, summary = stage.pots(), pool.summary()
    receipt = stage.decide(1, 7)
    assert names(receipt) == ["ClaimDecided"]
    assert only(receipt, "ClaimDecided") == {
        "claim_id": 1,
        "status": CUT,
        "award": 7,
        "until": receipt.timestamp + stage.terms.appeal_period,
    }
    assert status(stage) == (CUT, 7)
    assert pool.claim(1)["since"] == receipt.timestamp
    assert (stage.balance(claimant), stage.pots()) == (had, pots)
    assert pool.summary() == summary  # it still counts as open, with all that it asks
    assert pool.member(claimant)["open_claim"] == 1


@pytest.mark.spec("H1")
def test_resolve__rejected(stage, pool):
    receipt = stage.decide(1, 0)
    assert names(receipt) == ["ClaimDecided"]
    assert status(stage) == (CUT, 0)
    assert pool.summary()["open_claims"] == 1


@pytest.mark.spec("A7", "H5")
def test_resolve__no_quorum(stage, pool, keeper, voting_ends):
    stage.vote(1, 10, stage.voters[:2])
    at(voting_ends)
    receipt = pool.resolve(1, {"from": keeper})
    assert names(receipt) == ["ClaimDecided"]
    assert only(receipt, "ClaimDecided") == {
        "claim_id": 1,
        "status": REFERRED,
        "award": 0,
        "until": voting_ends + stage.terms.ruling_period,
    }
    assert status(stage) == (REFERRED, 0)


@pytest.mark.spec("H11")
def test_resolve__all_of_it__is_the_end(stage):
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved", "AwardPaid"]
    assert status(stage) == (AWARDED, 10)


@pytest.mark.spec("H11")
def test_resolve__silence_is_consent__is_the_end(stage, pool, neighbour, keeper):
    stage.file(neighbour, stage.terms.silent_consent_limit)
    at(end_of_voting(stage, 2))
    pool.resolve(2, {"from": keeper})
    assert status(stage, 2) == (AWARDED, 10)


@pytest.mark.spec("A7")
def test_resolve__one_unit_above_the_silent_limit(stage, pool, neighbour, keeper):
    stage.file(neighbour, stage.terms.silent_consent_limit + 1)
    at(end_of_voting(stage, 2))
    pool.resolve(2, {"from": keeper})
    assert status(stage, 2) == (REFERRED, 0)


@pytest.mark.spec("A7")
def test_resolve__an_objection_to_a_small_claim(stage, pool, neighbour, keeper):
    stage.file(neighbour, stage.terms.silent_consent_limit)
    stage.vote(2, 9, stage.voters[:1])
    at(end_of_voting(stage, 2))
    pool.resolve(2, {"from": keeper})
    assert status(stage, 2) == (REFERRED, 0)


# --- appeal_period


@pytest.mark.spec("H4")
@pytest.mark.parametrize("award, final", [(7, AWARDED), (0, REJECTED)])
def test_resolve__after_the_appeal_period(stage, pool, keeper, award, final):
    stage.decide(1, award)
    end = ends(stage)
    at(end - 1)
    refuses("claim: can still be appealed", pool.resolve, 1, {"from": keeper})
    at(end)
    funds, held = stage.pots()
    receipt = pool.resolve(1, {"from": keeper})
    assert receipt.timestamp == end
    assert status(stage) == (final, award)
    assert only(receipt, "ClaimResolved")["amount"] == 20 * award * stage.u
    if award:
        assert stage.pots() == (funds - 140 * stage.u, held - 5 * stage.u)
    else:
        assert stage.pots() == (funds + 5 * stage.u, held - 5 * stage.u)  # the bond is forfeited
    assert pool.summary()["open_claims"] == 0
    refuses("claim: already decided", pool.resolve, 1, {"from": keeper})


# --- ruling_period: an arbiter who does nothing blocks nobody


@pytest.mark.spec("H5", "H10")
@pytest.mark.parametrize("award, final", [(7, AWARDED), (0, REJECTED)])
def test_resolve__appealed_and_not_ruled_on(stage, pool, claimant, keeper, award, final):
    stage.decide(1, award)
    pool.appeal(1, {"from": claimant})
    assert status(stage) == (APPEALED, award)
    end = ends(stage)
    at(end - 1)
    refuses("claim: waits for the arbiter", pool.resolve, 1, {"from": keeper})
    at(end)
    pool.resolve(1, {"from": keeper})
    assert status(stage) == (final, award)


@pytest.mark.spec("H10")
def test_resolve__referred_and_not_ruled_on(stage, pool, claimant, keeper, voting_ends):
    at(voting_ends)
    pool.resolve(1, {"from": keeper})
    end = ends(stage)
    at(end - 1)
    refuses("claim: waits for the arbiter", pool.resolve, 1, {"from": keeper})
    at(end)
    had = stage.balance(claimant)
    receipt = pool.resolve(1, {"from": keeper})
    assert names(receipt) == ["ClaimResolved"]
    assert status(stage) == (LAPSED, 0)
    assert stage.balance(claimant) - had == 5 * stage.u  # the bond
    stage.file(claimant, 200 * stage.u)
    assert pool.claim(2)["status"] == 1


# --- what waits for a hearing


@pytest.mark.spec("H12")
def test_resolve__settle_waits_and_goes_on(stage, pool, claimant, keeper):
    stage.after_reporting()
    pool.resolve(1, {"from": keeper})  # nobody has voted
    refuses("settle: claims are open", pool.settle, {"from": keeper})
    at(ends(stage) - 1)
    refuses("settle: claims are open", pool.settle, {"from": keeper})
    at(ends(stage))
    pool.resolve(1, {"from": keeper})
    assert names(pool.settle({"from": keeper}))[0] == "Settled"


@pytest.mark.spec("H12")
def test_resolve__settle_window_waits_and_goes_on(stage, pool, neighbour, keeper, claimant):
    stage.file(neighbour, 900 * stage.u)
    stage.decide(2, 10)  # waits: 1,100 asked, 570 there
    stage.decide(1, 5)
    at(stage.window_end(0))
    refuses("window: claims are undecided", pool.settle_window, 0, {"from": keeper})
    pool.resolve(1, {"from": keeper})
    receipt = pool.settle_window(0, {"from": keeper})
    assert only(receipt, "WindowSettled") == {
        "window": 0,
        "awards": 1000 * stage.u,
        "available": 570 * stage.u,
    }


@pytest.mark.spec("C6")
def test_resolve__no_second_claim_beside_a_hearing(stage, pool, claimant):
    stage.decide(1, 7)
    args = stage.claim_args(100 * stage.u, now())
    payment = {"from": claimant, "value": 5 * stage.u}
    refuses("claim: one is already open", pool.file_claim, *args, payment)


@pytest.mark.spec("H13")
def test_resolve__without_an_arbiter__is_the_end(make_stage, members, claimant):
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 200 * stage.u), 7)
    assert status(stage) == (AWARDED, 7)
