"""Keep pools moving: send what is due and anybody may send, and pay the gas for it.

Resolves claims, binds reinsurance, settles windows and pools, pays awards, books stray money,
pushes refunds, returns the donations of a cancelled pool, and sweeps what nobody took. Its only
state is the chain's: kill it at any time, run two at once. One pass (--once; exit code 1 if
something failed), or one after the other.
"""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from peerpool.errors import PeerpoolError
from peerpool.keeper import Keeper, Limit, Pass, Settings, parse_limit
from peerpool.keeper.accounts import find_account
from peerpool.keeper.keeper import LEAST_BPS
from peerpool.keeper.purse import GWEI, Purse
from peerpool.keeper.sender import Sender
from peerpool.rpc import Node
from peerpool.units import (
    format_percent,
    parse_amount,
    parse_duration,
    parse_percent,
)
from scripts.account import KEYS, add_account, password_of
from scripts.arguments import parser_of
from scripts.at_node import add_pools, chain_id_of, connect, open_pools
from scripts.keep_voice import Voice

NEEDS_CHAIN = False
SHORT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class KeepError(PeerpoolError):
    """An option that says nothing that can be done: `keep: problem`."""


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    try:
        is_good = _run(options)
    except PeerpoolError as error:
        sys.exit(str(error))
    if not is_good:
        sys.exit(1)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("keep", __doc__)
    add_pools(parser)
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--once", action="store_true", help="one pass, and end")
    often.add_argument(
        "--every", default="1m", metavar="TIME", help='a pass so often ("1m", "1 hour"; 1m)'
    )
    add_account(parser, "who pays")
    parser.add_argument(
        "--per-pass", metavar="AMOUNT", help='most to spend in a pass ("2000000 gas", "0.01 ETH")'
    )
    parser.add_argument(
        "--budget", metavar="AMOUNT", help="most to spend in all, until it is started again"
    )
    parser.add_argument("--max-gas-price", metavar="GWEI", help="send nothing while gas costs more")
    parser.add_argument(
        "--least",
        default=format_percent(LEAST_BPS),
        metavar="PERCENT",
        help="of a premium or an award: less is not worth a transaction (%(default)s)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what is due in one pass, and send nothing"
    )
    parser.add_argument("--json", action="store_true", help="a JSON object on each line")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> bool:
    per_pass, in_all, ceiling = _limits(options)
    settings = Settings(parse_percent(options.least), ceiling)
    pause = duration(options.every)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    with connect(options.rpc, lambda line: errors.print(line, markup=False)) as node:
        pools, purse = open_pools(options, node), Purse(per_pass, in_all)
        sender = None if options.dry_run else _sender(options, node, purse)
        voice = Voice(options.json, len(pools), purse)
        with voice.working() as show:
            keeper = Keeper(
                node,
                pools,
                sender,
                settings,
                tell=voice.tell,
                looking=lambda number: show(f"Pool {number} of {len(pools)}"),
            )

            def rest(done: Pass, seconds: float) -> None:
                voice.end(done, seconds)
                show("Waiting")

            if not (options.once or options.dry_run):
                keeper.every(pause, rest)
            done = keeper.once()
            voice.end(done)
            return done.is_good


def _limits(options: argparse.Namespace) -> tuple[Limit | None, Limit | None, int | None]:
    ceiling = options.max_gas_price
    return (
        parse_limit(options.per_pass) if options.per_pass else None,
        parse_limit(options.budget) if options.budget else None,
        parse_amount(f"{ceiling.removesuffix('gwei').strip()} gwei", GWEI) if ceiling else None,
    )


def duration(text: str) -> int:
    """Seconds of "30s", "1m", "2h", or of a duration in words. Raises UnitError, KeepError."""
    if text[:-1].isdigit() and text[-1:] in SHORT:
        text = f"{text[:-1]} {SHORT[text[-1]]}"
    if not (seconds := parse_duration(text)):
        raise KeepError("keep: --every is less than a second")
    return seconds


def _sender(options: argparse.Namespace, node: Node, purse: Purse) -> Sender:
    chain_id = chain_id_of(node)
    account = find_account(options.account, KEYS, node, chain_id, password_of(options))
    return Sender(node, account, purse, chain_id=chain_id)
