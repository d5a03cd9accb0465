# pragma version 0.4.3
"""
@title A credential that cannot be asked for while it is broken
@license MIT
@author Peerpool contributors
@notice Imitates ERC-721 contracts that are paused, or upgraded for the worse,
        while pools ask them.
"""

from contracts.mocks import Gate

initializes: Gate
exports: (Gate.give, Gate.take)

is_broken: bool


@external
def set_broken(broken: bool):
    self.is_broken = broken


@view
@external
def balanceOf(account: address) -> uint256:
    assert not self.is_broken, "gate: broken"
    return Gate.balanceOf[account]
