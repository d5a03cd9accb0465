"""What a call that succeeded has reached, for the counts of a run."""

from __future__ import annotations

from collections.abc import Iterator

from tests.evm.contract import Event
from tests.model.core import CANCELLED, RUN_OFF, SETTLED
from tests.model.pool import Pool

from . import counts


def note(model: Pool, function: str, events: tuple[Event, ...], called_back: str) -> None:
    """Count what happened."""
    names = {event.name for event in events}
    for situation, is_so in (
        *_of_money(model, function, names),
        *_of_layers(model, function, names),
        ("a door was found locked by who was paid", bool(called_back)),
    ):
        if is_so:
            counts.reached[situation] += 1
    for event in events:
        if event.name == "ClaimDecided":
            counts.reached[f"a vote left a claim in status {event.status}"] += 1
        elif event.name == "ClaimResolved":
            counts.reached[f"{function} concluded a claim in status {event.status}"] += 1


def _of_money(model: Pool, function: str, names: set[str]) -> Iterator[tuple[str, bool]]:
    paid = bool(names & {"AwardPaid", "PledgePaid"})
    yield "something became a credit", "Credited" in names
    yield "an award was cut", "WindowSettled" in names and model.shortage.unpaid > 0
    yield "an award waited", "ClaimResolved" in names and not paid
    yield "a guarantee waited", function == "call_guarantee" and not paid
    yield "a payee was paid first", {"AwardPaid", "PledgePaid"} <= names
    yield "unpaid awards were made up", "MadeUp" in names
    yield "a call in a cancelled pool", model.phase == CANCELLED
    yield "a call in run-off", model.phase == RUN_OFF
    yield "surplus was shared", "Shared" in names
    yield "surplus was shared after settling", "Shared" in names and function != "settle"
    yield (
        "a policy moved with a claim open",
        "WalletChanged" in names and any(claim.is_open for claim in model.claims),
    )


def _of_layers(model: Pool, function: str, names: set[str]) -> Iterator[tuple[str, bool]]:
    tower, phase = model.tower, model.phase
    paid = "LayersDrawn" in names
    wanted = sum(layer.premium * layer.filled // layer.limit for layer in tower.layers)
    ceded = sum(layer.ceded for layer in tower.layers)
    yield f"reinsurance was bound by {function}", "PremiumCeded" in names
    yield "cession was capped", "PremiumCeded" in names and ceded < wanted
    yield "layers paid", paid
    yield "several layers have paid", paid and sum(la.drawn > 0 for la in tower.layers) > 1
    yield (
        "a partly filled layer paid",
        paid and any(layer.drawn and layer.filled < layer.limit for layer in tower.layers),
    )
    yield "layers were used up", paid and not tower.capacity
    yield "layers were repaid", "LayersRepaid" in names
    yield "layers were repaid after settling", "LayersRepaid" in names and phase == SETTLED
    yield "shares were redeemed", "LayerRedeemed" in names
    yield "what nobody owned came in", "LayerAbsorbed" in names
