"""The four parts of a pool's code: they fit, and none hides another's function."""

import os
from functools import cache
from pathlib import Path

import pytest
from brownie import web3
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.output import build_method_identifiers_output
from vyper.compiler.phases import CompilerData

ROOT = Path(__file__).parents[3]
# Each passes on what it does not have to the next.
PARTS = ("Pool", "BackOffice", "TreatyOffice", "PolicyOffice")
MOST = 24_576  # EIP-170
SPARE = 1_000


@cache
def compiled(name):
    """The compiler's data of a contract; it generates no code until it is asked to."""
    bundle = FilesystemInputBundle([ROOT])
    return CompilerData(bundle.load_file(f"contracts/{name}.vy"), bundle)


def functions(name):
    """Return selectors of a contract's functions by signature, without the fallback."""
    found = build_method_identifiers_output(compiled(name))
    return {signature: s for signature, s in found.items() if signature != "__default__()"}


STEPS = {
    "Pool": "implementation",
    "BackOffice": "back_office",
    "TreatyOffice": "treaty_office",
    "PolicyOffice": "policy_office",
    "ReinsuranceLayer": "layer_implementation",
    "PoolFactory": "factory",
    "PoolLens": "lens",
}


@pytest.mark.parametrize("name", STEPS)
def test_code__fits(core, name):
    """As it is on the chain, immutables included."""
    if os.environ.get("CHAIN") == "ganache":
        pytest.skip("compiled for shanghai here; what is deployed elsewhere is for cancun")
    code = web3.eth.get_code(getattr(core, STEPS[name]).address)
    assert 1_000 < len(code) <= MOST - SPARE


def test_selectors__of_no_two_parts_are_the_same():
    known = {}
    for name in PARTS:
        for signature, selector in functions(name).items():
            assert selector not in known, f"{name}.{signature} hides {known[selector]}"
            known[selector] = f"{name}.{signature}"


@pytest.mark.parametrize(
    "interface, contracts", [("IPool", PARTS), ("IReinsuranceLayer", ("ReinsuranceLayer",))]
)
def test_selectors__are_those_of_the_interface(interface, contracts):
    """Each function of the interface is in a part, and no part has others."""
    bundle = FilesystemInputBundle([ROOT])
    promise = CompilerData(bundle.load_file(f"interfaces/{interface}.vyi"), bundle)
    promised = promise.annotated_vyper_module._metadata["type"].interface.to_toplevel_abi_dict()
    names = {entry["name"] for entry in promised if entry["type"] == "function"}
    there = {signature.partition("(")[0] for name in contracts for signature in functions(name)}
    assert there == names
