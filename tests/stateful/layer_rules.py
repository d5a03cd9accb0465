"""What reinsurers do, and what happens to layers, in a random life."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.core import ENROLLING, ZERO

from . import endgame, moments
from .claim_rules import ClaimRules
from .joining_rules import JoiningRules
from .layer_mirror import LayerMirror
from .life import OUTSIDER, WITHOUT_END
from .strategies import REINSURER, some_of
from .world import PEOPLE, RICH


class LayerRules(ClaimRules, JoiningRules):
    """Rules of PoolMachine."""

    # when a rule makes sense

    def can_be_reinsured(self) -> bool:
        return self.model.phase == ENROLLING and bool(self.model.shares)

    def is_reinsured(self) -> bool:
        return any(shares.supply for shares in self.model.shares)

    def waits_to_be_bound(self) -> bool:
        return self.model.tower.is_unbound

    def can_redeem(self) -> bool:
        return self.model.has_ended and self.is_reinsured()

    def has_lost_all_shares(self) -> bool:
        return any(s.layer.filled and not s.supply for s in self.model.shares)

    def can_lose(self) -> bool:
        is_insured = any(self._can_claim(member) for member in self.model.members.values())
        return is_insured and self.model.tower.capacity > 0 and self.can_have_losses()

    def has_drawn(self) -> bool:
        return self.model.tower.drawn > 0

    # deposits

    @precondition(can_be_reinsured)
    @rule(data=st.data(), count=st.integers(1, 3))
    def layers_are_filled(self, data: Any, count: int) -> None:
        self._fill_layers(data, count)

    @precondition(can_be_reinsured)
    @rule(data=st.data())
    def a_deposit_is_doubtful(self, data: Any) -> None:
        layer = self._layer(data)
        room = layer.model.layer.limit - layer.model.layer.filled
        amount = data.draw(st.sampled_from((0, 1, room, room + 1, RICH // 2, WITHOUT_END)))
        pay_in = data.draw(st.sampled_from((layer.deposit, layer.mint)))
        pay_in(
            self._anybody(data),
            amount,
            data.draw(st.sampled_from((ZERO, REINSURER, *self.accounts))),
            value=data.draw(st.sampled_from((None, None, 0, 1))) if amount <= RICH // 2 else 0,
        )

    # cession

    @precondition(waits_to_be_bound)
    @rule(data=st.data())
    def somebody_binds_reinsurance(self, data: Any) -> None:
        self._stint(data)
        self.mirror.bind_reinsurance(OUTSIDER)

    # shares

    @precondition(is_reinsured)
    @rule(data=st.data())
    def shares_are_sold(self, data: Any) -> None:
        layer = self._layer(data)
        owner = self._holder(data, layer)
        buyer = data.draw(st.sampled_from((*self.accounts, ZERO)))
        amount = self._part(data, layer.model.balances[owner])
        if data.draw(st.booleans()):
            layer.transfer(owner, buyer, amount)
            return
        broker = data.draw(st.sampled_from((owner, *self.accounts[-7:])))
        if data.draw(st.integers(0, 3)):
            layer.approve(owner, broker, data.draw(st.sampled_from((amount, WITHOUT_END, 1))))
        layer.transfer_from(broker, owner, buyer, amount)

    # draws, and what comes back

    @precondition(can_lose)
    @rule(data=st.data(), count=st.integers(1, 3))
    def a_disaster_strikes(self, data: Any, count: int) -> None:
        """Some claim all that they are covered for, nobody minds, and everything is decided."""
        insured = [who for who, member in self.model.members.items() if self._can_claim(member)]
        first = len(self.model.claims)
        for claimant in data.draw(st.permutations(insured))[:count]:
            self._claim_everything(claimant)
        claims = self.model.claims[first:]
        if any(claim.asked > self.model.terms.silent_consent_limit for claim in claims):
            for claim in claims:
                for voter in self._voters(claim)[:5]:
                    self.mirror.vote(voter, claim.id, 10)
        for claim in data.draw(st.permutations(claims)):
            endgame.take_on(self.mirror, claim, OUTSIDER)

    @precondition(has_drawn)
    @rule(data=st.data())
    def money_is_recovered(self, data: Any) -> None:
        drawn = self.model.tower.drawn
        highest = [layer.drawn for layer in self.model.tower.layers if layer.drawn][-1]
        unpaid = self.model.shortage.unpaid
        sizes = {1, highest // 2, highest, highest + 1, drawn - 1, drawn, drawn + 1, drawn * 3}
        self._recover(data, unpaid + data.draw(st.sampled_from(sorted(sizes))))

    # redemption

    @precondition(is_reinsured)
    @rule(data=st.data())
    def somebody_redeems(self, data: Any) -> None:
        layer = self._layer(data)
        owner = self._holder(data, layer)
        shares = self._part(data, layer.model.balances[owner])
        caller = data.draw(st.sampled_from((owner, owner, owner, OUTSIDER)))
        if caller != owner and data.draw(st.booleans()):
            layer.approve(owner, caller, data.draw(st.sampled_from((shares, WITHOUT_END))))
        contracts = (self.mirror.pool.address, layer.contract.address, ZERO)
        receiver = data.draw(st.sampled_from((owner, owner, owner, OUTSIDER, *contracts)))
        self._stint(data, receiver)
        if data.draw(st.booleans()):
            layer.redeem(caller, shares, receiver, owner)
            return
        worth = layer.model.worth(shares)
        more = data.draw(st.sampled_from((0, 0, 1)))
        layer.withdraw(
            caller, max(0, worth - data.draw(st.sampled_from((0, 0, 1))) + more), receiver, owner
        )

    @precondition(is_reinsured)
    @rule(data=st.data())
    def somebody_redeems_at_a_boundary(self, data: Any) -> None:
        """In the last second before something begins or ends, and in the first one after."""
        ahead = list(moments.ahead(self.model))[:2] or [self.mirror.now + 1]
        moment = data.draw(st.sampled_from(ahead))
        layer = self._layer(data)
        owner = self._holder(data, layer)
        for second in (moment - 1, moment):
            self.mirror.pass_time(second)
            shares = layer.model.balances[owner]
            layer.redeem(owner, shares // 2 + shares % 2, owner, owner)

    @precondition(can_redeem)
    @rule(data=st.data())
    def all_shares_of_a_layer_are_redeemed(self, data: Any) -> None:
        layer = self._layer(data)
        holders = sorted(who for who, shares in layer.model.balances.items() if shares)
        for holder in data.draw(st.permutations(holders)):
            layer.redeem(holder, layer.model.balances[holder], holder, holder)
        self._recover(data, self._amount(data))

    @precondition(has_lost_all_shares)
    @rule(data=st.data())
    def what_nobody_owns_comes_in(self, data: Any) -> None:
        left = [s for s in self.mirror.layers if not s.model.supply and s.model.layer.assets]
        layer = some_of(data.draw, left, self.mirror.layers)
        self._stint(data)
        self.mirror.absorb_layer(layer.number, OUTSIDER)

    # what makes no sense

    @rule(data=st.data())
    def somebody_plays_the_layer(self, data: Any) -> None:
        mirror, who = self.mirror, data.draw(st.sampled_from(self.accounts))
        number = data.draw(st.sampled_from((0, 1, 2, 4, 5, WITHOUT_END)))
        amount = data.draw(st.sampled_from((0, 1, WITHOUT_END)))
        attempts = [
            lambda: mirror.add_collateral(who, number, amount, mirror.value(min(amount, 1))),
            lambda: mirror.redeem_layer(who, number, amount),
            lambda: mirror.absorb_layer(number, who),
            lambda: mirror.bind_reinsurance(who),
        ]
        for layer in mirror.layers:
            attempts += [
                lambda layer=layer: layer.initialize(who),
                lambda layer=layer: layer.absorb(who),
                lambda layer=layer: layer.add_stray_money(amount % 3),
            ]
        data.draw(st.sampled_from(attempts))()

    # drawing

    def _fill_layers(self, data: Any, count: int) -> None:
        for _ in range(count if self.mirror.layers else 0):
            layer = self._layer(data)
            room = layer.model.layer.limit - layer.model.layer.filled
            payer = data.draw(
                st.sampled_from((REINSURER, PEOPLE[10], PEOPLE[3], *self.accounts[-2:]))
            )
            holder = payer if self.mirror.terms.reinsurer == ZERO else REINSURER
            pay_in = data.draw(st.sampled_from((layer.deposit, layer.mint)))
            part = data.draw(st.sampled_from((1, room // 3, room // 2 + 1, room, room)))
            self._stint(data)
            pay_in(payer, min(part, room), holder)

    def _layer(self, data: Any) -> LayerMirror:
        return data.draw(st.sampled_from(self.mirror.layers))

    def _holder(self, data: Any, layer: LayerMirror) -> str:
        holders = sorted(who for who, shares in layer.model.balances.items() if shares)
        return some_of(data.draw, holders, self.accounts)
