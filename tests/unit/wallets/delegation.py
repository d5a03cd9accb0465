"""Accounts with a key whose code is delegated (EIP-7702)."""

import os
from typing import Any

import pytest
from brownie import ZERO_ADDRESS, accounts, web3
from brownie.network.account import LocalAccount
from eth_account import Account
from eth_utils import keccak

# Ganache ends before the fork that brought it.
needs_7702 = pytest.mark.skipif(
    os.environ.get("CHAIN") == "ganache", reason="Ganache knows no EIP-7702"
)


def delegated(role: str, delegate: Any) -> LocalAccount:
    """Return a new account with 50 Ether that runs the delegate's code."""
    account = accounts.add(keccak(text=f"peerpool test {role}"))
    accounts[0].transfer(account, "50 ether", silent=True)
    redelegate(account, delegate)
    return account


def redelegate(account: LocalAccount, delegate: Any) -> None:
    """Let an account run another contract's code; none, if that is the zero address."""
    nonce = web3.eth.get_transaction_count(account.address)
    authorization = {"chainId": web3.eth.chain_id, "address": str(delegate), "nonce": nonce + 1}
    transaction = {
        "type": 4,
        "chainId": web3.eth.chain_id,
        "nonce": nonce,
        "to": account.address,
        "value": 0,
        "data": b"",
        "gas": 200_000,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "authorizationList": [Account.sign_authorization(authorization, account.private_key)],
    }
    signed = Account.sign_transaction(transaction, account.private_key)
    sent = web3.eth.send_raw_transaction(signed.raw_transaction)
    web3.eth.wait_for_transaction_receipt(sent, timeout=10, poll_latency=0.01)
    code = bytes(web3.eth.get_code(account.address))
    expected = bytes.fromhex("ef0100" + str(delegate)[2:])
    assert code == (b"" if str(delegate) == ZERO_ADDRESS else expected)
