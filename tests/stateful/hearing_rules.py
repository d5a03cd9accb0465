"""What claimants and the arbiter do after a vote, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.ballots import FULL, OPEN
from tests.model.core import ZERO, ZERO_HASH
from tests.model.records import APPEALED, CUT, REFERRED, Claim

from . import counts
from .claim_calls import REASON
from .claim_rules import ClaimRules
from .life import OUTSIDER
from .moments import concluding_moment
from .strategies import some_of

NOW, LAST, LATE = "now", "in the last second", "a second late"


class HearingRules(ClaimRules):
    """Rules of PoolMachine."""

    def has_arbiter(self) -> bool:
        """Return whether votes can be appealed."""
        return self.model.terms.arbiter != ZERO

    def can_be_contested(self) -> bool:
        """Return whether a vote that goes on can be appealed."""
        return self.has_arbiter() and self.has_open_claims()

    def can_have_cases(self) -> bool:
        """Return whether a loss can come before the arbiter."""
        return self.has_arbiter() and self.can_have_losses()

    def is_heard(self) -> bool:
        """Return whether a claim is between the vote and its end."""
        return any(c.status in (CUT, REFERRED, APPEALED) for c in self.model.claims)

    @precondition(can_have_cases)
    @rule(data=st.data(), count=st.integers(1, 3))
    def losses_go_through_hearings(self, data: Any, count: int) -> None:
        self._hear(data, count)

    @precondition(can_have_cases)
    @rule(data=st.data())
    def more_losses_go_through_hearings(self, data: Any) -> None:
        self._hear(data, 3)

    @precondition(can_be_contested)
    @rule(data=st.data())
    def a_vote_is_contested(self, data: Any) -> None:
        """Most are against it, or nobody comes; what comes of it, time will tell."""
        claim = self._claim_in(data, OPEN)
        if claim and claim.status == OPEN:
            self._contest(data, claim)
            self._appeal(data, claim)

    @precondition(is_heard)
    @rule(data=st.data())
    def somebody_accepts_or_appeals(self, data: Any) -> None:
        claim = self._claim_in(data, CUT)
        if claim is None:
            return
        caller = some_of(data.draw, [claim.filer], self.accounts)
        self._wait(data, claim, "the claimant")
        self._stint(data)
        if data.draw(st.booleans()):
            self.mirror.accept(caller, claim.id)
        else:
            self.mirror.appeal(caller, claim.id)

    @precondition(is_heard)
    @rule(data=st.data())
    def the_arbiter_rules(self, data: Any) -> None:
        claim = self._claim_in(data, REFERRED, APPEALED)
        self._stint(data)
        if claim:
            self._judge(data, claim)
        else:
            self.mirror.rule(self.model.terms.arbiter, 0, FULL)

    @precondition(is_heard)
    @rule(data=st.data())
    def nobody_does_anything_about_a_hearing(self, data: Any) -> None:
        """The arbiter is silent, the claimant too."""
        claim = self._claim_in(data, CUT, REFERRED, APPEALED)
        if claim:
            self._wait(data, claim, "an outsider")
            self.mirror.resolve(claim.id, OUTSIDER)

    def _hear(self, data: Any, count: int) -> None:
        """Cases side by side, from claim to end, the arbiter's own among them."""
        drawn = [self._case(data) for _ in range(count)]
        cases = [claim for claim in drawn if claim]
        for step in (self._contest, self._appeal, self._judge, self._end):
            for claim in cases:
                step(data, claim)

    # --- the steps of a case -----------------------------------------------------

    def _case(self, data: Any) -> Claim | None:
        """File a claim of the arbiter's own, of somebody's who has pledged, or of anybody's."""
        model, arbiter = self.model, self.model.terms.arbiter
        free = [who for who, member in model.members.items() if self._can_claim(member)]
        others = [who for who in free if who != arbiter]
        payees = {who: model.pledge_of(who)[0] for who in others if model.pledge_of(who)[1]}
        debtors = [who for who, payee in payees.items() if payee in self.accounts]
        own = [arbiter] if arbiter in free else others
        claimants = data.draw(st.sampled_from((others or free,) * 3 + (own, own, debtors)))
        if not claimants:
            return None
        claimant = data.draw(st.sampled_from(claimants))
        filer = claimant
        if claimants is debtors:
            filer = data.draw(st.sampled_from((claimant, payees[claimant])))
        loss = model.terms.deductible + self._part_of_cover(data, claimant)
        when = min(self.mirror.now, model.terms.expiry - 1)
        if filer == claimant:
            claim_id = self.mirror.file_claim(claimant, loss, when)
        else:
            claim_id = self.mirror.file_claim_for(filer, claimant, loss, when)
        return model.claims[claim_id - 1] if claim_id else None

    def _part_of_cover(self, data: Any, account: str) -> int:
        """Draw a part of what is left, so that there is something left for other claims."""
        left = self.model.cover_left(self.model.members[account])
        return left // data.draw(st.sampled_from((1, 3, 10))) + 1

    def _contest(self, data: Any, claim: Claim) -> None:
        """All vote for less than asked, or one, or nobody; the votes are counted."""
        award = data.draw(st.sampled_from((0, 2, 5, 9, 9, 9)))
        voters = self._voters(claim)
        for voter in voters[: data.draw(st.sampled_from((0, 1, 99, 99, 99)))]:
            self.mirror.vote(voter, claim.id, award)
        self.mirror.resolve(claim.id, OUTSIDER)
        if claim.status == OPEN:
            self.mirror.pass_time(max(self.mirror.now, concluding_moment(self.model, claim)))
            self.mirror.resolve(claim.id, OUTSIDER)

    def _appeal(self, data: Any, claim: Claim) -> None:
        """The claimant appeals, mostly; some accept, others try, or nobody does anything."""
        what = data.draw(st.sampled_from(("appeal",) * 6 + ("accept", "")))
        if claim.status != CUT or not what:
            return
        strangers = [claim.claimant, self.model.terms.arbiter, self._anybody(data)]
        if not data.draw(st.integers(0, 3)):
            self.mirror.accept(data.draw(st.sampled_from(strangers)), claim.id)
        if claim.status == CUT:
            self._wait(data, claim, "the claimant")
            act = self.mirror.appeal if what == "appeal" else self.mirror.accept
            act(some_of(data.draw, [claim.filer], strangers), claim.id)

    def _judge(self, data: Any, claim: Claim) -> None:
        """Some try to rule, in the arbiter's place or beyond what the arbiter may."""
        arbiter = self.model.terms.arbiter
        if claim.status in (REFERRED, APPEALED):
            self._wait(data, claim, "the arbiter")
        strangers = [claim.claimant, claim.filer, self.model.terms.organiser, self._anybody(data)]
        vote = claim.award
        for _ in range(data.draw(st.integers(1, 4))):
            judge = data.draw(st.sampled_from((arbiter,) * 8 + tuple(strangers)))
            rulings = (*[max(0, vote - 1)] * 3, 0, vote, min(vote + 1, FULL), FULL, 11)
            award = data.draw(st.sampled_from(rulings))
            reason = data.draw(st.sampled_from((REASON,) * 9 + (ZERO_HASH,)))
            what = "below" if award < vote else "above" if award > vote else "at"
            before = claim.status
            self.mirror.rule(judge, claim.id, award, reason)
            if before != claim.status:
                counts.reached[f"the arbiter ruled {what} the vote"] += 1
            elif judge == arbiter and before in (REFERRED, APPEALED):
                counts.reached[f"the arbiter could not rule {what} the vote"] += 1

    def _end(self, data: Any, claim: Claim) -> None:
        """Somebody concludes what the arbiter or the claimant left open, maybe too early."""
        if claim.is_open and data.draw(st.booleans()):
            self._wait(data, claim, "an outsider")
            self.mirror.resolve(claim.id, OUTSIDER)

    def _wait(self, data: Any, claim: Claim, who: str) -> None:
        """Maybe until the last second of a period, or the first one after it."""
        when = data.draw(st.sampled_from((NOW, NOW, NOW, LAST, LATE)))
        if not claim.is_open or when == NOW:
            return
        end = concluding_moment(self.model, claim) - (when == LAST)
        if end >= self.mirror.now:
            self.mirror.pass_time(end)
            stage = {OPEN: "voting", CUT: "appealing"}.get(claim.status, "ruling")
            counts.reached[f"{who} came {when} of {stage}"] += 1
