"""What layers of reinsurance promise: each function is one promise."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.evm.chain import Reverted
from tests.model.core import ZERO

from .comparison import same
from .layer_mirror import LayerMirror
from .mirror import Mirror


@pytest.mark.spec("T10", "V1")
def never_pays_a_layer_otherwise_than_the_rules(mirror: Mirror) -> None:
    """To the unit, layer by layer, though the contract has one number for all."""
    terms = mirror.terms
    for view, shares in zip(mirror.layer_views(), mirror.model.shares, strict=True):
        layer = shares.layer
        expected = {
            "shares": shares.address,
            "asset": terms.asset,
            "reinsurer": terms.reinsurer,
            "phase": mirror.model.phase,
            "limit": layer.limit,
            "premium": layer.premium,
            "filled": layer.filled,
            "ceded": layer.ceded,
            "drawn": layer.drawn,
            "assets": layer.assets,
        }
        same(view._asdict(), expected)
    same(sum(view.drawn for view in mirror.layer_views()), mirror.summary().drawn)


@pytest.mark.spec("R4", "R5")
def never_draws_more_than_a_layer_holds(mirror: Mirror) -> None:
    """Rule 15; and no layer pays before the one below it has paid all."""
    views = mirror.layer_views()
    for view in views:
        assert view.drawn <= view.filled <= view.limit
    for lower, higher in pairwise(views):
        assert not higher.drawn or lower.drawn == lower.filled


@pytest.mark.spec("R8", "R9")
def never_draws_on_layers_before_the_funds(mirror: Mirror) -> None:
    """Rule 15: they have paid only if funds are used up; awards are cut only if they are."""
    summary = mirror.summary()
    assert not summary.drawn or not summary.funds
    assert not summary.unpaid or not summary.capacity


@pytest.mark.spec("I6")
def never_cedes_more_than_the_cap(mirror: Mirror) -> None:
    """Rule 16: each layer its part of the premium at most, all of them their part of premiums."""
    cap = mirror.terms.max_cession_bps * mirror.summary().premiums // 10_000
    assert sum(view.ceded for view in mirror.layer_views()) <= cap
    for view in mirror.layer_views():
        assert view.ceded <= view.premium * view.filled // view.limit


@pytest.mark.spec("T5")
def never_redeems_shares_while_bound(mirror: Mirror) -> None:
    """Rule 17. One layer at a time is tried, by its first holder."""
    if mirror.model.has_ended or not mirror.layers:
        return
    layer = mirror.layers[mirror.calls % len(mirror.layers)]
    holder = next((who for who, amount in layer.model.balances.items() if amount), None)
    if holder is None:
        return
    refusal = mirror.once("redemption", lambda: _refusal_to_redeem(layer, holder))
    same(refusal, "layer: collateral is bound")


def _refusal_to_redeem(layer: LayerMirror, holder: str) -> str:
    try:
        layer.contract.view("redeem", 1, holder, holder, sender=holder)
    except Reverted as refusal:
        return refusal.reason
    return ""


@pytest.mark.spec("R3")
def never_keeps_money_in_a_layer(mirror: Mirror) -> None:
    """Its contract has no money but what came there by mistake."""
    for layer in mirror.layers:
        same(mirror.world.balance(layer.contract.address), layer.model.stray)


def holder_matches_the_model(layer: LayerMirror, account: str) -> None:
    """An account's shares, and what it may do with them."""
    model, contract = layer.model, layer.contract
    same(contract.view("balanceOf", account), model.balances[account])
    same(layer.register.balances[account], model.balances[account])
    for function in ("maxDeposit", "maxMint"):
        same(contract.view(function, account), model.max_deposit(account))
    same(contract.view("maxRedeem", account), model.max_redeem(account))
    same(contract.view("maxWithdraw", account), model.max_withdraw(account))
    for (owner, spender), amount in model.allowances.items():
        if owner == account:
            same(contract.view("allowance", owner, spender), amount)


def shares_match_the_model(layer: LayerMirror) -> None:
    """What all shares of a layer are worth."""
    model, contract = layer.model, layer.contract
    same(contract.view("totalAssets"), model.layer.assets)
    same(contract.view("totalSupply"), model.supply)


def previews_match_the_model(layer: LayerMirror) -> None:
    """What some shares or some units are worth, forwards and backwards."""
    model, contract = layer.model, layer.contract
    for amount in {0, 1, model.layer.assets // 3, model.supply // 2 + 1}:
        if layer.mirror.model.is_enrolling:
            same(contract.view("previewDeposit", amount), amount)
            same(contract.view("previewMint", amount), amount)
        same(contract.view("convertToAssets", amount), model.worth(amount))
        same(contract.view("previewRedeem", amount), model.worth(amount))
        same(contract.view("convertToShares", amount), model.shares_for(amount, up=False))
        same(contract.view("previewWithdraw", amount), model.shares_for(amount, up=True))


@pytest.mark.spec("T10")
def never_shows_shares_otherwise_than_they_are(mirror: Mirror) -> None:
    """All who hold or held shares, and one who cannot, in all layers."""
    for layer in mirror.layers:
        shares_match_the_model(layer)
        for account in [*layer.model.balances, ZERO]:
            holder_matches_the_model(layer, account)


@pytest.mark.spec("T14", "T15", "V1")
def never_shows_a_share_otherwise_than_it_is_worth(mirror: Mirror) -> None:
    """Supply, assets, and what some shares and some units are worth; one layer at a time."""
    if mirror.layers:
        layer = mirror.layers[mirror.calls % len(mirror.layers)]
        shares_match_the_model(layer)
        previews_match_the_model(layer)


@pytest.mark.spec("T1", "T8", "T13")
def never_mints_a_share_without_collateral(mirror: Mirror) -> None:
    """By the layers' events alone: supply is what was deposited less what was burnt."""
    for layer in mirror.layers:
        register = layer.register
        same(register.supply, sum(register.balances.values()))
        same((register.supply, register.deposited), (layer.model.supply, layer.model.layer.filled))
        assert all(shares >= 0 for shares in register.balances.values())


EVERY_STEP = (never_mints_a_share_without_collateral,)
IN_TURN = (
    never_pays_a_layer_otherwise_than_the_rules,
    never_draws_more_than_a_layer_holds,
    never_draws_on_layers_before_the_funds,
    never_cedes_more_than_the_cap,
    never_redeems_shares_while_bound,
    never_shows_a_share_otherwise_than_it_is_worth,
)
AT_THE_END = (never_shows_shares_otherwise_than_they_are, never_keeps_money_in_a_layer)
