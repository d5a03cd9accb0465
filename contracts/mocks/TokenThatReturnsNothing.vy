# pragma version 0.4.3
"""
@title A token whose functions return no boolean
@license MIT
@author Peerpool contributors
@notice Imitates tokens older than the final ERC-20, such as USDT and BNB on
        Ethereum.
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
)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def approve(spender: address, amount: uint256):
    Token._approve(msg.sender, spender, amount)


@external
def transfer(to: address, amount: uint256):
    Token._move(msg.sender, to, amount)


@external
def transferFrom(owner: address, to: address, amount: uint256):
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount)
