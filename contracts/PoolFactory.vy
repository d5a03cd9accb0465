# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool factory
@license MIT
@author Peerpool contributors
@notice See interfaces/IPoolFactory.vyi. Why clones: docs/design.md, "How a pool
        is created".
"""

from interfaces import IPool
from interfaces import IPoolFactory
from contracts.modules import terms_code

implements: IPoolFactory

# EIP-1167, around the address of the implementation.
STUB_HEAD: constant(Bytes[10]) = x"363d3d373d3d3d363d73"
STUB_TAIL: constant(Bytes[15]) = x"5af43d82803e903d91602b57fd5bf3"
# PUSH2 size DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN: copies
# what follows these 10 bytes and returns it as the code.
CREATOR_HEAD: constant(Bytes[1]) = x"61"
CREATOR_TAIL: constant(Bytes[7]) = x"80600a3d393df3"
# abi_encode(terms) with 8 tiers: 1,600 bytes.
MAX_TERMS: constant(uint256) = 32 + 32 * 33 + 8 * 64
MAX_CODE: constant(uint256) = 45 + MAX_TERMS + 1

IMPLEMENTATION: public(immutable(address))

_count: uint256
_pools: HashMap[uint256, address]
# Index plus 1; 0: not a pool
_indexes: HashMap[address, uint256]


@deploy
def __init__(implementation: address):
    """
    @custom:errors factory: implementation has no code
    """
    assert implementation.is_contract, "factory: implementation has no code"
    IMPLEMENTATION = implementation


@external
def create_pool(terms: IPool.Terms, salt: bytes32) -> address:
    terms_code._check(terms)
    encoded: Bytes[MAX_TERMS] = abi_encode(terms)
    creation: Bytes[10 + MAX_CODE] = self._creation(encoded)
    own_salt: bytes32 = self._salt(msg.sender, salt)
    assert not self._address(creation, own_salt).is_contract, (
        "factory: pool already exists"
    )
    pool: address = raw_create(creation, salt=own_salt)
    index: uint256 = self._count
    self._count = index + 1
    self._pools[index] = pool
    self._indexes[pool] = index + 1
    log IPoolFactory.PoolCreated(
        pool=pool,
        organiser=terms.organiser,
        creator=msg.sender,
        index=index,
        terms_hash=keccak256(encoded),
    )
    return pool


# A creator's salts are its own, so that nobody can take its address.
@internal
@pure
def _salt(creator: address, salt: bytes32) -> bytes32:
    return keccak256(abi_encode(creator, salt))


@internal
@view
def _creation(encoded: Bytes[MAX_TERMS]) -> Bytes[10 + MAX_CODE]:
    # One byte more than is read: Vyper's slice refuses the end of code.
    code: Bytes[MAX_CODE] = concat(
        STUB_HEAD,
        convert(IMPLEMENTATION, bytes20),
        STUB_TAIL,
        encoded,
        x"00",
    )
    return concat(
        CREATOR_HEAD,
        convert(convert(len(code), uint16), bytes2),
        CREATOR_TAIL,
        code,
    )


@internal
@view
def _address(creation: Bytes[10 + MAX_CODE], own_salt: bytes32) -> address:
    return convert(
        convert(
            keccak256(
                concat(
                    x"ff", convert(self, bytes20), own_salt, keccak256(creation)
                )
            ),
            uint256,
        )
        & (2**160 - 1),
        address,
    )


@view
@external
def predict_pool(
    creator: address, terms: IPool.Terms, salt: bytes32
) -> address:
    return self._address(
        self._creation(abi_encode(terms)), self._salt(creator, salt)
    )


@view
@external
def check_terms(terms: IPool.Terms):
    terms_code._check(terms)


@view
@external
def pool_count() -> uint256:
    return self._count


@view
@external
def pool_at(index: uint256) -> address:
    return self._pools[index]


@view
@external
def is_pool(account: address) -> bool:
    return self._indexes[account] != 0
