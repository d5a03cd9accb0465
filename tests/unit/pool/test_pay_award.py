"""Paying what of an award waits, or was cut and is made up."""

import pytest

from .. import on_every_asset, rules
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage, stages, members, claimant, neighbour):
    """An active pool with 570 in funds; claims of 600 and 900 were awarded in full and wait."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 600 * stage.u)
    stage.file(neighbour, 900 * stage.u)
    for claim_id in (1, 2):
        stage.decide(claim_id, 10)
    yield stage
    stages.remove(stage)


@pytest.fixture
def cut(stage, pool, keeper):
    """The window of both is settled: 228 and 342 of them are there, 930 is unpaid."""
    at(stage.window_end(0))
    pool.settle_window(0, {"from": keeper})


@pytest.mark.spec("V2")
@on_every_asset
def test_pay_award(stage, pool, cut, claimant, keeper):
    had = stage.balance(claimant)
    funds, held = stage.pots()
    assert pool.award_due(1) == 228 * stage.u
    assert pool.pay_award.call(1, {"from": keeper}) == 228 * stage.u
    receipt = pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["AwardPaid"]
    assert only(receipt, "AwardPaid") == {
        "claim_id": 1,
        "claimant": claimant,
        "amount": 228 * stage.u,
    }
    assert stage.balance(claimant) - had == 228 * stage.u
    assert stage.pots() == (funds, held - 228 * stage.u)
    assert pool.claim(1)["paid"] == 228 * stage.u
    assert pool.award_due(1) == 0


@pytest.mark.spec("W4")
def test_pay_award__as_soon_as_there_is_enough(stage, pool, donor, claimant, keeper):
    missing = 930 * stage.u
    pool.donate(missing - 1, {"from": donor, "value": missing - 1})
    assert pool.award_due(1) == 0
    refuses("award: nothing to pay", pool.pay_award, 1, {"from": keeper})
    pool.donate(1, {"from": donor, "value": 1})
    assert [pool.award_due(i) for i in (1, 2)] == [600 * stage.u, 900 * stage.u]
    for claim_id in (2, 1):
        pool.pay_award(claim_id, {"from": keeper})
    assert [pool.claim(i)["paid"] for i in (1, 2)] == [600 * stage.u, 900 * stage.u]
    assert stage.pots()[0] == 0
    assert pool.summary()["asked"] == 0
    assert pool.window(0)["awards"] == 0


@pytest.mark.spec("W12")
def test_pay_award__early_then_the_window_is_settled(stage, pool, donor, keeper):
    pool.donate(930 * stage.u, {"from": donor, "value": 930 * stage.u})
    pool.pay_award(1, {"from": keeper})
    at(stage.window_end(0))
    receipt = pool.settle_window(0, {"from": keeper})
    assert only(receipt, "WindowSettled")["awards"] == 900 * stage.u
    assert pool.award_due(1) == 0
    pool.pay_award(2, {"from": keeper})
    assert stage.pots()[0] == 0
    assert pool.claim(2)["paid"] == 900 * stage.u


def made_up(stage, award, first, second):
    """Return what of an award may be paid once two amounts have come in for 930 unpaid."""
    unpaid, factor = 930 * stage.u, rules.ONE
    cut = award * unpaid // (1500 * stage.u)
    for amount in (first, second):
        factor = rules.up(factor * (unpaid - amount), unpaid)
        unpaid -= amount
    return award * 570 * stage.u // (1500 * stage.u) + cut - rules.up(cut * factor, rules.ONE)


@pytest.mark.spec("U1", "U2")
def test_pay_award__made_up_bit_by_bit(stage, pool, cut, donor, keeper):
    pool.pay_award(1, {"from": keeper})
    amounts = (100 * stage.u + 1, 333 * stage.u + 7)
    for amount in amounts:
        pool.donate(amount, {"from": donor, "value": amount})
    payable = [made_up(stage, award * stage.u, *amounts) for award in (600, 900)]
    assert pool.award_due(1) == payable[0] - 228 * stage.u
    assert pool.award_due(2) == payable[1]
    for claim_id in (1, 2):
        pool.pay_award(claim_id, {"from": keeper})
    assert [pool.claim(i)["paid"] for i in (1, 2)] == payable


@pytest.mark.spec("U3")
def test_pay_award__made_up_in_full(stage, pool, cut, donor, keeper):
    pool.pay_award(1, {"from": keeper})
    for amount in (100 * stage.u, 900 * stage.u):
        pool.donate(amount, {"from": donor, "value": amount})
    assert pool.summary()["unpaid"] == 0
    for claim_id in (1, 2):
        pool.pay_award(claim_id, {"from": keeper})
    assert [pool.claim(i)["paid"] for i in (1, 2)] == [600 * stage.u, 900 * stage.u]
    assert stage.pots() == (70 * stage.u, 30 * stage.u)


def test_pay_award__made_up_by_a_forfeited_bond(stage, pool, cut, claimant, keeper):
    stage.decide(stage.file(claimant, 10 * stage.u), 0)
    expected = made_up(stage, 600 * stage.u, 5 * stage.u, 0)
    assert pool.award_due(1) == expected


@pytest.mark.spec("U4")
def test_pay_award__new_shortage_after_the_old_was_made_up(
    stage, pool, cut, donor, neighbour, voters, keeper
):
    """A second epoch: what comes in for the new cut does not pay the old one again."""
    pool.donate(930 * stage.u, {"from": donor, "value": 930 * stage.u})
    third = stage.file(voters[3], 100 * stage.u)
    stage.decide(third, 10)
    at(stage.window_end(1))
    pool.settle_window(1, {"from": keeper})
    assert pool.summary()["unpaid"] == 100 * stage.u
    pool.donate(50 * stage.u, {"from": donor, "value": 50 * stage.u})
    assert pool.award_due(1) == 600 * stage.u
    assert pool.award_due(2) == 900 * stage.u
    assert pool.award_due(third) == 50 * stage.u


@pytest.mark.spec("W8")
def test_pay_award__cut_amounts_add_up(make_stage, members, claimant, neighbour, voter, keeper):
    """Odd amounts: rounding is in the pool's favour, by less than one unit an award."""
    stage = make_stage(members)
    stage.start()
    awards = (700 * stage.u + 1, 333 * stage.u + 3, 999 * stage.u + 7)
    for person, award in zip((claimant, neighbour, voter), awards, strict=True):
        stage.file(person, award)
    stage.vote(1, 10, members[2:])
    stage.vote(2, 10, members[2:])
    stage.vote(3, 10, members[3:])
    for claim_id in (1, 2, 3):
        stage.pool.resolve(claim_id, {"from": keeper})
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    available = stage.pool.window(0)["available"]
    assert available == 570 * stage.u
    paid = 0
    for claim_id, award in enumerate(awards, 1):
        due = stage.pool.award_due(claim_id)
        assert due == award * available // sum(awards)
        stage.pool.pay_award(claim_id, {"from": keeper})
        paid += due
    assert available - 3 < paid <= available


def test_pay_award__claimant_cannot_take_it(
    make_stage, members, deployer, WalletThatRejects, payer, keeper
):
    wallet = deployer.deploy(WalletThatRejects)
    stage = make_stage(members)
    stage.join(wallet, payer=payer)
    stage.start()
    stage.decide(stage.file(wallet, 1000 * stage.u), 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": keeper})
    receipt = stage.pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["AwardPaid", "Credited"]
    # the bond of 5 could not be sent back either
    assert stage.pool.credit_of(wallet) == 5 * stage.u + 665 * stage.u


@pytest.mark.spec("U2")
@pytest.mark.parametrize("role", ["claimant", "outsider", "voter"])
def test_pay_award__by_anyone(stage, pool, cut, request, role):
    pool.pay_award(1, {"from": request.getfixturevalue(role)})
    assert pool.claim(1)["paid"] == 228 * stage.u


@pytest.mark.spec("W5")
def test_pay_award__before_the_window_is_settled__reverts(stage, pool, keeper):
    at(stage.window_end(0))
    refuses("award: nothing to pay", pool.pay_award, 1, {"from": keeper})


@pytest.mark.spec("W5")
def test_pay_award__twice__reverts(stage, pool, cut, keeper):
    pool.pay_award(1, {"from": keeper})
    refuses("award: nothing to pay", pool.pay_award, 1, {"from": keeper})


@pytest.mark.spec("W5")
@pytest.mark.parametrize("award", [None, 0, 10])
def test_pay_award__nothing_waits__reverts(make_stage, members, claimant, keeper, award):
    """Open, rejected, and paid at once."""
    stage = make_stage(members)
    stage.start()
    stage.file(claimant, 10 * stage.u)
    if award is not None:
        stage.decide(1, award)
    refuses("award: nothing to pay", stage.pool.pay_award, 1, {"from": keeper})


@pytest.mark.parametrize("claim_id", [0, 3, 2**256 - 1])
def test_pay_award__no_such_claim__reverts(stage, pool, keeper, claim_id):
    refuses("claim: no such claim", pool.pay_award, claim_id, {"from": keeper})


# --- layers


@pytest.fixture(scope="module")
def tower(make_stage, stages, asset, members, claimant, neighbour, reinsurer):
    """600 and 900 wait, where 535 and 400 of layers could be paid."""
    stage = make_stage(members, **reinsured(asset.unit))
    stage.fill(reinsurer, 300 * stage.u, 1)
    stage.fill(reinsurer, 100 * stage.u, 2)
    stage.start()
    for person, asked in ((claimant, 600), (neighbour, 900)):
        stage.file(person, asked * stage.u)
    for claim_id in (1, 2):
        stage.decide(claim_id, 10)
    yield stage
    stages.remove(stage)


@pytest.mark.spec("W4")
@on_every_asset
def test_pay_award__layers_count_for_what_is_there(tower, donor, keeper):
    """565 are missing for both; then each is paid, the funds first."""
    pool, u = tower.pool, tower.u
    pool.donate(565 * u - 1, tower.pay(donor, 565 * u - 1))
    assert pool.award_due(1) == pool.award_due(2) == 0
    refuses("award: nothing to pay", pool.pay_award, 2, {"from": keeper})
    pool.donate(1, tower.pay(donor, 1))
    assert [pool.award_due(i) for i in (1, 2)] == [600 * u, 900 * u]
    receipt = pool.pay_award(2, {"from": keeper})
    assert names(receipt) == ["AwardPaid"]
    receipt = pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["LayersDrawn", "AwardPaid"]
    assert only(receipt, "LayersDrawn") == {"amount": 400 * u}
    assert tower.drawn() == [300 * u, 100 * u]
    assert tower.pots()[0] == 0
    summary = pool.summary()
    assert (summary["asked"], summary["unpaid"], summary["capacity"]) == (0, 0, 0)


def test_pay_award__set_aside__draws_nothing_more(tower, keeper):
    at(tower.window_end(0))
    tower.pool.settle_window(0, {"from": keeper})
    drawn = tower.drawn()
    receipt = tower.pool.pay_award(1, {"from": keeper})
    assert names(receipt) == ["AwardPaid"]
    assert tower.drawn() == drawn == [300 * tower.u, 100 * tower.u]


@pytest.mark.spec("U5")
def test_pay_award__made_up_before_layers_are_repaid(tower, donor, keeper):
    """565 are unpaid, 400 drawn: of 600 that come in, 35 go back to layer 2."""
    at(tower.window_end(0))
    tower.pool.settle_window(0, {"from": keeper})
    tower.pool.donate(600 * tower.u, tower.pay(donor, 600 * tower.u))
    for claim_id, award in ((1, 600), (2, 900)):
        tower.pool.pay_award(claim_id, {"from": keeper})
        assert tower.pool.claim(claim_id)["paid"] == award * tower.u
    assert tower.drawn() == [300 * tower.u, 65 * tower.u]
