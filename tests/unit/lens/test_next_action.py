"""What comes next in the life of a pool, and that it is so."""

import pytest
from brownie import ZERO_ADDRESS
from brownie.exceptions import VirtualMachineError

from ..clock import DAY, at, now
from ..hearing import hearing
from ..layers import reinsured
from ..refusal import refuses


def action(lens, stage):
    """Return the action as a plain tuple."""
    return tuple(lens.next_action(stage.pool))


def test_enrolling(lens, stage, pool, late_joiner):
    start = stage.terms.cover_start
    assert action(lens, stage) == ("join", ZERO_ADDRESS, 0, 0, start)
    at(start - 1)
    assert action(lens, stage)[0] == "join"
    stage.join(late_joiner)
    at(start)
    assert action(lens, stage)[0] == "file_claim"


def test_active(lens, stage, pool, claimant):
    stage.start()
    end = stage.terms.expiry + stage.terms.reporting_period
    since = stage.terms.cover_start + stage.terms.waiting_period
    assert action(lens, stage) == ("file_claim", ZERO_ADDRESS, 0, since, end)
    incident_at = now()
    at(end - 1)
    assert action(lens, stage)[0] == "file_claim"
    args = (*stage.claim_args(100 * stage.u, incident_at), {"value": 5 * stage.u, "from": claimant})
    pool.file_claim.call(*args)
    at(end)
    assert action(lens, stage)[0] == "settle"
    refuses("claim: reporting is over", pool.file_claim, *args)


@pytest.fixture(scope="module")
def unbound(make_stage, stages, members, reinsurer):
    """A pool that enrols, with 300 in a layer."""
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    yield stage
    stages.remove(stage)


def test_active__layers_are_not_bound_yet(lens, unbound):
    """By anybody, from the first second of cover on; then it is as without layers."""
    assert action(lens, unbound)[0] == "join"
    start = unbound.terms.cover_start
    at(start)
    found = lens.next_action(unbound.pool)
    assert tuple(found) == ("bind_reinsurance", ZERO_ADDRESS, 0, start, 0)
    unbound.pool.bind_reinsurance({"from": unbound.keeper})
    assert action(lens, unbound)[0] == "file_claim"


def test_active__layers_are_not_bound__one_second_before__reverts(unbound, keeper):
    at(unbound.terms.cover_start - 1)
    error = "reinsurance: cover has not started"
    refuses(error, unbound.pool.bind_reinsurance, {"from": keeper})


def test_run_off__layers_are_not_bound_yet(lens, unbound, take):
    unbound.after_reporting()
    found = lens.next_action(unbound.pool)
    assert found["action"] == "bind_reinsurance"
    take(unbound, found)
    assert action(lens, unbound)[0] == "settle"


def test_layers_without_collateral__nothing_to_bind(lens, make_stage, members):
    stage = make_stage(members, **reinsured(10**16))
    stage.start()
    assert action(lens, stage)[0] == "file_claim"


def test_cancelled__layers_are_never_bound(lens, make_stage, claimant, reinsurer):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    stage.start()
    assert stage.pool.summary()["unbound"] is True
    assert action(lens, stage)[0] == "refund_many"


def test_run_off__nothing_open(lens, stage, check):
    end = stage.terms.expiry + stage.terms.reporting_period
    at(end)
    found = lens.next_action(stage.pool)
    assert tuple(found) == ("settle", ZERO_ADDRESS, 0, end, 0)


@pytest.mark.spec("E1", "V4")
def test_settle__one_second_before__reverts(lens, stage, pool, keeper):
    end = stage.terms.expiry + stage.terms.reporting_period
    at(end - 1)
    refuses("settle: reporting is not over", pool.settle, {"from": keeper})
    at(end)
    pool.settle({"from": keeper})
    assert action(lens, stage)[0] == "refund_many"


def test_run_off__open_claim(lens, stage, pool, claimant, neighbour, take):
    """The action of the claim itself; those decided before are passed over."""
    stage.start()
    stage.decide(stage.file(neighbour, 100 * stage.u), 10)
    incident_at = now()
    at(stage.terms.expiry + stage.terms.reporting_period - 1)
    args = stage.claim_args(210 * stage.u, incident_at)
    pool.file_claim(*args, {"from": claimant, "value": 5 * stage.u})
    filed_at = now()
    at(filed_at + 1)
    end = filed_at + stage.terms.voting_period
    assert action(lens, stage) == ("vote", ZERO_ADDRESS, 2, filed_at, end)
    at(end)
    assert action(lens, stage) == ("resolve", ZERO_ADDRESS, 2, end, 0)
    take(stage, lens.next_action(pool))
    assert action(lens, stage)[0] == "settle"


@pytest.mark.spec("V4")
def test_run_off__award_waits(lens, stage, pool, claimant, check):
    """For the end of its window, which is later than that of the vote."""
    stage.start()
    incident_at = now()
    at(stage.terms.expiry + stage.terms.reporting_period - 1)
    args = stage.claim_args(910 * stage.u, incident_at)
    pool.file_claim(*args, {"from": claimant, "value": 5 * stage.u})
    stage.decide(1, 10)
    at(stage.terms.expiry + stage.terms.reporting_period + 60)
    found = lens.next_action(pool)
    window = pool.claim(1)["window"]
    end = stage.window_end(window)
    assert tuple(found) == ("settle_window", ZERO_ADDRESS, window, end, 0)
    assert end > now()
    check(stage, found)
    found = lens.next_action(pool)
    assert found["action"] == "settle"


def test_cancelled(lens, make_stage, claimant, take):
    stage = make_stage([claimant])
    stage.start()
    start, wait = stage.terms.cover_start, stage.terms.unclaimed_after
    found = lens.next_action(stage.pool)
    assert tuple(found) == ("refund_many", ZERO_ADDRESS, 1, start, start + wait)
    take(stage, found)
    assert stage.pots() == (0, 0)
    assert action(lens, stage) == ("", ZERO_ADDRESS, 0, 0, 0)


def test_cancelled__one_second_before__reverts(make_stage, claimant, keeper):
    stage = make_stage([claimant])
    at(stage.terms.cover_start - 1)
    refuses("refund: pool is not settled", stage.pool.refund_many, 1, 100, {"from": keeper})


def test_settled(lens, stage, pool, check, take):
    """Refunds; what nobody took goes to the cause; then there is nothing left to do."""
    settled_at = stage.settle().timestamp
    end = settled_at + stage.terms.unclaimed_after
    found = lens.next_action(pool)
    assert tuple(found) == ("refund_many", ZERO_ADDRESS, 1, settled_at, end)
    pool.refund_many(1, 2, {"from": stage.keeper})
    assert lens.next_action(pool) == found
    at(end - 1)
    assert lens.next_action(pool) == found
    at(end)
    found = lens.next_action(pool)
    assert tuple(found) == ("sweep", ZERO_ADDRESS, 0, end, 0)
    take(stage, found)
    assert action(lens, stage)[0] == ""


@pytest.mark.spec("V4")
def test_settled__sweep_one_second_before__reverts(lens, stage, pool, keeper):
    settled_at = stage.settle().timestamp
    at(settled_at + stage.terms.unclaimed_after - 1)
    refuses("sweep: too early", pool.sweep, {"from": keeper})
    at(settled_at + stage.terms.unclaimed_after)
    assert lens.next_action(pool)["action"] == "sweep"
    pool.sweep({"from": keeper})


def test_settled__without_a_cause(lens, make_stage, members, take):
    stage = make_stage(members, cause=ZERO_ADDRESS, cause_bps=0, unclaimed_after=0)
    settled_at = stage.settle().timestamp
    found = lens.next_action(stage.pool)
    assert tuple(found) == ("refund_many", ZERO_ADDRESS, 1, settled_at, 0)
    take(stage, found)
    assert action(lens, stage)[0] == ""


def test_settled__nothing_left(lens, make_stage, members, claimant, keeper):
    stage = make_stage(members)
    stage.start()
    stage.decide(stage.file(claimant, 570 * stage.u), 10)
    stage.settle()
    assert action(lens, stage) == ("", ZERO_ADDRESS, 0, 0, 0)


def test_action__as_it_says(lens, stage, pool, keeper):
    """What next_action does not name yet is refused."""
    for method in (pool.settle, pool.sweep):
        with pytest.raises(VirtualMachineError):
            method({"from": keeper})


@pytest.mark.spec("V5")
@pytest.mark.parametrize("award", [10, 4, 0])
def test_a_keeper_who_follows_the_lens_comes_to_the_end(
    lens, make_stage, members, claimant, neighbour, arbiter, voters, donor, take, award
):
    """Cut, rejected, referred, in a shortage over several windows: never stuck, nothing left over.

    An appeal is the claimant's to make: here it is made, and nobody else is waited for.
    """
    stage = make_stage(members, **hearing(arbiter))
    pool = stage.pool
    stage.start()
    stage.decide(stage.file(claimant, 50 * stage.u), 0)  # window 0: rejected, and never settled
    stage.start(8 * DAY)
    stage.file(neighbour, 900 * stage.u)
    stage.start(16 * DAY)
    stage.file(voters[3], 800 * stage.u)
    stage.vote(3, 7)
    at(stage.terms.expiry + stage.terms.reporting_period)
    taken = []
    while (found := lens.next_action(pool))["action"]:
        assert len(taken) < 40, taken
        at(max(now() + 1, found["since"]))
        taken.append(found["action"])
        take(stage, found, award if found["action"] == "vote" else 10)
    assert pool.phase() == 4
    assert stage.pots()[0] == 0
    assert {"resolve", "appeal", "rule", "settle_window", "settle"} <= set(taken)
    summary = pool.summary()
    assert (summary["open_claims"], summary["asked"]) == (0, 0)


@pytest.mark.spec("V5")
def test_a_keeper_who_follows_the_lens_comes_to_the_end__with_layers(
    lens, make_stage, members, claimant, neighbour, reinsurer, take
):
    """A catastrophe: 1800 are awarded, and all that there is, 1030, is paid."""
    stage = make_stage(members, **reinsured(10**16))
    for number, limit in ((1, 300), (2, 200)):
        stage.fill(reinsurer, limit * stage.u, number)
    pool = stage.pool
    stage.start()
    for person in (claimant, neighbour):
        stage.vote(stage.file(person, 900 * stage.u), 10)
    at(stage.terms.expiry + stage.terms.reporting_period)
    taken = []
    while (found := lens.next_action(pool))["action"]:
        assert len(taken) < 20, taken
        at(max(now() + 1, found["since"]))
        taken.append(found["action"])
        take(stage, found)
    assert pool.phase() == 4
    assert taken == ["bind_reinsurance", "resolve", "resolve", "settle_window", "settle"]
    assert stage.drawn() == [300 * stage.u, 200 * stage.u]
    assert stage.pots()[0] == 0
    assert pool.award_due(1) == pool.award_due(2) == 515 * stage.u
