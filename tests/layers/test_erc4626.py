"""ERC-4626 and ERC-7535, property by property (the list is that of a16z/erc4626-tests, and longer).

Deposits exist only while a pool enrols, redemption only once it is settled or cancelled: so round
trips lead through a cancelled pool, and those that begin with redemption end at a closed door.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks.arena import ORGANISER, OUTSIDER, ZERO, Arena
from tests.evm.chain import Reverted
from tests.evm.contract import Result
from tests.evm.signing import address_of

from .steps import HOLDERS, MEMBERS, deposit
from .worlds import (
    ASSETS,
    CLOSED,
    DECIMALS,
    ENROLLING,
    ETHER,
    OPEN,
    STORIES,
    VACANT,
    Story,
    World,
    empty,
    gained,
    world,
)

SETTINGS = settings(
    max_examples=2,  # in each world
    deadline=None,
    database=None,
    suppress_health_check=HealthCheck.all(),
)
SPENDER = address_of(50)
INFINITE = 2**256 - 1
REASONABLE = 2**128
NATIVE = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

assets = st.sampled_from(ASSETS)
people = st.sampled_from([*HOLDERS, SPENDER, OUTSIDER, ORGANISER, MEMBERS[0]])
amounts = st.one_of(st.integers(0, 20), st.integers(0, 20_000), st.integers(0, REASONABLE))


def in_each(stories: tuple[Story, ...], ether: bool = False) -> Callable[[Callable], Callable]:
    """Run a test in each of some stories, the assets by turns, or besides in Ether."""
    tellings = [(ASSETS[STORIES.index(story) % 5], story) for story in stories]
    tellings += [(ETHER, story) for story in stories if ether and (ETHER, story) not in tellings]
    names = [f"{story.__name__}-{asset}" for asset, story in tellings]
    return pytest.mark.parametrize("asset, story", tellings, ids=names)


@st.composite
def worlds(draw: st.DrawFn, stories: tuple[Story, ...]) -> World:
    """Any of some stories in any asset."""
    return world(draw(assets), draw(st.sampled_from(stories)))


def refused(w: World, sender: str, function: str, *args: object, value: int = 0) -> str:
    """Call the layer; return why it was refused, nothing if it was not."""
    try:
        w.layer.send(function, *args, sender=sender, value=value)
    except Reverted as failure:
        return failure.reason
    return ""


def put_in(w: World, function: str, amount: int, payer: str, receiver: str) -> Result:
    """Deposit or mint, with what it takes at hand."""
    return deposit(w.arena, amount, receiver, function=function, payer=payer)


def word(number: int) -> bytes:
    """A number as contracts return it."""
    return number.to_bytes(32, "big")


def part(data: st.DataObject, whole: int) -> int:
    """Some of an amount: nothing, all, one unit, or anything between."""
    return data.draw(st.one_of(st.sampled_from([0, min(1, whole), whole]), st.integers(0, whole)))


# --- views --------------------------------------------------------------------


@pytest.mark.spec("T15")
@in_each(STORIES)
@settings(SETTINGS, max_examples=1)
@given(caller=people, other=people, amount=amounts, data=st.data())
def test_views__never_revert_and_answer_everybody_alike(
    asset: str, story: Story, caller: str, other: str, amount: int, data: st.DataObject
) -> None:
    w = world(asset, story)
    calls = [
        *(("asset",), ("totalAssets",), ("totalSupply",), ("name",), ("symbol",), ("decimals",)),
        *((name, other) for name in ("maxDeposit", "maxMint", "maxWithdraw", "maxRedeem")),
        *((name, amount) for name in ("convertToShares", "convertToAssets")),
        *((name, amount) for name in ("previewDeposit", "previewMint")),
        *((name, amount) for name in ("previewRedeem", "previewWithdraw")),
    ]
    answers = {call: w.layer.view(*call, sender=caller) for call in calls}
    for call in data.draw(st.permutations(calls))[:4]:
        assert w.layer.view(*call) == answers[call]


@pytest.mark.spec("T14")
@in_each(STORIES)
def test_asset_and_decimals(asset: str, story: Story) -> None:
    w = world(asset, story)
    assert w.layer.view("asset") == (NATIVE if asset == ETHER else w.token.address)
    assert w.layer.view("decimals") == (DECIMALS[asset] or 18)


@pytest.mark.spec("T14")
@pytest.mark.parametrize(
    ("answer", "fails", "decimals"),
    [
        (word(7), False, 7),
        (word(7), True, 18),
        (word(256 + 7), False, 7),
        (word(7)[1:], False, 18),
        (word(7) + b"\0", False, 7),
        (b"", False, 18),
    ],
    ids=["7", "fails with 7", "256 + 7", "31 bytes", "33 bytes", "nothing"],
)
def test_decimals__token_that_says_or_fails_oddly(
    answer: bytes, fails: bool, decimals: int
) -> None:
    w = world("decimals said oddly", empty)
    w.token.send("tell", answer, fails, sender=OUTSIDER)
    assert w.layer.view("decimals") == decimals


@pytest.mark.spec("T15")
@in_each(STORIES)
@SETTINGS
@given(amount=amounts)
def test_conversions__are_the_plain_fractions(asset: str, story: Story, amount: int) -> None:
    w = world(asset, story)
    view = w.layer.view
    total, supply = w.totals()
    # shares of nothing count as one unit in all: the standard forbids to revert
    price = Fraction(total or 1, supply) if supply else Fraction(1)
    shares, worth = int(amount / price), int(amount * (price if total else 0))
    if not supply:
        worth = amount
    assert view("convertToShares", amount) == shares
    assert view("convertToAssets", amount) == view("previewRedeem", amount) == worth
    assert view("previewWithdraw", amount) == -int(-amount // price)
    assert view("previewDeposit", amount) == shares
    assert view("previewMint", amount) == (-(-amount * total // supply) if supply else amount)
    # there and back nobody gains
    assert view("convertToAssets", shares) <= amount
    assert view("convertToShares", worth) <= amount
    assert view("previewWithdraw", worth) <= amount
    if total:
        assert view("previewRedeem", view("previewWithdraw", amount)) >= amount


@in_each(STORIES)
def test_total_assets__covers_what_all_holders_could_be_told(asset: str, story: Story) -> None:
    w = world(asset, story)
    total, supply = w.totals()
    assert sum(w.layer.view("convertToAssets", w.shares(holder)) for holder in HOLDERS) <= max(
        total, supply and total
    )
    assert w.arena.summary().held >= total
    assert sum(map(w.shares, HOLDERS)) == supply


# --- deposit and mint -----------------------------------------------------------


@pytest.mark.spec("T1")
@in_each(ENROLLING, ether=True)
@pytest.mark.parametrize("function", ["deposit", "mint"])
@SETTINGS
@given(payer=people, receiver=people, data=st.data())
def test_deposit_and_mint__move_what_they_say(
    asset: str, story: Story, function: str, payer: str, receiver: str, data: st.DataObject
) -> None:
    w = world(asset, story)
    a = w.arena
    amount = part(data, w.layer.view("maxDeposit", receiver))
    preview = w.layer.view(f"preview{function.title()}", amount)
    total, supply = w.totals()
    shares, held, funds = w.shares(receiver), a.summary().held, a.summary().funds
    money, there = a.balance(payer), a.balance(w.pool.address)
    result = put_in(w, function, amount, payer, receiver)
    assert result.value == preview == amount
    assert w.shares(receiver) == shares + amount
    assert w.totals() == (total + amount, supply + amount)
    # what was funded for it was spent, to the unit
    assert a.balance(payer) == money
    assert a.balance(w.pool.address) == there + amount
    assert a.balance(w.layer.address) == 0
    assert (a.summary().held, a.summary().funds) == (held + amount, funds)
    if w.token:
        assert w.token.view("allowance", payer, w.layer.address) == 0
    told = {event.name: event.args for event in result.events}
    assert told == {
        "Deposit": {"sender": payer, "owner": receiver, "assets": amount, "shares": amount},
        "Transfer": {"sender": ZERO, "receiver": receiver, "amount": amount},
    }


@pytest.mark.spec("T1")
@in_each(ENROLLING)
@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_max_deposit_and_max_mint__are_true(asset: str, story: Story, function: str) -> None:
    w = world(asset, story)
    most = w.layer.view(f"max{function.title()}", HOLDERS[0])
    assert most == w.terms.reinsurance[0].limit - w.totals()[0]
    with pytest.raises(Reverted) as failure:
        put_in(w, function, most + 1, OUTSIDER, HOLDERS[0])
    assert failure.value.reason == "layer: above its limit"
    put_in(w, function, most, OUTSIDER, HOLDERS[0])
    assert w.layer.view(f"max{function.title()}", HOLDERS[0]) == 0
    with pytest.raises(Reverted) as failure:
        put_in(w, function, 1, OUTSIDER, HOLDERS[0])
    assert failure.value.reason == "layer: above its limit"


@in_each(ENROLLING)
def test_max_deposit__of_the_zero_address_is_nothing(asset: str, story: Story) -> None:
    """A deposit to it is refused; max must not be higher than what would be accepted."""
    w = world(asset, story)
    assert w.layer.view("maxDeposit", ZERO) == w.layer.view("maxMint", ZERO) == 0
    if story.__name__ != "full":
        with pytest.raises(Reverted) as failure:
            put_in(w, "deposit", 1, OUTSIDER, ZERO)
        assert failure.value.reason == "layer: receiver is the zero address"


@pytest.mark.spec("T18")
@in_each(CLOSED + OPEN + VACANT, ether=True)
@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_deposit_and_mint__are_over_for_good(asset: str, story: Story, function: str) -> None:
    """Redeem and deposit again: no such round trip, at no price."""
    w = world(asset, story)
    for receiver in (*HOLDERS, OUTSIDER):
        assert w.layer.view(f"max{function.title()}", receiver) == 0
    for amount in (1, 1000):
        with pytest.raises(Reverted) as failure:
            put_in(w, function, amount, OUTSIDER, HOLDERS[0])
        assert failure.value.reason == "layer: deposits are over"


@pytest.mark.spec("T2")
@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_named_reinsurer__alone_gets_shares_but_anybody_may_pay(function: str) -> None:
    def named(a: Arena) -> None:
        ENROLLING[0](a, reinsurer=HOLDERS[1])

    w = World(world(ETHER, ENROLLING[0]).arena, ETHER, named)
    cap = f"max{function.title()}"
    assert [w.layer.view(cap, holder) for holder in HOLDERS] == [0, 7001, 0]
    with pytest.raises(Reverted) as failure:
        put_in(w, function, 1, HOLDERS[1], HOLDERS[0])
    assert failure.value.reason == "layer: receiver is not the reinsurer"
    put_in(w, function, 7001, OUTSIDER, HOLDERS[1])
    assert w.shares(HOLDERS[1]) == 7001
    w.layer.send("transfer", HOLDERS[0], 7000, sender=HOLDERS[1])


@pytest.mark.spec("T4")
@pytest.mark.parametrize("function", ["deposit", "mint"])
@pytest.mark.parametrize("off", [-100, -1, 1])
def test_ether__must_be_exact(function: str, off: int) -> None:
    w = world(ETHER, ENROLLING[1])
    w.arena.chain.give(OUTSIDER, 100 + off)
    reason = refused(w, OUTSIDER, function, 100, OUTSIDER, value=100 + off)
    assert reason == "value: wrong amount"


@pytest.mark.spec("T4")
@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_ether__cannot_ride_on_a_deposit_of_tokens(function: str) -> None:
    w = world(ASSETS[1], ENROLLING[1])
    w.arena.fund(OUTSIDER, 100, w.layer.address)
    w.arena.chain.give(OUTSIDER, 100)
    for value in (1, 100):
        reason = refused(w, OUTSIDER, function, 100, OUTSIDER, value=value)
        assert reason == "value: layer takes a token"


@pytest.mark.parametrize("asset", ASSETS[1:])
@pytest.mark.parametrize("function", ["deposit", "mint"])
@pytest.mark.parametrize("money, allowed", [(99, 100), (100, 99), (100, 0), (0, 100)])
def test_token_not_at_hand_or_not_allowed__is_not_credited(
    asset: str, function: str, money: int, allowed: int
) -> None:
    w = world(asset, ENROLLING[1])
    w.token.send("mint", OUTSIDER, money, sender=OUTSIDER)
    w.token.send("approve", w.layer.address, allowed, sender=OUTSIDER)
    assert refused(w, OUTSIDER, function, 100, OUTSIDER) != ""
    assert w.shares(OUTSIDER) == 0


# --- withdraw and redeem ----------------------------------------------------------


@in_each(OPEN, ether=True)
@pytest.mark.parametrize("function", ["withdraw", "redeem"])
@SETTINGS
@given(
    owner=st.sampled_from(HOLDERS),
    receiver=people,
    spare=st.sampled_from([None, 0, 5, INFINITE]),
    data=st.data(),
)
def test_withdraw_and_redeem__move_what_they_say(
    asset: str,
    story: Story,
    function: str,
    owner: str,
    receiver: str,
    spare: int | None,
    data: st.DataObject,
) -> None:
    """By the owner, or by a spender whose allowance is just enough, more, or without end."""
    w = world(asset, story)
    a = w.arena
    amount = part(data, w.layer.view(f"max{function.title()}", owner))
    preview = w.layer.view(f"preview{function.title()}", amount)
    shares, money = (preview, amount) if function == "withdraw" else (amount, preview)
    caller = owner if spare is None else SPENDER
    allowance = 0 if spare is None else min(shares + spare, INFINITE)
    w.layer.send("approve", caller, allowance, sender=owner)
    total, supply = w.totals()
    had, balance, held = w.shares(owner), a.balance(receiver), a.summary().held
    there = a.balance(w.pool.address)
    result = w.layer.send(function, amount, receiver, owner, sender=caller)
    assert result.value == preview
    assert w.shares(owner) == had - shares
    assert w.totals() == (total - money, supply - shares)
    assert a.balance(receiver) == balance + money
    assert a.balance(w.pool.address) == there - money
    assert a.summary().held == held - money
    left = allowance if allowance in (0, INFINITE) else allowance - shares
    assert w.layer.view("allowance", owner, caller) == left
    told = {event.name: event.args for event in result.events if event.name != "Approval"}
    assert told == {
        "Withdraw": {
            "sender": caller,
            "receiver": receiver,
            "owner": owner,
            "assets": money,
            "shares": shares,
        },
        "Transfer": {"sender": owner, "receiver": ZERO, "amount": shares},
    }
    # those who stay have lost nothing
    if supply > shares:
        assert Fraction(total - money, supply - shares) >= Fraction(total, supply)


@pytest.mark.parametrize("function", ["withdraw", "redeem"])
def test_withdraw_and_redeem__say_both_numbers(function: str) -> None:
    w = world("six decimals", gained)
    amount = 1000
    other = w.layer.view(f"preview{function.title()}", amount)
    assert 0 < other != amount
    result = w.layer.send(function, amount, SPENDER, HOLDERS[1], sender=HOLDERS[1])
    [told] = [event.args for event in result.events if event.name == "Withdraw"]
    both = (told["assets"], told["shares"])
    assert both == ((amount, other) if function == "withdraw" else (other, amount))


@in_each(OPEN)
@pytest.mark.parametrize("owner", HOLDERS)
def test_max_withdraw_and_max_redeem__are_true(asset: str, story: Story, owner: str) -> None:
    w = world(asset, story)
    total, supply = w.totals()
    shares = w.shares(owner)
    most = shares * total // supply
    assert w.layer.view("maxRedeem", owner) == shares
    assert w.layer.view("maxWithdraw", owner) == most
    for function, top in (("withdraw", most), ("redeem", shares)):
        w.go_back()
        for over in (1, 1000, 2**100):
            reason = refused(w, owner, function, top + over, owner, owner)
            assert reason == "layer: above the balance", (function, over)
        assert refused(w, owner, function, top, owner, owner) == ""


@in_each(ENROLLING + CLOSED)
def test_withdraw_and_redeem__are_shut_until_the_end(asset: str, story: Story) -> None:
    w = world(asset, story)
    for holder in (*HOLDERS, OUTSIDER):
        assert w.layer.view("maxWithdraw", holder) == w.layer.view("maxRedeem", holder) == 0
    for holder in (HOLDERS[1], OUTSIDER):
        for function in ("withdraw", "redeem"):
            for amount in {0, min(1, w.shares(holder))}:
                reason = refused(w, holder, function, amount, holder, holder)
                assert reason == "layer: collateral is bound"


@pytest.mark.spec("T8")
@in_each(OPEN)
@SETTINGS
@given(short=st.integers(1, 10**6), owner=st.sampled_from(HOLDERS))
def test_stranger_and_short_allowance__get_nothing(
    asset: str, story: Story, short: int, owner: str
) -> None:
    w = world(asset, story)
    shares = w.layer.view("maxRedeem", owner)
    if not shares:
        return
    for allowance in (0, max(0, shares - short)):
        w.layer.send("approve", SPENDER, allowance, sender=owner)
        for caller in (SPENDER, OUTSIDER):
            reason = refused(w, caller, "redeem", shares, caller, owner)
            assert reason == "layer: above the allowance"
    # one's own allowance to oneself is no key to another's shares
    w.layer.send("approve", SPENDER, INFINITE, sender=SPENDER)
    most = w.layer.view("maxWithdraw", owner)
    if most:
        w.layer.send("approve", SPENDER, 0, sender=owner)
        reason = refused(w, SPENDER, "withdraw", most, SPENDER, owner)
        assert reason == "layer: above the allowance"


@pytest.mark.spec("T3")
@in_each(OPEN)
def test_withdraw_and_redeem__to_the_zero_address_are_refused(asset: str, story: Story) -> None:
    w = world(asset, story)
    for function in ("withdraw", "redeem"):
        amount = w.layer.view(f"max{function.title()}", HOLDERS[2])
        reason = refused(w, HOLDERS[2], function, amount, ZERO, HOLDERS[2])
        assert reason == "layer: receiver is the zero address"


@in_each(VACANT)
def test_vacant_layer__pays_nobody(asset: str, story: Story) -> None:
    w = world(asset, story)
    assert w.totals()[1] == 0
    for holder in (*HOLDERS, OUTSIDER):
        assert w.layer.view("maxWithdraw", holder) == w.layer.view("maxRedeem", holder) == 0
        for function in ("withdraw", "redeem"):
            reason = refused(w, holder, function, 1, holder, holder)
            assert reason == "layer: above the balance"


# --- round trips ------------------------------------------------------------------


def lonely(a: Arena) -> None:
    """Too few will have joined."""
    ENROLLING[2](a, min_members=4)


@pytest.mark.parametrize("enter", ["deposit", "mint"])
@pytest.mark.parametrize("leave", ["withdraw", "redeem"])
@SETTINGS
@given(asset=assets, data=st.data())
def test_in_and_out_of_a_cancelled_pool__is_free_of_gain_and_loss(
    enter: str, leave: str, asset: str, data: st.DataObject
) -> None:
    """All four round trips of the standard that begin with money, and none of them costs a unit."""
    w = world(asset, lonely)
    amount = part(data, w.layer.view("maxDeposit", OUTSIDER))
    put_in(w, enter, amount, OUTSIDER, OUTSIDER)
    before = w.arena.balance(OUTSIDER)
    w.arena.start()
    given_up = w.layer.send(leave, amount, OUTSIDER, OUTSIDER, sender=OUTSIDER).value
    assert given_up == amount
    assert w.arena.balance(OUTSIDER) == before + amount
    assert w.shares(OUTSIDER) == 0


@in_each(OPEN)
@SETTINGS
@given(data=st.data())
def test_shares_in_two_steps__bring_no_more_than_in_one(
    asset: str, story: Story, data: st.DataObject
) -> None:
    w = world(asset, story)
    owner = data.draw(st.sampled_from(HOLDERS))
    shares = w.shares(owner)
    at_once = w.layer.view("previewRedeem", shares)
    first = part(data, shares)
    steps = [("redeem", first), ("redeem", shares - first)]
    if data.draw(st.booleans()):
        money = part(data, at_once)
        steps = [("withdraw", money)]
    got = w.arena.balance(owner)
    for function, amount in steps:
        w.layer.send(function, amount, owner, owner, sender=owner)
    w.layer.send("redeem", w.shares(owner), owner, owner, sender=owner)
    assert w.arena.balance(owner) - got <= at_once + (w.totals()[1] == 0)


@pytest.mark.spec("T6")
@in_each(OPEN)
@settings(SETTINGS, max_examples=1)
@given(data=st.data())
def test_last_one_out__is_paid_and_nothing_is_left(
    asset: str, story: Story, data: st.DataObject
) -> None:
    """In any order, in any portions; nobody gets less than the first price said, rounded down."""
    w = world(asset, story)
    total, supply = w.totals()
    promised = {holder: w.shares(holder) * total // supply for holder in HOLDERS}
    before = {holder: w.arena.balance(holder) for holder in HOLDERS}
    for holder in data.draw(st.permutations(HOLDERS)):
        some = part(data, w.shares(holder))
        w.layer.send("redeem", some, holder, holder, sender=holder)
    for holder in data.draw(st.permutations(HOLDERS)):
        w.layer.send("redeem", w.shares(holder), holder, holder, sender=holder)
    got = {holder: w.arena.balance(holder) - before[holder] for holder in HOLDERS}
    assert sum(got.values()) == total
    assert w.totals() == (0, 0)
    assert w.arena.refusal("absorb_layer", 1) == "layer: nothing left"
    # each of two redemptions was rounded down
    assert all(got[holder] >= promised[holder] - 1 for holder in HOLDERS)
