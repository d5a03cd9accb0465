"""Calls about pledges and guarantees, to contract and model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mirror import Mirror


class PledgeCalls:
    """Part of Mirror; calls are named as in IPool.vyi."""

    def pledge(self: Mirror, caller: str, payee: str, amount: int) -> None:
        """Pledge awards to a payee."""
        self.both(
            "pledge",
            (payee, amount),
            lambda: self.model.pledge(caller, payee, amount),
            sender=caller,
        )

    def release(self: Mirror, caller: str, member: str, amount: int) -> None:
        """Give up a part of a pledge."""
        self.both(
            "release",
            (member, amount),
            lambda: self.model.release(caller, member, amount),
            sender=caller,
        )

    def call_guarantee(self: Mirror, caller: str, member: str, amount: int) -> int | None:
        """Draw on a member's cover, as a loan."""
        world, desk = self.world, self.terms.desk
        is_loan = desk == world.desk.address and caller in world.loans
        in_default = world.in_default[caller, member]
        return self.both(
            "call_guarantee",
            (member, amount),
            lambda: self.model.call_guarantee(caller, member, amount, is_loan, in_default),
            sender=caller,
        )
