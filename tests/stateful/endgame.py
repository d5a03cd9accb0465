"""How any pool ends: an outsider alone, with a number of calls that is known before."""

from __future__ import annotations

from tests.model.ballots import OPEN
from tests.model.pool import CANCELLED, SETTLED, ZERO, Pool

from . import layer_promises, promises
from .comparison import same
from .mirror import Mirror

REFUNDS_A_CALL = 500


def moments_ahead(model: Pool) -> list[int]:
    """Return the seconds after now in which something begins or ends, soonest first."""
    terms = model.terms
    moments = {terms.cover_start, terms.enrolment_end, terms.expiry, model.reporting_end}
    moments |= {c.filed_at + terms.voting_period for c in model.claims if c.status == OPEN}
    moments |= {_window_end(model, n) for n, w in model.windows.items() if not w.settled}
    moments |= {terms.cover_start + terms.waiting_period}
    if model.phase in (SETTLED, CANCELLED):
        since = model.surplus.shared_at or terms.cover_start
        moments.add(since + terms.unclaimed_after)
    return sorted(moment for moment in moments if moment > model.now) or [model.now + 1]


def bring_to_an_end(mirror: Mirror, outsider: str) -> None:
    """Drive the pool to Settled or Cancelled, pay everybody, and look at what is left."""
    model, world = mirror.model, mirror.world
    for account in sorted(world.refusing):
        world.set_refusing(account, False)
    if world.is_stopped:
        world.set_stopped(False)
    before = mirror.calls
    if mirror.now < model.terms.cover_start:
        mirror.pass_time(model.terms.cover_start)
    if model.phase != CANCELLED:
        _settle(mirror, outsider)
    assert model.phase in (SETTLED, CANCELLED)
    assert mirror.calls - before <= len(model.claims) + len(model.windows) + 1
    for promise in layer_promises.EVERY_STEP:
        promise(mirror)
    _bring_in_what_strayed(mirror, outsider)
    _redeem_all_shares(mirror)
    _pay_everybody(mirror, outsider)
    promises.only_dust_is_left(mirror)
    if model.terms.cause != ZERO and model.funds:
        since = model.surplus.shared_at or model.terms.cover_start
        mirror.pass_time(max(mirror.now, since + model.terms.unclaimed_after))
        mirror.sweep(outsider)
        assert mirror.summary().funds == 0
    for promise in (*promises.EVERY_STEP, promises.published_books_agree):
        promise(mirror)


def _settle(mirror: Mirror, outsider: str) -> None:
    model = mirror.model
    is_open = [claim for claim in model.claims if claim.status == OPEN]
    last_vote = max((c.filed_at + model.terms.voting_period for c in is_open), default=0)
    last_window = max((_window_end(model, n) for n in model.windows), default=0)
    if not model.settled_at:
        mirror.pass_time(max(mirror.now, model.reporting_end, last_vote, last_window))
    for claim in is_open:
        mirror.resolve(claim.id, outsider)
    for number in sorted(number for number, w in model.windows.items() if not w.settled):
        mirror.settle_window(number, outsider)
    if not model.settled_at:
        mirror.settle(outsider)


def _bring_in_what_strayed(mirror: Mirror, outsider: str) -> None:
    """Also what came back to a layer after its last share was redeemed, highest layer first."""
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
                layer.redeem(holder, amount, holder, holder)
        same(layer.contract.view("totalSupply"), 0)
        same(layer.contract.view("totalAssets"), 0)


def _pay_everybody(mirror: Mirror, outsider: str) -> None:
    model = mirror.model
    for claim in model.claims:
        if mirror.pool.view("award_due", claim.id):
            mirror.pay_award(claim.id, outsider)
    for first_id in range(1, len(model.roster) + 1, REFUNDS_A_CALL):
        mirror.refund_many(first_id, REFUNDS_A_CALL, outsider)
    if model.phase == CANCELLED:
        for donor in [donor for donor, amount in model.donations.items() if amount]:
            mirror.return_donation(donor, outsider)
    for account in mirror.world.accounts:
        earned = model.earnings[account] if model.phase != CANCELLED else 0
        if model.credits[account] + earned:
            mirror.withdraw(account, outsider)


def _window_end(model: Pool, number: int) -> int:
    return model.terms.cover_start + (number + 1) * model.terms.voting_period
