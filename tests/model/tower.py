"""Rules 15 to 17: the layers of reinsurance behind a pool.

The contract knows one number for what all layers have paid; here every layer has its own, raised by
a draw from the lowest layer upwards and lowered by what comes back from the highest downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peerpool.terms import Layer as LayerTerms

from .ballots import BPS


@dataclass
class Layer:
    """The money of one layer."""

    limit: int
    premium: int
    filled: int = 0
    ceded: int = 0
    drawn: int = 0
    redeemed: int = 0

    @property
    def left(self) -> int:
        """Return what it can still pay."""
        return self.filled - self.drawn

    @property
    def assets(self) -> int:
        """Rule 17: what all its shares are worth."""
        return self.left + self.ceded - self.redeemed

    def write_off(self) -> None:
        """Rule 17: nobody owns it any more, so that nothing is to be repaid to it."""
        self.drawn = 0
        self.redeemed = self.filled + self.ceded


class Tower:
    """All layers of a pool, the one that pays first at the front."""

    def __init__(self, reinsurance: Sequence[LayerTerms]) -> None:
        self.layers = [Layer(terms.limit, terms.premium) for terms in reinsurance]
        self.is_bound = False

    @property
    def capacity(self) -> int:
        """Return what the layers can still pay."""
        return sum(layer.left for layer in self.layers)

    @property
    def drawn(self) -> int:
        """Return what the layers have paid, less what was repaid."""
        return sum(layer.drawn for layer in self.layers)

    @property
    def assets(self) -> int:
        """Return what lies in the pool for the layers."""
        return sum(layer.assets for layer in self.layers)

    @property
    def is_unbound(self) -> bool:
        """Return whether there is collateral that was not paid for yet."""
        return not self.is_bound and any(layer.filled for layer in self.layers)

    def bind(self, premiums: int, max_cession_bps: int) -> int:
        """Rule 16: give each layer its premium, once; return the sum."""
        wanted = [layer.premium * layer.filled // layer.limit for layer in self.layers]
        cap = premiums * max_cession_bps // BPS
        if sum(wanted) > cap:
            wanted = [premium * cap // sum(wanted) for premium in wanted]
        for layer, premium in zip(self.layers, wanted, strict=True):
            layer.ceded = premium
        self.is_bound = True
        return sum(wanted)

    def draw(self, amount: int) -> None:
        """Rule 15: take `amount` from the layers, lowest first."""
        for layer in self.layers:
            part = min(amount, layer.left)
            layer.drawn += part
            amount -= part
        assert not amount, "more was drawn than layers hold"

    def repay(self, amount: int) -> int:
        """Rule 15: give back what layers have paid, highest first; return how much they took."""
        rest = amount
        for layer in reversed(self.layers):
            part = min(rest, layer.drawn)
            layer.drawn -= part
            rest -= part
        return amount - rest
