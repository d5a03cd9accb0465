"""What an earlier deployment left, and what a later one makes of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from brownie import accounts, web3
from brownie import chain as brownie_chain

from peerpool import chain
from scripts import deploy_command
from scripts.core import STEPS

from .deploying import Ran, created_since, write_terms

Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def first(command: Command) -> Ran:
    """The first deployment."""
    ran = command("--yes")
    assert ran.code == 0
    return ran


@pytest.fixture
def real_chain(monkeypatch: pytest.MonkeyPatch, first: Ran) -> None:
    """The same, on a chain whose contracts do not vanish."""
    monkeypatch.setattr(chain, "DEVELOPMENT_CHAINS", ())
    monkeypatch.setattr(deploy_command, "payer", lambda _: accounts[0])


def change(path: Path, *keys: str, value: str) -> None:
    """Change one entry of a manifest."""
    kept = json.loads(path.read_text())
    entry = kept
    for key in keys[:-1]:
        entry = entry[key]
    entry[keys[-1]] = value
    path.write_text(json.dumps(kept))


def test_deploy__later__is_the_same_pool(command: Command, first: Ran) -> None:
    brownie_chain.sleep(86400)
    brownie_chain.mine()
    block = web3.eth.block_number
    assert command("--yes").out == first.out  # though its dates count from now
    assert created_since(block) == []


def test_deploy__salt__another_pool_with_the_same_core(
    command: Command, first: Ran, folder: Path
) -> None:
    block = web3.eth.block_number
    second = command("--yes", "--salt", "Season 2")
    core = json.loads((folder / "core.json").read_text())
    kept = json.loads((folder / "bicycle-cover-season-2.json").read_text())
    assert created_since(block) == [core["contracts"]["factory"]["address"]]
    assert kept["pool"]["address"] == second.out.strip() != first.out.strip()
    assert kept["core"] == core


def test_deploy__other_terms_of_the_same_name__refused(
    command: Command, tmp_path: Path, folder: Path
) -> None:
    block = web3.eth.block_number
    write_terms(tmp_path, min_members=3)
    ran = command("--yes")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/bicycle-cover.json is another pool of this name;"
        " change the name, or use --salt",
    )
    assert created_since(block) == []


def test_deploy__development_chain_started_anew__starts_anew(
    command: Command, folder: Path, outsider: object
) -> None:
    change(folder / "core.json", "contracts", "lens", "address", value=str(outsider))
    change(folder / "bicycle-cover.json", "about", "genesis", value="0x" + "22" * 32)
    block = web3.eth.block_number
    assert command("--yes", "--salt", "anew").code == 0
    assert created_since(block)[:-1] == ["create"] * len(STEPS)


def test_deploy__core_without_code_on_a_real_chain__refused(
    command: Command, folder: Path, outsider: object, real_chain: None
) -> None:
    change(folder / "core.json", "contracts", "lens", "address", value=str(outsider))
    ran = command("--yes", "--salt", "Season 2")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/core.json: the lens {outsider} has no code on chain 31337",
    )


def test_deploy__core_of_fewer_parts_on_a_real_chain__refused(
    command: Command, folder: Path, real_chain: None
) -> None:
    core = json.loads((folder / "core.json").read_text())
    del core["contracts"]["treaty_office"]
    (folder / "core.json").write_text(json.dumps(core))
    ran = command("--yes", "--salt", "Season 2")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/core.json: there is no treaty_office: the pools of that core are of an"
        " earlier version",
    )


def test_deploy__core_of_other_sources_on_a_real_chain__refused(
    command: Command, folder: Path, real_chain: None
) -> None:
    core = json.loads((folder / "core.json").read_text())["contracts"]
    factory = core["factory"]["address"]
    change(folder / "core.json", "contracts", "lens", "address", value=factory)
    ran = command("--yes", "--salt", "Season 2")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/core.json: the lens {factory} was not compiled from these sources",
    )


def test_deploy__pool_of_another_chain__refused(
    command: Command, folder: Path, real_chain: None
) -> None:
    change(folder / "bicycle-cover.json", "about", "genesis", value="0x" + "22" * 32)
    ran = command("--yes")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/bicycle-cover.json: that pool is not on this chain",
    )
