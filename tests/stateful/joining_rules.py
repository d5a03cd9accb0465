"""Who joins and leaves, and money from anybody, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.core import ZERO
from tests.model.joining import YEAR

from .life import OTHERS, OUTSIDER, REFERRER, Life
from .papers import Permit
from .strategies import some_of
from .world import KEY_OF, PEOPLE, PERMITTING


class JoiningRules(Life):
    """Rules of PoolMachine."""

    def takes_permits(self) -> bool:
        """Return whether people can join by a permit."""
        return self.mirror.world.token_name == PERMITTING and self.is_open_to_members()

    def owes_awards(self) -> bool:
        """Return whether awards were cut."""
        return self.model.shortage.unpaid > 0

    @precondition(Life.is_open_to_members)
    @rule(data=st.data(), count=st.integers(1, 4))
    def people_join(self, data: Any, count: int) -> None:
        self._join(data, count)

    @precondition(Life.is_open_to_members)
    @rule(data=st.data())
    def somebody_joins_by_a_doubtful_invitation(self, data: Any) -> None:
        member = data.draw(st.sampled_from((*self.insured, ZERO)))
        used = self.model.invitations_used.get(member, 0)
        now = self.mirror.now
        deadlines = (now, now - 1, used, used + 1, now + YEAR, now + YEAR + 1, 2**256 - 1)
        self.mirror.join(
            self._anybody(data),
            member,
            tier=data.draw(st.sampled_from((0, 0, 1, 3, 255))),
            deadline=data.draw(st.sampled_from(deadlines)),
            signer=data.draw(st.sampled_from((PEOPLE[0], *KEY_OF))),
            referrer=data.draw(st.sampled_from((ZERO, member))),
            value=data.draw(st.sampled_from((None, None, 0, 1))),
            forge=data.draw(st.sampled_from(("", "", "pool", "member"))),
        )

    @precondition(takes_permits)
    @rule(data=st.data())
    def people_join_by_permit(self, data: Any) -> None:
        for _ in range(3):
            self._join_by_permit(data)

    @rule(data=st.data())
    def somebody_joins_by_a_permit_of_any_token(self, data: Any) -> None:
        self._join_by_permit(data)

    @precondition(Life.is_enrolling)
    @rule(data=st.data())
    def somebody_leaves(self, data: Any) -> None:
        self._stint(data)
        self.mirror.leave(self._member(data))

    # money from anybody

    @rule(data=st.data())
    def somebody_donates(self, data: Any) -> None:
        value = data.draw(st.sampled_from((None,) * 9 + (1,)))
        self.mirror.donate(self._anybody(data), self._amount(data), value)

    @precondition(owes_awards)
    @rule(data=st.data())
    def unpaid_awards_are_made_up(self, data: Any) -> None:
        unpaid = self.model.shortage.unpaid
        sizes = (1, unpaid // 3, unpaid // 2, unpaid - 1, unpaid, unpaid + 1)
        self.mirror.donate(OTHERS[2], data.draw(st.sampled_from(sizes)))
        for claim in self.model.claims:
            if claim.owed and data.draw(st.booleans()):
                self.mirror.pay_award(claim.id, OUTSIDER)

    @rule(data=st.data())
    def stray_money_comes(self, data: Any) -> None:
        self.mirror.add_stray_money(self._amount(data))
        if data.draw(st.booleans()):
            self._stint(data)
            self.mirror.absorb(OUTSIDER)

    @rule(data=st.data())
    def somebody_recovers(self, data: Any) -> None:
        self._recover(data, self._amount(data))

    @rule(data=st.data())
    def somebody_gives_more_than_there_is(self, data: Any) -> None:
        there = max(self.model.funds + self.model.held, self.model.surplus.shared)
        amount = data.draw(st.sampled_from((2**126 - there, 2**126, 2**159, 2**256 - 1)))
        if data.draw(st.booleans()):
            self.mirror.donate(PEOPLE[3], amount, self.mirror.value(min(amount, 2**159)))
        else:
            self.mirror.recover(PEOPLE[3], 1, amount, self.mirror.value(min(amount, 2**159)))

    # drawing

    def _join(self, data: Any, count: int) -> None:
        tiers = len(self.model.terms.tiers)
        referrers = (ZERO, ZERO, REFERRER, self.accounts[-2])
        for _ in range(count):
            member = self._newcomer(data)
            self.mirror.join(
                data.draw(st.sampled_from((member, member, OTHERS[0], self.accounts[-1]))),
                member,
                tier=data.draw(st.integers(0, tiers - 1)),
                deadline=self.mirror.now + data.draw(st.integers(0, 3)),
                referrer=data.draw(st.sampled_from(referrers)),
                more=data.draw(st.sampled_from((0,) * 7 + (1, 10**18))),
                forge=data.draw(st.sampled_from(("", "short"))),
            )

    def _join_by_permit(self, data: Any) -> None:
        member = self._newcomer(data)
        caller = data.draw(st.sampled_from((member, OTHERS[0], OTHERS[1])))
        if data.draw(st.booleans()):
            self.mirror.world.set_allowance(caller, False)
        premium = max(tier.premium for tier in self.model.terms.tiers)
        permit = Permit(
            data.draw(st.sampled_from((premium, premium * 9, premium - 1))),
            data.draw(st.sampled_from(("", "", "", "late", "another", "nonce"))),
            data.draw(st.booleans()),
        )
        self.mirror.join(caller, member, deadline=self.mirror.now + 1, permit=permit)

    def _newcomer(self, data: Any) -> str:
        absent = [account for account in self.insured if account not in self.model.members]
        return some_of(data.draw, absent, self.insured)

    def _recover(self, data: Any, amount: int) -> None:
        claims = [claim.id for claim in self.model.claims]
        claim_id = some_of(data.draw, claims, [0, len(claims) + 1, 2**256 - 1])
        value = data.draw(st.sampled_from((None,) * 9 + (1,)))
        self.mirror.recover(self._anybody(data), claim_id, amount, value)
