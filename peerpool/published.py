"""Whether what stands on a chain is what the published sources compile to, contract by contract.

Explorers and Sourcify are given `standard_json.build`; what they will find is found out here first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi import encode

from peerpool.audit.code import code_at, parts_of, read
from peerpool.compiled import CORE, EVM_VERSION, EVM_VERSIONS, Part, compile_contract, part
from peerpool.errors import PeerpoolError
from peerpool.rpc import Node
from peerpool.standard_json import Code, compiler_version


class PublishedError(PeerpoolError):
    """What is said of a deployment is not enough to verify it: `verify: problem`."""


@dataclass(frozen=True)
class Place:
    """Where a contract is; the transaction that created it, where that is known."""

    address: str
    transaction: str | None = None


def of_manifest(kept: Mapping[str, Any]) -> tuple[dict[str, Place], str]:
    """Return where the parts of the core are by what deploy wrote, and for which EVM they are.

    Raises PublishedError("verify: ...").
    """
    try:
        core = kept.get("core", kept)
        found = core["contracts"]
        places = {
            each.step: Place(found[each.step]["address"], found[each.step]["transaction"])
            for each in CORE
        }
        return places, str(core["compiler"]["evm_version"])
    except (AttributeError, KeyError, TypeError) as error:
        raise PublishedError("verify: the manifest does not tell where the core is") from error


def of_pool(node: Node, pool: str) -> tuple[dict[str, Place], str]:
    """Return the parts to which a pool's own code leads, and for which EVM they seem to be.

    Factory and lens are not among them: only a manifest names those. Raises CodeError, RpcError.
    """
    block = int(node.call("eth_blockNumber", kind=str), 16)
    parts = parts_of(node, read(node, pool, block), block)
    code = code_at(node, parts["implementation"], "latest")
    path = part("implementation").path
    for version in EVM_VERSIONS:
        if code.startswith(compile_contract(path, version).runtime):
            break
    else:
        version = EVM_VERSION
    return {step: Place(address) for step, address in parts.items()}, version


def differences(node: Node, which: Part, made: Code, places: Mapping[str, Place]) -> list[str]:
    """Compare what sources gave with the code of a part, and with what was sent to create it."""
    place = places[which.step]
    arguments = [places[need].address for need in which.needs]
    found = []
    if code_at(node, place.address, "latest") != which.code(made.runtime, place.address, arguments):
        found.append(f"the code of {place.address} is not what the sources compile to")
    if place.transaction:
        sent = node.call("eth_getTransactionByHash", place.transaction)
        if not sent:
            found.append(f"the node does not have the transaction {place.transaction}")
        elif bytes.fromhex(sent["input"][2:]) != made.creation + encoded(arguments):
            found.append(f"what {place.transaction} created it with is not what they compile to")
    return found


def entry(which: Part, places: Mapping[str, Place], evm_version: str) -> dict[str, Any]:
    """Return what an explorer or Sourcify asks for besides the input."""
    place = places.get(which.step)
    known = [places[need].address for need in which.needs] if place else []
    return {
        "contract": which.contract,
        "file": f"{which.contract}.json",
        "identifier": f"{which.path}:{which.contract}",
        "compiler": compiler_version(),
        "evm_version": evm_version,
        "address": place.address if place else None,
        "constructor_arguments": encoded(known).hex() if place else None,
    }


def encoded(addresses: list[str]) -> bytes:
    """Constructor arguments, as they stand behind the creation code."""
    return encode(["address"] * len(addresses), addresses)
