"""Rules 15 to 17: what IPool.vyi says of the layers behind a pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import require, require_all
from .shares import Shares
from .tower import Tower

if TYPE_CHECKING:
    from .core import Core


class Treaty:
    """The layers of a pool: their money (`tower`), their shares, and the calls about them."""

    def __init__(self, pool: Core, addresses: Sequence[str]) -> None:
        self.pool = pool
        self.tower = Tower(pool.terms.reinsurance)
        self.shares = [
            Shares(pool, layer, address)
            for layer, address in zip(self.tower.layers, addresses, strict=True)
        ]

    def bind(self) -> None:
        """Rule 16, done by whatever could pay an award or let somebody join late."""
        pool = self.pool
        if not pool.has_begun or not self.tower.is_unbound:
            return
        premiums = sum(member.premium for member in pool.members.values())
        ceded = self.tower.bind(premiums, pool.terms.max_cession_bps)
        pool.funds -= ceded
        pool.held += ceded

    def bind_reinsurance(self) -> None:
        """Rule 16, by hand."""
        pool = self.pool
        require_all(
            (not pool.is_enrolling, "reinsurance: cover has not started"),
            (pool.is_enrolling or pool.has_begun, "reinsurance: pool is cancelled"),
            (self.tower.is_unbound, "reinsurance: nothing to bind"),
        )
        self.bind()

    def add_collateral(self, caller: str, number: int, amount: int) -> None:
        """Rule 15: for the layer, which does it within Shares.deposit; nobody else can."""
        layer = self._shares(number).layer
        require_all(
            (caller == self._shares(number).address, "layer: caller is not the layer"),
            (self.pool.is_enrolling, "layer: deposits are over"),
            (layer.filled + amount <= layer.limit, "layer: above its limit"),
        )

    def redeem_layer(self, caller: str, number: int) -> None:
        """Rule 17: for the layer, which does it within Shares.redeem; nobody else can."""
        require_all(
            (caller == self._shares(number).address, "layer: caller is not the layer"),
            (self.pool.has_ended, "layer: collateral is bound"),
        )

    def absorb_layer(self, number: int) -> int:
        """Rule 17: what belongs to no share any more comes in."""
        shares = self._shares(number)
        amount = shares.layer.assets
        require_all(
            (self.pool.has_ended, "layer: collateral is bound"),
            (not shares.supply, "layer: has shares"),
            (amount > 0, "layer: nothing left"),
        )
        shares.layer.write_off()
        self.pool.held -= amount
        self.pool.bring_in(amount)
        return amount

    def _shares(self, number: int) -> Shares:
        require(0 < number <= len(self.shares), "layer: no such layer")
        return self.shares[number - 1]
