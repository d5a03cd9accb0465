"""Terms as the contracts have them: `struct Terms` and its parts, of interfaces/IPool.vyi."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from eth_utils import to_checksum_address

from peerpool.errors import PeerpoolError


class TermsError(PeerpoolError):
    """Terms that cannot make a pool, or a terms file that cannot be read."""


@dataclass(frozen=True)
class Tier:
    """A premium and the most it buys, both in token units, for the whole cover period."""

    premium: int
    cover_limit: int


@dataclass(frozen=True)
class Layer:
    """A layer of reinsurance: the most it pays, and what it is ceded for that if it is full."""

    limit: int
    premium: int


@dataclass(frozen=True)
class Terms:
    """All terms of a pool, in ABI order.

    Amounts are token units (wei for Ether, whose asset is the zero address), dates Unix seconds,
    periods seconds, shares basis points. What each means is said at the struct in IPool.vyi.
    """

    asset: str
    cover_start: int
    enrolment_end: int
    expiry: int
    min_members: int
    reporting_period: int
    voting_period: int
    waiting_period: int
    deductible: int
    claim_bond: int
    quorum_bps: int
    approval_bps: int
    silent_consent_limit: int
    arbiter: str
    appeal_period: int
    ruling_period: int
    claim_free_refund: bool
    organiser: str
    gate: str
    members_may_invite: bool
    fee_bps: int
    commission_bps: int
    max_members: int
    cause: str
    cause_bps: int
    unclaimed_after: int
    desk: str
    reinsurer: str
    max_cession_bps: int
    wording_hash: bytes
    name: str
    tiers: tuple[Tier, ...]
    reinsurance: tuple[Layer, ...]

    def as_tuple(self) -> tuple[Any, ...]:
        """Return the nested tuple that `create_pool` takes."""
        return astuple(self)

    @classmethod
    def from_tuple(cls, values: Sequence[Any]) -> "Terms":
        """Return the Terms in what `terms()` answers, through web3 or Brownie."""
        return cls(*_normalised(values))


# The fields that hold rows, and what each row is.
ROWS: dict[str, type[Tier | Layer]] = {"tiers": Tier, "reinsurance": Layer}

_ADDRESSES = ("asset", "arbiter", "organiser", "gate", "cause", "desk", "reinsurer")


def _normalised(values: Sequence[Any]) -> Iterator[Any]:
    for field, value in zip(fields(Terms), values, strict=True):
        if field.name in ROWS:
            yield tuple(ROWS[field.name](*map(int, row)) for row in value)
        elif field.name in _ADDRESSES:
            yield to_checksum_address(value)
        elif field.name == "wording_hash":
            yield bytes(value)
        else:
            yield value
