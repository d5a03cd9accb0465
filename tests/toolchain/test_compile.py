"""Contracts with modules and .vyi files compile, and nothing stale survives."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .tiny import Tiny

GREETER = "contracts/Greeter.vy"
ROOMS = "contracts/modules/rooms.vy"
DOORS = "contracts/modules/doors.vy"
MUTE = "contracts/mocks/Mute.vy"


def test_compile__abi_has_what_modules_export_and_interfaces_declare(built: Tiny) -> None:
    names = {entry["name"] for entry in built.artefact("Greeter")["abi"]}
    assert names == {"Greeted", "count", "decrease", "greet", "is_open"}


def test_compile__bytecode_is_the_compilers_own(built: Tiny) -> None:
    vyper = Path(sys.executable).with_name("vyper")
    command = [vyper, "-p", ".", "--evm-version", "cancun", "-f", "bytecode,bytecode_runtime"]
    code, runtime = subprocess.run(
        [*command, GREETER], cwd=built.path, check=True, capture_output=True, text=True
    ).stdout.split()
    artefact = built.artefact("Greeter")
    assert (artefact["bytecode"], artefact["deployedBytecode"]) == (code, runtime)


def test_compile__pragmas_in_a_file_are_followed(tiny: Tiny) -> None:
    small = tiny.artefact("Greeter")["deployedBytecode"]
    tiny.edit(GREETER, "pragma optimize codesize", "pragma optimize none")
    tiny.compiled()
    assert len(tiny.artefact("Greeter")["deployedBytecode"]) > len(small)


def test_compile__modules_have_no_container(built: Tiny) -> None:
    has_code = {
        name: bool(built.artefact(name)["bytecode"])
        for name in ("Greeter", "Mute", "doors", "rooms")
    }
    assert has_code == {"Greeter": True, "Mute": True, "doors": False, "rooms": False}


def test_compile__source_map_leads_to_the_line(built: Tiny) -> None:
    artefact = built.artefact("Greeter")
    places = [place for place in artefact["pcMap"].values() if "fn" in place]
    lines = {
        (place["fn"], artefact["allSourcePaths"][place["path"]], _text(built, artefact, place))
        for place in places
    }
    assert ("Greeter.greet", GREETER, '"greet: nobody"') in lines
    assert ("rooms._enter", ROOMS, "doors._open()") in lines
    assert ("doors._open", DOORS, "True") in lines


def _text(tiny: Tiny, artefact: dict[str, Any], place: dict[str, Any]) -> str:
    source = (tiny.path / artefact["allSourcePaths"][place["path"]]).read_text()
    return source[slice(*place["offset"])]


def test_compile__nothing_changed__compiles_nothing(tiny: Tiny) -> None:
    assert tiny.compiled() == set()


@pytest.mark.parametrize(
    "file, old, new, rebuilt",
    [
        (GREETER, "range(3)", "range(4)", {GREETER}),
        (ROOMS, "doors._open()", "doors._open()\n    doors._open()", {GREETER, ROOMS}),
        (DOORS, "= True", "= not self._is_open", {GREETER, ROOMS, DOORS}),
        ("interfaces/IGreeter.vyi", "who: indexed(address)", "who: address", {GREETER}),
        (
            "brownie_hooks.py",
            "import json\n",
            "import json  # edited\n",
            {GREETER, ROOMS, DOORS, MUTE},
        ),
    ],
    ids=["contract", "module", "module of a module", "interface", "adapter"],
)
def test_compile__a_file_changed__compiles_what_depends_on_it(
    tiny: Tiny, file: str, old: str, new: str, rebuilt: set[str]
) -> None:
    tiny.edit(file, old, new)
    assert tiny.compiled() == rebuilt
    assert tiny.compiled() == set()


def test_compile__another_fork__compiles_everything(tiny: Tiny) -> None:
    before = tiny.artefact("Greeter")["bytecode"]
    assert tiny.compiled(CHAIN="ganache") == {GREETER, ROOMS, DOORS, MUTE}
    assert tiny.artefact("Greeter")["compiler"]["evm_version"] == "shanghai"
    assert tiny.artefact("Greeter")["bytecode"] != before


def test_compile__mistake_in_a_module_that_nobody_imports__fails(tiny: Tiny) -> None:
    lonely = tiny.path / "contracts" / "modules" / "lonely.vy"
    lonely.write_text("# pragma version 0.4.3\n\n\n@internal\ndef _f() -> uint256:\n    return x\n")
    code, text = tiny.brownie("compile")
    assert code != 0
    assert "contracts/modules/lonely.vy:6" in text


def test_compile__unknown_chain__fails(tiny: Tiny) -> None:
    code, text = tiny.brownie("compile", CHAIN="etherum")
    assert code != 0
    assert "CHAIN is etherum: must be one of anvil, ganache" in text


def test_compile__publishes_abis_of_contracts_only(tiny: Tiny) -> None:
    (tiny.path / "peerpool").mkdir()
    tiny.compiled()
    published = sorted((tiny.path / "peerpool" / "abi").iterdir())
    assert [file.name for file in published] == ["Greeter.json"]


def test_brownie__writes_nothing_into_the_home_folder(tiny: Tiny) -> None:
    code, text = tiny.brownie("compile", "--all")
    assert code == 0, text
    assert list(tiny.home.rglob("*")) == []
