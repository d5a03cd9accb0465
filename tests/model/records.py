"""What the model remembers of members, claims and windows. Amounts in units, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from .ballots import OPEN

# The stages of a hearing (rule 7a), besides those of ballots.py
CUT, REFERRED, APPEALED = 5, 6, 7
NOBODY = "0x" + "00" * 20


@dataclass
class Member:
    """A present member, on an `account` that may change.

    `taken` is what it was refunded of this round's surplus (rule 13), and `refunded` all it was in
    `round`, the last in which it took something. `roster_when_pledged` is how many ids
    there were when the pledge was made, and `payee_id` who had joined on the payee's account since
    when it was last raised.
    """

    id: int
    account: str
    tier: int
    joined_at: int
    premium: int
    fee: int
    commission: int
    paid_by: str  # empty: the member
    referrer: str
    cover_used: int = 0
    open_claim: int = 0
    awarded: bool = False
    refunded: int = 0
    round: int = 0
    taken: int = 0
    premium_is_gone: bool = False
    payee: str = NOBODY
    payee_id: int = 0
    roster_when_pledged: int = 0
    pledged: int = 0

    @property
    def payer(self) -> str:
        """Return who gets the premium back: the member's own part goes along with the policy."""
        return self.paid_by or self.account


@dataclass
class Claim:
    """A claim; `owed` and `made_up` are exact shares of what a shortage cut (rules 9 and 11).

    `voters` are ids, so that a policy that moves has voted.
    """

    id: int
    member: Member
    asked: int
    incident_at: int
    filed_at: int
    window: int
    filed_by: str = ""  # the payee or loan that filed it; empty: the claimant
    payee_id: int = 0
    electorate: int = 0
    roster_size: int = 0
    is_guarantee: bool = False
    status: int = OPEN
    since: int = 0
    award: int = 0
    amount: int = 0
    waits: bool = False
    paid: int = 0
    base: int = 0
    cut: Fraction = Fraction(0)
    made_up: Fraction = Fraction(0)
    tally: list[int] = field(default_factory=lambda: [0] * 11)
    voters: set[int] = field(default_factory=set)
    # how coarse the contract's arithmetic may be for this claim: see Shortage
    coarseness: Fraction = Fraction(0)

    @property
    def claimant(self) -> str:
        """Return the account that the claimant is on by now."""
        return self.member.account

    @property
    def filer(self) -> str:
        """Return who has the say over the claim."""
        return self.filed_by or self.claimant

    def has_filer(self, caller: str) -> bool:
        """Return whether the caller has the say over it; nobody has once it is concluded."""
        return self.is_open and caller == self.filer

    @property
    def is_open(self) -> bool:
        """Return whether it was not concluded yet."""
        return self.status in (OPEN, CUT, REFERRED, APPEALED)

    @property
    def owed(self) -> Fraction:
        """Return what of the cut is still to be made up."""
        return self.cut - self.made_up


@dataclass
class Window:
    """A window that has claims."""

    previous: int
    undecided: int = 0
    settled: bool = False
    awards: int = 0
    available: int = 0
