"""Corners into which no other test in process came until bugs were planted (`make planted`)."""

from __future__ import annotations

import pytest
from eth_utils import to_bytes

from tests.attacks.arena import CAUSE, DAY, ORGANISER, OUTSIDER, TERMS, WITH_CAUSE, Arena
from tests.attacks.test_gas import execute
from tests.attacks.test_hearing import HEARING, refused
from tests.evm.chain import Reverted
from tests.evm.contract import deploy
from tests.evm.signing import address_of

M = [address_of(n) for n in (2, 3, 4)]
REFERRER = address_of(60)


@pytest.mark.spec("J18")
def test_member_whose_premium_another_pays__is_not_the_own_referrer(a: Arena) -> None:
    a.create(commission_bps=500)
    with pytest.raises(Reverted, match="join: referrer is the member"):
        a.join(2, payer=OUTSIDER, referrer=M[0])


@pytest.mark.spec("S7")
def test_organiser_who_is_the_referrer_too__pulls_both_once(both: Arena) -> None:
    a = both
    a.create(fee_bps=1000, commission_bps=500)
    a.join(2, referrer=ORGANISER), a.join(3, referrer=REFERRER)
    a.start()
    before = a.balance(ORGANISER)
    a.pool.send("withdraw", ORGANISER, sender=ORGANISER)
    assert a.balance(ORGANISER) - before == 2 * 100 + 50
    assert refused(a, ORGANISER, "withdraw", ORGANISER) == "withdraw: nothing owed"
    a.pool.send("withdraw", REFERRER, sender=REFERRER)
    assert a.summary().held == 0


def organiser_is_owed_a_credit(a: Arena, **changes: object) -> None:
    """The organiser paid for person 2, who left while the token blocked the organiser."""
    token = a.use_token("TokenThatBlocks")
    a.create(fee_bps=1000, commission_bps=500, **changes)
    a.join(2, payer=ORGANISER)
    token.send("block", ORGANISER, True, sender=OUTSIDER)
    a.pool.send("leave", sender=M[0])
    token.send("block", ORGANISER, False, sender=OUTSIDER)
    assert a.pool.view("credit_of", ORGANISER) == 1000


@pytest.mark.spec("S6")
def test_credit_and_earnings__are_pulled_together(a: Arena) -> None:
    organiser_is_owed_a_credit(a)
    a.join(3, referrer=ORGANISER)
    a.start()
    assert a.pool.send("withdraw", ORGANISER, sender=ORGANISER).value == 1000 + 100 + 50
    assert a.balance(ORGANISER) == 1000 + 100 + 50
    assert a.summary().held == 0


@pytest.mark.spec("E9")
def test_credit_pulled_in_a_cancelled_pool__leaves_fees_for_the_premiums_they_came_from(
    a: Arena,
) -> None:
    organiser_is_owed_a_credit(a, min_members=3)
    a.join(3, referrer=ORGANISER), a.join(4)
    a.start()
    assert a.pool.send("withdraw", ORGANISER, sender=ORGANISER).value == 1000
    a.by_anyone("refund_many", 1, 3)
    assert [a.balance(member) for member in M[1:]] == [1000, 1000]
    assert a.balance(a.pool.address) == a.summary().held == 0


@pytest.mark.spec("M6")
def test_wallet_that_pays__is_asked_for_the_tokens_not_who_pays_its_gas(a: Arena) -> None:
    token = a.use_token()
    a.create()
    wallet = a.mock("Wallet")
    for account in (wallet.address, OUTSIDER):
        a.fund(account, 700)
    execute(a, wallet, "donate", 700)
    assert a.balance(wallet.address) == 0
    assert a.balance(OUTSIDER) == token.view("allowance", OUTSIDER, a.pool.address) == 700
    assert a.summary().funds == 700


@pytest.mark.spec("S1")
def test_token_that_fails_and_says_true__has_not_paid(a: Arena) -> None:
    file = "tests/attacks/TokenThatFailsWithTrue.vy"
    a.token = deploy(a.chain, file, "Money", "MON", 6, sender=OUTSIDER)
    a.create()
    a.join(2), a.join(3)
    a.pool.send("leave", sender=M[0])
    assert (a.balance(M[0]), a.pool.view("credit_of", M[0])) == (0, 1000)
    assert refused(a, M[0], "withdraw", M[0]) == "withdraw: transfer failed"


@pytest.mark.spec("S1", "S8")
def test_token_whose_code_is_gone__has_not_paid(a: Arena) -> None:
    """Self-destructed, or an account that took its delegation back: it answers, with nothing."""
    token = a.use_token()
    a.create()
    a.join(2), a.join(3)
    code = a.chain.code(token.address)
    a.chain._state.set_code(to_bytes(hexstr=token.address), b"")
    a.pool.send("leave", sender=M[0])
    assert a.pool.view("credit_of", M[0]) == 1000
    assert refused(a, M[0], "withdraw", M[0]) == "withdraw: transfer failed"
    a.chain._state.set_code(to_bytes(hexstr=token.address), code)
    a.pool.send("withdraw", M[0], sender=M[0])
    assert a.balance(M[0]) == 1000


def test_wallet_that_fails_and_says_yes__has_not_signed(a: Arena) -> None:
    wallet = deploy(a.chain, "tests/attacks/WalletThatFailsWithYes.vy", sender=OUTSIDER)
    a.create(organiser=wallet.address)
    refusal = "invitation: not signed by an inviter"
    with pytest.raises(Reverted, match=refusal):
        a.join(2)


@pytest.mark.spec("X4", "X6")
def test_cancelled_pool_swept_twice__gives_void_fees_once(a: Arena) -> None:
    a.create(fee_bps=1000, commission_bps=500, min_members=3, **WITH_CAUSE)
    a.join(2), a.join(3, referrer=REFERRER)
    a.at(a.terms.cover_start + a.terms.unclaimed_after)
    a.by_anyone("sweep")
    assert (a.balance(CAUSE), a.summary().held) == (2000, 0)
    a.stray(300)
    a.by_anyone("absorb")
    a.chain.time += a.terms.unclaimed_after
    a.by_anyone("sweep")
    assert (a.balance(CAUSE), a.balance(a.pool.address)) == (2300, 0)


@pytest.mark.spec("L2")
def test_referrer_of_an_earlier_membership__loses_nothing_when_the_later_one_ends(
    both: Arena,
) -> None:
    a = both
    a.create(commission_bps=500)
    a.join(2, referrer=REFERRER), a.join(3, referrer=REFERRER)
    a.pool.send("leave", sender=M[0])
    a.chain.time += 60
    a.join(2)
    before = a.balance(M[0])
    a.pool.send("leave", sender=M[0])
    assert a.balance(M[0]) - before == 1000
    a.start()
    assert a.pool.view("earnings_of", REFERRER) == a.summary().held == 50


@pytest.mark.spec("E2")
def test_settlement__waits_for_an_award_for_which_money_has_come_in(a: Arena) -> None:
    a.create()
    for number in (2, 3, 4):
        a.join(number)
    a.start()
    a.reporting_end()
    a.chain.time -= 1
    a.award(M[0], 5000, M)
    a.donate(10_000)
    a.chain.time += 1
    assert a.summary().asked == 5000
    assert a.refusal("settle") == "settle: awards wait for their window"


@pytest.mark.spec("E5")
def test_late_joiner_who_was_awarded__takes_what_was_paid_off_those_that_share(a: Arena) -> None:
    a.create(claim_free_refund=True, enrolment_end=TERMS.expiry)
    a.join(2), a.join(3)
    a.at(TERMS.expiry - DAY)
    a.join(4)
    a.award(M[2], 10, M)
    a.reporting_end()
    a.by_anyone("settle")
    funds = a.summary().funds
    assert a.due(*M) == [funds // 2, funds // 2, 0]


@pytest.mark.spec("H12")
def test_claim_before_the_arbiter__is_not_reduced(a: Arena) -> None:
    a.create(**HEARING)
    for number in (2, 3, 4):
        a.join(number)
    a.start()
    a.file(M[0], 1000)
    a.chain.time += a.terms.voting_period
    a.by_anyone("resolve", 1)
    assert a.pool.view("claim", 1).status == 6
    assert refused(a, M[0], "reduce_claim", 1, 500) == "claim: voting is over"
