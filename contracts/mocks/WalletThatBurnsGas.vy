# pragma version 0.4.3
"""
@title A wallet that burns whatever gas it is given
@license MIT
@author Peerpool contributors
@notice Imitates a payee who wants others' batch to run out of gas (Moloch v2,
        audit of The LAO; Y2K 2023-03 044-M).
"""

from contracts.mocks import Wallet

exports: Wallet.execute

burnt: uint256


@external
@payable
def __default__():
    for i: uint256 in range(max_value(uint256)):
        self.burnt = i
