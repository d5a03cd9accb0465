"""Stand behind a pool with money: deposit into its layers of reinsurance, look, redeem.

status: the tower as it stands, for anybody. deposit: while the pool enrols; shows what the layer
earns and can lose, and asks. redeem: once the pool is settled or cancelled. Killed and run again,
deposit and redeem tell what became of the first run before they send anything.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from brownie import Contract, web3
from brownie.exceptions import VirtualMachineError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from web3 import Web3
from web3.logs import DISCARD

from peerpool import abi, chain, reinsurance
from peerpool.chain import Mined
from peerpool.deployment import Journal, only_one
from peerpool.errors import PeerpoolError
from peerpool.ledger.rebuild import ENROLLING
from peerpool.reinsurance import Prospect, Tower, TowerRow
from peerpool.status.screen import tower_table
from peerpool.terms import Terms
from peerpool.units import (
    ZERO_ADDRESS,
    Asset,
    format_amount,
    format_date,
    parse_address,
    parse_amount,
)
from scripts.account import add_account
from scripts.arguments import parser_of
from scripts.core import layer_at
from scripts.deploy_command import agreed
from scripts.lookup import find_pool, payer, terms_of
from scripts.once import Call, call_once, earlier_call, open_journal

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"
STEP = "reinsure"  # the one of the journal
TOKEN_ABI = [
    {
        "type": "function",
        "name": name,
        "inputs": [{"name": f"_{i}", "type": kind} for i, kind in enumerate(inputs)],
        "outputs": [{"name": "", "type": kind} for kind in outputs],
        "stateMutability": mutability,
    }
    for name, inputs, outputs, mutability in (
        ("balanceOf", ("address",), ("uint256",), "view"),
        ("allowance", ("address", "address"), ("uint256",), "view"),
        ("approve", ("address", "uint256"), (), "nonpayable"),  # some tokens answer nothing
    )
]


EVENTS = {"Deposit": "owner", "Withdraw": "receiver"}  # and who got what came of it


class ReinsureError(PeerpoolError):
    """Money that a layer would not take or give: `reinsure: problem`."""


@dataclass(frozen=True)
class Backing:
    """A layer of a pool as its reinsurer sees it, as of when it was made."""

    terms: Terms
    tower: Tower
    number: int

    @classmethod
    def of(cls, pool: str, number: int) -> "Backing":
        """Ask the pool. Raises FindError, ReinsureError if there is no such layer."""
        terms, tower = read_tower(pool)
        count = len(tower.rows)
        if not 1 <= number <= count:
            has = "no layers" if not count else f"1 to {count}" if count > 1 else "layer 1 alone"
            raise ReinsureError(f"reinsure: no layer {number}: the pool has {has}")
        return cls(terms, tower, number)

    @property
    def row(self) -> TowerRow:
        return self.tower.rows[self.number - 1]

    @property
    def asset(self) -> Asset:
        return self.tower.asset

    def shares_of(self, number: int) -> Asset:
        """Shares of a layer, to be counted in."""
        row = self.tower.rows[number - 1]
        return Asset(row.shares, f"LAYER{number}", self.asset.decimals)

    @cached_property
    def contract(self) -> Any:
        """Brownie's, of the layer."""
        return layer_at(self.row.shares)

    def money(self, amount: int) -> str:
        return format_amount(amount, self.asset)


def read_tower(pool: str) -> tuple[Terms, Tower]:
    """The terms and the tower of a pool. Raises FindError."""
    terms = terms_of(pool)
    return terms, reinsurance.read(Web3(web3.provider), pool, terms)


@dataclass(frozen=True)
class Outcome:
    """What a deposit or a redemption did, or (without a transaction) would do."""

    done: str  # deposited, redeemed
    layer: int
    assets: int
    shares: int
    receiver: str
    transaction: str | None = None

    def told(self, backing: Backing) -> str:
        """As a line for a person."""
        money = backing.money(self.assets)
        shares = format_amount(self.shares, backing.shares_of(self.layer))
        into = "into" if self.done == "deposited" else "from"
        worth = f"{shares} for {self.receiver}"
        if self.done == "redeemed":
            worth = f"for {shares}, to {self.receiver}"
        where = f": {self.transaction}" if self.transaction else ""
        return f"{self.done} {money} {into} layer {self.layer}, {worth}{where}"


def outcome(backing: Backing, mined: Mined) -> Outcome:
    """What a transaction of ours did, by the layer's own event."""
    plain = Web3(web3.provider)
    receipt = plain.eth.get_transaction_receipt(mined.transaction)
    contract = plain.eth.contract(abi=abi.load("ReinsuranceLayer"))
    [(name, found)] = [
        (name, log)
        for name in EVENTS
        for log in contract.events[name]().process_receipt(receipt, errors=DISCARD)
    ]
    [row] = [row for row in backing.tower.rows if row.shares == found["address"]]
    told = found["args"]
    return Outcome(
        done="deposited" if name == "Deposit" else "redeemed",
        layer=row.number,
        assets=told["assets"],
        shares=told["shares"],
        receiver=told[EVENTS[name]],
        transaction=mined.transaction,
    )


# --- deposit ----------------------------------------------------------------


def check_deposit(backing: Backing, amount: int, sender: Any, receiver: str) -> Prospect:
    """What a deposit would earn and could lose. Raises ReinsureError if it cannot be made."""
    terms, row = backing.terms, backing.row
    if amount == 0:
        raise ReinsureError("reinsure: nothing to deposit")
    if backing.tower.phase != ENROLLING:
        began = format_date(terms.cover_start)
        raise ReinsureError(f"reinsure: deposits are over: cover was to begin at {began}")
    if terms.reinsurer not in (ZERO_ADDRESS, receiver):
        raise ReinsureError(f"reinsure: {receiver} is not the reinsurer {terms.reinsurer}")
    room = row.limit - row.filled
    if amount > room:
        more = f"{backing.money(room)} more fit in" if room else "it is full"
        raise ReinsureError(f"reinsure: above the limit of layer {row.number}: {more}")
    if (has := _balance(backing.asset, sender)) < amount:
        needed = backing.money(amount)
        raise ReinsureError(f"reinsure: {sender} has {backing.money(has)}, {needed} needed")
    return reinsurance.prospect(terms, backing.tower, row.number, amount)


def deposit(
    backing: Backing,
    amount: int,
    sender: Any,
    receiver: str,
    journal: Journal | None = None,
    asked: str = "",
) -> Outcome:
    """Deposit, with an allowance of exactly the amount where the asset is a token.

    With a journal on disk a later run finds it, and by `asked` what it was for. Raises DeployError,
    or VirtualMachineError with the words of the layer, or of the token.
    """
    value = amount
    if backing.asset.address != ZERO_ADDRESS:
        value = 0
        _allow(backing, amount, sender)
    method = backing.contract.deposit
    method.call(amount, receiver, {"from": sender, "value": value})  # what would revert is not sent
    data = method.encode_input(amount, receiver)
    call = Call(STEP, sender, backing.row.shares, data, asked, value)
    return outcome(backing, call_once(journal or Journal(), call))


def _allow(backing: Backing, amount: int, sender: Any) -> None:
    """Unless an earlier run did. Some tokens only change an allowance from or to zero."""
    token, layer = _token(backing.asset), backing.row.shares
    if web3.eth.get_transaction_count(str(sender), "pending") > sender.nonce:
        problem = "is not mined yet; run this again when it is"
        raise ReinsureError(f"reinsure: an earlier transaction of {sender} {problem}")
    allowed = token.allowance(sender, layer)
    if allowed == amount:
        return
    for step in (0, amount) if allowed else (amount,):
        try:
            token.approve(layer, step, {"from": sender}, silent=True)
        except ValueError as error:
            why = str(error).splitlines()[0]
            raise ReinsureError(f"transaction: the node refuses: {why}") from error


def _balance(asset: Asset, account: Any) -> int:
    if asset.address == ZERO_ADDRESS:
        return int(account.balance())
    return int(_token(asset).balanceOf(account))


def _token(asset: Asset) -> Any:
    return Contract.from_abi("Token", asset.address, TOKEN_ABI, persist=False)


# --- redeem -----------------------------------------------------------------


def check_redemption(backing: Backing, shares: int | None, sender: Any) -> tuple[int, int]:
    """How many shares (all of the sender's if None), and what they are worth.

    Raises ReinsureError if they cannot be redeemed.
    """
    has, unit = backing.contract.balanceOf(sender), backing.shares_of(backing.number)
    if has == 0 or shares == 0:
        raise ReinsureError(f"reinsure: nothing to redeem: {sender} has {format_amount(has, unit)}")
    if backing.tower.phase not in reinsurance.OVER:
        raise ReinsureError(f"reinsure: collateral is bound {_until(backing)}")
    wanted = has if shares is None else shares
    if wanted > has:
        held, asked = format_amount(has, unit), format_amount(wanted, unit)
        raise ReinsureError(f"reinsure: {sender} has {held}, not {asked}")
    return wanted, backing.contract.previewRedeem(wanted)


def _until(backing: Backing) -> str:
    terms = backing.terms
    begins, ends = terms.cover_start, terms.expiry + terms.reporting_period
    if backing.tower.phase == ENROLLING:
        return (
            f"until {format_date(begins)} if fewer than {terms.min_members} members join by then,"
            f" else until the pool is settled, from {format_date(ends)} on"
        )
    if chain.now(web3) < ends:
        return f"until the pool is settled, from {format_date(ends)} on"
    return "until the pool is settled: anybody can, once all claims are decided and paid"


def redeem(
    backing: Backing,
    shares: int,
    sender: Any,
    receiver: str,
    journal: Journal | None = None,
    asked: str = "",
) -> Outcome:
    """Redeem shares of the sender's. With a journal on disk a later run finds it, as `deposit`."""
    method = backing.contract.redeem
    method.call(shares, receiver, sender, {"from": sender})  # what would revert is not sent
    data = method.encode_input(shares, receiver, sender)
    call = Call(STEP, sender, backing.row.shares, data, asked)
    return outcome(backing, call_once(journal or Journal(), call))


# --- the command line -------------------------------------------------------


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    try:
        options.run(options)
    except PeerpoolError as error:
        sys.exit(str(error))
    except VirtualMachineError as error:
        sys.exit(f"reinsure: {error.revert_msg or error.message}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("reinsure", __doc__)
    kinds = parser.add_subparsers(required=True, metavar="status | deposit | redeem")
    status = kinds.add_parser("status", help="the tower as it stands")
    put = kinds.add_parser("deposit", help="collateral into a layer, for its shares")
    take = kinds.add_parser("redeem", help="shares of a layer, for what they are worth")
    for each, run in ((status, _status), (put, _deposit), (take, _redeem)):
        each.add_argument("pool", help="address, or the manifest that deploy wrote")
        each.add_argument("--json", action="store_true", help="print it as JSON, no tables")
        each.set_defaults(run=run)
    for each in (put, take):
        each.add_argument("layer", type=int, help="its number; 1 pays first")
    put.add_argument("amount", help='"500 EURX": a number and the symbol of the pool\'s asset')
    put.add_argument("--receiver", help="who gets the shares (the account that pays)")
    take.add_argument("shares", nargs="?", help='"500 LAYER1" (all of them)')
    take.add_argument("--receiver", help="who gets the money (the account that has the shares)")
    for each in (put, take):
        add_account(each, "who pays, or has the shares")
        each.add_argument("--yes", action="store_true", help="do not ask")
        each.add_argument("--dry-run", action="store_true", help="show, and send nothing")
    return parser.parse_args(arguments)


def _status(options: argparse.Namespace) -> None:
    _, tower = read_tower(find_pool(options.pool).address)
    if options.json:
        print(json.dumps(reinsurance.as_tree(tower), indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{tower.name}, {tower.pool}", markup=False)
    if tower.rows:
        console.print(tower_table(tower))
    else:
        console.print("no layers: when the funds are used up, awards are cut")
    for line in reinsurance.notes(tower):
        console.print(line, markup=False)


@dataclass(frozen=True)
class Act:
    """A deposit or a redemption, as the command line asks for it."""

    options: argparse.Namespace
    backing: Backing
    sender: Any
    receiver: str
    folder: Path
    console: Console

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Act":
        """Raises FindError, ReinsureError, UnitError for what there is not."""
        if options.receiver and parse_address(options.receiver) == ZERO_ADDRESS:
            raise ReinsureError("reinsure: the receiver is the zero address")
        pool = find_pool(options.pool)
        backing, sender = Backing.of(pool.address, options.layer), payer(options)
        return cls(
            options,
            backing,
            sender,
            parse_address(options.receiver) if options.receiver else sender.address,
            pool.manifest.parent if pool.manifest else DEPLOYMENTS / str(web3.eth.chain_id),
            Console(stderr=True, highlight=False, soft_wrap=True, quiet=options.json),
        )

    def perform(
        self,
        asked: str,
        check: Callable[[], tuple[Outcome, list[tuple[str, str]], str]],
        send: Callable[[Outcome, Journal], Outcome],
    ) -> None:
        """Tell what an earlier run did, or else check, show, ask, and send.

        check: raises, or tells what would be done, rows that a person reads first, and a question.
        """
        if self.options.dry_run:
            planned, rows, _ = check()
            self._show(rows)
            self._tell(planned)
            return
        with only_one(self.folder):
            kept = self.folder / f"{self.backing.tower.pool}.{STEP}.{self.sender}.json"
            journal = open_journal(kept, {"genesis": chain.genesis(web3)})
            if mined := earlier_call(journal, STEP):
                self._tell(outcome(self.backing, mined))
                was = journal.entries[STEP]["asked"]
                journal.close()
                if was != asked:
                    problem = f"an earlier run, which was killed, asked to {was}"
                    raise ReinsureError(f"reinsure: {problem}: see above; run this again")
                self.console.print("an earlier run, which was killed, did it; nothing sent now")
                return
            planned, rows, question = check()
            self._show(rows)
            if not self.options.yes and not agreed(question):
                raise ReinsureError("reinsure: cancelled, nothing sent")
            with self.console.status("Sending; each transaction is waited for"):
                done = send(planned, journal)
            self._tell(done)  # before the journal is closed: whoever saw nothing will run it again
            journal.close()

    def _show(self, rows: list[tuple[str, str]]) -> None:
        title = Text(self.backing.tower.name, "table.title")  # not markup, whatever the name
        table = Table(show_header=False, title=title)
        table.add_column()
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table, markup=False)

    def _tell(self, what: Outcome) -> None:
        if self.options.json:
            print(json.dumps(_tree(self.backing, what), indent=2), flush=True)
        else:
            would = "" if what.transaction else "would have "
            print(would + what.told(self.backing), flush=True)


def _tree(backing: Backing, what: Outcome) -> dict[str, Any]:
    """The outcome as JSON; amounts are decimal strings, as they may be large."""
    amounts = {"assets": str(what.assets), "shares": str(what.shares)}
    return {"pool": backing.tower.pool} | asdict(what) | amounts


def _deposit(options: argparse.Namespace) -> None:
    act = Act.of(options)
    backing, sender, receiver = act.backing, act.sender, act.receiver
    amount = parse_amount(options.amount, backing.asset)
    asked = f"deposit {backing.money(amount)} into layer {backing.number} for {receiver}"

    def check() -> tuple[Outcome, list[tuple[str, str]], str]:
        outlook = check_deposit(backing, amount, sender, receiver)
        ends, begins = format_date(outlook.ends), format_date(outlook.begins)
        rows = [
            ("layer", f"{backing.number} of {len(backing.tower.rows)}"),
            ("deposit", f"{backing.money(amount)}, from {sender}"),
            ("shares", f"for {receiver}"),
            *reinsurance.told(outlook, backing.asset),
            ("bound", f"until the pool is settled, from {ends} on, or cancelled at {begins}"),
        ]
        planned = Outcome("deposited", backing.number, amount, amount, receiver)
        return planned, rows, "Deposit it? It cannot be taken back before."

    def send(planned: Outcome, journal: Journal) -> Outcome:
        return deposit(backing, planned.assets, sender, receiver, journal, asked)

    act.perform(asked, check, send)


def _redeem(options: argparse.Namespace) -> None:
    act = Act.of(options)
    backing, sender, receiver = act.backing, act.sender, act.receiver
    unit = backing.shares_of(backing.number)
    shares = parse_amount(options.shares, unit) if options.shares else None
    what = f"all {unit.symbol}" if shares is None else format_amount(shares, unit)
    asked = f"redeem {what} for {receiver}"

    def check() -> tuple[Outcome, list[tuple[str, str]], str]:
        wanted, worth = check_redemption(backing, shares, sender)
        rows = [
            ("redeem", f"{format_amount(wanted, unit)} of {sender}"),
            ("for", f"{backing.money(worth)}, to {receiver}"),
        ]
        planned = Outcome("redeemed", backing.number, worth, wanted, receiver)
        return (
            planned,
            rows,
            "Redeem? What is repaid to the layer later is for the shares left then.",
        )

    def send(planned: Outcome, journal: Journal) -> Outcome:
        return redeem(backing, planned.shares, sender, receiver, journal, asked)

    act.perform(asked, check, send)
