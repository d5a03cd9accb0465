"""What a layer tells of itself, in every phase of its pool."""

import pytest
from brownie import ZERO_ADDRESS

from scripts.core import layer_at
from scripts.deploy import create_pool

from .. import on_every_asset
from ..clock import at
from ..layers import reinsured
from ..refusal import refuses

ETHER = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"  # ERC-7528


@pytest.mark.spec("T14")
@on_every_asset
def test_asset_and_decimals(stage, layer):
    if stage.asset.address == ZERO_ADDRESS:
        assert (layer.asset(), layer.decimals()) == (ETHER, 18)
    else:
        assert layer.asset() == stage.asset.address
        assert layer.decimals() == stage.asset.token.decimals()


@pytest.mark.spec("T14")
def test_decimals__of_a_token_that_does_not_say(core, sample_terms, deployer):
    """The lens stands in for it; the books of such a pool cannot be shown, so no stage."""
    terms = sample_terms(asset=core.lens.address, **reinsured(10**16))
    pool = create_pool(core, terms, deployer)
    assert layer_at(pool.layer(1)["shares"]).decimals() == 18


@pytest.mark.spec("T14")
@pytest.mark.parametrize("name", ["n", "Bicycles of Elm Street", "n" * 32])
def test_name_and_symbol(make_stage, name):
    stage = make_stage((), name=name, **reinsured(10**16, (1, 2, 3, 4), (0, 0, 0, 0)))
    for number in (1, 2, 3, 4):
        layer = stage.layer(number)
        assert layer.name() == f"{name} layer {number}"
        assert layer.symbol() == f"LAYER{number}"


def test_pool_and_number(stage, layer):
    assert (layer.pool(), layer.number()) == (stage.pool, 1)
    assert stage.layer(2).number() == 2


# --- how much may be deposited and redeemed


def limits(layer, account):
    """Return maxDeposit, maxMint, maxWithdraw, maxRedeem."""
    return (
        layer.maxDeposit(account),
        layer.maxMint(account),
        layer.maxWithdraw(account),
        layer.maxRedeem(account),
    )


@pytest.mark.spec("T1")
def test_max__while_the_pool_enrols(stage, layer, reinsurer, outsider):
    u = stage.u
    assert limits(layer, outsider) == (300 * u, 300 * u, 0, 0)
    stage.fill(reinsurer, 120 * u)
    at(stage.terms.cover_start - 1)
    for account in (reinsurer, outsider):
        assert limits(layer, account) == (180 * u, 180 * u, 0, 0)
    stage.fill(reinsurer, 180 * u)
    assert limits(layer, reinsurer) == (0, 0, 0, 0)
    assert limits(stage.layer(2), reinsurer) == (200 * u, 200 * u, 0, 0)


def test_max__of_the_zero_address(layer):
    """Which gets no shares."""
    assert limits(layer, ZERO_ADDRESS) == (0, 0, 0, 0)


def test_max__where_the_terms_name_a_reinsurer(make_stage, reinsurer, outsider):
    stage = make_stage((), **reinsured(10**16), reinsurer=reinsurer.address)
    layer = stage.layer()
    assert limits(layer, reinsurer) == (300 * stage.u, 300 * stage.u, 0, 0)
    assert limits(layer, outsider) == (0, 0, 0, 0)


@pytest.mark.spec("T5")
def test_max__until_the_pool_is_settled(stage, layer, reinsurer, keeper):
    u = stage.u
    stage.fill(reinsurer, 120 * u)
    terms = stage.terms
    end = terms.expiry + terms.reporting_period
    for second in (terms.cover_start, terms.expiry - 1, terms.expiry, end):
        at(second)
        assert limits(layer, reinsurer) == (0, 0, 0, 0)
    stage.pool.settle({"from": keeper})
    assert limits(layer, reinsurer) == (0, 0, 132 * u, 120 * u)


def test_max__in_a_cancelled_pool(make_stage, claimant, reinsurer, outsider):
    stage = make_stage([claimant], **reinsured(10**16))
    stage.fill(reinsurer, 120)
    stage.start()
    assert limits(stage.layer(), reinsurer) == (0, 0, 120, 120)
    assert limits(stage.layer(), outsider) == (0, 0, 0, 0)


def test_max__is_what_can_be_taken(stage, layer, drawn, reinsurer):
    """One unit more is refused, as in each test of withdraw and redeem."""
    most = layer.maxWithdraw(reinsurer)
    sender = {"from": reinsurer}
    refuses("layer: above the balance", layer.withdraw, most + 1, reinsurer, reinsurer, sender)
    layer.withdraw(most, reinsurer, reinsurer, sender)
    assert limits(layer, reinsurer) == (0, 0, 0, 0)


# --- what shares are worth


def test_preview__while_the_pool_enrols(stage, layer, reinsurer):
    """One for one, before the first deposit and after, beyond the limit too."""
    for _ in range(2):
        for amount in (0, 1, 7 * stage.u, 10**30):
            assert layer.previewDeposit(amount) == layer.previewMint(amount) == amount
            assert layer.previewWithdraw(amount) == layer.previewRedeem(amount) == amount
            assert layer.convertToShares(amount) == layer.convertToAssets(amount) == amount
        stage.fill(reinsurer, 7)


@pytest.mark.spec("T15")
def test_preview__after_a_loss(stage, layer, drawn):
    """300 shares are worth 195."""
    assert layer.totalAssets() == 195 * stage.u
    assert layer.previewRedeem(100) == layer.convertToAssets(100) == 65
    assert layer.previewRedeem(1) == layer.convertToAssets(1) == 0
    assert layer.previewWithdraw(65) == layer.convertToShares(65) == 100
    assert layer.previewWithdraw(1) == 2
    assert layer.convertToShares(1) == 1
    assert layer.previewDeposit(1) == 1
    assert layer.previewMint(1) == 1


def test_convert__of_a_layer_that_has_lost_everything(make_stage, members, claimant, reinsurer):
    """Shares are worth nothing, and no question about them fails."""
    u = 10**16
    stage = make_stage(members, **reinsured(u, (300,), (0,)))
    stage.fill(reinsurer, 300 * u)
    stage.start()
    stage.decide(stage.file(claimant, 870 * u), 10)
    layer = stage.layer()
    assert layer.totalAssets() == 0
    assert layer.convertToAssets(300 * u) == layer.previewRedeem(300 * u) == 0
    assert layer.convertToShares(0) == layer.previewWithdraw(0) == 0
    assert layer.convertToShares(1) == layer.previewWithdraw(1) == 300 * u
    assert layer.previewMint(5) == 0


def test_convert__once_all_shares_are_redeemed(stage, layer, drawn, reinsurer, buyer):
    for person in (reinsurer, buyer):
        layer.redeem(layer.balanceOf(person), person, person, {"from": person})
    assert layer.totalAssets() == layer.totalSupply() == 0
    assert layer.convertToShares(5) == layer.convertToAssets(5) == 5


@pytest.mark.spec("T10")
def test_total_assets__collateral_and_premium_less_what_was_paid_and_redeemed(
    stage, layer, held, claimant, donor, reinsurer
):
    u = stage.u
    assert layer.totalAssets() == 300 * u
    stage.start()
    assert layer.totalAssets() == 300 * u  # until the premium is ceded
    stage.decide(stage.file(claimant, 640 * u), 10)
    assert layer.totalAssets() == 230 * u  # 30 were ceded: of 540 in funds, 100 were missing
    stage.pool.recover(1, 40 * u, stage.pay(donor, 40 * u))
    assert layer.totalAssets() == 270 * u
    stage.settle()
    layer.redeem(100 * u, reinsurer, reinsurer, {"from": reinsurer})
    assert layer.totalAssets() == 180 * u
    stage.pool.recover(1, 100 * u, stage.pay(donor, 100 * u))
    assert layer.totalAssets() == 240 * u  # all that it had paid has come back


def test_balance_of__nobody(stage, layer, outsider):
    assert layer.balanceOf(outsider) == layer.balanceOf(ZERO_ADDRESS) == 0
    assert layer.allowance(outsider, outsider) == layer.totalSupply() == 0
