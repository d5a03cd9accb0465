"""Bring signed ballots to a pool, many in a transaction: voters pay nothing, anybody may send.

Each ballot is asked about before anything is sent; what would not count is left out, and the
reason told. At most 200 go at once, fewer where a block could not take them. Files are as
peerpool/ballots.py describes; of a folder all *.json are taken.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from brownie import web3
from brownie.exceptions import VirtualMachineError
from rich.console import Console
from web3 import Web3

from peerpool import ballots, chain, units
from peerpool.ballots import BATCH, Ballot, BallotError, Call
from peerpool.errors import PeerpoolError
from peerpool.rpc import Node, Rpc, RpcRefused, quantity, through
from peerpool.views import is_out_of_gas, printable
from scripts.account import add_account
from scripts.arguments import parser_of
from scripts.core import pool_at
from scripts.lookup import find_pool, payer, terms_of


class RelayError(PeerpoolError):
    """Nothing can be brought in like this: `relay: problem`."""


@dataclass(frozen=True)
class LeftOut:
    """A ballot (or all of a file that cannot be read) that is not sent, and why."""

    file: str
    problem: str
    claim_id: int | None = None
    voter: str | None = None


@dataclass(frozen=True)
class Sent:
    """A transaction and what came of it; in a dry run it has no hash and nothing counted."""

    function: str
    claim_id: int
    award: int
    ballots: int
    transaction: str | None = None
    counted: int = 0
    gas_used: int = 0
    problem: str = ""


def collect(paths: Iterable[Path]) -> tuple[list[tuple[str, Ballot]], list[LeftOut]]:
    """Read files and folders; return ballots with the file of each, and files that are none.

    Raises RelayError for a path that does not exist or a folder without files.
    """
    found: list[tuple[str, Ballot]] = []
    left_out: list[LeftOut] = []
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not path.exists():
            raise RelayError(f"relay: {path}: no such file or folder")
        if not files:
            raise RelayError(f"relay: {path}: no ballots there")
        for file in files:
            try:
                found += [(printable(str(file)), ballot) for ballot in ballots.read(file)]
            except BallotError as error:
                left_out.append(LeftOut(printable(str(file)), printable(str(error))))
    return found, left_out


def choose(
    node: Node, pool: str, found: Sequence[tuple[str, Ballot]]
) -> tuple[list[Ballot], list[LeftOut]]:
    """Ask the pool about each ballot, as of now; return those that count, and the others."""
    file_of = {id(ballot): file for file, ballot in found}
    good, skipped = ballots.check(node, pool, [ballot for _, ballot in found])
    left_out = [
        LeftOut(file_of[id(each.ballot)], each.problem, each.ballot.claim_id, each.ballot.voter)
        for each in skipped
    ]
    return list(good), left_out


def schedule(node: Node, good: Sequence[Ballot], size: int) -> tuple[Call, ...]:
    """The transactions that bring the ballots in, of `size` at most, such as a block can take."""
    head = node.call("eth_getBlockByNumber", "latest", False, kind=dict[str, Any])

    def gas_of(call: Call) -> int:
        try:
            return quantity(node.call("eth_estimateGas", call.query, kind=str))
        except RpcRefused as refusal:
            # What fails for another reason is told when it is sent.
            return most + 1 if is_out_of_gas(refusal) else 0

    most = chain.most_gas(quantity(head["gasLimit"]))
    return ballots.fit(ballots.plan(good, size), gas_of, most)


def send(pool: Any, call: Call, sender: Any) -> Sent:
    """Send one transaction and wait for it. One that fails is told of, not raised.

    pool: Brownie's contract. sender: Brownie's account.
    """
    planned = _planned(call)
    try:
        with redirect_stdout(sys.stderr):  # of one that fails, Brownie tells silent or not
            receipt = getattr(pool, call.function)(*call.arguments, {"from": sender}, silent=True)
    except (VirtualMachineError, ValueError) as error:
        reason = getattr(error, "revert_msg", None) or str(error)
        return Sent(**(asdict(planned) | {"problem": reason}))
    counted = _counted(receipt.events) if receipt.status == 1 else 0
    problem = "" if receipt.status == 1 else receipt.revert_msg or "reverted"
    return Sent(
        **asdict(planned)
        | {
            "transaction": receipt.txid,
            "counted": counted,
            "gas_used": receipt.gas_used,
            "problem": problem,
        }
    )


def _planned(call: Call) -> Sent:
    place = {"cast_ballots": 1, "cast_ballot_for": 2}[call.function]
    return Sent(call.function, call.arguments[0], call.arguments[place], len(call.voters))


def _counted(events: Any) -> int:
    """Ballots in a receipt: one for each BallotCast, eight ids in a word of a BallotsCast."""
    if "BallotsCast" in events:
        words = events["BallotsCast"]["voters"]
        return sum(1 for word in words for place in range(8) if word >> 32 * place & 0xFFFFFFFF)
    return len(events["BallotCast"]) if "BallotCast" in events else 0


# --- the command line -------------------------------------------------------


def main(*arguments: str) -> None:
    """The command; `--help` tells. Exit code 1 if no ballot counts, or a transaction failed."""
    options = _options([argument for argument in arguments if argument != "--"])
    try:
        sent, left_out = _run(options)
    except PeerpoolError as error:
        sys.exit(str(error))
    if options.json:
        rows = {"transactions": sent, "left_out": left_out}
        tree = {key: [asdict(row) for row in value] for key, value in rows.items()}
        print(json.dumps({"pool": find_pool(options.pool).address} | tree, indent=2))
    if not sent:
        sys.exit("relay: no ballot counts")
    if failed := sum(1 for each in sent if each.problem):
        sys.exit(f"relay: {failed} of {len(sent)} transactions failed")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("relay", __doc__)
    parser.add_argument("ballots", nargs="+", type=Path, help="JSON files, or folders of them")
    parser.add_argument("pool", help="address, or the manifest that deploy wrote")
    add_account(parser, "who pays for gas")
    parser.add_argument(
        "--batch", type=int, default=BATCH, metavar="N", help=f"at most so many at once ({BATCH})"
    )
    parser.add_argument("--dry-run", action="store_true", help="check and plan, and send nothing")
    parser.add_argument("--json", action="store_true", help="print what was done, as JSON")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> tuple[list[Sent], list[LeftOut]]:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    address = find_pool(options.pool).address
    terms_of(address)
    found, left_out = collect(options.ballots)
    node = _node()
    with console.status(f"Asking the pool about {len(found)} ballots"):
        good, refused = choose(node, address, found)
    left_out += refused
    for each in left_out:
        who = f"{each.voter}, claim {each.claim_id}: " if each.voter else ""
        where = f" ({each.file})" if each.voter else ""  # else the problem names it
        console.print(f"left out: {who}{each.problem}{where}", markup=False)
    calls = schedule(node, good, options.batch)
    if found:
        sent_in = f", in {units.counted(len(calls), 'transaction')}" if calls else ""
        console.print(f"ballots that count: {len(good)} of {len(found)}{sent_in}", markup=False)
    if options.dry_run or not calls:
        return [_planned(call) for call in calls], left_out
    pool, sender, sent = pool_at(address), payer(options), []
    for i, call in enumerate(calls, start=1):
        with console.status(f"Sending {i} of {len(calls)}"):
            sent.append(send(pool, call, sender))
        console.print(f"{i} of {len(calls)}: {_told(sent[-1])}", markup=False)
    return sent, left_out


def _node() -> Node:
    """Brownie's node, with more patience, and many questions in a request."""
    uri = str(getattr(web3.provider, "endpoint_uri", ""))
    plain = Web3(web3.provider)  # Brownie's own raises its own errors
    return Rpc(uri) if uri.startswith("http") else through(plain)


def _told(sent: Sent) -> str:
    text = f"claim {sent.claim_id}, {sent.award} of 10"
    if sent.problem:
        return f"{text}: failed, {sent.problem}"
    gas = f"{sent.gas_used:,}".replace(",", " ")
    return f"{text}: {sent.counted} of {sent.ballots} ballots counted, {gas} gas"
