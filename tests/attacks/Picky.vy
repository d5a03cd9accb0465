# pragma version 0.4.3
"""
@title A wallet that needs a lot of gas to be paid, but less than it is promised
@license MIT
@author Peerpool contributors
"""

from contracts.mocks import Wallet

exports: Wallet.execute

received: public(uint256)
slots: HashMap[uint256, uint256]


@external
@payable
def __default__():
    # four fresh slots, some 88,400 of the 100,000 gas, and the count
    self.received += 1
    for i: uint256 in range(3):
        self.slots[self.received * 10 + i] = 1
