"""What the events of joining, leaving, moving and pledging say: every field, in order."""

from __future__ import annotations

import pytest

from peerpool.terms import Layer, Tier
from tests.attacks.arena import DAY, ORGANISER, OUTSIDER, WITH_CAUSE, ZERO, Arena
from tests.attacks.events import event, said
from tests.attacks.papers import change, recovery, short, sign
from tests.evm.contract import Result
from tests.evm.signing import address_of
from tests.layers.steps import deposit

PAYER, REFERRER, NEW = address_of(60), address_of(61), address_of(20)
M = [address_of(n) for n in (2, 3, 4, 5)]
SHARES = {
    "tiers": (Tier(1000, 5000), Tier(700, 6000)),
    "fee_bps": 1100,
    "commission_bps": 700,
}
LONG = 2**40


def join(
    a: Arena, member: int, tier: int = 0, payer: str = "", referrer: str = ZERO, more: int = 0
) -> Result:
    """Make a member, with some units too many sent along; return what was said."""
    account = address_of(member)
    value = a.fund(payer or account, a.pool.view("quote_premium", tier) + more)
    papers = (*a.invite(account, tier), referrer)
    return a.pool.send("join", *papers, sender=payer or account, value=value)


@pytest.mark.spec("M5", "N1")
def test_joined__says_who_for_what_and_where_the_premium_goes(both: Arena) -> None:
    both.create(**SHARES)
    join(both, 2)
    result = join(both, 3, 1, PAYER, REFERRER)
    assert said(result) == [
        event("Transfer", sender=ZERO, receiver=M[1], token_id=2),
        event(
            "Joined",
            member=M[1],
            id=2,
            payer=PAYER,
            tier=1,
            premium=700,
            fee=77,
            commission=49,
            referrer=REFERRER,
        ),
    ]
    assert result.value == 2
    nobody = join(both, 4)
    assert nobody.events[1].args == {
        "member": M[2],
        "id": 3,
        "payer": M[2],
        "tier": 0,
        "premium": 1000,
        "fee": 110,
        "commission": 0,
        "referrer": ZERO,
    }


@pytest.mark.spec("J8", "J9", "R15", "R6")
def test_late_joiner_s_event__has_the_price_and_not_what_was_sent(a: Arena) -> None:
    """Layers are bound first; what is not fee or commission repays what they have paid."""
    a.create(
        **SHARES,
        enrolment_end=a.terms.expiry,
        reinsurance=(Layer(2000, 200),),
        max_cession_bps=5000,
    )
    join(a, 2), join(a, 3)
    deposit(a, 1500)
    a.start()
    before = a.chain.snapshot()
    a.at(a.terms.cover_start + 10 * DAY)
    joined = {
        "member": M[2],
        "id": 3,
        "payer": PAYER,
        "tier": 0,
        "premium": 667,
        "fee": 73,
        "commission": 46,
        "referrer": REFERRER,
    }
    in_the_roster = [
        event("Transfer", sender=ZERO, receiver=M[2], token_id=3),
        event("Joined", **joined),
    ]
    ceded = event("PremiumCeded", layer=1, filled=1500, premium=150)
    assert said(join(a, 4, 0, PAYER, REFERRER, more=13)) == [ceded, *in_the_roster]
    assert a.balance(PAYER) == 13
    assert a.summary().funds == 2000 - 2 * 110 - 150 + 667 - 73 - 46
    a.chain.revert(before)
    a.award(M[0], 2630, M[:2])  # 1630 in funds, 1000 of the layer
    a.at(a.terms.cover_start + 10 * DAY)
    repaid = event("LayersRepaid", amount=667 - 73 - 46)
    assert said(join(a, 4, 0, PAYER, REFERRER)) == [repaid, *in_the_roster]
    assert (a.summary().funds, a.summary().drawn) == (0, 1000 - 548)


@pytest.mark.spec("L2", "N1", "M5")
def test_left__says_who_gets_the_premium_back(both: Arena) -> None:
    both.create(**SHARES)
    join(both, 2)
    join(both, 3, 1, PAYER, REFERRER)
    result = both.pool.send("leave", sender=M[1])
    assert said(result) == [
        event("Transfer", sender=M[1], receiver=ZERO, token_id=2),
        event("Left", member=M[1], id=2, payer=PAYER, premium=700),
    ]
    assert both.balance(PAYER) == 700


@pytest.mark.spec("E9", "M5", "M14", "X4")
def test_cancelled_pool__says_what_goes_back_to_whom(both: Arena) -> None:
    both.create(**SHARES, min_members=4, **WITH_CAUSE)
    join(both, 2)
    join(both, 3, 1, PAYER, REFERRER)
    join(both, 4)
    both.donate(31)
    both.donate(11, address_of(98))
    both.start()
    assert said(both.by_anyone("refund", M[1])) == [
        event("PremiumReturned", member=M[1], payer=PAYER, amount=700)
    ]
    assert said(both.by_anyone("refund_many", 1, 2)) == [
        event("PremiumReturned", member=M[0], payer=M[0], amount=1000)
    ]
    assert said(both.by_anyone("return_donation", OUTSIDER)) == [
        event("DonationReturned", donor=OUTSIDER, amount=31)
    ]
    both.at(both.terms.cover_start + both.terms.unclaimed_after)
    assert said(both.by_anyone("sweep")) == [event("Swept", amount=1011)]


@pytest.mark.spec("K4", "N1")
def test_moved_policy__says_from_where_to_where_with_what_credit(a: Arena) -> None:
    token = a.use_token("TokenThatBlocks")
    a.create()
    for number in (2, 3, 4):
        a.join(number)
    a.start()
    a.file(M[1], 90)
    a.vote(1, [M[0], M[2]])
    token.send("block", M[1], True, sender=OUTSIDER)
    assert said(a.by_anyone("resolve", 1)) == [
        event("ClaimResolved", claim_id=1, status=2, award=10, amount=90),
        event("AwardPaid", claim_id=1, claimant=M[1], amount=90),
        event("Credited", account=M[1], amount=90),
    ]
    moved = [
        event("WalletChanged", id=2, old=M[1], new=NEW, credit=90),
        event("Transfer", sender=M[1], receiver=NEW, token_id=2),
    ]
    before = a.chain.snapshot()
    assert said(a.pool.send("change_wallet", NEW, sender=M[1])) == moved
    assert a.pool.view("credit_of", M[1]) == 0
    assert a.pool.view("credit_of", NEW) == 90
    assert said(a.pool.send("withdraw", PAYER, sender=NEW)) == [
        event("Withdrawn", account=NEW, receiver=PAYER, amount=90)
    ]
    a.chain.revert(before)
    paper = change(a.pool.address, M[1], NEW, 0, LONG)
    papers = (M[1], NEW, LONG, sign(3, paper), sign(20, paper))
    assert said(a.by_anyone("change_wallet_for", *papers)) == moved


@pytest.mark.spec("K9", "K10", "K11", "K12")
def test_recovery__says_who_supports_it_and_until_when_one_may_object(a: Arena) -> None:
    a.create(expiry=a.terms.expiry + 100 * DAY)
    for number in (2, 3, 4, 5):
        a.join(number)
    a.start()

    def support(*signers: int, nonce: int = 0) -> Result:
        digest = recovery(a.pool.address, M[1], NEW, nonce)
        papers = [short(signer, digest) for signer in signers]
        return a.by_anyone("support_recovery", M[1], NEW, papers)

    assert said(support(2)) == [event("RecoverySupported", old=M[1], new=NEW, supporters=1)]
    result = support(4, 2, 5)
    assert said(result) == [event("RecoverySupported", old=M[1], new=NEW, supporters=3)]
    assert result.value == 3
    until = a.chain.time + 30 * DAY
    begun = [event("RecoveryBegun", old=M[1], new=NEW, until=until)]
    assert said(a.pool.send("begin_recovery", M[1], NEW, sender=ORGANISER)) == begun
    before = a.chain.snapshot()
    assert said(a.pool.send("object_to_recovery", sender=M[1])) == [
        event("RecoveryObjected", old=M[1])
    ]
    assert said(support(2, nonce=1)) == [
        event("RecoverySupported", old=M[1], new=NEW, supporters=1)
    ]
    a.chain.revert(before)
    a.at(until)
    assert said(a.by_anyone("finish_recovery", M[1])) == [
        event("WalletChanged", id=2, old=M[1], new=NEW, credit=0),
        event("Transfer", sender=M[1], receiver=NEW, token_id=2),
    ]


@pytest.mark.spec("G2", "G4")
def test_pledged__says_what_is_left_of_it(a: Arena) -> None:
    a.create()
    a.join(2), a.join(3)
    for amount in (40, 90):
        assert said(a.pool.send("pledge", PAYER, amount, sender=M[1])) == [
            event("Pledged", id=2, payee=PAYER, amount=amount)
        ]
    for amount, left in ((30, 60), (0, 60), (60, 0)):
        assert said(a.pool.send("release", M[1], amount, sender=PAYER)) == [
            event("Pledged", id=2, payee=PAYER, amount=left)
        ]
    assert tuple(a.pool.view("pledge_of", M[1])) == (PAYER, 0)
