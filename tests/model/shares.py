"""Rule 17: the shares of one layer, ERC-4626 for a token and ERC-7535 for Ether."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .errors import ModelError, require, require_all
from .tower import Layer

if TYPE_CHECKING:
    from .core import Core, Payment

ZERO = "0x" + "00" * 20
WITHOUT_END = 2**256 - 1


class Shares:
    """The model of one layer's contract; methods are named as in IReinsuranceLayer.vyi."""

    def __init__(self, pool: Core, layer: Layer, address: str) -> None:
        self.pool = pool
        self.layer = layer
        self.address = address
        self.stray = 0
        self.balances: defaultdict[str, int] = defaultdict(int)
        self.allowances: defaultdict[tuple[str, str], int] = defaultdict(int)

    @property
    def supply(self) -> int:
        """Return how many shares there are."""
        return sum(self.balances.values())

    def initialize(self, caller: str, pool: str, number: int) -> None:
        """The factory was first."""
        raise ModelError("layer: already initialised")

    # --- deposits -----------------------------------------------------------

    def deposit(self, caller: str, assets: int, receiver: str, payment: Payment) -> int:
        """Collateral, one share for one unit."""
        require_all(
            (self.pool.is_enrolling, "layer: deposits are over"),
            (self.layer.filled + assets <= self.layer.limit, "layer: above its limit"),
            (self._may_hold(receiver), "layer: receiver is not the reinsurer"),
            (receiver != ZERO, "layer: receiver is the zero address"),
            *self.pool.door(assets, payment, "layer"),
        )
        self.pool.spent[caller] += assets
        self.pool.held += assets
        self.layer.filled += assets
        self.balances[receiver] += assets
        return assets

    def mint(self, caller: str, shares: int, receiver: str, payment: Payment) -> int:
        """As many units."""
        return self.deposit(caller, shares, receiver, payment)

    def max_deposit(self, receiver: str) -> int:
        """Return what deposit would take for the receiver."""
        may = self.pool.is_enrolling and self._may_hold(receiver) and receiver != ZERO
        return self.layer.limit - self.layer.filled if may else 0

    # --- redemption ---------------------------------------------------------

    def withdraw(self, caller: str, assets: int, receiver: str, owner: str) -> int:
        """Burn what shares an exact amount costs."""
        shares = self.shares_for(assets, up=True)
        self._redeem(caller, shares, assets, receiver, owner)
        return shares

    def redeem(self, caller: str, shares: int, receiver: str, owner: str) -> int:
        """Burn shares for what they are worth."""
        assets = self.worth(shares)
        self._redeem(caller, shares, assets, receiver, owner)
        return assets

    def max_redeem(self, owner: str) -> int:
        """Return the shares that can be redeemed now."""
        return self.balances[owner] if self.pool.has_ended else 0

    def max_withdraw(self, owner: str) -> int:
        """Return what they are worth."""
        return self.worth(self.max_redeem(owner))

    def worth(self, shares: int) -> int:
        """Return what shares are worth, rounded down."""
        return shares * self.layer.assets // self.supply if self.supply else shares

    def shares_for(self, assets: int, *, up: bool) -> int:
        """Return the shares that are worth an amount, rounded up or down.

        Shares that are worth nothing count as one unit.
        """
        supply, total = self.supply, max(1, self.layer.assets)
        if not supply:
            return assets
        return -(-assets * supply // total) if up else assets * supply // total

    # --- shares -------------------------------------------------------------

    def transfer(self, caller: str, receiver: str, amount: int) -> bool:
        """ERC-20."""
        require_all(*self._movable(caller, receiver, amount))
        self._move(caller, receiver, amount)
        return True

    def approve(self, caller: str, spender: str, amount: int) -> bool:
        """ERC-20."""
        self.allowances[caller, spender] = amount
        return True

    def transferFrom(self, caller: str, sender: str, receiver: str, amount: int) -> bool:
        """ERC-20."""
        require_all(
            *self._movable(sender, receiver, amount),
            (amount <= self.allowances[sender, caller], "layer: above the allowance"),
        )
        self._use_allowance(sender, caller, amount)
        self._move(sender, receiver, amount)
        return True

    def absorb(self, caller: str) -> int:
        """Send on to the pool what came here by mistake; Ether can only be forced in, and stays."""
        amount = self.stray if self.pool.terms.asset != ZERO else 0
        require(amount > 0, "absorb: nothing stray")
        require(self.pool.outside.accepts(self.address), "token: transfer failed")
        self.stray = 0
        self.pool.stray += self.pool.outside.arriving(amount)
        return amount

    # --- how ----------------------------------------------------------------

    def _may_hold(self, receiver: str) -> bool:
        return self.pool.terms.reinsurer in (ZERO, receiver)

    def _movable(self, sender: str, receiver: str, amount: int) -> tuple[tuple[bool, str], ...]:
        return (
            (amount <= self.balances[sender], "layer: above the balance"),
            (receiver != ZERO, "layer: receiver is the zero address"),
        )

    def _move(self, sender: str, receiver: str, amount: int) -> None:
        self.balances[sender] -= amount
        self.balances[receiver] += amount

    def _use_allowance(self, owner: str, spender: str, amount: int) -> None:
        if self.allowances[owner, spender] != WITHOUT_END:
            self.allowances[owner, spender] -= amount

    def _redeem(self, caller: str, shares: int, assets: int, receiver: str, owner: str) -> None:
        is_own = caller == owner
        require_all(
            (self.pool.has_ended, "layer: collateral is bound"),
            (assets <= self.layer.assets, "layer: above the balance"),
            (is_own or shares <= self.allowances[owner, caller], "layer: above the allowance"),
            *self._movable(owner, receiver, shares),
        )
        require(not assets or self.pool.outside.takes(receiver), "layer: transfer failed")
        if not is_own:
            self._use_allowance(owner, caller, shares)
        self.balances[owner] -= shares
        self.layer.redeemed += assets
        self.pool.held -= assets
        self.pool.hand_over(receiver, assets)
