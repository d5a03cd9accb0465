"""Killed at any point and run again, deploy neither sends twice nor loses track."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from brownie import chain as brownie_chain
from brownie import web3
from brownie._config import CONFIG

from peerpool import chain
from scripts import once
from scripts.core import STEPS

from .deploying import (
    Boundaries,
    Killed,
    Ran,
    command_line,
    created_since,
    killing,
    mine_from_now_on,
)

SENDS = len(STEPS) + 1  # those of the core, and the pool
WRITES = 2 * SENDS + 2  # the journal before and after each, two manifests
REMOVALS = 2  # of the journals
BOUNDARIES = SENDS + WRITES + REMOVALS


@pytest.fixture
def complete(folder: Path) -> Callable[[int], None]:
    """Return a check: since a block there is one of each contract, the manifests are complete."""

    def check(block: int) -> None:
        kept = json.loads((folder / "bicycle-cover.json").read_text())
        core = kept["core"]["contracts"]
        assert created_since(block) == ["create"] * len(STEPS) + [core["factory"]["address"]]
        assert json.loads((folder / "core.json").read_text()) == kept["core"]
        for entry in (kept["pool"], *core.values()):
            assert chain.has_code(web3, entry["address"])
            receipt = web3.eth.get_transaction_receipt(entry["transaction"])
            assert receipt["blockNumber"] == entry["block"] > block
        assert sorted(path.name for path in folder.iterdir()) == [
            ".lock",
            "bicycle-cover.json",
            "core.json",
        ]

    return check


def test_deploy__undisturbed(command: Callable[..., Ran], complete: Callable[[int], None]) -> None:
    block, boundaries = web3.eth.block_number, Boundaries()
    with killing(boundaries):
        ran = command("--yes")
    assert (ran.code, boundaries.passed) == (0, BOUNDARIES)
    complete(block)


@pytest.mark.parametrize("fatal", range(BOUNDARIES))
def test_deploy__killed_before__goes_on(
    command: Callable[..., Ran], complete: Callable[[int], None], fatal: int
) -> None:
    block = web3.eth.block_number
    with killing(Boundaries(fatal)), pytest.raises(Killed):
        command("--yes")
    assert command("--yes").code == 0
    complete(block)


def test_deploy__killed_before_each__goes_on(
    command: Callable[..., Ran], complete: Callable[[int], None]
) -> None:
    block = web3.eth.block_number
    for _ in range(100):
        try:
            with killing(Boundaries(fatal=4)):
                command("--yes")
            break
        except Killed:
            continue
    complete(block)


def test_deploy__run_twice__changes_nothing(
    command: Callable[..., Ran], complete: Callable[[int], None]
) -> None:
    block = web3.eth.block_number
    first, second = command("--yes"), command("--yes")
    assert first.out == second.out
    assert "already deployed" in second.err
    complete(block)


def _killed(_: object) -> None:
    raise Killed


@pytest.mark.parametrize("hash_known", [True, False])
@pytest.mark.parametrize("dropped", [True, False])
def test_deploy__killed_while_pending__waits_or_sends_the_same_again(
    command: Callable[..., Ran],
    complete: Callable[[int], None],
    no_mining: None,
    hash_known: bool,
    dropped: bool,
) -> None:
    block = web3.eth.block_number
    # The journal is written, the transaction sent, its hash written; then the script waits.
    boundaries = Boundaries(fatal=None if hash_known else 2)
    with killing(boundaries), pytest.MonkeyPatch.context() as patch:
        patch.setattr(once, "_wait", _killed)
        # On a development chain the toolchain does not return before a transaction is mined.
        patch.setattr(type(CONFIG), "network_type", "live")
        with pytest.raises(Killed):
            command("--yes")
    assert web3.eth.get_block("pending")["transactions"]
    if dropped:
        web3.provider.make_request("anvil_dropAllTransactions", [])
    Timer(0.3, mine_from_now_on).start()
    assert command("--yes").code == 0
    complete(block)


def test_deploy__where_blocks_are_slow__sees_what_it_has_created(
    complete: Callable[[int], None], terms_file: Path, folder: Path, organiser: object
) -> None:
    """Brownie would go by what was there some seconds ago, but for brownie-config.yaml."""
    brownie_chain.mine(64, timedelta=64 * 12)
    block = web3.eth.block_number
    done = subprocess.run(command_line(terms_file, folder, organiser), timeout=120)
    assert done.returncode == 0
    complete(block)


def test_deploy__really_killed__goes_on(
    command: Callable[..., Ran],
    complete: Callable[[int], None],
    terms_file: Path,
    folder: Path,
    organiser: object,
    no_mining: None,
) -> None:
    block, journal = web3.eth.block_number, folder / "core.journal.json"
    process = subprocess.Popen(command_line(terms_file, folder, organiser))
    until = time.monotonic() + 30
    while not (journal.is_file() and '"transaction"' in journal.read_text()):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    mine_from_now_on()
    assert command("--yes").code == 0
    complete(block)
