"""Rules 12 and 13: surplus, refunds, the sweep, and what is pulled."""

from __future__ import annotations

from .core import CANCELLED, ZERO, Core
from .errors import require
from .records import Member

MOST_REFUNDS_AT_ONCE = 500


class Ending(Core):
    """How a pool ends."""

    def settle(self) -> None:
        """Rule 12."""
        require(self.phase != CANCELLED, "settle: pool is cancelled")
        require(not self.settled_at, "settle: already settled")
        require(self.now >= self.reporting_end, "settle: reporting is not over")
        require(not any(claim.is_open for claim in self.claims), "settle: claims are open")
        require(not self.asked, "settle: awards wait for their window")
        self.treaty.bind()
        self.settled_at = self.now
        anybody_claim_free = any(not member.awarded for member in self.members.values())
        self.surplus.only_claim_free = self.terms.claim_free_refund and anybody_claim_free
        self.share(self.funds)

    def refund_due(self, account: str) -> int:
        """Rule 12: what of surplus (and premium, if cancelled) was not taken yet."""
        if not self.has_ended or account not in self.members:
            return 0
        member = self.members[account]
        return self._premium_due(member) + self.surplus.due_in_total(member) - member.taken

    def refund(self, account: str) -> int:
        """Rule 12."""
        require(account in self.members, "refund: not a member")
        require(self.has_ended, "refund: pool is not settled")
        amount = self.refund_due(account)
        require(amount > 0, "refund: nothing due")
        member = self.members[account]
        void = self._void_earnings_of(member)
        if member.round != self.surplus.round:
            member.round, member.refunded = self.surplus.round, 0
        member.refunded += amount
        member.taken += amount - self._premium_due(member)
        member.premium_is_gone = True
        self.held -= void
        self.funds -= amount - void
        self.send(member.payer if self.phase == CANCELLED else account, amount)
        return amount

    def refund_many(self, first_id: int, count: int) -> int:
        """Rule 12, for a stretch of the roster."""
        require(self.has_ended, "refund: pool is not settled")
        require(count <= MOST_REFUNDS_AT_ONCE, "refund: more than 500")
        stretch = [
            m for m in self.roster if m != ZERO and 0 <= self.members[m].id - first_id < count
        ]
        return sum(self.refund(member) for member in stretch if self.refund_due(member))

    def sweep(self) -> int:
        """Rule 13."""
        terms = self.terms
        require(terms.cause != ZERO, "sweep: no cause")
        require(self.has_ended, "sweep: pool is not settled")
        since = self.surplus.shared_at or terms.cover_start
        require(self.now >= since + terms.unclaimed_after, "sweep: too early")
        void = sum(map(self._void_earnings_of, self.members.values()))
        amount = self.funds + void
        require(amount > 0, "sweep: nothing left")
        for member in self.members.values():
            member.taken, member.premium_is_gone = 0, True
        self.surplus.begin_round()
        if self.phase == CANCELLED:
            self.donations.clear()
        self.funds = 0
        self.held -= void
        self.send(terms.cause, amount)
        return amount

    def withdraw(self, caller: str, receiver: str) -> int:
        """Rule 4: pull what is owed."""
        require(receiver != ZERO, "withdraw: receiver is the zero address")
        amount = self.credits[caller]
        if self.has_begun:
            amount += self.earnings[caller]
        require(amount > 0, "withdraw: nothing owed")
        require(self.outside.takes(receiver), "withdraw: transfer failed")
        if self.has_begun:
            self.earnings[caller] = 0
        self.credits[caller] = 0
        self.held -= amount
        self.hand_over(receiver, amount)
        return amount

    def _void_earnings_of(self, member: Member) -> int:
        """Rule 5: fee and commission are void in a cancelled pool; they leave with the premium."""
        return member.fee + member.commission if self._premium_due(member) else 0

    def _premium_due(self, member: Member) -> int:
        """Rule 12: in a cancelled pool the premium itself, once."""
        is_due = self.phase == CANCELLED and not member.premium_is_gone
        return member.premium if is_due else 0
