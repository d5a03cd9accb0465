"""The code of a pool: an EIP-1167 stub, behind it the ABI-encoded terms and its layers' addresses.

The layout is that of OpenZeppelin's `Clones.cloneWithImmutableArgs`: 45 bytes of stub, then the
arguments; here with a zero byte at the end, for the sake of Vyper's `slice`. A layer is the stub
alone. An auditor rebuilds a pool's code with `code`, a layer's with `stub`, and compares.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_bytes
from eth_utils.abi import collapse_if_tuple

_BEFORE = bytes.fromhex("363d3d373d3d3d363d73")
_AFTER = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")


def terms_type(factory_abi: Sequence[dict[str, Any]]) -> str:
    """ABI type of the terms, such as `(address,uint256,...)`, from the factory's ABI."""
    [function] = [entry for entry in factory_abi if entry.get("name") == "create_pool"]
    return collapse_if_tuple(function["inputs"][0])


def encode_terms(abi_type: str, terms: tuple[Any, ...]) -> bytes:
    """`abi.encode(terms)`, as the factory hashes it and puts it behind the stub."""
    return encode([abi_type], [terms])


def stub(implementation: str) -> bytes:
    """Runtime code that passes every call to `implementation` (address, 0x...)."""
    return _BEFORE + to_bytes(hexstr=implementation) + _AFTER


def code(implementation: str, encoded_terms: bytes, layers: Sequence[str] = ()) -> bytes:
    """Runtime code of a pool of `implementation` with these terms and addresses of layers."""
    addresses = encode(["address"] * len(layers), layers)
    return stub(implementation) + encoded_terms + addresses + b"\0"


def terms_hash(encoded_terms: bytes) -> bytes:
    """What `PoolCreated` carries as `terms_hash`."""
    return keccak(encoded_terms)
