"""Pledges of awards to a payee, and guarantees that a loan of the desk calls."""

from __future__ import annotations

from .ballots import AWARDED, FULL
from .claims import Claims
from .core import ZERO
from .errors import require, require_all

MOST = 2**100


class Pledges(Claims):
    """What the interface says of payees and loans."""

    def pledge(self, caller: str, payee: str, amount: int) -> None:
        """Awards go to the payee first."""
        member = self.members.get(caller)
        require(member is not None, "pledge: not a member")
        is_raise = member.pledged > 0 and member.payee == payee
        require_all(
            (payee not in (ZERO, caller), "pledge: payee is not another account"),
            (payee != self.terms.arbiter, "pledge: payee is the arbiter"),
            (payee not in self.members or is_raise, "pledge: payee is a member"),
            (not member.open_claim, "pledge: a claim is open"),
            (not member.pledged or member.payee == payee, "pledge: another payee holds it"),
            (amount > member.pledged, "pledge: not above what is pledged"),
            (amount <= MOST, "pledge: amount above 2**100"),
        )
        # a raise asks anew who has joined on the payee's account; nobody: who had at the last raise
        if not member.pledged:
            member.payee_id, member.roster_when_pledged = 0, len(self.roster)
        elif joined := self.joined_since_the_pledge(member, payee):
            member.payee_id = joined
        member.payee, member.pledged = payee, amount

    def release(self, caller: str, account: str, amount: int) -> None:
        """The payee gives up a part."""
        member = self.members.get(account)
        is_payee = member is not None and member.payee == caller
        require(is_payee, "release: caller is not the payee")
        require(amount <= member.pledged, "release: more than pledged")
        member.pledged -= amount

    def call_guarantee(
        self, caller: str, account: str, amount: int, is_loan: bool, in_default: int
    ) -> int:
        """A claim without a vote. The desk says of what is a loan and how much is in default."""
        member = self.members.get(account)
        is_payee = member is not None and member.payee == caller
        require(is_loan and is_payee, "guarantee: no such loan")
        begins = self.cover_begins(member)
        is_covered = self.has_begun and begins <= self.now and begins < self.terms.expiry
        require_all(
            (amount <= in_default, "guarantee: not in default"),
            (amount <= member.pledged, "guarantee: more than pledged"),
            (amount <= self.cover_left(member), "guarantee: more than the cover left"),
            (amount > 0, "guarantee: nothing"),
            (is_covered, "guarantee: not in the member's cover"),
            (self.now < self.reporting_end, "guarantee: reporting is over"),
        )
        self.treaty.bind()
        member.pledged -= amount
        claim = self.add_claim(
            member, filed_by=caller, asked=amount, incident_at=self.now, is_guarantee=True
        )
        claim.status, claim.award = AWARDED, FULL
        self.award(claim)
        return claim.id

    def pledge_of(self, account: str) -> tuple[str, int]:
        """Return the payee, and what is still to be paid to it."""
        member = self.members.get(account)
        return (member.payee, member.pledged) if member else (ZERO, 0)
