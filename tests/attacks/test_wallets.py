"""Attacks by moving policies: change of wallet, recovery, and what goes along or stays behind."""

from __future__ import annotations

import pytest

from tests.attacks.arena import DAY, ORGANISER, OUTSIDER, WORDS, ZERO, Arena
from tests.attacks.papers import change, recovery, short, sign
from tests.attacks.test_gas import execute
from tests.attacks.test_hearing import HEARING, refused
from tests.evm.chain import Reverted
from tests.evm.signing import address_of

PERIOD = 30 * DAY
LONG = 2**40
OLD, NEW, THIRD = address_of(2), address_of(20), address_of(21)
CREW = (2, 3, 4, 5)


@pytest.fixture
def w(a: Arena) -> Arena:
    """A pool of four whose cover lasts a year and has begun."""
    a.create(expiry=a.terms.expiry + 400 * DAY)
    for member in CREW:
        a.join(member)
    a.start()
    return a


def support(w: Arena, *signers: int, old: str = OLD, new: str = NEW, nonce: int = 0) -> int:
    digest = recovery(w.pool.address, old, new, nonce)
    signatures = [short(signer, digest) for signer in signers]
    return w.by_anyone("support_recovery", old, new, signatures).value


def begin(w: Arena, old: str = OLD, new: str = NEW) -> str:
    return refused(w, ORGANISER, "begin_recovery", old, new)


def owners(w: Arena) -> dict[int, str]:
    """Who has which policy, by the pool's views, which have to agree."""
    size = w.summary().roster_size
    found = {i: w.pool.view("member_at", i) for i in range(1, size + 1)}
    for token, owner in found.items():
        if owner != ZERO:
            assert w.pool.view("ownerOf", token) == owner
            assert w.pool.view("balanceOf", owner) == 1
            assert w.pool.view("member", owner).id == token
    return found


# --- change_wallet ----------------------------------------------------------


@pytest.mark.spec("K1")
@pytest.mark.parametrize("who", [OUTSIDER, ORGANISER, NEW])
def test_change__is_the_member_s_alone(w: Arena, who: str) -> None:
    assert refused(w, who, "change_wallet", THIRD) == "wallet: not a member"


def test_support__by_the_256th_of_many__counts_once(a: Arena) -> None:
    """Whoever is last in a word of supporters, and whoever is first in the next one."""
    a.create(max_members=300)
    for member in range(2, 259):
        a.join(member)
    a.start()
    lost, new = address_of(2), address_of(400)
    ids = {a.pool.view("member", address_of(who)).id: who for who in (254, 255, 256, 257)}
    assert list(ids) == [253, 254, 255, 256]
    for count, who in enumerate(ids.values(), start=1):
        assert support(a, who, who, old=lost, new=new) == count
    assert support(a, *ids.values(), old=lost, new=new) == len(ids)


def test_support__takes_256_signatures_at_a_time(w: Arena) -> None:
    garbage = (1, 1)
    assert w.by_anyone("support_recovery", OLD, NEW, [garbage] * 256).value == 0
    with pytest.raises(Reverted):
        w.by_anyone("support_recovery", OLD, NEW, [garbage] * 257)


def test_change__onto_a_member_oneself_or_nobody_is_refused(w: Arena) -> None:
    for new in (OLD, address_of(3)):
        assert refused(w, OLD, "change_wallet", new) == "wallet: new one is a member"
    assert refused(w, OLD, "change_wallet", ZERO) == "wallet: new one is the zero address"


@pytest.mark.spec("K7")
def test_change_for__takes_both_signatures_of_this_change_only(w: Arena) -> None:
    pool = w.pool.address
    good = change(pool, OLD, NEW, 0, LONG)
    mine, theirs = sign(2, good), sign(20, good)
    wrong = [
        change(pool, OLD, THIRD, 0, LONG),
        change(pool, NEW, OLD, 0, LONG),
        change(pool, OLD, NEW, 1, LONG),
        change(pool, OLD, NEW, 0, LONG - 1),
        change(w.factory.address, OLD, NEW, 0, LONG),
        recovery(pool, OLD, NEW, 0),
    ]
    name = "change_wallet_for"
    for other in wrong:
        not_old = w.refusal(name, OLD, NEW, LONG, sign(2, other), theirs)
        not_new = w.refusal(name, OLD, NEW, LONG, mine, sign(20, other))
        assert not_old == "wallet: not signed by the old one"
        assert not_new == "wallet: not signed by the new one"
    swapped = w.refusal(name, OLD, NEW, LONG, theirs, mine)
    assert swapped == "wallet: not signed by the old one"
    assert w.refusal(name, OLD, NEW, LONG, mine, theirs) == ""
    assert w.refusal(name, OLD, NEW, LONG, mine, theirs) != ""


def test_change_for__of_nobody_is_not_signed_by_garbage(w: Arena) -> None:
    """ecrecover answers zero for garbage, and so would the zero address have signed."""
    name, bad = "change_wallet_for", bytes(65)
    assert w.refusal(name, ZERO, NEW, LONG, bad, bad) != ""
    digest = change(w.pool.address, OLD, ZERO, 0, LONG)
    refusal = w.refusal(name, OLD, ZERO, LONG, sign(2, digest), bad)
    assert refusal == "wallet: new one is the zero address"


def test_change_for__cannot_be_replayed_after_coming_back(w: Arena) -> None:
    digest = change(w.pool.address, OLD, NEW, 0, LONG)
    papers = (OLD, NEW, LONG, sign(2, digest), sign(20, digest))
    w.by_anyone("change_wallet_for", *papers)
    w.pool.send("change_wallet", OLD, sender=NEW)
    refusal = w.refusal("change_wallet_for", *papers)
    assert refusal == "wallet: not signed by the old one"


def test_change_for__cannot_be_replayed_on_a_later_policy_of_the_account(a: Arena) -> None:
    """Signed, not used; the account leaves, comes back, and is not moved by the old paper."""
    a.create()
    a.join(2), a.join(3)
    digest = change(a.pool.address, OLD, NEW, 0, LONG)
    papers = (OLD, NEW, LONG, sign(2, digest), sign(20, digest))
    a.pool.send("change_wallet", THIRD, sender=OLD)
    a.chain.time += 100
    a.join(2)
    refusal = a.refusal("change_wallet_for", *papers)
    assert refusal == "wallet: not signed by the old one"


@pytest.mark.spec("J6")
def test_invitation__is_not_good_again_after_a_move(a: Arena) -> None:
    """Else one invitation would make any number of policies, one vote each."""
    a.create()
    a.join(3)
    paper = a.invite(OLD)
    call = ("join", *paper, ZERO)
    a.pool.send(*call, sender=OLD, value=a.fund(OLD, 1000))
    a.pool.send("change_wallet", NEW, sender=OLD)
    for sender in (OLD, NEW):
        a.fund(sender, 1000)
        with pytest.raises(Reverted, match="invitation: already used"):
            a.pool.send(*call, sender=sender, value=1000)
    a.pool.send("change_wallet", OLD, sender=NEW)
    a.pool.send("leave", sender=OLD)
    with pytest.raises(Reverted, match="invitation: already used"):
        a.pool.send(*call, sender=OLD, value=1000)


@pytest.mark.spec("K4")
def test_claim_award_and_open_claim__go_along(w: Arena) -> None:
    w.file(OLD, 1000)
    w.pool.send("change_wallet", NEW, sender=OLD)
    with pytest.raises(Reverted, match="claim: one is already open"):
        w.file(NEW, 1000)
    with pytest.raises(Reverted, match="claim: not a member"):
        w.file(OLD, 1000)
    w.vote(1, [address_of(n) for n in (3, 4, 5)])
    w.by_anyone("resolve", 1)
    assert (w.balance(OLD), w.balance(NEW)) == (0, 1000)
    assert w.pool.view("member", NEW).cover_used == 1000
    assert refused(w, OLD, "reduce_claim", 1, 1) == "claim: caller is not the claimant"


def test_cover_limit_and_refund__are_not_had_twice_by_moving(w: Arena) -> None:
    crew = [address_of(n) for n in (3, 4, 5)]
    w.donate(10_000)
    w.award(OLD, 5000, crew)
    w.pool.send("change_wallet", NEW, sender=OLD)
    with pytest.raises(Reverted, match="claim: cover is used up"):
        w.file(NEW, 1000)
    w.reporting_end()
    w.by_anyone("settle")
    due = w.pool.view("refund_due", NEW)
    w.by_anyone("refund", NEW)
    w.pool.send("change_wallet", THIRD, sender=NEW)
    assert w.due(THIRD, NEW, OLD) == [0, 0, 0]
    assert w.balance(NEW) == due > 0
    w.by_anyone("refund_many", 1, 10)
    w.audit()


def test_cancelled_pool__pays_back_once_and_to_the_payer(both: Arena) -> None:
    a = both
    a.create(min_members=9)
    a.join(2, payer=OUTSIDER)
    a.join(3)
    a.pool.send("change_wallet", NEW, sender=OLD)
    a.pool.send("change_wallet", THIRD, sender=address_of(3))
    assert a.pool.view("payer_of", NEW) == OUTSIDER
    a.start()
    a.pool.send("change_wallet", OLD, sender=NEW)
    a.by_anyone("refund_many", 1, 2)
    assert a.balance(OUTSIDER) == a.balance(THIRD) == 1000
    assert a.balance(OLD) == a.balance(NEW) == 0
    for account in (OLD, THIRD):
        assert a.refusal("refund", account) == "refund: nothing due"
    a.audit()


def test_leaving_after_a_move__voids_fee_and_commission_and_pays_the_payer(a: Arena) -> None:
    """Payer and referrer have to go along, or somebody's money would stay behind."""
    a.create(fee_bps=1000, commission_bps=1000)
    a.join(2, payer=OUTSIDER, referrer=address_of(9))
    a.join(3)
    # an account that once left with another payer and referrer
    a.join(20, payer=address_of(8), referrer=address_of(7))
    a.pool.send("leave", sender=NEW)
    a.pool.send("change_wallet", NEW, sender=OLD)
    a.pool.send("leave", sender=NEW)
    assert a.balance(OUTSIDER) == a.balance(address_of(8)) == 1000
    summary = a.summary()
    assert (summary.funds, summary.held, summary.premiums) == (900, 100, 1000)
    assert a.pool.view("earnings_of", address_of(9)) == 0


@pytest.mark.spec("K4", "K12")
@pytest.mark.parametrize("how", ["change_wallet", "recovery"])
def test_credits__come_together_by_the_owner_s_key_only(a: Arena, how: str) -> None:
    """Both had joined, and left while the token blocked them; one of them came back."""
    token = a.use_token("TokenThatBlocks")
    a.create(expiry=a.terms.expiry + 400 * DAY)
    for number, account in ((2, OLD), (20, NEW)):
        a.join(number)
        token.send("block", account, True, sender=OUTSIDER)
        a.pool.send("leave", sender=account)
        token.send("block", account, False, sender=OUTSIDER)
    a.chain.time += 60
    for number in (2, 3, 4):
        a.join(number)
    a.start()
    assert [a.pool.view("credit_of", account) for account in (OLD, NEW)] == [1000, 1000]
    if how == "recovery":
        assert support(a, 3, 4) == 2
        assert begin(a) == ""
        a.chain.time += PERIOD
        a.by_anyone("finish_recovery", OLD)
        expected = [1000, 1000]
    else:
        a.pool.send("change_wallet", NEW, sender=OLD)
        expected = [0, 2000]
    assert [a.pool.view("credit_of", account) for account in (OLD, NEW)] == expected
    a.pool.send("withdraw", NEW, sender=NEW)
    assert a.balance(NEW) == expected[1]
    a.audit()


@pytest.mark.spec("K12")
def test_recovery__takes_nothing_of_an_account_that_was_made_a_member_unasked(a: Arena) -> None:
    """A cause that refuses Ether, and can neither object nor move away."""
    cause = a.mock("WalletThatRejects")
    a.create(cause=cause.address, cause_bps=10_000, unclaimed_after=180 * DAY)
    for member in (2, 3, 4):
        a.join(member)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    assert a.pool.view("credit_of", cause.address) == 3000
    a.pool.send("change_wallet", cause.address, sender=OLD)
    assert support(a, 3, 4, old=cause.address) == 2
    assert begin(a, cause.address) == ""
    a.chain.time += PERIOD
    a.by_anyone("finish_recovery", cause.address)
    assert a.pool.view("member", NEW).id == 1
    assert [a.pool.view("credit_of", who) for who in (cause.address, NEW)] == [3000, 0]
    assert refused(a, NEW, "withdraw", NEW) == "withdraw: nothing owed"
    execute(a, cause, "withdraw", OUTSIDER)
    assert a.balance(OUTSIDER) == 3000


def test_credit__moves_once(a: Arena) -> None:
    wallet = a.mock("WalletThatRejects")
    a.create()
    a.join(2, payer=OUTSIDER), a.join(3)
    a.pool.send("change_wallet", wallet.address, sender=OLD)
    a.start()
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 2)
    assert a.pool.view("credit_of", wallet.address) == 1000
    execute(a, wallet, "change_wallet", NEW)
    assert a.pool.view("credit_of", wallet.address) == 0
    assert a.pool.view("credit_of", NEW) == 1000
    a.pool.send("withdraw", NEW, sender=NEW)
    assert a.refusal("refund", NEW) == "refund: nothing due"
    a.audit()


@pytest.mark.parametrize("role", ["organiser", "payer", "referrer", "pool", "factory", "donor"])
def test_policy__may_move_onto_any_role_and_the_books_close(both: Arena, role: str) -> None:
    a = both
    a.create(fee_bps=500, commission_bps=500)
    a.join(2, payer=OUTSIDER, referrer=address_of(9))
    a.join(3)
    a.donate(100, donor=address_of(10))
    target = {
        "organiser": ORGANISER,
        "payer": OUTSIDER,
        "referrer": address_of(9),
        "pool": a.pool.address,
        "factory": a.factory.address,
        "donor": address_of(10),
    }[role]
    a.pool.send("change_wallet", target, sender=OLD)
    a.start()
    assert a.pool.view("member", target).id == 1
    a.reporting_end()
    a.by_anyone("settle")
    a.by_anyone("refund_many", 1, 2)
    for earner in (ORGANISER, address_of(9)):
        if a.pool.view("earnings_of", earner):
            a.pool.send("withdraw", earner, sender=earner)
    a.audit()
    if role == "pool" and a.token:
        a.by_anyone("absorb")
    a.audit()


@pytest.mark.spec("K2")
def test_gate__is_passed_by_the_new_wallet_too(a: Arena) -> None:
    """Or a policy of a gated pool could be sold to anybody."""
    gate = a.mock("Token", "Pass", "PASS", 0)
    a.create(gate=gate.address)
    gate.send("mint", OLD, 1, sender=OUTSIDER)
    a.join(2)
    assert refused(a, OLD, "change_wallet", NEW) == "gate: no credential"
    gate.send("mint", NEW, 1, sender=OUTSIDER)
    assert refused(a, OLD, "change_wallet", NEW) == ""


@pytest.mark.spec("J20", "N1")
def test_transfer_logs__tell_who_has_which_policy(a: Arena) -> None:
    """Each policy is minted once, moves from its owner, is burnt by its owner; ids never return."""
    a.create()
    told: dict[int, str] = {}

    def act(function: str, *args: object, sender: str, value: int = 0) -> None:
        for event in a.pool.send(function, *args, sender=sender, value=value).events:
            if event.name == "Transfer":
                assert told.get(event.token_id, ZERO) == event.sender
                assert event.sender != ZERO or event.token_id not in told
                told[event.token_id] = event.receiver

    def join(account: str) -> None:
        act("join", *a.invite(account), ZERO, sender=account, value=a.fund(account, 1000))
        a.chain.time += 60

    for number in (2, 3, 4):
        join(address_of(number))
    act("leave", sender=address_of(3))
    act("change_wallet", address_of(3), sender=OLD)
    act("change_wallet", NEW, sender=address_of(3))
    join(OLD)
    act("leave", sender=NEW)
    join(address_of(3))
    assert told == owners(a)
    assert list(told) == [1, 2, 3, 4, 5]


@pytest.mark.spec("K3")
def test_policy__does_not_move_onto_the_arbiter(a: Arena) -> None:
    """By none of the three ways: else a member could make a case the arbiter's own."""
    a.create(**HEARING)
    arbiter = a.terms.arbiter
    for member in (2, 3, 4):
        a.join(member)
    a.start()
    refusal = "wallet: is the arbiter's"
    assert refused(a, OLD, "change_wallet", arbiter) == refusal
    digest = change(a.pool.address, OLD, arbiter, 0, LONG)
    papers = (OLD, arbiter, LONG, sign(2, digest), sign(90, digest))
    assert a.refusal("change_wallet_for", *papers) == refusal
    support(a, 3, 4, new=arbiter)
    assert begin(a, new=arbiter) == refusal


# --- recovery ---------------------------------------------------------------


def test_recovery__takes_more_than_half_of_the_others(w: Arena) -> None:
    half = "recovery: not half of the members support it"
    assert begin(w) == half
    assert support(w, 3) == 1
    assert support(w, 3, 3, 2, 99, 20) == 1  # again, the lost one, strangers
    assert begin(w) == half
    assert support(w, 4) == 2
    assert begin(w) == ""


def test_recovery__of_half_is_not_enough(w: Arena) -> None:
    w.pool.send("change_wallet", address_of(50), sender=address_of(5))
    support(w, 3, 5)  # the old key of a policy that moved
    assert begin(w) == "recovery: not half of the members support it"


def test_mover__supports_once(w: Arena) -> None:
    support(w, 3)
    w.pool.send("change_wallet", address_of(30), sender=address_of(3))
    assert support(w, 30) == 1


@pytest.mark.parametrize("who", [OUTSIDER, NEW, address_of(3), OLD])
def test_recovery__is_begun_by_the_organiser_only(w: Arena, who: str) -> None:
    support(w, 3, 4, 5)
    refusal = "recovery: caller is not the organiser"
    assert refused(w, who, "begin_recovery", OLD, NEW) == refusal


def test_support__is_for_one_wallet_and_one_pool(w: Arena) -> None:
    support(w, 3, 4, 5, new=THIRD)
    assert begin(w) == "recovery: not half of the members support it"
    digest = recovery(w.factory.address, OLD, NEW, 0)
    foreign = [short(n, digest) for n in (3, 4, 5)]
    assert w.by_anyone("support_recovery", OLD, NEW, foreign).value == 0


def test_objection_period__ends_in_a_second(w: Arena) -> None:
    support(w, 3, 4)
    begin(w)
    until = w.chain.time + PERIOD
    w.at(until - 1)
    assert w.refusal("finish_recovery", OLD) == "recovery: can still be objected to"
    before = w.chain.snapshot()
    w.pool.send("object_to_recovery", sender=OLD)
    w.at(until + PERIOD)
    assert w.refusal("finish_recovery", OLD) == "recovery: none has begun"
    assert begin(w) == "recovery: not half of the members support it"
    assert support(w, 3, 4) == 0  # what they signed is void
    w.chain.revert(before)
    w.at(until)
    assert w.refusal("finish_recovery", OLD) == ""
    assert owners(w)[1] == NEW
    assert w.refusal("finish_recovery", NEW) == "recovery: none has begun"


def test_beginning_again__starts_the_period_again(w: Arena) -> None:
    """Another wallet cannot be slipped in just before the end."""
    support(w, 3, 4)
    support(w, 3, 4, 5, new=THIRD)
    begin(w)
    w.at(w.chain.time + PERIOD - 1)
    assert begin(w, new=THIRD) == ""
    w.at(w.chain.time + 1)
    assert w.refusal("finish_recovery", OLD) == "recovery: can still be objected to"


@pytest.mark.spec("K11")
def test_begun_recovery__is_void_once_the_member_moves(w: Arena) -> None:
    """Or it would take the policy, and the credit, from the wallet just chosen."""
    support(w, 3, 4)
    begin(w)
    w.pool.send("change_wallet", THIRD, sender=OLD)
    w.at(w.chain.time + PERIOD)
    assert w.refusal("finish_recovery", THIRD) == "recovery: none has begun"
    assert w.refusal("finish_recovery", OLD) == "wallet: not a member"
    w.pool.send("change_wallet", OLD, sender=THIRD)
    assert w.refusal("finish_recovery", OLD) == "recovery: none has begun"
    assert begin(w) == "recovery: not half of the members support it"


def test_support_of_sybils_that_leave__does_not_count(a: Arena) -> None:
    """Invited by the organiser, in and out with all their money before cover begins."""
    a.create()
    for member in (2, 3, 4, 5):
        a.join(member)
    for sybil in (60, 61, 62):
        a.join(sybil)
    a.refusal(
        "support_recovery",
        OLD,
        NEW,
        [short(n, recovery(a.pool.address, OLD, NEW, 0)) for n in (60, 61, 62)],
    )
    for sybil in (60, 61, 62):
        a.pool.send("leave", sender=address_of(sybil))
    a.start()
    assert begin(a) == "recovery: not half of the members support it"


def test_recovery_onto_a_member__waits_and_is_not_lost(w: Arena) -> None:
    """Somebody pushes a policy onto the new wallet to stop it: the new wallet pushes it off."""
    support(w, 3, 4)
    begin(w)
    w.at(w.chain.time + PERIOD)
    w.pool.send("change_wallet", NEW, sender=address_of(5))
    assert w.refusal("finish_recovery", OLD) == "wallet: new one is a member"
    w.pool.send("change_wallet", THIRD, sender=NEW)
    assert w.refusal("finish_recovery", OLD) == ""


def test_member_alone__cannot_be_recovered_by_nobody(a: Arena) -> None:
    a.create()
    a.join(2)
    a.start()
    assert begin(a) == "recovery: not half of the members support it"


@pytest.mark.spec("B8")
def test_recovered_policy__does_not_vote_again(w: Arena) -> None:
    w.file(address_of(3), 1000)
    w.vote(1, [OLD])
    support(w, 3, 4)
    begin(w)
    w.at(w.chain.time + PERIOD)
    w.by_anyone("finish_recovery", OLD)
    assert w.pool.view("has_voted", 1, NEW)
    assert not w.pool.view("has_voted", 1, OLD)


def test_arbiter__is_not_made_the_claimant_of_somebody_else_s_case(a: Arena) -> None:
    """A loss payee has appealed; the member pushes the policy onto the arbiter, who then may not
    rule."""
    a.create(**HEARING)
    for member in (2, 3, 4):
        a.join(member)
    a.pool.send("pledge", OUTSIDER, 1000, sender=OLD)
    a.start()
    a.pool.send("file_claim_for", OLD, 1000, a.chain.time, WORDS, "", sender=OUTSIDER)
    a.vote(1, [address_of(3), address_of(4)], 0)
    a.by_anyone("resolve", 1)
    a.pool.send("appeal", 1, sender=OUTSIDER)
    refused(a, OLD, "change_wallet", a.terms.arbiter)
    a.pool.send("rule", 1, 10, WORDS, sender=a.terms.arbiter)
    assert a.balance(OUTSIDER) == 1000
