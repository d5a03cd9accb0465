"""Rule 12: who gets how much of what was not needed."""

from __future__ import annotations

from collections.abc import Iterable

from .records import Member

MATTERS = 100  # a sharing of less than one in so many of the refunds that wait is dust (rule 13)


class Surplus:
    """What was shared in the present round, and who takes part in it."""

    def __init__(self) -> None:
        self.round = 0
        self.shared = 0
        self.premiums = 0
        self.only_claim_free = False
        self.shared_at = 0

    def share(self, amount: int, members: Iterable[Member], waiting: int, now: int) -> None:
        """Add `amount` to what is due to those who take part; `waiting` is all of it then."""
        self.premiums = sum(member.premium for member in members if self.takes_part(member))
        self.shared += amount
        if amount * MATTERS >= waiting:
            self.shared_at = now

    def begin_round(self) -> None:
        """Rule 13: after a sweep nothing of what was shared before is due any more."""
        self.round += 1
        self.shared = 0

    def takes_part(self, member: Member) -> bool:
        """Return whether the member has a share in the surplus."""
        return not (self.only_claim_free and member.awarded)

    def due_in_total(self, member: Member) -> int:
        """Return all the surplus of this round that has become due to a member, taken or not."""
        if not self.shared or not self.takes_part(member):
            return 0
        return member.premium * self.shared // self.premiums
