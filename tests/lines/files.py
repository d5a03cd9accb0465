"""The lines of business: one terms file each, and the tokens that they name."""

import tomllib
from pathlib import Path

from peerpool.units import ETHER

POOLS = Path(__file__).parents[2] / "pools"
FILES = {p.stem: p for p in sorted(POOLS.glob("*.toml")) if not p.stem.startswith("demo")}
DECIMALS = {"EURC": 6, "USDC": 6, "WBTC": 8, "DAI": 18, "EURe": 18}


def token_of(line: str) -> str:
    """Return the symbol of the token that a line's pool takes; nothing for Ether."""
    symbol: str = tomllib.loads(FILES[line].read_text())["pool"]["asset"]
    return "" if symbol == ETHER.symbol else symbol
