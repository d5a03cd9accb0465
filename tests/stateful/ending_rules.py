"""Settlement, refunds, sweeps and withdrawals in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.core import CANCELLED, ZERO

from .life import OUTSIDER, Life
from .moments import sweeping_moment
from .strategies import some_of


class EndingRules(Life):
    """Rules of PoolMachine."""

    def can_settle(self) -> bool:
        """Return whether settling is near."""
        return self.model.now >= self.model.reporting_end - 1 and self.model.phase != CANCELLED

    def can_be_swept(self) -> bool:
        """Return whether the cause may get what nobody takes."""
        return self.model.has_ended and self.model.terms.cause != ZERO

    def owes_money(self) -> bool:
        """Return whether anybody has something to pull."""
        return any(self.model.credits.values()) or any(self.model.earnings.values())

    @precondition(can_settle)
    @rule(data=st.data())
    def somebody_settles(self, data: Any) -> None:
        self._stint(data)
        self.mirror.settle(OUTSIDER)

    @precondition(Life.has_ended)
    @rule(data=st.data())
    def somebody_is_refunded(self, data: Any) -> None:
        self._stint(data)
        self.mirror.refund(self._member(data), OUTSIDER)

    @precondition(Life.has_ended)
    @rule(data=st.data())
    def many_are_refunded(self, data: Any) -> None:
        first_id = data.draw(st.sampled_from((0, 1, 2, 5, 100, 2**256 - 1)))
        count = data.draw(st.sampled_from((0, 1, 3, 500, 501)))
        self._stint(data)
        self.mirror.refund_many(first_id, count, OUTSIDER)

    @precondition(Life.has_ended)
    @rule(data=st.data())
    def somebody_sweeps_or_returns_a_donation(self, data: Any) -> None:
        self._stint(data)
        if data.draw(st.booleans()):
            self.mirror.sweep(OUTSIDER)
        else:
            donors = [donor for donor, amount in self.model.donations.items() if amount]
            self.mirror.return_donation(some_of(data.draw, donors, self.accounts), OUTSIDER)

    @precondition(can_be_swept)
    @rule(data=st.data(), early=st.sampled_from((0, 0, 1)))
    def long_after_the_cause_gets_the_rest(self, data: Any, early: int) -> None:
        self.mirror.pass_time(max(self.mirror.now, sweeping_moment(self.model) - early))
        self._stint(data)
        self.mirror.sweep(OUTSIDER)

    @precondition(owes_money)
    @rule(data=st.data())
    def somebody_withdraws(self, data: Any) -> None:
        world = self.mirror.world
        owed = [account for account, amount in self.model.credits.items() if amount]
        earned = [account for account, amount in self.model.earnings.items() if amount]
        caller = some_of(
            data.draw, [a for a in owed + earned if a not in world.contracts], self.accounts
        )
        own = caller if caller not in (world.burner, world.bomber) else OUTSIDER
        receivers = (own, own, OUTSIDER, world.spender, *sorted(world.contracts))
        receiver = data.draw(st.sampled_from(receivers))
        self._stint(data, receiver)
        self.mirror.withdraw(caller, receiver)
