"""The deploy command, run in this process, and the ways to kill it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from brownie import web3

from peerpool import deployment
from scripts import deploy, once

TERMS = """
[pool]
name = "Bicycle cover"
asset = "ETH"
organiser = "organiser"
wording_hash = "0x{wording}"

[period]
cover_start = "in 7 days"
expiry = "1 year"
reporting_period = "30 days"

[joining]
min_members = {min_members}
max_members = 20

[claims]
voting_period = "7 days"
quorum = "50 %"
approval = "50 %"

[[tier]]
name = "city bike"
premium = "1 ETH"
cover_limit = "6 ETH"

[reinsurance]
max_cession = "20 %"

[[layer]]
limit = "5 ETH"
premium = "0.5 ETH"

[[layer]]
limit = "20 ETH"
premium = "1 ETH"
"""


@dataclass(frozen=True)
class Ran:
    """What a run of the command left on the screen."""

    code: int
    out: str
    err: str


class Killed(BaseException):
    """Not an Exception, like KeyboardInterrupt: nothing on the way may swallow it."""


@dataclass
class Boundaries:
    """Counts what the script does to the world, and kills it before the one `fatal`."""

    fatal: int | None = None
    passed: int = 0

    def before(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return the act with the count, and perhaps the end, before it."""

        def watched(*args: Any, **kwargs: Any) -> Any:
            if self.passed == self.fatal:
                raise Killed
            self.passed += 1
            return act(*args, **kwargs)

        return watched


@contextmanager
def killing(boundaries: Boundaries) -> Iterator[None]:
    """Watch every transaction sent, every file written and every journal removed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(once, "broadcast", boundaries.before(once.broadcast))
        patch.setattr(deployment, "write_text", boundaries.before(deployment.write_text))
        patch.setattr(deployment.Journal, "close", boundaries.before(deployment.Journal.close))
        yield


def mine_from_now_on() -> None:
    """Mine what waits, and from now on every transaction at once."""
    web3.provider.make_request("evm_setAutomine", [True])
    web3.provider.make_request("evm_mine", [])


def write_terms(folder: Path, min_members: int = 2, wording: str = "11" * 32) -> Path:
    """Write a terms file whose dates count from now."""
    path = folder / "terms.toml"
    path.write_text(TERMS.format(min_members=min_members, wording=wording))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    """Run the command; a mistake is its exit code and one line."""
    try:
        deploy.main(*map(str, arguments))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        said = "" if isinstance(end.code, int | None) else str(end.code)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err + said)
    captured = capsys.readouterr()
    return Ran(code, captured.out, captured.err)


def command_line(terms_file: Path, folder: Path, organiser: object) -> list[object]:
    """Return how somebody else deploys to this chain."""
    arguments = ("--name", f"organiser={organiser}", "--deployments", folder.parent, "--yes")
    network = ("--network", web3.provider.endpoint_uri)
    return [sys.executable, "-m", "scripts.command", "deploy", terms_file, *arguments, *network]


def created_since(block: int) -> list[str]:
    """Return what transactions after a block called, in order: an address, or `create`."""
    called = []
    for number in range(block + 1, web3.eth.block_number + 1):
        for transaction in web3.eth.get_block(number, True)["transactions"]:
            called.append(transaction.get("to") or "create")
    return called
