# pragma version 0.4.3
"""
@title A token whose transfers give up early, and cheaply, when gas is short
@license MIT
@author Peerpool contributors
@notice Most tokens burn what they get when it is too little, and leave the caller
        nothing to go on with; this one lets the caller go on.
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

NEEDED: constant(uint256) = 95_000


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def transfer(to: address, amount: uint256) -> bool:
    assert msg.gas >= NEEDED, "token: too little gas"
    Token._move(msg.sender, to, amount)
    return True
