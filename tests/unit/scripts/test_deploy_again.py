"""What an earlier deployment left, and what a later one makes of it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from brownie import accounts, web3
from brownie import chain as brownie_chain

from peerpool import chain
from peerpool.units import DAY, format_date
from scripts import deploy_command
from scripts.core import STEPS
from scripts.networks import URL

from .deploying import Ran, command_line, created_since, write_terms

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


def test_deploy__no_network_named__is_the_node_of_the_environment(
    first: Ran,
    terms_file: Path,
    folder: Path,
    organiser: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    *words, _, url = map(str, command_line(terms_file, folder, organiser))
    monkeypatch.setenv(URL, url)
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, first.out)


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


def test_deploy__manifest_gone__the_pool_is_named(
    command: Command, terms_file: Path, folder: Path
) -> None:
    day = format_date(chain.now(web3) + 10 * DAY)
    terms_file.write_text(terms_file.read_text().replace('"in 7 days"', f'"{day}"'))
    pool = command("--yes", "--salt", "dated").out.strip()
    kept = folder / "bicycle-cover-dated.json"
    kept.unlink()
    block = web3.eth.block_number
    assert command("--yes", "--salt", "dated") == Ran(
        1,
        "",
        f"deploy: {pool} is this very pool, though {kept} is missing; other commands take the"
        " address; for another pool change the name, or use --salt",
    )
    assert created_since(block) == []


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


def test_deploy__same_core_on_another_development_chain__is_created_anew_and_the_record_kept(
    command: Command, folder: Path
) -> None:
    """A rehearsal started anew often has the same code at the same addresses."""
    change(folder / "core.json", "genesis", value="0x" + "22" * 32)
    before = (folder / "core.json").read_text()
    block = web3.eth.block_number
    ran = command("--yes", "--salt", "anew")
    assert ran.code == 0
    assert created_since(block)[:-1] == ["create"] * len(STEPS)
    core = json.loads((folder / "core.json").read_text())
    assert core["genesis"] == chain.genesis(web3)
    assert json.loads((folder / "bicycle-cover-anew.json").read_text())["core"] == core
    assert (folder / "core.json.1").read_text() == before
    line = f"{folder}/core.json: another deployment's was there, and is core.json.1 now"
    assert line in ran.err.splitlines()


def test_deploy__pool_of_another_development_chain__is_kept_each_time(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    kept = []
    for number in (1, 2):
        change(folder / "bicycle-cover.json", "about", "genesis", value="0x" + f"2{number}" * 32)
        kept.append((folder / "bicycle-cover.json").read_text())
        write_terms(tmp_path, min_members=2 + number)  # the chain has the pool of the old ones
        ran = command("--yes")
        assert ran.code == 0
        name = f"bicycle-cover.json.{number}"
        line = f"{folder}/bicycle-cover.json: another deployment's was there, and is {name} now"
        assert line in ran.err.splitlines()
    names = ("bicycle-cover.json.1", "bicycle-cover.json.2")
    assert [(folder / name).read_text() for name in names] == kept
    assert not (folder / "core.json.1").exists()


def test_deploy__core_of_another_real_chain__refused(
    command: Command, folder: Path, real_chain: None
) -> None:
    change(folder / "core.json", "genesis", value="0x" + "22" * 32)
    before = (folder / "core.json").read_text()
    ran = command("--yes", "--salt", "Season 2")
    assert (ran.code, ran.err) == (
        1,
        f"deploy: {folder}/core.json: is of another chain with the same id;"
        " name another folder with --deployments",
    )
    assert (folder / "core.json").read_text() == before


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
