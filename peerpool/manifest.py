"""What an auditor needs to verify a deployment, and the check itself.

A manifest is a JSON object; integers that may be large are decimal strings, as in Ethereum's
own JSON. docs/design.md, "How a pool is created", tells what a pool's code is made of.
"""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from web3 import Web3

from peerpool import clone
from peerpool.chain import Mined
from peerpool.deployment import code_hash
from peerpool.terms import Terms, TermsError
from peerpool.terms.model import ROWS

FORMAT = 1


def contract_entry(
    web3: Web3,
    name: str,
    address: str,
    mined: Mined,
    creation_code: bytes,
    arguments: Sequence[str],
) -> dict[str, Any]:
    """Facts about one contract of the core.

    `creation_code` is what the compiler gives, without the constructor's `arguments`
    (addresses). Whatever of the runtime code the compiler does not give are `immutables`.
    """
    transaction = web3.eth.get_transaction(mined.transaction)
    return {
        "contract": name,
        "address": address,
        "transaction": mined.transaction,
        "block": mined.block,
        "creator": transaction["from"],
        "nonce": transaction["nonce"],
        "constructor_arguments": list(arguments),
        "creation_code_hash": code_hash(creation_code),
        "runtime_code_hash": code_hash(bytes(web3.eth.get_code(address))),
    }


def pool_entry(
    web3: Web3, address: str, mined: Mined, salt: bytes, layers: Sequence[str]
) -> dict[str, Any]:
    """Facts about a pool but its terms; `layers` are the addresses of its layers, 1 first."""
    transaction = web3.eth.get_transaction(mined.transaction)
    return {
        "address": address,
        "transaction": mined.transaction,
        "block": mined.block,
        "creator": transaction["from"],
        "salt": "0x" + salt.hex(),
        "runtime_code_hash": code_hash(bytes(web3.eth.get_code(address))),
        "layers": list(layers),
    }


def terms_entry(terms: Terms, abi_type: str, shown: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The terms, raw and as a person reads them, with their hashes and ABI type."""
    encoded = clone.encode_terms(abi_type, terms.as_tuple())
    return {
        "terms": terms_to_json(terms),
        "terms_shown": dict(shown),
        "terms_abi_type": abi_type,
        "terms_hash": "0x" + clone.terms_hash(encoded).hex(),
        "wording_hash": "0x" + terms.wording_hash.hex(),
    }


def terms_to_json(terms: Terms) -> dict[str, Any]:
    """Field by field: integers as decimal strings, the wording hash as 0x..."""
    return {field.name: _to_json(getattr(terms, field.name)) for field in fields(terms)}


def terms_from_json(value: dict[str, Any]) -> Terms:
    """The inverse of terms_to_json. Raises TermsError("terms: ...")."""
    try:
        return Terms(**{f.name: _from_json(f.name, value[f.name], f.type) for f in fields(Terms)})
    except (KeyError, TypeError, ValueError) as error:
        raise TermsError("terms: not the terms of a manifest") from error


def rebuilt_code(pool: dict[str, Any], implementation: str) -> bytes:
    """The code that a pool's manifest entry promises: stub, implementation, terms, layers."""
    terms = terms_from_json(pool["terms"])
    encoded = clone.encode_terms(pool["terms_abi_type"], terms.as_tuple())
    return clone.code(implementation, encoded, pool["layers"])


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return str(value)
    return [{name: str(amount) for name, amount in asdict(row).items()} for row in value]


def _from_json(name: str, value: Any, kind: Any) -> Any:
    if name in ROWS:
        names = [field.name for field in fields(ROWS[name])]
        return tuple(ROWS[name](*(int(row[each]) for each in names)) for row in value)
    if kind in (int, "int"):
        return int(value)
    if kind in (bytes, "bytes"):
        return bytes.fromhex(value.removeprefix("0x"))
    return value
