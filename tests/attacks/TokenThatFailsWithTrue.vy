# pragma version 0.4.3
"""
@title A token whose transfers fail, and say true as they do
@license MIT
@author Peerpool contributors
@notice What a failed call returns looks like what a good one does.
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
    Token.transferFrom,
)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def transfer(to: address, amount: uint256) -> bool:
    raw_revert(abi_encode(True))
