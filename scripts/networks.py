"""Which network a command works on: that of --network, or the node of $PEERPOOL_RPC."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from peerpool.errors import PeerpoolError

URL = "PEERPOOL_RPC"


class NetworkError(PeerpoolError):
    """No network to work on: `--network NAME: problem`, or of $PEERPOOL_RPC, or of the command."""


@dataclass(frozen=True)
class Network:
    """One of Brownie's by name or URL, None for a new chain; and what messages call it."""

    name: str | None
    said: str


def split(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Take --network out of the arguments. Raises NetworkError if nothing follows it."""
    rest, network = list(arguments), None
    for i, argument in enumerate(rest):
        if argument.startswith("--network="):
            network = argument.partition("=")[2]
            del rest[i]
            break
        if argument == "--network":
            if len(rest) == i + 1:
                raise NetworkError("--network: name one, or give its URL")
            network = rest[i + 1]
            del rest[i : i + 2]
            break
    return rest, network


def choose(command: str, given: str | None, has_own_chain: bool) -> Network:
    """The network that was given, or else that of the environment, or a new chain.

    The last only for commands that are over when their chain is: what others deploy or sign would
    be gone with it. Raises NetworkError.
    """
    if given:
        return Network(given, f"--network {given}")
    if given is not None:
        problem = "is empty, perhaps a variable that is not set"
        raise NetworkError(f"--network: {problem}; name one, or give its URL")
    if has_own_chain:
        return Network(None, "--network development")
    url = os.environ.get(URL)
    if not url:
        raise NetworkError(f"{command}: on which network? give --network NAME or URL, or set {URL}")
    if "://" not in url:
        raise NetworkError(f"{URL}: {url}: is not a URL")
    return Network(url, URL)


def define(network: Network) -> None:
    """See to it that Brownie knows the network, and that somebody answers there.

    Raises NetworkError.
    """
    from brownie._config import CONFIG
    from web3 import HTTPProvider, Web3

    import_module("brownie_hooks")  # the project's own networks
    name = network.name or "development"
    settings = CONFIG.networks.get(name)
    if settings is None and "://" in name:
        settings = {"id": name, "name": name, "host": name, "timeout": 120}
        CONFIG.networks[name] = settings
    if settings is None:
        raise NetworkError(f"{network.said}: unknown; `brownie networks list` shows all")
    if "cmd" in settings:
        if name not in ("development", *import_module("brownie_chains").CHAINS):
            # They fork other chains under those chains' ids, and leave files in this folder.
            problem = f"would start `{settings['cmd']}` for the command alone"
            raise NetworkError(f"{network.said}: {problem}; start a node, and give its URL")
        return
    host = os.path.expandvars(settings["host"])
    if unset := re.search(r"\$\{?(\w+)", host):
        raise NetworkError(f"{network.said}: set {unset[1]}, which is in {settings['host']}")
    node = Web3(HTTPProvider(host))
    if not node.is_connected():
        raise NetworkError(f"{network.said}: nobody answers at {settings['host']}")
    settings["chainid"] = str(node.eth.chain_id)
