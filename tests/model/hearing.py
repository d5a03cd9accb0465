"""Rule 7a: a fair hearing."""

from __future__ import annotations

from . import ballots
from .ballots import AWARDED, REJECTED
from .claims import Claims
from .core import ZERO_HASH
from .errors import require_all
from .records import APPEALED, CUT, REFERRED


class Hearings(Claims):
    """What claimant and arbiter may do after the vote."""

    def accept(self, caller: str, claim_id: int) -> None:
        """Take what the vote decided."""
        claim = self.claim_of(claim_id)
        require_all(
            (claim.has_filer(caller), "claim: caller is not the claimant"),
            (claim.status == CUT, "claim: nothing to accept"),
        )
        self.conclude_as_voted(claim)

    def appeal(self, caller: str, claim_id: int) -> None:
        """Go to the arbiter, once."""
        claim = self.claim_of(claim_id)
        is_late = claim.status == CUT and self.now >= claim.since + self.terms.appeal_period
        require_all(
            (claim.has_filer(caller), "claim: caller is not the claimant"),
            (claim.status == CUT, "appeal: nothing to appeal"),
            (not is_late, "appeal: too late"),
        )
        claim.status, claim.since = APPEALED, self.now

    def rule(self, caller: str, claim_id: int, award: int, reason: bytes) -> None:
        """The arbiter decides."""
        claim = self.claim_of(claim_id)
        is_before_arbiter = claim.status in (REFERRED, APPEALED)
        is_late = is_before_arbiter and self.now >= claim.since + self.terms.ruling_period
        require_all(
            (caller == self.terms.arbiter, "ruling: caller is not the arbiter"),
            (caller != claim.claimant, "ruling: own case"),
            (is_before_arbiter, "ruling: not before the arbiter"),
            (not is_late, "ruling: too late"),
            (award <= ballots.FULL, "ruling: award is above ten tenths"),
            (award >= claim.award, "ruling: below the vote"),
            (award == ballots.FULL or reason != ZERO_HASH, "ruling: reason missing"),
        )
        self.conclude(claim, AWARDED if award else REJECTED, award)
