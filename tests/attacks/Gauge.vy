# pragma version 0.4.3
"""
@title An account that tells how much gas it was given
@license MIT
@author Peerpool contributors
"""

from contracts.mocks import Wallet

exports: Wallet.execute

given: public(uint256)  # with the last payment
enough: public(uint256)  # to be given when it is asked for a signature


@external
def pay(target: address, gas_limit: uint256):
    """
    @notice Send one wei with so much gas, to compare with.
    """
    raw_call(target, b"", value=1, gas=gas_limit)


@external
def ask(target: address, data: Bytes[1156], gas_limit: uint256) -> uint256:
    """
    @notice Ask with so much gas; what is answered, as a number.
    """
    return convert(
        raw_call(
            target, data, max_outsize=32, gas=gas_limit, is_static_call=True
        ),
        uint256,
    )


@external
def set_enough(amount: uint256):
    self.enough = amount


@view
@external
@raw_return
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> Bytes[32]:
    """
    @notice ERC-1271's yes if the gas is just enough, and how much it is if not
    """
    gas_given: uint256 = msg.gas
    if gas_given == self.enough:
        return abi_encode(0x1626ba7e)
    return abi_encode(gas_given)


@external
@payable
def __default__():
    self.given = msg.gas
