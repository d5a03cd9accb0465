"""Print what everything costs in gas, beside peers; fail if something grows with the group.

Measured on a new Anvil, from the receipts of real transactions on contracts that `deploy` has
deployed, and on the peers that npm's packages hold. `--renew` measures all and rewrites the
committed snapshot, the tables of docs/gas.md and the picture.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from brownie import accounts, web3

from peerpool.errors import PeerpoolError
from scripts import gas_picture, gas_report, gas_snapshot
from scripts.arguments import parser_of
from scripts.core import Core, container
from scripts.deploy import deploy_core
from scripts.gas_ballots import measure_signed
from scripts.gas_chain import GasError, keep_time
from scripts.gas_limits import limits
from scripts.gas_lives import alternative, live, live_as_club
from scripts.gas_peers import measure_peers, measure_peers_signed
from scripts.gas_prices import STATED, read_prices
from scripts.gas_report import ASSETS, SIZES
from scripts.gas_rows import BATCH, ONCE, ROWS, measure, measure_referred, prepare

HAS_CHAIN = True
LIVES = (10, 100, 1_000)
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


def peers(sizes: Sequence[int] = SIZES) -> dict[str, dict[int, int]]:
    """The same of peers, in Ether (shares of ERC4626 in a token): name, size -> gas."""
    found: dict[str, dict[int, int]] = {}
    for size in sizes:
        for name, gas in measure_peers(size).items():
            found.setdefault(name, {})[size] = gas
    return found


def named(found: Figures) -> dict[str, dict[int, int]]:
    """The same by what people call it: "file a claim (Ether)", size -> gas."""
    words = ROWS | ONCE
    return {
        f"{words[name]} ({asset})": by_size
        for asset, rows in found.items()
        for name, by_size in rows.items()
    }


def growing(found: Figures) -> list[str]:
    """What takes more gas in a larger group: `gas: ...`, a line each."""
    problems = []
    for what, by_size in named(found).items():
        least, most = min(by_size.values()), max(by_size.values())
        if most > least * (1 + gas_snapshot.TOLERANCE):
            seen = ", ".join(f"{gas:,} at {int(size):,}" for size, gas in by_size.items())
            problems.append(f"gas: {what} grows with members: {seen}")
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
    parser = parser_of("gas", (__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print figures only")
    parser.add_argument("--lives", action="store_true", help="whole lives, in gas and dollars")
    parser.add_argument("--limits", action="store_true", help="what is done in pieces")
    parser.add_argument("--all", action="store_true", help="rows, lives and limits")
    parser.add_argument("--renew", action="store_true", help="all, into snapshot, docs, picture")
    parser.add_argument("--kept", action="store_true", help="the snapshot, without measuring")
    parser.add_argument("--prices", type=Path, default=STATED, help="file of prices, for --lives")
    options = parser.parse_args([argument for argument in arguments if argument != "--"])
    try:
        sys.exit("\n".join(_run(options)) or None)
    except PeerpoolError as error:
        sys.exit(str(error))


def _run(options: argparse.Namespace) -> list[str]:
    prices = read_prices(options.prices)
    snapshot = gas_snapshot.load() if options.kept else gas_snapshot.plain(_measured(options))
    if options.json:
        print(json.dumps(snapshot, indent=1))
    else:
        print("\n\n".join(gas_report.tables(snapshot, prices).values()))
    if options.renew:
        gas_snapshot.store(snapshot)
        renew(snapshot)
    return growing(snapshot.get("rows", {}))


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    core, token = stage()
    keep_time()
    everything = options.all or options.renew
    found: dict[str, Any] = {"head": gas_snapshot.head()}
    if everything or not (options.lives or options.limits):
        found |= {"rows": figures(core, token), "signed": measure_signed(core)}
        found |= {"peers": peers(), "peers_signed": measure_peers_signed()}
        found["parts"] = measure(core, BATCH, None, trace=True).parts
    if everything or options.lives:
        other = alternative(core)
        found |= {"blueprint": asdict(other), "lives": {}}
        for size in LIVES:
            life = live(core, size)
            found["lives"][size] = {
                "ours": asdict(life.bill)["steps"],
                "governor": asdict(live_as_club(size))["steps"],
                "blueprint": other.whole_life(life),
            }
    if everything or options.limits:
        found["limits"] = [asdict(each) for each in limits(core)]
    return found


def renew(snapshot: dict[str, Any]) -> None:
    """Write docs/gas.md's tables and the picture anew, at the stated prices."""
    document = gas_report.DOCUMENT.read_text(encoding="utf-8")
    made = gas_report.tables(snapshot, read_prices())
    gas_report.DOCUMENT.write_text(gas_report.written(document, made), encoding="utf-8")
    gas_picture.PATH.write_text(gas_picture.draw(snapshot), encoding="utf-8")
