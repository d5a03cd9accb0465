"""peerpool.export.beancount: Beancount itself checks the books, and finds what is wrong in them."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from peerpool.audit.verdict import DIFFERS, Check
from peerpool.export.beancount import OUTSIDE, BeancountWriter, commodity, quoted
from peerpool.ledger import Kept, Ledger
from peerpool.report.words import KINDS
from peerpool.units import DAY, ETHER, Asset
from tests.python import beancount
from tests.python.pool_story import ASSET, START, TERMS, UNIT, Story, cancelled, role, whole_life
from tests.python.test_ledger_layers import REINSURED
from tests.python.test_report import EVIL, verdict
from tests.python.test_report_layers import catastrophe


def written(folder: Path, story: Story, asset: Asset = ASSET) -> tuple[Path, Ledger]:
    path = folder / "books.beancount"
    writer = BeancountWriter(path)
    ledger = story.ledger(writer, asset=asset)
    writer.finish(ledger, verdict())
    return path, ledger


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return written(tmp_path, whole_life())[0]


STORIES = {
    "whole life": whole_life(),
    "layers": catastrophe(),
    "cancelled": cancelled(),
    "nothing": Story(),
    "nothing but layers": Story(REINSURED),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_books__beancount_finds_nothing_wrong(story, tmp_path):
    path, _ = written(tmp_path, story)
    assert beancount.problems(path) == ""


def test_books__every_move_is_in_them(tmp_path):
    kept = Kept()
    whole_life().ledger(kept)
    text = written(tmp_path, whole_life())[0].read_text()
    assert len(re.findall(r"^  (?:Assets|Income|Expenses|Equity):", text, re.MULTILINE)) == (
        2 * len(kept.moves)
    )
    assert len(re.findall(r" \* ", text)) == len(
        {(m.event.block, m.event.index) for m in kept.moves}
    )


def test_books__a_transaction_tells_event_block_second_and_hash(books):
    assert (
        f'\n2027-02-14 * "AwardPaid" ^0x{10:064x}'
        '\n  block: 10\n  log: 1\n  time: "2027-02-14 08:03 UTC"'
        f"\n  Expenses:Award:{role('claimant')}  30.000000 EURX"
        "\n  Assets:Pool:Funds  -30.000000 EURX\n" in books.read_text()
    )


def test_books__accounts_are_opened_once_with_the_member_whose_they_are(books):
    text = books.read_text()
    names = re.findall(r"open (\S+) EURX", text)
    assert len(names) == len(set(names)) > 20
    assert f"open Expenses:Award:{role('claimant')} EURX\n  member: 1\n" in text
    assert f"open Income:Donation:{role('supporter')} EURX\n\n" in text


def test_books__what_the_audit_found_is_said(tmp_path):
    path = tmp_path / "books.beancount"
    writer = BeancountWriter(path)
    ledger = whole_life().ledger(writer)
    found = verdict(Check("money", DIFFERS))
    writer.finish(ledger, found)
    assert f'2028-02-19 event "verdict" "{found.line}"' in path.read_text()
    assert beancount.problems(path) == ""


def changed(books: Path, old: str, new: str) -> str:
    """What Beancount says when one place is another."""
    text = books.read_text()
    assert text.count(old) == 1
    books.write_text(text.replace(old, new))
    return beancount.problems(books)


def test_books__one_unit_too_much_in_a_posting__is_found(books):
    old = f"Expenses:Award:{role('claimant')}  30.000000 EURX\n"
    said = changed(books, old, old.replace("30.000000", "30.000001"))
    assert "Transaction does not balance: (0.000001 EURX)" in said


def test_books__one_unit_too_much_on_both_sides__is_found(books):
    old = (
        f"Expenses:Award:{role('claimant')}  30.000000 EURX\n  Assets:Pool:Funds  -30.000000 EURX\n"
    )
    said = changed(books, old, old.replace(".000000", ".000001"))
    assert "Balance failed for 'Assets:Pool:Funds'" in said
    assert "(0.000001 too little)" in said
    assert "Transaction does not balance" not in said


def test_books__one_unit_between_two_people__is_found(books):
    old = f"Equity:Refund:{role('claimant')}  66.999999 EURX\n"
    said = changed(books, old, old.replace(role("claimant"), role("employee")))
    assert f"Balance failed for 'Equity:Refund:{role('claimant')}'" in said


def test_books__a_transaction_that_is_missing__is_found(books):
    text = books.read_text()
    [entry] = re.findall(r'\n[\d-]+ \* "Donated".*?\n(?=\n)', text, re.DOTALL)
    said = changed(books, entry, "")
    assert "Balance failed for 'Assets:Pool'" in said
    assert "Balance failed for 'Income:Donation'" in said


def test_books__a_mistake_that_is_mended_later__is_found_on_its_day(books):
    """Money that was in another account for some days only."""
    text = books.read_text()
    bond = "  Assets:Pool:Bond:2  5.000000 EURX\n"
    assert text.count(bond) == 1
    back = "  Assets:Pool:Bond:2  -5.000000 EURX\n"
    swapped = text.replace(bond, bond.replace(":2", ":1")).replace(back, back.replace(":2", ":1"))
    books.write_text(swapped)
    assert "Balance failed for 'Assets:Pool:Bond:2'" in beancount.problems(books)


def test_books__balances_are_asserted_on_each_day_on_which_money_moved(tmp_path):
    kept = Kept()
    whole_life().ledger(kept)
    days = {move.event.time // DAY for move in kept.moves}
    text = written(tmp_path, whole_life())[0].read_text()
    assert len(re.findall(r" balance Assets:Pool  ", text)) == len(days) + 1  # and at the end


def test_books__ether__to_the_last_wei(tmp_path):
    story = Story().joined(START - DAY, 1, "claimant", premium=123_456_789 * 10**18 + 1)
    path, _ = written(tmp_path, story, ETHER)
    text = path.read_text()
    assert "Assets:Pool:Funds  123456789.000000000000000001 ETH" in text
    assert beancount.problems(path) == ""
    old = "Assets:Pool:Funds  123456789.000000000000000001 ETH\n"
    said = changed(path, old, old.replace("1 ETH", "2 ETH"))
    assert "Transaction does not balance: (0.000000000000000001 ETH)" in said


def test_books__more_digits_than_beancount_counts__say_how_to_check_them(tmp_path):
    """With its 28 digits Beancount rounds these; counting as the file tells, it finds one unit."""
    most = 2**100
    story = Story().joined(START - DAY, 1, "claimant", premium=most)
    story.joined(START - DAY, 2, "employee", premium=1)
    path, _ = written(tmp_path, story, ETHER)
    text = path.read_text()
    assert "Balance failed" in beancount.problems(path)
    hint = text[text.index("\n; These books need 31 digits") :]
    lines = re.findall(r"^; (.*)$", hint, re.MULTILINE)
    program, *arguments = shlex.split("\n".join(lines[1:]))
    assert (program, arguments[-1]) == ("python", "books.beancount")
    command = [beancount.python(), *arguments[:-1]]
    assert beancount.run(command, path) == ""
    wrong = f"{most % 10**18 + 1} ETH"
    assert len(wrong) == 18 + len(" ETH")
    path.write_text(text.replace(f"{most % 10**18} ETH", wrong, 1))
    assert "Transaction does not balance" in beancount.run(command, path)


def test_books__names_of_others_are_text(tmp_path):
    story = Story(replace(TERMS, name=EVIL))
    story.joined(START - DAY, 1, "claimant").joined(START - DAY, 2, "employee")
    path, _ = written(tmp_path, story, Asset(ASSET.address, '"\\ x"', 6))
    assert beancount.problems(path) == ""
    assert 'name: "\\"\\\\ x\\""' in path.read_text()
    assert "\u202e" not in path.read_text()


@pytest.mark.parametrize(
    "symbol, name",
    [
        ("EURX", "EURX"),
        ("USDC.e", "USDCE"),
        ("wstETH", "WSTETH"),
        ("1INCH", "T1INCH"),
        ("€", "TOKEN"),
        ("X", "TX"),
        ("true", "TTRUE"),
        ("NULL", "TNULL"),
        ("A" * 32, "A" * 20),
    ],
)
def test_commodity__is_one_that_beancount_takes(symbol, name):
    assert commodity(Asset(ASSET.address, symbol, 6)) == name


def test_commodity__beancount_takes_them_all(tmp_path):
    for symbol in ("1INCH", "€", "X", "true", "NULL", "A" * 32):
        asset = Asset(ASSET.address, symbol, 0)
        story = Story().joined(START - DAY, 1, "claimant", premium=7 * UNIT)
        path, _ = written(tmp_path, story, asset)
        (tmp_path / f"{commodity(asset)}.beancount").write_text(path.read_text())
    names = sorted(path.name for path in tmp_path.iterdir() if path.name != "books.beancount")
    path = tmp_path / "all.beancount"
    path.write_text("".join(f'include "{name}"\n' for name in names))
    assert len(names) == 6
    assert "Invalid token" not in beancount.problems(path)


def test_outside__has_every_kind_that_the_report_knows():
    assert set(OUTSIDE) == set(KINDS)


def test_quoted():
    assert quoted('a "b" \\ c\n') == '"a \\"b\\" \\\\ c\ufffd"'
