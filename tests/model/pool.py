"""A whole pool by the rules of docs/design.md; "rule n" refers to that page.

The world outside is told to the model by its caller: what time it is (`now`), who can be paid
(`accepts`), who signed an invitation, whether a payer has the money. What is taken from and sent to
each account is added up in `spent` and `received`: wallets can be compared as well as books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peerpool.terms import Terms

from . import ballots
from .ballots import BPS, OPEN, REJECTED
from .errors import ModelError, require, require_all
from .records import Claim, Member, Window
from .shortage import Shortage, dust_bound, payable
from .surplus import Surplus
from .treaty import Treaty

ZERO = "0x" + "00" * 20
ZERO_HASH = bytes(32)
ENROLLING, CANCELLED, ACTIVE, RUN_OFF, SETTLED = range(5)
MOST_REFUNDS_AT_ONCE = 500
YEAR = 365 * 86_400


@dataclass(frozen=True)
class Payment:
    """What a caller sends along: Ether, and whether the token would let itself be taken."""

    value: int
    token_is_there: bool


class Pool:
    """The model; methods are named as in IPool.vyi and raise ModelError where it reverts."""

    def __init__(
        self,
        terms: Terms,
        address: str,
        accepts: Callable[[str], bool],
        layers: Sequence[str],
    ) -> None:
        self.terms = terms
        self.address = address
        self.accepts = accepts
        self.now = 0
        self.funds = self.held = self.stray = 0
        self.members: dict[str, Member] = {}
        self.roster: list[str] = []
        self.claims: list[Claim] = []
        self.windows: dict[int, Window] = {}
        self.invitations_used: dict[str, int] = {}
        self.earnings: defaultdict[str, int] = defaultdict(int)
        self.credits: defaultdict[str, int] = defaultdict(int)
        self.donations: defaultdict[str, int] = defaultdict(int)
        self.received: defaultdict[str, int] = defaultdict(int)
        self.spent: defaultdict[str, int] = defaultdict(int)
        self.asked = 0
        self.shortage = Shortage()
        self.surplus = Surplus()
        self.settled_at = 0
        self.treaty = Treaty(self, layers)
        self.tower = self.treaty.tower
        self.shares = self.treaty.shares

    # --- time ---------------------------------------------------------------

    @property
    def phase(self) -> int:
        """Return the phase. Nobody flips it."""
        terms = self.terms
        if self.now < terms.cover_start:
            return ENROLLING
        if len(self.members) < terms.min_members:
            return CANCELLED
        if self.now < terms.expiry:
            return ACTIVE
        return SETTLED if self.settled_at else RUN_OFF

    @property
    def is_enrolling(self) -> bool:
        """Return whether members may leave, and reinsurers deposit."""
        return self.phase == ENROLLING

    @property
    def has_begun(self) -> bool:
        """Return whether there is cover, or was."""
        return self.phase not in (ENROLLING, CANCELLED)

    @property
    def has_ended(self) -> bool:
        """Return whether everybody can take what is theirs."""
        return self.phase in (SETTLED, CANCELLED)

    @property
    def reporting_end(self) -> int:
        """Return the second from which no loss is taken any more."""
        return self.terms.expiry + self.terms.reporting_period

    # --- joining ------------------------------------------------------------

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
        has_credential: bool,
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
            (terms.gate == ZERO or has_credential, "gate: no credential"),
        )
        premium = self.quote_premium(tier)
        self._collect(caller, premium, self._without_change(caller, premium, payment))
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
            tier=tier,
            joined_at=self.now,
            premium=premium,
            fee=fee,
            commission=commission,
            payer=caller,
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
        self._send(member.payer, member.premium)

    # --- money from anybody -------------------------------------------------

    def donate(self, caller: str, amount: int, payment: Payment) -> None:
        """Rule 11."""
        phase = self.phase
        require(phase != CANCELLED, "donate: pool is cancelled")
        require(amount > 0, "donate: nothing")
        self._collect(caller, amount, payment)
        if phase == ENROLLING:
            self.donations[caller] += amount
        self.bring_in(amount)

    def return_donation(self, donor: str) -> None:
        """Rule 11: in a cancelled pool donations go back."""
        require(self.phase == CANCELLED, "donation: pool is not cancelled")
        amount = self.donations.pop(donor, 0)
        require(amount > 0, "donation: nothing to return")
        self.funds -= amount
        self._send(donor, amount)

    def absorb(self) -> int:
        """Rules 1 and 11."""
        require(self.phase != ENROLLING, "absorb: cover has not started")
        amount = self.stray
        require(amount > 0, "absorb: nothing stray")
        self.stray = 0
        self.bring_in(amount)
        return amount

    def recover(self, caller: str, claim_id: int, amount: int, payment: Payment) -> None:
        """Rule 11: money that came back for a claim."""
        self._claim(claim_id)
        require(amount > 0, "recover: nothing")
        self._collect(caller, amount, payment)
        self.bring_in(amount)

    # --- claims -------------------------------------------------------------

    def file_claim(
        self, caller: str, amount: int, incident_at: int, evidence: bytes, payment: Payment
    ) -> int:
        """Rules 6 and 8."""
        terms, phase = self.terms, self.phase
        require(caller in self.members, "claim: not a member")
        member = self.members[caller]
        cover_begins = max(terms.cover_start, member.joined_at) + terms.waiting_period
        cover_left = terms.tiers[member.tier].cover_limit - member.cover_used
        require_all(
            (phase != ENROLLING, "claim: cover has not started"),
            (phase != CANCELLED, "claim: pool is cancelled"),
            (self.now < self.reporting_end, "claim: reporting is over"),
            (not member.open_claim, "claim: one is already open"),
            (incident_at <= self.now, "claim: incident is in the future"),
            (incident_at >= cover_begins, "claim: incident before the member's cover"),
            (incident_at < terms.expiry, "claim: incident after expiry"),
            (evidence != ZERO_HASH, "claim: no evidence"),
            (amount > terms.deductible, "claim: not above the deductible"),
            (cover_left > 0, "claim: cover is used up"),
        )
        self._collect(caller, terms.claim_bond, payment)
        self.held += terms.claim_bond
        claim = Claim(
            id=len(self.claims) + 1,
            claimant=caller,
            asked=min(amount - terms.deductible, cover_left),
            incident_at=incident_at,
            filed_at=self.now,
            window=(self.now - terms.cover_start) // terms.voting_period,
            electorate=len(self.members) - 1,
            roster_size=len(self.roster),
        )
        self.claims.append(claim)
        member.open_claim = claim.id
        self.asked += claim.asked
        if claim.window not in self.windows:
            self.windows[claim.window] = Window(previous=max(self.windows, default=-1) + 1)
        self.windows[claim.window].undecided += 1
        return claim.id

    def vote(self, caller: str, claim_id: int, award: int, reason: bytes) -> None:
        """Rules 6 and 7."""
        claim = self._claim(claim_id)
        voting_end = claim.filed_at + self.terms.voting_period
        is_open = claim.status == OPEN and self.now < voting_end
        member = self.members.get(caller)
        require_all(
            (is_open, "ballot: voting is over"),
            (award <= ballots.FULL, "ballot: award is above ten tenths"),
            (award == ballots.FULL or reason != ZERO_HASH, "ballot: reason missing"),
            (member is not None, "ballot: not a member"),
            (caller != claim.claimant, "ballot: own claim"),
            (not member or member.id <= claim.roster_size, "ballot: joined after the claim"),
            (caller not in claim.voters, "ballot: already cast"),
        )
        claim.voters.add(caller)
        claim.tally[award] += 1

    def resolve(self, claim_id: int) -> None:
        """Rules 7 to 11."""
        terms, claim = self.terms, self._claim(claim_id)
        require(claim.status == OPEN, "claim: already decided")
        require(
            self.now >= claim.filed_at + terms.voting_period
            or ballots.is_decided_early(
                claim.tally, claim.electorate, terms.quorum_bps, terms.approval_bps
            ),
            "claim: voting is still open",
        )
        self.treaty.bind()
        claim.status, claim.award = ballots.outcome(
            claim.tally,
            claim.electorate,
            claim.asked,
            terms.quorum_bps,
            terms.approval_bps,
            terms.silent_consent_limit,
        )
        claim.amount = claim.asked * claim.award // ballots.FULL
        member = self.members[claim.claimant]
        member.open_claim = 0
        member.cover_used += claim.amount
        member.awarded |= claim.amount > 0
        self.windows[claim.window].undecided -= 1
        self.asked -= claim.asked - claim.amount
        self.held -= terms.claim_bond
        if claim.status == REJECTED:
            self.bring_in(terms.claim_bond)
            return
        payout = terms.claim_bond
        if claim.amount and self.there >= self.asked:
            payout += self._take_waiting_award(claim)
        elif claim.amount:
            claim.waits = True
            self.windows[claim.window].awards += claim.amount
        self._send(claim.claimant, payout)

    def settle_window(self, number: int) -> None:
        """Rule 9."""
        require(number in self.windows, "window: no claims")
        window, terms = self.windows[number], self.terms
        require(not window.settled, "window: already settled")
        window_end = terms.cover_start + (number + 1) * terms.voting_period
        require(self.now >= window_end, "window: still open")
        require(not window.undecided, "window: claims are undecided")
        earlier = (w for n, w in self.windows.items() if n < number)
        require(all(w.settled for w in earlier), "window: an earlier one is not settled")
        waiting = [c for c in self.claims if c.window == number and c.waits]
        total = sum(claim.amount for claim in waiting)
        self.treaty.bind()
        window.settled = True
        window.awards, window.available = total, min(self.there, total)
        self._draw(window.available)
        self.held += window.available
        self.asked -= total
        self.shortage.cut(waiting, total, window.available)

    def award_due(self, claim_id: int) -> tuple[int, int]:
        """Return the least and the most that pay_award may pay now (rules 9, 11 and 14).

        Both are the same for an award that was not cut.
        """
        claim = self._claim(claim_id)
        if not claim.waits:
            return 0, 0
        if not self.windows[claim.window].settled:
            due = claim.amount if self.there >= self.asked else 0
            return due, due
        exact = payable(claim)
        lowest = claim.base if not claim.made_up else max(claim.base, exact - dust_bound(claim))
        return max(0, int(-(-lowest // 1)) - claim.paid), max(0, int(exact // 1) - claim.paid)

    def pay_award(self, claim_id: int, amount: int) -> None:
        """Rules 9 and 11, with the contract's answer: refused unless it is in award_due()."""
        claim = self._claim(claim_id)
        least, most = self.award_due(claim_id)
        require(amount > 0 or least > 0, "award: nothing to pay")
        if not least <= amount <= most:
            raise ModelError(f"award: {amount} is not in [{least}, {most}]")
        if self.windows[claim.window].settled:
            self.held -= amount
            claim.paid += amount
        else:
            claim.waits = False
            self.windows[claim.window].awards -= claim.amount
            self._take_waiting_award(claim)
        self._send(claim.claimant, amount)

    # --- the end ------------------------------------------------------------

    def settle(self) -> None:
        """Rule 12."""
        require(self.phase != CANCELLED, "settle: pool is cancelled")
        require(not self.settled_at, "settle: already settled")
        require(self.now >= self.reporting_end, "settle: reporting is not over")
        require(all(c.status != OPEN for c in self.claims), "settle: claims are open")
        require(not self.asked, "settle: awards wait for their window")
        self.treaty.bind()
        self.settled_at = self.now
        anybody_claim_free = any(not member.awarded for member in self.members.values())
        self.surplus.only_claim_free = self.terms.claim_free_refund and anybody_claim_free
        self._share(self.funds)

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
        self._send(member.payer if self.phase == CANCELLED else account, amount)
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
        self._send(terms.cause, amount)
        return amount

    def withdraw(self, caller: str, receiver: str) -> int:
        """Rule 4: pull what is owed."""
        require(receiver != ZERO, "withdraw: receiver is the zero address")
        amount = self.credits[caller]
        if self.has_begun:
            amount += self.earnings[caller]
        require(amount > 0, "withdraw: nothing owed")
        require(self.accepts(receiver), "withdraw: transfer failed")
        if self.has_begun:
            self.earnings[caller] = 0
        self.credits[caller] = 0
        self.held -= amount
        self.hand_over(receiver, amount)
        return amount

    # --- shared -------------------------------------------------------------

    def _claim(self, claim_id: int) -> Claim:
        require(0 < claim_id <= len(self.claims), "claim: no such claim")
        return self.claims[claim_id - 1]

    def door(self, amount: int, payment: Payment, taker: str) -> list[tuple[bool, str]]:
        """Rule 3: what is demanded of money at the door, in this order.

        A token is not asked for nothing.
        """
        if self.terms.asset == ZERO:
            return [(payment.value == amount, "value: wrong amount")]
        return [
            (payment.value == 0, f"value: {taker} takes a token"),
            (payment.token_is_there or not amount, "token: transfer failed"),
        ]

    def hand_over(self, receiver: str, amount: int) -> None:
        """Book what an account of the caller's choice got, which may be a contract of the pool."""
        self.received[receiver] += amount
        for contract in (self, *self.shares):
            if receiver == contract.address:
                contract.stray += amount

    def _collect(self, caller: str, amount: int, payment: Payment) -> None:
        """Rule 3: money at the door."""
        for demand in self.door(amount, payment, "pool"):
            require(*demand)
        self.spent[caller] += amount

    def _without_change(self, caller: str, premium: int, payment: Payment) -> Payment:
        """Rule 3: a late joiner may send more Ether than the price, which falls by the second."""
        change = payment.value - premium
        if self.terms.asset != ZERO or self.phase == ENROLLING or change <= 0:
            return payment
        require(self.accepts(caller), "value: cannot return the change")
        return Payment(premium, payment.token_is_there)

    def _send(self, account: str, amount: int) -> None:
        """Rule 4: one try; what cannot be sent becomes a credit."""
        if self.accepts(account):
            self.received[account] += amount
        else:
            self.held += amount
            self.credits[account] += amount

    def bring_in(self, amount: int) -> None:
        """Rule 11: unpaid awards, layers, funds; the rest is surplus once there is one."""
        made_up = self.shortage.make_up(amount)
        repaid = self.tower.repay(amount - made_up)
        self.held += made_up + repaid
        rest = amount - made_up - repaid
        self.funds += rest
        if rest and self.has_ended:
            self._share(rest)

    def _share(self, amount: int) -> None:
        """Rule 12: the cause and the members; where there are none, their part stays in funds."""
        to_cause = amount * self.terms.cause_bps // BPS
        self.funds -= to_cause
        if self.members:
            self.surplus.share(
                amount - to_cause, self.members.values(), waiting=self.funds, now=self.now
            )
        if to_cause:
            self._send(self.terms.cause, to_cause)

    def _void_earnings_of(self, member: Member) -> int:
        """Rule 5: fee and commission are void in a cancelled pool; they leave with the premium."""
        return member.fee + member.commission if self._premium_due(member) else 0

    def _premium_due(self, member: Member) -> int:
        """Rule 12: in a cancelled pool the premium itself, once."""
        is_due = self.phase == CANCELLED and not member.premium_is_gone
        return member.premium if is_due else 0

    @property
    def there(self) -> int:
        """Rule 9: what awards can be paid from."""
        return self.funds + self.tower.capacity

    def _draw(self, amount: int) -> None:
        """Rule 15: funds first; what they lack is taken from the layers, whose money is held."""
        from_funds = min(self.funds, amount)
        self.funds -= from_funds
        self.tower.draw(amount - from_funds)
        self.held -= amount - from_funds

    def _take_waiting_award(self, claim: Claim) -> int:
        self._draw(claim.amount)
        self.asked -= claim.amount
        claim.paid = claim.amount
        return claim.amount
