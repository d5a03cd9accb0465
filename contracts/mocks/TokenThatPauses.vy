# pragma version 0.4.3
"""
@title A token that can be paused
@license MIT
@author Peerpool contributors
@notice Imitates USDC and WBTC: while it is paused nobody can move any.
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

paused: public(bool)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def pause(switch: bool):
    self.paused = switch


@external
def transfer(to: address, amount: uint256) -> bool:
    assert not self.paused, "token: paused"
    Token._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    assert not self.paused, "token: paused"
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount)
    return True
