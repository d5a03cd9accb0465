"""What a command line names: a pool, and the account that signs or pays."""

import argparse
from typing import Any

from brownie import accounts, web3
from web3.exceptions import Web3Exception

from peerpool import abi, chain, named
from peerpool.keeper.accounts import find_key
from peerpool.named import FindError, Named
from peerpool.terms import Terms
from scripts.account import KEYS, password_of


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


def load_account(options: argparse.Namespace) -> Any:
    """Return Brownie's account that --account names, as `keep` understands it.

    Raises FindError("account: ...").
    """
    name = options.account
    if name.startswith("0x"):
        for account in accounts:
            if account.address.lower() == name.lower():
                return account
        raise FindError(f"account: the node has not the key of {name}")
    return accounts.add(find_key(name, KEYS, password_of(options)).key.key)


def payer(options: argparse.Namespace) -> Any:
    """Return the account that pays for gas; on a development chain the first one, if none is named.

    Raises FindError("account: ...").
    """
    if options.account:
        return load_account(options)
    if web3.eth.chain_id not in chain.DEVELOPMENT_CHAINS or not len(accounts):
        raise FindError("account: say who pays with --account; `brownie accounts list` shows all")
    return accounts[0]
