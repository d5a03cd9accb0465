"""A member who lost the key: organiser and a majority move the policy, after 30 days."""

import pytest
from brownie import ZERO_ADDRESS

from ..clock import DAY, at
from ..hearing import AWARDED, hearing, status
from ..refusal import refuses
from ..stage import REASON, names, only
from ..wallet_messages import change, recovery, short

NO_MAJORITY = "recovery: not half of the members support it"
TOO_EARLY = "recovery: can still be objected to"
MONTH = 30 * DAY


@pytest.fixture(scope="module")
def stage(make_stage, stages, members):
    """An active pool of six."""
    stage = make_stage(members)
    stage.start()
    yield stage
    stages.remove(stage)


@pytest.fixture
def lost(claimant):
    """The wallet whose key is lost; its member has id 1."""
    return claimant


@pytest.fixture
def supporters(neighbour, voters):
    """The five others, in the order of the roster."""
    return [neighbour, *voters]


def support(stage, old, new, people, nonce=0):
    """Bring in signatures; return how many the event says support it."""
    what = recovery(stage, old, new, nonce)
    pairs = [short(person, what) for person in people]
    receipt = stage.pool.support_recovery(old, new, pairs, {"from": stage.keeper})
    return only(receipt, "RecoverySupported")["supporters"]


@pytest.fixture
def begun(stage, pool, lost, new_wallet, supporters, organiser):
    """A recovery that has begun; the second from which it can be finished."""
    support(stage, lost, new_wallet, supporters[:3])
    receipt = pool.begin_recovery(lost, new_wallet, {"from": organiser})
    return receipt.timestamp + MONTH


@pytest.mark.spec("K10")
def test_recovery(stage, pool, lost, new_wallet, supporters, organiser, outsider):
    record = pool.member(lost)
    assert support(stage, lost, new_wallet, supporters[:3]) == 3
    receipt = pool.begin_recovery(lost, new_wallet, {"from": organiser})
    assert names(receipt) == ["RecoveryBegun"]
    until = receipt.timestamp + MONTH
    assert only(receipt, "RecoveryBegun") == {"old": lost, "new": new_wallet, "until": until}
    assert pool.member(lost) == record
    at(until)
    receipt = pool.finish_recovery(lost, {"from": outsider})
    assert names(receipt) == ["WalletChanged"]
    assert pool.member(new_wallet) == record
    assert pool.member(lost)["id"] == 0


@pytest.mark.spec("K10")
def test_recovery__30_days_to_the_second(pool, begun, lost, new_wallet, outsider):
    at(begun - 1)
    refuses(TOO_EARLY, pool.finish_recovery, lost, {"from": outsider})
    at(begun)
    pool.finish_recovery(lost, {"from": outsider})
    assert pool.member(new_wallet)["id"] == 1


# --- support


@pytest.mark.spec("K9")
@pytest.mark.parametrize("others, needed", [(2, 2), (3, 2), (4, 3), (5, 3)])
def test_support__more_than_half_of_the_others(
    make_stage, members, lost, new_wallet, organiser, others, needed
):
    stage = make_stage(members[: others + 1])
    stage.start()
    begin = stage.pool.begin_recovery
    people = members[1 : needed + 1]
    assert support(stage, lost, new_wallet, people[:-1]) == needed - 1
    refuses(NO_MAJORITY, begin, lost, new_wallet, {"from": organiser})
    assert support(stage, lost, new_wallet, people[-1:]) == needed
    begin(lost, new_wallet, {"from": organiser})


def test_support__single_member__nobody_can(make_stage, lost, new_wallet, organiser):
    stage = make_stage([lost], min_members=1)
    stage.start()
    begin = stage.pool.begin_recovery
    refuses(NO_MAJORITY, begin, lost, new_wallet, {"from": organiser})


@pytest.mark.spec("K8")
def test_support__each_member_counts_once(stage, lost, new_wallet, supporters):
    one = supporters[0]
    assert support(stage, lost, new_wallet, [one, one]) == 1
    assert support(stage, lost, new_wallet, [one]) == 1
    assert support(stage, lost, new_wallet, supporters[:2]) == 2


@pytest.mark.spec("K8")
def test_support__once_by_whatever_wallet(stage, pool, lost, new_wallet, supporters, outsider):
    """Who has supported it and goes on under another account does not support it twice."""
    assert support(stage, lost, new_wallet, supporters[:1]) == 1
    pool.change_wallet(outsider, {"from": supporters[0]})
    assert support(stage, lost, new_wallet, [outsider, supporters[0]]) == 1


@pytest.mark.spec("K8")
def test_support__the_lost_one_and_strangers_do_not_count(
    stage, lost, new_wallet, supporters, outsider, organiser
):
    people = [lost, outsider, new_wallet, organiser]
    assert support(stage, lost, new_wallet, people) == 0
    assert support(stage, lost, new_wallet, [*people, supporters[0]]) == 1


def test_support__rubbish_is_skipped(stage, pool, lost, new_wallet, supporters, keeper):
    good = short(supporters[0], recovery(stage, lost, new_wallet, 0))
    r, vs = good
    pairs = [(0, 0), (r, vs ^ 1 << 255), (r + 1, vs), (2**256 - 1, 2**256 - 1), good]
    call = pool.support_recovery.call
    assert call(lost, new_wallet, pairs, {"from": keeper}) == 1
    assert call(lost, new_wallet, [], {"from": keeper}) == 0


@pytest.mark.spec("K8")
def test_support__for_another_matter__does_not_count(
    stage, pool, core, lost, neighbour, new_wallet, supporters, keeper, outsider
):
    signer = supporters[1]
    pairs = [
        short(signer, recovery(stage, lost, outsider, 0)),
        short(signer, recovery(stage, neighbour, new_wallet, 0)),
        short(signer, recovery(stage, lost, new_wallet, 1)),
        short(signer, recovery(stage, lost, new_wallet, 0, pool=core.implementation)),
        short(signer, recovery(stage, lost, new_wallet, 0, chain_id=1)),
        short(signer, change(stage, lost, new_wallet, 0, 2**40)),
    ]
    assert pool.support_recovery.call(lost, new_wallet, pairs, {"from": keeper}) == 0


def test_support__two_new_wallets_are_counted_apart(
    stage, pool, lost, new_wallet, supporters, heir
):
    assert support(stage, lost, new_wallet, supporters[:2]) == 2
    assert support(stage, lost, heir, supporters[:3]) == 3
    assert support(stage, lost, new_wallet, []) == 2


def test_support__not_a_member__reverts(pool, outsider, new_wallet, keeper):
    method = pool.support_recovery
    refuses("wallet: not a member", method, outsider, new_wallet, [], {"from": keeper})


@pytest.mark.spec("K8")
def test_support__before_cover_start__reverts(make_stage, members, lost, new_wallet, keeper):
    """Who leaves with everything back supports nothing."""
    stage = make_stage(members)
    error = "recovery: cover has not started"
    at(stage.terms.cover_start - 1)
    refuses(error, stage.pool.support_recovery, lost, new_wallet, [], {"from": keeper})
    at(stage.terms.cover_start)
    assert support(stage, lost, new_wallet, members[1:2]) == 1


# --- begin


@pytest.mark.spec("K9")
@pytest.mark.parametrize("role", ["lost", "neighbour", "new_wallet", "outsider"])
def test_begin__not_the_organiser__reverts(
    stage, pool, lost, new_wallet, supporters, request, role
):
    support(stage, lost, new_wallet, supporters)
    sender = {"from": request.getfixturevalue(role)}
    error = "recovery: caller is not the organiser"
    refuses(error, pool.begin_recovery, lost, new_wallet, sender)


def test_begin__not_a_member__reverts(pool, outsider, new_wallet, organiser):
    sender = {"from": organiser}
    refuses("wallet: not a member", pool.begin_recovery, outsider, new_wallet, sender)


def test_begin__to_nobody__reverts(pool, lost, organiser):
    error = "wallet: new one is the zero address"
    refuses(error, pool.begin_recovery, lost, ZERO_ADDRESS, {"from": organiser})


def test_begin__to_a_member__reverts(stage, pool, lost, neighbour, supporters, organiser):
    support(stage, lost, neighbour, supporters)
    error = "wallet: new one is a member"
    refuses(error, pool.begin_recovery, lost, neighbour, {"from": organiser})


@pytest.mark.spec("K9")
def test_begin__late_joiners_count_among_the_others(
    stage, pool, lost, new_wallet, supporters, organiser, late_joiner
):
    """Three of five are more than half; three of six are not."""
    support(stage, lost, new_wallet, supporters[:3])
    at(stage.terms.cover_start + 60)
    stage.join(late_joiner)
    refuses(NO_MAJORITY, pool.begin_recovery, lost, new_wallet, {"from": organiser})
    assert support(stage, lost, new_wallet, [late_joiner]) == 4
    pool.begin_recovery(lost, new_wallet, {"from": organiser})


# --- objection, and what else makes it void


@pytest.mark.spec("K11")
def test_object(stage, pool, begun, lost, new_wallet, organiser, outsider):
    receipt = pool.object_to_recovery({"from": lost})
    assert names(receipt) == ["RecoveryObjected"]
    assert only(receipt, "RecoveryObjected") == {"old": lost}
    assert pool.wallet_nonce(lost) == 1
    refuses(NO_MAJORITY, pool.begin_recovery, lost, new_wallet, {"from": organiser})
    at(begun)
    refuses("recovery: none has begun", pool.finish_recovery, lost, {"from": outsider})


@pytest.mark.spec("K11")
def test_object__support_must_be_signed_anew(stage, pool, begun, lost, new_wallet, supporters):
    pool.object_to_recovery({"from": lost})
    assert support(stage, lost, new_wallet, supporters, nonce=0) == 0
    assert support(stage, lost, new_wallet, supporters, nonce=1) == 5


def test_object__in_time_after_30_days_too(pool, begun, lost, outsider):
    """As long as nobody has finished it."""
    at(begun)
    pool.object_to_recovery({"from": lost})
    refuses("recovery: none has begun", pool.finish_recovery, lost, {"from": outsider})


def test_object__not_a_member__reverts(pool, outsider):
    refuses("wallet: not a member", pool.object_to_recovery, {"from": outsider})


def test_object__is_the_own_recovery_only(pool, begun, lost, new_wallet, neighbour, outsider):
    pool.object_to_recovery({"from": neighbour})
    at(begun)
    pool.finish_recovery(lost, {"from": outsider})
    assert pool.member(new_wallet)["id"] == 1


@pytest.mark.spec("K11")
def test_change_wallet__makes_it_void(
    stage, pool, begun, lost, new_wallet, heir, organiser, outsider
):
    """The wallet was not lost after all: the policy stays where its owner has moved it."""
    pool.change_wallet(heir, {"from": lost})
    at(begun)
    refuses("recovery: none has begun", pool.finish_recovery, heir, {"from": outsider})
    refuses("wallet: not a member", pool.finish_recovery, lost, {"from": outsider})
    refuses(NO_MAJORITY, pool.begin_recovery, heir, new_wallet, {"from": organiser})


def test_change_wallet__and_back__makes_it_void(
    pool, begun, lost, new_wallet, heir, organiser, outsider
):
    pool.change_wallet(heir, {"from": lost})
    pool.change_wallet(lost, {"from": heir})
    at(begun)
    refuses("recovery: none has begun", pool.finish_recovery, lost, {"from": outsider})
    refuses(NO_MAJORITY, pool.begin_recovery, lost, new_wallet, {"from": organiser})


# --- finish


@pytest.mark.spec("K10")
def test_finish__none_has_begun__reverts(stage, pool, lost, new_wallet, supporters, outsider):
    support(stage, lost, new_wallet, supporters)
    refuses("recovery: none has begun", pool.finish_recovery, lost, {"from": outsider})


def test_finish__not_a_member__reverts(pool, outsider):
    refuses("wallet: not a member", pool.finish_recovery, outsider, {"from": outsider})


def test_finish__twice__reverts(pool, begun, lost, new_wallet, outsider):
    at(begun)
    pool.finish_recovery(lost, {"from": outsider})
    refuses("wallet: not a member", pool.finish_recovery, lost, {"from": outsider})
    refuses("recovery: none has begun", pool.finish_recovery, new_wallet, {"from": outsider})


@pytest.mark.spec("K12")
def test_finish__new_one_has_become_a_member__reverts(
    stage, pool, begun, lost, new_wallet, outsider
):
    at(stage.terms.cover_start + DAY)
    stage.join(new_wallet)
    at(begun)
    refuses("wallet: new one is a member", pool.finish_recovery, lost, {"from": outsider})


@pytest.mark.spec("K10")
def test_finish__begun_again__counts_from_then(pool, begun, lost, new_wallet, organiser, outsider):
    at(begun - DAY)
    pool.begin_recovery(lost, new_wallet, {"from": organiser})
    at(begun)
    refuses(TOO_EARLY, pool.finish_recovery, lost, {"from": outsider})
    at(begun - DAY + MONTH)
    pool.finish_recovery(lost, {"from": outsider})
    assert pool.member(new_wallet)["id"] == 1


@pytest.mark.spec("K3")
def test_begin__of_the_arbiter__reverts(make_stage, members, new_wallet, organiser):
    stage = make_stage(members, **hearing(members[0]))
    stage.start()
    support(stage, members[0], new_wallet, members[1:])
    error = "wallet: is the arbiter's"
    sender = {"from": organiser}
    refuses(error, stage.pool.begin_recovery, members[0], new_wallet, sender)


# --- nothing is lost by it


@pytest.mark.spec("K12")
def test_recovery__keeps_what_the_member_has(
    stage, pool, lost, new_wallet, supporters, organiser, keeper, lender
):
    pool.pledge(lender, 30 * stage.u, {"from": lost})
    stage.file(supporters[0], 100 * stage.u)
    pool.vote(1, 10, REASON, {"from": lost})
    stage.file(lost, 200 * stage.u)
    support(stage, lost, new_wallet, supporters[:3])
    begun = pool.begin_recovery(lost, new_wallet, {"from": organiser}).timestamp
    stage.vote(2, 10)
    at(begun + MONTH)
    pool.finish_recovery(lost, {"from": keeper})
    assert pool.has_voted(1, new_wallet) is True
    assert pool.claim(2)["claimant"] == new_wallet
    had = stage.balance(new_wallet)
    pool.resolve(2, {"from": keeper})
    assert status(stage, 2) == (AWARDED, 10)
    assert stage.balance(new_wallet) - had == 175 * stage.u  # less 30 for the lender, and the bond
    pool.resolve(1, {"from": keeper})
    stage.settle()
    assert pool.refund_due(new_wallet) > 0
    assert pool.refund_due(lost) == 0


@pytest.mark.spec("K12")
def test_recovery__after_the_end(stage, pool, lost, new_wallet, supporters, organiser, keeper):
    """Refunds wait for the owner, and can be had by a new key."""
    stage.settle()
    due = pool.refund_due(lost)
    support(stage, lost, new_wallet, supporters[:3])
    begun = pool.begin_recovery(lost, new_wallet, {"from": organiser}).timestamp
    at(begun + MONTH)
    pool.finish_recovery(lost, {"from": keeper})
    had = stage.balance(new_wallet)
    pool.refund(new_wallet, {"from": keeper})
    assert stage.balance(new_wallet) - had == due > 0
