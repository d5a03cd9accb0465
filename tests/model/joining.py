"""Rule 5: who comes in for what price, who leaves, and donations."""

from __future__ import annotations

from .ballots import BPS
from .core import CANCELLED, ENROLLING, ZERO, Core, Payment
from .errors import require, require_all
from .records import Member

YEAR = 365 * 86_400


class Joining(Core):
    """Joining, leaving, and money from anybody."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.invitations_used: dict[str, int] = {}

    def quote_premium(self, tier: int) -> int:
        """Rule 5: what joining costs now."""
        terms = self.terms
        require_all(
            (self.phase != CANCELLED, "join: pool is cancelled"),
            (self.now < terms.enrolment_end, "join: enrolment is over"),
            (tier < len(terms.tiers), "join: unknown tier"),
        )
        premium = terms.tiers[tier].premium
        if self.now < terms.cover_start:
            return premium
        return -(-premium * (terms.expiry - self.now) // (terms.expiry - terms.cover_start))

    def join(
        self,
        caller: str,
        member: str,
        tier: int,
        deadline: int,
        signer: str | None,
        referrer: str,
        payment: Payment,
    ) -> int:
        """Rule 5. `signer` is who signed just this invitation to this pool, None if nobody did."""
        terms = self.terms
        member_invites = terms.members_may_invite and self.phase == ENROLLING
        invited = signer == terms.organiser or (member_invites and signer in self.members)
        require_all(
            (self.phase != CANCELLED, "join: pool is cancelled"),
            (self.now < terms.enrolment_end, "join: enrolment is over"),
            (not self.shortage.unpaid, "join: pool owes unpaid awards"),
            (self.now <= deadline, "invitation: expired"),
            (deadline <= self.now + YEAR, "invitation: deadline is more than a year away"),
            (invited, "invitation: not signed by an inviter"),
            (deadline > self.invitations_used.get(member, 0), "invitation: already used"),
            (member != ZERO, "join: member is the zero address"),
            (member not in self.members, "join: already a member"),
            (tier < len(terms.tiers), "join: unknown tier"),
            (len(self.members) < terms.max_members, "join: pool is full"),
            (referrer != member, "join: referrer is the member"),
            self.credential(member),
        )
        premium = self.quote_premium(tier)
        self.collect(caller, premium, self._without_change(caller, premium, payment))
        fee = premium * terms.fee_bps // BPS
        commission = premium * terms.commission_bps // BPS if referrer != ZERO else 0
        self.treaty.bind()
        self.bring_in(premium - fee - commission)
        self.held += fee + commission
        self.earnings[terms.organiser] += fee
        self.earnings[referrer] += commission
        self.invitations_used[member] = deadline
        self.roster.append(member)
        self.members[member] = Member(
            id=len(self.roster),
            account=member,
            tier=tier,
            joined_at=self.now,
            premium=premium,
            fee=fee,
            commission=commission,
            paid_by=caller if caller != member else "",
            referrer=referrer,
        )
        return len(self.roster)

    def leave(self, caller: str) -> None:
        """Leave in the cooling-off time, with everything."""
        require(caller in self.members, "leave: not a member")
        require(self.now < self.terms.cover_start, "leave: cover has started")
        member = self.members.pop(caller)
        self.roster[member.id - 1] = ZERO
        self.earnings[self.terms.organiser] -= member.fee
        self.earnings[member.referrer] -= member.commission
        self.held -= member.fee + member.commission
        self.funds -= member.premium - member.fee - member.commission
        self.send(member.payer, member.premium)

    # --- money from anybody -------------------------------------------------

    def donate(self, caller: str, amount: int, payment: Payment) -> None:
        """Rule 11."""
        phase = self.phase
        require(phase != CANCELLED, "donate: pool is cancelled")
        require(amount > 0, "donate: nothing")
        self.collect_gift(caller, amount, payment)
        if phase == ENROLLING:
            self.donations[caller] += amount
        self.bring_in(amount)

    def return_donation(self, donor: str) -> None:
        """Rule 11: in a cancelled pool donations go back."""
        require(self.phase == CANCELLED, "donation: pool is not cancelled")
        amount = self.donations.pop(donor, 0)
        require(amount > 0, "donation: nothing to return")
        self.funds -= amount
        self.send(donor, amount)

    def absorb(self) -> int:
        """Rules 1 and 11."""
        require(self.phase != ENROLLING, "absorb: cover has not started")
        amount = self.stray
        require(amount > 0, "absorb: nothing stray")
        require(*self.room_for(amount))
        self.stray = 0
        self.bring_in(amount)
        return amount

    def recover(self, caller: str, claim_id: int, amount: int, payment: Payment) -> None:
        """Rule 11: money that came back for a claim."""
        self.claim_of(claim_id)
        require(amount > 0, "recover: nothing")
        self.collect_gift(caller, amount, payment)
        self.bring_in(amount)

    def _without_change(self, caller: str, premium: int, payment: Payment) -> Payment:
        """Rule 3: a late joiner may send more Ether than the price, which falls by the second."""
        change = payment.value - premium
        if self.terms.asset != ZERO or self.phase == ENROLLING or change <= 0:
            return payment
        require(self.outside.takes(caller), "value: cannot return the change")
        return Payment(premium, payment.token_is_there)
