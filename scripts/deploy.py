"""Deploy a pool from a terms file; killed at any point and run again, it goes on where it was.

Tests create their contracts with `deploy_core` and `create_pool` of this file: what runs in
production is what is tested.
"""

from typing import Any

from brownie import web3

from peerpool import chain, clone
from peerpool.chain import Mined
from peerpool.deployment import DeployError, Journal
from peerpool.terms import Terms
from scripts.core import Core, container, create_core, pool_at, terms_type
from scripts.once import Created, Creation, create_once

__all__ = ["Core", "create_pool", "deploy_core", "main"]

NO_SALT = b"\0" * 32


def deploy_core(sender: Any, journal: Journal | None = None) -> Core:
    """Deploy the code of pools and layers, factory and lens from a Brownie account.

    With a journal on disk it goes on where an earlier run was killed. Raises DeployError.
    """
    return create_core(sender, journal or Journal())[0]


def create_pool(
    core: Core,
    terms: Terms,
    sender: Any,
    salt: bytes = NO_SALT,
    journal: Journal | None = None,
) -> Any:
    """Create a pool, or find it if this sender has created it with this salt and these terms.

    Returns Brownie's contract. Raises VirtualMachineError with the factory's words if it
    refuses the terms, DeployError for anything else.
    """
    created = create_pool_once(core, terms, sender, salt, journal or Journal())
    return pool_at(created.address)


def create_pool_once(
    core: Core, terms: Terms, sender: Any, salt: bytes, journal: Journal
) -> Created:
    """The same, with the transaction that did it."""
    factory = core.factory
    address = factory.predict_pool(sender, terms.as_tuple(), salt)
    if not journal.entries and not chain.has_code(web3, address):
        factory.check_terms(terms.as_tuple(), {"from": sender})
    encoded = clone.encode_terms(terms_type(), terms.as_tuple())
    layers = factory.predict_layers(sender, terms.as_tuple(), salt)
    code = clone.code(core.implementation.address, encoded, layers)
    return create_once(
        journal,
        Creation(
            step="pool",
            sender=sender,
            to=factory.address,
            data=factory.create_pool.encode_input(terms.as_tuple(), salt),
            address=address,
            is_it=lambda _, found: found == code,
            locate=lambda from_block: _created_at(factory.address, address, from_block),
        ),
    )


def _created_at(factory: str, pool: str, from_block: int) -> Mined:
    topics = [container("PoolFactory").topics["PoolCreated"], f"0x{pool[2:].lower():0>64}"]
    logs = web3.eth.get_logs({"address": factory, "fromBlock": from_block, "topics": topics})
    if not logs:
        raise DeployError(f"deploy: the factory has no event of {pool}")
    return Mined("0x" + bytes(logs[0]["transactionHash"]).hex(), logs[0]["blockNumber"])


def main(*arguments: str) -> None:
    """The command; `--help` tells."""
    from scripts.deploy_command import run

    run(arguments)
