"""Amounts, percentages and addresses, there and back, and every way to get them wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerpool.units import (
    ETHER,
    UINT256_MAX,
    ZERO_ADDRESS,
    Asset,
    UnitError,
    format_amount,
    format_percent,
    parse_address,
    parse_amount,
    parse_percent,
)

ORGANISER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
USDC = Asset("0x5FbDB2315678afecb367f032d93F642f64180aa3", "USDC", 6)


@given(
    st.integers(0, UINT256_MAX), st.integers(0, 78), st.sampled_from(["X", "USD.e", "1INCH", "€"])
)
def test_amount__back_and_forth__is_exact(amount, decimals, symbol):
    asset = Asset(ZERO_ADDRESS, symbol, decimals)
    assert parse_amount(format_amount(amount, asset), asset) == amount


@given(st.integers(0, 10**40), st.integers(0, 10**6 - 1))
def test_amount__every_decimal__counts(whole, fraction):
    assert parse_amount(f"{whole}.{fraction:06d} USDC", USDC) == whole * 10**6 + fraction


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("120 USDC", 120_000_000),
        ("1_000.25 USDC", 1_000_250_000),
        ("1 000.25 USDC", 1_000_250_000),
        ("1\u202f000\u00a0000 USDC", 1_000_000_000_000),
        ("0.000001 USDC", 1),
        ("0.1000000000 USDC", 100_000),
        ("  007   USDC ", 7_000_000),
        ("0 USDC", 0),
    ],
)
def test_amount__as_people_write_it__is_read(text, units):
    assert parse_amount(text, USDC) == units


def test_amount__of_ether__has_eighteen_decimals():
    assert parse_amount("0.5 ETH", ETHER) == 5 * 10**17


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 USDC"),
        (1, "0.000001 USDC"),
        (1_000_250_000, "1 000.25 USDC"),
        (999_000_000, "999 USDC"),
        (-1_500_000, "-1.5 USDC"),
    ],
)
def test_amount__formatted__is_short(amount, text):
    assert format_amount(amount, USDC) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (120, 'amount: 120 is not text like "120 USDC"'),
        (0.5, 'amount: 0.5 is not text like "120 USDC"'),
        (True, 'amount: true is not text like "120 USDC"'),
        ("", 'amount: "" is not like "120 USDC"'),
        ("USDC", 'amount: "USDC" is not like "120 USDC"'),
        ("120", 'amount: "120" is not like "120 USDC"'),
        ("120USDC", 'amount: "120USDC" is not like "120 USDC"'),
        ("1,000 USDC", 'amount: "1,000 USDC" is not like "120 USDC"'),
        ("1e6 USDC", 'amount: "1e6 USDC" is not like "120 USDC"'),
        (".5 USDC", 'amount: ".5 USDC" is not like "120 USDC"'),
        ("١٢ USDC", 'amount: "١٢ USDC" is not like "120 USDC"'),
        ("1 00 USDC", 'amount: "1 00 USDC" is not in USDC'),
        ("-1 USDC", 'amount: "-1 USDC" is negative'),
        ("1 EURX", 'amount: "1 EURX" is not in USDC'),
        ("1 usdc", 'amount: "1 usdc" is not in USDC'),
        ("0.0000001 USDC", 'amount: "0.0000001 USDC" has more than 6 decimals'),
        (f"1{'0' * 72} USDC", f'amount: "1{"0" * 72} USDC" is too large'),
        (f"{'9' * 5000} USDC", f'amount: "{"9" * 76}... is too large'),
        ("1\x1b[2J USDC", 'amount: "1?[2J USDC" is not like "120 USDC"'),
    ],
)
def test_amount__not_an_amount__is_refused(text, message):
    assert _refused(parse_amount, text, USDC) == message


def test_amount__limit__is_that_of_the_chain():
    whole = Asset(ZERO_ADDRESS, "X", 0)
    assert parse_amount(f"{UINT256_MAX} X", whole) == UINT256_MAX
    assert _refused(parse_amount, f"{UINT256_MAX + 1} X", whole).endswith("is too large")
    assert _refused(parse_amount, "0.5 X", whole) == 'amount: "0.5 X" has more than 0 decimals'


@pytest.mark.parametrize(
    ("symbol", "decimals", "message"),
    [
        ("", 6, "asset: symbol '' is not 1 to 32 printable characters"),
        ("A" * 33, 6, f"asset: symbol '{'A' * 33}' is not 1 to 32 printable characters"),
        ("A\x1b", 6, "asset: symbol 'A\\x1b' is not 1 to 32 printable characters"),
        (" A", 6, "asset: symbol ' A' is not 1 to 32 printable characters"),
        ("A", 79, "asset: 79 decimals, not 0 to 78"),
        ("A", -1, "asset: -1 decimals, not 0 to 78"),
    ],
)
def test_asset__that_cannot_be_shown__is_refused(symbol, decimals, message):
    assert _refused(Asset, ZERO_ADDRESS, symbol, decimals) == message


@given(st.integers(0, 10**9))
def test_percent__back_and_forth__is_exact(basis_points):
    assert parse_percent(format_percent(basis_points)) == basis_points


@pytest.mark.parametrize(
    ("text", "basis_points", "formatted"),
    [
        ("2.5 %", 250, "2.5 %"),
        ("2.50%", 250, "2.5 %"),
        ("100 %", 10000, "100 %"),
        ("0.01 %", 1, "0.01 %"),
        ("0 %", 0, "0 %"),
    ],
)
def test_percent__as_people_write_it__is_read(text, basis_points, formatted):
    assert parse_percent(text) == basis_points
    assert format_percent(basis_points) == formatted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (2.5, 'percent: 2.5 is not text like "2.5 %"'),
        ("2.5", 'percent: "2.5" is not like "2.5 %"'),
        ("2,5 %", 'percent: "2,5 %" is not like "2.5 %"'),
        ("-1 %", 'percent: "-1 %" is negative'),
        ("0.001 %", 'percent: "0.001 %" is finer than 0.01 %'),
        ("9" * 78 + " %", f'percent: "{"9" * 76}... is too large'),
    ],
)
def test_percent__not_a_percentage__is_refused(text, message):
    assert _refused(parse_percent, text) == message


def test_address__lower_case_or_right_checksum__is_read():
    assert parse_address(ORGANISER) == ORGANISER
    assert parse_address(f" {ORGANISER.lower()} ") == ORGANISER


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (7, "7 is not 0x and 40 hex digits"),
        ("0x12", '"0x12" is not 0x and 40 hex digits'),
        (ORGANISER[2:], f'"{ORGANISER[2:]}" is not 0x and 40 hex digits'),
        (f"{ORGANISER}0", f'"{ORGANISER}0" is not 0x and 40 hex digits'),
        ("organiser.eth", '"organiser.eth" is not 0x and 40 hex digits'),
        (
            ORGANISER.replace("F6F4", "f6F4"),
            f'"{ORGANISER.replace("F6F4", "f6F4")}" has a wrong checksum',
        ),
        ("0x" + ORGANISER[2:].upper(), f'"0x{ORGANISER[2:].upper()}" has a wrong checksum'),
    ],
)
def test_address__not_an_address__is_refused(text, problem):
    assert _refused(parse_address, text) == f"address: {problem}"


@given(st.from_regex(r"\A0x[0-9a-f]{40}\Z"), st.integers(0, 39))
def test_address__one_letter_in_the_wrong_case__is_refused(text, place):
    right = parse_address(text)
    wrong = right[: 2 + place] + right[2 + place].swapcase() + right[3 + place :]
    if wrong == right or wrong == wrong.lower():
        assert parse_address(wrong) == right
    else:
        assert _refused(parse_address, wrong) == f'address: "{wrong}" has a wrong checksum'


def _refused(function, *arguments) -> str:
    with pytest.raises(UnitError) as caught:
        function(*arguments)
    return str(caught.value)
