"""Who pays for keeping: a key in an encrypted file, or, on a development chain, the node's own."""

import json
from collections.abc import Callable
from pathlib import Path

from eth_account import Account as Keys

from peerpool.chain import DEVELOPMENT_CHAINS
from peerpool.files import read_text
from peerpool.keeper.sender import Account, KeyAccount, NodeAccount
from peerpool.named import FindError
from peerpool.rpc import Node


def find_account(
    name: str | None, folder: Path, node: Node, chain_id: int, password: Callable[[str], str]
) -> Account:
    """Return the account of a name, of a file, or of an address that the node has the key of.

    folder: where Brownie keeps key files by name. password: is asked for the one of a file. Without
    a name it is the node's first account, on a development chain. Raises FindError("account: ...").
    """
    if name is None or name.startswith("0x"):
        return _of_node(name, node, chain_id)
    return find_key(name, folder, password)


def find_key(name: str, folder: Path, password: Callable[[str], str]) -> KeyAccount:
    """Return the account of a name or a file, as `find_account` does."""
    path = Path(name) if name.endswith(".json") else folder / f"{name}.json"
    if not name.endswith(".json") and not path.exists():
        raise FindError(f"account: Brownie has none called {name}")
    return load(path, lambda: password(name))


def load(path: Path, password: Callable[[], str]) -> KeyAccount:
    """Return the account of an encrypted key file, whose password is asked for if it is one.

    Raises FindError("account: ...").
    """
    try:
        tree = json.loads(read_text(path, "account", FindError))
        if not isinstance(tree, dict):
            raise TypeError
    except FindError:
        raise
    except (TypeError, ValueError, RecursionError):
        raise FindError(f"account: {path}: is not a key file") from None
    secret = password()
    try:
        return KeyAccount(Keys.from_key(Keys.decrypt(tree, secret)))
    except (KeyError, TypeError, ValueError, NotImplementedError) as error:
        is_refused = "MAC mismatch" in str(error)
        problem = "wrong password" if is_refused else "is not a key file"
        raise FindError(f"account: {path}: {problem}") from None


def _of_node(address: str | None, node: Node, chain_id: int) -> NodeAccount:
    if address is None and chain_id not in DEVELOPMENT_CHAINS:
        raise FindError("account: say who pays with --account")
    has = node.call("eth_accounts", kind=list[str])
    found = [each for each in has if address is None or each.lower() == address.lower()]
    if not found:
        raise FindError(f"account: the node has not the key of {address or 'any'}")
    return NodeAccount(found[0])
