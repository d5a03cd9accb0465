# pragma version 0.4.3
"""
@title A desk that says of its loans what it was told
@license MIT
@author Peerpool contributors
@notice The two questions that a pool asks the desk of its terms.
"""

is_loan: public(HashMap[address, bool])
callable_amount: public(HashMap[address, HashMap[address, uint256]])


@external
def lend(loan: address):
    """
    @notice From now on it is a loan of this desk.
    """
    self.is_loan[loan] = True


@external
def set_callable(loan: address, member: address, amount: uint256):
    """
    @notice The loan is in default for this much of the member's cover; 0: not.
    """
    self.callable_amount[loan][member] = amount
