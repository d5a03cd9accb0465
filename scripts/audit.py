"""Prove a pool from the chain alone: its code, logs, books, state, money and signatures.

Needs an RPC, and no key. All is as of one block: the last final one, unless --block says another.
Exit code 0 only if everything is proved; 1 if something differs (each difference is named), or
could not be seen. Logs are kept in a cache, so that the next audit reads only new blocks.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from peerpool.audit.run import Audit, Told
from peerpool.audit.verdict import Verdict, show
from peerpool.compiled import ROOT, require_sources
from peerpool.errors import PeerpoolError
from peerpool.named import FindError, find_one, is_path, read_tree
from peerpool.rpc import Node
from peerpool.units import counted
from scripts.arguments import parser_of
from scripts.at_node import add_node, connect

NEEDS_CHAIN = False
CACHE = ROOT / "build" / "audit"
TAGS = ("finalized", "safe", "latest")


def main(*arguments: str) -> None:
    """The command; `--help` tells. Mistakes are a line each, and exit code 1."""
    options = _options([argument for argument in arguments if argument != "--"])
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        require_sources()
        pool, kept = _named(options.pool)
        with (
            connect(options.rpc, lambda line: errors.print(line, markup=False)) as node,
            _progress(errors) as told,
        ):
            verdict, files = _audit(options, node, pool, kept, told)
    except PeerpoolError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(verdict.as_tree() | {"files": [str(file) for file in files]}, indent=2))
    else:
        show(verdict, Console(highlight=False))
        if files:
            written = counted(len(files), "file")
            errors.print(f"written: {written} in {options.export}", markup=False)
    if verdict.exit_code:
        sys.exit(verdict.exit_code)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = parser_of("audit", __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pool", help="address, or the manifest that deploy wrote")
    add_node(parser)
    parser.add_argument(
        "--wording", type=Path, metavar="FILE", help="the policy wording, to compare its hash"
    )
    parser.add_argument(
        "--block",
        type=_block,
        default="finalized",
        metavar="N",
        help="as of this block: a number, finalized (the default), safe or latest",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        metavar="FOLDER",
        help="where logs are kept; it may be deleted at any time (default: build/audit)",
    )
    where.add_argument(
        "--no-cache", dest="cache", action="store_const", const=None, help="read all anew"
    )
    parser.add_argument(
        "--thorough",
        action="store_const",
        const=True,
        help="read every header, however many, to see that no block with logs was left out",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FOLDER",
        help="write the books there: Beancount, CSV, Parquet, and a report in HTML",
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    return parser.parse_args(arguments)


def _block(text: str) -> int | str:
    if text in TAGS:
        return text
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: not a number, finalized, safe or latest")
    return int(text)


def _named(text: str) -> tuple[str, Mapping[str, Any] | None]:
    """The pool's address, and its manifest if that is what names it.

    Whether that is of the node's chain is part of the audit.
    """
    if not is_path(text):
        return find_one(text, 0).address, None
    try:
        kept = read_tree(Path(text))
        return find_one(text, kept["chain_id"]).address, kept
    except FindError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError):
        raise FindError(f"pool: {text}: is not the manifest of a pool") from None


def _audit(
    options: argparse.Namespace,
    node: Node,
    pool: str,
    kept: Mapping[str, Any] | None,
    told: Told,
) -> tuple[Verdict, Sequence[Path]]:
    """The verdict, and the files that were written."""
    from peerpool.export import Export  # which only exports need to wait for

    with Export(options.export) if options.export else nullcontext() as export:
        audit = Audit(
            node,
            pool,
            kept=kept,
            wording=options.wording,
            to=options.block,
            cache=options.cache,
            thorough=options.thorough,
            watchers=[export] if export else [],
            told=told,
        )
        verdict = audit.run()
        if not export or audit.ledger is None:
            return verdict, ()
        told("writing the books", 0, None)
        names = tuple(kept.get("tier_names", ())) if kept else ()
        return verdict, export.write(audit.ledger, verdict, tier_names=names)


@contextmanager
def _progress(console: Console) -> Iterator[Told]:
    """A line that says what is being done, while there is somebody to see it."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=None)
        yield lambda what, done, of: progress.update(
            task, description=what, completed=done, total=of
        )
