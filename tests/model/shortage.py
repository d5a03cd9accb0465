"""Rules 9 and 11: awards that a shortage cut, each share exact to the fraction.

The contract does this with one factor for all; here every claim has its own share, by the words of
the rules alone. The contract rounds down, so it may pay less than the exact share, by no more than
rule 14 says: two units, and 2**-95 of the cut for each time something was made up.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from .records import Claim

STEP = Fraction(1, 2**95)


class Shortage:
    """The unpaid awards of a pool."""

    def __init__(self) -> None:
        self.unpaid = 0
        self._claims: list[Claim] = []

    def cut(self, claims: Iterable[Claim], waiting: int, available: int) -> None:
        """Cut the waiting awards of one window to `available`."""
        missing = waiting - available
        for claim in claims:
            claim.base = claim.amount * available // waiting
            claim.cut = Fraction(claim.amount * missing, waiting)
            claim.coarseness = Fraction(0)
            if missing:
                self._claims.append(claim)
        self.unpaid += missing

    def make_up(self, amount: int) -> int:
        """Share what came in among unpaid awards, pro rata; return how much of it they took."""
        taken = min(amount, self.unpaid)
        if not taken:
            return 0
        share = Fraction(taken, self.unpaid)
        for claim in self._claims:
            claim.coarseness += claim.cut * STEP
            claim.made_up += claim.owed * share
        self.unpaid -= taken
        if not self.unpaid:
            for claim in self._claims:
                claim.coarseness = Fraction(0)
            self._claims.clear()
        return taken


def payable(claim: Claim) -> Fraction:
    """Return the exact amount of a cut award that can be paid by now, paid or not."""
    return claim.base + claim.made_up


def dust_bound(claim: Claim) -> Fraction:
    """Return how much less than `payable` the contract may say."""
    return 2 + claim.coarseness
