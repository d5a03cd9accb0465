"""Amounts, seconds and foreign text, as files of accountants take them."""

from datetime import UTC, datetime

from peerpool.report.markup import clean
from peerpool.units import Asset

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would reckon with


def exact(amount: int, asset: Asset) -> str:
    """An amount in the asset's own unit, with all of its decimals: -12.500000."""
    whole, fraction = divmod(abs(amount), 10**asset.decimals)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{fraction:0{asset.decimals}d}" if asset.decimals else f"{sign}{whole}"


def moment(time: int) -> str:
    """2027-02-01T12:30:05Z"""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def harmless(text: str) -> str:
    """Somebody's text, for a cell: without control characters, and no spreadsheet's formula."""
    shown = clean(text)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown
