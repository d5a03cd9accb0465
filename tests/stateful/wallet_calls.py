"""Calls about moving policies, to contract and model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import papers
from .papers import Support

if TYPE_CHECKING:
    from .mirror import Mirror


class WalletCalls:
    """Part of Mirror; calls are named as in IPool.vyi."""

    def change_wallet(self: Mirror, caller: str, new: str) -> None:
        """Move the own policy."""
        self.both(
            "change_wallet",
            (new,),
            lambda: self.model.change_wallet(caller, new),
            sender=caller,
        )

    def change_wallet_for(
        self: Mirror, old: str, new: str, deadline: int, sender: str, flaw: str = ""
    ) -> None:
        """Bring in a move that both have signed, as well as they can."""
        signatures = papers.sign_change(self, old, new, deadline, flaw)
        old_signed, new_signed = (
            flaw in ("", other) and papers.can_sign(account, self.world)
            for account, other in ((old, "new"), (new, "old"))
        )
        self.both(
            "change_wallet_for",
            (old, new, deadline, *signatures),
            lambda: self.model.change_wallet_for(old, new, deadline, old_signed, new_signed),
            sender=sender,
        )

    def support_recovery(
        self: Mirror, old: str, new: str, supports: Sequence[Support], sender: str
    ) -> int | None:
        """Bring in members' signatures for a recovery."""
        pairs = [papers.sign_support(self, old, new, support) for support in supports]
        signers = [support.signer if not support.flaw else None for support in supports]
        return self.both(
            "support_recovery",
            (old, new, pairs),
            lambda: self.model.support_recovery(old, new, signers),
            sender=sender,
        )

    def begin_recovery(self: Mirror, caller: str, old: str, new: str) -> None:
        """Begin a recovery."""
        self.both(
            "begin_recovery",
            (old, new),
            lambda: self.model.begin_recovery(caller, old, new),
            sender=caller,
        )

    def object_to_recovery(self: Mirror, caller: str) -> None:
        """Object."""
        self.both(
            "object_to_recovery",
            (),
            lambda: self.model.object_to_recovery(caller),
            sender=caller,
        )

    def finish_recovery(self: Mirror, old: str, sender: str) -> None:
        """Finish a recovery."""
        self.both("finish_recovery", (old,), lambda: self.model.finish_recovery(old), sender=sender)
