"""What comes next for a claim, and that it is so: at its second, and not one before."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import DAY, at
from ..hearing import ends, hearing, status, voting_ends
from ..refusal import refuses


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, arbiter):
    """An active pool with an arbiter and claim 1 open: 200 asked, 570 in funds."""
    stage = make_stage(members, **hearing(arbiter))
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


def action(lens, stage, claim_id=1):
    """Return the action as a plain tuple."""
    return tuple(lens.next_claim_action(stage.pool, claim_id))


def test_open(lens, stage, pool, take):
    filed_at = pool.claim(1)["filed_at"]
    end = voting_ends(stage)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("vote", ZERO_ADDRESS, 1, filed_at, end)
    at(end - 1)
    assert lens.next_claim_action(pool, 1) == found
    take(stage, found)
    at(end)
    assert action(lens, stage) == ("resolve", ZERO_ADDRESS, 1, end, 0)


@pytest.mark.spec("V4")
def test_open__time_is_up(lens, stage, pool, keeper, take):
    at(voting_ends(stage) - 1)
    refuses("claim: voting is still open", pool.resolve, 1, {"from": keeper})
    at(voting_ends(stage))
    take(stage, lens.next_claim_action(pool, 1))
    assert status(stage) == (6, 0)


def test_open__final_early(lens, stage, pool, take):
    stage.vote(1, 10, stage.voters[:2])
    assert action(lens, stage)[0] == "vote"
    stage.vote(1, 10, stage.voters[2:3])
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("resolve", ZERO_ADDRESS, 1, 0, 0)
    take(stage, found)
    assert action(lens, stage) == ("", ZERO_ADDRESS, 1, 0, 0)


@pytest.mark.spec("V4")
@pytest.mark.parametrize("award", [0, 7])
def test_cut(lens, stage, pool, claimant, take, check, award):
    stage.decide(1, award)
    since, end = pool.claim(1)["since"], ends(stage)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("appeal", claimant, 1, since, end)
    at(end - 1)
    assert lens.next_claim_action(pool, 1) == found
    pool.appeal.call(1, {"from": claimant})
    at(end)
    refuses("appeal: too late", pool.appeal, 1, {"from": claimant})
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("resolve", ZERO_ADDRESS, 1, end, 0)
    take(stage, found)
    assert status(stage) == (2 if award else 3, award)
    assert action(lens, stage)[0] == ""


def test_cut__filed_by_a_payee(lens, make_stage, members, claimant, lender, arbiter, take):
    stage = make_stage(members, **hearing(arbiter))
    stage.pool.pledge(lender, 150 * stage.u, {"from": claimant})
    stage.start()
    args = stage.claim_args(210 * stage.u)
    stage.pool.file_claim_for(claimant, *args, {"from": lender, "value": 5 * stage.u})
    stage.decide(1, 7)
    found = lens.next_claim_action(stage.pool, 1)
    assert (found["action"], found["who"]) == ("appeal", lender)
    take(stage, found)
    assert status(stage) == (7, 7)


@pytest.mark.spec("V4")
def test_appealed(lens, stage, pool, claimant, arbiter, take):
    stage.decide(1, 7)
    pool.appeal(1, {"from": claimant})
    since, end = pool.claim(1)["since"], ends(stage)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("rule", arbiter, 1, since, end)
    at(end - 1)
    assert lens.next_claim_action(pool, 1) == found
    take(stage, found, award=8)
    assert status(stage) == (2, 8)


@pytest.mark.spec("V4")
def test_appealed__arbiter_is_late(lens, stage, pool, claimant, keeper, take):
    stage.decide(1, 7)
    pool.appeal(1, {"from": claimant})
    end = ends(stage)
    at(end - 1)
    refuses("claim: waits for the arbiter", pool.resolve, 1, {"from": keeper})
    at(end)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("resolve", ZERO_ADDRESS, 1, end, 0)
    take(stage, found)
    assert status(stage) == (2, 7)


@pytest.mark.spec("V4")
def test_referred(lens, stage, pool, arbiter, keeper, take):
    at(voting_ends(stage))
    pool.resolve(1, {"from": keeper})
    end = ends(stage)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("rule", arbiter, 1, pool.claim(1)["since"], end)
    at(end)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("resolve", ZERO_ADDRESS, 1, end, 0)
    take(stage, found)
    assert status(stage) == (4, 0)
    assert action(lens, stage)[0] == ""


# --- an award that waits


@pytest.mark.spec("V4")
def test_awarded__waits_for_its_window(lens, stage, pool, neighbour, check, take):
    stage.file(neighbour, 940 * stage.u)
    stage.decide(1, 10)
    stage.decide(2, 10)
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("settle_window", ZERO_ADDRESS, 0, stage.window_end(0), 0)
    assert lens.next_claim_action(pool, 2) == found
    check(stage, found)
    for claim_id in (1, 2):
        found = lens.next_claim_action(pool, claim_id)
        assert tuple(found) == ("pay_award", ZERO_ADDRESS, claim_id, 0, 0)
        take(stage, found)
        assert action(lens, stage, claim_id)[0] == ""


def test_awarded__earlier_window_first(lens, stage, pool, neighbour, voters, check):
    """Windows are settled in order, those without an award that waits too."""
    stage.decide(1, 10)
    stage.start(15 * DAY)
    stage.decide(stage.file(neighbour, 30 * stage.u), 10)
    stage.start(22 * DAY)
    stage.decide(stage.file(voters[0], 900 * stage.u), 10, voters[1:])
    expected = [0, 2, 3]
    assert pool.claim(3)["window"] == 3
    for window in expected:
        found = lens.next_claim_action(pool, 3)
        assert tuple(found)[:3] == ("settle_window", ZERO_ADDRESS, window)
        assert found["since"] == stage.window_end(window)
        if window == 3:
            check(stage, found)
        else:
            pool.settle_window(window, {"from": stage.keeper})
    assert action(lens, stage, 3)[0] == "pay_award"


def test_awarded__there_is_enough_before(lens, stage, pool, neighbour, donor, take):
    stage.file(neighbour, 940 * stage.u)
    stage.decide(1, 10)
    assert action(lens, stage)[0] == "settle_window"
    pool.donate(570 * stage.u, {"from": donor, "value": 570 * stage.u})
    found = lens.next_claim_action(pool, 1)
    assert tuple(found) == ("pay_award", ZERO_ADDRESS, 1, 0, 0)
    take(stage, found)
    assert pool.claim(1)["paid"] == 200 * stage.u


def test_awarded__made_up_later(lens, stage, pool, neighbour, donor, take, keeper):
    stage.file(neighbour, 940 * stage.u)
    for claim_id in (1, 2):
        stage.decide(claim_id, 10)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    take(stage, lens.next_claim_action(pool, 1))
    assert action(lens, stage)[0] == ""
    pool.donate(57 * stage.u, {"from": donor, "value": 57 * stage.u})
    assert action(lens, stage)[0] == "pay_award"
    take(stage, lens.next_claim_action(pool, 1))
    assert pool.claim(1)["paid"] in (110 * stage.u, 110 * stage.u - 1)


def test_no_such_claim__reverts(lens, pool, keeper):
    refuses("claim: no such claim", lens.next_claim_action, pool, 2, {"from": keeper})
