"""peerpool.audit.code: whatever is not this checkout's code on the pool's own terms is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from peerpool import clone, manifest
from peerpool.audit import code as codes
from peerpool.audit.code import CodeError, WordingError, check_code, check_wording, read
from peerpool.audit.verdict import DIFFERS, PROVED, Check
from peerpool.compiled import compile_contract
from peerpool.deployment import code_hash
from peerpool.views import Question
from tests.attacks.arena import ORGANISER, START
from tests.audit.node import Node, record
from tests.audit.year import WORDING, Year
from tests.evm.chain import Chain
from tests.evm.contract import deploy
from tests.evm.signing import address_of

STRANGER = to_checksum_address(address_of(88))


@pytest.fixture
def last(year: Year) -> int:
    return year.node.blocks[-1].number


@pytest.fixture
def checking(year: Year, last: int) -> Callable[..., Check]:
    def check(kept: Any = None, created: int | None = None) -> Check:
        found = read(year.node, year.pool, last)
        created = year.blocks["created"] if created is None else created
        return check_code(year.node, year.pool, found, last, created, kept)

    return check


def lying_code(node: Node, address: str, code: bytes) -> None:
    """Let the node say that this is the code of an account."""

    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_getCode" and params[0].lower() == address.lower()
        return "0x" + code.hex() if asked else result

    node.lies.append(lie)


def lying_view(node: Node, question: Question, words: bytes) -> None:
    """Let the node give another answer to one view."""

    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_call" and params[0] == question.query
        return "0x" + words.hex() if asked else result

    node.lies.append(lie)


def changed_log(node: Node, name: str, **changes: Any) -> None:
    """Let the node change a factory's log; `data` gets words, by their place."""

    def lie(method: str, _: Any, result: Any) -> Any:
        if method != "eth_getLogs":
            return result
        [topic] = [t for t, e in codes._factory_events().items() if e["name"] == name]
        return [log | changes if log["topics"][0] == "0x" + topic.hex() else log for log in result]

    node.lies.append(lie)


# --- what the code at the address is ------------------------------------------------


def test_read__terms_and_layers_as_they_were_created(year: Year, last: int):
    found = read(year.node, year.pool, last)
    assert found.terms == replace(
        year.arena.terms,
        **{
            name: to_checksum_address(getattr(year.arena.terms, name))
            for name in ("asset", "arbiter", "organiser", "gate", "cause", "desk", "reinsurer")
        },
    )
    shares = [year.arena.pool.view("layer", number).shares for number in (1, 2)]
    assert [layer.lower() for layer in found.layers] == shares
    assert found.implementation.lower() == year.arena.implementation.address


def test_read__no_code__says_so(node: Node, last: int):
    with pytest.raises(CodeError) as error:
        read(node, STRANGER, last)
    assert str(error.value) == f"pool: {STRANGER} has no code: another chain, or another address?"


def test_read__younger_than_the_block__says_so(year: Year):
    before = year.blocks["created"] - 1
    with pytest.raises(CodeError) as error:
        read(year.node, year.pool, before)
    expected = f"pool: {year.pool} has no code as of block {before}; it has now: --block latest"
    assert str(error.value) == expected


def test_read__another_contract__is_not_a_pool(year: Year, last: int):
    token = to_checksum_address(year.arena.token.address)
    with pytest.raises(CodeError) as error:
        read(year.node, token, last)
    expected = f"pool: {token} is not a pool: its code is no clone with terms behind it"
    assert str(error.value) == expected


def test_read__a_layer__is_not_a_pool(year: Year, last: int):
    layer = to_checksum_address(year.arena.pool.view("layer", 1).shares)
    with pytest.raises(CodeError) as error:
        read(year.node, layer, last)
    expected = f"pool: {layer} is not a pool: a clone without terms, as a layer's shares are"
    assert str(error.value) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x01",  # an EIP-1167 clone with a little of its own
        b"\x00" * 500,
        bytes(31) + b"\x20" + b"\xff" * 2000,
    ],
)
def test_read__clone_with_other_data__may_be_of_another_version(year: Year, last: int, data: bytes):
    implementation = to_checksum_address(year.arena.implementation.address)
    lying_code(year.node, year.pool, clone.stub(implementation) + data)
    with pytest.raises(CodeError) as error:
        read(year.node, year.pool, last)
    expected = 'is not a pool, or one of another version: it says it is "Peerpool", version "1"'
    assert str(error.value) == f"pool: {year.pool} {expected}"


def test_read__one_byte_more__is_not_a_pool(year: Year, last: int):
    lying_code(year.node, year.pool, year.arena.chain.code(year.pool.lower()) + b"\0")
    with pytest.raises(CodeError, match="is not a pool, or one of another version"):
        read(year.node, year.pool, last)


def test_check_code__a_byte_between_terms_and_layers__is_not_what_the_factory_saw(
    checking: Callable[..., Check], year: Year
):
    code = year.arena.chain.code(year.pool.lower())
    lying_code(year.node, year.pool, code[:-65] + b"\0" + code[-65:])
    assert any(d.startswith("factory: terms hash is ") for d in checking().details)


# --- whose code it is -----------------------------------------------------------------


def test_check_code__proved(checking: Callable[..., Check], year: Year):
    found = checking()
    assert found.result == PROVED, found
    a = year.arena
    assert found.details[0] == (
        f"a clone of Pool.vy at {to_checksum_address(a.implementation.address)}; its terms, and the"
        " addresses of its 2 layers, are in its code"
    )
    assert found.details[1].startswith(
        "PolicyOffice, TreatyOffice, BackOffice, Pool, ReinsuranceLayer, PoolFactory are what"
        " contracts/ compiles to (for cancun)"
    )
    encoded = read(year.node, year.pool, year.node.blocks[-1].number).encoded_terms
    assert found.details[2] == (
        f"created in block {year.blocks['created']} by the factory"
        f" {to_checksum_address(a.factory.address)}; terms hash 0x{keccak(encoded).hex()}"
    )


def test_check_code__implementation_of_other_code__is_another_version(
    checking: Callable[..., Check], year: Year, monkeypatch: pytest.MonkeyPatch
):
    address = to_checksum_address(year.arena.implementation.address)
    code = bytearray(year.arena.chain.code(address.lower()))
    code[1000] ^= 1
    lying_code(year.node, address, bytes(code))
    monkeypatch.setattr(codes, "EVM_VERSIONS", ("cancun",))  # the other takes long to compile
    found = checking()
    assert found.result == DIFFERS
    assert found.details == (
        f"code: another version, or no pool of Peerpool: it runs {address}, which is not Pool.vy of"
        ' this checkout; it says it is "Peerpool", version "1"',
    )


@pytest.mark.parametrize(
    "attribute, name, contract",
    [
        ("office", "back office", "BackOffice"),
        ("treaty_office", "treaty office", "TreatyOffice"),
        ("policy_office", "policy office", "PolicyOffice"),
        ("layer_implementation", "layer implementation", "ReinsuranceLayer"),
    ],
)
def test_check_code__part_of_other_code__is_named(
    checking: Callable[..., Check], year: Year, attribute: str, name: str, contract: str
):
    address = to_checksum_address(getattr(year.arena, attribute).address)
    code = bytearray(year.arena.chain.code(address.lower()))
    code[500] ^= 1
    lying_code(year.node, address, bytes(code))
    found = checking()
    assert found.result == DIFFERS
    assert found.details == (
        f"code: another version? The {name} {address} is not {contract}.vy of this checkout (for"
        " cancun)",
    )


def test_check_code__immutable_of_the_implementation_is_another__is_named(
    checking: Callable[..., Check], year: Year
):
    """It guards itself by its own address: with another one it is somebody else's pool."""
    address = to_checksum_address(year.arena.implementation.address)
    code = year.arena.chain.code(address.lower())
    lying_code(year.node, address, code[:-64] + encode(["address"], [STRANGER]) + code[-32:])
    found = checking()
    assert found.result == DIFFERS
    assert found.details == (f"code: implementation: its own address is {STRANGER}, not {address}",)


def test_check_code__back_office_that_leads_elsewhere__is_named(
    checking: Callable[..., Check], year: Year
):
    address = year.arena.office.address
    code = year.arena.chain.code(address)
    lying_code(year.node, address, code[:-32] + encode(["address"], [STRANGER]))
    found = checking()
    assert found.details == (
        f"code: another version? The treaty office {STRANGER} is not TreatyOffice.vy of this"
        " checkout (for cancun)",
    )


def test_check_code__pool_that_no_factory_created__is_named(
    checking: Callable[..., Check], year: Year
):
    changed_log(year.node, "PoolCreated", address=STRANGER)
    found = checking()
    created = year.blocks["created"]
    assert found.details == (
        "factory: none of this checkout's says that it created the pool in block"
        f" {created}; {STRANGER} does, and is no factory of ours",
    )
    assert found.result == DIFFERS


def test_check_code__wrong_block__has_no_word_of_a_factory(
    checking: Callable[..., Check], year: Year
):
    wrong = year.blocks["created"] + 1
    expected = f"factory: none of this checkout's says that it created the pool in block {wrong}"
    assert checking(created=wrong).details == (expected,)


def test_check_code__factory_of_another_implementation__is_no_factory_of_ours(
    checking: Callable[..., Check], year: Year
):
    address = to_checksum_address(year.arena.factory.address)
    code = year.arena.chain.code(address.lower())
    lying_code(year.node, address, code[:-64] + encode(["address"], [STRANGER]) + code[-32:])
    assert f"{address} does, and is no factory of ours" in checking().details[0]


def test_check_code__terms_that_the_factory_did_not_see__are_named(
    checking: Callable[..., Check], year: Year
):
    """The pool's code with a lower deductible, and views that agree."""
    found = read(year.node, year.pool, year.node.blocks[-1].number)
    terms = replace(found.terms, claim_bond=found.terms.claim_bond + 1)
    encoded = clone.encode_terms(codes._terms_type(), terms.as_tuple())
    lying_code(year.node, year.pool, clone.code(found.implementation, encoded, found.layers))
    lying_view(year.node, Question("Pool", year.pool, "terms"), encoded)
    differing = checking()
    assert differing.result == DIFFERS
    true, false = keccak(found.encoded_terms).hex(), keccak(encoded).hex()
    assert differing.details == (f"factory: terms hash is {true}, not {false}",)


def test_check_code__terms_view_that_says_otherwise__is_named(
    checking: Callable[..., Check], year: Year
):
    found = read(year.node, year.pool, year.node.blocks[-1].number)
    terms = replace(found.terms, fee_bps=0)
    encoded = clone.encode_terms(codes._terms_type(), terms.as_tuple())
    lying_view(year.node, Question("Pool", year.pool, "terms"), encoded)
    [difference] = checking().details
    assert difference.startswith("terms() is 0000")


def test_check_code__organiser_in_the_log_is_another__is_named(
    checking: Callable[..., Check], year: Year
):
    def lie(method: str, _: Any, result: Any) -> Any:
        if method != "eth_getLogs" or len(result[0]["topics"]) < 4:
            return result
        topics = [*result[0]["topics"][:2], "0x" + encode(["address"], [STRANGER]).hex()]
        return [result[0] | {"topics": [*topics, result[0]["topics"][3]]}]

    year.node.lies.append(lie)
    organiser = to_checksum_address(ORGANISER)
    assert checking().details == (f"factory: organiser is {STRANGER}, not {organiser}",)


def test_check_code__is_pool_false__is_named(checking: Callable[..., Check], year: Year):
    factory = to_checksum_address(year.arena.factory.address)
    lying_view(year.node, Question("PoolFactory", factory, "is_pool", (year.pool,)), bytes(32))
    assert checking().details == ("factory: is_pool is False, not True",)


def test_check_code__layer_logs_hidden__is_named(checking: Callable[..., Check], year: Year):
    layers = read(year.node, year.pool, year.node.blocks[-1].number).layers
    changed_log(year.node, "LayerCreated", data="0x" + encode(["address"], [STRANGER]).hex())
    true = dict(enumerate(layers, start=1))
    assert checking().details == (
        f"factory: layers is {dict.fromkeys(true, STRANGER)}, not {true}",
    )


def test_check_code__layer_of_other_code__is_named(checking: Callable[..., Check], year: Year):
    layer = to_checksum_address(year.arena.pool.view("layer", 2).shares)
    implementation = to_checksum_address(year.arena.layer_implementation.address)
    lying_code(year.node, layer, clone.stub(STRANGER))
    assert checking().details == (f"layer 2: {layer} is no clone of {implementation}",)


@pytest.mark.parametrize("view, other", [("pool", STRANGER), ("number", 1)])
def test_check_code__layer_of_another_pool__is_named(
    checking: Callable[..., Check], year: Year, view: str, other: Any
):
    layer = to_checksum_address(year.arena.pool.view("layer", 2).shares)
    kind = "address" if view == "pool" else "uint256"
    lying_view(year.node, Question("ReinsuranceLayer", layer, view), encode([kind], [other]))
    true = year.pool if view == "pool" else 2
    assert checking().details == (f"layer 2: {layer}: {view} is {other}, not {true}",)


def test_check_code__view_that_answers_nothing__is_named(
    checking: Callable[..., Check], year: Year
):
    layer = to_checksum_address(year.arena.pool.view("layer", 1).shares)
    lying_view(year.node, Question("ReinsuranceLayer", layer, "number"), b"")
    assert checking().details == (
        f"number() of {layer}: view: {layer} does not answer number",
        f"layer 1: {layer}: number is None, not 1",
    )


@pytest.mark.parametrize("hint", [None, "shanghai"])
def test_check_code__compiled_for_another_evm__is_found(
    checking: Callable[..., Check], monkeypatch: pytest.MonkeyPatch, hint: str | None
):
    """What the chain has is what compiling for shanghai gives; here that is pretended."""
    asked = []

    def compiled(path: str, evm_version: str) -> Any:
        asked.append(evm_version)
        artefact = compile_contract(path)
        return artefact if evm_version == "shanghai" else replace(artefact, runtime=b"\0" * 99)

    monkeypatch.setattr(codes, "compile_contract", compiled)
    monkeypatch.setattr(codes, "_evm_hint", lambda _: hint)
    found = checking()
    assert found.result == PROVED
    assert "(for shanghai)" in found.details[1]
    assert ("cancun" in asked) == (hint is None)


# --- manifests --------------------------------------------------------------------------


@pytest.fixture
def kept(year: Year) -> dict[str, Any]:
    """What `deploy` would have written."""
    a = year.arena
    found = read(year.node, year.pool, year.node.blocks[-1].number)
    steps = {
        "policy_office": a.policy_office,
        "treaty_office": a.treaty_office,
        "back_office": a.office,
        "implementation": a.implementation,
        "layer_implementation": a.layer_implementation,
        "factory": a.factory,
    }
    pool = {
        "address": year.pool,
        "block": year.blocks["created"],
        "layers": list(found.layers),
        "runtime_code_hash": code_hash(found.code),
    }
    return {
        "pool": pool | manifest.terms_entry(found.terms, codes._terms_type(), []),
        "core": {
            "compiler": {"evm_version": "cancun"},
            "source": {"commit": "0" * 40},
            "contracts": {
                step: {"address": to_checksum_address(contract.address)}
                for step, contract in steps.items()
            },
        },
    }


def test_check_code__manifest_that_is_right(checking: Callable[..., Check], kept: dict[str, Any]):
    assert checking(kept).result == PROVED


@pytest.mark.parametrize(
    "path, value, expected",
    [
        (("pool", "runtime_code_hash"), "0x12", "manifest: code hash is"),
        (("pool", "layers"), [], "manifest: the pool's code is"),
        (("pool", "terms", "claim_bond"), "6", "manifest: the pool's code is"),
        (("pool", "block"), 1, "manifest: block is"),
        (("core", "contracts", "factory", "address"), STRANGER, "manifest: factory is"),
        (("pool", "terms", "tiers"), None, "manifest: is not the manifest of a pool"),
        (("core", "contracts"), {}, "manifest: is not the manifest of a pool"),
    ],
)
def test_check_code__manifest_that_says_otherwise__is_named(
    checking: Callable[..., Check],
    kept: dict[str, Any],
    path: tuple[str, ...],
    value: Any,
    expected: str,
):
    place = kept
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    found = checking(kept)
    assert found.result == DIFFERS
    assert [d for d in found.details if d.startswith(expected)] == [found.details[0]]
    commit = f"manifest: its core was built from commit {'0' * 40}"
    assert (commit in found.details) == ("is not the manifest" not in expected)


# --- wording ------------------------------------------------------------------------------


def test_check_wording(year: Year, tmp_path: Path):
    terms = read(year.node, year.pool, year.node.blocks[-1].number).terms
    file = tmp_path / "wording.md"
    file.write_bytes(WORDING)
    digest = "0x" + keccak(WORDING).hex()
    assert check_wording(terms, file) == Check(
        "wording", PROVED, (f"{file}: its hash {digest} is in the terms",)
    )
    file.write_bytes(WORDING + b" ")
    other = "0x" + keccak(WORDING + b" ").hex()
    assert check_wording(terms, file) == Check(
        "wording", DIFFERS, (f"{file}: its hash is {other}, the terms have {digest}",)
    )
    with pytest.raises(WordingError) as error:
        check_wording(terms, tmp_path / "none")
    assert str(error.value) == f"wording: {tmp_path / 'none'}: no such file"


def test_read__other_implementation_with_the_same_domain__is_still_another(last: int):
    """A contract that merely calls itself Peerpool runs other code."""
    chain = Chain(START)
    node = record(chain)
    wallet = deploy(chain, "contracts/mocks/Wallet.vy", sender=ORGANISER)
    with pytest.raises(CodeError, match="is not a pool"):
        read(node, to_checksum_address(wallet.address), chain.number)
