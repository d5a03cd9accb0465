# pragma version 0.4.3
# pragma optimize gas
"""
@title Each kind of branch there is, for the tests of `make coverage`
@license MIT
@author Peerpool contributors
"""

from tests.proof import twigs

MOST: constant(uint256) = 3
NEVER: constant(bool) = False

total: public(uint256)


@deploy
def __init__(total: uint256):
    assert total != 0, "branches: nothing"
    self.total = total


@external
def decide(a: uint256, b: uint256) -> uint256:
    if a == 1:
        return 10
    elif a == 2:
        self.total += b
    else:
        self.total = twigs._double(b)
    if NEVER:
        self.total = 7
    return self.total


@external
@pure
def check(a: uint256, b: uint256):
    assert a < 5, "branches: a"
    assert b < 5
    assert a != 4 and (b != 4 or a == 3), "branches: both"


@external
@pure
def insist(n: uint256):
    assert n < 5, UNREACHABLE


@external
@pure
def any_of(a: uint256, b: uint256, c: uint256) -> bool:
    return a == 1 or b == 1 or c == 1


@external
@pure
def not_all(a: bool, b: bool, c: bool) -> uint256:
    if not (a and b) and c:
        return 1
    return 0


@external
@pure
def choose(a: uint256) -> uint256:
    return a if a < 5 else a - 5


@external
@pure
def count(n: uint256) -> uint256:
    turns: uint256 = 0
    for i: uint256 in range(n, bound=MOST):
        if i == 1:
            continue
        turns += 1
    return turns


@external
@pure
def find(wanted: uint256) -> uint256:
    at: uint256 = 0
    for i: uint256 in range(4):
        at = i
        if i == wanted:
            break
    return at


@external
@pure
def add_up(words: DynArray[uint256, 4]) -> uint256:
    added: uint256 = 0
    for word: uint256 in words:
        added += word
    return added


@external
@pure
def add_many(many: DynArray[uint256, 2000]) -> uint256:
    added: uint256 = 0
    for word: uint256 in many:
        added += word
    return added


@external
@pure
def find_far(wanted: uint256) -> uint256:
    at: uint256 = 0
    for i: uint256 in range(2000):
        if i == wanted:
            at = i
            break
    return at


@external
def do_little(a: uint256):
    if a == 1:
        return
    if a == 2:
        pass
    else:
        self.total = a


@external
@pure
def refuse(a: uint256):
    if a != 0:
        raise "branches: refused"
    twigs._check(a)


@external
@pure
def refuse_one(a: uint256):
    twigs._check(a)


# The compiler reads an argument in two places by one node of its own.
@external
def read_twice(amount: uint256):
    if amount == 0:
        self.total += 1
    else:
        self.total += amount


@external
@pure
def most(a: uint256, b: uint256) -> uint256:
    return max(a, b)
