"""Rosters: what is read, and all that is wrong at once, by line."""

import pytest

from peerpool.roster import RosterError, Row, load

TIERS = ("city bike", "cargo bike")
A = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
B = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
C = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
ZERO = "0x" + "0" * 40


@pytest.fixture
def roster(tmp_path):
    """A function: the rows in a file with that text."""

    def rows(text: str | bytes) -> list[Row]:
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path, TIERS)

    return rows


def test_load__demo__has_eight_members(pools):
    rows = load(pools / "demo.csv", TIERS)
    assert [row.tier for row in rows] == [0, 1, 0, 1, 0, 0, 1, 0]
    assert len({row.member for row in rows}) == 8


def test_load__tier_by_name_or_number__is_the_number(roster):
    text = f"member,tier\n{A},cargo bike\n{B.lower()},0\n\n{C},1\n"
    assert roster(text) == [
        Row(2, A, 1, None, "", ""),
        Row(3, B, 0, None, "", ""),
        Row(5, C, 1, None, "", ""),
    ]


def test_load__all_columns_from_a_spreadsheet__are_read(roster):
    header = "\ufeffNote;Tier;Member;Payer;Name\r\n"
    text = f'{header}"two\r\nlines";0; {A} ;{C.lower()};voter\r\n;1;{B};;\r\n'
    assert roster(text) == [
        Row(2, A, 0, C, "voter", "two\r\nlines"),
        Row(4, B, 1, None, "", ""),
    ]


def test_load__everything_wrong__is_reported_at_once(roster):
    text = "\n".join(
        [
            "member,tier,payer",
            f"{A},city bike,",
            "0x12,city bike,",
            f"{B.replace('C44C', 'c44C')},0,",
            f"{A.lower()},1,",
            f"{C},boat,{A[:-1]}",
            f"{C},0,",
            f"{ZERO},2,",
            f"{B},00,",
            f"{B},",
            f"{B},0,,,",
            B,
        ]
    )
    with pytest.raises(RosterError) as caught:
        roster(text)
    assert caught.value.problems == [
        'roster: line 3: address: "0x12" is not 0x and 40 hex digits',
        f'roster: line 4: address: "{B.replace("C44C", "c44C")}" has a wrong checksum',
        f"roster: line 5: member {A} is already in line 2",
        f'roster: line 6: payer: address: "{A[:-1]}" is not 0x and 40 hex digits',
        'roster: line 6: unknown tier "boat" (there are 0 city bike, 1 cargo bike)',
        f"roster: line 7: member {C} is already in line 6",
        "roster: line 8: member is the zero address",
        'roster: line 8: unknown tier "2" (there are 0 city bike, 1 cargo bike)',
        'roster: line 9: unknown tier "00" (there are 0 city bike, 1 cargo bike)',
        "roster: line 10: 2 cells under 3 columns",
        "roster: line 11: 5 cells under 3 columns",
        "roster: line 12: 1 cell under 3 columns",
    ]
    assert str(caught.value) == "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["roster: nobody in it"]),
        ("member,tier\n", ["roster: nobody in it"]),
        ("member,tier\n , \n", ["roster: nobody in it"]),
        (
            f"{A},0\n",
            [
                f'roster: unknown column "{A.lower()}"',
                'roster: unknown column "0"',
                "roster: column member is missing",
                "roster: column tier is missing",
            ],
        ),
        (
            f"member,teir\n{A},0\n",
            [
                'roster: unknown column "teir" (did you mean tier?)',
                "roster: column tier is missing",
            ],
        ),
        (f"member,tier,tier\n{A},0,0\n", ["roster: column tier is there twice"]),
        (f'member,tier\n{A},"0\n', ["roster: line 2: is not CSV: unexpected end of data"]),
    ],
)
def test_load__unusable_table__is_refused(roster, text, problems):
    with pytest.raises(RosterError) as caught:
        roster(text)
    assert caught.value.problems == problems


def test_load__no_file_or_not_text__is_refused(roster, tmp_path):
    with pytest.raises(RosterError) as caught:
        load(tmp_path / "gone.csv", TIERS)
    assert str(caught.value) == f"roster: {tmp_path}/gone.csv: no such file"
    with pytest.raises(RosterError) as caught:
        roster(b"member,tier\n\xff")
    assert str(caught.value) == f"roster: {tmp_path}/roster.csv: is not UTF-8 text"
