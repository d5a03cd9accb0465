"""peerpool.export: what lies in the folder after an audit, of hand-made events."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from peerpool.audit.verdict import DIFFERS, PROVED, Check
from peerpool.export import Export, ExportError
from peerpool.export.columns import TABLES
from peerpool.export.text import exact, harmless, moment
from peerpool.ledger import Ledger
from peerpool.units import DAY, ETHER, Asset
from tests.python.pool_story import ASSET, START, UNIT, Story, role, whole_life
from tests.python.test_report import EVIL, verdict
from tests.python.test_report_layers import catastrophe


def exported(folder: Path, story: Story, *checks: Check, asset: Asset = ASSET) -> Ledger:
    with Export(folder) as export:
        ledger = story.ledger(export, asset=asset)
        export.write(ledger, verdict(*checks))
    return ledger


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the whole life."""
    folder = tmp_path_factory.mktemp("export")
    exported(folder, whole_life())
    return folder


def read_csv(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def query(folder: Path, sql: str) -> list[tuple]:
    """Ask the tables; a name in braces is one of them."""
    names = {name: f"'{folder / 'tables' / name}.parquet'" for name in TABLES}
    return duckdb.sql(sql.format(**names)).fetchall()


# --- the folder -----------------------------------------------------------------


def test_export__what_lies_in_the_folder(folder):
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    tables = [f"tables/{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")]
    assert names == sorted(
        ["books.beancount", "report.html", "verdict.json", "tables/columns.csv", *tables]
    )
    assert "Where the money came from" in (folder / "report.html").read_text()
    assert json.loads((folder / "verdict.json").read_text())["verdict"] == PROVED


def test_export__tells_all_paths(tmp_path):
    with Export(tmp_path / "new" / "folder") as export:
        paths = export.write(whole_life().ledger(export), verdict())
    assert sorted(paths) == sorted(p for p in tmp_path.rglob("*") if p.is_file())


def test_export__again__replaces_what_was_there(tmp_path):
    exported(tmp_path, catastrophe())
    first = (tmp_path / "books.beancount").read_text()
    exported(tmp_path, whole_life(), Check("money", DIFFERS))
    assert (tmp_path / "books.beancount").read_text() != first
    assert json.loads((tmp_path / "verdict.json").read_text())["verdict"] == DIFFERS
    assert [row["result"] for row in read_csv(tmp_path, "checks")] == [DIFFERS]


def test_export__the_same_books__the_same_bytes(folder, tmp_path):
    exported(tmp_path, whole_life())
    for path in folder.rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path


def test_export__an_audit_that_ends_early__leaves_nothing(tmp_path):
    with Export(tmp_path) as export:
        whole_life().ledger(export)
    assert list(tmp_path.iterdir()) == []


def test_export__folder_is_a_file__raises(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"^export: .*/file: file exists$"):
        Export(tmp_path / "file")


def test_export__tables_is_a_file__raises(tmp_path):
    (tmp_path / "tables").touch()
    with pytest.raises(ExportError, match=r"^export: .*: file exists$"):
        exported(tmp_path, whole_life())
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


# --- tables ---------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_tables__parquet_is_the_csv(folder, table):
    """Cell by cell, and types as described."""
    columns = {row["column"]: row for row in read_csv(folder, "columns") if row["table"] == table}
    described = query(folder, f"DESCRIBE SELECT * FROM {{{table}}}")
    assert [(name, kind.replace(",", ", ")) for name, kind, *_ in described] == [
        (name, row["type"].replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
        for name, row in columns.items()
    ]
    as_text = ", ".join(f"CAST({_plain(n, row)} AS VARCHAR)" for n, row in columns.items())
    rows = query(folder, f"SELECT {as_text} FROM {{{table}}}")
    assert [[cell or "" for cell in row] for row in rows] == [
        [row[name] for name in columns] for row in read_csv(folder, table)
    ]


def _plain(name: str, row: dict[str, str]) -> str:
    if row["type"] != "TIMESTAMPTZ":
        return f'"{name}"'
    return f"""strftime(to_timestamp(epoch("{name}")) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"""


def test_tables__every_column_is_described(folder):
    found = read_csv(folder, "columns")
    assert len(found) == sum(len(columns) for columns in TABLES.values())
    for row in found:
        amount = row["type"].startswith("DECIMAL")
        assert (row["unit"] == "EURX") == amount, row
        assert row["unit"] or row["meaning"] or row["type"] in ("BIGINT", "VARCHAR"), row
    [(told,)] = query(
        folder, "SELECT value FROM parquet_kv_metadata({claims}) WHERE key = 'columns'"
    )
    assert json.loads(told)["asked"].endswith("within the limit; EURX")


def test_tables__amounts_are_exact_decimals(folder):
    rows = query(folder, "SELECT refunded, net FROM {members} WHERE id = 1")
    assert rows == [(Decimal("66.999999"), Decimal("-3.000001"))]
    assert read_csv(folder, "members")[0]["refunded"] == "66.999999"


def test_tables__ether__to_the_last_wei(tmp_path):
    story = Story().joined(START - DAY, 1, "claimant", premium=2**100)
    exported(tmp_path, story, asset=ETHER)
    [(amount,)] = query(tmp_path, "SELECT amount FROM {postings}")
    assert int(amount * 10**18) == 2**100
    assert str(amount) == "1267650600228.229401496703205376"


@pytest.mark.parametrize("decimals, shown", [(0, "7000001"), (38, None), (77, "7000001")])
def test_tables__other_decimals(tmp_path, decimals, shown):
    story = Story().joined(START - DAY, 1, "claimant", premium=7 * UNIT + 1)
    exported(tmp_path, story, asset=Asset(ASSET.address, "ODD", decimals))
    [row] = read_csv(tmp_path, "postings")
    assert row["amount"] == (shown or f"0.{7 * UNIT + 1:038d}")
    units = {row["unit"] for row in read_csv(tmp_path, "columns") if "DECIMAL" in row["type"]}
    assert units == ({"10^-77 units"} if decimals == 77 else {"ODD"})


def test_tables__amount_that_no_table_holds__raises(tmp_path):
    story = Story().joined(START - DAY, 1, "claimant", premium=10**38)
    with pytest.raises(ExportError, match=r"^export: an amount has more than 38 digits$"):
        exported(tmp_path, story)
    assert list(tmp_path.iterdir()) == []


def test_tables__times_are_utc(folder):
    [(first,)] = query(folder, "SELECT epoch(min(time)) FROM {events}")
    assert first == START - 10 * DAY
    shown = datetime.fromtimestamp(START - 10 * DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert read_csv(folder, "events")[0]["time"] == shown
    assert [row["left_at"] == "" for row in read_csv(folder, "members")] == [True] * 3 + [False]


def test_tables__arguments_of_an_event(folder):
    row = read_csv(folder, "events")[0]
    arguments = json.loads(row["arguments"])
    assert (arguments["premium"], arguments["member"]) == ("100000000", role("claimant"))
    cast = next(r for r in read_csv(folder, "events") if r["event"] == "BallotCast")
    assert json.loads(cast["arguments"])["reason"] == "0x" + "00" * 32


def test_tables__text_of_others__is_no_formula_and_breaks_no_row(tmp_path):
    story = whole_life()
    texts = iter(['=HYPERLINK("http://x")', '@a,"b"\r\nc;\'', EVIL])
    for event in story.events:
        if event.name == "ClaimFiled":
            event.args["uri"] = next(texts)
    exported(tmp_path, story, Check("state", DIFFERS, ("+1", "a\nb")))
    found = [row["uri"] for row in read_csv(tmp_path, "claims")]
    assert found[:2] == ['\'=HYPERLINK("http://x")', "'@a,\"b\"\ufffd\ufffdc;'"]
    assert [uri for (uri,) in query(tmp_path, "SELECT uri FROM {claims}")] == found
    assert [row["detail"] for row in read_csv(tmp_path, "checks")] == ["'+1", "a\ufffdb"]


def test_tables__signed_ballots__each_has_a_row(tmp_path):
    story = Story().joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    story.joined(START - DAY, 3, "referred").filed(START + 1, 1, "claimant", UNIT)
    reason = b"\5" * 32
    story.tell(START + 9, "BallotsCast", claim_id=1, award=7, reason=reason, voters=[3 << 32 | 2])
    exported(tmp_path, story)
    rows = [
        (row["claim"], row["voter"], row["tenths"], row["reason"], row["block"])
        for row in read_csv(tmp_path, "ballots")
    ]
    assert rows == [
        ("1", role(who), "7", "0x" + reason.hex(), "5") for who in ("employee", "referred")
    ]


# --- text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount, decimals, text",
    [(-1, 6, "-0.000001"), (12_500_000, 6, "12.500000"), (-7, 0, "-7"), (0, 2, "0.00")],
)
def test_exact(amount, decimals, text):
    assert exact(amount, Asset(ASSET.address, "EURX", decimals)) == text


@pytest.mark.parametrize(
    "text, shown",
    [
        ("ipfs://x", "ipfs://x"),
        ("=1", "'=1"),
        (" -1", "' -1"),
        ("\t@x", "\ufffd@x"),
        ("a\u202eb", "a\ufffdb"),
        ("", ""),
    ],
)
def test_harmless(text, shown):
    assert harmless(text) == shown


def test_moment():
    assert moment(START) == "2027-01-15T08:00:00Z"
