# pragma version 0.4.3
# pragma optimize codesize

from contracts.modules import doors
from contracts.modules import rooms
from interfaces import IGreeter

implements: IGreeter
initializes: doors
initializes: rooms[doors := doors]

exports: doors.is_open

count: public(uint256)


@external
def greet(who: address):
    assert who != empty(address), "greet: nobody"
    rooms._enter()
    for i: uint256 in range(3):
        self.count += 1
    log IGreeter.Greeted(who=who)


@external
def decrease():
    self.count -= 1
