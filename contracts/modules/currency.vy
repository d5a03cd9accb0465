# pragma version 0.4.3
"""
@title Money in, money out, and the two pots (rules 1, 3, 4)
@license MIT
@author Peerpool contributors
@notice Asset is an ERC-20 or, as the zero address, Ether. Nothing that a payee
        does, and nothing that the token does to one payee, reverts _pay.
"""

from ethereum.ercs import IERC20
from interfaces import IPool

# Enough for a smart wallet to receive Ether and for the tokens in use; what
# needs more can be pulled with _send_all_gas.
SEND_GAS: constant(uint256) = 100_000
# EIP-150 passes on at most 63/64 of what is left; the rest pays for booking the
# outcome (a credit: two cold slots and a log).
GAS_FOR_A_SEND: constant(uint256) = SEND_GAS * 64 // 63 + 60_000
# Products of two amounts, and of an amount and a scale, have to fit.
AMOUNT_BITS: constant(uint256) = 127
# The bit above in either pot.
TOO_MUCH: constant(uint256) = 1 << 255 | 1 << 127

# funds << 128 | held: one word, because nearly every call changes both.
_pots: uint256
# Money that could not be sent, by owner. Part of held.
_credits: HashMap[address, uint256]


@internal
@view
def _load() -> (uint256, uint256):
    pots: uint256 = self._pots
    return pots >> 128, pots & (2**128 - 1)


@internal
@view
def _funds() -> uint256:
    return self._pots >> 128


@internal
def _add(to_funds: uint256, to_held: uint256):
    pots: uint256 = unsafe_add(self._pots, to_funds << 128 | to_held)
    assert (to_funds | to_held) >> AMOUNT_BITS | pots & TOO_MUCH == 0, (
        "money: too much"
    )
    self._pots = pots


@internal
def _take_out(from_funds: uint256, from_held: uint256):
    pots: uint256 = self._pots
    self._pots = (
        (pots >> 128) - from_funds << 128 | (pots & (2**128 - 1)) - from_held
    )


# _take_out for funds alone. They are the upper half: what they lack is an underflow.
# `amount` has 128 bits at most.
@internal
def _take_out_of_funds(amount: uint256):
    self._pots -= amount << 128


@internal
@view
def _balance(asset: address) -> uint256:
    if asset == empty(address):
        return self.balance
    return staticcall IERC20(asset).balanceOf(self)


# Takes exactly `amount` from the caller, or reverts.
@internal
@payable
def _take(asset: address, amount: uint256):
    if asset == empty(address):
        assert msg.value == amount, "value: wrong amount"
        return
    assert msg.value == 0, "value: pool takes a token"
    if amount == 0:
        return
    before: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert self._call_token(
        asset,
        abi_encode(
            msg.sender,
            self,
            amount,
            method_id=method_id("transferFrom(address,address,uint256)"),
        ),
        msg.gas,
    ), "token: transfer failed"
    after: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert after == before + amount, "token: received another amount"


# _take for a price that falls by the second: a quote a little old is enough, and
# what is above the price goes back.
@internal
@payable
def _take_and_give_change(asset: address, amount: uint256):
    if asset != empty(address) or msg.value <= amount:
        self._take(asset, amount)
    else:
        assert self._send_all_gas(asset, msg.sender, msg.value - amount), (
            "value: cannot return the change"
        )


# The caller has taken `amount` out of its pot. A failure puts it into held.
@internal
def _pay(asset: address, to: address, amount: uint256):
    if amount == 0:
        return
    assert msg.gas >= GAS_FOR_A_SEND, "gas: too little for the transfer"
    if self._send(asset, to, amount, SEND_GAS):
        return
    self._add(0, amount)
    self._credits[to] += amount
    log IPool.Credited(account=to, amount=amount)


@internal
def _send_all_gas(asset: address, to: address, amount: uint256) -> bool:
    return self._send(asset, to, amount, msg.gas)


@internal
def _send(
    asset: address, to: address, amount: uint256, gas_limit: uint256
) -> bool:
    if asset == empty(address):
        return raw_call(
            to, b"", value=amount, gas=gas_limit, revert_on_failure=False
        )
    return self._call_token(
        asset,
        abi_encode(
            to, amount, method_id=method_id("transfer(address,uint256)")
        ),
        gas_limit,
    )


# True if the call succeeded and returned true or, as old tokens do, nothing.
@internal
def _call_token(asset: address, data: Bytes[100], gas_limit: uint256) -> bool:
    success: bool = False
    returned: Bytes[32] = b""
    success, returned = raw_call(
        asset, data, max_outsize=32, gas=gas_limit, revert_on_failure=False
    )
    if len(returned) == 0:
        return success and asset.is_contract
    return success and convert(returned, uint256) == 1
