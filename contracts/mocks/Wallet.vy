# pragma version 0.4.3
"""
@title A contract that is a member like anybody else
@license MIT
@author Peerpool contributors
@notice What a Safe or any other smart account is to the pool. The faulty
        wallets beside it are built on it.
"""


@external
@payable
def execute(target: address, amount: uint256, data: Bytes[2048]):
    """
    @notice Call anything in the wallet's name; by anybody, it is a mock.
    """
    raw_call(target, data, value=amount)


@external
@payable
def __default__():
    pass
