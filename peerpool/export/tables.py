"""A pool's tables: as CSV, written row by row, and from that, with types, as Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb

from peerpool.audit.verdict import Verdict
from peerpool.errors import PeerpoolError
from peerpool.export.columns import AMOUNT, FLAG, TABLES, TIME, WIDEST, Column, scale
from peerpool.export.text import exact, harmless, moment
from peerpool.ledger import Event, Ledger, Move, ballots_of
from peerpool.phases import PHASES
from peerpool.report.words import STATUS
from peerpool.units import ZERO_ADDRESS, Asset

ALONE = {"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
ROW_GROUP = 10_240  # rows of a Parquet file that are in memory together
STREAMED = ("postings", "events", "ballots")  # their rows come with the transactions


class ExportError(PeerpoolError):
    """Books that a file cannot hold, or a folder that takes none: `export: problem`."""


class TableWriter:
    """A watcher that writes what grows row by row; the other tables are made by `finish`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ExitStack()
        self._rows = {name: self._writer(name) for name in STREAMED}
        self._posted = 0

    def close(self) -> None:
        self._files.close()

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Write a transaction's events, ballots and moves."""
        asset = ledger.asset
        for event in events:
            place = (moment(event.time), event.block, event.index, event.tx)
            self._rows["events"].writerow((*place, event.name, _arguments(event)))
            if event.name in ("BallotCast", "BallotsCast"):
                for ballot in ballots_of(ledger, event):
                    reason = f"0x{ballot.reason.hex()}" if any(ballot.reason) else None
                    row = (event["claim_id"], ballot.voter, ballot.award, reason, *place)
                    self._rows["ballots"].writerow(row)
        for move in moves:
            self._posted += 1
            event = move.event
            place = (moment(event.time), event.block, event.index, event.tx)
            ends = [part for a in (move.source, move.target) for part in (a.pot, a.kind, a.who)]
            amount = _cell(move.amount, AMOUNT, asset)
            self._rows["postings"].writerow((self._posted, *place, event.name, *ends, amount))

    def finish(self, ledger: Ledger, verdict: Verdict) -> list[Path]:
        """Write the other tables, and all of them as Parquet. Raises ExportError."""
        for name, rows in _at_the_end(ledger, verdict).items():
            writer = self._writer(name)
            for row in rows:
                cells = zip(row, TABLES[name], strict=True)
                writer.writerow(_cell(value, column.kind, ledger.asset) for value, column in cells)
        self.close()
        described = self._folder / "columns.csv"
        with described.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("table", "column", "type", "unit", "meaning"))
            writer.writerows(_described(ledger.asset))
        paths = [self._folder / f"{name}.csv" for name in TABLES]
        return [described, *paths, *(_as_parquet(path, ledger.asset) for path in paths)]

    def _writer(self, name: str) -> Any:
        path = self._folder / f"{name}.csv"
        file = self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in TABLES[name])
        return writer


def _cell(value: Any, kind: str, asset: Asset) -> Any:
    if value is None or (kind == TIME and value == 0):
        return None
    if kind == AMOUNT:
        if abs(value) >= 10**WIDEST:
            raise ExportError(f"export: an amount has more than {WIDEST} digits")
        return exact(value, asset) if scale(asset) == asset.decimals else value
    if kind == TIME:
        return moment(value)
    if kind == FLAG:
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else value


def _arguments(event: Event) -> str:
    plain = {name: _plain(value) for name, value in event.args.items()}
    return json.dumps(plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Whole numbers as text: many who read JSON round what is above 2^53."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else [_plain(part) for part in value]


def _at_the_end(ledger: Ledger, verdict: Verdict) -> dict[str, Iterable[tuple]]:
    return {
        "pool": [_pool(ledger, verdict)],
        "checks": _checks(verdict),
        "members": _members(ledger),
        "claims": _claims(ledger),
        "layers": (
            (
                layer.number,
                layer.limit,
                layer.premium,
                layer.filled,
                layer.ceded,
                layer.paid,
                layer.repaid,
                layer.redeemed,
                layer.assets,
            )
            for layer in ledger.layers.values()
        ),
        "accounts": (
            (account.pot, account.kind, account.who, balance)
            for account, balance in sorted(ledger.books.balances.items())
        ),
    }


def _pool(ledger: Ledger, verdict: Verdict) -> tuple:
    return (
        ledger.pool,
        ledger.chain_id,
        ledger.block,
        ledger.time,
        ledger.terms.name,
        ledger.asset.address,
        ledger.asset.symbol,
        ledger.asset.decimals,
        PHASES[ledger.phase_at(ledger.time)].lower(),
        len(ledger.present),
        ledger.premiums,
        ledger.funds,
        ledger.held,
        ledger.asked,
        ledger.unpaid,
        ledger.capacity,
        ledger.drawn,
        verdict.result,
        verdict.line,
    )


def _checks(verdict: Verdict) -> Iterator[tuple]:
    for number, check in enumerate(verdict.checks, start=1):
        for detail in check.details or (None,):
            yield number, check.name, check.result, detail


def _members(ledger: Ledger) -> Iterator[tuple]:
    for m in ledger.members.values():
        yield (
            m.id,
            m.account,
            m.payer,
            m.tier,
            m.joined_at,
            m.left_at,
            m.premium,
            m.fee,
            m.commission,
            None if m.referrer == ZERO_ADDRESS else m.referrer,
            m.awarded,
            m.paid,
            m.refunded,
            m.bonds_kept,
            m.net,
            m.pledged,
            m.pledge_payee or None,
        )


def _claims(ledger: Ledger) -> Iterator[tuple]:
    for c in ledger.claims.values():
        yield (
            c.id,
            c.member_id,
            c.claimant,
            c.filer,
            c.is_guarantee,
            c.filed_at,
            c.incident_at,
            c.resolved_at,
            c.window,
            c.amount,
            c.asked,
            c.bond,
            STATUS[c.status],
            sum(c.tally()),
            c.tenths,
            c.award,
            c.paid,
            c.to_payee,
            c.recovered,
            f"0x{c.evidence_hash.hex()}",
            c.uri,
        )


def _described(asset: Asset) -> Iterator[tuple[str, ...]]:
    for name, columns in TABLES.items():
        for column in columns:
            unit = harmless(column.measured(asset))
            yield name, column.name, column.sql(asset), unit, column.meaning


def _as_parquet(path: Path, asset: Asset) -> Path:
    """Read a table by the types of its columns, and write it as Parquet beside its CSV."""
    columns, target = TABLES[path.stem], path.with_suffix(".parquet")
    types = ", ".join(f"{_text(c.name)}: {_text(c.sql(asset))}" for c in columns)
    told = {c.name: _told(c, asset) for c in columns}
    with duckdb.connect(config=ALONE) as database:
        database.execute(
            f"COPY (SELECT * FROM read_csv({_text(str(path))}, auto_detect = false, header = true,"  # noqa: S608
            " delim = ',', quote = '\"', escape = '\"', nullstr = '', new_line = '\\n',"
            f" max_line_size = {2**25}, columns = {{{types}}})) TO {_text(str(target))}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP},"
            f" KV_METADATA {{columns: {_text(json.dumps(told))}}})"
        )
    return target


def _told(column: Column, asset: Asset) -> str:
    return "; ".join(part for part in (column.meaning, column.measured(asset)) if part)


def _text(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("'", "''") + "'"
