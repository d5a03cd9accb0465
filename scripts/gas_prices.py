"""Dollars for gas and data, at the prices that gas/prices.toml or another such file states."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from scripts.core import ROOT
from scripts.gas_bill import Cost
from scripts.gas_chain import GasError

STATED = ROOT / "gas" / "prices.toml"
GWEI = 1e-9
L1_GAS_OF_BYTE = 16


@dataclass(frozen=True)
class Network:
    """Prices in gwei; weights as the file explains."""

    gas_price: float
    l1_base_fee: float
    calldata_weight: float
    blob_base_fee: float
    blob_weight: float

    @property
    def byte_price(self) -> float:
        """Gwei for a byte of compressed data."""
        calldata = L1_GAS_OF_BYTE * self.calldata_weight * self.l1_base_fee
        return calldata + self.blob_weight * self.blob_base_fee

    def ether(self, cost: Cost) -> float:
        """What the sender pays."""
        return (cost.gas * self.gas_price + cost.data * self.byte_price) * GWEI


@dataclass(frozen=True)
class Prices:
    """Of a day."""

    date: str
    ether: float
    networks: dict[str, Network]

    def dollars(self, network: str, cost: Cost) -> float:
        """What the sender pays."""
        return self.networks[network].ether(cost) * self.ether


def read_prices(path: Path = STATED) -> Prices:
    """Raises GasError."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
        date, ether = stated.pop("date"), float(stated.pop("ether"))
        networks = {name: Network(**prices) for name, prices in stated.items()}
        return Prices(date, ether, networks)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise GasError(f"gas: {path}: {error}") from None
