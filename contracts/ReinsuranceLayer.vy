# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool: a layer of reinsurance, as shares
@license MIT
@author Peerpool contributors
@notice See interfaces/IReinsuranceLayer.vyi. Every layer is a clone of this.
@dev What the collateral is worth, and whether it can be added or redeemed, is
     for the pool to say: it lies there.
"""

from ethereum.ercs import IERC20
from interfaces import IPool
from interfaces import IReinsuranceLayer
from contracts.modules import currency
from contracts.modules import lifecycle

implements: IReinsuranceLayer

# ERC-7528
ETHER_ASSET: constant(address) = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE
DIGITS: constant(String[4]) = "1234"

pool: public(address)
number: public(uint256)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


# The implementation is nobody's layer.
@deploy
def __init__():
    self.pool = self


# --- the layer --------------------------------------------------------------


@external
def initialize(pool: address, number: uint256):
    assert self.pool == empty(address), "layer: already initialised"
    self.pool = pool
    self.number = number


@external
def absorb() -> uint256:
    asset: address = self._state().asset
    amount: uint256 = 0
    if asset != empty(address):
        amount = staticcall IERC20(asset).balanceOf(self)
    assert amount != 0, "absorb: nothing stray"
    assert currency._send(asset, self.pool, amount, msg.gas), (
        "token: transfer failed"
    )
    return amount


@internal
@view
def _state() -> IPool.Layer:
    return staticcall IPool(self.pool).layer(self.number)


# --- deposits ---------------------------------------------------------------


@external
@payable
def deposit(assets: uint256, receiver: address) -> uint256:
    self._deposit(assets, receiver)
    return assets


@external
@payable
def mint(shares: uint256, receiver: address) -> uint256:
    self._deposit(shares, receiver)
    return shares


# One share for one unit: nothing is redeemed, ceded or drawn before deposits are
# over, and stray money counts for nothing.
# Limit and time are the pool's to check; it calls nobody.
@internal
@payable
def _deposit(amount: uint256, receiver: address):
    state: IPool.Layer = self._state()
    assert state.reinsurer == empty(address) or receiver == state.reinsurer, (
        "layer: receiver is not the reinsurer"
    )
    if state.asset == empty(address):
        assert msg.value == amount, "value: wrong amount"
    else:
        assert msg.value == 0, "value: layer takes a token"
        if amount != 0:
            self._take(state.asset, amount)
    extcall IPool(self.pool).add_collateral(
        self.number, amount, value=msg.value
    )
    self._credit(receiver, amount)
    self.totalSupply += amount
    log IReinsuranceLayer.Transfer(
        sender=empty(address), receiver=receiver, amount=amount
    )
    log IReinsuranceLayer.Deposit(
        sender=msg.sender, owner=receiver, assets=amount, shares=amount
    )


# From the caller to the pool exactly `amount`, or reverts.
@internal
def _take(asset: address, amount: uint256):
    before: uint256 = staticcall IERC20(asset).balanceOf(self.pool)
    assert currency._call_token(
        asset,
        abi_encode(
            msg.sender,
            self.pool,
            amount,
            method_id=method_id("transferFrom(address,address,uint256)"),
        ),
        msg.gas,
    ), "token: transfer failed"
    after: uint256 = staticcall IERC20(asset).balanceOf(self.pool)
    assert after == before + amount, "token: received another amount"


@view
@external
def maxDeposit(receiver: address) -> uint256:
    return self._max_deposit(receiver)


@view
@external
def maxMint(receiver: address) -> uint256:
    return self._max_deposit(receiver)


@internal
@view
def _max_deposit(receiver: address) -> uint256:
    state: IPool.Layer = self._state()
    if (
        state.phase != lifecycle.ENROLLING
        or receiver == empty(address)
        or (state.reinsurer != empty(address) and receiver != state.reinsurer)
    ):
        return 0
    return state.limit - state.filled


@view
@external
def previewDeposit(assets: uint256) -> uint256:
    return self._to_shares_down(assets)


@view
@external
def previewMint(shares: uint256) -> uint256:
    return self._to_assets_up(shares)


# --- redemption -------------------------------------------------------------


@external
def withdraw(assets: uint256, receiver: address, owner: address) -> uint256:
    assert assets <= self._state().assets, "layer: above the balance"
    shares: uint256 = self._to_shares_up(assets)
    self._take_shares(owner, shares)
    self._burn(assets, shares, receiver, owner)
    return shares


@external
def redeem(shares: uint256, receiver: address, owner: address) -> uint256:
    self._take_shares(owner, shares)
    assets: uint256 = self._to_assets_down(shares)
    self._burn(assets, shares, receiver, owner)
    return assets


# Shares that were taken from their owner. The pool sends the money.
@internal
def _burn(assets: uint256, shares: uint256, receiver: address, owner: address):
    assert receiver != empty(address), "layer: receiver is the zero address"
    self.totalSupply -= shares
    log IReinsuranceLayer.Transfer(
        sender=owner, receiver=empty(address), amount=shares
    )
    log IReinsuranceLayer.Withdraw(
        sender=msg.sender,
        receiver=receiver,
        owner=owner,
        assets=assets,
        shares=shares,
    )
    extcall IPool(self.pool).redeem_layer(self.number, assets, receiver)


@view
@external
def maxWithdraw(owner: address) -> uint256:
    if not self._is_over():
        return 0
    return self._to_assets_down(self.balanceOf[owner])


@view
@external
def maxRedeem(owner: address) -> uint256:
    if not self._is_over():
        return 0
    return self.balanceOf[owner]


@internal
@view
def _is_over() -> bool:
    phase: uint8 = self._state().phase
    return phase == lifecycle.SETTLED or phase == lifecycle.CANCELLED


@view
@external
def previewWithdraw(assets: uint256) -> uint256:
    return self._to_shares_up(assets)


@view
@external
def previewRedeem(shares: uint256) -> uint256:
    return self._to_assets_down(shares)


# --- what shares are worth --------------------------------------------------


@view
@external
def asset() -> address:
    asset: address = self._state().asset
    if asset == empty(address):
        return ETHER_ASSET
    return asset


@view
@external
def totalAssets() -> uint256:
    return self._state().assets


@view
@external
def convertToShares(assets: uint256) -> uint256:
    return self._to_shares_down(assets)


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    return self._to_assets_down(shares)


@internal
@view
def _to_assets_down(shares: uint256) -> uint256:
    if self.totalSupply == 0:
        return shares
    return shares * self._state().assets // self.totalSupply


@internal
@view
def _to_assets_up(shares: uint256) -> uint256:
    if self.totalSupply == 0:
        return shares
    return self._divide_up(shares * self._state().assets, self.totalSupply)


# Shares of a layer that has lost everything are worth nothing; so that the next
# two have an answer, they stand for one unit.
@internal
@view
def _to_shares_down(assets: uint256) -> uint256:
    if self.totalSupply == 0:
        return assets
    return assets * self.totalSupply // max(self._state().assets, 1)


@internal
@view
def _to_shares_up(assets: uint256) -> uint256:
    if self.totalSupply == 0:
        return assets
    return self._divide_up(
        assets * self.totalSupply, max(self._state().assets, 1)
    )


@internal
@pure
def _divide_up(a: uint256, b: uint256) -> uint256:
    return (a + b - 1) // b


# --- ERC-20 -----------------------------------------------------------------


@view
@external
def name() -> String[40]:
    return concat(staticcall IPool(self.pool).name(), " layer ", self._digit())


@view
@external
def symbol() -> String[8]:
    return concat("LAYER", self._digit())


@internal
@view
def _digit() -> String[1]:
    return slice(DIGITS, self.number - 1, 1)


@view
@external
def decimals() -> uint8:
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        self._state().asset,
        method_id("decimals()"),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    # Ether's address has no code: it answers nothing.
    if not success or len(answer) != 32:
        return 18
    return convert(convert(answer, uint256) & 255, uint8)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    self._use_allowance(sender, amount)
    self._transfer(sender, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log IReinsuranceLayer.Approval(
        owner=msg.sender, spender=spender, amount=amount
    )
    return True


@internal
def _transfer(sender: address, receiver: address, amount: uint256):
    self._debit(sender, amount)
    self._credit(receiver, amount)
    log IReinsuranceLayer.Transfer(
        sender=sender, receiver=receiver, amount=amount
    )


# From their owner, who needs no allowance, or for the owner.
@internal
def _take_shares(owner: address, shares: uint256):
    if msg.sender != owner:
        self._use_allowance(owner, shares)
    self._debit(owner, shares)


@internal
def _use_allowance(owner: address, amount: uint256):
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, "layer: above the allowance"
    if allowed != max_value(uint256):
        self.allowance[owner][msg.sender] = allowed - amount


@internal
def _debit(owner: address, amount: uint256):
    assert self.balanceOf[owner] >= amount, "layer: above the balance"
    self.balanceOf[owner] -= amount


@internal
def _credit(receiver: address, amount: uint256):
    assert receiver != empty(address), "layer: receiver is the zero address"
    self.balanceOf[receiver] += amount
