# pragma version 0.4.3
"""
@title A token whose issuer can block an account
@license MIT
@author Peerpool contributors
@notice Imitates USDC and USDT: a blocked account can neither send nor receive
        (seen to stop others from being paid in Sherlock TOB-SHER-008 and
        Teller 2023-03 004-H).
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

blocked: public(HashMap[address, bool])


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def block(account: address, switch: bool):
    self.blocked[account] = switch


@external
def transfer(to: address, amount: uint256) -> bool:
    self._check(msg.sender, to)
    Token._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self._check(owner, to)
    Token._spend(owner, msg.sender, amount)
    Token._move(owner, to, amount)
    return True


@view
@internal
def _check(owner: address, to: address):
    assert not self.blocked[owner], "token: sender is blocked"
    assert not self.blocked[to], "token: receiver is blocked"
