"""The committed figures: gas/snapshot.json, what made them at its head, and how to compare."""

import json
import re
from collections.abc import Mapping
from typing import Any

from brownie import web3

from scripts.core import ROOT, compiler
from scripts.gas_solidity import SETTINGS, versions

PATH = ROOT / "gas" / "snapshot.json"
# A row that grows by more fails the tests. A signature, an address or an id has a zero byte more
# or less, at 12 gas each: much less than this.
TOLERANCE = 0.01
RENEW = "make gas-snapshot"
Figures = Mapping[str, Mapping[Any, int]]  # name, size -> gas; sizes are words once kept


def head() -> dict[str, Any]:
    """What made the figures."""
    used, version = compiler(), web3.client_version
    found = re.fullmatch(r"anvil/v?([\d.]+)\S*", version)
    return {
        "compiler": f"vyper {used['version']}",
        "optimize": _optimize(),
        "evm_version": used["evm_version"],
        "chain": f"anvil {found[1]}" if found else version,
        "peers": versions() | {"evm_version": SETTINGS["evmVersion"], "optimize": "200 runs"},
    }


def _optimize() -> dict[str, str]:
    """By contract, as the sources say."""
    pragma = re.compile(r"^# pragma optimize (\w+)$", re.MULTILINE)
    found = {}
    for path in sorted((ROOT / "contracts").glob("*.vy")):
        modes = pragma.findall(path.read_text(encoding="utf-8"))
        found[path.stem] = modes[0] if modes else "gas"
    return found


def load() -> dict[str, Any]:
    """The committed figures."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def store(snapshot: Mapping[str, Any]) -> None:
    """Commit the file that this writes."""
    PATH.write_text(json.dumps(snapshot, indent=1) + "\n", encoding="utf-8")


def plain(figures: Any) -> Any:
    """Figures as JSON gives them back: all keys are words."""
    return json.loads(json.dumps(figures))


def grown(kept: Figures, found: Figures) -> list[str]:
    """Which figures are more than the kept ones allow, or are not among them: a line each."""
    problems = []
    for name, by_size in plain(found).items():
        for size, gas in by_size.items():
            was = kept.get(name, {}).get(size)
            if was is None:
                problems.append(f"gas: {name} at {size} is not in gas/{PATH.name}: {RENEW}")
            elif gas > was * (1 + TOLERANCE):
                more = f"{gas:,} instead of {was:,} ({gas / was - 1:+.1%})"
                problems.append(f"gas: {name} at {size} takes {more}; if that is meant: {RENEW}")
    return problems
