"""A random life of a random pool, maybe beside another of the same factory, and its end by an
outsider alone."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.model.core import ZERO

from . import counts, endgame, promises, strategies
from .ending_rules import EndingRules
from .hearing_rules import HearingRules
from .hostile_rules import HostileRules
from .layer_rules import LayerRules
from .life import MEMBERS, OUTSIDER
from .mirror import Mirror
from .pledge_rules import PledgeRules
from .wallet_rules import WalletRules
from .world import world

LOOKS = 3  # promises that ask the contracts, after each step


class PoolMachine(
    HearingRules,
    PledgeRules,
    LayerRules,
    WalletRules,
    EndingRules,
    HostileRules,
    RuleBasedStateMachine,
):
    """Rules are calls of IPool.vyi and of its layers, the world's whims, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.mirror: Mirror | None = None
        self.looks = 0

    @initialize(data=st.data())
    def create(self, data: Any) -> None:
        the_world = world()
        the_world.reset()
        terms = data.draw(strategies.terms(the_world))
        self.accounts = list(the_world.accounts)
        wallets = (*the_world.wallets[1:4], the_world.signer, *the_world.hostile)
        self.insured = [*MEMBERS, *wallets]
        for _ in range(data.draw(st.sampled_from((1, 1, 1, 2)))):
            self.mirror = Mirror(the_world, terms)
            if terms.gate != ZERO:
                for account in self.insured[:-1]:
                    the_world.set_credential(account, True)
            counts.reached["a pool began"] += 1
            self._join(data, data.draw(st.sampled_from((1, 3, 5, 7, 9))))
            self._fill_layers(data, data.draw(st.integers(0, 7)))
        if data.draw(st.integers(0, 3)):
            self.mirror.pass_time(terms.cover_start)

    @invariant()
    def promises_hold(self) -> None:
        if self.mirror is None:
            return
        every, some = promises.EVERY_STEP, promises.IN_TURN
        promises.look(self.mirror, every)
        promises.look(self.mirror, (some[(self.looks + i) % len(some)] for i in range(LOOKS)))
        self.looks += LOOKS

    def teardown(self) -> None:
        # it also runs when a step has failed, or hypothesis gave an example up: nothing to see then
        if self.mirror is None or sys.exc_info()[0] is not None:
            self._tell()
            return
        try:
            for mirror in world().mirrors:
                promises.look(mirror, promises.AT_THE_END)
            for mirror in world().mirrors:
                self.mirror = mirror
                endgame.bring_to_an_end(mirror, OUTSIDER)
                counts.reached["a pool was brought to its end"] += 1
            promises.look(self.mirror, promises.AT_THE_END)
        except AssertionError:
            self._tell()
            raise

    def _tell(self) -> None:
        """Say in plain calls what led to a failure."""
        if self.mirror and isinstance(sys.exc_info()[1], AssertionError):
            for mirror in world().mirrors:
                note("\n".join([str(mirror.terms), *mirror.story]))
