"""Deciding a claim, and paying it at once if the money is there."""

import pytest

from .. import on_every_asset
from ..clock import DAY, at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import REASON, names, only

AWARDED, REJECTED, LAPSED = 2, 3, 4


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant):
    """An active pool with claim 1 open: 200 asked, 570 in funds, five may vote."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 200 * stage.u)
    yield stage
    stages.remove(stage)


@pytest.fixture
def voting_ends(stage, pool):
    """The first second in which nobody can vote on claim 1 any more."""
    return pool.claim(1)["filed_at"] + stage.terms.voting_period


@pytest.mark.spec("C18", "D2")
@on_every_asset
def test_resolve(stage, pool, claimant, keeper):
    stage.vote(1, 10)
    had = stage.balance(claimant)
    funds, held = stage.pots()
    receipt = pool.resolve(1, {"from": keeper})
    assert names(receipt) == ["ClaimResolved", "AwardPaid"]
    assert only(receipt, "ClaimResolved") == {
        "claim_id": 1,
        "status": AWARDED,
        "award": 10,
        "amount": 200 * stage.u,
    }
    assert only(receipt, "AwardPaid") == {
        "claim_id": 1,
        "claimant": claimant,
        "amount": 200 * stage.u,
    }
    assert stage.balance(claimant) - had == 205 * stage.u
    assert stage.pots() == (funds - 200 * stage.u, held - 5 * stage.u)
    claim = pool.claim(1)
    assert (claim["status"], claim["award"], claim["paid"]) == (AWARDED, 10, 200 * stage.u)
    member = pool.member(claimant)
    assert (member["open_claim"], member["awarded"]) == (0, True)
    assert member["cover_used"] == 200 * stage.u
    summary = pool.summary()
    assert (summary["open_claims"], summary["asked"]) == (0, 0)


@pytest.mark.spec("A9")
@on_every_asset
def test_resolve__in_part(stage, pool, claimant):
    had = stage.balance(claimant)
    receipt = stage.decide(1, 7)
    assert only(receipt, "ClaimResolved")["award"] == 7
    assert only(receipt, "AwardPaid")["amount"] == 140 * stage.u
    assert stage.balance(claimant) - had == 145 * stage.u
    assert pool.member(claimant)["cover_used"] == 140 * stage.u


@pytest.mark.spec("A8", "D3")
@on_every_asset
def test_resolve__rejected(stage, pool, claimant):
    had = stage.balance(claimant)
    funds, held = stage.pots()
    receipt = stage.decide(1, 0)
    assert names(receipt) == ["ClaimResolved"]
    assert only(receipt, "ClaimResolved") == {
        "claim_id": 1,
        "status": REJECTED,
        "award": 0,
        "amount": 0,
    }
    assert stage.balance(claimant) == had
    assert stage.pots() == (funds + 5 * stage.u, held - 5 * stage.u)
    member = pool.member(claimant)
    assert (member["open_claim"], member["awarded"], member["cover_used"]) == (0, False, 0)


@pytest.mark.spec("A7", "D2")
def test_resolve__lapsed(stage, pool, claimant, keeper, voting_ends):
    pool.vote(1, 10, REASON, {"from": stage.voters[0]})
    at(voting_ends)
    had = stage.balance(claimant)
    funds, held = stage.pots()
    receipt = pool.resolve(1, {"from": keeper})
    assert names(receipt) == ["ClaimResolved"]
    assert only(receipt, "ClaimResolved")["status"] == LAPSED
    assert stage.balance(claimant) - had == 5 * stage.u
    assert stage.pots() == (funds, held - 5 * stage.u)
    assert pool.member(claimant)["awarded"] is False


@pytest.mark.spec("C17")
def test_resolve__lapsed_can_be_filed_again(stage, pool, claimant, keeper, voting_ends):
    at(voting_ends)
    pool.resolve(1, {"from": keeper})
    assert stage.file(claimant, 200 * stage.u) == 2
    stage.decide(2, 10)
    assert pool.claim(2)["status"] == AWARDED


@pytest.mark.spec("A9")
def test_resolve__award_is_rounded_down(make_stage, members, claimant):
    stage = make_stage(members)
    stage.start()
    receipt = stage.decide(stage.file(claimant, 19), 7)
    assert only(receipt, "AwardPaid")["amount"] == 13  # 13.3


@pytest.mark.spec("C18")
def test_resolve__award_of_less_than_one_unit(make_stage, members, claimant):
    stage = make_stage(members)
    stage.start()
    had = claimant.balance()
    stage.file(claimant, 9)
    stage.vote(1, 1)
    receipt = stage.pool.resolve(1, {"from": stage.keeper})
    assert names(receipt) == ["ClaimResolved"]
    assert only(receipt, "ClaimResolved")["amount"] == 0
    member = stage.pool.member(claimant)
    assert (member["awarded"], member["open_claim"]) == (False, 0)
    assert claimant.balance() <= had


# --- the award (rule 7)


@pytest.mark.spec("A2")
@pytest.mark.parametrize(
    "ballots, award",
    [
        ((10, 10, 10, 10, 10), 10),
        ((0, 0, 0, 0, 0), 0),
        ((0, 0, 10, 10, 10), 10),
        ((0, 0, 0, 10, 10), 0),
        ((0, 3, 5, 7, 10), 5),
        ((2, 2, 9, 9), 9),  # the higher of two middle ones: half is enough
        ((1, 4, 9), 4),
        ((0, 0, 1), 0),
    ],
)
def test_resolve__median(stage, pool, keeper, neighbour, voters, voting_ends, ballots, award):
    for person, ballot in zip([neighbour, *voters], ballots, strict=False):
        pool.vote(1, ballot, REASON, {"from": person})
    at(voting_ends)
    pool.resolve(1, {"from": keeper})
    claim = pool.claim(1)
    assert claim["award"] == award
    assert claim["status"] == (AWARDED if award else REJECTED)


@pytest.mark.spec("A2")
@pytest.mark.parametrize(
    "approval_bps, ballots, award",
    [
        (6000, (4, 4, 8, 8, 8), 8),
        (6001, (4, 4, 8, 8, 8), 4),
        (10000, (3, 10, 10, 10, 10), 3),
        (10000, (10, 10, 10, 10, 10), 10),
        (10000, (10, 10, 10, 10, 0), 0),
    ],
)
def test_resolve__approval(
    make_stage, members, claimant, neighbour, voters, keeper, approval_bps, ballots, award
):
    stage = make_stage(members, approval_bps=approval_bps)
    stage.start()
    stage.file(claimant, 100 * stage.u)
    for person, ballot in zip([neighbour, *voters], ballots, strict=True):
        stage.pool.vote(1, ballot, REASON, {"from": person})
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["award"] == award


@pytest.mark.spec("A1")
@pytest.mark.parametrize(
    "quorum_bps, cast, status",
    [
        (4000, 2, AWARDED),
        (4001, 2, LAPSED),
        (4001, 3, AWARDED),
        (10000, 4, LAPSED),
        (10000, 5, AWARDED),
        (1, 0, LAPSED),
        (1, 1, AWARDED),
    ],
)
def test_resolve__quorum(
    make_stage, members, claimant, neighbour, voters, keeper, quorum_bps, cast, status
):
    stage = make_stage(members, quorum_bps=quorum_bps)
    stage.start()
    stage.file(claimant, 100 * stage.u)
    stage.vote(1, 10, [neighbour, *voters][:cast])
    at(stage.terms.cover_start + 8 * DAY)
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["status"] == status


@pytest.mark.spec("A10")
def test_resolve__late_joiners_do_not_count(stage, pool, voters, late_joiner, neighbour, keeper):
    stage.join(late_joiner)
    stage.vote(1, 10, [neighbour, *voters[:2]])
    pool.resolve(1, {"from": keeper})
    assert pool.claim(1)["status"] == AWARDED


# --- early


@pytest.mark.spec("A4")
@pytest.mark.parametrize(
    "ballots, early",
    [
        ((10, 10), False),  # no quorum
        ((10, 10, 10), True),
        ((0, 0, 0), True),
        ((10, 10, 0), False),
        ((0, 0, 10, 10), False),
        ((5, 5, 5), True),
        ((5, 5, 6), False),
        ((5, 5, 6, 4), True),
        ((5, 5, 6, 6), False),
        ((0, 0, 0, 10, 10), True),
    ],
)
def test_resolve__early(stage, pool, keeper, neighbour, voters, ballots, early):
    for person, ballot in zip([neighbour, *voters], ballots, strict=False):
        pool.vote(1, ballot, REASON, {"from": person})
    if early:
        pool.resolve(1, {"from": keeper})
        assert pool.claim(1)["status"] in (AWARDED, REJECTED)
    else:
        refuses("claim: voting is still open", pool.resolve, 1, {"from": keeper})


@pytest.mark.spec("A3")
def test_resolve__last_second_of_voting__reverts(stage, pool, keeper, voting_ends):
    pool.vote(1, 10, REASON, {"from": stage.voters[0]})
    at(voting_ends - 1)
    refuses("claim: voting is still open", pool.resolve, 1, {"from": keeper})


@pytest.mark.spec("A3")
def test_resolve__first_second_after_voting(stage, pool, keeper, voting_ends):
    at(voting_ends)
    receipt = pool.resolve(1, {"from": keeper})
    assert receipt.timestamp == voting_ends


@pytest.mark.spec("A3")
@pytest.mark.parametrize("role", ["claimant", "outsider", "organiser", "voter"])
def test_resolve__by_anyone(stage, pool, request, role):
    stage.vote(1, 10)
    pool.resolve(1, {"from": request.getfixturevalue(role)})
    assert pool.claim(1)["status"] == AWARDED


def test_resolve__in_run_off(stage, pool, keeper):
    stage.vote(1, 10)
    stage.after_reporting()
    pool.resolve(1, {"from": keeper})
    assert pool.claim(1)["paid"] == 200 * stage.u


def test_resolve__no_such_claim__reverts(stage, pool, keeper):
    for claim_id in (0, 2, 2**256 - 1):
        refuses("claim: no such claim", pool.resolve, claim_id, {"from": keeper})


@pytest.mark.spec("A5")
@pytest.mark.parametrize("award", [10, 0])
def test_resolve__already_decided__reverts(stage, pool, keeper, award):
    stage.decide(1, award)
    refuses("claim: already decided", pool.resolve, 1, {"from": keeper})


# --- silence


def small_claim(make_stage, members, claimant, asked_over_limit=0):
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, stage.terms.silent_consent_limit + asked_over_limit)
    return stage


@pytest.mark.spec("A6")
def test_resolve__silence_is_consent(make_stage, members, claimant, keeper):
    stage = small_claim(make_stage, members, claimant)
    at(stage.terms.cover_start + 8 * DAY)
    receipt = stage.pool.resolve(1, {"from": keeper})
    assert names(receipt) == ["ClaimResolved", "AwardPaid"]
    assert only(receipt, "ClaimResolved")["award"] == 10
    assert only(receipt, "AwardPaid")["amount"] == 20 * stage.u


@pytest.mark.spec("A6")
def test_resolve__silence_is_consent_beside_votes_for_it(make_stage, members, claimant, keeper):
    stage = small_claim(make_stage, members, claimant)
    stage.vote(1, 10, stage.voters[:2])
    at(stage.terms.cover_start + 8 * DAY)
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["status"] == AWARDED


@pytest.mark.spec("A6")
@pytest.mark.parametrize("award", [0, 9])
def test_resolve__one_objection_breaks_the_silence(make_stage, members, claimant, keeper, award):
    stage = small_claim(make_stage, members, claimant)
    stage.vote(1, award, stage.voters[:1])
    at(stage.terms.cover_start + 8 * DAY)
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["status"] == LAPSED


@pytest.mark.spec("A6")
def test_resolve__one_unit_above_the_silent_limit(make_stage, members, claimant, keeper):
    stage = small_claim(make_stage, members, claimant, 1)
    at(stage.terms.cover_start + 8 * DAY)
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["status"] == LAPSED


def test_resolve__a_single_member(make_stage, claimant, keeper):
    """Nobody may vote: an electorate of none meets no quorum."""
    stage = make_stage([claimant], min_members=1)
    stage.start()
    stage.file(claimant, 50 * stage.u)
    assert stage.pool.claim(1)["electorate"] == 0
    refuses("claim: voting is still open", stage.pool.resolve, 1, {"from": keeper})
    at(stage.terms.cover_start + 8 * DAY)
    stage.pool.resolve(1, {"from": keeper})
    assert stage.pool.claim(1)["status"] == LAPSED


# --- paying, or not


@pytest.mark.spec("C19", "D2", "W2")
def test_resolve__waits_in_a_shortage(stage, pool, claimant, neighbour):
    stage.file(neighbour, 400 * stage.u)
    had = stage.balance(claimant)
    receipt = stage.decide(1, 10)
    assert names(receipt) == ["ClaimResolved"]
    assert stage.balance(claimant) - had == 5 * stage.u
    assert pool.claim(1)["paid"] == 0
    assert pool.member(claimant)["cover_used"] == 200 * stage.u
    assert pool.member(claimant)["awarded"] is True
    assert pool.summary()["asked"] == 600 * stage.u
    assert pool.window(0)["awards"] == 200 * stage.u


@pytest.mark.spec("W1")
def test_resolve__funds_are_just_enough(stage, pool, neighbour):
    stage.file(neighbour, 370 * stage.u)
    receipt = stage.decide(1, 10)
    assert only(receipt, "AwardPaid")["amount"] == 200 * stage.u


@pytest.mark.spec("W1", "W2")
def test_resolve__one_unit_short(stage, pool, neighbour):
    stage.file(neighbour, 370 * stage.u + 1)
    stage.decide(1, 10)
    assert pool.claim(1)["paid"] == 0


@pytest.mark.spec("W1")
def test_resolve__lower_award_makes_it_enough(stage, pool, neighbour):
    stage.file(neighbour, 400 * stage.u)
    stage.decide(2, 7)
    assert pool.claim(2)["paid"] == 280 * stage.u
    stage.decide(1, 10)
    assert pool.claim(1)["paid"] == 200 * stage.u


@pytest.mark.spec("D3")
def test_resolve__forfeited_bond_goes_to_unpaid_awards(stage, pool, claimant, neighbour, keeper):
    stage.file(neighbour, 1000 * stage.u)
    stage.decide(2, 10)
    stage.decide(1, 0)
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})
    stage.file(claimant, 200 * stage.u)
    funds, held = stage.pots()
    assert funds == 0
    receipt = stage.decide(3, 0)
    assert names(receipt) == ["ClaimResolved", "MadeUp"]
    assert only(receipt, "MadeUp") == {"amount": 5 * stage.u}
    assert stage.pots() == (0, held)


def test_resolve__claimant_cannot_take_it(make_stage, members, deployer, WalletThatRejects, payer):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    receipt = stage.decide(stage.file(wallet, 100 * stage.u), 10)
    assert names(receipt) == ["ClaimResolved", "AwardPaid", "Credited"]
    assert only(receipt, "Credited") == {"account": wallet, "amount": 105 * stage.u}
    assert stage.pool.credit_of(wallet) == 105 * stage.u
    assert stage.pool.claim(1)["paid"] == 100 * stage.u


# --- layers (rules 9 and 15)


@pytest.fixture(scope="module")
def tower(make_stage, stages, asset, members, reinsurer):
    """An active pool without claims; layers of 300 and 200 hold 300 and 100.

    35 are ceded of 570 in funds: 535 and then 400 can be paid.
    """
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.mark.spec("R4")
@on_every_asset
def test_resolve__funds_first_then_layers(tower, claimant):
    pool, u = tower.pool, tower.u
    tower.vote(tower.file(claimant, 900 * u), 10)
    had, held = tower.balance(claimant), tower.pots()[1]
    receipt = pool.resolve(1, {"from": tower.keeper})
    found = names(receipt)
    assert found == ["PremiumCeded", "PremiumCeded", "LayersDrawn", "ClaimResolved", "AwardPaid"]
    assert only(receipt, "LayersDrawn") == {"amount": 365 * u}
    assert only(receipt, "AwardPaid")["amount"] == 900 * u
    assert tower.balance(claimant) - had == 905 * u
    assert tower.pots() == (0, held + (35 - 365 - 5) * u)
    assert tower.drawn() == [300 * u, 65 * u]
    assert [pool.layer(i)["assets"] for i in (1, 2)] == [30 * u, 40 * u]
    summary = pool.summary()
    assert (summary["capacity"], summary["drawn"]) == (35 * u, 365 * u)
    assert (summary["asked"], summary["unpaid"]) == (0, 0)


@pytest.mark.spec("R4")
@pytest.mark.parametrize(
    "asked, drawn", [(534, [0, 0]), (535, [0, 0]), (536, [1, 0]), (835, [300, 0]), (836, [300, 1])]
)
def test_resolve__each_layer_begins_where_what_is_below_ends(tower, claimant, asked, drawn):
    tower.decide(tower.file(claimant, asked * tower.u), 10)
    assert tower.pool.claim(1)["paid"] == asked * tower.u
    assert tower.drawn() == [amount * tower.u for amount in drawn]
    assert tower.pots()[0] == max(535 - asked, 0) * tower.u


def test_resolve__an_empty_layer_is_passed_over(make_stage, members, claimant, reinsurer):
    stage = make_stage(members, **reinsured(10**16))
    stage.fill(reinsurer, 200 * stage.u, 2)
    stage.start()
    stage.decide(stage.file(claimant, 600 * stage.u), 10)  # 10 are ceded: funds pay 560
    assert stage.drawn() == [0, 40 * stage.u]


@pytest.mark.spec("W1")
def test_resolve__layers_are_just_enough(tower, claimant):
    tower.decide(tower.file(claimant, 935 * tower.u), 10)
    assert tower.pool.claim(1)["paid"] == 935 * tower.u
    assert tower.pool.summary()["capacity"] == 0
    assert tower.drawn() == [300 * tower.u, 100 * tower.u]


@pytest.mark.spec("W1")
def test_resolve__layers_are_one_unit_short(tower, claimant):
    """Then nobody is paid yet, and no layer is drawn on."""
    receipt = tower.decide(tower.file(claimant, 935 * tower.u + 1), 10)
    assert "LayersDrawn" not in names(receipt)
    assert tower.pool.claim(1)["paid"] == 0
    assert tower.drawn() == [0, 0]


def test_resolve__open_claims_count_what_layers_can_pay(tower, claimant, neighbour):
    """Both were asked for when the first is decided: 900 of 935."""
    tower.file(claimant, 450 * tower.u)
    tower.file(neighbour, 450 * tower.u)
    tower.decide(1, 10)
    assert tower.pool.claim(1)["paid"] == 450 * tower.u
    assert tower.drawn() == [0, 0]
    tower.decide(2, 10)
    assert tower.pool.claim(2)["paid"] == 450 * tower.u
    assert tower.drawn() == [300 * tower.u, 65 * tower.u]


@pytest.mark.spec("R10")
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_resolve__layers_pay_the_same_in_whatever_order(tower, claimant, neighbour, donor, order):
    """Rule 15; money comes in between."""
    tower.file(claimant, 500 * tower.u)
    tower.file(neighbour, 400 * tower.u)
    for claim_id in order:
        tower.decide(claim_id, 10)
        tower.pool.donate(11 * tower.u, tower.pay(donor, 11 * tower.u))
    assert tower.drawn() == [300 * tower.u, 43 * tower.u]
    assert tower.pots()[0] == 0


@pytest.mark.spec("D3")
def test_resolve__forfeited_bond_repays_the_highest_layer(tower, claimant, neighbour):
    tower.decide(tower.file(claimant, 900 * tower.u), 10)
    held = tower.pots()[1]
    receipt = tower.decide(tower.file(neighbour, 10 * tower.u), 0)
    assert names(receipt) == ["ClaimResolved", "LayersRepaid"]
    assert only(receipt, "LayersRepaid") == {"amount": 5 * tower.u}
    assert tower.drawn() == [300 * tower.u, 60 * tower.u]
    assert tower.pots() == (0, held + 5 * tower.u)


@pytest.mark.spec("R7")
def test_resolve__what_was_repaid_is_drawn_on_again(tower, claimant, neighbour, donor):
    tower.decide(tower.file(claimant, 900 * tower.u), 10)
    tower.pool.donate(80 * tower.u, tower.pay(donor, 80 * tower.u))
    assert tower.drawn() == [285 * tower.u, 0]
    tower.decide(tower.file(neighbour, 100 * tower.u), 10)
    assert tower.pool.claim(2)["paid"] == 100 * tower.u
    assert tower.drawn() == [300 * tower.u, 85 * tower.u]
    assert tower.pool.summary()["capacity"] == 15 * tower.u


def test_resolve__a_reinsurer_that_takes_no_money_stops_nobody(
    make_stage, members, claimant, deployer, reinsurer, WalletThatBurnsGas
):
    wallet = deployer.deploy(WalletThatBurnsGas)
    stage = make_stage(members, **reinsured(10**16))
    layer = stage.layer()
    layer.deposit(300 * stage.u, wallet, {"from": reinsurer, "value": 300 * stage.u})
    stage.start()
    receipt = stage.decide(stage.file(claimant, 800 * stage.u), 10)
    assert only(receipt, "AwardPaid")["amount"] == 800 * stage.u
    assert receipt.gas_used < 600_000
    assert stage.drawn() == [260 * stage.u, 0]


def test_resolve__a_reinsurer_that_is_blocked_stops_nobody(
    make_stage, make_token, TokenThatBlocks, members, claimant, reinsurer, keeper
):
    """Nor the layer's own contract: nothing lies there."""
    token = make_token(TokenThatBlocks)
    stage = make_stage(members, token, **reinsured(token.unit))
    stage.fill(reinsurer, 300 * stage.u)
    for account in (reinsurer, stage.layer()):
        token.token.block(account, True, {"from": keeper})
    stage.start()
    stage.decide(stage.file(claimant, 800 * stage.u), 10)
    assert stage.pool.claim(1)["paid"] == 800 * stage.u
    assert stage.drawn() == [260 * stage.u, 0]
