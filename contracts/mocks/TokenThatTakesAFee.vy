# pragma version 0.4.3
"""
@title A token that keeps 1 % of what is sent
@license MIT
@author Peerpool contributors
@notice Imitates PAXG and STA: the receiver gets less than was asked for. The
        fee is burnt.
"""

from contracts.mocks import Token

initializes: Token
exports: (
    Token.name,
    Token.symbol,
    Token.decimals,
    Token.totalSupply,
    Token.balanceOf,
    Token.allowance,
    Token.mint,
    Token.approve,
)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move_less_fee(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    Token._spend(owner, msg.sender, amount)
    self._move_less_fee(owner, to, amount)
    return True


@internal
def _move_less_fee(owner: address, to: address, amount: uint256):
    fee: uint256 = amount // 100
    Token._move(owner, empty(address), fee)
    Token._move(owner, to, amount - fee)
