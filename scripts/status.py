"""A pool at a glance: phase and dates, money, members, claims, tower, what comes next and by whom.

Needs no key. Of several pools it shows a line each; --full shows all of each.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from peerpool.errors import PeerpoolError
from peerpool.keeper import Kept
from peerpool.rpc import Node, RpcError
from peerpool.status import Snapshot, as_tree, overview, page, read
from scripts.arguments import parser_of
from scripts.at_node import add_pools, connect, open_pools

NEEDS_CHAIN = False
SECONDS = 15


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        is_live = options.watch and not options.json  # lines would tear the screen
        told = None if is_live else lambda line: errors.print(line, markup=False)
        with connect(options.rpc, told) as node:
            with errors.status("Looking"):
                pools = open_pools(options, node)
                found = look(node, pools)
            if options.watch:
                _watch(options, node, pools, found)
            else:
                _show(options, found)
    except PeerpoolError as error:
        sys.exit(str(error))


def look(node: Node, pools: Sequence[Kept]) -> list[Snapshot]:
    """All pools as they are now. Raises RpcError, ViewError, ChainError."""
    return [read(node, kept, time.time()) for kept in pools]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("status", __doc__)
    add_pools(parser)
    parser.add_argument(
        "--watch",
        nargs="?",
        type=_seconds,
        const=SECONDS,
        metavar="SECONDS",
        help=f"look again and again, until Ctrl-C ({SECONDS})",
    )
    parser.add_argument("--full", action="store_true", help="all of each pool, also of several")
    parser.add_argument(
        "--json", action="store_true", help="a JSON object for each pool, a line each"
    )
    return parser.parse_args(arguments)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text}: not a number of seconds from 0.1 to 86400")
    return seconds


def _screen(options: argparse.Namespace, found: Sequence[Snapshot]) -> RenderableType:
    if len(found) > 1 and not options.full:
        return overview(found)
    return Group(*(Padding(page(each), (0, 0, 1, 0)) for each in found))


def _show(options: argparse.Namespace, found: Sequence[Snapshot]) -> None:
    if options.json:
        for each in found:
            print(json.dumps(as_tree(each)), flush=True)
    else:
        Console(highlight=False).print(_screen(options, found))


def _watch(
    options: argparse.Namespace, node: Node, pools: Sequence[Kept], found: Sequence[Snapshot]
) -> None:
    """Show and look again until somebody has seen enough; a node in trouble is waited for."""
    try:
        if options.json:
            while True:
                _show(options, found)
                time.sleep(options.watch)
                try:
                    found = look(node, pools)
                except RpcError as error:
                    print(error, file=sys.stderr)
                    found = ()  # what was seen before is not told again
        console = Console(highlight=False)
        with Live(_screen(options, found), console=console, screen=console.is_terminal) as live:
            while True:
                time.sleep(options.watch)
                problem = Text("")
                try:
                    found = look(node, pools)
                except RpcError as error:
                    problem = Text(str(error), "red")
                live.update(Group(_screen(options, found), problem), refresh=True)
    except KeyboardInterrupt:
        return
