"""Calls about claims, ballots, hearings and awards, to contract and model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import papers
from .papers import Ballot

if TYPE_CHECKING:
    from .mirror import Mirror

EVIDENCE = b"\xee" * 32
REASON = b"\x0b" * 32


class ClaimCalls:
    """Part of Mirror; calls are named as in IPool.vyi."""

    def file_claim(
        self: Mirror,
        caller: str,
        amount: int,
        incident_at: int,
        *,
        evidence: bytes = EVIDENCE,
        value: int | None = None,
    ) -> int | None:
        """File a claim."""
        value = self.value(self.terms.claim_bond) if value is None else value
        return self.both(
            "file_claim",
            (amount, incident_at, evidence, "ipfs://loss"),
            lambda: self.model.file_claim(
                caller, amount, incident_at, evidence, self.payment(caller, value)
            ),
            sender=caller,
            value=value,
        )

    def file_claim_for(
        self: Mirror, caller: str, member: str, amount: int, incident_at: int
    ) -> int | None:
        """File a claim as the payee of a pledge."""
        value = self.value(self.terms.claim_bond)
        return self.both(
            "file_claim_for",
            (member, amount, incident_at, EVIDENCE, "ipfs://loss"),
            lambda: self.model.file_claim_for(
                caller, member, amount, incident_at, EVIDENCE, self.payment(caller, value)
            ),
            sender=caller,
            value=value,
        )

    def reduce_claim(self: Mirror, caller: str, claim_id: int, amount: int) -> None:
        """Ask for less."""
        self.both(
            "reduce_claim",
            (claim_id, amount),
            lambda: self.model.reduce_claim(caller, claim_id, amount),
            sender=caller,
        )

    # --- ballots ----------------------------------------------------------------

    def vote(self: Mirror, caller: str, claim_id: int, award: int, reason: bytes = REASON) -> None:
        """Vote."""
        self.both(
            "vote",
            (claim_id, award, reason),
            lambda: self.model.vote(caller, claim_id, award, reason),
            sender=caller,
        )

    def cast_ballots(
        self: Mirror,
        claim_id: int,
        award: int,
        ballots: Sequence[Ballot],
        sender: str,
        reason: bytes = REASON,
    ) -> int | None:
        """Bring in signed ballots."""
        pairs = [papers.sign_ballot_short(self, claim_id, award, reason, b) for b in ballots]
        world = self.world
        signers = [papers.key_of(b.signer, world) if not b.flaw else None for b in ballots]
        return self.both(
            "cast_ballots",
            (claim_id, award, reason, pairs),
            lambda: self.model.cast_ballots(claim_id, award, reason, signers),
            sender=sender,
        )

    def cast_ballot_for(
        self: Mirror,
        claim_id: int,
        voter: str,
        award: int,
        ballot: Ballot,
        sender: str,
        reason: bytes = REASON,
    ) -> None:
        """Bring in one signed ballot, of a key or a wallet."""
        signature = papers.sign_ballot(self, claim_id, award, reason, ballot)
        is_signed = papers.is_signed_by(voter, ballot, self.world)
        has_code = bool(self.world.chain.code(voter))
        self.both(
            "cast_ballot_for",
            (claim_id, voter, award, reason, signature),
            lambda: self.model.cast_ballot_for(claim_id, voter, award, reason, is_signed, has_code),
            sender=sender,
        )

    # --- what comes of them -----------------------------------------------------

    def resolve(self: Mirror, claim_id: int, sender: str) -> None:
        """Take a claim to its next stage."""
        self.both("resolve", (claim_id,), lambda: self.model.resolve(claim_id), sender=sender)

    def accept(self: Mirror, caller: str, claim_id: int) -> None:
        """Accept what the vote decided."""
        self.both("accept", (claim_id,), lambda: self.model.accept(caller, claim_id), sender=caller)

    def appeal(self: Mirror, caller: str, claim_id: int) -> None:
        """Appeal."""
        self.both("appeal", (claim_id,), lambda: self.model.appeal(caller, claim_id), sender=caller)

    def rule(self: Mirror, caller: str, claim_id: int, award: int, reason: bytes = REASON) -> None:
        """Rule."""
        self.both(
            "rule",
            (claim_id, award, reason),
            lambda: self.model.rule(caller, claim_id, award, reason),
            sender=caller,
        )

    def settle_window(self: Mirror, window: int, sender: str) -> None:
        """Settle a window."""
        self.both(
            "settle_window", (window,), lambda: self.model.settle_window(window), sender=sender
        )

    def pay_award(self: Mirror, claim_id: int, sender: str) -> int | None:
        """Pay an award. How much a cut award gets is the contract's to say, within dust."""
        announced: int | None = None
        if 0 < claim_id <= len(self.model.claims):
            announced = self.pool.view("award_due", claim_id)

        def follow() -> int:
            self.model.pay_award(claim_id, announced or 0)
            return announced or 0

        return self.both("pay_award", (claim_id,), follow, sender=sender)
