"""Double entry in exact integers: accounts, moves between them, balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peerpool.ledger.events import Event, LedgerError

IN = "in"  # the world outside, as a source; its balance is minus what entered
FUNDS = "funds"  # what claims, later refunds, are paid from
HELD = "held"  # bonds, fees, commissions, awards set aside, layers
CREDIT = "credit"  # held as well: money that its receiver could not take
OUT = "out"  # the world outside, as a receiver


@dataclass(frozen=True, order=True)
class Account:
    """Where money is: pot (IN, FUNDS, HELD, CREDIT, OUT), kind, whose."""

    pot: str
    kind: str = ""
    who: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.pot, self.kind, self.who) if part)


@dataclass(frozen=True)
class Move:
    """`amount` token units from one account to another, because of an event."""

    source: Account
    target: Account
    amount: int
    event: Event


class Books:
    """The balance of every account (token units)."""

    def __init__(self) -> None:
        self.balances: dict[Account, int] = {}
        self._pots: dict[str, int] = defaultdict(int)
        self._of: dict[str, list[Account]] = defaultdict(list)  # by whose

    def post(self, move: Move) -> None:
        """Post one move."""
        if move.amount < 0:
            raise LedgerError(f"ledger: negative amount in {move.event}")
        self._add(move.source, -move.amount)
        self._add(move.target, move.amount)

    def _add(self, account: Account, amount: int) -> None:
        if account not in self.balances:
            self.balances[account] = 0
            self._of[account.who].append(account)
        self.balances[account] += amount
        self._pots[account.pot] += amount

    def of(self, who: str) -> list[Account]:
        """Return all accounts of somebody that were ever used, in any pot."""
        return list(self._of.get(who, ()))

    def pot(self, *pots: str) -> int:
        """Sum of the balances of all accounts in these pots."""
        return sum(self._pots[pot] for pot in pots)

    def require_covered(self, accounts: Iterable[Account], event: Event) -> None:
        """Raise if money left one of the pool's accounts that was not in it."""
        for account in accounts:
            if account.pot not in (IN, OUT) and self.balances.get(account, 0) < 0:
                raise LedgerError(
                    f"ledger: {account} is {self.balances[account]} after transaction {event.tx}"
                )
