"""How money, people, times and kinds of money read on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from eth_utils import keccak

from peerpool import units
from peerpool.ledger import IN, OUT
from peerpool.report.markup import clean, h
from peerpool.units import ZERO_ADDRESS, Asset, format_amount

NBSP = "\u00a0"

STATUS = {
    1: "open",
    2: "awarded",
    3: "rejected",
    4: "lapsed",
    5: "open to appeal",
    6: "before the arbiter",
    7: "appealed",
}

KINDS = {
    (IN, "premium"): "Premiums",
    (IN, "donation"): "Donations",
    (IN, "bond"): "Claim bonds",
    (IN, "stray money"): "Stray money",
    (IN, "recovery"): "Recoveries",
    (IN, "collateral"): "Collateral",
    (OUT, "award"): "Awards",
    (OUT, "refund"): "Refunds",
    (OUT, "cause"): "Cause",
    (OUT, "redemption"): "Redemptions",
    (OUT, "fee"): "Organiser's fee",
    (OUT, "commission"): "Commissions",
    (OUT, "bond back"): "Bonds back",
    (OUT, "premium back"): "Premiums back",
    (OUT, "donation back"): "Donations back",
}


class Money:
    """Amounts of one asset as text."""

    def __init__(self, asset: Asset) -> None:
        self.asset = asset
        self.symbol = clean(asset.symbol)
        # Cents for what counts like money, more for what is worth more, like Ether.
        self.places = min(asset.decimals, 2 if asset.decimals <= 8 else 4)

    def exact(self, amount: int) -> str:
        """To the last unit, with the symbol: 1 000.000001 EURX."""
        return clean(format_amount(amount, self.asset)).replace(" ", NBSP)

    def full(self, amount: int) -> str:
        """To the last unit, all decimals, without the symbol: for columns that add up."""
        return self._fixed(abs(amount), self.asset.decimals, "−" if amount < 0 else "")

    def short(self, amount: int) -> str:
        """Rounded to what a person reads, without the symbol; nothing is 0, a trace <0.01."""
        if amount == 0:
            return "0"
        step = 10 ** (self.asset.decimals - self.places)
        rounded, sign = (abs(amount) + step // 2) // step, "−" if amount < 0 else ""
        if amount and not rounded:
            return f"{sign}<{self._fixed(1, self.places, '')}"
        return self._fixed(rounded, self.places, sign if rounded else "")

    def brief(self, amount: int) -> str:
        """Like `short`, with the symbol, and without decimals that are all zero."""
        text = self.short(amount)
        whole, _, decimals = text.partition(".")
        return f"{text if decimals.strip('0') else whole}{NBSP}{self.symbol}"

    def cell(self, amount: int, sign: bool = False) -> Element:
        """`short`, with the exact amount in its title."""
        text = self.short(amount)
        if sign and amount > 0:
            text = f"+{text}"
        return h("data", text, value=str(amount), title=self.exact(amount))

    @staticmethod
    def _fixed(amount: int, decimals: int, sign: str) -> str:
        whole, fraction = divmod(amount, 10**decimals)
        text = f"{sign}{whole:,}".replace(",", NBSP)
        return f"{text}.{fraction:0{decimals}d}" if decimals else text


class People:
    """Who an address is: a given name, or its two ends."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = {address.lower(): clean(name) for address, name in names.items()}

    def text(self, address: str) -> str:
        if address == ZERO_ADDRESS:
            return "nobody"
        return self.names.get(address.lower(), f"{address[:6]}…{address[-4:]}")

    def cell(self, address: str) -> Element:
        """`text`, with the whole address in its title."""
        return h("bdi", shortened(self.text(address), 24), title=address)


class Texts:
    """Plain texts of the hashes on chain. Only what hashes to them is shown."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.by_hash = {keccak(text=text): text for text in texts}

    def cell(self, digest: bytes) -> Element:
        text = self.by_hash.get(digest)
        if text is not None:
            return h("bdi", clean(text))
        return h("code", f"0x{digest.hex()[:8]}…", title=f"0x{digest.hex()}")


def shortened(text: str, most: int) -> str:
    """Text of at most `most` characters, its middle left out."""
    text = clean(text)
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[-tail:]}"


def day(time: int) -> str:
    """1 Feb 2027, in UTC, whatever the machine's language."""
    moment = datetime.fromtimestamp(time, UTC)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{moment.day}{NBSP}{months[moment.month - 1]}{NBSP}{moment.year}"


def minute(time: int) -> str:
    """2027-02-01 12:30"""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")


def counted(number: int, noun: str) -> str:
    """1 claim, 2 claims"""
    return units.counted(number, noun).replace(" ", NBSP, 1)


def tenths(number: int) -> str:
    """in full, 8 tenths"""
    return "in full" if number == 10 else counted(number, "tenth")


def percent(part: int, whole: int) -> str:
    """Rounded to the nearest whole percent; of nothing it is 0 %."""
    return f"{(200 * part + whole) // (2 * whole) if whole else 0}{NBSP}%"
