"""Joining: the price, where the money goes, and who is turned away."""

import pytest
from brownie import ZERO_ADDRESS

from peerpool.terms import Tier

from .. import on_every_asset, rules
from ..clock import DAY, YEAR, at, now
from ..layers import reinsured
from ..refusal import refuses
from ..stage import names, only


@pytest.fixture(scope="module")
def stage(make_stage):
    """A pool that nobody has joined yet."""
    return make_stage()


@pytest.mark.spec("J3", "J7", "J17", "J19")
@on_every_asset
def test_join(stage, pool, claimant):
    premium = 100 * stage.u
    payment = stage.pay(claimant, premium)
    had = stage.balance(claimant)
    args = (*stage.sign(claimant), ZERO_ADDRESS, payment)
    assert pool.join.call(*args) == 1
    receipt = pool.join(*args)
    assert only(receipt, "Joined") == {
        "member": claimant,
        "id": 1,
        "payer": claimant,
        "tier": 0,
        "premium": premium,
        "fee": 5 * stage.u,
        "commission": 0,
        "referrer": ZERO_ADDRESS,
    }
    assert pool.member(claimant).dict() == {
        "id": 1,
        "tier": 0,
        "joined_at": receipt.timestamp,
        "premium": premium,
        "cover_used": 0,
        "refunded": 0,
        "open_claim": 0,
        "awarded": False,
    }
    assert pool.member_at(1) == claimant
    assert pool.payer_of(claimant) == claimant
    assert stage.pots() == (95 * stage.u, 5 * stage.u)
    assert had - stage.balance(claimant) == premium + stage.asset.gas(receipt)
    assert stage.balance(pool) == premium


def test_join__again_by_others(stage, pool, claimant, neighbour):
    stage.join(claimant)
    receipt = stage.join(neighbour, tier=1)
    assert only(receipt, "Joined")["id"] == 2
    summary = pool.summary()
    assert (summary["members"], summary["roster_size"]) == (2, 2)
    assert summary["premiums"] == 150 * stage.u
    assert pool.member(neighbour)["tier"] == 1
    assert pool.member_at(2) == neighbour


@pytest.mark.spec("J16")
def test_join__paid_by_somebody_else(stage, pool, claimant, payer):
    receipt = stage.join(claimant, payer=payer)
    assert only(receipt, "Joined")["payer"] == payer
    assert pool.payer_of(claimant) == payer
    assert pool.member(claimant)["id"] == 1
    assert pool.member(payer)["id"] == 0


@pytest.mark.spec("M6")
def test_join__money_is_only_taken_from_the_caller(make_stage, make_token, Token, claimant, payer):
    stage = make_stage(money=make_token(Token))
    stage.pay(claimant, 100 * stage.u)
    stage.pay(payer, 100 * stage.u)
    had = stage.balance(claimant)
    stage.pool.join(*stage.sign(claimant), ZERO_ADDRESS, {"from": payer})
    assert stage.balance(claimant) == had
    assert stage.balance(payer) == had - 100 * stage.u


@pytest.mark.spec("J18")
def test_join__with_referrer(stage, pool, claimant, referrer, organiser):
    receipt = stage.join(claimant, referrer=referrer)
    assert only(receipt, "Joined")["commission"] == 3 * stage.u
    assert only(receipt, "Joined")["referrer"] == referrer
    assert pool.earnings_of(referrer) == 3 * stage.u
    assert pool.earnings_of(organiser) == 5 * stage.u
    assert stage.pots() == (92 * stage.u, 8 * stage.u)


def test_join__referrer_is_the_payer(stage, pool, claimant, payer):
    stage.join(claimant, payer=payer, referrer=payer)
    assert pool.earnings_of(payer) == 3 * stage.u


@pytest.mark.spec("J17", "J18")
def test_join__fee_and_commission_are_rounded_down(make_stage, claimant, referrer, organiser):
    stage = make_stage(
        tiers=(Tier(199, 10**6),), deductible=0, claim_bond=0, fee_bps=333, commission_bps=777
    )
    stage.join(claimant, referrer=referrer)
    assert stage.pool.earnings_of(organiser) == 6  # 6.6267
    assert stage.pool.earnings_of(referrer) == 15  # 15.4623
    assert stage.pots() == (199 - 6 - 15, 6 + 15)


@pytest.mark.spec("J1")
def test_join__invited_by_a_member(stage, pool, claimant, inviter):
    stage.join(inviter)
    invitation, signature = stage.sign(claimant, signer=inviter)
    pool.join(invitation, signature, ZERO_ADDRESS, stage.pay(claimant, 100 * stage.u))
    assert pool.member(claimant)["id"] == 2


@pytest.mark.spec("J1")
def test_join__member_invites_where_only_the_organiser_may__reverts(make_stage, claimant, inviter):
    stage = make_stage([inviter], members_may_invite=False)
    refuses(
        "invitation: not signed by an inviter",
        stage.pool.join,
        *stage.sign(claimant, signer=inviter),
        ZERO_ADDRESS,
        stage.pay(claimant, 100 * stage.u),
    )


@pytest.mark.spec("J1")
def test_join__invited_by_a_member_in_the_last_second(stage, pool, members, claimant, inviter):
    for person in (inviter, *members[1:3]):
        stage.join(person)
    at(stage.terms.cover_start - 1)
    receipt = pool.join(
        *stage.sign(claimant, signer=inviter), ZERO_ADDRESS, stage.pay(claimant, 100 * stage.u)
    )
    assert receipt.timestamp == stage.terms.cover_start - 1


@pytest.mark.spec("J1")
def test_join__member_invites_once_cover_has_started__reverts(
    stage, pool, members, claimant, inviter
):
    for person in (inviter, *members[1:3]):
        stage.join(person)
    at(stage.terms.cover_start)
    refuses(
        "invitation: not signed by an inviter",
        pool.join,
        *stage.sign(claimant, signer=inviter),
        ZERO_ADDRESS,
        stage.pay(claimant, 100 * stage.u),
    )
    stage.join(claimant)


@pytest.mark.spec("J1")
def test_join__inviter_has_left__reverts(stage, pool, claimant, inviter):
    stage.join(inviter)
    pool.leave({"from": inviter})
    refuses(
        "invitation: not signed by an inviter",
        pool.join,
        *stage.sign(claimant, signer=inviter),
        ZERO_ADDRESS,
        stage.pay(claimant, 100 * stage.u),
    )


# --- when


@pytest.mark.spec("J7")
def test_join__last_second_before_cover_start(stage, pool, claimant, neighbour, voters):
    for person in (neighbour, *voters[:2]):
        stage.join(person)
    at(stage.terms.cover_start - 1)
    receipt = stage.join(claimant)
    assert receipt.timestamp == stage.terms.cover_start - 1
    assert only(receipt, "Joined")["premium"] == 100 * stage.u


@pytest.mark.spec("J8")
@pytest.mark.parametrize(
    "days, seconds",
    [(0, 0), (0, 1), (90, 0), (90, 1), (90, -1), (180, -1)],
)
def test_join__late(make_stage, neighbour, voters, late_joiner, organiser, days, seconds):
    stage = make_stage([neighbour, *voters[:2]])
    before = stage.pool.earnings_of(organiser)
    stage.start(days * DAY + seconds)
    receipt = stage.join(late_joiner)
    premium = rules.premium_at(stage.terms, 0, receipt.timestamp)
    assert receipt.timestamp == stage.terms.cover_start + days * DAY + seconds
    assert only(receipt, "Joined")["premium"] == premium
    if seconds == 0:
        assert premium == 100 * stage.u * (360 - days) // 360
    assert stage.pool.member(late_joiner)["premium"] == premium
    assert stage.pool.summary()["premiums"] == 300 * stage.u + premium
    assert stage.pool.earnings_of(organiser) - before == premium * 500 // 10_000


@pytest.mark.spec("J8")
def test_join__late_price_is_rounded_up(make_stage, neighbour, voters, late_joiner):
    stage = make_stage([neighbour, *voters[:2]], tiers=(Tier(7, 1000),), deductible=0, claim_bond=0)
    stage.start(90 * DAY)
    receipt = stage.join(late_joiner)
    assert only(receipt, "Joined")["premium"] == 6  # 5.25


@pytest.mark.spec("J10")
def test_join__enrolment_is_over__reverts(stage, pool, claimant, members):
    for person in members[1:4]:
        stage.join(person)
    payment = stage.pay(claimant, 100 * stage.u)
    at(stage.terms.enrolment_end)
    refuses("join: enrolment is over", pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment)


@pytest.mark.spec("J10")
def test_join__no_late_joiners_at_cover_start__reverts(make_stage, sample_terms, members, claimant):
    stage = make_stage(members[1:4], enrolment_end=sample_terms().cover_start)
    payment = stage.pay(claimant, 100 * stage.u)
    at(stage.terms.cover_start)
    assert stage.terms.enrolment_end == stage.terms.cover_start
    refuses(
        "join: enrolment is over", stage.pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment
    )


@pytest.mark.spec("J10")
def test_join__pool_is_cancelled__reverts(stage, pool, claimant, members):
    for person in members[1:3]:
        stage.join(person)
    payment = stage.pay(claimant, 100 * stage.u)
    at(stage.terms.cover_start)
    refuses("join: pool is cancelled", pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment)


@pytest.mark.spec("J11")
def test_join__pool_owes_unpaid_awards__reverts(make_stage, members, late_joiner, claimant):
    stage = make_stage(members)
    stage.start()
    first = stage.file(claimant, 900 * stage.u)
    stage.decide(first, 10)
    at(stage.window_end(0))
    stage.pool.settle_window(0, {"from": stage.keeper})
    assert stage.pool.summary()["unpaid"] == 900 * stage.u - 570 * stage.u
    price = stage.pool.quote_premium(0)
    refuses(
        "join: pool owes unpaid awards",
        stage.pool.join,
        *stage.sign(late_joiner),
        ZERO_ADDRESS,
        stage.pay(late_joiner, price),
    )


# --- the invitation


@pytest.mark.spec("J4")
def test_join__last_second_of_the_invitation(stage, pool, claimant):
    deadline = stage.terms.cover_start - DAY
    at(deadline)
    receipt = stage.join(claimant, deadline=deadline)
    assert receipt.timestamp == deadline


@pytest.mark.spec("J4")
def test_join__invitation_expired__reverts(stage, pool, claimant):
    deadline = stage.terms.cover_start - DAY
    at(deadline + 1)
    refuses(
        "invitation: expired",
        pool.join,
        *stage.sign(claimant, deadline=deadline),
        ZERO_ADDRESS,
        stage.pay(claimant, 100 * stage.u),
    )


def compact(signature):
    """Return the 64 bytes of EIP-2098."""
    vs = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
    return signature[:32] + vs.to_bytes(32, "big")


@pytest.mark.spec("J3")
def test_join__compact_signature(stage, pool, members):
    parities = set()
    for person in members:
        invitation, signature = stage.sign(person)
        parities.add(signature[64])
        pool.join(invitation, compact(signature), ZERO_ADDRESS, stage.pay(person, 100 * stage.u))
        assert pool.member(person)["id"] != 0
    assert parities == {27, 28}


ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def high_s(signature):
    """Return the other signature of the same message and key, which the pool must not take."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + 28 - signature[64]])


SPOILT = {
    "high s": high_s,
    "other v": lambda s: s[:64] + bytes([55 - s[64]]),
    "v 26": lambda s: s[:64] + bytes([26]),
    "v 29": lambda s: s[:64] + bytes([29]),
    "v 2": lambda s: s[:64] + bytes([2]),
    "v 255": lambda s: s[:64] + bytes([255]),
    "r zero": lambda s: bytes(32) + s[32:],
    "s zero": lambda s: s[:32] + bytes(32) + s[64:],
    "all zero": lambda s: bytes(65),
    "compact, other parity": lambda s: compact(s[:64] + bytes([55 - s[64]])),
    "63 bytes": lambda s: s[:63],
    "32 bytes": lambda s: s[:32],
    "1 byte": lambda s: s[:1],
    "empty": lambda s: b"",
}


@pytest.mark.spec("J2")
@pytest.mark.parametrize("how", SPOILT)
def test_join__signature_is_spoilt__reverts(stage, pool, claimant, how):
    invitation, signature = stage.sign(claimant)
    refuses(
        "invitation: not signed by an inviter",
        pool.join,
        invitation,
        SPOILT[how](signature),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J2")
@pytest.mark.parametrize("forgery", ["outsider", "pool", "chain", "member", "tier", "deadline"])
def test_join__invitation_is_for_something_else__reverts(
    stage, pool, make_stage, claimant, inviter, forgery
):
    invitation, signature = stage.sign(claimant)
    if forgery == "outsider":
        _, signature = stage.sign(claimant, signer=inviter)
    elif forgery == "pool":
        _, signature = stage.sign(claimant, pool=make_stage().pool)
    elif forgery == "chain":
        _, signature = stage.sign(claimant, chain_id=1)
    elif forgery == "member":
        _, signature = stage.sign(inviter)
    elif forgery == "tier":
        _, signature = stage.sign(claimant, tier=1)
    else:
        _, signature = stage.sign(claimant, deadline=stage.terms.enrolment_end - 1)
    refuses(
        "invitation: not signed by an inviter",
        pool.join,
        invitation,
        signature,
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J12")
def test_join__invitation_used_by_a_member__reverts(stage, pool, claimant):
    stage.join(claimant)
    refuses(
        "join: already a member",
        pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J12")
def test_join__second_invitation_of_a_member__reverts(stage, pool, claimant):
    stage.join(claimant)
    refuses(
        "join: already a member",
        pool.join,
        *stage.sign(claimant, deadline=stage.terms.enrolment_end + DAY),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J6")
@pytest.mark.parametrize("earlier", [0, 1, DAY])
def test_join__invitation_used_before_leaving__reverts(stage, pool, claimant, earlier):
    stage.join(claimant)
    pool.leave({"from": claimant})
    refuses(
        "invitation: already used",
        pool.join,
        *stage.sign(claimant, deadline=stage.terms.enrolment_end - earlier),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J6", "J20", "L4")
def test_join__back_with_a_later_invitation(stage, pool, claimant, neighbour):
    stage.join(claimant)
    stage.join(neighbour)
    pool.leave({"from": claimant})
    receipt = stage.join(claimant, tier=1, deadline=stage.terms.enrolment_end + 1)
    assert only(receipt, "Joined")["id"] == 3
    assert pool.member_at(1) == ZERO_ADDRESS
    assert pool.member_at(3) == claimant
    assert pool.member(claimant)["premium"] == 50 * stage.u
    summary = pool.summary()
    assert (summary["members"], summary["roster_size"]) == (2, 3)


@pytest.mark.spec("J5")
@pytest.mark.parametrize("beyond", ["a second", "for ever"])
def test_join__deadline_is_more_than_a_year_away__reverts(stage, pool, claimant, beyond):
    latest = now() + YEAR
    refuses(
        "invitation: deadline is more than a year away",
        pool.join,
        *stage.sign(claimant, deadline=latest + 1 if beyond == "a second" else 2**256 - 1),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J5")
def test_join__deadline_is_a_year_away(stage, pool, claimant):
    at(stage.terms.cover_start - DAY)
    receipt = stage.join(claimant, deadline=stage.terms.cover_start - DAY + YEAR)
    assert receipt.timestamp == stage.terms.cover_start - DAY


# --- who


@pytest.mark.spec("J12")
def test_join__member_is_the_zero_address__reverts(stage, pool, payer):
    refuses(
        "join: member is the zero address",
        pool.join,
        *stage.sign(ZERO_ADDRESS),
        ZERO_ADDRESS,
        {"from": payer, "value": 100 * stage.u},
    )


@pytest.mark.spec("J13")
@pytest.mark.parametrize("tier", [2, 7, 8, 255])
def test_join__unknown_tier__reverts(stage, pool, claimant, tier):
    refuses(
        "join: unknown tier",
        pool.join,
        *stage.sign(claimant, tier=tier),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J13")
def test_join__last_of_eight_tiers(make_stage, claimant):
    tiers = tuple(Tier(10 + i, 1000 + i) for i in range(8))
    stage = make_stage(tiers=tiers, deductible=0, claim_bond=0)
    receipt = stage.join(claimant, tier=7)
    assert only(receipt, "Joined")["premium"] == 17
    refuses(
        "join: unknown tier",
        stage.pool.join,
        *stage.sign(stage.voters[0], tier=8),
        ZERO_ADDRESS,
        {"from": claimant, "value": 17},
    )


@pytest.mark.spec("J14")
def test_join__pool_is_full__reverts(make_stage, claimant, neighbour, voter):
    stage = make_stage([neighbour, voter], min_members=2, max_members=2)
    refuses(
        "join: pool is full",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J14")
def test_join__place_of_one_who_left(make_stage, claimant, neighbour, voter):
    stage = make_stage([neighbour, voter], min_members=2, max_members=2)
    stage.pool.leave({"from": voter})
    assert only(stage.join(claimant), "Joined")["id"] == 3


@pytest.mark.spec("J18")
def test_join__referrer_is_the_member__reverts(stage, pool, claimant, payer):
    refuses(
        "join: referrer is the member",
        pool.join,
        *stage.sign(claimant),
        claimant,
        {"from": payer, "value": 100 * stage.u},
    )


@pytest.mark.spec("J15")
def test_join__through_a_gate(make_stage, deployer, Gate, claimant, payer):
    gate = deployer.deploy(Gate)
    stage = make_stage(gate=gate.address)
    gate.give(payer, {"from": deployer})
    refuses(
        "gate: no credential",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": payer, "value": 100 * stage.u},
    )
    gate.give(claimant, {"from": deployer})
    stage.join(claimant, payer=payer)
    assert stage.pool.member(claimant)["id"] == 1


def test_join__gate_is_broken__reverts(make_stage, deployer, GateThatReverts, claimant):
    gate = deployer.deploy(GateThatReverts)
    stage = make_stage(gate=gate.address)
    refuses(
        "gate: broken",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J15")
def test_join__credential_is_lost_later(make_stage, deployer, Gate, claimant):
    gate = deployer.deploy(Gate)
    gate.give(claimant, {"from": deployer})
    stage = make_stage([claimant], gate=gate.address)
    gate.take(claimant, {"from": deployer})
    assert stage.pool.member(claimant)["id"] == 1


# --- money


@pytest.mark.spec("M7")
@pytest.mark.parametrize("paid", ["one less", "one more", "nothing"])
def test_join__wrong_value__reverts(stage, pool, claimant, paid):
    premium = 100 * stage.u
    value = {"one less": premium - 1, "one more": premium + 1, "nothing": 0}[paid]
    refuses(
        "value: wrong amount",
        pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": value},
    )


@pytest.fixture
def late(make_stage, members):
    """A pool a day after its cover has started, and the price of that second."""
    stage = make_stage(members[:3])
    stage.start(DAY)
    return stage, stage.pool.quote_premium(0)


@pytest.mark.spec("J9")
def test_join__late_with_the_quote_of_a_minute_ago(late, late_joiner, payer):
    stage, quote = late
    at(stage.terms.cover_start + DAY + 60)
    price = stage.pool.quote_premium(0)
    assert price < quote
    had, pots = payer.balance(), sum(stage.pots())
    receipt = stage.pool.join(
        *stage.sign(late_joiner), ZERO_ADDRESS, {"from": payer, "value": quote}
    )
    paid = only(receipt, "Joined")["premium"]
    assert paid == rules.premium_at(stage.terms, 0, receipt.timestamp) <= price
    assert had - payer.balance() == paid + stage.asset.gas(receipt)
    assert sum(stage.pots()) - pots == paid


@pytest.mark.spec("J9")
def test_join__late_with_less_than_the_price__reverts(late, late_joiner):
    stage, quote = late
    refuses(
        "value: wrong amount",
        stage.pool.join,
        *stage.sign(late_joiner),
        ZERO_ADDRESS,
        {"from": late_joiner, "value": quote - 1},
    )


@pytest.mark.spec("J9")
def test_join__cannot_return_the_change__reverts(
    late, deployer, WalletThatRejects, late_joiner, keeper
):
    stage, quote = late
    wallet = deployer.deploy(WalletThatRejects)
    data = stage.pool.join.encode_input(*stage.sign(late_joiner), ZERO_ADDRESS)
    at(stage.terms.cover_start + DAY)
    refuses(
        "value: cannot return the change",
        wallet.execute,
        stage.pool,
        quote + 1,
        data,
        {"from": keeper, "value": quote + 1},
    )


@pytest.mark.spec("J9")
def test_join__more_in_the_last_second_before_cover__reverts(stage, pool, claimant):
    at(stage.terms.cover_start - 1)
    refuses(
        "value: wrong amount",
        pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u + 1},
    )


@pytest.mark.spec("M8")
def test_join__ether_for_a_token_pool__reverts(make_stage, make_token, Token, claimant):
    stage = make_stage(money=make_token(Token))
    stage.pay(claimant, 100 * stage.u)
    refuses(
        "value: pool takes a token",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant, "value": 1},
    )


@pytest.mark.spec("M8")
@pytest.mark.parametrize("kind", ["Token", "TokenThatReturnsNothing", "TokenThatReturnsFalse"])
@pytest.mark.parametrize("lack", ["allowance", "balance"])
def test_join__token_cannot_be_taken__reverts(
    make_stage, make_token, request, deployer, claimant, kind, lack
):
    money = make_token(request.getfixturevalue(kind))
    stage = make_stage(money=money)
    premium = 100 * money.unit
    money.token.mint(claimant, premium - (lack == "balance"), {"from": deployer})
    money.token.approve(stage.pool, premium - (lack == "allowance"), {"from": claimant})
    refuses(
        "token: transfer failed",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        {"from": claimant},
    )


@pytest.mark.spec("M8")
def test_join__token_returns_nothing(make_stage, make_token, TokenThatReturnsNothing, claimant):
    stage = make_stage([claimant], make_token(TokenThatReturnsNothing))
    assert stage.balance(stage.pool) == 100 * stage.u


@pytest.mark.spec("M8")
def test_join__token_fails_without_a_revert__reverts(
    make_stage, make_token, TokenThatReturnsFalse, claimant
):
    stage = make_stage(money=make_token(TokenThatReturnsFalse))
    payment = stage.pay(claimant, 100 * stage.u)
    stage.asset.token.fail(True, {"from": claimant})
    refuses("token: transfer failed", stage.pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment)


@pytest.mark.spec("M8")
def test_join__token_takes_a_fee__reverts(make_stage, make_token, TokenThatTakesAFee, claimant):
    stage = make_stage(money=make_token(TokenThatTakesAFee))
    refuses(
        "token: received another amount",
        stage.pool.join,
        *stage.sign(claimant),
        ZERO_ADDRESS,
        stage.pay(claimant, 100 * stage.u),
    )


def test_join__token_is_paused__reverts(make_stage, make_token, TokenThatPauses, claimant):
    stage = make_stage(money=make_token(TokenThatPauses))
    payment = stage.pay(claimant, 100 * stage.u)
    stage.asset.token.pause(True, {"from": claimant})
    refuses("token: transfer failed", stage.pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment)


def test_join__payer_is_blocked__reverts(make_stage, make_token, TokenThatBlocks, claimant, payer):
    stage = make_stage(money=make_token(TokenThatBlocks))
    payment = stage.pay(payer, 100 * stage.u)
    stage.asset.token.block(payer, True, {"from": claimant})
    refuses("token: transfer failed", stage.pool.join, *stage.sign(claimant), ZERO_ADDRESS, payment)
    stage.join(claimant)


@pytest.mark.spec("M16")
def test_join__the_implementation__reverts(implementation, stage, claimant):
    refuses(
        "pool: is an implementation",
        implementation.join,
        *stage.sign(claimant, pool=implementation),
        ZERO_ADDRESS,
        {"from": claimant, "value": 100 * stage.u},
    )


@pytest.mark.spec("J19")
@pytest.mark.parametrize("drawn", [10, 100])
def test_join__late__what_is_not_fee_or_commission_repays_layers(
    make_stage, members, late_joiner, claimant, reinsurer, referrer, drawn
):
    """Rule 11: a member who joins when a layer has paid; 540 were in funds."""
    stage = make_stage(members, **reinsured(10**16))
    u = stage.u
    stage.fill(reinsurer, 300 * u)
    stage.start()
    stage.decide(stage.file(claimant, (540 + drawn) * u), 10)
    held = stage.pots()[1]
    receipt = stage.join(late_joiner, referrer=referrer)
    premium = only(receipt, "Joined")["premium"]
    away = rules.fee(stage.terms, premium) + rules.commission(stage.terms, premium)
    repaid = min(premium - away, drawn * u)
    assert sorted(names(receipt)) == ["Joined", "LayersRepaid"]
    assert only(receipt, "LayersRepaid") == {"amount": repaid}
    assert stage.pots() == (premium - away - repaid, held + away + repaid)
    assert stage.drawn() == [drawn * u - repaid, 0]


@pytest.mark.spec("J19")
def test_join__early__repays_nothing_and_binds_nothing(make_stage, members, claimant, reinsurer):
    stage = make_stage(members[1:], **reinsured(10**16))
    stage.fill(reinsurer, 300 * stage.u)
    at(stage.terms.cover_start - 1)
    assert names(stage.join(claimant)) == ["Joined"]
    assert stage.pool.summary()["unbound"] is True
