# pragma version 0.4.3
"""
@title A token that calls somebody back while it moves
@license MIT
@author Peerpool contributors
@notice Imitates ERC-777 tokens such as imBTC and AMP, whose hooks drained
        Uniswap v1 and Cream Finance. `arm` says whom to call with what;
        `outcome` and `words` say what came of it.
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
    Ambush.arm,
    Ambush.outcome,
    Ambush.words,
)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def transfer(to: address, amount: uint256) -> bool:
    Ambush._spring()
    Token._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    Ambush._spring()
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount)
    return True
