"""The core of a chain: the code of pools and layers, factory and lens; all its pools share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownie import Contract, project, web3
from eth_abi import encode

from peerpool import abi, chain, clone, manifest
from peerpool.compiled import CORE, part
from peerpool.deployment import DeployError, Journal, read_json, source
from scripts.once import Created, Creation, create_once

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Core:
    """Contracts of Brownie's."""

    policy_office: Any
    treaty_office: Any
    back_office: Any
    implementation: Any
    layer_implementation: Any
    factory: Any
    lens: Any


# Of `peerpool.compiled.CORE`.
STEPS = tuple((part.step, part.contract, part.needs) for part in CORE)


def container(name: str) -> Any:
    """Brownie's container of a contract of this project, also when tests load others."""
    [ours] = [p for p in project.get_loaded_projects() if Path(p._path) == ROOT]
    return ours[name]


def creation_code(name: str) -> bytes:
    """What the compiler gives, without constructor arguments."""
    return _bytes(container(name)._build["bytecode"])


def runtime_code(name: str) -> bytes:
    """What the compiler gives, without immutables."""
    return _bytes(container(name)._build["deployedBytecode"])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def create_core(sender: Any, journal: Journal) -> tuple[Core, dict[str, Created]]:
    """Create what of the core is missing by the journal's account."""
    created: dict[str, Created] = {}
    for step, name, needs in STEPS:
        arguments = [created[need].address for need in needs]
        created[step] = create_once(journal, creation(step, name, sender, arguments))
    return _at({step: made.address for step, made in created.items()}), created


def core_manifest(created: dict[str, Created]) -> dict[str, Any]:
    """What core.json holds."""
    contracts = {}
    for step, name, needs in STEPS:
        contracts[step] = manifest.contract_entry(
            web3,
            name,
            created[step].address,
            created[step].mined,
            creation_code(name),
            [created[need].address for need in needs],
        )
    return {
        "format": manifest.FORMAT,
        "chain_id": web3.eth.chain_id,
        "genesis": chain.genesis(web3),
        "compiler": compiler(),
        "source": source(ROOT),
        "contracts": contracts,
    }


def compiler() -> dict[str, Any]:
    """What compiles the same code; `pragma optimize` is in the sources."""
    used = container("Pool")._build["compiler"]
    command = f"vyper -p . --evm-version {used['evm_version']} -f bytecode contracts/<contract>.vy"
    return {"name": "vyper"} | dict(used) | {"command": command}


def known_core(path: Path) -> tuple[Core, dict[str, Any]] | None:
    """The core that core.json names, if it is there and is what is compiled here.

    None where there is none yet; also where a development chain has been started anew (though the
    same code may stand at the same addresses), or the contracts have changed since. Raises
    DeployError for the same on any other chain.
    """
    kept = read_json(path)
    if kept is None:
        return None
    contracts = kept["contracts"]
    addresses = {step: contracts[step]["address"] for step, _, _ in STEPS if step in contracts}
    if kept["genesis"] == chain.genesis(web3):
        problem = _problem(addresses)
    else:
        problem = "is of another chain with the same id; name another folder with --deployments"
    if problem is None:
        return _at(addresses), kept
    if web3.eth.chain_id in chain.DEVELOPMENT_CHAINS:
        return None
    raise DeployError(f"deploy: {path}: {problem}")


def _problem(addresses: dict[str, str]) -> str | None:
    for step, _, needs in STEPS:
        if step not in addresses:
            return f"there is no {step}: the pools of that core are of an earlier version"
        code = bytes(web3.eth.get_code(addresses[step]))
        if not code:
            return f"the {step} {addresses[step]} has no code on chain {web3.eth.chain_id}"
        if not _is_compiled(step, [addresses[need] for need in needs], addresses[step], code):
            return f"the {step} {addresses[step]} was not compiled from these sources"
    return None


def creation(step: str, name: str, sender: Any, arguments: Sequence[str]) -> Creation:
    """One step: the contract `name` with these constructor arguments."""
    encoded = encode(["address"] * len(arguments), arguments)
    return Creation(
        step=step,
        sender=sender,
        data="0x" + (creation_code(name) + encoded).hex(),
        is_it=lambda address, code: _is_compiled(step, arguments, address, code),
    )


def _is_compiled(step: str, arguments: Sequence[str], address: str, code: bytes) -> bool:
    which = part(step)
    return code == which.code(runtime_code(which.contract), address, arguments)


def pool_at(address: str) -> Any:
    """Brownie's contract of a pool, with everything that its four pieces of code understand."""
    return Contract.from_abi("Pool", address, abi.load("Pool"), persist=False)


def layer_at(address: str) -> Any:
    """Brownie's contract of a layer's shares."""
    return Contract.from_abi(
        "ReinsuranceLayer", address, abi.load("ReinsuranceLayer"), persist=False
    )


def _at(addresses: dict[str, str]) -> Core:
    # Not container.at(): on a live network Brownie would keep what was where, and believe that
    # of a chain which was started anew.
    return Core(
        **{
            step: Contract.from_abi(name, addresses[step], container(name).abi, persist=False)
            for step, name, _ in STEPS
        }
    )


def terms_type() -> str:
    """ABI type of the terms."""
    return clone.terms_type(container("PoolFactory").abi)
