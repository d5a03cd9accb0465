"""Policies that move, by their owners and by recoveries, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.core import ENROLLING, ZERO

from .life import OTHERS, OUTSIDER, Life
from .papers import SUPPORT_FLAWS, Support
from .strategies import some_of
from .world import KEY_OF


class WalletRules(Life):
    """Rules of PoolMachine."""

    def can_be_recovered(self) -> bool:
        """Return whether a lost key can be made good."""
        return self.model.phase != ENROLLING and len(self.model.members) > 1

    def is_being_recovered(self) -> bool:
        """Return whether a recovery has begun."""
        return bool(self.model.recoveries)

    @precondition(Life.has_members)
    @rule(data=st.data())
    def a_policy_moves(self, data: Any) -> None:
        self.mirror.change_wallet(self._member(data), self._new(data))

    @precondition(Life.has_members)
    @rule(data=st.data())
    def a_policy_is_moved_by_signatures(self, data: Any) -> None:
        world, now = self.mirror.world, self.mirror.now
        keys = [who for who in self.model.members if who in (*KEY_OF, world.signer)]
        old = some_of(data.draw, keys, self.accounts)
        self.mirror.change_wallet_for(
            old,
            some_of(data.draw, [*OTHERS[:6], world.signer], self.accounts),
            data.draw(st.sampled_from((now, now, now + 1, now - 1, 2**256 - 1))),
            OUTSIDER,
            data.draw(st.sampled_from(("",) * 6 + ("old", "new", "nonce"))),
        )

    @precondition(can_be_recovered)
    @rule(data=st.data())
    def a_lost_policy_is_recovered(self, data: Any) -> None:
        """Members sign, the organiser begins; whether it is finished, time will tell."""
        old, new = self._member(data), self._new(data)
        others = [who for who in self.model.members if who in KEY_OF and who != old]
        count = data.draw(st.sampled_from((len(others), len(others), len(others) // 2, 1)))
        supports = [Support(signer) for signer in others[:count]]
        flaws = data.draw(st.lists(st.sampled_from(SUPPORT_FLAWS), max_size=3))
        supports += [Support(self._key(data), flaw) for flaw in flaws]
        supports += [Support(self._key(data)) for _ in range(data.draw(st.integers(0, 2)))]
        self.mirror.support_recovery(old, new, data.draw(st.permutations(supports)), OUTSIDER)
        caller = some_of(data.draw, [self.model.terms.organiser], self.accounts)
        self.mirror.begin_recovery(caller, old, new)

    @precondition(is_being_recovered)
    @rule(data=st.data(), early=st.sampled_from((0, 0, 1)))
    def a_recovery_is_finished(self, data: Any, early: int) -> None:
        old, (_, until) = data.draw(st.sampled_from(sorted(self.model.recoveries.items())))
        if data.draw(st.integers(0, 3)):
            self.mirror.pass_time(max(self.mirror.now, until - early))
        self.mirror.finish_recovery(some_of(data.draw, [old], self.accounts), OUTSIDER)

    @precondition(is_being_recovered)
    @rule(data=st.data())
    def somebody_objects(self, data: Any) -> None:
        self.mirror.object_to_recovery(
            some_of(data.draw, sorted(self.model.recoveries), self.accounts)
        )

    def _key(self, data: Any) -> str:
        return data.draw(st.sampled_from(sorted(KEY_OF)))

    def _new(self, data: Any) -> str:
        """Draw an account for a policy: a free one, a wallet, a member's, the pool's own."""
        world = self.mirror.world
        arbiter = self.model.terms.arbiter
        some = (*OTHERS[:6], *self.accounts[-3:], *world.hostile, world.signer)
        return some_of(
            data.draw,
            [who for who in some if who not in self.model.members],
            [ZERO, arbiter, self.mirror.pool.address, *self.accounts],
        )
