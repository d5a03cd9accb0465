# pragma version 0.4.3
"""
@title Sends Ether to an account that has not asked and cannot refuse
@license MIT
@author Peerpool contributors
@notice Imitates the attack on code that trusts its own balance (Neptune
        Mutual, OpenZeppelin's audit, H-01; InsureDAO 250, 260, 263).
"""


@external
@payable
def force(target: address):
    selfdestruct(target)
