"""The chains that Peerpool is tested on, and how Brownie talks to them.

The environment variable CHAIN chooses one, anvil or ganache, and with it the EVM version that the
contracts are compiled for. `--network` takes their names too, and "local": a node that somebody
keeps running on port 8545, with accounts of its own.

The second half makes Brownie's tests about three times as fast, and rids them of naps of a second
and of transactions that it believes lost, because Anvil answers before the receipt is there.
"""

import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests
from brownie._config import CONFIG
from brownie.exceptions import RPCRequestError
from brownie.network.account import Account, LocalAccount
from brownie.network.contract import ContractConstructor, ContractTx, _ContractMethod
from brownie.network.state import Chain
from brownie.network.web3 import web3
from web3 import HTTPProvider

BINARIES = Path(__file__).resolve().parent / "node_modules" / ".bin"

COMMON = {
    "accounts": 30,
    "chain_id": 31337,
    "default_balance": 1_000_000,
    "gas_limit": 100_000_000,
    "mnemonic": "test test test test test test test test test test test junk",
}
# Past states stay in memory: else Anvil leaves some hundred megabytes in the home folder.
COMMANDS = {"anvil": "anvil --max-persisted-states 0", "ganache": "ganache"}
# The fork that a chain runs; and below, the one that contracts are compiled for to run on it.
CHAINS = {
    "anvil": {"evm_version": "prague", "base_fee": 0, "gas_price": 0},
    # Without the opcodes of cancun the pool's code is longer than a chain would take.
    "ganache": {"evm_version": "shanghai", "unlimited_contract_size": True},
}
TARGETS = {"anvil": "cancun", "ganache": "shanghai"}
# With these, or TRACE=1, Anvil keeps every step, so that a failure shows its line of Vyper.
TRACING = {"--coverage", "-C", "--revert-tb", "-R"}


def install() -> None:
    """Define the networks, choose one as the default, and replace the slow parts of Brownie."""
    chain = _chosen()
    CONFIG.networks.update({name: _network(name, name) for name in CHAINS})
    CONFIG.networks["development"] = _network("development", chain)
    CONFIG.networks["local"] = {
        "id": "local",
        "name": "local",
        "host": "http://127.0.0.1:8545",
        "chainid": str(COMMON["chain_id"]),
        "timeout": 120,
    }
    CONFIG.settings["compiler"]["evm_version"] = TARGETS[chain]
    if chain == "ganache":  # without a price, Brownie asks Ganache for one until the end of time
        CONFIG.settings["networks"]["development"]["gas_price"] = 2 * 10**9
    os.environ["PATH"] = f"{BINARIES}{os.pathsep}{os.environ['PATH']}"
    _hasten()


def _chosen() -> str:
    if CONFIG.argv["network"] in CHAINS:
        return CONFIG.argv["network"]
    chain = os.environ.get("CHAIN") or "anvil"
    if chain not in CHAINS:
        raise ValueError(f"CHAIN is {chain}: must be one of {', '.join(CHAINS)}")
    return chain


def _network(name: str, chain: str) -> dict[str, Any]:
    with socket.socket() as probe:  # a free port: test runs and demos go on side by side
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "id": name,
        "name": name,
        "cmd": COMMANDS[chain],
        "host": "http://127.0.0.1",
        "timeout": 120,
        "cmd_settings": {"port": port, **COMMON, **CHAINS[chain]} | _tracing(chain),
    }


def _tracing(chain: str) -> dict[str, bool]:
    wanted = bool(os.environ.get("TRACE") or TRACING & set(sys.argv))
    return {"steps_tracing": True} if wanted and chain == "anvil" else {}


# --- what Brownie does slowly, or wrongly, on a test chain ---


def _hasten() -> None:
    Account._transact = _transact
    LocalAccount._transact = _transact_signed
    Chain._add_to_undo_buffer = _add_to_undo_buffer
    # By import_module, because brownie.network has objects of the same names.
    vars(import_module("brownie.network.web3"))["HTTPProvider"] = _provider
    vars(import_module("brownie.network.rpc.anvil"))["mine"] = _mine
    # Whoever calls the chain is looked up with inspect.stack(), which reads all source files.
    vars(import_module("brownie.network.rpc"))["inspect"] = SimpleNamespace(stack=_callers)
    # All garbage is collected when the chain reverts; what hears of that lives for ever anyway.
    vars(import_module("brownie.network.state"))["gc"] = SimpleNamespace(collect=lambda: None)
    # Calls of contracts print each transaction, even in tests and under --silent.
    for call in (ContractConstructor.__call__, ContractTx.__call__, _ContractMethod.transact):
        call.__kwdefaults__["silent"] = None


_brownie_transact = Account._transact
_brownie_transact_signed = LocalAccount._transact
_brownie_add_to_undo_buffer = Chain._add_to_undo_buffer


def _transact(self: Account, tx: dict[str, Any], allow_revert: bool | None) -> bytes:
    """Return when the receipt is there. Without web3.py it is one request instead of five."""
    is_development = CONFIG.network_type == "development"
    is_anvil = is_development and CONFIG.active_network["cmd"].startswith("anvil")
    if not is_anvil or allow_revert is False:
        return _brownie_transact(self, tx, allow_revert)
    plain = {key: hex(value) if isinstance(value, int) else value for key, value in tx.items()}
    answer = web3.provider.make_request("eth_sendTransactionSync", [plain])
    if "error" in answer:
        raise ValueError(answer["error"])
    return bytes.fromhex(answer["result"]["transactionHash"][2:])


def _transact_signed(self: LocalAccount, tx: dict[str, Any], allow_revert: bool | None) -> bytes:
    transaction_hash = _brownie_transact_signed(self, tx, allow_revert)
    if CONFIG.network_type == "development":
        web3.eth.wait_for_transaction_receipt(transaction_hash, timeout=10, poll_latency=0.005)
    return transaction_hash


def _mine(timestamp: int | None = None) -> None:
    """Mine at that second; as Brownie asks for it, Anvil refuses."""
    answer = web3.provider.make_request("evm_mine", [] if timestamp is None else [timestamp])
    if "error" in answer:
        raise RPCRequestError(answer["error"]["message"])


def _add_to_undo_buffer(self: Chain, tx: Any, *rest: Any) -> None:
    """Tests do not undo, they revert: spare them a snapshot of the chain for each transaction."""
    if CONFIG.mode != "test":
        _brownie_add_to_undo_buffer(self, tx, *rest)
        return
    with self._undo_lock:
        tx._confirmed.wait()
        self._set_time_offset_from_block()


def _provider(uri: str, options: dict[str, Any]) -> HTTPProvider:
    """One connection for all threads, that asks for the chain's id once, and here for no proxy."""
    session = requests.Session()
    session.trust_env = "//127.0.0.1" not in uri
    return HTTPProvider(
        uri,
        options,
        session=session,
        cache_allowed_requests=True,
        cacheable_requests={"eth_chainId"},
    )


def _callers() -> list[Any]:
    return [None, SimpleNamespace(frame=sys._getframe(2))]
