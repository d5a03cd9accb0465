# pragma version 0.4.3
"""
@title A credential: whoever has one may join
@license MIT
@author Peerpool contributors
@notice The part of ERC-20, ERC-721 and ERC-5192 that a pool asks for.
"""

balanceOf: public(HashMap[address, uint256])


@external
def give(account: address):
    self.balanceOf[account] = 1


@external
def take(account: address):
    self.balanceOf[account] = 0
