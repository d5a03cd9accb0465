"""How any pool ends: an outsider alone, with a number of calls that is known before."""

from __future__ import annotations

import pytest

from tests.model.core import CANCELLED, SETTLED, ZERO
from tests.model.records import Claim

from . import counts, layer_promises, promises
from .comparison import same
from .mirror import Mirror
from .moments import concluding_moment, sweeping_moment, window_end

REFUNDS_A_CALL = 500
STAGES = 2  # most calls of resolve that a claim still takes: vote or appeal, and ruling


@pytest.mark.spec("P6", "S3")
def can_always_be_brought_to_an_end_by_an_outsider(mirror: Mirror, outsider: str) -> None:
    """In so many calls at most, from any state, with every arbiter, voter and payee silent."""
    model = mirror.model
    is_open = sum(claim.is_open for claim in model.claims)
    before = mirror.calls
    if mirror.now < model.terms.cover_start:
        mirror.pass_time(model.terms.cover_start)
    if model.phase != CANCELLED:
        _settle(mirror, outsider)
    assert model.phase in (SETTLED, CANCELLED)
    assert mirror.calls - before <= STAGES * is_open + len(model.windows) + 1


@pytest.mark.spec("P6", "E9", "M14", "U2", "W13")
def can_always_be_paid_by_an_outsider(mirror: Mirror, outsider: str) -> None:
    """Awards, refunds and donations reach whoever takes money, without any act of theirs."""
    model = mirror.model
    for claim in model.claims:
        if mirror.pool.view("award_due", claim.id):
            mirror.pay_award(claim.id, outsider)
    for first_id in range(1, len(model.roster) + 1, REFUNDS_A_CALL):
        mirror.refund_many(first_id, REFUNDS_A_CALL, outsider)
    if model.phase == CANCELLED:
        for donor in [donor for donor, amount in model.donations.items() if amount]:
            mirror.return_donation(donor, outsider)
    assert not any(model.refund_due(account) for account in model.members)
    assert not any(model.award_due(claim.id)[0] for claim in model.claims)


PROMISES = (can_always_be_brought_to_an_end_by_an_outsider, can_always_be_paid_by_an_outsider)


def bring_to_an_end(mirror: Mirror, outsider: str) -> None:
    """Drive the pool to Settled or Cancelled, pay everybody, and look at what is left."""
    model = mirror.model
    mirror.world.end_all_refusals()
    for promise in PROMISES:
        counts.kept[promise.__name__] += 1
    can_always_be_brought_to_an_end_by_an_outsider(mirror, outsider)
    promises.look(mirror, layer_promises.IN_TURN)
    _bring_in_what_strayed(mirror, outsider)
    _redeem_all_shares(mirror)
    can_always_be_paid_by_an_outsider(mirror, outsider)
    _withdraw_everything(mirror, outsider)
    if mirror.model.stray:  # what a policy on the pool's own account was paid
        _bring_in_what_strayed(mirror, outsider)
        can_always_be_paid_by_an_outsider(mirror, outsider)
    promises.look(mirror, promises.AFTER_THE_END)
    if model.terms.cause != ZERO and model.funds:
        mirror.pass_time(max(mirror.now, sweeping_moment(model)))
        mirror.sweep(outsider)
        same(mirror.summary().funds, 0)
    promises.look(mirror, (*promises.EVERY_STEP, *promises.IN_TURN, *promises.ONCE_EMPTY))


def take_on(mirror: Mirror, claim: Claim, outsider: str) -> None:
    """Wait until anybody can conclude a claim, and do it: nobody else does anything."""
    while claim.is_open:
        mirror.pass_time(max(mirror.now, concluding_moment(mirror.model, claim)))
        before = claim.status
        mirror.resolve(claim.id, outsider)
        assert claim.status != before


def _settle(mirror: Mirror, outsider: str) -> None:
    model = mirror.model
    is_open = [claim for claim in model.claims if claim.is_open]
    for claim in sorted(is_open, key=lambda claim: concluding_moment(model, claim)):
        take_on(mirror, claim, outsider)
    last_window = max((window_end(model, number) for number in model.windows), default=0)
    if not model.settled_at:
        mirror.pass_time(max(mirror.now, model.reporting_end, last_window))
    for number in sorted(number for number, w in model.windows.items() if not w.settled):
        mirror.settle_window(number, outsider)
    if not model.settled_at:
        mirror.settle(outsider)


def _bring_in_what_strayed(mirror: Mirror, outsider: str) -> None:
    """Also what comes back to layers when their last shares are redeemed, highest layer first."""
    for layer in mirror.layers:
        if layer.model.stray and mirror.terms.asset != ZERO:
            layer.absorb(outsider)
    if mirror.model.stray:
        mirror.absorb(outsider)
    for layer in reversed(mirror.layers):
        if not layer.model.supply and layer.model.layer.assets:
            mirror.absorb_layer(layer.number, outsider)


def _redeem_all_shares(mirror: Mirror) -> None:
    """Everybody takes what is theirs; the last one leaves nothing in the layer."""
    for layer in mirror.layers:
        for holder, amount in sorted(layer.model.balances.items()):
            if amount:
                layer.redeem(holder, amount, _purse(mirror, holder), holder)
        same(layer.contract.view("totalSupply"), 0)
        same(layer.contract.view("totalAssets"), 0)


def _withdraw_everything(mirror: Mirror, outsider: str) -> None:
    """Credits, fees and commissions; who cannot be paid has them sent to somebody who can."""
    model = mirror.model
    for account in mirror.world.accounts:
        earned = model.earnings[account] if model.phase != CANCELLED else 0
        if model.credits[account] + earned:
            mirror.withdraw(account, _purse(mirror, account, outsider))


def _purse(mirror: Mirror, account: str, other: str = "") -> str:
    return account if mirror.takes(account) else other or mirror.world.accounts[0]
