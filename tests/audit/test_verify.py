"""What explorers are given compiles to what is deployed, or it is said where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import to_checksum_address

from peerpool import compiled, published, standard_json
from peerpool.audit.code import CodeError
from peerpool.compiled import (
    CORE,
    CompiledError,
    Part,
    compile_contract,
    part,
    require_sources,
)
from peerpool.published import Place, PublishedError
from peerpool.standard_json import Code, StandardJsonError
from scripts import verify
from tests.attacks.arena import Arena
from tests.audit.node import Node
from tests.audit.proxy import serve
from tests.audit.year import Year
from tests.evm.signing import address_of

LAYER = part("layer_implementation")  # the smallest
SMALL = Part("small", "Small")
STRANGER = to_checksum_address(address_of(88))


@pytest.fixture(scope="session")
def tree() -> dict[str, Any]:
    """The input for the smallest contract."""
    return standard_json.build(LAYER, "cancun")


@pytest.fixture
def places(year: Year) -> dict[str, Place]:
    """Where the year's core is, with the transactions that created it."""
    a = year.arena
    contracts = (
        a.policy_office,
        a.treaty_office,
        a.office,
        a.implementation,
        a.layer_implementation,
        a.factory,
    )
    return {
        each.step: Place(to_checksum_address(contract.address))
        for each, contract in zip(CORE, contracts, strict=False)
    }


# --- standard JSON --------------------------------------------------------------------------


def test_build__is_all_that_is_needed_and_no_more(tree: dict[str, Any]):
    assert sorted(tree) == ["language", "settings", "sources"]
    assert tree["settings"] == {
        "evmVersion": "cancun",
        "search_paths": ["."],
        "outputSelection": {"contracts/ReinsuranceLayer.vy": ["*"]},
    }
    for path, source in tree["sources"].items():
        assert source == {"content": (compiled.ROOT / path).read_text()}
    assert "contracts/modules/currency.vy" in tree["sources"]


@pytest.fixture(scope="session")
def made(tree: dict[str, Any]) -> Code:
    """What the compiler makes of it, once: it takes its time."""
    return standard_json.compiled(tree)


def test_compiled__is_the_deployed_code_exactly(made: Code):
    mine = compile_contract(LAYER.path)
    assert made == Code(mine.bytecode, mine.runtime)


def test_compiled__another_comment__is_another_code(small: Path):
    """It is none in what runs, but the hash of the sources stands at the end of what creates it."""
    tree = standard_json.build(SMALL, "cancun")
    mine = compile_contract(SMALL.path)
    assert standard_json.compiled(tree) == Code(mine.bytecode, mine.runtime)
    tree["sources"][SMALL.path]["content"] += "# more\n"
    code = standard_json.compiled(tree)
    assert code.runtime == mine.runtime
    assert code.creation != mine.bytecode


def test_compiled__source_that_is_missing__says_so(tree: dict[str, Any]):
    sources = {p: s for p, s in tree["sources"].items() if "currency" not in p}
    with pytest.raises(StandardJsonError, match="standard json: contracts/ReinsuranceLayer.vy: "):
        standard_json.compiled(tree | {"sources": sources})


def test_compiler_version():
    assert standard_json.compiler_version() == "0.4.3+commit.bff19ea2"


# --- what is kept of compilations ---------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one small contract, that imports another file."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "other.vy").write_text(
        "# pragma version 0.4.3\nN: constant(uint256) = 7\n"
    )
    file = tmp_path / "contracts" / "Small.vy"
    file.write_text(
        "# pragma version 0.4.3\nfrom contracts import other\n\n\n@external\n@pure\n"
        "def n() -> uint256:\n    return other.N\n"
    )
    monkeypatch.setattr(compiled, "ROOT", tmp_path)
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "build")
    forget()
    yield file
    forget()


def forget() -> None:
    """Be a new process."""
    compile_contract.cache_clear()
    compiled._digest.cache_clear()


def test_compile_contract__is_kept_until_a_source_changes(
    small: Path, monkeypatch: pytest.MonkeyPatch
):
    compile_small = lambda: compile_contract("contracts/Small.vy").runtime  # noqa: E731
    first = compile_small()
    forget()
    with monkeypatch.context() as nothing:
        nothing.setattr(compiled, "outputs", None)
        assert compile_small() == first
    other = small.with_name("other.vy")
    other.write_text(other.read_text().replace("7", "8"))
    forget()
    second = compile_small()
    assert second != first
    kept = compiled.KEPT / "contracts-Small.vy.cancun.json"
    kept.write_text(kept.read_text().replace(compiled._compiler(), "0.4.2"))
    forget()
    assert compile_small() == second
    assert json.loads(kept.read_text())["compiler"] == compiled._compiler()


def test_compile_contract__in_a_copy_of_the_checkout__is_of_the_copy_s_sources(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = compile_contract("contracts/Small.vy").runtime
    copy = tmp_path / "copy"
    for folder in ("contracts", "build"):
        copytree(tmp_path / folder, copy / folder)
    monkeypatch.setattr(compiled, "ROOT", copy)
    monkeypatch.setattr(compiled, "KEPT", copy / "build")
    with monkeypatch.context() as nothing:
        nothing.setattr(compiled, "outputs", None)
        forget()
        assert compile_contract("contracts/Small.vy").runtime == first
    other = copy / "contracts" / "other.vy"
    other.write_text(other.read_text().replace("7", "8"))
    forget()
    assert compile_contract("contracts/Small.vy").runtime != first


@pytest.mark.parametrize("text", ["", "{}", "[]", "\udcff"])
def test_compile_contract__what_was_kept_is_broken__compiles(small: Path, text: str):
    compiled.KEPT.mkdir()
    file = compiled.KEPT / "contracts-Small.vy.cancun.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    assert compile_contract("contracts/Small.vy").runtime


def test_compile_contract__nowhere_to_keep_it__compiles(small: Path):
    compiled.KEPT.write_text("not a folder")
    assert compile_contract("contracts/Small.vy").runtime


def test_require_sources__without_a_checkout__says_so(small: Path):
    with pytest.raises(CompiledError) as error:
        require_sources()
    expected = f"compiled: no contracts/ in {compiled.ROOT}: this needs Peerpool's checkout"
    assert str(error.value) == expected


# --- what is deployed ----------------------------------------------------------------------


@pytest.mark.parametrize("step", [each.step for each in CORE if each.step != "lens"])
def test_differences__none(year: Year, places: dict[str, Place], step: str):
    mine = compile_contract(part(step).path)
    made = Code(mine.bytecode, mine.runtime)
    assert published.differences(year.node, part(step), made, places) == []


@pytest.mark.parametrize("step", ["policy_office", "implementation", "factory"])
def test_differences__another_code__is_named(year: Year, places: dict[str, Place], step: str):
    mine = compile_contract(part(step).path)
    made = Code(mine.bytecode, mine.runtime[:-1] + b"\1")
    assert published.differences(year.node, part(step), made, places) == [
        f"the code of {places[step].address} is not what the sources compile to"
    ]


@pytest.mark.parametrize(
    "step, need", [("implementation", "back_office"), ("factory", "implementation")]
)
def test_differences__other_immutables__are_named(
    year: Year, places: dict[str, Place], step: str, need: str
):
    mine = compile_contract(part(step).path)
    wrong = places | {need: Place(STRANGER)}
    made = Code(mine.bytecode, mine.runtime)
    assert len(published.differences(year.node, part(step), made, wrong)) == 1


@pytest.fixture
def created() -> tuple[Node, dict[str, Place]]:
    """A chain on which two parts were created, by transactions that its node has."""
    from tests.audit.node import record
    from tests.evm.chain import Chain
    from tests.evm.contract import deploy

    chain = Chain(1_800_000_000)
    node = record(chain)
    office = deploy(chain, "contracts/PolicyOffice.vy", sender=STRANGER.lower())
    first = node.blocks[-1].hash_of(0)
    treaty = deploy(chain, "contracts/TreatyOffice.vy", office.address, sender=STRANGER.lower())
    second = node.blocks[-1].hash_of(0)
    return node, {
        "policy_office": Place(to_checksum_address(office.address), first),
        "treaty_office": Place(to_checksum_address(treaty.address), second),
    }


def test_differences__creation__is_compared(created: tuple[Node, dict[str, Place]]):
    node, places = created
    which = part("treaty_office")
    mine = compile_contract(which.path)
    made = Code(mine.bytecode, mine.runtime)
    assert published.differences(node, which, made, places) == []
    other = Code(mine.bytecode[:-1] + b"\0", mine.runtime)
    transaction = places["treaty_office"].transaction
    assert published.differences(node, which, other, places) == [
        f"what {transaction} created it with is not what they compile to"
    ]
    unknown = "0x" + "12" * 32
    wrong = places | {"treaty_office": replace(places["treaty_office"], transaction=unknown)}
    assert published.differences(node, which, made, wrong) == [
        f"the node does not have the transaction {unknown}"
    ]


def test_of_pool__its_code_leads_to_all_but_factory_and_lens(year: Year, places: dict[str, Place]):
    found, version = published.of_pool(year.node, year.pool)
    assert found == {step: place for step, place in places.items() if step != "factory"}
    assert version == "cancun"


def test_of_pool__no_pool__says_so(year: Year):
    with pytest.raises(CodeError, match="has no code"):
        published.of_pool(year.node, STRANGER)


def test_of_pool__other_code__is_taken_for_cancun(year: Year, monkeypatch: pytest.MonkeyPatch):
    mine = compile_contract(part("implementation").path)
    other = replace(mine, runtime=b"\0" + mine.runtime)
    monkeypatch.setattr(published, "compile_contract", lambda *_: other)
    assert published.of_pool(year.node, year.pool)[1] == "cancun"


@pytest.mark.parametrize(
    "kept", [{}, {"contracts": {}}, {"core": None}, {"core": {"contracts": []}}]
)
def test_of_manifest__that_does_not_tell__says_so(kept: Any):
    with pytest.raises(PublishedError) as error:
        published.of_manifest(kept)
    assert str(error.value) == "verify: the manifest does not tell where the core is"


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def only_layer(monkeypatch: pytest.MonkeyPatch, made: Code) -> None:
    """Compile the smallest one only, and that not again: all of them take half a minute."""
    monkeypatch.setattr(verify, "CORE", (LAYER,))
    monkeypatch.setattr(standard_json, "compiled", lambda _: made)


def manifest_of(a: Arena, places: dict[str, Place], chain_id: int = 31337) -> dict[str, Any]:
    contracts = {
        each.step: {"address": places.get(each.step, Place(STRANGER)).address, "transaction": None}
        for each in CORE
    }
    return {
        "chain_id": chain_id,
        "pool": {"address": a.pool.address},
        "core": {"compiler": {"evm_version": "cancun"}, "contracts": contracts},
    }


def test_verify__without_a_pool__writes_and_compiles(
    only_layer: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], tree: dict[str, Any]
):
    verify.main("--out", str(tmp_path))
    out, err = capsys.readouterr()
    assert out.split() == ["ReinsuranceLayer", "✓", "reproduced"]
    assert err.replace("\n", "") == f"written: {tmp_path}"
    assert json.loads((tmp_path / "ReinsuranceLayer.json").read_text()) == tree
    assert json.loads((tmp_path / "verify.json").read_text()) == [
        {
            "contract": "ReinsuranceLayer",
            "file": "ReinsuranceLayer.json",
            "identifier": "contracts/ReinsuranceLayer.vy:ReinsuranceLayer",
            "compiler": "0.4.3+commit.bff19ea2",
            "evm_version": "cancun",
            "address": None,
            "constructor_arguments": None,
            "differences": [],
        }
    ]


@pytest.mark.parametrize("by", ["address", "manifest"])
def test_verify__what_is_on_the_chain(
    only_layer: None,
    year: Year,
    places: dict[str, Place],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    by: str,
):
    pool = year.pool
    if by == "manifest":
        file = tmp_path / "pool.json"
        file.write_text(json.dumps(manifest_of(year.arena, places)))
        pool = str(file)
    with serve(year.node) as server:
        verify.main(pool, "--rpc", server.url, "--out", str(tmp_path / "out"), "--json")
    [row] = json.loads(capsys.readouterr().out)
    assert row["address"] == places["layer_implementation"].address
    assert row["constructor_arguments"] == ""
    assert row["differences"] == []


def test_verify__that_differs__exit_code(
    only_layer: None,
    year: Year,
    places: dict[str, Place],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    file = tmp_path / "pool.json"
    wrong = places | {"layer_implementation": places["policy_office"]}
    file.write_text(json.dumps(manifest_of(year.arena, wrong)))
    with serve(year.node) as server, pytest.raises(SystemExit) as ended:
        verify.main(str(file), "--rpc", server.url, "--out", str(tmp_path / "out"))
    assert ended.value.code == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[1:3] == ["✗", "differs"]
    assert second.strip().endswith("is not what the sources compile to")


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, "verify: {}: no such file"),
        ("{", "verify: {}: is not a manifest"),
        ("{}", "verify: {}: is not a manifest"),
        ('{"chain_id": 1}', "verify: {}: is of chain 1, this is chain 31337"),
    ],
)
def test_verify__manifest_that_is_none__one_line(
    year: Year, tmp_path: Path, content: str | None, problem: str
):
    file = tmp_path / "pool.json"
    if content is not None:
        file.write_text(content)
    with serve(year.node) as server, pytest.raises(SystemExit) as ended:
        verify.main(str(file), "--rpc", server.url, "--out", str(tmp_path / "out"))
    assert ended.value.code == problem.format(file)


def test_verify__address_that_is_no_pool__one_line(year: Year, tmp_path: Path):
    with serve(year.node) as server, pytest.raises(SystemExit) as ended:
        verify.main(STRANGER, "--rpc", server.url, "--out", str(tmp_path))
    assert ended.value.code == f"pool: {STRANGER} has no code: another chain, or another address?"


def test_verify__compiles_to_something_else__is_named(
    only_layer: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mine = compile_contract(LAYER.path)
    monkeypatch.setattr(verify, "compile_contract", lambda *_: replace(mine, runtime=b""))
    with pytest.raises(SystemExit):
        verify.main("--out", str(tmp_path))
    [row] = json.loads((tmp_path / "verify.json").read_text())
    assert row["differences"] == ["standard JSON gives another code than contracts/"]


def test_entry__constructor_arguments(places: dict[str, Place]):
    row = published.entry(part("factory"), places, "cancun")
    words = [places[step].address for step in ("implementation", "layer_implementation")]
    assert row["constructor_arguments"] == encode(["address", "address"], words).hex()


def test_parts__are_in_the_order_of_their_creation():
    known: set[str] = set()
    for each in CORE:
        assert set(each.needs) <= known
        known.add(each.step)
