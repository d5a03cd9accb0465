"""Losses, votes, decisions, windows and awards in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.ballots import OPEN
from tests.model.core import ZERO_HASH
from tests.model.records import APPEALED, CUT, REFERRED, Claim

from . import endgame
from .claim_calls import REASON
from .life import OUTSIDER, WITHOUT_END, Life
from .moments import window_end
from .papers import FLAWS, Ballot
from .strategies import some_of
from .world import KEY_OF, PEOPLE


class ClaimRules(Life):
    """Rules of PoolMachine."""

    def has_votes(self) -> bool:
        """Return whether a claim is voted on."""
        return any(claim.status == OPEN for claim in self.model.claims)

    def has_open_claims(self) -> bool:
        """Return whether a claim is not concluded."""
        return any(claim.is_open for claim in self.model.claims)

    @precondition(Life.can_have_losses)
    @rule(data=st.data(), count=st.integers(1, 5))
    def losses_are_claimed(self, data: Any, count: int) -> None:
        self._claim_losses(data, count)

    @precondition(Life.can_have_losses)
    @rule(data=st.data())
    def more_losses_are_claimed(self, data: Any) -> None:
        self._claim_losses(data, 3)

    @precondition(Life.can_have_losses)
    @rule(data=st.data(), count=st.integers(2, 4))
    def somebody_spams(self, data: Any, count: int) -> None:
        """The same small loss again and again, as often as claims can be concluded."""
        claimant = self._member(data)
        for _ in range(count):
            now = min(self.mirror.now, self.model.terms.expiry - 1)
            claim_id = self.mirror.file_claim(claimant, self.model.terms.deductible + 1, now)
            if claim_id is None:
                return
            endgame.take_on(self.mirror, self.model.claims[claim_id - 1], OUTSIDER)

    @precondition(has_votes)
    @rule(data=st.data())
    def somebody_asks_for_less(self, data: Any) -> None:
        claim = self._claim_in(data, OPEN)
        if claim is None:
            return
        caller = some_of(data.draw, [claim.filer], self.accounts)
        whole = claim.asked + self.model.terms.deductible
        sizes = (whole - 1, whole // 2, whole, self.model.terms.deductible, 1, 0)
        self.mirror.reduce_claim(caller, claim.id, data.draw(st.sampled_from(sizes)))

    # ballots

    @precondition(has_votes)
    @rule(data=st.data(), count=st.integers(1, 8))
    def people_vote(self, data: Any, count: int) -> None:
        self._vote(data, count)

    @precondition(has_votes)
    @rule(data=st.data())
    def more_people_vote(self, data: Any) -> None:
        self._vote(data, 5)

    @precondition(has_votes)
    @rule(data=st.data(), count=st.integers(0, 9))
    def signed_ballots_are_brought_in(self, data: Any, count: int) -> None:
        claim = self._claim_in(data, OPEN)
        voters = [who for who in (*self._voters(claim), *self._partial(claim)) if who in KEY_OF]
        ballots = [
            Ballot(
                some_of(data.draw, voters, list(PEOPLE)),
                data.draw(st.sampled_from(("",) * 9 + FLAWS)),
            )
            for _ in range(count)
        ]
        self._stint(data)
        self.mirror.cast_ballots(
            claim.id if claim else data.draw(st.sampled_from((0, WITHOUT_END))),
            data.draw(st.sampled_from((0, 5, 10, 10, 11))),
            ballots,
            OUTSIDER,
            data.draw(st.sampled_from((REASON,) * 9 + (ZERO_HASH,))),
        )

    @precondition(has_votes)
    @rule(data=st.data(), count=st.integers(1, 3))
    def a_signed_ballot_is_brought_in(self, data: Any, count: int) -> None:
        """Of a key or of a wallet, by whoever signed."""
        claim = self._claim_in(data, OPEN)
        for _ in range(count if claim else 0):
            voter = some_of(data.draw, self._voters(claim), self.accounts)
            signer = voter if voter in (*KEY_OF, self.mirror.world.signer) else PEOPLE[0]
            ballot = Ballot(
                some_of(data.draw, [signer], list(PEOPLE)),
                data.draw(st.sampled_from(("",) * 9 + FLAWS)),
                data.draw(st.booleans()),
            )
            award = data.draw(st.sampled_from((0, 7, 10, 10)))
            self.mirror.cast_ballot_for(claim.id, voter, award, ballot, OUTSIDER)

    # decisions

    @precondition(has_open_claims)
    @rule(data=st.data(), count=st.integers(1, 4))
    def claims_are_resolved(self, data: Any, count: int) -> None:
        for _ in range(count):
            claim = self._claim_in(data, OPEN, CUT, REFERRED, APPEALED)
            self._stint(data)
            self.mirror.resolve(claim.id if claim else 0, OUTSIDER)

    # windows and awards

    @precondition(Life.has_claims)
    @rule(data=st.data())
    def a_window_is_settled(self, data: Any) -> None:
        unsettled = [number for number, w in self.model.windows.items() if not w.settled]
        latest = max(self.model.windows)
        window = some_of(data.draw, unsettled, [*range(latest + 2)[-6:], WITHOUT_END])
        self.mirror.settle_window(window, OUTSIDER)

    @precondition(Life.has_claims)
    @rule(data=st.data())
    def the_oldest_window_runs_its_course(self, data: Any) -> None:
        """Time passes until all its claims can be concluded; they are; it is settled."""
        unsettled = [number for number, w in self.model.windows.items() if not w.settled]
        if not unsettled:
            return
        oldest = min(unsettled)
        claims = [c for c in self.model.claims if c.window == oldest and c.is_open]
        self._vote(data, data.draw(st.sampled_from((0, 5))))
        self.mirror.pass_time(max(self.mirror.now, window_end(self.model, oldest)))
        for claim in data.draw(st.permutations(claims)):
            endgame.take_on(self.mirror, claim, OUTSIDER)
        self.mirror.settle_window(oldest, OUTSIDER)

    @precondition(Life.has_claims)
    @rule(data=st.data())
    def an_award_is_paid(self, data: Any) -> None:
        awards = [claim.id for claim in self.model.claims if claim.waits]
        claim_id = some_of(data.draw, awards, [*range(len(self.model.claims) + 2)])
        self._stint(data)
        self.mirror.pay_award(claim_id, OUTSIDER)

    # drawing

    def _claim_losses(self, data: Any, count: int) -> None:
        for _ in range(count):
            free = [a for a, m in self.model.members.items() if self._can_claim(m)]
            claimant = some_of(data.draw, free, self.accounts)
            self.mirror.file_claim(
                claimant,
                self._loss(data, claimant),
                self._incident(data, claimant),
                evidence=data.draw(st.sampled_from((b"\x01" * 32,) * 19 + (ZERO_HASH,))),
                value=data.draw(st.sampled_from((None,) * 19 + (1,))),
            )
            if not free:
                return

    def _loss(self, data: Any, claimant: str) -> int:
        terms, member = self.model.terms, self.model.members.get(claimant)
        limit = terms.tiers[member.tier].cover_limit if member else 1
        sizes = (0, 1, 3, limit // 3 + 1, limit, limit, limit, limit * 2)
        return terms.deductible + data.draw(st.sampled_from(sizes))

    def _incident(self, data: Any, claimant: str) -> int:
        terms, member = self.model.terms, self.model.members.get(claimant)
        begin = self.model.cover_begins(member) if member else terms.cover_start
        moments = {begin - 1, begin, terms.expiry - 1, terms.expiry, self.mirror.now + 1}
        likely = [max(begin, min(self.mirror.now, terms.expiry - 1))]
        return some_of(data.draw, likely, sorted(moments))

    def _claim_everything(self, claimant: str) -> None:
        terms, member = self.model.terms, self.model.members[claimant]
        begin = self.model.cover_begins(member)
        when = max(begin, min(self.mirror.now, terms.expiry - 1))
        amount = terms.deductible + terms.tiers[member.tier].cover_limit
        self.mirror.file_claim(claimant, amount, when)

    def _voters(self, claim: Claim | None) -> list[str]:
        """Return who may vote on a claim and has not."""
        return [
            account
            for account, member in self.model.members.items()
            if claim
            and member.id not in claim.voters | {claim.member.id, claim.payee_id}
            and member.id <= claim.roster_size
        ]

    def _partial(self, claim: Claim | None) -> list[str]:
        """Return who would like to vote on a claim, and must not: claimant, payee, newcomers."""
        members = self.model.members.items() if claim else ()
        return [
            account
            for account, member in members
            if member.id in (claim.member.id, claim.payee_id) or member.id > claim.roster_size
        ]

    def _vote(self, data: Any, count: int) -> None:
        claim = self._claim_in(data, OPEN)
        mood = data.draw(st.sampled_from((0, 3, 7, 10, 10, 10, None)))
        for _ in range(count):
            voters = self._voters(claim) or self._partial(claim)
            voter = some_of(data.draw, voters, [*self._partial(claim), *self.accounts[::4]])
            self.mirror.vote(
                voter,
                claim.id if claim else data.draw(st.sampled_from((0, WITHOUT_END))),
                data.draw(st.integers(0, 11)) if mood is None else mood,
                data.draw(st.sampled_from((REASON,) * 9 + (ZERO_HASH,))),
            )
