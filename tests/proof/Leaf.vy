# pragma version 0.4.3
# pragma optimize gas
"""
@title Another contract with the module that Branches.vy has
@license MIT
@author Peerpool contributors
"""

from tests.proof import twigs


@external
@pure
def double(a: uint256) -> uint256:
    return twigs._double(a)
