"""Pools as commands without Brownie open them: by the URL of a node, and with the lens."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from peerpool import named
from peerpool.keeper import Kept, open_pool
from peerpool.rpc import Node, Rpc, quantity
from peerpool.units import parse_address
from scripts.networks import URL

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"
HERE = "http://127.0.0.1:8545"


def add_node(parser: argparse.ArgumentParser) -> None:
    """Add --rpc."""
    parser.add_argument(
        "--rpc",
        metavar="URL",
        default=os.environ.get(URL) or HERE,
        help=f"the node to ask (${URL}, or {HERE})",
    )


def add_pools(parser: argparse.ArgumentParser) -> None:
    """Add the pools, --rpc and --lens."""
    parser.add_argument(
        "pools",
        nargs="+",
        metavar="pool",
        help="address, or the manifest that deploy wrote, or a folder of manifests",
    )
    add_node(parser)
    parser.add_argument(
        "--lens", metavar="ADDRESS", help="contract that tells what is due (the manifest's)"
    )
    parser.add_argument(
        "--deployments",
        type=Path,
        default=DEPLOYMENTS,
        metavar="FOLDER",
        help="where deploy keeps what it made, lens included (default: deployments)",
    )


def chain_id_of(node: Node) -> int:
    """The id of the node's chain."""
    return quantity(node.call("eth_chainId", kind=str))


def connect(url: str, told: Callable[[str], None] | None = None) -> Rpc:
    """A node by its URL; it is waited for a minute. `told` gets a line on every wait."""
    return Rpc(url, patience=60.0, told=told)


def open_pools(options: argparse.Namespace, node: Node) -> list[Kept]:
    """The pools that the options name. Raises FindError, UnitError, RpcError."""
    chain_id = chain_id_of(node)
    pools: Sequence[named.Named] = named.find(options.pools, chain_id)
    lens = parse_address(options.lens) if options.lens else None
    return [
        open_pool(
            node,
            pool.address,
            lens or named.find_lens(pool, options.deployments, chain_id),
            chain_id,
        )
        for pool in pools
    ]
