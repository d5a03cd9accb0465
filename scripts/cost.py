"""What a deployment is going to cost, before anything of it is there."""

from typing import Any

from brownie import web3

from peerpool import clone
from peerpool.terms import Terms
from scripts.core import STEPS, Core, creation_code, runtime_code, terms_type

# Yellow paper and EIP-3860, EIP-2028; prices of the gas schedule since Shanghai.
_TRANSACTION = 21_000
_CREATE = 32_000
_CODE_BYTE = 200
_CREATION_CODE_WORD = 2
_ZERO_BYTE = 4
_BYTE = 16
_NEW_SLOT = 22_100
# Measured: what the factory computes, checks and logs besides; for a pool, and for each layer.
# Compiled for shanghai, which copies memory word by word, it is a tenth of a pool more.
_FACTORY_WORK = 22_000
_LAYER_WORK = 8_000


def estimate(core: Core | None, terms: Terms, sender: Any, salt: bytes) -> dict[str, int]:
    """Gas by step. The node is asked where it can know; what needs a contract that is not there
    yet is computed, within a few per cent."""
    if core:
        data = core.factory.create_pool.encode_input(terms.as_tuple(), salt)
        call = {"from": sender.address, "to": core.factory.address, "data": data}
        return {"pool": web3.eth.estimate_gas(call)}
    return {step: _creation(name, 32 * len(needs)) for step, name, needs in STEPS} | {
        "pool": _pool(terms)
    }


def _creation(name: str, arguments: int) -> int:
    data = creation_code(name) + b"\1" * arguments
    words = -(-len(data) // 32)
    return (
        _TRANSACTION
        + _CREATE
        + _calldata(data)
        + _CREATION_CODE_WORD * words
        + _CODE_BYTE * (len(runtime_code(name)) + 32)
    )


def _pool(terms: Terms) -> int:
    encoded = clone.encode_terms(terms_type(), terms.as_tuple())
    layers = ["0x" + "11" * 20] * len(terms.reinsurance)
    code = clone.code("0x" + "11" * 20, encoded, layers)
    slots = 3  # count, register by index, register by address
    return _layer() * len(layers) + (
        _TRANSACTION
        + _CREATE
        + _calldata(encoded + b"\1" * 36)
        + _CODE_BYTE * len(code)
        + slots * _NEW_SLOT
        + _FACTORY_WORK
    )


def _layer() -> int:
    slots = 2  # its pool, its number
    code = clone.stub("0x" + "11" * 20)
    return _CREATE + _CODE_BYTE * len(code) + slots * _NEW_SLOT + _LAYER_WORK


def _calldata(data: bytes) -> int:
    zeros = data.count(0)
    return _ZERO_BYTE * zeros + _BYTE * (len(data) - zeros)
