# pragma version 0.4.3
"""
@title A token that does not say how many decimals it has
@license MIT
@author Peerpool contributors
@notice ERC-20 makes decimals() optional; early tokens such as DGD lack it.
"""

from contracts.mocks import Token

initializes: Token
exports: (
    Token.name,
    Token.symbol,
    Token.totalSupply,
    Token.balanceOf,
    Token.allowance,
    Token.mint,
    Token.approve,
    Token.transfer,
    Token.transferFrom,
)


@deploy
def __init__():
    Token.__init__("Money", "MON", 0)
