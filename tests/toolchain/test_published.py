"""What is committed is what the sources make of it: ABIs and lock files."""

import json
import re
from pathlib import Path

import pytest
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = sorted(path.stem for path in (ROOT / "contracts").glob("*.vy"))
LOCKS = sorted(path.stem for path in ROOT.glob("requirements*.in"))


def _entries(abi: list[dict]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in abi)


def test_abis__one_for_each_contract_and_no_other() -> None:
    assert sorted(path.stem for path in (ROOT / "peerpool" / "abi").iterdir()) == CONTRACTS


@pytest.mark.parametrize("name", CONTRACTS)
def test_abi__is_that_of_the_source(name: str) -> None:
    bundle = FilesystemInputBundle([ROOT])
    module = CompilerData(bundle.load_file(f"contracts/{name}.vy"), bundle).annotated_vyper_module
    declared = module._metadata["type"]
    abi = declared.interface.to_toplevel_abi_dict()
    if declared.init_function:
        abi += declared.init_function.to_toplevel_abi_dict()
    published = json.loads((ROOT / "peerpool" / "abi" / f"{name}.json").read_text())
    hint = "`make compile` writes the ABIs; commit them"
    assert _entries(published) == _entries(abi), hint


@pytest.mark.parametrize("name", LOCKS)
def test_lock__has_what_is_asked_for__by_version_and_hash(name: str) -> None:
    asked = re.findall(r"^([a-z][a-z0-9.-]*)(?:==(\S+))?$", _read(f"{name}.in"), re.MULTILINE)
    locked = dict(
        re.findall(r"^([a-z][a-z0-9.-]*)==(\S+).*\\$", _read(f"{name}.txt"), re.MULTILINE)
    )
    assert asked
    for package, version in asked:
        assert locked[package] == (version or locked[package])


@pytest.mark.parametrize("name", LOCKS)
def test_lock__every_package_is_hashed__and_none_has_an_address(name: str) -> None:
    text = _read(f"{name}.txt")
    packages = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [p for p in packages if "--hash=sha256:" not in p] == []
    assert re.findall(r"://|file:|--(?:index|extra-index|find-links)\S*", text) == []


def test_npm_lock__every_package_is_hashed__and_none_has_an_address() -> None:
    packages = json.loads(_read("package-lock.json"))["packages"]
    assert len(packages) > 2
    for path, package in packages.items():
        assert "resolved" not in package
        assert not path or package.get("inBundle") or package["integrity"].startswith("sha512-")


def _read(name: str) -> str:
    return (ROOT / name).read_text()
