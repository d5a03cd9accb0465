"""Pledges and guarantees in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.core import ZERO

from .claim_rules import ClaimRules
from .life import OTHERS, PAYEE, WITHOUT_END, Life
from .strategies import some_of


class PledgeRules(ClaimRules):
    """Rules of PoolMachine."""

    def has_desk(self) -> bool:
        """Return whether loans can call guarantees."""
        return self.model.terms.desk != ZERO and self.can_have_losses()

    def has_pledges(self) -> bool:
        """Return whether anything is pledged, or was."""
        return any(member.payee != ZERO for member in self.model.members.values())

    @precondition(Life.has_members)
    @rule(data=st.data(), count=st.integers(1, 3))
    def awards_are_pledged(self, data: Any, count: int) -> None:
        for _ in range(count):
            member = self._member(data)
            present = self.model.members.get(member)
            payees = [present.payee] if present and present.pledged else list(self._payees())
            payee = some_of(data.draw, payees, [ZERO, member, *self._payees()])
            self.mirror.pledge(member, payee, self._size(data, member))

    @precondition(has_pledges)
    @rule(data=st.data())
    def a_payee_releases(self, data: Any) -> None:
        member = self._pledger(data)
        present = self.model.members.get(member)
        part = self._part(data, present.pledged if present else 1)
        self.mirror.release(self._payee_of(data, member), member, part)

    @precondition(has_pledges)
    @rule(data=st.data())
    def a_payee_claims_for_the_member(self, data: Any) -> None:
        member = self._pledger(data)
        loss, incident = self._loss(data, member), self._incident(data, member)
        self.mirror.file_claim_for(self._payee_of(data, member), member, loss, incident)

    @precondition(has_desk)
    @rule(data=st.data(), count=st.integers(1, 3))
    def a_loan_calls_guarantees(self, data: Any, count: int) -> None:
        """Of a member who pledges to it first, if that is possible."""
        world = self.mirror.world
        member = self._member(data)
        present = self.model.members.get(member)
        loans = [world.loan, PAYEE, self.accounts[-1]]
        if present and present.pledged and present.payee in self.accounts:
            loans = [present.payee]
        loan = data.draw(st.sampled_from(loans))
        if loan not in world.loans:
            world.lend(loan)
        self.mirror.pledge(member, loan, self._size(data, member))
        for _ in range(count):
            most = min(present.pledged, self.model.cover_left(present)) if present else 1
            amount = some_of(data.draw, [most, most // 2 + 1], [self._size(data, member)])
            in_default = data.draw(st.sampled_from((WITHOUT_END, amount, max(amount - 1, 0))))
            if world.in_default[loan, member] != in_default:
                world.set_default(loan, member, in_default)
            self._stint(data)
            self.mirror.call_guarantee(some_of(data.draw, [loan], self.accounts), member, amount)

    def _payees(self) -> tuple[str, ...]:
        """Return a stranger, a loan, hostile wallets, members, who may be one later, the arbiter,
        and the pool itself."""
        world = self.mirror.world
        members = list(self.model.members)[:4]
        later = [who for who in self.accounts if who not in self.model.members][:4]
        arbiter = [self.model.terms.arbiter] if self.model.terms.arbiter != ZERO else []
        others = (PAYEE, world.loan, self.accounts[-1], *world.hostile, OTHERS[0])
        return (*others, *members, *later, *arbiter, self.mirror.pool.address)

    def _payee_of(self, data: Any, account: str) -> str:
        """Draw the payee of a member's pledge, and now and then somebody else."""
        payee = self.model.pledge_of(account)[0]
        is_account = payee in self.accounts
        return some_of(data.draw, [payee] if is_account else [], self.accounts)

    def _pledger(self, data: Any) -> str:
        pledgers = [who for who, member in self.model.members.items() if member.pledged]
        return some_of(data.draw, pledgers, self.accounts)

    def _size(self, data: Any, account: str) -> int:
        member = self.model.members.get(account)
        pledged = member.pledged if member else 0
        left = self.model.cover_left(member) if member else 1
        sizes = {0, 1, pledged, pledged + 1, left // 3 + 1, left, left + 1, 2**100, 2**100 + 1}
        return data.draw(st.sampled_from((*sorted(sizes), left, left // 2 + 1, pledged + 1)))
