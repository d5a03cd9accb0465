"""What the demo tells and whom it tells about: lines in the terminal, people, the chain's clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

from brownie import accounts, chain, web3
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from peerpool.errors import PeerpoolError
from peerpool.report.words import NBSP, Money
from peerpool.roster import Row
from peerpool.units import Asset, format_date


class DemoError(PeerpoolError):
    """The demo cannot be played, or its books do not balance: `demo: problem`."""


class Narrator:
    """Short lines with the date on the chain; plain where the output is not a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def act(self, title: str) -> None:
        """Begin a part of the story."""
        self.console.print()
        if self.console.is_terminal:
            self.console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
        else:
            self.console.print(f"== {title} ==", markup=False)

    def say(self, time: int, who: str, text: str) -> None:
        """One line: when, who, what; long texts go on under their own column."""
        if not self.console.is_terminal:
            plain = f"{format_date(time)[:10]}  {who:<15}  {text.replace(NBSP, ' ')}"
            self.console.print(plain, soft_wrap=True, markup=False)
            return
        # rich would break a line within an amount; textwrap leaves NBSP alone.
        text = fill(text, max(self.console.width - 29, 20)).replace(NBSP, " ")
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=10, style="dim", no_wrap=True)
        line.add_column(width=15, style="cyan", no_wrap=True)
        line.add_column()
        line.add_row(format_date(time)[:10], Text(who), Text(text))
        self.console.print(line)

    def show(self, what: str | Table) -> None:
        """A table, or a line that is not part of the story."""
        self.console.print(what, soft_wrap=isinstance(what, str), markup=False)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something is going on for longer than a moment."""
        if self.console.is_terminal:
            with self.console.status(text):
                yield
        else:
            self.console.print(f"{text} ...")
            yield


@dataclass
class Cast:
    """Who plays what: a Brownie account for each part, and the part of each address."""

    parts: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, part: str) -> Any:
        if part not in self.parts:
            raise DemoError(f"demo: nobody in the roster is the {part}")
        return self.parts[part]

    def add(self, part: str, account: Any) -> Any:
        self.parts[part] = account
        return account

    def names(self) -> dict[str, str]:
        """Part by address."""
        return {account.address: part for part, account in self.parts.items()}


def cast_roster(cast: Cast, rows: list[Row]) -> list[str]:
    """Give everybody in the roster an account of the development chain; return their parts.

    Parts of the same name are numbered. Raises DemoError if the chain has no such account.
    """
    known = {account.address: account for account in accounts}
    names = [row.name or "member" for row in rows]
    parts = []
    for i, row in enumerate(rows):
        part = names[i]
        if names.count(part) > 1:
            part = f"{part} {names[: i + 1].count(part)}"
        if row.member not in known:
            raise DemoError(f"demo: the chain has no account {row.member} (line {row.line})")
        cast.add(part, known[row.member])
        parts.append(part)
    return parts


@dataclass
class Stage:
    """A pool being played: sends, narrates, and counts what it cost."""

    narrator: Narrator
    cast: Cast
    asset: Asset
    pool: Any = None
    token: Any = None
    bond: int = 0  # of a claim
    transactions: int = 0
    gas: int = 0

    def money(self, amount: int) -> str:
        """In people's units, rounded to cents, unbroken; the table at the end has every unit."""
        return Money(self.asset).brief(amount)

    def do(self, who: str, call: Callable, *args: Any, tell: str = "") -> Any:
        """Send a transaction as `who` and say `tell`; return its receipt."""
        receipt = call(*args, {"from": self.cast[who]}, silent=True)
        self.transactions += 1
        self.gas += receipt.gas_used
        if tell:
            self.narrator.say(receipt.timestamp, who, tell)
        return receipt

    def scripted(self, act: Callable, *args: Any) -> Any:
        """What one of the scripts does, with all the transactions that it sends."""
        before = web3.eth.block_number
        done = act(*args)
        for number in range(before + 1, web3.eth.block_number + 1):
            block = web3.eth.get_block(number)
            self.transactions += len(block["transactions"])
            self.gas += block["gasUsed"]
        return done

    def say(self, who: str, text: str) -> None:
        """Something that the receipt of `do` did not tell, or that sends nothing."""
        self.narrator.say(chain[-1].timestamp, who, text)

    def wait(self, seconds: int) -> None:
        """Let time pass on the chain."""
        chain.sleep(seconds)
        chain.mine()

    def wait_until(self, second: int) -> None:
        """Let time pass until then; nothing if that is over."""
        self.wait(max(second - chain[-1].timestamp, 0))
