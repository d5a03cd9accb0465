# pragma version 0.4.3
"""
@title A wallet that needs much gas to receive Ether
@license MIT
@author Peerpool contributors
@notice Imitates smart accounts that book what they get: here with ten new
        storage slots, some 220,000 gas.
"""

from contracts.mocks import Wallet

exports: Wallet.execute

receipts: HashMap[uint256, uint256]
count: uint256


@external
@payable
def __default__():
    for i: uint256 in range(10):
        self.count += 1
        self.receipts[self.count] = msg.value
