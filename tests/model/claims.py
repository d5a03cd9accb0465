"""Rules 6 to 10: claims, ballots, and what awards are paid."""

from __future__ import annotations

from collections.abc import Iterable

from . import ballots
from .ballots import AWARDED, LAPSED, OPEN, REJECTED
from .core import CANCELLED, ENROLLING, ZERO, ZERO_HASH, Core, Payment
from .errors import ModelError, require, require_all
from .records import CUT, REFERRED, Claim, Member, Window
from .shortage import dust_bound, payable


class Claims(Core):
    """Filing, voting, deciding, paying."""

    # --- filing, rules 6 and 8 ----------------------------------------------

    def file_claim(
        self, caller: str, amount: int, incident_at: int, evidence: bytes, payment: Payment
    ) -> int:
        """Rules 6 and 8."""
        member = self.members.get(caller)
        require(member is not None, "claim: not a member")
        return self._file(caller, member, "", amount, incident_at, evidence, payment)

    def file_claim_for(
        self,
        caller: str,
        account: str,
        amount: int,
        incident_at: int,
        evidence: bytes,
        payment: Payment,
    ) -> int:
        """The payee of a pledge claims for the member."""
        member = self.members.get(account)
        is_payee = member is not None and member.pledged > 0 and member.payee == caller
        require_all(
            (member is not None, "claim: not a member"),
            (is_payee, "claim: caller is not the loss payee"),
        )
        # who is both, having moved onto the payee's account, files as the member
        payee = "" if caller == account else caller
        return self._file(caller, member, payee, amount, incident_at, evidence, payment)

    def _file(
        self,
        caller: str,
        member: Member,
        payee: str,
        amount: int,
        incident_at: int,
        evidence: bytes,
        payment: Payment,
    ) -> int:
        terms, phase = self.terms, self.phase
        require_all(
            (phase != ENROLLING, "claim: cover has not started"),
            (phase != CANCELLED, "claim: pool is cancelled"),
            (self.now < self.reporting_end, "claim: reporting is over"),
            (not member.open_claim, "claim: one is already open"),
            (incident_at <= self.now, "claim: incident is in the future"),
            (incident_at >= self.cover_begins(member), "claim: incident before the member's cover"),
            (incident_at < terms.expiry, "claim: incident after expiry"),
            (evidence != ZERO_HASH, "claim: no evidence"),
            (amount > terms.deductible, "claim: not above the deductible"),
            (self.cover_left(member) > 0, "claim: cover is used up"),
        )
        self.collect(caller, terms.claim_bond, payment)
        self.held += terms.claim_bond
        payee_id = self._payee_id(member, bool(payee))
        claim = self.add_claim(
            member,
            filed_by=payee,
            asked=min(amount - terms.deductible, self.cover_left(member)),
            incident_at=incident_at,
            payee_id=payee_id,
            electorate=len(self.members) - 1 - bool(payee_id),
            roster_size=len(self.roster),
        )
        member.open_claim = claim.id
        self.asked += claim.asked
        self.windows[claim.window].undecided += 1
        return claim.id

    def add_claim(self, member: Member, **fields: int | str) -> Claim:
        """Give a claim its id and its window."""
        terms = self.terms
        claim = Claim(
            id=len(self.claims) + 1,
            member=member,
            filed_at=self.now,
            window=(self.now - terms.cover_start) // terms.voting_period,
            **fields,
        )
        self.claims.append(claim)
        if claim.window not in self.windows:
            self.windows[claim.window] = Window(previous=max(self.windows, default=-1) + 1)
        return claim

    def _payee_id(self, member: Member, payee_files: bool) -> int:
        """Return who, as the payee, may not vote: whoever had joined on its account by a raise, or
        has by now, or is on it and files the claim; 0: nobody."""
        if not member.pledged:
            return 0
        if self.by_id(member.payee_id):
            return member.payee_id
        if payee_files and member.payee in self.members:
            return self.members[member.payee].id
        return self.joined_since_the_pledge(member, member.payee)

    def joined_since_the_pledge(self, member: Member, account: str) -> int:
        """Return the id of who is on an account, if that member is newer than the pledge; or 0."""
        there = self.members.get(account)
        return there.id if there and there.id > member.roster_when_pledged else 0

    def reduce_claim(self, caller: str, claim_id: int, amount: int) -> None:
        """The filer asks for less, while it is voted on."""
        claim = self.claim_of(claim_id)
        require_all(
            (claim.has_filer(caller), "claim: caller is not the claimant"),
            (self._is_voted_on(claim), "claim: voting is over"),
            (amount > self.terms.deductible, "claim: not above the deductible"),
            (amount - self.terms.deductible < claim.asked, "claim: not a reduction"),
        )
        asked = amount - self.terms.deductible
        self.asked -= claim.asked - asked
        claim.asked = asked

    # --- ballots, rule 7 ----------------------------------------------------

    def _is_voted_on(self, claim: Claim) -> bool:
        return claim.status == OPEN and self.now < claim.filed_at + self.terms.voting_period

    def _can_be_cast(self, claim: Claim, award: int, reason: bytes) -> list[tuple[bool, str]]:
        return [
            (self._is_voted_on(claim), "ballot: voting is over"),
            (award <= ballots.FULL, "ballot: award is above ten tenths"),
            (award == ballots.FULL or reason != ZERO_HASH, "ballot: reason missing"),
        ]

    def _may_vote(self, claim: Claim, voter: str) -> list[tuple[bool, str]]:
        member = self.members.get(voter)
        if member is None:
            return [(False, "ballot: not a member")]
        return [
            (member is not claim.member, "ballot: own claim"),
            (member.id != claim.payee_id, "ballot: voter is the loss payee"),
            (member.id <= claim.roster_size, "ballot: joined after the claim"),
            (member.id not in claim.voters, "ballot: already cast"),
        ]

    def _cast(self, claim: Claim, voter: str, award: int) -> None:
        claim.voters.add(self.members[voter].id)
        claim.tally[award] += 1

    def vote(self, caller: str, claim_id: int, award: int, reason: bytes) -> None:
        """Rules 6 and 7."""
        claim = self.claim_of(claim_id)
        require_all(*self._can_be_cast(claim, award, reason), *self._may_vote(claim, caller))
        self._cast(claim, caller, award)

    def cast_ballots(
        self, claim_id: int, award: int, reason: bytes, signers: Iterable[str | None]
    ) -> int:
        """Signed ballots. `signers` are who signed just this ballot; what does not count is
        skipped."""
        claim = self.claim_of(claim_id)
        require_all(*self._can_be_cast(claim, award, reason))
        counted = 0
        for signer in signers:
            if signer and all(holds for holds, _ in self._may_vote(claim, signer)):
                self._cast(claim, signer, award)
                counted += 1
        return counted

    def cast_ballot_for(
        self,
        claim_id: int,
        voter: str,
        award: int,
        reason: bytes,
        is_signed: bool,
        has_code: bool,
    ) -> None:
        """One signed ballot, of a key or a wallet contract."""
        claim = self.claim_of(claim_id)
        require_all(
            *self._can_be_cast(claim, award, reason),
            *self._may_vote(claim, voter),
            (is_signed, "ballot: not signed by the voter"),
            (is_signed or has_code, "ballot: wallet is not deployed"),
        )
        self._cast(claim, voter, award)

    def has_voted(self, claim: Claim, account: str) -> bool:
        """Return whether the member on an account has."""
        return account in self.members and self.members[account].id in claim.voters

    # --- deciding, rules 7, 7a and 10 ---------------------------------------

    def resolve(self, claim_id: int) -> None:
        """Take a claim on to its next stage."""
        claim = self.claim_of(claim_id)
        require(claim.is_open, "claim: already decided")
        if claim.status == OPEN:
            self._count(claim)
        elif claim.status == CUT:
            is_over = self.now >= claim.since + self.terms.appeal_period
            require(is_over, "claim: can still be appealed")
            self.conclude_as_voted(claim)
        else:
            is_over = self.now >= claim.since + self.terms.ruling_period
            require(is_over, "claim: waits for the arbiter")
            self.conclude_as_voted(claim)

    def _count(self, claim: Claim) -> None:
        terms = self.terms
        require(
            self.now >= claim.filed_at + terms.voting_period
            or ballots.is_decided_early(
                claim.tally, claim.electorate, terms.quorum_bps, terms.approval_bps
            ),
            "claim: voting is still open",
        )
        status, award = ballots.outcome(
            claim.tally,
            claim.electorate,
            claim.asked,
            terms.quorum_bps,
            terms.approval_bps,
            terms.silent_consent_limit,
        )
        if terms.arbiter == ZERO or award == ballots.FULL:
            self.conclude(claim, status, award)
            return
        claim.status = REFERRED if status == LAPSED else CUT
        claim.award, claim.since = award, self.now

    def conclude_as_voted(self, claim: Claim) -> None:
        """Rule 7a: as the vote left it."""
        if claim.status == REFERRED:
            self.conclude(claim, LAPSED, 0)
        else:
            self.conclude(claim, AWARDED if claim.award else REJECTED, claim.award)

    def conclude(self, claim: Claim, status: int, award: int) -> None:
        """Rules 8 to 10."""
        self.treaty.bind()
        member = claim.member
        self.asked -= claim.asked
        claim.status, claim.award, claim.since = status, award, 0
        claim.asked = min(claim.asked, self.cover_left(member))
        self.windows[claim.window].undecided -= 1
        member.open_claim = 0
        bond = self.terms.claim_bond
        self.held -= bond
        if status == REJECTED:
            self.bring_in(bond)
            bond = 0
        self.award(claim, bond)

    def award(self, claim: Claim, bond: int = 0) -> None:
        """Rules 8 to 10: what was awarded is paid at once, and the bond with it, or waits."""
        claim.amount = claim.asked * claim.award // ballots.FULL
        if not claim.amount:
            self._pay(claim, 0, bond)
            return
        claim.member.cover_used += claim.amount
        claim.member.awarded = True
        self.asked += claim.amount
        if self.there >= self.asked:
            self._take_waiting_award(claim, bond)
        else:
            claim.waits = True
            self.windows[claim.window].awards += claim.amount
            self._pay(claim, 0, bond)

    # --- paying, rule 9 -----------------------------------------------------

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
        self.draw(window.available)
        self.held += window.available
        self.asked -= total
        self.shortage.cut(waiting, total, window.available)

    def award_due(self, claim_id: int) -> tuple[int, int]:
        """Return the least and the most that pay_award may pay now (rules 9, 11 and 14).

        Both are the same for an award that was not cut.
        """
        claim = self.claim_of(claim_id)
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
        claim = self.claim_of(claim_id)
        least, most = self.award_due(claim_id)
        require(amount > 0 or least > 0, "award: nothing to pay")
        if not least <= amount <= most:
            raise ModelError(f"award: {amount} is not in [{least}, {most}]")
        if self.windows[claim.window].settled:
            self.held -= amount
            claim.paid += amount
            self._pay(claim, amount)
        else:
            claim.waits = False
            self.windows[claim.window].awards -= claim.amount
            self._take_waiting_award(claim)

    def _take_waiting_award(self, claim: Claim, bond: int = 0) -> None:
        self.draw(claim.amount)
        self.asked -= claim.amount
        claim.paid = claim.amount
        self._pay(claim, claim.amount, bond)

    def _pay(self, claim: Claim, amount: int, bond: int = 0) -> None:
        """The payee of a pledge first; a guarantee to whoever called it. The bond goes along."""
        member = claim.member
        if claim.is_guarantee:
            self.send(claim.filer, amount)
            return
        to_payee = min(amount, member.pledged)
        member.pledged -= to_payee
        to_member = amount - to_payee
        if claim.filed_by:
            to_payee += bond
        else:
            to_member += bond
        self.send(member.payee, to_payee)
        self.send(member.account, to_member)
