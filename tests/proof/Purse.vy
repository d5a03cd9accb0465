# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A purse of which every mutant is known, for the tests of `make mutation`
@license MIT
@author Peerpool contributors
"""

MOST: constant(uint256) = 100
# Nobody reads it.
SPARE: constant(uint256) = 7

total: public(uint256)


@external
def put(amount: uint256):
    assert amount <= MOST, "purse: too much"
    self._add(amount, self.total)


@view
@external
def half() -> uint256:
    return self.total // 2


@internal
def _add(amount: uint256, before: uint256):
    self.total = before + amount
