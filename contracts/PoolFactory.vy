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
from interfaces import IReinsuranceLayer
from contracts.modules import terms_code

implements: IPoolFactory

# EIP-1167, around the address of the implementation.
STUB_HEAD: constant(Bytes[10]) = x"363d3d373d3d3d363d73"
STUB_TAIL: constant(Bytes[15]) = x"5af43d82803e903d91602b57fd5bf3"
# PUSH2 size DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN: copies
# what follows these 10 bytes and returns it as the code.
CREATOR_HEAD: constant(Bytes[1]) = x"61"
CREATOR_TAIL: constant(Bytes[7]) = x"80600a3d393df3"
# abi_encode(terms) with 8 tiers and 4 layers: 1,984 bytes.
MAX_TERMS: constant(uint256) = 32 + 32 * 36 + 8 * 64 + 32 + 4 * 64
MAX_LAYERS: constant(uint256) = 4
# What stands behind the stub: terms, addresses of layers, and one byte more than
# is read, because Vyper's slice refuses the end of code.
MAX_DATA: constant(uint256) = MAX_TERMS + 32 + MAX_LAYERS * 32 + 1
MAX_CREATION: constant(uint256) = 10 + 45 + MAX_DATA

IMPLEMENTATION: public(immutable(address))
LAYER_IMPLEMENTATION: public(immutable(address))

_count: uint256
_pools: HashMap[uint256, address]
_is_pool: HashMap[address, bool]


@deploy
def __init__(implementation: address, layer_implementation: address):
    """
    @custom:errors factory: implementation has no code |
            factory: layer implementation has no code
    """
    assert implementation.is_contract, "factory: implementation has no code"
    assert layer_implementation.is_contract, (
        "factory: layer implementation has no code"
    )
    IMPLEMENTATION = implementation
    LAYER_IMPLEMENTATION = layer_implementation


@external
def create_pool(terms: IPool.Terms, salt: bytes32) -> address:
    terms_code._check(terms)
    encoded: Bytes[MAX_TERMS] = abi_encode(terms)
    own_salt: bytes32 = self._salt(msg.sender, salt)
    layers: DynArray[address, MAX_LAYERS] = self._predict_layers(
        encoded, own_salt, len(terms.reinsurance)
    )
    creation: Bytes[MAX_CREATION] = self._pool_creation(encoded, layers)
    assert not self._address(creation, own_salt).is_contract, (
        "factory: pool already exists"
    )
    pool: address = raw_create(creation, salt=own_salt)
    index: uint256 = self._count
    self._count = index + 1
    self._pools[index] = pool
    self._is_pool[pool] = True
    log IPoolFactory.PoolCreated(
        pool=pool,
        organiser=terms.organiser,
        creator=msg.sender,
        index=index,
        terms_hash=keccak256(encoded),
    )
    self._create_layers(pool, encoded, own_salt, len(layers))
    return pool


@internal
def _create_layers(
    pool: address,
    encoded: Bytes[MAX_TERMS],
    own_salt: bytes32,
    count: uint256,
):
    for number: uint256 in range(1, count + 1, bound=MAX_LAYERS):
        shares: address = raw_create(
            self._creation(LAYER_IMPLEMENTATION, b""),
            salt=self._layer_salt(encoded, own_salt, number),
        )
        extcall IReinsuranceLayer(shares).initialize(pool, number)
        log IPoolFactory.LayerCreated(pool=pool, layer=number, shares=shares)


# A creator's salts are its own, so that nobody can take its address.
@internal
@pure
def _salt(creator: address, salt: bytes32) -> bytes32:
    return keccak256(abi_encode(creator, salt))


# Other terms have other layers, as they have another pool.
@internal
@pure
def _layer_salt(
    encoded: Bytes[MAX_TERMS], own_salt: bytes32, number: uint256
) -> bytes32:
    return keccak256(abi_encode(own_salt, keccak256(encoded), number))


@internal
@view
def _predict_layers(
    encoded: Bytes[MAX_TERMS], own_salt: bytes32, count: uint256
) -> DynArray[address, MAX_LAYERS]:
    layers: DynArray[address, MAX_LAYERS] = []
    for number: uint256 in range(1, count + 1, bound=MAX_LAYERS):
        layers.append(
            self._address(
                self._creation(LAYER_IMPLEMENTATION, b""),
                self._layer_salt(encoded, own_salt, number),
            )
        )
    return layers


@internal
@view
def _pool_creation(
    encoded: Bytes[MAX_TERMS], layers: DynArray[address, MAX_LAYERS]
) -> Bytes[MAX_CREATION]:
    counted: Bytes[32 + MAX_LAYERS * 32] = abi_encode(
        layers, ensure_tuple=False
    )
    addresses: Bytes[32 + MAX_LAYERS * 32] = slice(
        counted, 32, 32 * len(layers)
    )
    return self._creation(IMPLEMENTATION, concat(encoded, addresses, x"00"))


@internal
@pure
def _creation(
    implementation: address, data: Bytes[MAX_DATA]
) -> Bytes[MAX_CREATION]:
    code: Bytes[45 + MAX_DATA] = concat(
        STUB_HEAD, convert(implementation, bytes20), STUB_TAIL, data
    )
    return concat(
        CREATOR_HEAD,
        convert(convert(len(code), uint16), bytes2),
        CREATOR_TAIL,
        code,
    )


@internal
@view
def _address(creation: Bytes[MAX_CREATION], own_salt: bytes32) -> address:
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
    encoded: Bytes[MAX_TERMS] = abi_encode(terms)
    own_salt: bytes32 = self._salt(creator, salt)
    layers: DynArray[address, MAX_LAYERS] = self._predict_layers(
        encoded, own_salt, len(terms.reinsurance)
    )
    return self._address(self._pool_creation(encoded, layers), own_salt)


@view
@external
def predict_layers(
    creator: address, terms: IPool.Terms, salt: bytes32
) -> DynArray[address, MAX_LAYERS]:
    return self._predict_layers(
        abi_encode(terms),
        self._salt(creator, salt),
        len(terms.reinsurance),
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
    return self._is_pool[account]
