"""What each door refuses, in its own words, with nothing changed; and what is just within."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from peerpool.terms import Layer
from tests.attacks.arena import (
    CAUSE,
    DAY,
    ORGANISER,
    OUTSIDER,
    TERMS,
    WITH_CAUSE,
    WORDS,
    ZERO,
    Arena,
)
from tests.attacks.papers import ballot, recovery, short
from tests.attacks.test_hearing import refused
from tests.evm.chain import Reverted
from tests.evm.contract import deploy
from tests.evm.signing import address_of
from tests.layers.steps import ROUND, deposit, join_all, layer

M = [address_of(n) for n in (2, 3, 4)]


def why(a: Arena, sender: str, function: str, *args: Any, value: int = 0) -> str:
    """Why a call with value is refused; nothing if it is not."""
    a.chain.give(sender, value)
    try:
        a.pool.send(function, *args, sender=sender, value=value)
    except Reverted as failure:
        return failure.reason
    return ""


# --- deployment -------------------------------------------------------------


@pytest.mark.parametrize(
    "name, codeless, words",
    [
        ("TreatyOffice", 0, "treaty office: policy office has no code"),
        ("BackOffice", 0, "back office: treaty office has no code"),
        ("Pool", 0, "pool: back office has no code"),
        ("PoolFactory", 0, "factory: implementation has no code"),
        ("PoolFactory", 1, "factory: layer implementation has no code"),
    ],
)
def test_deployment__onto_an_account_without_code_is_refused(
    a: Arena, name: str, codeless: int, words: str
) -> None:
    parts = [a.implementation.address] * (2 if name == "PoolFactory" else 1)
    made = deploy(a.chain, f"contracts/{name}.vy", *parts, sender=ORGANISER)
    with pytest.raises(Reverted):  # it is there, and no pool
        a.chain.call(made.address, bytes(4))
    parts[codeless] = OUTSIDER
    with pytest.raises(Reverted) as failure:
        deploy(a.chain, f"contracts/{name}.vy", *parts, sender=ORGANISER)
    assert failure.value.reason == words


def test_check_terms__says_what_create_pool_would(a: Arena) -> None:
    a.create()
    a.factory.view("check_terms", a.terms.as_tuple())
    a.at(a.terms.cover_start)
    with pytest.raises(Reverted, match="terms: cover_start is not in the future"):
        a.factory.view("check_terms", a.terms.as_tuple())


@pytest.mark.spec("F2")
@pytest.mark.parametrize("premiums", [(10, 0), (0, 10), (10, 10)])
def test_terms__with_a_layer_s_premium_and_nothing_to_pay_it_from(
    a: Arena, premiums: tuple[int, int]
) -> None:
    rows = tuple(Layer(1000, premium) for premium in premiums)

    def check(most: int) -> None:
        terms = replace(TERMS, reinsurance=rows, max_cession_bps=most)
        a.factory.view("check_terms", terms.as_tuple())

    check(1)
    with pytest.raises(Reverted, match="terms: layer premium without max_cession_bps"):
        check(0)


# --- joining ----------------------------------------------------------------


def test_join__of_a_full_pool_or_nobody_or_a_tier_that_is_not(a: Arena) -> None:
    a.create(max_members=2)

    def join(member: str, tier: int = 0) -> str:
        return why(a, OUTSIDER, "join", *a.invite(member, tier), ZERO, value=1000)

    assert join(ZERO) == "join: member is the zero address"
    assert join(M[0], 1) == "join: unknown tier"
    assert join(M[0]) == join(M[1]) == ""
    assert join(M[2]) == "join: pool is full"


def test_join__invited_by_an_organiser_that_is_a_wallet(a: Arena) -> None:
    wallet = a.mock("WalletThatSigns", address_of(7))
    a.create(organiser=wallet.address)
    assert a.join(2, signer=7) == M[0]
    invitation = a.invite(M[1], signer=8)
    words = "invitation: not signed by an inviter"
    assert why(a, M[1], "join", *invitation, ZERO, value=1000) == words


# --- claims -----------------------------------------------------------------


def test_claim__before_cover_in_a_cancelled_pool_without_evidence_or_loss(a: Arena) -> None:
    a.create(min_members=3, deductible=100)
    join_all(a)

    def file(amount: int = 101, evidence: bytes = WORDS) -> str:
        return refused(a, M[0], "file_claim", amount, a.chain.time, evidence, "")

    assert file() == "claim: cover has not started"
    before = a.chain.snapshot()
    a.pool.send("leave", sender=M[2])
    a.start()
    assert file() == "claim: pool is cancelled"
    a.chain.revert(before)
    a.start()
    assert file(100) == "claim: not above the deductible"
    assert file(evidence=bytes(32)) == "claim: no evidence"
    assert file() == ""
    assert a.pool.view("claim", 1).asked == 1


def test_batch__does_not_count_the_loss_payee_s_ballot(a: Arena) -> None:
    a.create()
    a.join(2)
    a.pool.send("pledge", M[1], 10, sender=M[0])
    a.join(3), a.join(4)
    a.start()
    a.file(M[0], 1000)
    digest = ballot(a.pool.address, 1, 10, WORDS)
    papers = [short(3, digest), short(4, digest)]
    assert a.by_anyone("cast_ballots", 1, 10, WORDS, papers).value == 1
    assert not a.pool.view("has_voted", 1, M[1])


def test_batch__of_nothing_is_nothing(a: Arena) -> None:
    a.create()
    join_all(a)
    a.start()
    a.file(M[0], 1000)
    assert a.by_anyone("cast_ballots", 1, 10, WORDS, []).value == 0
    assert sum(a.pool.view("tally", 1)) == 0
    assert a.by_anyone("support_recovery", M[0], OUTSIDER, []).value == 0


def test_views__of_a_claim_that_is_none(a: Arena) -> None:
    """However large its number: none reads at the place of another's."""
    a.create()
    join_all(a)
    a.start()
    a.file(M[0], 1000)
    a.vote(1, M[1:])
    for number in (0, 2, 2**32 - 1, 2**32, 2**32 + 1, 2**224 + 1, 2**255 + 1, 2**256 - 1):
        assert a.pool.view("tally", number) == (0,) * 11
        assert not a.pool.view("has_voted", number, M[1])
        with pytest.raises(Reverted, match="claim: no such claim"):
            a.pool.view("claim", number)


def test_recovery__supported_by_as_many_as_one_call_takes(a: Arena) -> None:
    a.create(max_members=300)
    crowd = range(1000, 1257)
    for number in crowd:
        a.join(number)
    a.start()
    old = address_of(crowd[0])
    digest = recovery(a.pool.address, old, OUTSIDER, 0)
    papers = [short(number, digest) for number in crowd[1:]]
    assert a.by_anyone("support_recovery", old, OUTSIDER, papers).value == 256


def test_change_for__after_its_deadline(a: Arena) -> None:
    a.create()
    join_all(a)
    late = (M[0], OUTSIDER, a.chain.time - 1, bytes(65), bytes(65))
    assert a.refusal("change_wallet_for", *late) == "wallet: signatures expired"
    in_time = (M[0], OUTSIDER, a.chain.time, bytes(65), bytes(65))
    assert a.refusal("change_wallet_for", *in_time) == "wallet: not signed by the old one"


# --- money ------------------------------------------------------------------


def test_money__of_nothing_to_nobody_or_for_no_cause(both: Arena) -> None:
    a = both
    a.create()
    join_all(a)
    assert a.refusal("donate", 0) == "donate: nothing"
    assert a.refusal("sweep") == "sweep: no cause"
    assert a.refusal("withdraw", ZERO) == "withdraw: receiver is the zero address"
    assert a.refusal("withdraw", OUTSIDER) == "withdraw: nothing owed"
    a.start()
    a.file(M[0], 10)
    assert a.refusal("recover", 1, 0) == "recover: nothing"


@pytest.mark.spec("E1", "M14")
def test_settling_and_giving_back__each_in_the_other_s_pool(a: Arena) -> None:
    for least in (4, 3):
        a.reset()
        a.create(min_members=least)
        join_all(a)
        a.donate(50)
        if least == 3:
            assert a.refusal("return_donation", OUTSIDER) == "donation: pool is not cancelled"
        a.reporting_end()
        if least == 4:
            assert a.refusal("settle") == "settle: pool is cancelled"
        a.by_anyone(*(("return_donation", OUTSIDER) if least == 4 else ("settle",)))
    assert a.refusal("return_donation", OUTSIDER) == "donation: pool is not cancelled"


def test_donation__is_not_returned_once_a_cancelled_pool_was_swept(a: Arena) -> None:
    a.create(min_members=4, **WITH_CAUSE)
    join_all(a)
    a.donate(50)
    a.start()
    assert a.pool.view("donation_of", OUTSIDER) == 50
    a.at(a.chain.time + 180 * DAY)
    a.by_anyone("sweep")
    assert a.balance(CAUSE) == 3050
    assert a.pool.view("donation_of", OUTSIDER) == 0
    assert a.refusal("return_donation", OUTSIDER) == "donation: nothing to return"


def test_rejected_claim_without_a_bond__makes_nothing_up(a: Arena) -> None:
    """While awards are unpaid: nothing comes in."""
    a.create()
    join_all(a)
    a.start()
    a.file(M[1], 1000)
    a.award(M[0], 5000, M)
    a.at(a.window_end(0))
    a.by_anyone("resolve", 1)
    a.by_anyone("settle_window", 0)
    assert a.summary().unpaid == 2000
    a.file(M[2], 10)
    a.vote(3, M[:2], 0)
    result = a.by_anyone("resolve", 3)
    assert [event.name for event in result.events] == ["ClaimResolved"]
    assert a.summary().unpaid == 2000


def test_token_starved_of_gas__is_a_transfer_that_failed(a: Arena) -> None:
    """Some gas is enough for the pool to say so and too little for the token."""
    a.use_token()
    a.create()
    a.fund(M[0], 1000)
    reasons = set()
    for gas in range(60_000, 200_000, 500):
        before = a.chain.snapshot()
        try:
            a.pool.send("donate", 1000, sender=M[0], gas=gas)
            reasons.add("")
        except Reverted as failure:
            reasons.add(failure.reason)
        a.chain.revert(before)
    assert {"", "token: transfer failed"} <= reasons


# --- layers -----------------------------------------------------------------


def test_layer__is_given_no_more_than_its_assets_whatever_it_asks(a: Arena) -> None:
    a.create(**ROUND)
    join_all(a)
    deposit(a, 500)
    a.reporting_end()
    a.by_anyone("settle")
    shares = layer(a).address
    assets = a.pool.view("layer", 1).assets
    ask = ("redeem_layer", 1, assets + 1, OUTSIDER)
    assert refused(a, shares, *ask) == "layer: above its assets"
    assert refused(a, shares, "redeem_layer", 1, assets, OUTSIDER) == ""


def test_layer__whose_token_is_blocked_absorbs_nothing(a: Arena) -> None:
    token = a.use_token("TokenThatBlocks")
    a.create(**ROUND)
    shares = layer(a)
    token.send("mint", shares.address, 7, sender=OUTSIDER)
    token.send("block", shares.address, True, sender=OUTSIDER)
    with pytest.raises(Reverted, match="token: transfer failed"):
        shares.send("absorb", sender=OUTSIDER)
    token.send("block", shares.address, False, sender=OUTSIDER)
    assert shares.send("absorb", sender=OUTSIDER).value == 7
    assert a.balance(a.pool.address) == 7
