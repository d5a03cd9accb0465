"""Rule 12: who gets how much of what was not needed."""

from __future__ import annotations

from collections.abc import Iterable

from .records import Member

SCALE = 2**96


class Surplus:
    """The cumulative index, and who takes part in it."""

    def __init__(self) -> None:
        self.index = 0
        self.only_claim_free = False
        self.shared_at = 0

    def share(self, amount: int, members: Iterable[Member], now: int) -> bool:
        """Add `amount` to what the sharers are due; False if there is nobody to share it."""
        premiums = sum(member.premium for member in members if self.takes_part(member))
        self.shared_at = now
        if not premiums:
            return False
        self.index += amount * SCALE // premiums
        return True

    def takes_part(self, member: Member) -> bool:
        """Return whether the member has a share in the surplus."""
        return not (self.only_claim_free and member.awarded)

    def due_in_total(self, member: Member) -> int:
        """Return all the surplus that has become due to a member, taken or not."""
        return member.premium * self.index // SCALE if self.takes_part(member) else 0
