"""A pool's books as a Beancount ledger: every move, and the balances that Beancount has to find.

Each event that moved money is a transaction, dated in UTC and linked by the hash of its transaction
on chain. After each day on which money moved, and at the end, balances are asserted without any
tolerance: Beancount's own would let one unit pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from peerpool.audit.verdict import Verdict
from peerpool.export.text import exact
from peerpool.ledger import CREDIT, FUNDS, IN, OUT, Account, Event, Ledger, Move
from peerpool.report.markup import clean
from peerpool.units import Asset, format_date

POOL = "Assets:Pool"  # all that the pool has
DIGITS = 28  # that Beancount counts with

# The world outside, by what the money was.
OUTSIDE = {
    (IN, "premium"): "Income:Premium",
    (IN, "donation"): "Income:Donation",
    (IN, "stray money"): "Income:StrayMoney",
    (IN, "recovery"): "Income:Recovery",
    (OUT, "premium back"): "Income:PremiumBack",
    (OUT, "donation back"): "Income:DonationBack",
    (OUT, "award"): "Expenses:Award",
    (OUT, "fee"): "Expenses:Fee",
    (OUT, "commission"): "Expenses:Commission",
    (OUT, "cause"): "Expenses:Cause",
    (OUT, "refund"): "Equity:Refund",
    (IN, "bond"): "Equity:Bond",
    (OUT, "bond back"): "Equity:BondBack",
    (IN, "collateral"): "Equity:Collateral",
    (OUT, "redemption"): "Equity:Redemption",
}

HEAD = """\
; Assets:Pool    what the pool has: Funds, from which claims (later refunds) are paid; Bond, by
;                claim; Fee and Commission, by whose; Award, set aside; Layer, by number; Credit,
;                what its owner could not take and has to pull, by kind and owner
; Income         premiums, donations, stray money and recoveries, by who paid; Premium- and
;                DonationBack is what leavers, and donors of a cancelled pool, got back
; Expenses       awards, fees, commissions, and what went to the cause, by who got it
; Equity         what is its owners' and only stays a while: bonds, collateral of layers and
;                redemptions out of them; and refunds: the surplus, shared by the members
"""

PRECISE = """
; These books need {digits} digits, and Beancount counts with 28 unless it is told:
; python -c 'import decimal, sys; decimal.getcontext().prec = {digits}
; from beancount.scripts.check import main; sys.exit(main())' books.beancount
"""


def commodity(asset: Asset) -> str:
    """A name that Beancount takes, as like the symbol as can be."""
    name = re.sub(r"[^A-Z0-9]", "", asset.symbol.upper())[:20]
    if not name:
        return "TOKEN"
    fits = name[0].isalpha() and len(name) > 1 and name not in ("TRUE", "FALSE", "NULL")
    return name if fits else f"T{name}"


def account_name(account: Account) -> str:
    """The Beancount account of an account of the books."""
    if account.pot in (IN, OUT):
        parts = [OUTSIDE[account.pot, account.kind], account.who]
    elif account.pot == FUNDS:
        parts = [POOL, "Funds"]
    elif account.pot == CREDIT:
        parts = [POOL, "Credit", _camel(account.kind), account.who]
    else:
        parts = [POOL, _camel(account.kind), account.who]
    return ":".join(part for part in parts if part)


def _camel(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split())


class BeancountWriter:
    """A watcher that writes moves as they come; the file is complete after `finish`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._open: set[str] = set()
        self._day: date | None = None
        self._touched: dict[str, int] = {}  # balances of accounts that moved on this day

    def close(self) -> None:
        self._file.close()

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Write the moves of a transaction, a Beancount transaction for each event."""
        today = _day(events[-1].time)
        if self._day is None:
            self._begin(ledger, today)
        elif moves and today > self._day:
            self._assert(ledger, self._touched.items(), today_after=self._day)
            self._touched = {}
        if not moves:
            return
        self._day = today
        for account in {a: None for m in moves for a in (m.source, m.target)}:
            self._ensure_open(ledger, account, today)
        for _, some in groupby(moves, key=lambda m: m.event.index):
            self._transaction(ledger.asset, today, list(some))
        for move in moves:
            for account in (move.source, move.target):
                self._touched[account_name(account)] = ledger.books.balances[account]
        self._touched[POOL] = ledger.funds + ledger.held

    def finish(self, ledger: Ledger, verdict: Verdict) -> None:
        """Assert every account, the sums of each kind, and all that is in the pool; and say what
        the audit found.
        """
        today = _day(ledger.time)
        if self._day is None:
            self._begin(ledger, today)
        elif self._touched:
            self._assert(ledger, self._touched.items(), today_after=self._day)
        sums = dict(_sums(ledger))
        self._assert(ledger, sorted(sums.items()), today_after=today)
        self._file.write(f'\n{today} event "verdict" {quoted(verdict.line)}\n')
        most = max(map(abs, sums.values()))
        digits = max(len(str(most)), ledger.asset.decimals)
        if digits > DIGITS:
            self._file.write(PRECISE.format(digits=digits))
        self.close()

    def _begin(self, ledger: Ledger, today: date) -> None:
        asset, write = ledger.asset, self._file.write
        title = f"{ledger.terms.name}, pool {ledger.pool} on chain {ledger.chain_id}"
        write(f'option "title" {quoted(title)}\n')
        write(f'option "operating_currency" "{commodity(asset)}"\n\n{HEAD}\n')
        write(f"{today} commodity {commodity(asset)}\n")
        write(f"  name: {quoted(asset.symbol)}\n")
        write(f"  asset: {quoted(asset.address)}\n  decimals: {asset.decimals}\n")
        self._open_name(POOL, asset, today)
        self._day = today

    def _ensure_open(self, ledger: Ledger, account: Account, today: date) -> None:
        name = account_name(account)
        if name in self._open:
            return
        parent = OUTSIDE.get((account.pot, account.kind), POOL)
        if parent not in self._open:
            self._open_name(parent, ledger.asset, today)
        if name not in self._open:
            member = ledger.present.get(account.who)
            self._open_name(name, ledger.asset, today, member)

    def _open_name(self, name: str, asset: Asset, today: date, member: int | None = None) -> None:
        self._open.add(name)
        self._file.write(f"\n{today} open {name} {commodity(asset)}\n")
        if member is not None:
            self._file.write(f"  member: {member}\n")

    def _transaction(self, asset: Asset, today: date, moves: Sequence[Move]) -> None:
        event, write = moves[0].event, self._file.write
        write(f'\n{today} * "{event.name}" ^{event.tx}\n')
        write(
            f'  block: {event.block}\n  log: {event.index}\n  time: "{format_date(event.time)}"\n'
        )
        for move in moves:
            for account, amount in ((move.target, move.amount), (move.source, -move.amount)):
                write(f"  {account_name(account)}  {exact(amount, asset)} {commodity(asset)}\n")

    def _assert(self, ledger: Ledger, balances, *, today_after: date) -> None:
        """Assertions hold at the first second of their day, so they are of the day after."""
        unit, after = commodity(ledger.asset), today_after + timedelta(days=1)
        self._file.write("\n")
        for name, balance in balances:
            amount = exact(balance, ledger.asset)
            self._file.write(f"{after} balance {name}  {amount} ~ 0 {unit}\n")


def _sums(ledger: Ledger) -> Iterator[tuple[str, int]]:
    """What the books say of every account, of each kind from outside, and of the pool."""
    for account, balance in ledger.books.balances.items():
        yield account_name(account), balance
    for kind, amount in ledger.came_in().items():
        yield OUTSIDE[IN, kind], -amount
    for kind, amount in ledger.went_out().items():
        yield OUTSIDE[OUT, kind], amount
    yield POOL, ledger.funds + ledger.held


def quoted(text: str) -> str:
    """A string of Beancount."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _day(time: int) -> date:
    return datetime.fromtimestamp(time, UTC).date()
