"""Peers in Solidity, from npm's packages, compiled with solc from npm."""

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any

from eth_abi import encode
from eth_utils import to_checksum_address

from scripts.core import ROOT
from scripts.gas_abi import Interface
from scripts.gas_chain import (
    TRANSACTION_GAS,
    GasError,
    Transaction,
    give_ether,
    send,
    transaction,
)

SOURCES = ROOT / "gas" / "peers"
PACKAGES = ROOT / "node_modules"
KEPT = ROOT / "build" / "peers.json"
# As TARGETS["anvil"] for our own contracts; 200 runs are what the peers' projects compile with.
SETTINGS = {"evmVersion": "cancun", "optimizer": {"enabled": True, "runs": 200}}
DEPLOYER = to_checksum_address(sha256(b"deployer").digest()[:20])


def versions() -> dict[str, str]:
    """What the peers are made of."""
    packages = {
        "solc": "solc",
        "openzeppelin": "@openzeppelin/contracts",
        "openzeppelin_4": "@openzeppelin/contracts-4",
    }
    return {name: _version(package) for name, package in packages.items()}


def _version(package: str) -> str:
    path = PACKAGES / package / "package.json"
    if not path.exists():
        raise GasError(f"gas: {package} is not installed: make setup")
    return json.loads(path.read_text(encoding="utf-8"))["version"]


@cache
def compiled() -> dict[str, Any]:
    """ABI and creation code by name of the contract; kept in build/ until anything changes."""
    sources = {
        path.name: {"content": path.read_text(encoding="utf-8")}
        for path in sorted(SOURCES.glob("*.sol"))
    }
    output = {"*": {"*": ["abi", "evm.bytecode.object"]}}
    asked = json.dumps(
        {
            "language": "Solidity",
            "sources": sources,
            "settings": SETTINGS | {"outputSelection": output},
        }
    )
    key = sha256((asked + json.dumps(versions())).encode()).hexdigest()
    if KEPT.exists() and (kept := json.loads(KEPT.read_text(encoding="utf-8")))["key"] == key:
        return kept["contracts"]
    contracts = _solc(asked)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps({"key": key, "contracts": contracts}), encoding="utf-8")
    return contracts


def _solc(asked: str) -> dict[str, Any]:
    command = ["node", PACKAGES / "solc" / "solc.js", "--standard-json"]
    paths = ["--base-path", SOURCES, "--include-path", PACKAGES]
    with TemporaryFile("w+", encoding="utf-8") as told:  # what goes into a pipe is cut off
        ran = subprocess.run([*command, *paths], input=asked, stdout=told, text=True)
        told.seek(0)
        text = told.read()
    if ran.returncode:
        raise GasError(f"gas: solc: {text.strip()}")
    answer = json.loads(text[text.index("{") :])
    for error in answer.get("errors", ()):
        if error["severity"] == "error":
            raise GasError(f"gas: solc: {error['formattedMessage']}")
    return {
        name: {"abi": made["abi"], "code": made["evm"]["bytecode"]["object"]}
        for contracts in answer["contracts"].values()
        for name, made in contracts.items()
    }


class Solidity:
    """A contract of a peer's, wherever it is."""

    def __init__(self, name: str, address: str) -> None:
        self._interface, self.address = _interface(name), to_checksum_address(address)

    def data(self, function: str, *arguments: Any) -> str:
        """Calldata."""
        return self._interface.data(function, *arguments)

    def read(self, function: str, *arguments: Any) -> Any:
        """Ask a view."""
        return self._interface.read(self.address, function, *arguments)


class Batcher(Solidity):
    """Makes many calls in one transaction; pays for them with what the sender sends."""

    def __init__(self) -> None:
        give_ether([DEPLOYER])
        super().__init__("Batcher", send(creation("Batcher"))["contractAddress"])

    def made(self, sender: str, target: str, calls: Sequence[str], value: int = 0) -> Transaction:
        """These calls of the target, each with that value."""
        data = self.data("each", target, value, [bytes.fromhex(call[2:]) for call in calls])
        return transaction(sender, self.address, data, value * len(calls), TRANSACTION_GAS)


def creation(name: str, types: Sequence[str] = (), values: Sequence[Any] = ()) -> Transaction:
    """The transaction that creates a contract."""
    data = "0x" + compiled()[name]["code"] + encode(types, values).hex()
    return transaction(DEPLOYER, None, data, gas=TRANSACTION_GAS)


@cache
def _interface(name: str) -> Interface:
    return Interface(compiled()[name]["abi"])
