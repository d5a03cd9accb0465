"""Fields of signed JSON files, checked one by one."""

from dataclasses import dataclass

from peerpool.errors import PeerpoolError, shown
from peerpool.units import parse_address


@dataclass(frozen=True)
class Fields:
    """Reads fields; what is wrong is raised as `error("<subject>: <place>: ...")`."""

    subject: str
    error: type[PeerpoolError]

    def address(self, value: object, place: str) -> str:
        """Return an address with its EIP-55 checksum."""
        try:
            return parse_address(value)
        except PeerpoolError as problem:
            raise self.error(f"{self.subject}: {place}: {problem}") from None

    def number(self, value: object, most: int, place: str) -> int:
        """Return a whole number from 0 to `most`."""
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise self.error(f"{self.subject}: {place}: {shown(value)} is not a number that fits")
        return value

    def hex(self, value: object, place: str) -> bytes:
        """Return the bytes that 0x and hex digits stand for."""
        try:
            if isinstance(value, str) and value.startswith("0x"):
                return bytes.fromhex(value[2:])
        except ValueError:
            pass
        raise self.error(f"{self.subject}: {place}: {shown(value)} is not 0x and hex digits")
