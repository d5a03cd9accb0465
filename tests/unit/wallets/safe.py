"""Safe 1.4.1 on the local chain, from the artefacts of its npm package (LGPL-3.0, not copied)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from brownie import ZERO_ADDRESS, Contract, chain, web3
from eth_abi import encode
from eth_account import Account
from eth_keys import keys
from eth_utils import keccak, to_checksum_address

from peerpool import typed_data

from ..ballots import key_of

ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / "node_modules/@safe-global/safe-contracts/build/artifacts/contracts"
CALL, DELEGATECALL = 0, 1


def deploy(path: str, deployer: Any) -> Any:
    """Deploy a contract of the package ("libraries/SignMessageLib.sol"), without arguments."""
    name = Path(path).stem
    artefact = json.loads((ARTIFACTS / path / f"{name}.json").read_text())
    address = deployer.transfer(data=artefact["bytecode"], silent=True).contract_address
    return Contract.from_abi(name, address, artefact["abi"])


@dataclass
class Safe:
    """A Safe with its owners; `sender` brings its transactions to the chain and pays the gas."""

    address: str  # where it is, or will be
    owners: Sequence[Any]
    threshold: int
    sender: Any
    abi: list[dict[str, Any]]

    def __str__(self) -> str:
        return self.address

    @cached_property
    def contract(self) -> Any:
        """Return it as a Brownie contract, once it is there."""
        return Contract.from_abi("Safe", self.address, self.abi)

    def balance(self) -> int:
        """Return its Ether in wei."""
        return int(web3.eth.get_balance(self.address))

    def message(self, digest: bytes) -> dict[str, Any]:
        """Return the EIP-712 message by which the owners sign bytes in the Safe's name."""
        return {
            "types": {
                "EIP712Domain": [
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                "SafeMessage": [{"name": "message", "type": "bytes"}],
            },
            "primaryType": "SafeMessage",
            "domain": {"chainId": chain.id, "verifyingContract": self.address},
            "message": {"message": f"0x{digest.hex()}"},
        }

    def sign(self, digest: bytes, owners: Sequence[Any] | None = None) -> bytes:
        """Return the owners' signatures, 65 bytes each, over bytes: threshold of them."""
        return self.signatures(typed_data.digest(self.message(digest)), owners)

    def signatures(self, signed: bytes, owners: Sequence[Any] | None = None) -> bytes:
        """Return signatures over this very hash, in the order of the owners' addresses."""
        signers = self.owners[: self.threshold] if owners is None else owners
        return b"".join(
            _sign(key_of(each), signed) for each in sorted(signers, key=lambda o: str(o).lower())
        )

    def execute(
        self, target: Any, amount: int, data: Any, tx: dict[str, Any], operation: int = CALL
    ) -> Any:
        """Let the Safe call somebody with its own Ether, signed by its owners."""
        call = (str(target), amount, data, operation, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)
        signed = self.contract.getTransactionHash(*call, self.contract.nonce())
        return self.contract.execTransaction(
            *call, self.signatures(bytes(signed)), {"from": tx["from"]}
        )

    def call(self, method: Any, *args: Any, value: int = 0) -> Any:
        """Let the Safe call a method of a Brownie contract."""
        return self.execute(
            method._address, value, method.encode_input(*args), {"from": self.sender}
        )


@dataclass
class SafeKit:
    """What all Safes of a chain share, deployed once."""

    deployer: Any

    def __post_init__(self) -> None:
        self.singleton = deploy("Safe.sol", self.deployer)
        self.factory = deploy("proxies/SafeProxyFactory.sol", self.deployer)
        self.handler = deploy("handler/CompatibilityFallbackHandler.sol", self.deployer)
        self.sign_message = deploy("libraries/SignMessageLib.sol", self.deployer)

    def create(self, owners: Sequence[Any], threshold: int, nonce: int = 0) -> Safe:
        """Deploy a Safe."""
        self.factory.createProxyWithNonce(*self._creation(owners, threshold, nonce))
        return self.predict(owners, threshold, nonce)

    def predict(self, owners: Sequence[Any], threshold: int, nonce: int = 0) -> Safe:
        """Return the Safe that `create` makes or made with the same arguments."""
        singleton, setup, nonce, _ = self._creation(owners, threshold, nonce)
        code = bytes(self.factory.proxyCreationCode()) + encode(["address"], [singleton])
        salt = keccak(keccak(bytes.fromhex(setup[2:])) + nonce.to_bytes(32, "big"))
        place = keccak(b"\xff" + bytes.fromhex(self.factory.address[2:]) + salt + keccak(code))
        address = to_checksum_address(place[12:])
        return Safe(address, owners, threshold, self.deployer, self.singleton.abi)

    def _creation(self, owners: Sequence[Any], threshold: int, nonce: int) -> tuple[Any, ...]:
        setup = self.singleton.setup.encode_input(
            [str(each) for each in owners],
            threshold,
            ZERO_ADDRESS,
            b"",
            self.handler.address,
            ZERO_ADDRESS,
            0,
            ZERO_ADDRESS,
        )
        return self.singleton.address, setup, nonce, {"from": self.deployer}


def _sign(key: Any, digest: bytes) -> bytes:
    raw = key if isinstance(key, bytes) else bytes.fromhex(str(key).removeprefix("0x"))
    signature = keys.PrivateKey(raw).sign_msg_hash(digest).to_bytes()
    return bytes(signature[:64]) + bytes([27 + signature[64]])


def new_owners(count: int) -> list[Any]:
    """Return people who own Safes and nothing else: keys without money."""
    return [Owner(keccak(text=f"peerpool test owner {i}")) for i in range(count)]


@dataclass(frozen=True)
class Owner:
    """A key with its address."""

    private_key: bytes

    def __str__(self) -> str:
        return str(Account.from_key(self.private_key).address)
