"""What the rules of a random life share: the pool that attention is on, its people, and draws."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.model.core import CANCELLED, ENROLLING, SETTLED
from tests.model.pool import Pool
from tests.model.records import Claim, Member

from .mirror import Mirror
from .strategies import some_of
from .world import PEOPLE

MEMBERS = PEOPLE[1:8]
OTHERS = PEOPLE[8:]
REFERRER = PEOPLE[11]
OUTSIDER = PEOPLE[12]
PAYEE = PEOPLE[13]
WITHOUT_END = 2**256 - 1


class Life:
    """Base of all rules of PoolMachine."""

    mirror: Mirror
    accounts: list[str]
    insured: list[str]

    @property
    def model(self) -> Pool:
        """Return the model of the pool that attention is on."""
        return self.mirror.model

    # --- when a rule makes sense -------------------------------------------------

    def is_enrolling(self) -> bool:
        """Return whether members may leave."""
        return self.model.phase == ENROLLING

    def is_open_to_members(self) -> bool:
        """Return whether somebody can join."""
        return self.model.now < self.model.terms.enrolment_end

    def can_have_losses(self) -> bool:
        """Return whether claims are taken."""
        is_running = self.model.phase not in (ENROLLING, CANCELLED, SETTLED)
        return is_running and self.model.now < self.model.reporting_end

    def has_claims(self) -> bool:
        """Return whether any was filed."""
        return bool(self.model.claims)

    def has_members(self) -> bool:
        """Return whether anybody is insured."""
        return bool(self.model.members)

    def has_ended(self) -> bool:
        """Return whether it is settled or cancelled."""
        return self.model.has_ended

    # --- draws -------------------------------------------------------------------

    def _stint(self, data: Any, receiver: str = "") -> None:
        """Now and then give the next call some figure of gas: it may fail, never go astray.

        What a receiver who needs much gas says of it is the receiver's business.
        """
        if data.draw(st.integers(0, 11)) == 11 and receiver != self.mirror.world.spender:
            self.mirror.gas = data.draw(st.integers(25_000, 400_000))

    def _anybody(self, data: Any) -> str:
        return data.draw(st.sampled_from(self.accounts))

    def _member(self, data: Any) -> str:
        """Draw a member, and now and then somebody else."""
        return some_of(data.draw, list(self.model.members), self.accounts)

    def _amount(self, data: Any) -> int:
        premium = self.model.terms.tiers[0].premium
        unpaid = self.model.shortage.unpaid
        drawn = unpaid + self.model.tower.drawn
        sizes = {0, 1, 2, premium, premium * 3 + 1, unpaid, unpaid + 1, unpaid // 2, unpaid - 1}
        sizes |= {drawn - 1, drawn, drawn + 1, (unpaid + drawn) // 2}
        return data.draw(st.sampled_from(sorted(size for size in sizes if size >= 0)))

    def _part(self, data: Any, whole: int) -> int:
        parts = (0, 1, whole // 3, whole // 2 + 1, whole, whole, whole + 1)
        return data.draw(st.sampled_from(parts))

    def _claim_in(self, data: Any, *status: int) -> Claim | None:
        """Draw a claim in one of these states, and now and then another, or none."""
        likely = [claim for claim in self.model.claims if claim.status in status]
        return some_of(data.draw, likely, [*self.model.claims, None])

    def _can_claim(self, member: Member) -> bool:
        begins = self.model.cover_begins(member)
        has_cover = begins <= self.mirror.now and self.model.cover_left(member) > 0
        return has_cover and not member.open_claim
