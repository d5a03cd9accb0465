"""What memberships, pledges and policies as tokens promise: each function is one promise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.evm.chain import Reverted
from tests.model.core import CANCELLED, ENROLLING, SETTLED, ZERO
from tests.model.errors import ModelError

from .comparison import same
from .mirror import Mirror

NO_POLICY = "policy: no such policy"


@pytest.mark.spec("N1", "J20")
def never_has_two_owners_of_a_policy(mirror: Mirror) -> None:
    """By ERC-721's log alone: an id has one owner, a member one policy; ids never return."""
    model, books = mirror.model, mirror.books
    same([books.owners[place + 1] for place in range(len(books.owners))], model.roster)
    present = [account for account in model.roster if account != ZERO]
    assert len(present) == len(set(present))
    assert set(present) == model.members.keys()


@pytest.mark.spec("J14", "L1")
def never_loses_a_member_once_cover_has_begun(mirror: Mirror) -> None:
    """And never has more than max_members: nobody leaves, moves away with two, or is put out."""
    model, seen = mirror.model, mirror.seen
    premiums = sum(member.premium for member in model.members.values())
    assert len(model.members) <= mirror.terms.max_members
    assert len(model.roster) >= seen.ids
    if model.phase != ENROLLING:
        assert premiums >= seen.premiums
        seen.premiums = premiums
    seen.ids = len(model.roster)


@pytest.mark.spec("G3", "G5", "G12")
def never_pays_a_payee_more_than_was_pledged(mirror: Mirror) -> None:
    """By the events: what is pledged still, less what was paid, called and released."""
    for policy in mirror.books.policies.values():
        member = mirror.model.members[policy.account]
        assert policy.pledged >= 0
        same((policy.payee, policy.pledged), (member.payee, member.pledged))
        same(policy.payer, member.payer)


@pytest.mark.spec("K7", "K11")
def never_lowers_a_nonce(mirror: Mirror) -> None:
    """A signature that was void stays void."""
    for account, nonce in mirror.model.nonces.items():
        assert nonce >= mirror.seen.nonces.get(account, 0)
        mirror.seen.nonces[account] = nonce


@pytest.mark.spec("E4", "K4", "V1", "V2")
def never_shows_an_account_otherwise_than_it_is(mirror: Mirror) -> None:
    """An account's record, and everything it is owed; one account at a time."""
    accounts = mirror.world.accounts
    _look_at(mirror, accounts[mirror.calls * 7 % len(accounts)])


@pytest.mark.spec("E4", "V1")
def never_shows_any_account_otherwise(mirror: Mirror) -> None:
    """All accounts that have to do with the pool, and one that has not."""
    for account in _known_accounts(mirror):
        _look_at(mirror, account)
    same(mirror.pool.view("member_at", len(mirror.model.roster) + 1), ZERO)


@pytest.mark.spec("N1", "N2", "N3")
def never_shows_a_policy_otherwise_than_it_is(mirror: Mirror) -> None:
    """The token of an id is its member's, locked, and approved to nobody; or there is none."""
    pool, roster = mirror.pool, mirror.model.roster
    token_id = mirror.calls % (len(roster) + 1) + 1
    owner = roster[token_id - 1] if token_id <= len(roster) else ZERO
    if owner == ZERO:
        for view in ("ownerOf", "locked", "getApproved", "tokenURI"):
            same(mirror.refusal(view, token_id, sender=ZERO), NO_POLICY)
        return
    same(pool.view("ownerOf", token_id), owner)
    same(pool.view("balanceOf", owner), 1)
    same((pool.view("locked", token_id), pool.view("getApproved", token_id)), (True, ZERO))
    refusal = mirror.refusal("transferFrom", owner, mirror.world.loan, token_id, sender=owner)
    same(refusal, "policy: cannot be moved")


@pytest.mark.spec("J7", "J8")
def never_shows_another_price(mirror: Mirror) -> None:
    """What joining costs now, for each tier and one too many."""
    for tier in range(len(mirror.terms.tiers) + 1):
        same(
            _outcome(lambda t=tier: mirror.pool.view("quote_premium", t)),
            _outcome(lambda t=tier: mirror.model.quote_premium(t)),
        )


@pytest.mark.spec("P7", "F1")
def never_changes_its_terms(mirror: Mirror) -> None:
    """They are what they were created with."""
    same(_plain(mirror.pool.view("terms")), _plain(mirror.terms.as_tuple()))


def _look_at(mirror: Mirror, account: str) -> None:
    model, pool = mirror.model, mirror.pool
    record, member = pool.view("member", account), model.members.get(account)
    if member is None:
        assert set(record) == {0}
        same(pool.view("payer_of", account), ZERO)
    else:
        for field in ("id", "tier", "joined_at", "premium", "open_claim", "awarded"):
            same(getattr(record, field), getattr(member, field))
        same(record.cover_used, 0 if member.refunded else member.cover_used)
        same(record.refunded, member.refunded)
        same(pool.view("payer_of", account), member.payer)
        same(pool.view("member_at", member.id), account)
    same(tuple(pool.view("pledge_of", account)), model.pledge_of(account))
    same(pool.view("wallet_nonce", account), model.nonces[account])
    same(pool.view("refund_due", account), model.refund_due(account))
    same(pool.view("credit_of", account), model.credits[account])
    earned = 0 if model.phase == CANCELLED else model.earnings[account]
    same(pool.view("earnings_of", account), earned)
    if model.phase != SETTLED:
        same(pool.view("donation_of", account), model.donations[account])


def _known_accounts(mirror: Mirror) -> list[str]:
    """Return all who have to do with the pool, and one who has not."""
    model, accounts = mirror.model, mirror.world.accounts
    known = {*model.members, *model.credits, *model.earnings, *model.donations, *model.spent}
    known |= set(model.nonces)
    strangers = [account for account in accounts if account not in known]
    return [account for account in accounts if account in known] + strangers[:1]


def _outcome(call: Callable[[], int]) -> tuple[str, ...] | int:
    """Return what a call answers; why it is refused where one reason is enough."""
    try:
        return call()
    except ModelError as error:
        return error.reasons[:1]
    except Reverted as error:
        return (error.reason,)


def _plain(value: object) -> object:
    """Return a struct as tuples."""
    if isinstance(value, (tuple, list)):
        return tuple(_plain(item) for item in value)
    return value.lower() if isinstance(value, str) else value


EVERY_STEP = (
    never_has_two_owners_of_a_policy,
    never_loses_a_member_once_cover_has_begun,
    never_pays_a_payee_more_than_was_pledged,
    never_lowers_a_nonce,
)
IN_TURN = (
    never_shows_an_account_otherwise_than_it_is,
    never_shows_a_policy_otherwise_than_it_is,
    never_shows_another_price,
)
AT_THE_END = (never_shows_any_account_otherwise, never_changes_its_terms)
