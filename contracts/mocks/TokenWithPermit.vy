# pragma version 0.4.3
"""
@title A token with EIP-2612 permits
@license MIT
@author Peerpool contributors
@notice Like USDC and OpenZeppelin's ERC20Permit: a signature in the place of
        approve, which anybody may bring in, once.
"""

from contracts.mocks import Token

initializes: Token
exports: (
    Token.name,
    Token.symbol,
    Token.decimals,
    Token.totalSupply,
    Token.balanceOf,
    Token.allowance,
    Token.mint,
    Token.approve,
    Token.transfer,
    Token.transferFrom,
)

DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPEHASH: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)

nonces: public(HashMap[address, uint256])


@deploy
def __init__(name: String[32], symbol: String[16], decimals: uint8):
    Token.__init__(name, symbol, decimals)


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice approve, by signature
    """
    assert block.timestamp <= deadline, "permit: expired"
    message: bytes32 = keccak256(
        abi_encode(
            PERMIT_TYPEHASH,
            owner,
            spender,
            amount,
            self.nonces[owner],
            deadline,
        )
    )
    signer: address = ecrecover(
        keccak256(concat(b"\x19\x01", self._domain(), message)), v, r, s
    )
    assert signer == owner and owner != empty(address), "permit: not signed"
    self.nonces[owner] += 1
    Token._approve(owner, spender, amount)


@internal
@view
def _domain() -> bytes32:
    return keccak256(
        abi_encode(
            DOMAIN_TYPEHASH,
            keccak256(Token.name),
            keccak256("1"),
            chain.id,
            self,
        )
    )
