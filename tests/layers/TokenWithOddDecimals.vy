# pragma version 0.4.3
"""
@title A token that says of its decimals whatever it is told to, or fails with it
@license MIT
@author Peerpool contributors
@notice What fails may still bring a word back, and a word holds more than a uint8.
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

answer: Bytes[64]
fails: bool


@deploy
def __init__():
    Token.__init__("Money", "MON", 0)


@external
def tell(answer: Bytes[64], fails: bool):
    self.answer = answer
    self.fails = fails


@view
@external
@raw_return
def decimals() -> Bytes[64]:
    if self.fails:
        raw_revert(self.answer)
    return self.answer
