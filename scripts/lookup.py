"""What a command line names: a pool, and the account that signs or pays."""

from typing import Any

from brownie import accounts, web3
from web3.exceptions import Web3Exception

from peerpool import abi, chain, named
from peerpool.named import FindError, Named
from peerpool.terms import Terms


def find_pool(text: str) -> Named:
    """Return the pool of an address, or of the manifest that deploy wrote.

    Raises FindError("pool: ..."), UnitError.
    """
    return named.find_one(text, web3.eth.chain_id)


def terms_of(pool: str) -> Terms:
    """Ask a pool for its terms. Raises FindError("pool: ...") if there is none."""
    if not chain.has_code(web3, pool):
        raise FindError(f"pool: {pool} has no code on chain {web3.eth.chain_id}")
    contract = web3.eth.contract(address=web3.to_checksum_address(pool), abi=abi.load("Pool"))
    try:
        return Terms.from_tuple(contract.functions.terms().call())
    except (ValueError, Web3Exception) as error:
        raise FindError(f"pool: {pool} is not a pool") from error


def load_account(name: str) -> Any:
    """Return the account that Brownie keeps by this name; it asks for the password.

    Raises FindError("account: ...").
    """
    try:
        return accounts.load(name)
    except FileNotFoundError:
        raise FindError(f"account: Brownie has none called {name}") from None
    except ValueError:
        raise FindError(f"account: wrong password for {name}") from None


def payer(name: str | None) -> Any:
    """Return the account that pays for gas; on a development chain the first one, if none is named.

    Raises FindError("account: ...").
    """
    if name:
        return load_account(name)
    if web3.eth.chain_id not in chain.DEVELOPMENT_CHAINS or not len(accounts):
        raise FindError("account: say who pays with --account; `brownie accounts list` shows all")
    return accounts[0]
