# pragma version 0.4.3
"""
@title A token that calls somebody before or after it moves, and may deliver less
@license MIT
@author Peerpool contributors
@notice An ERC-777 token has hooks on both sides of a transfer; with a fee on top it
        is the worst that money can be counted in.
"""

from contracts.mocks import Ambush
from contracts.mocks import Token

initializes: Token
initializes: Ambush
exports: (
    Token.name,
    Token.symbol,
    Token.decimals,
    Token.totalSupply,
    Token.balanceOf,
    Token.allowance,
    Token.mint,
    Token.approve,
    Token.transfer,
    Ambush.arm,
    Ambush.outcome,
    Ambush.words,
)

calls_after: public(bool)
shortfall: public(uint256)  # of the next transferFrom


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def set_up(calls_after: bool, shortfall: uint256):
    self.calls_after = calls_after
    self.shortfall = shortfall


@external
def act(target: address, data: Bytes[2048]):
    """
    @notice Call anything in the token's name.
    """
    raw_call(target, data)


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    shortfall: uint256 = self.shortfall
    self.shortfall = 0
    if not self.calls_after:
        Ambush._spring()
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount - shortfall)
    if self.calls_after:
        Ambush._spring()
    return True
