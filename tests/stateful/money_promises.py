"""What pots, books and payments promise: each function is one promise."""

from __future__ import annotations

import pytest

from tests.model.ballots import BPS
from tests.model.core import CANCELLED, SETTLED

from .comparison import same
from .mirror import Mirror
from .world import RICH


@pytest.mark.spec("M5", "I1")
def never_loses_a_unit(mirror: Mirror) -> None:
    """Rule 2: the books from events alone are the pots of the rules."""
    model, books = mirror.model, mirror.books
    same((books.funds, books.held), (model.funds, model.held))
    same(books.balance, model.funds + model.held)


@pytest.mark.spec("M1", "M2")
def never_has_less_than_it_owes(mirror: Mirror) -> None:
    """Rule 1: the balance is funds and held and what strayed in, to the unit."""
    books = mirror.books
    same(mirror.balance(), books.funds + books.held + mirror.model.stray)


@pytest.mark.spec("P1", "P2", "P3", "P5", "W3")
def never_differs_from_the_rules(mirror: Mirror) -> None:
    """Phase, counts, pots, asked, unpaid, layers and times are those of the rules."""
    same(mirror.summary()._asdict(), summary_by_the_rules(mirror))


def summary_by_the_rules(mirror: Mirror) -> dict[str, int | bool]:
    """Return what summary() has to say."""
    model = mirror.model
    return {
        "phase": model.phase,
        "members": len(model.members),
        "roster_size": len(model.roster),
        "claims": len(model.claims),
        "open_claims": sum(claim.is_open for claim in model.claims),
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


@pytest.mark.spec("M18", "P8")
def never_touches_another_pool(mirror: Mirror) -> None:
    """Nothing that is done to one pool changes a figure of its neighbour, or its money."""
    for other in mirror.world.mirrors:
        if other is not mirror:
            same(other.pool.view("summary")._asdict(), summary_by_the_rules(other))
            balance = mirror.world.balance(other.pool.address)
            same(balance, other.model.funds + other.model.held + other.model.stray)


@pytest.mark.spec("I3", "D4")
def never_promises_what_is_not_there(mirror: Mirror) -> None:
    """Funds cover every refund due, held every credit, earning, bond, award set aside and layer."""
    model = mirror.model
    refunds = sum(model.refund_due(account) for account in model.members)
    layers = model.tower.assets
    if model.phase == CANCELLED:
        # fees and commissions are void, and still held until they go back with the premiums
        assert refunds + sum(model.donations.values()) <= model.funds + model.held - layers
        return
    assert refunds <= model.funds
    bonds = model.terms.claim_bond * sum(claim.is_open for claim in model.claims)
    owed = sum(model.credits.values()) + sum(model.earnings.values())
    set_aside = sum(
        model.award_due(claim.id)[1]
        for claim in model.claims
        if claim.waits and model.windows[claim.window].settled
    )
    assert bonds + owed + set_aside + layers <= model.held


@pytest.mark.spec("I2", "R3")
def never_holds_what_nobody_owns(mirror: Mirror) -> None:
    """Held is bonds, credits, earnings, awards set aside and layers, with equality."""
    model, books = mirror.model, mirror.books
    earned = books.not_returned if model.phase == CANCELLED else model.earnings
    owed = sum(model.credits.values()) + sum(earned.values())
    same(books.held, books.bonds + owed + books.set_aside + model.tower.assets)


@pytest.mark.spec("U5", "U6")
def never_keeps_funds_while_awards_are_unpaid(mirror: Mirror) -> None:
    """Rule 11: what comes in goes to awards that were cut before anybody else gets any."""
    assert not mirror.model.shortage.unpaid or not mirror.books.funds


@pytest.mark.spec("E3", "E8", "E11")
def never_refunds_more_than_was_shared(mirror: Mirror) -> None:
    """Once settled, funds are what was shared with members less refunds and sweeps."""
    if mirror.model.phase == SETTLED:
        same(mirror.books.funds, mirror.books.shared)


@pytest.mark.spec("E4", "E5")
def never_refunds_a_member_more_than_a_share(mirror: Mirror) -> None:
    """Nobody has taken more of the surplus of a round than the premium's part of it, rounded."""
    model = mirror.model
    for member in model.members.values():
        assert 0 <= member.taken <= model.surplus.due_in_total(member)


@pytest.mark.spec("J17", "J18", "S6")
def never_gives_organiser_and_referrers_more_than_their_part(mirror: Mirror) -> None:
    """What is earned is fees and commissions of the present members' premiums at most."""
    terms, premiums = mirror.terms, mirror.model.members.values()
    part = terms.fee_bps + terms.commission_bps
    most = sum(member.premium for member in premiums) * part // BPS
    assert sum(mirror.model.earnings.values()) <= most
    assert all(amount >= 0 for amount in mirror.model.earnings.values())


@pytest.mark.spec("P2", "P4")
def never_goes_back_a_phase(mirror: Mirror) -> None:
    """Enrolling, then Cancelled for ever, or Active, RunOff and Settled in turn."""
    seen, phase = mirror.seen, mirror.model.phase
    assert phase >= seen.phase
    assert seen.phase != CANCELLED or phase == CANCELLED
    seen.phase = phase


@pytest.mark.spec("M6", "I1")
def never_takes_money_from_anybody_but_the_caller(mirror: Mirror) -> None:
    """Every account has what it had, less what it spent, plus what it received, in all pools."""
    models = [one.model for one in mirror.world.mirrors]
    for account in mirror.world.accounts:
        expected = RICH + sum(m.received[account] - m.spent[account] for m in models)
        same((account, mirror.world.balance(account)), (account, expected))


EVERY_STEP = (
    never_loses_a_unit,
    never_promises_what_is_not_there,
    never_holds_what_nobody_owns,
    never_keeps_funds_while_awards_are_unpaid,
    never_refunds_more_than_was_shared,
    never_refunds_a_member_more_than_a_share,
    never_gives_organiser_and_referrers_more_than_their_part,
    never_goes_back_a_phase,
)
IN_TURN = (never_has_less_than_it_owes, never_differs_from_the_rules, never_touches_another_pool)
AT_THE_END = (never_takes_money_from_anybody_but_the_caller,)
