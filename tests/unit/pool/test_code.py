"""The four parts of a pool's code: they fit, they agree on the storage, none hides another's."""

import os
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from brownie import web3
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.output import build_layout_output, build_method_identifiers_output
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


def slots(kind, name):
    """Return variable and type by slot, for storage or transient storage."""
    found = {}

    def walk(path, entry):
        if "slot" not in entry:
            for key, inner in entry.items():
                walk(f"{path}.{key}", inner)
            return
        for slot in range(entry["slot"], entry["slot"] + entry["n_slots"]):
            assert slot not in found, f"two variables in slot {slot}"
            found[slot] = (path, entry["type"])

    walk("", build_layout_output(compiled(name))[kind])
    return found


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


@pytest.mark.parametrize("one, other", [*combinations(PARTS, 2)])
def test_storage__shared_slots_agree(one, other):
    """What both know is the same; what only the other knows begins after all of the one's."""
    one, other = slots("storage_layout", one), slots("storage_layout", other)
    shared = {slot for slot in one if one[slot] == other.get(slot)}
    assert len(shared) > 20
    own = {slot for slot in one if slot not in shared and one[slot][0] != "._gap"}
    others_own = {slot for slot in other if slot not in shared and other[slot][0] != "._gap"}
    assert not own & others_own
    assert not {one[slot][0] for slot in own} & {x[0] for x in other.values()}
    assert all(slot > max(shared) for slot in own | others_own)


def test_storage__pool_is_a_prefix():
    """Pool keeps nothing of its own: its layout begins both others'."""
    pool = slots("storage_layout", "Pool")
    for name in PARTS[1:]:
        other = slots("storage_layout", name)
        assert {slot: other[slot] for slot in pool} == pool
        assert set(other) - set(pool) == set(range(len(pool), len(other)))


@pytest.mark.spec("F8")
@pytest.mark.parametrize("name", PARTS[1:])
def test_lock__is_in_the_same_slot(name):
    kind = "transient_storage_layout"
    assert slots(kind, name) == slots(kind, "Pool") != {}


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
