"""Two keepers, of which one is killed, bring a pool from cover start to the last refund."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from brownie import accounts, web3

from ..clock import DAY, at
from ..layers import reinsured
from ..stage import Stage

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0  # seconds
BLOCKS = ("pending", "latest")


@dataclass
class Process:
    """A keeper in a process of its own, that can be killed and begun again."""

    pool: str
    lens: Sequence[str]
    account: Any
    log: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin(self) -> None:
        """Start it, to make a pass a second."""
        command = "import sys; from scripts import keep; keep.main(*sys.argv[1:])"
        options = [*self.lens, "--rpc", web3.provider.endpoint_uri, "--every", "1s"]
        arguments = [self.pool, *options, "--account", str(self.account), "--json"]
        with self.log.open("a") as log:
            self.running.append(
                subprocess.Popen(
                    [sys.executable, "-c", command, *arguments],
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )

    @property
    def pending(self) -> int:
        """How many transactions of its account wait to be mined."""
        counts = [rpc("eth_getTransactionCount", str(self.account), b) for b in BLOCKS]
        return int(counts[0], 16) - int(counts[1], 16)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        os.kill(self.running[-1].pid, signal.SIGKILL)
        self.running[-1].wait()

    @property
    def told(self) -> list[dict[str, Any]]:
        """What it has told of steps, before and after it was killed."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if "call" in line]


@pytest.fixture
def two(stage: Stage, core: Any, tmp_path: Path) -> Iterator[list[Process]]:
    """Two keepers that have not begun, of whom one knows no lens that is on the chain."""
    if "anvil" not in web3.client_version.lower():
        pytest.skip("Ganache answers a transaction only when it is mined")
    lens = ("--lens", str(core.lens)), ("--deployments", str(tmp_path))
    both = [
        Process(str(stage.pool), lens[i], accounts[20 + i], tmp_path / f"{i}.log") for i in (0, 1)
    ]
    yield both
    for each in both:
        if each.running:
            each.kill()


def until(what: Callable[[], Any]) -> Any:
    """Wait until it is so; return what it says."""
    end = time.monotonic() + PATIENCE
    while not (said := what()):
        assert time.monotonic() < end, "the keepers have not done it"
        time.sleep(0.05)
    return said


def rpc(method: str, *params: Any) -> Any:
    """Ask the chain itself."""
    return web3.provider.make_request(method, list(params))["result"]


@pytest.fixture(scope="module")
def stage(make_stage: Any, stages: list[Stage], members: Sequence[Any], reinsurer: Any) -> Any:
    """A pool that enrols, with 300 in a layer and a claims window of a week."""
    made = make_stage(members, **reinsured(10**16), voting_period=7 * DAY, silent_consent_limit=0)
    made.fill(reinsurer, 300 * made.u)
    yield made
    stages.remove(made)


@contextmanager
def waiting() -> Iterator[None]:
    """Transactions wait; at the end they are mined, and from then on at once."""
    rpc("evm_setAutomine", False)
    try:
        yield
    finally:
        rpc("evm_setAutomine", True)
        rpc("evm_mine")


def test_keep__two_keepers__one_killed__from_cover_start_to_the_last_refund(
    stage: Stage,
    two: list[Process],
    claimant: Any,
    neighbour: Any,
    donor: Any,
    members: Sequence[Any],
) -> None:
    pool, u, (first, second) = stage.pool, stage.u, two
    first.begin()
    second.begin()

    stage.start()
    until(lambda: not pool.summary()["unbound"])
    claims = [stage.file(who, 800 * u) for who in (claimant, neighbour)]
    for claim_id in claims:
        stage.vote(claim_id, 10)
    until(lambda: pool.summary()["open_claims"] == 0)
    at(stage.window_end(0))  # there is too little for both
    until(lambda: all(0 < pool.claim(each)["paid"] < 800 * u for each in claims))
    pool.donate(2000 * u, stage.pay(donor, 2000 * u))
    until(lambda: all(pool.claim(each)["paid"] == 800 * u for each in claims))

    with waiting():
        stage.after_reporting()
        until(lambda: first.pending or second.pending)
        sent = first if first.pending else second
        sent.kill()
        sent.begin()
        time.sleep(2.0)  # enough for it to look, and to see that it has sent something
        assert sent.pending == 1
    until(lambda: pool.phase() == 4 and not any(map(pool.refund_due, members)))

    told = first.told + second.told
    done = Counter((line["call"], *line["arguments"]) for line in told if line["result"] == "done")
    assert done.pop(("settle",), 0) <= 1  # whoever was killed cannot tell
    assert done.pop(("refund_many", 1, 6), 0) <= 1
    pay = {("pay_award", each): 2 for each in claims}  # what there was, and what made it up
    resolve = {("resolve", each): 1 for each in claims}
    assert done == {("bind_reinsurance",): 1, ("settle_window", 0): 1, **resolve, **pay}
    assert not [line for line in told if line["result"] not in ("done", "lost")]
