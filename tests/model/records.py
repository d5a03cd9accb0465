"""What the model remembers of members, claims and windows. Amounts in units, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from .ballots import AWARDED, OPEN


@dataclass
class Member:
    """A present member. `taken` is what it was refunded of this round's surplus (rule 13), and
    `refunded` all it was in `round`, the last in which it took something."""

    id: int
    tier: int
    joined_at: int
    premium: int
    fee: int
    commission: int
    payer: str
    referrer: str
    cover_used: int = 0
    open_claim: int = 0
    awarded: bool = False
    refunded: int = 0
    round: int = 0
    taken: int = 0
    premium_is_gone: bool = False


@dataclass
class Claim:
    """A claim; `owed` and `made_up` are exact shares of what a shortage cut (rules 9 and 11)."""

    id: int
    claimant: str
    asked: int
    incident_at: int
    filed_at: int
    window: int
    electorate: int
    roster_size: int
    status: int = OPEN
    award: int = 0
    amount: int = 0
    waits: bool = False
    paid: int = 0
    base: int = 0
    cut: Fraction = Fraction(0)
    made_up: Fraction = Fraction(0)
    tally: list[int] = field(default_factory=lambda: [0] * 11)
    voters: set[str] = field(default_factory=set)
    # how coarse the contract's arithmetic may be for this claim: see Shortage
    coarseness: Fraction = Fraction(0)
    # The model knows no pledges and no arbiter: nobody but the claimant files, nothing is heard.
    payee_id: int = 0
    since: int = 0

    @property
    def filer(self) -> str:
        """Return who has the say over the claim."""
        return self.claimant

    @property
    def owed(self) -> Fraction:
        """Return what of the cut is still to be made up."""
        return self.cut - self.made_up

    @property
    def is_awarded(self) -> bool:
        """Return whether it was decided for the claimant."""
        return self.status == AWARDED


@dataclass
class Window:
    """A window that has claims."""

    previous: int
    undecided: int = 0
    settled: bool = False
    awards: int = 0
    available: int = 0
