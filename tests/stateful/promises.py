"""What must hold after every call, whatever happened: each function is one promise."""

from __future__ import annotations

from collections.abc import Callable

from web3 import Web3

from peerpool import ledger
from tests.evm.chain import Reverted
from tests.evm.provider import connect
from tests.model.ballots import OPEN
from tests.model.errors import ModelError
from tests.model.pool import CANCELLED, SETTLED, ZERO
from tests.model.records import Claim
from tests.model.shortage import dust_bound

from . import layer_promises
from .comparison import same
from .mirror import Mirror
from .world import RICH


def balance_covers_funds_and_held(mirror: Mirror) -> None:
    """Rule 1, with equality but for stray money."""
    summary = mirror.summary()
    balance = mirror.once("balance", lambda: mirror.world.balance(mirror.pool.address))
    same(balance, summary.funds + summary.held + mirror.model.stray)


def every_unit_is_accounted_for(mirror: Mirror) -> None:
    """Rule 2: the books from events alone are the contract's."""
    summary, books = mirror.summary(), mirror.books
    same((summary.funds, summary.held), (books.funds, books.held))
    same(summary.funds + summary.held, books.balance)


def summary_matches_the_model(mirror: Mirror) -> None:
    """Counts, funds, held, asked, unpaid, layers and times are those of the rules."""
    summary, model = mirror.summary(), mirror.model
    expected = {
        "phase": model.phase,
        "members": len(model.members),
        "roster_size": len(model.roster),
        "claims": len(model.claims),
        "open_claims": sum(claim.status == OPEN for claim in model.claims),
        "premiums": sum(member.premium for member in model.members.values()),
        "funds": model.funds,
        "held": model.held,
        "asked": model.asked,
        "unpaid": model.shortage.unpaid,
        "capacity": model.tower.capacity if not model.has_ended else 0,
        "drawn": model.tower.drawn,
        "unbound": model.tower.is_unbound,
        "settled_at": model.settled_at,
        "shared_at": model.surplus.shared_at,
    }
    same(summary._asdict(), expected)


def nobody_is_paid_more_than_award_limit_or_claim(mirror: Mirror) -> None:
    """By the events: no claim got more than its award, no member more than the cover limit."""
    model = mirror.model
    by_member: dict[str, int] = {}
    for claim in model.claims:
        paid = mirror.books.paid_to_claim[claim.id]
        assert paid == claim.paid <= claim.asked * claim.award // 10
        by_member[claim.claimant] = by_member.get(claim.claimant, 0) + paid
    for account, paid in by_member.items():
        assert paid <= model.terms.tiers[model.members[account].tier].cover_limit


def what_is_due_is_there(mirror: Mirror) -> None:
    """Funds cover every refund due, held every credit, earning, bond, award set aside and layer."""
    model = mirror.model
    refunds = sum(model.refund_due(account) for account in model.members)
    layers = model.tower.assets
    if model.phase == CANCELLED:
        # fees and commissions are void, and still held until they go back with the premiums
        assert refunds + sum(model.donations.values()) <= model.funds + model.held - layers
        return
    assert refunds <= model.funds
    bonds = model.terms.claim_bond * sum(claim.status == OPEN for claim in model.claims)
    owed = sum(model.credits.values()) + sum(model.earnings.values())
    set_aside = sum(
        model.award_due(claim.id)[1]
        for claim in model.claims
        if claim.waits and model.windows[claim.window].settled
    )
    assert bonds + owed + set_aside + layers <= model.held
    assert not model.shortage.unpaid or not model.funds


def claim_matches_the_ballots(mirror: Mirror, claim: Claim) -> None:
    """Electorate, tally, state and payment of a claim, and its window."""
    model, pool = mirror.model, mirror.pool
    record = pool.view("claim", claim.id)._asdict()
    same(record, {name: getattr(claim, name) for name in record})
    assert list(pool.view("tally", claim.id)) == claim.tally
    assert sum(claim.tally) == len(claim.voters) <= claim.electorate
    for account in sorted({*list(claim.voters)[:2], claim.claimant, *list(model.members)[-2:]}):
        same(pool.view("has_voted", claim.id, account), account in claim.voters)
    least, most = model.award_due(claim.id)
    assert least <= pool.view("award_due", claim.id) <= most
    window = pool.view("window", claim.window)._asdict()
    same(window, {name: getattr(model.windows[claim.window], name) for name in window})


def account_matches_the_model(mirror: Mirror, account: str) -> None:
    """An account's record, and everything it is owed."""
    model, pool = mirror.model, mirror.pool
    record, member = pool.view("member", account), model.members.get(account)
    if member is None:
        assert set(record) == {0}
        assert pool.view("payer_of", account) == ZERO
    else:
        for field in ("id", "tier", "joined_at", "premium", "open_claim", "awarded"):
            same(getattr(record, field), getattr(member, field))
        same(record.cover_used, 0 if member.refunded else member.cover_used)
        same(record.refunded, member.refunded)
        same(pool.view("payer_of", account), member.payer)
        same(pool.view("member_at", member.id), account)
    same(pool.view("refund_due", account), model.refund_due(account))
    same(pool.view("credit_of", account), model.credits[account])
    if model.phase == CANCELLED:
        same(pool.view("earnings_of", account), 0)
    else:
        same(pool.view("earnings_of", account), model.earnings[account])
    if model.phase != SETTLED:
        same(pool.view("donation_of", account), model.donations[account])


def claims_match_the_ballots(mirror: Mirror) -> None:
    """All claims."""
    for claim in mirror.model.claims:
        claim_matches_the_ballots(mirror, claim)


def accounts_match_the_model(mirror: Mirror) -> None:
    """All accounts that have to do with the pool, and one that has not."""
    for account in _known_accounts(mirror):
        account_matches_the_model(mirror, account)
    same(mirror.pool.view("member_at", len(mirror.model.roster) + 1), ZERO)


def wallets_match_the_model(mirror: Mirror) -> None:
    """Every account has what it had, less what it spent, plus what it received."""
    model = mirror.model
    for account in mirror.world.accounts:
        expected = RICH - model.spent[account] + model.received[account]
        same((account, mirror.world.balance(account)), (account, expected))


def prices_match_the_model(mirror: Mirror) -> None:
    """What joining costs now, for each tier and one too many."""
    for tier in range(len(mirror.terms.tiers) + 1):
        same(
            _outcome(lambda t=tier: mirror.pool.view("quote_premium", t)),
            _outcome(lambda t=tier: mirror.model.quote_premium(t)),
        )


def only_dust_is_left(mirror: Mirror) -> None:
    """Rule 14, once everybody has pulled everything. (A pool without members keeps strays.)"""
    model = mirror.model
    same(model.tower.assets, 0)
    if not model.members:
        same(model.held, 0)
        return
    assert model.funds < len(model.members)
    assert model.phase != CANCELLED or not model.held
    cut = [claim for claim in model.claims if claim.cut]
    assert model.held <= sum(dust_bound(claim) for claim in cut)
    assert not any(model.credits.values())


def published_books_agree(mirror: Mirror) -> None:
    """The ledger that reports are made of, rebuilt from events as anybody can, finds nothing."""
    web3 = connect(mirror.world.chain)
    books = ledger.read(web3, Web3.to_checksum_address(mirror.pool.address))
    same([found for found in ledger.check(web3, books) if "stray" not in found], [])


EVERY_STEP = (
    balance_covers_funds_and_held,
    every_unit_is_accounted_for,
    summary_matches_the_model,
    what_is_due_is_there,
    nobody_is_paid_more_than_award_limit_or_claim,
    *layer_promises.EVERY_STEP,
)
AT_THE_END = (
    claims_match_the_ballots,
    accounts_match_the_model,
    wallets_match_the_model,
    prices_match_the_model,
    *layer_promises.AT_THE_END,
)


def _known_accounts(mirror: Mirror) -> list[str]:
    """Return all who have to do with the pool, and one who has not."""
    model, accounts = mirror.model, mirror.world.accounts
    known = {*model.members, *model.credits, *model.earnings, *model.donations, *model.spent}
    strangers = [account for account in accounts if account not in known]
    return [account for account in accounts if account in known] + strangers[:1]


def _outcome(call: Callable[[], int]) -> int | str:
    try:
        return call()
    except (Reverted, ModelError) as error:
        return error.reasons[0] if isinstance(error, ModelError) else error.reason
