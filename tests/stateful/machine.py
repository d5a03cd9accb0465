"""A random life of a random pool, and its end by an outsider alone."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.model.ballots import OPEN
from tests.model.pool import CANCELLED, ENROLLING, SETTLED, ZERO, ZERO_HASH

from . import counts, endgame, promises, strategies
from .mirror import REASON, Mirror
from .world import KEY_OF, PEOPLE, world

MEMBERS = PEOPLE[1:8]
OTHERS = PEOPLE[8:]
OUTSIDER = PEOPLE[12]
AUDIT_EVERY = 25


def some_of(draw: Any, likely: list[Any], all_of_them: list[Any]) -> Any:
    """Draw one that makes sense if there is one, and now and then any."""
    if likely and draw(st.integers(0, 9)):
        return draw(st.sampled_from(likely))
    return draw(st.sampled_from(all_of_them))


class PoolMachine(RuleBasedStateMachine):
    """Rules are calls of IPool.vyi, the world's whims, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.mirror: Mirror | None = None

    @initialize(data=st.data())
    def create(self, data: Any) -> None:
        the_world = world()
        the_world.reset()
        terms = data.draw(strategies.terms(the_world))
        self.mirror = Mirror(the_world, terms)
        self.model = self.mirror.model
        self.accounts = list(the_world.accounts)
        self.insured = [*MEMBERS, *the_world.wallets[1:4]]
        if terms.gate != ZERO:
            for account in self.insured[:8]:
                the_world.set_credential(account, True)
        self.audited_at = 0
        counts.reached["a pool began"] += 1
        self.people_join(data, data.draw(st.sampled_from((0, 2, 4, 6, 8))))

    def enrolling(self) -> bool:
        return self.model.now < self.model.terms.enrolment_end

    def has_members(self) -> bool:
        return bool(self.model.members) and self.model.phase != ENROLLING

    def has_claims(self) -> bool:
        return bool(self.model.claims)

    def has_ended(self) -> bool:
        return self.model.phase in (CANCELLED, SETTLED)

    # --- joining ----------------------------------------------------------------

    @precondition(enrolling)
    @rule(data=st.data(), count=st.integers(1, 6))
    def more_people_join(self, data: Any, count: int) -> None:
        self.people_join(data, count)

    def people_join(self, data: Any, count: int) -> None:
        tiers = len(self.model.terms.tiers)
        for _ in range(count):
            absent = [account for account in self.insured if account not in self.model.members]
            member = some_of(data.draw, absent, self.insured)
            self.mirror.join(
                data.draw(st.sampled_from((member, member, *OTHERS[:2], self.accounts[-1]))),
                member,
                tier=data.draw(st.integers(0, tiers - 1)),
                deadline=self.mirror.now + data.draw(st.integers(0, 3)),
                referrer=data.draw(st.sampled_from((ZERO, OTHERS[3], self.accounts[-2], member))),
                forge=data.draw(st.sampled_from(("", "short"))),
            )

    @rule(data=st.data())
    def somebody_joins_by_a_doubtful_invitation(self, data: Any) -> None:
        member = data.draw(st.sampled_from((*self.insured, ZERO)))
        used = self.model.invitations_used.get(member, 0)
        self.mirror.join(
            data.draw(st.sampled_from(self.accounts)),
            member,
            tier=data.draw(st.integers(0, 8)),
            deadline=data.draw(st.sampled_from((used, used + 1, self.mirror.now - 1, 2**256 - 1))),
            signer=data.draw(st.sampled_from((PEOPLE[0], *KEY_OF))),
            referrer=data.draw(st.sampled_from((ZERO, member))),
            value=data.draw(st.sampled_from((None, None, 0, 1))),
            forge=data.draw(st.sampled_from(("", "", "pool", "member"))),
        )

    @precondition(enrolling)
    @rule(data=st.data())
    def somebody_leaves(self, data: Any) -> None:
        self.mirror.leave(some_of(data.draw, list(self.model.members), self.accounts))

    # --- money from anybody -----------------------------------------------------

    @rule(data=st.data())
    def somebody_donates(self, data: Any) -> None:
        amount = self._amount(data)
        value = data.draw(st.sampled_from((None, None, None, None, 0, 1)))
        self.mirror.donate(data.draw(st.sampled_from(self.accounts)), amount, value)

    @rule(data=st.data())
    def stray_money_comes(self, data: Any) -> None:
        self.mirror.add_stray_money(self._amount(data))

    @rule()
    def somebody_absorbs(self) -> None:
        self._stint()
        self.mirror.absorb(OUTSIDER)

    @precondition(has_ended)
    @rule(data=st.data())
    def somebody_returns_a_donation(self, data: Any) -> None:
        donors = [donor for donor, amount in self.model.donations.items() if amount]
        self.mirror.return_donation(some_of(data.draw, donors, self.accounts), OUTSIDER)

    # --- claims -----------------------------------------------------------------

    @precondition(has_members)
    @rule(data=st.data(), count=st.integers(1, 4))
    def losses_are_claimed(self, data: Any, count: int) -> None:
        terms = self.model.terms
        for _ in range(count):
            free = [a for a, m in self.model.members.items() if not m.open_claim]
            claimant = some_of(data.draw, free, self.accounts)
            member = self.model.members.get(claimant)
            limit = terms.tiers[member.tier].cover_limit if member else 1
            begin = max(terms.cover_start, member.joined_at if member else 0) + terms.waiting_period
            moments = {begin - 1, begin, terms.expiry - 1, terms.expiry, self.mirror.now + 1}
            likely = [max(begin, min(self.mirror.now, terms.expiry - 1))]
            self.mirror.file_claim(
                claimant,
                terms.deductible
                + data.draw(st.sampled_from((0, 1, 3, limit // 3 + 1, limit, limit, limit * 2))),
                some_of(data.draw, likely, sorted(moments)),
                evidence=data.draw(st.sampled_from((b"\x01" * 32,) * 19 + (ZERO_HASH,))),
                value=data.draw(st.sampled_from((None,) * 9 + (1,))),
            )

    @precondition(has_claims)
    @rule(data=st.data(), count=st.integers(1, 8))
    def people_vote(self, data: Any, count: int) -> None:
        claim = self._claim(data)
        mood = data.draw(st.sampled_from((0, 3, 7, 10, 10, None)))
        for _ in range(count):
            voters = [a for a in self.model.members if claim and a not in claim.voters]
            self.mirror.vote(
                some_of(data.draw, voters, self.accounts),
                claim.id if claim else data.draw(st.sampled_from((0, 2**256 - 1))),
                data.draw(st.integers(0, 11)) if mood is None else mood,
                data.draw(st.sampled_from((REASON, REASON, REASON, ZERO_HASH))),
            )

    @precondition(has_claims)
    @rule(data=st.data())
    def somebody_resolves(self, data: Any) -> None:
        claim = self._claim(data)
        self._stint()
        self.mirror.resolve(claim.id if claim else 0, OUTSIDER)

    @precondition(has_claims)
    @rule(data=st.data())
    def somebody_settles_a_window(self, data: Any) -> None:
        unsettled = [number for number, w in self.model.windows.items() if not w.settled]
        latest = max(self.model.windows)
        window = some_of(data.draw, unsettled, [*range(latest + 2), 2**256 - 1])
        self.mirror.settle_window(window, OUTSIDER)

    @precondition(has_claims)
    @rule(data=st.data())
    def somebody_pays_an_award(self, data: Any) -> None:
        awards = [claim.id for claim in self.model.claims if claim.waits]
        claim_id = some_of(data.draw, awards, [*range(len(self.model.claims) + 2)])
        self._stint()
        self.mirror.pay_award(claim_id, OUTSIDER)

    # --- the end ----------------------------------------------------------------

    @rule()
    def somebody_settles(self) -> None:
        self._stint()
        self.mirror.settle(OUTSIDER)

    @rule(data=st.data())
    def somebody_refunds(self, data: Any) -> None:
        member = some_of(data.draw, list(self.model.members), self.accounts)
        self._stint()
        self.mirror.refund(member, OUTSIDER)

    @precondition(has_ended)
    @rule(data=st.data())
    def somebody_refunds_many(self, data: Any) -> None:
        first_id = data.draw(st.sampled_from((0, 1, 2, 5, 100, 2**256 - 1)))
        count = data.draw(st.sampled_from((0, 1, 3, 500, 501)))
        self._stint()
        self.mirror.refund_many(first_id, count, OUTSIDER)

    @precondition(has_ended)
    @rule()
    def somebody_sweeps(self) -> None:
        self._stint()
        self.mirror.sweep(OUTSIDER)

    @rule(data=st.data())
    def somebody_withdraws(self, data: Any) -> None:
        owed = [account for account, amount in self.model.credits.items() if amount]
        earned = [account for account, amount in self.model.earnings.items() if amount]
        caller = some_of(data.draw, [a for a in owed + earned if a != ZERO], self.accounts)
        receivers = (caller, caller, OUTSIDER, ZERO, self.mirror.pool.address)
        if caller == self.mirror.pool.address:
            return
        self._stint()
        self.mirror.withdraw(caller, data.draw(st.sampled_from(receivers)))

    # --- the world's whims --------------------------------------------------------

    @rule(data=st.data())
    def somebody_refuses_money_or_takes_it_again(self, data: Any) -> None:
        account = data.draw(st.sampled_from(self.mirror.world.can_refuse()))
        self.mirror.world.set_refusing(account, account not in self.mirror.world.refusing)

    @rule(data=st.data())
    def somebody_changes_an_allowance_or_a_credential(self, data: Any) -> None:
        the_world = self.mirror.world
        account = data.draw(st.sampled_from(self.accounts))
        if data.draw(st.booleans()):
            the_world.set_allowance(account, account in the_world.without_allowance)
        else:
            the_world.set_credential(account, account not in the_world.with_credential)

    @rule(data=st.data())
    def time_passes(self, data: Any) -> None:
        now = self.mirror.now
        moments = endgame.moments_ahead(self.model)
        near = moments[: data.draw(st.sampled_from((1, 1, 2, 20)))]
        offset = data.draw(st.sampled_from((-1, 0, 0, 0, 1)))
        until = data.draw(st.sampled_from((*near, now + 1)))
        self.mirror.pass_time(max(now, until + offset))

    @rule(gas=st.integers(25_000, 400_000))
    def the_next_caller_is_stingy(self, gas: int) -> None:
        self.stinted = gas

    stinted: int | None = None

    # --- promises ---------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        if self.mirror is None:
            return
        for promise in promises.EVERY_STEP:
            promise(self.mirror)
        if self.mirror.calls >= self.audited_at + AUDIT_EVERY:
            self._audit()

    def teardown(self) -> None:
        # it also runs when a step has failed, or hypothesis gave an example up: nothing to see then
        if self.mirror is None or sys.exc_info()[0] is not None:
            self._tell()
            return
        try:
            self._audit()
            endgame.bring_to_an_end(self.mirror, OUTSIDER)
            self._audit()
        except AssertionError:
            self._tell()
            raise
        counts.reached["a pool was brought to its end"] += 1

    def _tell(self) -> None:
        """Say in plain calls what led to a failure."""
        if self.mirror and isinstance(sys.exc_info()[1], AssertionError):
            note("\n".join([str(self.mirror.terms), *self.mirror.story]))

    def _audit(self) -> None:
        self.audited_at = self.mirror.calls
        for promise in promises.AT_AUDITS:
            promise(self.mirror)

    def _stint(self) -> None:
        """Give the next call the gas that a stingy caller chose."""
        if self.stinted:
            self.mirror.gas, self.stinted = self.stinted, None

    def _amount(self, data: Any) -> int:
        premium = self.model.terms.tiers[0].premium
        unpaid = self.model.shortage.unpaid
        sizes = {0, 1, 2, premium, premium * 3 + 1, unpaid, unpaid + 1, unpaid // 2, unpaid - 1}
        return data.draw(st.sampled_from(sorted(size for size in sizes if size >= 0)))

    def _claim(self, data: Any) -> Any:
        is_open = [claim for claim in self.model.claims if claim.status == OPEN]
        return some_of(data.draw, is_open, [*self.model.claims, None])
