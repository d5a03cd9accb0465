"""Amounts, times, shares and addresses, as people write them and as the chain counts them.

All of it is exact: integers throughout, never a float.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from eth_utils import is_checksum_address, to_checksum_address

from peerpool.errors import PeerpoolError, shown

ZERO_ADDRESS = "0x" + "0" * 40
UINT256_MAX = 2**256 - 1

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
YEAR = 365 * DAY  # as the contracts count: without leap days

_UNITS = {"second": 1, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK, "year": YEAR}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_GROUPS = "[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+"
_NUMBER = rf"(?P<sign>-?)(?P<whole>{_GROUPS}|{_DIGITS})(?:\.(?P<fraction>{_DIGITS}))?"
_AMOUNT = re.compile(rf"{_NUMBER}\s+(?P<symbol>\S.*)")
_PERCENT = re.compile(rf"{_NUMBER}\s*%")
_DURATION = re.compile(r"[0-9]+\s+[a-z]+(?:\s+[0-9]+\s+[a-z]+)*")
_COUNTED = re.compile(r"\s*-?[0-9]+\s*[a-z]")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_MOST_DIGITS = 78  # of 2**256 - 1


class UnitError(PeerpoolError):
    """Text that is not an amount, a duration, a date, a percentage or an address."""


@dataclass(frozen=True)
class Asset:
    """What a pool counts in: an ERC-20, or Ether at the zero address.

    Raises UnitError("asset: ...") for a symbol or decimals that cannot be shown: they come from a
    contract that anybody may have written.
    """

    address: str
    symbol: str
    decimals: int

    def __post_init__(self) -> None:
        symbol = self.symbol
        if not 1 <= len(symbol) <= 32 or not symbol.isprintable() or symbol != symbol.strip():
            raise UnitError(f"asset: symbol {symbol[:40]!r} is not 1 to 32 printable characters")
        if not 0 <= self.decimals <= _MOST_DIGITS:
            raise UnitError(f"asset: {counted(self.decimals, 'decimal')}, not 0 to {_MOST_DIGITS}")


ETHER = Asset(ZERO_ADDRESS, "ETH", 18)


def parse_amount(text: object, asset: Asset) -> int:
    """Return token units of "120 EUR", "0.5 ETH", "1_000.25 USDC" or "1 000.25 USDC".

    Raises UnitError("amount: ...").
    """
    example = f'"120 {asset.symbol}"'
    if not isinstance(text, str):
        raise UnitError(f"amount: {shown(text)} is not text like {example}")
    match = _AMOUNT.fullmatch(text.strip())
    if not match:
        raise UnitError(f"amount: {shown(text)} is not like {example}")
    if match["sign"]:
        raise UnitError(f"amount: {shown(text)} is negative")
    if match["symbol"] != asset.symbol:
        raise UnitError(f"amount: {shown(text)} is not in {asset.symbol}")
    return _scaled(match, asset.decimals, f"amount: {shown(text)}")


def format_amount(amount: int, asset: Asset) -> str:
    """Return "1 000.25 USDC": thousands apart, no more decimals than needed. parse_amount reads it.

    A negative amount (a difference, in a report) gets a minus sign.
    """
    sign = "-" if amount < 0 else ""
    whole, fraction = divmod(abs(amount), 10**asset.decimals)
    decimals = f"{fraction:0{asset.decimals}d}".rstrip("0") if fraction else ""
    point = "." if decimals else ""
    return f"{sign}{whole:,}".replace(",", " ") + f"{point}{decimals} {asset.symbol}"


def counted(count: int, noun: str) -> str:
    """Return "1 block", "2 blocks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def parse_percent(text: object) -> int:
    """Return basis points of "2.5 %". Raises UnitError("percent: ...")."""
    if not isinstance(text, str):
        raise UnitError(f'percent: {shown(text)} is not text like "2.5 %"')
    match = _PERCENT.fullmatch(text.strip())
    if not match:
        raise UnitError(f'percent: {shown(text)} is not like "2.5 %"')
    if match["sign"]:
        raise UnitError(f"percent: {shown(text)} is negative")
    try:
        return _scaled(match, 2, f"percent: {shown(text)}")
    except _TooFine:
        raise UnitError(f"percent: {shown(text)} is finer than 0.01 %") from None


def format_percent(basis_points: int) -> str:
    """Return "2.5 %" for 250. parse_percent reads it."""
    whole, fraction = divmod(basis_points, 100)
    decimals = f".{fraction:02d}".rstrip("0") if fraction else ""
    return f"{whole}{decimals} %"


def parse_duration(text: object) -> int:
    """Return seconds of "14 days", "36 hours", "2 weeks", "1 year" or "1 day 12 hours".

    A year is 365 days; months have no length. Raises UnitError("duration: ...").
    """
    if not isinstance(text, str):
        raise UnitError(f'duration: {shown(text)} is not text like "14 days"')
    if text.strip().startswith("-"):
        raise UnitError(f"duration: {shown(text)} is negative")
    if not _DURATION.fullmatch(text.strip()):
        raise UnitError(f'duration: {shown(text)} is not like "14 days"')
    words = text.split()
    seconds = 0
    for count, unit in zip(words[::2], words[1::2], strict=True):
        if unit.removesuffix("s") == "month":
            raise UnitError(f"duration: {shown(text)}: months differ in length, write days")
        if unit.removesuffix("s") not in _UNITS:
            known = ", ".join(f"{name}s" for name in _UNITS)
            raise UnitError(f'duration: {shown(text)}: "{unit}" is none of {known}')
        if len(count.lstrip("0")) > 20:
            raise UnitError(f"duration: {shown(text)} is too long")
        seconds += int(count) * _UNITS[unit.removesuffix("s")]
    return seconds


def format_duration(seconds: int) -> str:
    """Return "1 year", "14 days", "36 hours", "1 day 1 hour 5 seconds". parse_duration reads it."""
    if seconds and seconds % YEAR == 0:
        return counted(seconds // YEAR, "year")
    if seconds and seconds % DAY == 0:
        return counted(seconds // DAY, "day")
    for unit in ("hour", "minute", "second"):
        if seconds % _UNITS[unit] == 0 and seconds // _UNITS[unit] < 100:
            return counted(seconds // _UNITS[unit], unit) if seconds else "0 seconds"
    parts = []
    for unit in ("day", "hour", "minute", "second"):
        count, seconds = divmod(seconds, _UNITS[unit])
        if count:
            parts.append(counted(count, unit))
    return " ".join(parts)


def parse_date(value: object, now: int | None = None) -> int:
    """Return Unix seconds of "2027-01-01", "2027-01-01 12:00 UTC", ISO 8601, or a date object.

    Without an offset it is UTC; a day means its first second. "in 7 days" counts from `now` (Unix
    seconds) where that is given. Raises UnitError("date: ...").
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        text = value.strip()
        if text.startswith("in ") and now is not None:
            return now + parse_duration(text.removeprefix("in "))
        try:
            moment = datetime.fromisoformat(text.removesuffix("UTC").strip())
        except ValueError:
            raise UnitError(f'date: {shown(value)} is not like "2027-01-01 12:00 UTC"') from None
        if text.endswith("UTC") and moment.tzinfo:
            raise UnitError(f"date: {shown(value)} has two time zones")
    else:
        raise UnitError(f'date: {shown(value)} is not like "2027-01-01 12:00 UTC"')
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.microsecond:
        raise UnitError(f"date: {shown(value)} is finer than a second")
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    if seconds < 0:
        raise UnitError(f"date: {shown(value)} is before 1970")
    return seconds


def parse_moment(value: object, start: int, now: int | None = None) -> int:
    """Return Unix seconds of a date, as parse_date, or of a duration counted from `start`."""
    if isinstance(value, str) and _COUNTED.match(value):
        return start + parse_duration(value)
    return parse_date(value, now)


def format_date(seconds: int) -> str:
    """Return "2027-01-01 12:00 UTC", with seconds where there are any. parse_date reads it.

    Raises UnitError("date: ...") beyond the year 9999.
    """
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise UnitError(f"date: second {seconds} is beyond the year 9999") from None
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC" if moment.second else "%Y-%m-%d %H:%M UTC")


def parse_address(text: object) -> str:
    """Return the address with its EIP-55 checksum.

    All lower case is taken as it is; any other must have the right checksum. Raises
    UnitError("address: ...").
    """
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text.strip()):
        raise UnitError(f"address: {shown(text)} is not 0x and 40 hex digits")
    text = text.strip()
    if text != text.lower() and not is_checksum_address(text):
        raise UnitError(f"address: {shown(text)} has a wrong checksum")
    return str(to_checksum_address(text))


class _TooFine(UnitError):
    """More decimals than the unit has."""


def _scaled(match: re.Match[str], decimals: int, subject: str) -> int:
    whole = _NOT_A_DIGIT.sub("", match["whole"]).lstrip("0")
    fraction = (match["fraction"] or "").replace("_", "").rstrip("0")
    if len(fraction) > decimals:
        raise _TooFine(f"{subject} has more than {counted(decimals, 'decimal')}")
    digits = (whole + fraction.ljust(decimals, "0")).lstrip("0") or "0"
    # Python refuses to convert thousands of digits, so the length is looked at first.
    if len(digits) > _MOST_DIGITS or int(digits) > UINT256_MAX:
        raise UnitError(f"{subject} is too large")
    return int(digits)
