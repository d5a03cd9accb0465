"""A random life of a random pool, and its end by an outsider alone."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.model.ballots import OPEN
from tests.model.pool import CANCELLED, ENROLLING, SETTLED, YEAR, ZERO, ZERO_HASH
from tests.model.records import Member

from . import counts, endgame, promises, strategies
from .layer_rules import LayerRules
from .mirror import REASON, Mirror
from .strategies import some_of
from .world import KEY_OF, PEOPLE, world

MEMBERS = PEOPLE[1:8]
OTHERS = PEOPLE[8:]
OUTSIDER = PEOPLE[12]
REFERRER = PEOPLE[11]


class PoolMachine(LayerRules, RuleBasedStateMachine):
    """Rules are calls of IPool.vyi and of its layers, the world's whims, and time."""

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
            for account in self.insured[:-1]:
                the_world.set_credential(account, True)
        counts.reached["a pool began"] += 1
        self._join(data, data.draw(st.sampled_from((1, 3, 5, 7, 9))))
        self._fill_layers(data, data.draw(st.integers(0, 7)))
        if data.draw(st.integers(0, 3)):
            self.mirror.pass_time(terms.cover_start)

    # when a rule makes sense

    def is_open_to_members(self) -> bool:
        return self.model.now < self.model.terms.enrolment_end

    def is_enrolling(self) -> bool:
        return self.model.phase == ENROLLING

    def can_have_losses(self) -> bool:
        is_running = self.model.phase not in (ENROLLING, CANCELLED, SETTLED)
        return is_running and self.model.now < self.model.reporting_end

    def has_open_claims(self) -> bool:
        return any(claim.status == OPEN for claim in self.model.claims)

    def has_claims(self) -> bool:
        return bool(self.model.claims)

    def can_settle(self) -> bool:
        return self.model.now >= self.model.reporting_end - 1 and self.model.phase != CANCELLED

    def has_ended(self) -> bool:
        return self.model.phase in (CANCELLED, SETTLED)

    def owes_awards(self) -> bool:
        return self.model.shortage.unpaid > 0

    def owes_money(self) -> bool:
        return any(self.model.credits.values()) or any(self.model.earnings.values())

    # joining

    @precondition(is_open_to_members)
    @rule(data=st.data(), count=st.integers(1, 4))
    def people_join(self, data: Any, count: int) -> None:
        self._join(data, count)

    @precondition(is_open_to_members)
    @rule(data=st.data())
    def somebody_joins_by_a_doubtful_invitation(self, data: Any) -> None:
        member = data.draw(st.sampled_from((*self.insured, ZERO)))
        used = self.model.invitations_used.get(member, 0)
        now = self.mirror.now
        deadlines = (now, now - 1, used, used + 1, now + YEAR, now + YEAR + 1, 2**256 - 1)
        self.mirror.join(
            data.draw(st.sampled_from(self.accounts)),
            member,
            tier=data.draw(st.sampled_from((0, 0, 1, 3, 255))),
            deadline=data.draw(st.sampled_from(deadlines)),
            signer=data.draw(st.sampled_from((PEOPLE[0], *KEY_OF))),
            referrer=data.draw(st.sampled_from((ZERO, member))),
            value=data.draw(st.sampled_from((None, None, 0, 1))),
            forge=data.draw(st.sampled_from(("", "", "pool", "member"))),
        )

    @precondition(is_enrolling)
    @rule(data=st.data())
    def somebody_leaves(self, data: Any) -> None:
        self._stint(data)
        self.mirror.leave(some_of(data.draw, list(self.model.members), self.accounts))

    # money from anybody

    @rule(data=st.data())
    def somebody_donates(self, data: Any) -> None:
        value = data.draw(st.sampled_from((None,) * 9 + (1,)))
        self.mirror.donate(data.draw(st.sampled_from(self.accounts)), self._amount(data), value)

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

    # claims

    @precondition(can_have_losses)
    @rule(data=st.data(), count=st.integers(1, 5))
    def losses_are_claimed(self, data: Any, count: int) -> None:
        self._claim_losses(data, count)

    @precondition(can_have_losses)
    @rule(data=st.data())
    def more_losses_are_claimed(self, data: Any) -> None:
        self._claim_losses(data, 3)

    @precondition(has_open_claims)
    @rule(data=st.data(), count=st.integers(1, 8))
    def people_vote(self, data: Any, count: int) -> None:
        self._vote(data, count)

    @precondition(has_open_claims)
    @rule(data=st.data())
    def more_people_vote(self, data: Any) -> None:
        self._vote(data, 5)

    @precondition(has_open_claims)
    @rule(data=st.data(), count=st.integers(1, 4))
    def claims_are_resolved(self, data: Any, count: int) -> None:
        for _ in range(count):
            claim = self._claim(data)
            self._stint(data)
            self.mirror.resolve(claim.id if claim else 0, OUTSIDER)

    @precondition(has_claims)
    @rule(data=st.data())
    def a_window_is_settled(self, data: Any) -> None:
        unsettled = [number for number, w in self.model.windows.items() if not w.settled]
        latest = max(self.model.windows)
        window = some_of(data.draw, unsettled, [*range(latest + 2), 2**256 - 1])
        self.mirror.settle_window(window, OUTSIDER)

    @precondition(has_claims)
    @rule(data=st.data())
    def the_oldest_window_runs_its_course(self, data: Any) -> None:
        """Time passes until all its claims can be decided; they are; it is settled."""
        unsettled = [number for number, w in self.model.windows.items() if not w.settled]
        if not unsettled:
            return
        oldest = min(unsettled)
        claims = [c for c in self.model.claims if c.window == oldest and c.status == OPEN]
        self._vote(data, data.draw(st.sampled_from((0, 5))))
        period = self.model.terms.voting_period
        end = self.model.terms.cover_start + (oldest + 1) * period
        self.mirror.pass_time(max([self.mirror.now, end, *(c.filed_at + period for c in claims)]))
        for claim in data.draw(st.permutations(claims)):
            self.mirror.resolve(claim.id, OUTSIDER)
        self.mirror.settle_window(oldest, OUTSIDER)

    @precondition(has_claims)
    @rule(data=st.data())
    def an_award_is_paid(self, data: Any) -> None:
        awards = [claim.id for claim in self.model.claims if claim.waits]
        claim_id = some_of(data.draw, awards, [*range(len(self.model.claims) + 2)])
        self._stint(data)
        self.mirror.pay_award(claim_id, OUTSIDER)

    # the end

    @precondition(can_settle)
    @rule(data=st.data())
    def somebody_settles(self, data: Any) -> None:
        self._stint(data)
        self.mirror.settle(OUTSIDER)

    @precondition(has_ended)
    @rule(data=st.data())
    def somebody_is_refunded(self, data: Any) -> None:
        self._stint(data)
        self.mirror.refund(some_of(data.draw, list(self.model.members), self.accounts), OUTSIDER)

    @precondition(has_ended)
    @rule(data=st.data())
    def many_are_refunded(self, data: Any) -> None:
        first_id = data.draw(st.sampled_from((0, 1, 2, 5, 100, 2**256 - 1)))
        count = data.draw(st.sampled_from((0, 1, 3, 500, 501)))
        self._stint(data)
        self.mirror.refund_many(first_id, count, OUTSIDER)

    @precondition(has_ended)
    @rule(data=st.data())
    def somebody_sweeps_or_returns_a_donation(self, data: Any) -> None:
        self._stint(data)
        if data.draw(st.booleans()):
            self.mirror.sweep(OUTSIDER)
        else:
            donors = [donor for donor, amount in self.model.donations.items() if amount]
            self.mirror.return_donation(some_of(data.draw, donors, self.accounts), OUTSIDER)

    @precondition(owes_money)
    @rule(data=st.data())
    def somebody_withdraws(self, data: Any) -> None:
        owed = [account for account, amount in self.model.credits.items() if amount]
        earned = [account for account, amount in self.model.earnings.items() if amount]
        own = self.mirror.pool.address
        caller = some_of(data.draw, [a for a in owed + earned if a != own], self.accounts)
        self._stint(data)
        self.mirror.withdraw(caller, data.draw(st.sampled_from((caller, caller, OUTSIDER, own))))

    @rule(data=st.data())
    def somebody_tries_what_makes_no_sense(self, data: Any) -> None:
        mirror, who = self.mirror, data.draw(st.sampled_from(self.accounts))
        attempts = (
            lambda: mirror.leave(who),
            lambda: mirror.return_donation(who, who),
            lambda: mirror.absorb(who),
            lambda: mirror.file_claim(who, 1, mirror.now),
            lambda: mirror.vote(who, 1, 10),
            lambda: mirror.resolve(1, who),
            lambda: mirror.settle_window(0, who),
            lambda: mirror.pay_award(1, who),
            lambda: mirror.settle(who),
            lambda: mirror.refund(who, who),
            lambda: mirror.refund_many(1, 500, who),
            lambda: mirror.sweep(who),
            lambda: mirror.withdraw(who, ZERO),
            lambda: mirror.withdraw(who, who),
            lambda: mirror.recover(who, 1, 0),
            lambda: mirror.recover(who, 1, 1),
            lambda: mirror.bind_reinsurance(who),
            lambda: mirror.absorb_layer(1, who),
            lambda: mirror.add_collateral(who, 1, 1, mirror.value(1)),
            lambda: mirror.redeem_layer(who, 1, 1),
        )
        data.draw(st.sampled_from(attempts))()

    # the world's whims

    @rule(data=st.data(), what=st.integers(0, 4))
    def somebody_changes(self, data: Any, what: int) -> None:
        the_world = self.mirror.world
        account = data.draw(st.sampled_from(self.accounts))
        if what == 0:
            the_world.set_allowance(account, account in the_world.without_allowance)
        elif what == 1:
            the_world.set_credential(account, account not in the_world.with_credential)
        else:
            can_refuse = the_world.can_refuse()
            if the_world.can_stop():
                the_world.set_stopped(not the_world.is_stopped)
            if not can_refuse:
                return
            owed = [account for account in self.model.members if account in can_refuse]
            account = some_of(data.draw, owed, list(can_refuse))
            the_world.set_refusing(account, account not in the_world.refusing)

    @rule(data=st.data())
    def time_passes(self, data: Any) -> None:
        now = self.mirror.now
        a_third = self.model.terms.voting_period // 3
        near = endgame.moments_ahead(self.model)[: data.draw(st.sampled_from((1, 1, 2, 20)))]
        until = data.draw(st.sampled_from((now + 1, now + a_third, *near, *near)))
        self.mirror.pass_time(max(now, until + data.draw(st.sampled_from((-1, 0, 0, 0, 1)))))

    # promises

    @rule(data=st.data())
    def an_auditor_looks(self, data: Any) -> None:
        promises.account_matches_the_model(self.mirror, data.draw(st.sampled_from(self.accounts)))
        if self.model.claims:
            promises.claim_matches_the_ballots(
                self.mirror, data.draw(st.sampled_from(self.model.claims))
            )
        self._look_at_layers()

    @invariant()
    def promises_hold(self) -> None:
        if self.mirror is None:
            return
        for promise in promises.EVERY_STEP:
            promise(self.mirror)

    def teardown(self) -> None:
        # it also runs when a step has failed, or hypothesis gave an example up: nothing to see then
        if self.mirror is None or sys.exc_info()[0] is not None:
            self._tell()
            return
        try:
            for promise in promises.AT_THE_END:
                promise(self.mirror)
            endgame.bring_to_an_end(self.mirror, OUTSIDER)
            promises.wallets_match_the_model(self.mirror)
        except AssertionError:
            self._tell()
            raise
        counts.reached["a pool was brought to its end"] += 1

    def _tell(self) -> None:
        """Say in plain calls what led to a failure."""
        if self.mirror and isinstance(sys.exc_info()[1], AssertionError):
            note("\n".join([str(self.mirror.terms), *self.mirror.story]))

    # drawing

    def _join(self, data: Any, count: int) -> None:
        tiers = len(self.model.terms.tiers)
        referrers = (ZERO, ZERO, REFERRER, self.accounts[-2])
        for _ in range(count):
            absent = [account for account in self.insured if account not in self.model.members]
            member = some_of(data.draw, absent, self.insured)
            self.mirror.join(
                data.draw(st.sampled_from((member, member, OTHERS[0], self.accounts[-1]))),
                member,
                tier=data.draw(st.integers(0, tiers - 1)),
                deadline=self.mirror.now + data.draw(st.integers(0, 3)),
                referrer=data.draw(st.sampled_from(referrers)),
                more=data.draw(st.sampled_from((0,) * 7 + (1, 10**18))),
                forge=data.draw(st.sampled_from(("", "short"))),
            )

    def _claim_losses(self, data: Any, count: int) -> None:
        terms = self.model.terms
        for _ in range(count):
            free = [a for a, m in self.model.members.items() if self._can_claim(m)]
            claimant = some_of(data.draw, free, self.accounts)
            member = self.model.members.get(claimant)
            limit = terms.tiers[member.tier].cover_limit if member else 1
            begin = self._cover_begins(member) if member else terms.cover_start
            moments = {begin - 1, begin, terms.expiry - 1, terms.expiry, self.mirror.now + 1}
            likely = [max(begin, min(self.mirror.now, terms.expiry - 1))]
            sizes = (0, 1, 3, limit // 3 + 1, limit, limit, limit, limit * 2)
            self.mirror.file_claim(
                claimant,
                terms.deductible + data.draw(st.sampled_from(sizes)),
                some_of(data.draw, likely, sorted(moments)),
                evidence=data.draw(st.sampled_from((b"\x01" * 32,) * 19 + (ZERO_HASH,))),
                value=data.draw(st.sampled_from((None,) * 19 + (1,))),
            )
            if not free:
                return

    def _claim_everything(self, claimant: str) -> None:
        terms, member = self.model.terms, self.model.members[claimant]
        when = max(self._cover_begins(member), min(self.mirror.now, terms.expiry - 1))
        amount = terms.deductible + terms.tiers[member.tier].cover_limit
        self.mirror.file_claim(claimant, amount, when)

    def _cover_begins(self, member: Member) -> int:
        terms = self.model.terms
        return max(terms.cover_start, member.joined_at) + terms.waiting_period

    def _can_claim(self, member: Member) -> bool:
        limit = self.model.terms.tiers[member.tier].cover_limit
        has_cover = self._cover_begins(member) <= self.mirror.now and member.cover_used < limit
        return has_cover and not member.open_claim

    def _vote(self, data: Any, count: int) -> None:
        claim = self._claim(data)
        mood = data.draw(st.sampled_from((0, 3, 7, 10, 10, 10, None)))
        for _ in range(count):
            voters = [
                account
                for account, member in self.model.members.items()
                if claim
                and account not in claim.voters | {claim.claimant}
                and member.id <= claim.roster_size
            ]
            self.mirror.vote(
                some_of(data.draw, voters, self.accounts),
                claim.id if claim else data.draw(st.sampled_from((0, 2**256 - 1))),
                data.draw(st.integers(0, 11)) if mood is None else mood,
                data.draw(st.sampled_from((REASON,) * 9 + (ZERO_HASH,))),
            )

    def _stint(self, data: Any) -> None:
        """Now and then give the next call some figure of gas: it may fail, never go astray."""
        if data.draw(st.integers(0, 11)) == 11:
            self.mirror.gas = data.draw(st.integers(25_000, 400_000))

    def _amount(self, data: Any) -> int:
        premium = self.model.terms.tiers[0].premium
        unpaid = self.model.shortage.unpaid
        drawn = unpaid + self.model.tower.drawn
        sizes = {0, 1, 2, premium, premium * 3 + 1, unpaid, unpaid + 1, unpaid // 2, unpaid - 1}
        sizes |= {drawn - 1, drawn, drawn + 1, (unpaid + drawn) // 2}
        return data.draw(st.sampled_from(sorted(size for size in sizes if size >= 0)))

    def _claim(self, data: Any) -> Any:
        is_open = [claim for claim in self.model.claims if claim.status == OPEN]
        return some_of(data.draw, is_open, [*self.model.claims, None])
