"""peerpool.ledger: layers of reinsurance, on hand-made events and on lives in this process."""

from dataclasses import replace

import pytest
from eth_utils import to_checksum_address

from peerpool import ledger as ledgers
from peerpool.audit.books import read
from peerpool.ledger import HELD, Account, LedgerError, differences, layer_differences
from peerpool.ledger.views import LayerView
from peerpool.terms import Layer
from peerpool.units import DAY
from tests.attacks.arena import CAUSE, ORGANISER, OUTSIDER, WITH_CAUSE, Arena, arena
from tests.evm.provider import connect
from tests.layers.steps import (
    HOLDERS,
    MEMBERS,
    ODD,
    award_all,
    deposit,
    join_all,
    recover,
    redeem_all,
    settle,
)
from tests.python.pool_story import START, TERMS, UNIT, Story, role

EARLY = START - DAY
LAYERS = (Layer(200 * UNIT, 20 * UNIT), Layer(100 * UNIT, 10 * UNIT))
REINSURED = replace(TERMS, reinsurance=LAYERS, max_cession_bps=3000)


def reinsured(terms=REINSURED) -> Story:
    """Two members; 200 of 200 and 50 of 100 are deposited."""
    story = Story(terms).joined(EARLY, 1, "claimant").joined(EARLY, 2, "employee")
    story.tell(EARLY, "CollateralAdded", layer=1, amount=150 * UNIT)
    story.tell(EARLY, "CollateralAdded", layer=2, amount=50 * UNIT)
    story.tell(EARLY, "CollateralAdded", layer=1, amount=50 * UNIT)
    return story


def bound() -> Story:
    """The same; 20 and 5 are ceded for that, 175 stay in the funds."""
    story = reinsured().tell(START, "PremiumCeded", layer=1, filled=200 * UNIT, premium=20 * UNIT)
    return story.also("PremiumCeded", layer=2, filled=50 * UNIT, premium=5 * UNIT)


def struck() -> Story:
    """The same; an award of 400 takes the 175, all of layer 1 and half of what is in layer 2."""
    story = bound().filed(START + DAY, 1, "claimant", 400 * UNIT)
    story.tell(START + 2 * DAY, "LayersDrawn", amount=225 * UNIT)
    story.also("ClaimResolved", claim_id=1, status=2, award=10, amount=400 * UNIT)
    return story.also("AwardPaid", claim_id=1, claimant=role("claimant"), amount=400 * UNIT)


def recovered(story: Story, time: int, amount: int) -> Story:
    """Somebody brings money back for claim 1, all of it to layers."""
    story.tell(time, "Recovered", claim_id=1, payer=role("thief"), amount=amount)
    return story.also("LayersRepaid", amount=amount)


def figures(story: Story) -> list[tuple[int, int, int]]:
    """What each layer has paid net, what it is worth, and what lies in it by the books."""
    ledger = story.ledger()
    return [
        (v.drawn, v.assets, ledger.books.balances[Account(HELD, "layer", str(n))])
        for n, v in ledger.layers.items()
    ]


# --- hand-made --------------------------------------------------------------


def test_rebuild__layers_of_the_terms__are_there_from_the_beginning():
    ledger = Story(REINSURED).ledger()
    assert ledger.layers == {
        1: LayerView(1, 200 * UNIT, 20 * UNIT),
        2: LayerView(2, 100 * UNIT, 10 * UNIT),
    }
    assert (ledger.capacity, ledger.drawn, ledger.is_unbound) == (0, 0, False)


def test_rebuild__collateral__is_held_and_can_be_paid():
    ledger = reinsured().ledger()
    assert (ledger.funds, ledger.held) == (200 * UNIT, 250 * UNIT)
    assert ledger.came_in()["collateral"] == 250 * UNIT
    assert [view.filled for view in ledger.layers.values()] == [200 * UNIT, 50 * UNIT]
    assert (ledger.capacity, ledger.drawn, ledger.is_unbound) == (250 * UNIT, 0, True)


def test_rebuild__ceded__goes_from_the_funds_to_the_layers():
    ledger = bound().ledger()
    assert (ledger.funds, ledger.held, ledger.is_unbound) == (175 * UNIT, 275 * UNIT, False)
    assert [view.ceded for view in ledger.layers.values()] == [20 * UNIT, 5 * UNIT]
    assert figures(bound()) == [(0, 220 * UNIT, 220 * UNIT), (0, 55 * UNIT, 55 * UNIT)]


def test_rebuild__ceded_nothing__is_bound_all_the_same():
    story = reinsured().tell(START, "PremiumCeded", layer=1, filled=200 * UNIT, premium=0)
    assert story.ledger().is_unbound  # layer 2 is still to come
    story.also("PremiumCeded", layer=2, filled=50 * UNIT, premium=0)
    assert not story.ledger().is_unbound


def test_rebuild__drawn__lowest_first_and_after_the_funds():
    ledger = struck().ledger()
    assert (ledger.funds, ledger.held) == (0, 50 * UNIT)
    assert (ledger.drawn, ledger.capacity) == (225 * UNIT, 25 * UNIT)
    assert figures(struck()) == [
        (200 * UNIT, 20 * UNIT, 20 * UNIT),
        (25 * UNIT, 30 * UNIT, 30 * UNIT),
    ]
    assert ledger.went_out() == {"award": 400 * UNIT, "bond back": 5 * UNIT}


def test_rebuild__drawn_for_a_window__is_set_aside():
    story = bound().filed(START + DAY, 1, "claimant", 500 * UNIT)
    story.resolved(START + 2 * DAY, 1, status=2, award=10, amount=500 * UNIT)
    story.tell(START + 7 * DAY, "LayersDrawn", amount=250 * UNIT)
    story.also("WindowSettled", window=0, awards=500 * UNIT, available=425 * UNIT)
    ledger = story.ledger()
    assert (ledger.funds, ledger.held, ledger.unpaid) == (0, 450 * UNIT, 75 * UNIT)
    assert ledger.books.balances[Account(HELD, "award")] == 425 * UNIT
    story.tell(START + 8 * DAY, "Donated", donor=role("supporter"), amount=100 * UNIT)
    story.also("MadeUp", amount=75 * UNIT).also("LayersRepaid", amount=25 * UNIT)
    ledger = story.ledger()
    assert (ledger.unpaid, ledger.drawn, ledger.funds) == (0, 225 * UNIT, 0)


def test_rebuild__repaid__highest_first_and_can_be_drawn_again():
    story = recovered(struck(), START + 3 * DAY, 30 * UNIT)
    assert [row[0] for row in figures(story)] == [195 * UNIT, 0]
    story.filed(START + 4 * DAY, 2, "employee", 40 * UNIT)
    story.tell(START + 5 * DAY, "LayersDrawn", amount=40 * UNIT)
    story.also("ClaimResolved", claim_id=2, status=2, award=10, amount=40 * UNIT)
    story.also("AwardPaid", claim_id=2, claimant=role("employee"), amount=40 * UNIT)
    ledger = story.ledger()
    assert [(v.paid, v.repaid) for v in ledger.layers.values()] == [
        (205 * UNIT, 5 * UNIT),
        (60 * UNIT, 25 * UNIT),
    ]
    assert [row[0] for row in figures(story)] == [200 * UNIT, 35 * UNIT]


def test_rebuild__late_joiner__repays_layers_with_what_is_neither_fee_nor_commission():
    late = struck().tell(START + 3 * DAY, "LayersRepaid", amount=87 * UNIT)
    earned = {"fee": 2 * UNIT, "commission": UNIT, "referrer": role("referrer")}
    joined = {"member": role("referred"), "id": 3, "payer": role("referred"), "premium": 90 * UNIT}
    late.also("Joined", **joined, tier=0, **earned)
    ledger = late.ledger()
    assert (ledger.funds, ledger.held) == (0, (50 + 90) * UNIT)
    assert ledger.drawn == (225 - 87) * UNIT


def test_rebuild__redeemed__leaves_the_layer_and_is_never_a_credit():
    story = struck().tell(START + 400 * DAY, "Settled", surplus=0)
    story.also("Shared", to_cause=0, to_members=0)
    redeemed = {"layer": 1, "receiver": role("reinsurer"), "amount": 20 * UNIT}
    story.tell(START + 401 * DAY, "LayerRedeemed", **redeemed)
    ledger = story.ledger()
    assert ledger.went_out()["redemption"] == 20 * UNIT
    assert (ledger.layers[1].redeemed, ledger.layers[1].assets) == (20 * UNIT, 0)
    assert (ledger.held, ledger.capacity, ledger.drawn) == (30 * UNIT, 0, 225 * UNIT)
    story.also("Credited", account=role("reinsurer"), amount=20 * UNIT)
    with pytest.raises(LedgerError, match=f"ledger: no payment of {20 * UNIT} before Credited"):
        story.ledger()


def test_rebuild__absorbed__what_the_layer_has_still_paid_is_written_off():
    story = struck().tell(START + 400 * DAY, "Settled", surplus=0)
    for number, amount in ((1, 20 * UNIT), (2, 30 * UNIT)):
        redeemed = {"layer": number, "receiver": role("reinsurer"), "amount": amount}
        story.tell(START + 401 * DAY, "LayerRedeemed", **redeemed)
    recovered(story, START + 402 * DAY, 10 * UNIT)
    assert figures(story) == [(200 * UNIT, 0, 0), (15 * UNIT, 10 * UNIT, 10 * UNIT)]
    story.tell(START + 403 * DAY, "LayerAbsorbed", layer=2, amount=10 * UNIT)
    story.also("LayersRepaid", amount=10 * UNIT)
    ledger = story.ledger()
    assert (ledger.layers[2].forgiven, ledger.layers[2].absorbed) == (15 * UNIT, 10 * UNIT)
    assert figures(story) == [(190 * UNIT, 10 * UNIT, 10 * UNIT), (0, 0, 0)]
    assert ledger.drawn == 190 * UNIT


def test_rebuild__cancelled__collateral_is_whole_and_no_cause_gets_it():
    story = reinsured(replace(REINSURED, min_members=3))
    story.tell(START, "LayerRedeemed", layer=1, receiver=role("reinsurer"), amount=200 * UNIT)
    story.tell(START + 365 * DAY, "Swept", amount=200 * UNIT)
    ledger = story.ledger()
    assert (ledger.funds, ledger.held, ledger.capacity) == (0, 50 * UNIT, 0)
    assert (ledger.went_out()["cause"], ledger.is_unbound) == (200 * UNIT, True)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("CollateralAdded", {"layer": 3, "amount": 1}, "no layer 3 in CollateralAdded"),
        (
            "PremiumCeded",
            {"layer": 1, "filled": 200 * UNIT, "premium": 1},
            "layer 1 is ceded to twice in PremiumCeded",
        ),
        ("LayersDrawn", {"amount": 25 * UNIT + 1}, "layers cannot pay 1 of LayersDrawn"),
        ("LayersRepaid", {"amount": 225 * UNIT + 1}, "layers have not paid 1 of LayersRepaid"),
        (
            "LayerRedeemed",
            {"layer": 2, "receiver": role("reinsurer"), "amount": 30 * UNIT + 1},
            "held layer 2 is -1 after transaction 0x",
        ),
        (
            "LayerAbsorbed",
            {"layer": 2, "amount": 30 * UNIT - 1},
            f"layer 2 is worth {30 * UNIT} in LayerAbsorbed",
        ),
    ],
)
def test_rebuild__contradiction__raises(name, args, message):
    with pytest.raises(LedgerError) as caught:
        struck().tell(START + 3 * DAY, name, **args).ledger()
    assert str(caught.value).startswith(f"ledger: {message}")


def test_rebuild__ceded_for_other_collateral__raises():
    story = reinsured().tell(START, "PremiumCeded", layer=2, filled=100 * UNIT, premium=10 * UNIT)
    with pytest.raises(LedgerError) as caught:
        story.ledger()
    assert str(caught.value).startswith(f"ledger: layer 2 has {50 * UNIT} in PremiumCeded")


@pytest.mark.parametrize("field", ["capacity", "drawn", "unbound"])
def test_differences__each_figure_of_the_layers_is_compared(field):
    ledger = struck().ledger()
    agreed = {"capacity": 25 * UNIT, "drawn": 225 * UNIT, "unbound": False}
    rest = {
        "phase": 2,
        "members": 2,
        "roster_size": 2,
        "claims": 1,
        "open_claims": 0,
        "premiums": 200 * UNIT,
        "funds": 0,
        "held": 50 * UNIT,
        "asked": 0,
        "unpaid": 0,
        "settled_at": 0,
        "shared_at": 0,
    }
    assert differences(ledger, rest | agreed, 50 * UNIT) == []
    assert differences(ledger, rest | agreed | {field: 77}, 50 * UNIT) == [
        f"{field}: the events say {agreed[field]}, the pool says 77"
    ]


@pytest.mark.parametrize("field", ["limit", "premium", "filled", "ceded", "drawn", "assets"])
def test_layer_differences__each_field_is_compared(field):
    record = {
        "limit": 100 * UNIT,
        "premium": 10 * UNIT,
        "filled": 50 * UNIT,
        "ceded": 5 * UNIT,
        "drawn": 25 * UNIT,
        "assets": 30 * UNIT,
    }
    view = struck().ledger().layers[2]
    assert layer_differences(view, record) == []
    assert layer_differences(view, record | {field: 77}) == [
        f"layer 2: {field}: the events say {record[field]}, the pool says 77"
    ]


# --- real lives -------------------------------------------------------------


class Witness:
    """Looks at the arena's pool after each step: books and chain agree in everything."""

    def __init__(self, a: Arena) -> None:
        self.a = a
        self.web3 = connect(a.chain)

    def books(self) -> ledgers.Ledger:
        books = read(self.web3, self.a.pool.address)
        assert ledgers.check(self.web3, books) == []
        return books


@pytest.fixture(params=["Ether", "token"])
def a(request) -> Arena:
    a = arena()
    a.reset()
    if request.param == "token":
        a.use_token("TokenThatBlocks")
    return a


@pytest.fixture
def see(a):
    return Witness(a).books


def test_life__catastrophe__books_are_the_chains_in_every_step(a, see):
    """Partly filled layers; paid at once, repaid, drawn again, set aside in a shortage, made up."""
    a.create(
        **ODD,
        **WITH_CAUSE,
        cause_bps=1000,
        fee_bps=300,
        commission_bps=200,
        claim_bond=11,
        enrolment_end=a.terms.cover_start + 20 * DAY,
    )
    join_all(a)
    deposit(a, 3001, HOLDERS[0])
    deposit(a, 1000, HOLDERS[1])
    deposit(a, 2003, HOLDERS[1], number=2)
    assert see().capacity == 6004
    a.start()
    assert see().is_unbound
    a.by_anyone("bind_reinsurance")
    books = see()
    assert [view.ceded for view in books.layers.values()] == [211 * 4001 // 7001, 97 * 2003 // 5003]

    a.award(MEMBERS[0], books.funds + 5000, list(MEMBERS))
    assert [view.drawn for view in see().layers.values()] == [4001, 999]
    a.award(MEMBERS[1], 50, list(MEMBERS), award=0)  # rejected: the bond comes in
    recover(a, 1500)
    assert [view.drawn for view in see().layers.values()] == [5000 - 1511, 0]
    a.at(a.chain.time + DAY)
    late = a.join(5, referrer=OUTSIDER)
    books = see()
    entry = books.members[4]
    assert books.drawn == 5000 - 1511 - (entry.premium - entry.fee - entry.commission)
    assert (entry.account.lower(), books.funds) == (late, 0)

    claim_id = award_all(a, more=700)
    a.at(a.window_end(0))
    a.by_anyone("settle_window", 0)
    books = see()
    assert (books.unpaid, books.capacity) == (700, 0)
    a.by_anyone("pay_award", claim_id)
    a.donate(1000)
    books = see()
    assert (books.unpaid, books.drawn) == (0, 6004 - 300)
    a.by_anyone("pay_award", claim_id)

    settle(a)
    see()
    redeem_all(a, 1)
    redeem_all(a, 2)
    assert see().went_out()["redemption"] == 300 + books.layers[1].ceded + books.layers[2].ceded
    recover(a, 4500)  # nobody has shares any more
    books = see()
    assert [view.assets for view in books.layers.values()] == [4500 - 1703, 1703]
    a.by_anyone("absorb_layer", 2)
    books = see()
    assert (books.layers[2].forgiven, books.layers[1].assets) == (0, 4001)
    a.by_anyone("absorb_layer", 1)
    books = see()
    assert books.drawn == sum(view.assets for view in books.layers.values()) == 0
    a.stray(17)
    a.by_anyone("absorb")
    assert see().funds > 0
    for member in (*MEMBERS, late):
        a.by_anyone("refund", member)
    for account in (ORGANISER, OUTSIDER):
        a.pool.send("withdraw", account, sender=account)
    books = see()
    assert books.held <= 2  # of the cut award
    assert books.funds <= 4


def test_life__nobody_repaid_before_the_layer_is_written_off__books_are_the_chains(a, see):
    a.create(**ODD, enrolment_end=a.terms.cover_start + DAY)
    join_all(a)
    deposit(a, 700)
    a.start()
    a.join(5)  # which binds first
    assert see().layers[1].ceded == 211 * 700 // 7001
    award_all(a)
    settle(a)
    redeem_all(a)
    recover(a, 5)
    a.by_anyone("absorb_layer", 1)
    books = see()
    view = books.layers[1]
    assert (view.forgiven, view.absorbed, view.drawn, books.funds) == (695, 5, 0, 5)
    recover(a, 1000)
    assert see().funds == 1005


def test_life__cancelled__collateral_goes_back_whole(a, see):
    a.create(**ODD, **WITH_CAUSE, min_members=4, fee_bps=300)
    join_all(a)
    deposit(a, 7001)
    deposit(a, 9, HOLDERS[2], number=2)
    a.start()
    books = see()
    assert (books.is_cancelled, books.capacity, books.is_unbound) == (True, 0, True)
    assert redeem_all(a) == [7001, 0, 0]
    see()
    a.at(a.terms.cover_start + a.terms.unclaimed_after)
    a.by_anyone("sweep")
    books = see()
    assert (books.funds, books.held) == (0, 9)
    assert a.balance(CAUSE) == 3 * 1009
    assert redeem_all(a, 2)[2] == 9
    assert (see().held, a.balance(a.pool.address)) == (0, 0)


@pytest.mark.parametrize("a", ["token"], indirect=True)
def test_life__claimant_who_takes_no_money__is_credited_what_layers_have_paid(a, see):
    a.create(**ODD)
    join_all(a)
    deposit(a, 7001)
    a.start()
    a.token.send("block", MEMBERS[0], True, sender=OUTSIDER)
    award_all(a)
    books = see()
    award = 3 * 1009 - 211 + 7001
    assert books.credit_of(to_checksum_address(MEMBERS[0])) == award
    assert (books.drawn, books.held) == (7001, award + 211)


def test_check__layer_that_differs__is_named(a, see):
    a.create(**ODD)
    join_all(a)
    deposit(a, 100)
    books = see()
    books.layers[1].filled = 99
    found = ledgers.check(connect(a.chain), books)
    assert found == [
        "capacity: the events say 99, the pool says 100",
        "layer 1: filled: the events say 99, the pool says 100",
        "layer 1: assets: the events say 99, the pool says 100",
    ]
