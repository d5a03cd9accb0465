"""One layer's shares and their model side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.evm.contract import Contract
from tests.model.shares import Shares

from .register import Register

if TYPE_CHECKING:
    from .mirror import Mirror


class LayerMirror:
    """The layer under test (`contract`), the model (`model`), and shares by events (`register`)."""

    def __init__(self, mirror: Mirror, contract: Contract, model: Shares) -> None:
        self.mirror = mirror
        self.contract = contract
        self.model = model
        self.register = Register()

    @property
    def number(self) -> int:
        """Return its number in the pool."""
        return self.mirror.model.shares.index(self.model) + 1

    def add_stray_money(self, amount: int) -> None:
        """Send money to the layer without a call."""
        mirror = self.mirror
        mirror.tell(f"stray {amount} at layer{self.number}")
        mirror.world.add_stray_money(self.contract.address, amount)
        self.model.stray += amount

    # --- the calls, named as in IReinsuranceLayer.vyi -------------------------

    def deposit(
        self, caller: str, assets: int, receiver: str, value: int | None = None
    ) -> int | None:
        """Deposit."""
        return self._pay_in("deposit", caller, assets, receiver, value)

    def mint(self, caller: str, shares: int, receiver: str, value: int | None = None) -> int | None:
        """Mint."""
        return self._pay_in("mint", caller, shares, receiver, value)

    def withdraw(self, caller: str, assets: int, receiver: str, owner: str) -> int | None:
        """Withdraw an amount."""
        return self._both("withdraw", (assets, receiver, owner), caller)

    def redeem(self, caller: str, shares: int, receiver: str, owner: str) -> int | None:
        """Redeem shares."""
        return self._both("redeem", (shares, receiver, owner), caller)

    def transfer(self, caller: str, receiver: str, amount: int) -> bool | None:
        """Transfer shares."""
        return self._both("transfer", (receiver, amount), caller)

    def approve(self, caller: str, spender: str, amount: int) -> bool | None:
        """Let somebody take shares."""
        return self._both("approve", (spender, amount), caller)

    def transfer_from(self, caller: str, sender: str, receiver: str, amount: int) -> bool | None:
        """Take shares."""
        return self._both("transferFrom", (sender, receiver, amount), caller)

    def absorb(self, caller: str) -> int | None:
        """Send on what came here by mistake."""
        return self._both("absorb", (), caller)

    def initialize(self, caller: str) -> None:
        """Try to be the factory once more."""
        self._both("initialize", (caller, 1), caller)

    def _pay_in(
        self, function: str, caller: str, amount: int, receiver: str, value: int | None
    ) -> int | None:
        mirror = self.mirror
        value = mirror.value(amount) if value is None else value
        payment = mirror.payment(caller, value, amount)
        return mirror.both(
            function,
            (amount, receiver),
            lambda: getattr(self.model, function)(caller, amount, receiver, payment),
            sender=caller,
            value=value,
            layer=self.contract,
        )

    def _both(self, function: str, args: tuple[int | str, ...], caller: str) -> int | None:
        return self.mirror.both(
            function,
            args,
            lambda: getattr(self.model, function)(caller, *args),
            sender=caller,
            layer=self.contract,
        )
