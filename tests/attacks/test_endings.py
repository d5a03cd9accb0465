"""What ends with a membership, a pool or a layer, what outlives it, and who gets what is left."""

from __future__ import annotations

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import OUTSIDER, WORDS, ZERO, Arena
from tests.attacks.papers import change, sign
from tests.attacks.test_gas import execute
from tests.attacks.test_hearing import refused
from tests.evm.chain import Reverted
from tests.evm.signing import address_of
from tests.layers.steps import (
    HOLDERS,
    MEMBERS,
    assets,
    audit,
    award_all,
    deposit,
    drawn,
    layer,
    open_tower,
    redeem_all,
    settle,
)

OLD, NEW, OTHER = address_of(2), address_of(20), address_of(3)
PAYEE, SECOND_PAYEE = address_of(70), address_of(71)
PAYER, REFERRER, DONOR = address_of(80), address_of(81), address_of(82)


def come_back(a: Arena) -> None:
    """Join once more, by an invitation with a later deadline."""
    a.chain.time += 60
    a.join(2)


# --- of a membership --------------------------------------------------------


@pytest.mark.spec("L3", "L4", "G1", "G3", "G8")
def test_pledge__of_who_left_and_came_back__is_no_more(a: Arena) -> None:
    """The old payee has lost all of it, and has no claim on the next policy of the account."""
    a.create()
    a.join(2), a.join(3), a.join(4)
    a.pool.send("pledge", PAYEE, 600, sender=OLD)
    assert refused(a, OLD, "pledge", SECOND_PAYEE, 700) == "pledge: another payee holds it"
    a.pool.send("leave", sender=OLD)
    come_back(a)
    assert a.pool.view("member", OLD).id == 4
    assert tuple(a.pool.view("pledge_of", OLD)) == (ZERO, 0)
    # nor does the payee hold it still, who could then be pledged to as a member
    a.join(70)
    assert refused(a, OLD, "pledge", PAYEE, 700) == "pledge: payee is a member"
    a.pool.send("leave", sender=PAYEE)
    a.start()

    def payee_is_a_stranger() -> None:
        assert refused(a, PAYEE, "release", OLD, 1) == "release: caller is not the payee"
        call = ("file_claim_for", OLD, 1000, a.chain.time, WORDS, "")
        assert refused(a, PAYEE, *call) == "claim: caller is not the loss payee"

    payee_is_a_stranger()
    a.pool.send("pledge", SECOND_PAYEE, 5, sender=OLD)
    assert tuple(a.pool.view("pledge_of", OLD)) == (SECOND_PAYEE, 5)
    payee_is_a_stranger()
    had = [a.balance(who) for who in (PAYEE, SECOND_PAYEE, OLD)]
    call = ("file_claim_for", OLD, 1000, a.chain.time, WORDS, "")
    a.pool.send(*call, sender=SECOND_PAYEE)
    a.vote(1, [address_of(n) for n in (3, 4)])
    a.by_anyone("resolve", 1)
    has = [a.balance(who) for who in (PAYEE, SECOND_PAYEE, OLD)]
    assert has == [had[0], had[1] + 5, had[2] + 995]


@pytest.mark.spec("K7", "L4")
def test_signed_move__not_used__is_good_for_a_later_policy_of_the_account(a: Arena) -> None:
    """It names an account and no policy: until its deadline, and once."""
    a.create()
    a.join(2), a.join(3)
    deadline = a.chain.time + 500
    digest = change(a.pool.address, OLD, NEW, 0, deadline)
    call = ("change_wallet_for", OLD, NEW, deadline, sign(2, digest), sign(20, digest))
    a.pool.send("leave", sender=OLD)
    assert a.refusal(*call) == "wallet: not a member"
    come_back(a)
    assert (a.pool.view("member", OLD).id, a.pool.view("wallet_nonce", OLD)) == (3, 0)
    before = a.chain.snapshot()
    a.at(deadline + 1)
    assert a.refusal(*call) == "wallet: signatures expired"
    a.chain.revert(before)
    a.at(deadline)
    a.by_anyone(*call)
    assert [a.pool.view("member", who).id for who in (OLD, NEW)] == [0, 3]
    # used for that policy, it is used for the next
    a.pool.send("leave", sender=NEW)
    a.join(2)
    assert a.pool.view("member", OLD).id == 4
    assert a.refusal(*call) == "wallet: not signed by the old one"


@pytest.mark.spec("K7")
def test_signed_move__not_used__is_void_for_later_policies_once_the_account_moved(a: Arena) -> None:
    """Elsewhere, with an earlier policy that has been left since."""
    a.create()
    a.join(2), a.join(3)
    deadline = a.chain.time + 500
    digest = change(a.pool.address, OLD, NEW, 0, deadline)
    a.pool.send("change_wallet", address_of(21), sender=OLD)
    a.pool.send("leave", sender=address_of(21))
    come_back(a)
    assert (a.pool.view("member", OLD).id, a.pool.view("wallet_nonce", OLD)) == (3, 1)
    call = ("change_wallet_for", OLD, NEW, deadline, sign(2, digest), sign(20, digest))
    assert a.refusal(*call) == "wallet: not signed by the old one"


@pytest.mark.spec("J6", "K4")
@pytest.mark.parametrize("deadlines", [(300, 100, 200), (100, 300, 200), (100, 200, 300)])
def test_used_invitations__are_remembered_along_a_chain_of_moves(
    a: Arena, deadlines: tuple[int, int, int]
) -> None:
    """First to second to third, of which the last two had joined and left: the latest counts."""
    a.create()
    chain = [address_of(n) for n in (2, 20, 21)]
    used = [a.chain.time + seconds for seconds in deadlines]
    for account, deadline in zip(chain[1:], used[1:], strict=True):
        a.join(account, deadline=deadline)
        a.pool.send("leave", sender=account)
    a.join(chain[0], deadline=used[0])
    a.pool.send("change_wallet", chain[1], sender=chain[0])
    a.pool.send("change_wallet", chain[2], sender=chain[1])
    a.pool.send("leave", sender=chain[2])
    # a move binds where it goes and not where it comes from
    bounds = [max(used[: place + 1]) for place in range(3)]
    for account, bound in zip(chain, bounds, strict=True):
        for deadline in (deadline for deadline in (*used, bound - 1) if deadline <= bound):
            with pytest.raises(Reverted, match="invitation: already used"):
                a.join(account, deadline=deadline)
        a.join(account, deadline=bound + 1)
        assert a.pool.view("member", account).id


# --- of a pool that was cancelled -------------------------------------------


@pytest.mark.spec("I3", "E9", "M14", "S6")
@pytest.mark.parametrize("donation_first", [False, True])
def test_cancelled__funds_and_what_is_void_are_what_is_due_and_neither_is_alone(
    a: Arena, donation_first: bool
) -> None:
    """Beside collateral and a credit, which lie in `held` too and pay nothing of it."""
    refuser = a.mock("WalletThatRejects")
    rules = {"min_members": 4, "fee_bps": 1000, "commission_bps": 2000}
    a.create(**rules, reinsurance=(Layer(5000, 0),), tiers=(Tier(1000, 5000), Tier(337, 5000)))
    members = [
        a.join(2, payer=PAYER, referrer=REFERRER),
        a.join(3, 1, referrer=REFERRER),
        a.join(4, payer=PAYER),
    ]
    a.join(5)
    a.pool.send("change_wallet", refuser.address, sender=address_of(5))
    execute(a, refuser, "leave")
    deposit(a, 5000)
    a.donate(77, DONOR), a.donate(5, DONOR)
    a.start()
    summary = a.summary()
    void = (100 + 200) + (33 + 67) + 100
    others = 5000 + a.pool.view("credit_of", refuser.address)
    assert (others, summary.held) == (6000, void + 6000)
    due = sum(a.due(*members)) + a.pool.view("donation_of", DONOR)
    assert due == 2337 + 82 == summary.funds + void
    assert due > summary.funds > void
    give_back = [("return_donation", DONOR), ("refund_many", 1, 4)]
    for call in give_back if donation_first else reversed(give_back):
        a.by_anyone(*call)
    assert [a.balance(who) for who in (PAYER, members[1], DONOR)] == [2000, 337, 82]
    assert (a.summary().funds, a.summary().held) == (0, others)
    assert redeem_all(a, holders=HOLDERS[:1]) == [5000]
    execute(a, refuser, "withdraw", OUTSIDER)
    assert a.balance(a.pool.address) == 0


@pytest.mark.spec("M11", "E13", "K5")
@pytest.mark.parametrize("cancelled", [False, True])
def test_stray_money_at_the_end__goes_where_the_pool_s_end_sends_it(
    both: Arena, cancelled: bool
) -> None:
    """To who paid the premium, if the pool was cancelled; if settled, to the member."""
    a = both
    a.create(min_members=3 if cancelled else 2, tiers=(Tier(1000, 5000), Tier(3000, 5000)))
    a.join(2, payer=PAYER)
    a.join(3, 1)
    a.pool.send("change_wallet", NEW, sender=OTHER)
    a.start()
    if not cancelled:
        settle(a)
    receiver, nobody = (PAYER, OLD) if cancelled else (OLD, PAYER)
    had = 0
    # with the premium, and again after all was sent
    for stray, shares in ((400, [1100, 3300]), (40, [10, 30])):
        a.stray(stray)
        a.by_anyone("absorb")
        assert a.due(OLD, NEW) == shares
        a.by_anyone("refund_many", 1, 2)
        had += shares[0]
        assert (a.balance(receiver), a.balance(nobody)) == (had, 0)
        assert a.balance(NEW) == 3 * had
        assert a.balance(a.pool.address) == 0
    assert a.balance(OTHER) == 0


# --- of a layer -------------------------------------------------------------


@pytest.mark.spec("T10", "R18", "M9")
def test_absorbed_layer_between_two_others__has_nothing_and_has_paid_nothing(both: Arena) -> None:
    """Left for its premium alone, and repaid in part afterwards, by a donation."""
    a = both
    rows = (Layer(300, 0), Layer(200, 20), Layer(100, 0))
    open_tower(a, reinsurance=rows)
    a.start()
    award_all(a)
    settle(a)
    assert (drawn(a), a.summary().drawn) == ([300, 200, 100], 600)
    assert redeem_all(a, 2, HOLDERS[:1]) == [20]
    a.donate(150)
    assert (drawn(a), assets(a)) == ([300, 150, 0], [0, 50, 100])
    before = a.summary()
    assert a.by_anyone("absorb_layer", 2).value == 50
    # 150 are forgiven, and the 50 come in: to layer 1, which is still owed
    assert (drawn(a), assets(a)) == ([250, 0, 0], [50, 0, 100])
    after = a.summary()
    assert after.drawn == before.drawn - 150 - 50
    assert (after.funds, after.held) == (before.funds, before.held) == (0, 150)
    audit(a)
    # nor is it owed or given anything later
    a.donate(250 + 9)
    assert (drawn(a), assets(a)) == ([0, 0, 0], [300, 0, 100])
    assert (a.summary().drawn, a.summary().funds) == (0, 9)
    assert layer(a, 2).view("totalAssets") == 0
    assert a.due(*MEMBERS) == [3, 3, 3]
    assert [redeem_all(a, number, HOLDERS[:1]) for number in (1, 2, 3)] == [[300], [0], [100]]
    a.by_anyone("refund_many", 1, 3)
    assert a.balance(a.pool.address) == 0
