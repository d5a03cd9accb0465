# pragma version 0.4.3
"""
@title A module that Branches.vy imports
@license MIT
@author Peerpool contributors
"""


@internal
@pure
def _double(a: uint256) -> uint256:
    if a > 100:
        return 200
    return 2 * a


@internal
@pure
def _check(a: uint256):
    if a == 0:
        return
    assert a == 1, "twigs: not one"


@internal
@pure
def _nobody_calls_this() -> uint256:
    return 7
