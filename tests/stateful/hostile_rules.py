"""The world's whims, attackers, and time, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from peerpool.compiled import compile_contract
from tests.model.core import ZERO

from . import counts, moments
from .life import OUTSIDER, PAYEE, Life
from .papers import Ballot
from .strategies import some_of
from .world import CALLING, ETHER, PEOPLE

ALL_CALLS = tuple(
    sorted(
        {e["name"] for e in compile_contract("interfaces/IPool.vyi").abi if e["type"] == "function"}
    )
)
SECONDS = {-1: "the second before", 0: "the second of", 1: "the second after"}


class HostileRules(Life):
    """Rules of PoolMachine."""

    def can_be_called_back(self) -> bool:
        """Return whether somebody who is paid can call."""
        return self.mirror.world.token_name in (ETHER, CALLING)

    def has_neighbour(self) -> bool:
        """Return whether there is a second pool."""
        return len(self.mirror.world.mirrors) > 1

    @precondition(can_be_called_back)
    @rule(data=st.data())
    def somebody_lies_in_ambush(self, data: Any) -> None:
        """The next time that money moves, any function of the pool is called from within."""
        self.mirror.tell("an ambush is laid")
        self.mirror.world.arm(self.mirror.pool.address, data.draw(st.sampled_from(ALL_CALLS)))

    @precondition(has_neighbour)
    @rule()
    def attention_moves_to_the_neighbour(self) -> None:
        mirrors = self.mirror.world.mirrors
        self.mirror = mirrors[1 - mirrors.index(self.mirror)]
        counts.reached["attention moved to the neighbour"] += 1

    @rule(data=st.data())
    def somebody_tries_what_makes_no_sense(self, data: Any) -> None:
        mirror, who = self.mirror, self._anybody(data)
        ballot = Ballot(PEOPLE[3])
        attempts = (
            lambda: mirror.leave(who),
            lambda: mirror.return_donation(who, who),
            lambda: mirror.absorb(who),
            lambda: mirror.file_claim(who, 1, mirror.now),
            lambda: mirror.file_claim_for(who, PEOPLE[2], 1, mirror.now),
            lambda: mirror.reduce_claim(who, 1, 1),
            lambda: mirror.vote(who, 1, 10),
            lambda: mirror.cast_ballots(1, 10, [ballot], who),
            lambda: mirror.cast_ballot_for(1, PEOPLE[3], 10, ballot, who),
            lambda: mirror.resolve(1, who),
            lambda: mirror.accept(who, 1),
            lambda: mirror.appeal(who, 1),
            lambda: mirror.rule(who, 1, 10),
            lambda: mirror.settle_window(0, who),
            lambda: mirror.pay_award(1, who),
            lambda: mirror.settle(who),
            lambda: mirror.refund(who, who),
            lambda: mirror.refund_many(1, 500, who),
            lambda: mirror.sweep(who),
            lambda: mirror.withdraw(who, ZERO),
            lambda: mirror.withdraw(who, OUTSIDER),
            lambda: mirror.recover(who, 1, 0),
            lambda: mirror.recover(who, 1, 1),
            lambda: mirror.pledge(who, PAYEE, 1),
            lambda: mirror.release(who, PEOPLE[2], 1),
            lambda: mirror.call_guarantee(who, PEOPLE[2], 1),
            lambda: mirror.change_wallet(who, who),
            lambda: mirror.change_wallet_for(who, PAYEE, mirror.now, who),
            lambda: mirror.support_recovery(PEOPLE[2], who, [], who),
            lambda: mirror.begin_recovery(who, PEOPLE[2], PAYEE),
            lambda: mirror.object_to_recovery(who),
            lambda: mirror.finish_recovery(PEOPLE[2], who),
            lambda: mirror.bind_reinsurance(who),
            lambda: mirror.absorb_layer(1, who),
            lambda: mirror.add_collateral(who, 1, 1, mirror.value(1)),
            lambda: mirror.redeem_layer(who, 1, 1),
        )
        data.draw(st.sampled_from(attempts))()

    @rule(data=st.data(), what=st.integers(0, 4))
    def somebody_changes(self, data: Any, what: int) -> None:
        the_world = self.mirror.world
        account = self._anybody(data)
        if what == 0:
            the_world.set_allowance(account, account in the_world.without_allowance)
        elif what == 1 and data.draw(st.integers(0, 2)):
            the_world.set_credential(account, account not in the_world.with_credential)
        elif what == 1:
            the_world.set_gate_broken(not the_world.is_gate_broken)
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
        """A little, or to the second before, of, or after something begins or ends."""
        now = self.mirror.now
        near = list(moments.ahead(self.model).items())
        near = near[: data.draw(st.sampled_from((1, 1, 2, 20)))] or [(now + 1, "nothing")]
        if not data.draw(st.integers(0, 3)):
            a_third = self.model.terms.voting_period // 3
            self.mirror.pass_time(now + data.draw(st.sampled_from((1, a_third))))
            return
        moment, name = data.draw(st.sampled_from(near))
        aside = data.draw(st.sampled_from((-1, 0, 0, 0, 1)))
        counts.reached[f"{SECONDS[aside]} {name}"] += 1
        self.mirror.pass_time(max(now, moment + aside))
