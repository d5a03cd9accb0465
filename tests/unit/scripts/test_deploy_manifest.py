"""An auditor's check of a manifest, against the sources and the chain."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brownie import web3
from eth_abi import encode
from eth_utils import keccak

from peerpool import abi, clone, manifest
from peerpool.terms import Terms
from scripts.core import STEPS

from .deploying import Ran

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def kept(command: Callable[..., Ran], folder: Path) -> dict[str, Any]:
    """The manifest, as --json prints it and as the file has it."""
    ran = command("--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == json.loads((folder / "bicycle-cover.json").read_text())
    return json.loads(ran.out)


def compiled(contract: str, evm_version: str, what: str) -> bytes:
    """Return what the compiler alone makes of a contract."""
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("vyper")),
            *("-p", ".", "--evm-version", evm_version, "-f", what),
            f"contracts/{contract}.vy",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return bytes.fromhex(run.stdout.strip().removeprefix("0x"))


def hashed(code: bytes) -> str:
    return "0x" + keccak(code).hex()


def test_manifest__pool_is_stub_terms_and_layers(kept: dict[str, Any]) -> None:
    implementation = kept["core"]["contracts"]["implementation"]["address"]
    code = manifest.rebuilt_code(kept["pool"], implementation)
    assert bytes(web3.eth.get_code(kept["pool"]["address"])) == code
    assert kept["pool"]["runtime_code_hash"] == hashed(code)


def test_manifest__terms_are_those_on_chain(kept: dict[str, Any]) -> None:
    pool = web3.eth.contract(address=kept["pool"]["address"], abi=abi.load("Pool"))
    terms = Terms.from_tuple(pool.functions.terms().call())
    assert manifest.terms_from_json(kept["pool"]["terms"]) == terms
    encoded = encode([kept["pool"]["terms_abi_type"]], [terms.as_tuple()])
    assert kept["pool"]["terms_hash"] == hashed(encoded)
    assert kept["pool"]["wording_hash"] == "0x" + terms.wording_hash.hex()
    factory = web3.eth.contract(
        address=kept["core"]["contracts"]["factory"]["address"], abi=abi.load("PoolFactory")
    )
    [event] = factory.events.PoolCreated().get_logs(from_block=kept["pool"]["block"])
    assert event["args"]["terms_hash"].hex() == kept["pool"]["terms_hash"].removeprefix("0x")
    assert event["transactionHash"].hex() == kept["pool"]["transaction"].removeprefix("0x")
    assert event["args"]["creator"] == kept["pool"]["creator"]
    assert (
        kept["pool"]["address"]
        == factory.functions.predict_pool(
            kept["pool"]["creator"], terms.as_tuple(), kept["pool"]["salt"]
        ).call()
    )


def test_manifest__layers_are_those_of_the_factory(kept: dict[str, Any]) -> None:
    contracts, pool = kept["core"]["contracts"], kept["pool"]
    factory = web3.eth.contract(
        address=contracts["factory"]["address"], abi=abi.load("PoolFactory")
    )
    logs = factory.events.LayerCreated().get_logs(from_block=pool["block"])
    found = {log["args"]["layer"]: log["args"]["shares"] for log in logs}
    assert found == {1: pool["layers"][0], 2: pool["layers"][1]}
    assert {log["args"]["pool"] for log in logs} == {pool["address"]}
    code = clone.stub(contracts["layer_implementation"]["address"])
    assert [bytes(web3.eth.get_code(layer)) for layer in pool["layers"]] == [code, code]


@pytest.mark.parametrize("step", [step for step, _, _ in STEPS])
def test_manifest__core_is_what_the_sources_compile_to(kept: dict[str, Any], step: str) -> None:
    entry, compiler = kept["core"]["contracts"][step], kept["core"]["compiler"]
    arguments = entry["constructor_arguments"]
    creation = compiled(entry["contract"], compiler["evm_version"], "bytecode")
    assert entry["creation_code_hash"] == hashed(creation)
    transaction = web3.eth.get_transaction(entry["transaction"])
    assert bytes(transaction["input"]) == creation + encode(["address"] * len(arguments), arguments)
    assert (transaction["from"], transaction["nonce"]) == (entry["creator"], entry["nonce"])
    code = bytes(web3.eth.get_code(entry["address"]))
    assert code.startswith(compiled(entry["contract"], compiler["evm_version"], "bytecode_runtime"))
    assert entry["runtime_code_hash"] == hashed(code)


def test_manifest__sources_hash_as_the_shell_says(kept: dict[str, Any]) -> None:
    source = kept["core"]["source"]
    run = subprocess.run(
        ["bash", "-c", source["sha256_of"]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split()[0] == source["sha256"]
