# pragma version 0.4.3
"""
@title A token that says false where others revert
@license MIT
@author Peerpool contributors
@notice Imitates ZRX and EURS, which return false when they cannot move the
        money. `fail(True)` makes every transfer end so.
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

failing: public(bool)


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def fail(switch: bool):
    self.failing = switch


@external
def transfer(to: address, amount: uint256) -> bool:
    if self.failing or Token.balanceOf[msg.sender] < amount:
        return False
    Token._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    if (
        self.failing
        or Token.balanceOf[owner] < amount
        or Token.allowance[owner][msg.sender] < amount
    ):
        return False
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount)
    return True
