"""Who has how many shares of a layer, from its events alone."""

from __future__ import annotations

from collections import defaultdict

from tests.evm.contract import Event
from tests.model.core import ZERO


class Register:
    """Shares by holder, as ERC-20's events tell it, and collateral as ERC-4626's do."""

    def __init__(self) -> None:
        self.balances: defaultdict[str, int] = defaultdict(int)
        self.supply = 0
        self.deposited = self.redeemed = 0

    def read(self, events: tuple[Event, ...]) -> None:
        """Book the layer's events of one transaction."""
        minted = burnt = 0
        for event in events:
            if event.name == "Transfer":
                self.balances[event.sender] -= event.amount
                self.balances[event.receiver] += event.amount
                minted += event.amount if event.sender == ZERO else 0
                burnt += event.amount if event.receiver == ZERO else 0
            elif event.name == "Deposit":
                assert event.assets == event.shares == minted
                self.deposited += event.assets
            elif event.name == "Withdraw":
                assert event.shares == burnt
                self.redeemed += event.assets
        self.balances.pop(ZERO, None)
        self.supply += minted - burnt
