"""Print what everything costs in gas; fail if something grows with the group.

Measured on a new Anvil, from the receipts of real transactions on contracts that `deploy` has
deployed. `--lives` adds up whole lives of pools and compares ways to create them.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from brownie import accounts, web3
from rich.console import Console
from rich.table import Table

from peerpool.errors import PeerpoolError
from scripts.core import Core, compiler, container
from scripts.deploy import deploy_core
from scripts.gas_ballots import BATCHES, TARGET, measure_signed
from scripts.gas_chain import GasError
from scripts.gas_lives import alternative, live
from scripts.gas_rows import ONCE, ROWS, measure, measure_referred, prepare

SIZES = (10, 100, 1000)
# A signature, an address or an id has a zero byte more or less, at 12 gas each.
NOISE = 0.01
ASSETS = ("Ether", "token")


@dataclass(frozen=True)
class Peer:
    """What the best known peer takes for the same in Ether, measured on 2026-11-21 on Anvil 1.7.1
    with the peers' real code, and what we aim at. Quoted, not measured in this run."""

    name: str
    gas: int | None
    target: int


PEERS = {
    "join": Peer("Nexus Mutual, without cover", 166_265, 95_000),
    "ballot": Peer("OpenZeppelin Governor", 65_892, 42_000),
    "file": Peer("Governor propose, no money", 64_023, 115_000),
    "resolve": Peer("Governor execute", 67_846, 78_000),
    "refund": Peer("ERC-4626 redeem", 50_717, 45_000),
    "refund_many": Peer("none at any size", None, 20_000),
    "create": Peer("Moloch v2", 4_720_856, 700_000),
}
Figures = dict[str, dict[str, dict[int, int]]]  # asset, name, size -> gas


def figures(core: Core, token: Any, sizes: Sequence[int] = SIZES) -> Figures:
    """Measure everything at these sizes, in both assets."""
    found: Figures = {asset: {} for asset in ASSETS}
    for asset, money in zip(ASSETS, (None, token), strict=True):
        for size in sizes:
            for name, gas in measure(core, size, money).items():
                found[asset].setdefault(name, {})[size] = gas
        found[asset]["join_referred"] = {10: measure_referred(core, money)}
    return found


def growing(found: Figures) -> list[str]:
    """What takes more gas in a larger group: `gas: ...`, a line each."""
    problems = []
    for asset, rows in found.items():
        for name, by_size in rows.items():
            least, most = min(by_size.values()), max(by_size.values())
            if most > least * (1 + NOISE):
                what = (ROWS | ONCE)[name]
                seen = ", ".join(f"{gas:,} at {size:,}" for size, gas in by_size.items())
                problems.append(f"gas: {what} ({asset}) grows with members: {seen}")
    return problems


def stage() -> tuple[Core, Any]:
    """A core and a token on a chain where the node signs for everybody."""
    if not web3.client_version.lower().startswith("anvil"):
        raise GasError("gas: only Anvil can be asked to sign for everybody")
    core = deploy_core(accounts[0])
    token = accounts[0].deploy(container("Token"), "Test Euro", "EURX", 6, silent=True)
    prepare(core)
    return core, token


def main(*arguments: str) -> None:
    """The command; `--help` tells."""
    parser = argparse.ArgumentParser("gas", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print figures only")
    parser.add_argument("--lives", action="store_true", help="whole lives, and ways to create")
    options = parser.parse_args([argument for argument in arguments if argument != "--"])
    try:
        sys.exit(_lives(options.json) if options.lives else _rows(options.json))
    except PeerpoolError as error:
        sys.exit(str(error))


def _rows(as_json: bool) -> str | None:
    core, token = stage()
    found, signed = figures(core, token), measure_signed(core)
    if as_json:
        figures_of_all = {"compiler": compiler(), "members": found, "signed_ballots": signed}
        print(json.dumps(figures_of_all, indent=2))
    else:
        show(_console(), found, signed)
    return "\n".join(growing(found)) or None


def show(console: Console, found: Figures, signed: dict[int, int]) -> None:
    """Print the tables."""
    table = _table("Gas in steady state, by members", "best peer", "target", "which peer")
    for name, what in ROWS.items():
        peer = PEERS[name]
        for asset in ASSETS:
            cells = _cells(found[asset][name])
            if asset != ASSETS[0]:
                table.add_row("", asset, *cells, end_section=True)
                continue
            quoted = f"{peer.gas:,}" if peer.gas else "-"
            table.add_row(what, asset, *cells, quoted, f"{peer.target:,}", peer.name)
    console.print(table)
    once = _table("Dearer, and not in the steady state")
    for name, what in ONCE.items():
        for asset in ASSETS:
            first = asset == ASSETS[0]
            cells = _cells(found[asset].get(name, {}))
            once.add_row(what if first else "", asset, *cells, end_section=not first)
    console.print(once)
    console.print(_signed_table(signed))
    console.print(NOTES.format(evm=compiler()["evm_version"], noise=NOISE))


def _table(title: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("operation")
    table.add_column("asset")
    for heading in (*(f"{size:,}" for size in SIZES), *more[:-1]):
        table.add_column(heading, justify="right")
    for heading in more[-1:]:
        table.add_column(heading)
    return table


def _signed_table(signed: dict[int, int]) -> Table:
    table = Table(
        title="Signed ballots, each, by how many in one transaction", title_justify="left"
    )
    table.add_column("")
    for size in BATCHES:
        table.add_column(f"{size}", justify="right")
    table.add_row("the first batch of a claim", *(f"{signed[size]:,}" for size in BATCHES))
    table.add_row("target", *(f"{TARGET:,}" if size == 100 else "" for size in BATCHES))
    return table


def _cells(by_size: dict[int, int]) -> list[str]:
    return [f"{by_size[size]:,}" if size in by_size else "" for size in SIZES]


NOTES = """\
Compiled for {evm}; base fee 0; each operation is one transaction, gasUsed of its receipt.
Join: the last of the group, before cover starts, for itself. Ballot: the second of a claim.
Claim: the second of a window, with a bond. Resolve: by a quorum's ballots, after the voting
period, while other claims are open. Refund: of somebody who had no award. Peers: Ether, quoted
from measurements of 2026-11-21. A row may differ by {noise:.0%} between groups (an address or a
signature with a zero byte more)."""


def _lives(as_json: bool) -> None:
    core, _ = stage()
    lives, other = [live(core, size) for size in SIZES], alternative(core)
    if as_json:
        figures_of_lives = [asdict(life) | {"blueprint": other.whole_life(life)} for life in lives]
        print(json.dumps({"blueprint": asdict(other), "lives": figures_of_lives}, indent=2))
        return
    table = Table(title="Gas of a whole life", title_justify="left")
    for heading in ("", *(f"{life.members:,} members" for life in lives)):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("claims", *(f"{life.transactions['claims']:,}" for life in lives))
    sent = [sum(life.transactions.values()) for life in lives]
    table.add_row("transactions", *(f"{each:,}" for each in sent), end_section=True)
    for step in lives[0].gas:
        table.add_row(f"gas: {step}", *(f"{life.gas[step]:,}" for life in lives))
    table.add_section()
    table.add_row("clone, measured", *(f"{life.total:,}" for life in lives))
    table.add_row("blueprint, worked out", *(f"{other.whole_life(life):,}" for life in lives))
    differences = [other.whole_life(life) / life.total - 1 for life in lives]
    table.add_row("blueprint against clone", *(f"{each:+.1%}" for each in differences))
    _console().print(table)
    _console().print(
        f"From a blueprint a pool takes {other.create:,} to create, each call {other.hop:,} less"
        f" (no stub) and each part of the terms that is read {other.read:,} less: even after"
        f" {other.even_after(lives[0]):,} calls that read one part."
    )


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)
