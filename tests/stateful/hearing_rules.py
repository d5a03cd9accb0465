"""What claimants and the arbiter do after a vote, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.ballots import OPEN
from tests.model.core import ZERO, ZERO_HASH
from tests.model.records import APPEALED, CUT, REFERRED, Claim

from .claim_calls import REASON
from .claim_rules import ClaimRules
from .life import OUTSIDER
from .moments import concluding_moment
from .strategies import some_of


class HearingRules(ClaimRules):
    """Rules of PoolMachine."""

    def has_arbiter(self) -> bool:
        """Return whether votes can be appealed."""
        return self.model.terms.arbiter != ZERO and self.has_open_claims()

    def is_heard(self) -> bool:
        """Return whether a claim is between the vote and its end."""
        return any(c.status in (CUT, REFERRED, APPEALED) for c in self.model.claims)

    @precondition(has_arbiter)
    @rule(data=st.data())
    def a_vote_is_contested(self, data: Any) -> None:
        """Most are against it, or nobody comes; it is counted, and maybe appealed in time."""
        claim = self._claim_in(data, OPEN)
        if claim is None:
            return
        award = data.draw(st.sampled_from((0, 0, 5, 9)))
        for voter in self._voters(claim) if data.draw(st.integers(0, 3)) else ():
            self.mirror.vote(voter, claim.id, award)
        self.mirror.resolve(claim.id, OUTSIDER)
        if claim.status == OPEN:
            self.mirror.pass_time(max(self.mirror.now, concluding_moment(self.model, claim)))
            self.mirror.resolve(claim.id, OUTSIDER)
        if claim.status == CUT and data.draw(st.integers(0, 3)):
            self._wait_for_the_end(data, claim)
            self.mirror.appeal(claim.filer, claim.id)
        if claim.status in (REFERRED, APPEALED) and data.draw(st.booleans()):
            self._wait_for_the_end(data, claim)
            ruling = data.draw(st.sampled_from((0, 4, 5, 8, 10)))
            self.mirror.rule(self.model.terms.arbiter, claim.id, ruling)

    @precondition(is_heard)
    @rule(data=st.data())
    def somebody_accepts_or_appeals(self, data: Any) -> None:
        claim = self._claim_in(data, CUT)
        if claim is None:
            return
        caller = some_of(data.draw, [claim.filer], self.accounts)
        self._wait_for_the_end(data, claim)
        self._stint(data)
        if data.draw(st.booleans()):
            self.mirror.accept(caller, claim.id)
        else:
            self.mirror.appeal(caller, claim.id)

    @precondition(is_heard)
    @rule(data=st.data())
    def the_arbiter_rules(self, data: Any) -> None:
        claim = self._claim_in(data, REFERRED, APPEALED)
        arbiter = some_of(data.draw, [self.model.terms.arbiter], self.accounts)
        self._wait_for_the_end(data, claim)
        self._stint(data)
        self.mirror.rule(
            arbiter,
            claim.id if claim else 0,
            data.draw(st.sampled_from((0, 4, 5, 8, 10, 10, 11))),
            data.draw(st.sampled_from((REASON,) * 9 + (ZERO_HASH,))),
        )

    @precondition(is_heard)
    @rule(data=st.data())
    def nobody_does_anything_about_a_hearing(self, data: Any) -> None:
        """The arbiter is silent, the claimant too."""
        claim = self._claim_in(data, CUT, REFERRED, APPEALED)
        if claim and claim.is_open:
            self._wait_for_the_end(data, claim)
            self.mirror.resolve(claim.id, OUTSIDER)

    def _wait_for_the_end(self, data: Any, claim: Claim | None) -> None:
        """Maybe until the very second in which a period ends, or the one before."""
        if claim and claim.is_open and data.draw(st.booleans()):
            end = concluding_moment(self.model, claim) - data.draw(st.sampled_from((0, 1)))
            self.mirror.pass_time(max(self.mirror.now, end))
