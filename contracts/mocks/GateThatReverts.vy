# pragma version 0.4.3
"""
@title A credential that cannot be asked for
@license MIT
@author Peerpool contributors
@notice Imitates ERC-721 contracts that revert for some accounts
        (OpenZeppelin's does for the zero address) or were paused or upgraded
        for the worse.
"""


@view
@external
def balanceOf(account: address) -> uint256:
    raise "gate: broken"
