"""What anybody can always do for whoever is owed something: each function is one promise.

Calls are tried and undone; where several would do, one of them, another each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

from tests.model.core import CANCELLED, ZERO

from .comparison import same
from .mirror import Mirror
from .moments import concluding_moment, sweeping_moment, window_end
from .world import PEOPLE

ANYBODY = PEOPLE[12]
SOMEWHERE = "0x" + "77" * 20  # where money can be sent to that its owner cannot take
T = TypeVar("T")


def _one_of(mirror: Mirror, candidates: Sequence[T]) -> list[T]:
    return [candidates[mirror.calls % len(candidates)]] if candidates else []


def _can(mirror: Mirror, function: str, *args: int | str, by: str = ANYBODY) -> None:
    same((function, mirror.refusal(function, *args, sender=by)), (function, ""))


@pytest.mark.spec("A3", "A11", "C16", "H4", "H10", "B16")
def can_always_conclude_a_claim_whose_time_is_over(mirror: Mirror) -> None:
    """Without claimant, voters and arbiter."""
    due = [
        claim.id
        for claim in mirror.model.claims
        if claim.is_open and mirror.now >= concluding_moment(mirror.model, claim)
    ]
    for claim_id in _one_of(mirror, due):
        _can(mirror, "resolve", claim_id)


@pytest.mark.spec("W6")
def can_always_settle_the_oldest_window_once_decided(mirror: Mirror) -> None:
    """From the first second after it on."""
    model = mirror.model
    unsettled = [number for number, window in model.windows.items() if not window.settled]
    oldest = min(unsettled, default=None)
    if oldest is None or model.windows[oldest].undecided:
        return
    if mirror.now >= window_end(model, oldest):
        _can(mirror, "settle_window", oldest)


@pytest.mark.spec("W4", "U2", "W13", "S3")
def can_always_pay_an_award_that_is_due(mirror: Mirror) -> None:
    """Whether or not the payee, the claimant or the token takes money."""
    due = [claim.id for claim in mirror.model.claims if mirror.model.award_due(claim.id)[0]]
    for claim_id in _one_of(mirror, due):
        _can(mirror, "pay_award", claim_id)


@pytest.mark.spec("E1", "E2")
def can_always_settle_once_nothing_is_open(mirror: Mirror) -> None:
    """From the end of reporting on."""
    model = mirror.model
    is_over = model.has_begun and mirror.now >= model.reporting_end and not model.settled_at
    if is_over and not model.asked and not any(claim.is_open for claim in model.claims):
        _can(mirror, "settle")


@pytest.mark.spec("E7", "E9", "S3")
def can_always_refund_whom_something_is_due(mirror: Mirror) -> None:
    """Whether or not they take it."""
    model = mirror.model
    due = [account for account in model.members if model.refund_due(account)]
    for account in _one_of(mirror, due):
        _can(mirror, "refund", account)
        _can(mirror, "refund_many", 1, 500)


@pytest.mark.spec("M14")
def can_always_return_a_donation_of_a_cancelled_pool(mirror: Mirror) -> None:
    """To each donor."""
    donations = mirror.model.donations if mirror.model.phase == CANCELLED else {}
    for donor in _one_of(mirror, [donor for donor, amount in donations.items() if amount]):
        _can(mirror, "return_donation", donor)


@pytest.mark.spec("X1", "X2")
def can_always_sweep_what_nobody_took(mirror: Mirror) -> None:
    """Where there is a cause, after the time that the terms say."""
    model = mirror.model
    can_be_swept = model.terms.cause != ZERO and model.has_ended and model.funds
    if can_be_swept and mirror.now >= sweeping_moment(model):
        _can(mirror, "sweep")


@pytest.mark.spec("S1", "S5")
def can_always_withdraw_what_is_owed(mirror: Mirror) -> None:
    """Whoever was not paid sends it anywhere, while the token moves at all."""
    model = mirror.model
    earned = model.earnings if model.has_begun else {}
    owed = [a for a in {*model.credits, *earned} if model.credits[a] + earned.get(a, 0)]
    if mirror.takes(SOMEWHERE):
        for account in _one_of(mirror, sorted(owed)):
            _can(mirror, "withdraw", SOMEWHERE, by=account)


@pytest.mark.spec("L1", "L2", "S1")
def can_always_leave_before_cover_begins(mirror: Mirror) -> None:
    """With everything, whatever the payer can take."""
    if mirror.model.is_enrolling:
        for account in _one_of(mirror, list(mirror.model.members)):
            _can(mirror, "leave", by=account)


@pytest.mark.spec("G4")
def can_always_release_a_pledge(mirror: Mirror) -> None:
    """The payee, in every phase, beside every claim."""
    pledged = [member for member in mirror.model.members.values() if member.pledged]
    for member in _one_of(mirror, pledged):
        _can(mirror, "release", member.account, member.pledged, by=member.payee)


@pytest.mark.spec("M3", "M17")
def can_always_absorb_what_strayed_in(mirror: Mirror) -> None:
    """From cover_start on."""
    if mirror.model.stray and not mirror.model.is_enrolling:
        _can(mirror, "absorb")


@pytest.mark.spec("R12")
def can_always_bind_reinsurance_once(mirror: Mirror) -> None:
    """From cover_start on."""
    if mirror.model.has_begun and mirror.model.tower.is_unbound:
        _can(mirror, "bind_reinsurance")


@pytest.mark.spec("R18")
def can_always_take_in_what_no_share_owns(mirror: Mirror) -> None:
    """Once settled or cancelled."""
    if mirror.model.has_ended:
        left = [la.number for la in mirror.layers if not la.model.supply and la.model.layer.assets]
        for number in _one_of(mirror, left):
            _can(mirror, "absorb_layer", number)


@pytest.mark.spec("T6", "R19")
def can_always_redeem_shares_once_the_pool_has_ended(mirror: Mirror) -> None:
    """All of a holder's, to wherever money can be sent."""
    if not mirror.model.has_ended or not mirror.takes(SOMEWHERE):
        return
    for layer in _one_of(mirror, [layer for layer in mirror.layers if layer.model.supply]):
        holder = next(who for who, shares in layer.model.balances.items() if shares)
        shares = layer.model.balances[holder]
        layer.contract.view("redeem", shares, SOMEWHERE, holder, sender=holder)


IN_TURN = (
    can_always_conclude_a_claim_whose_time_is_over,
    can_always_settle_the_oldest_window_once_decided,
    can_always_pay_an_award_that_is_due,
    can_always_settle_once_nothing_is_open,
    can_always_refund_whom_something_is_due,
    can_always_return_a_donation_of_a_cancelled_pool,
    can_always_sweep_what_nobody_took,
    can_always_withdraw_what_is_owed,
    can_always_leave_before_cover_begins,
    can_always_release_a_pledge,
    can_always_absorb_what_strayed_in,
    can_always_bind_reinsurance_once,
    can_always_take_in_what_no_share_owns,
    can_always_redeem_shares_once_the_pool_has_ended,
)
