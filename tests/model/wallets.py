"""Policies that go on under another account, by their owners or by a recovery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .core import ZERO
from .errors import require, require_all
from .joining import Joining

OBJECTION_PERIOD = 30 * 86_400


class Wallets(Joining):
    """Moving a policy."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.nonces: defaultdict[str, int] = defaultdict(int)
        self.supporters: defaultdict[tuple[str, int, str], set[int]] = defaultdict(set)
        # by the account that is lost: the new one, and the second from which it can be finished
        self.recoveries: dict[str, tuple[str, int]] = {}

    def change_wallet(self, caller: str, new: str) -> None:
        """The owner moves."""
        require(caller in self.members, "wallet: not a member")
        require_all(*self._can_move(caller, new))
        self._move_with_credit(caller, new)

    def change_wallet_for(
        self,
        old: str,
        new: str,
        deadline: int,
        old_signed: bool,
        new_signed: bool,
    ) -> None:
        """Anybody brings in what both accounts signed for this nonce."""
        require_all(
            (old in self.members, "wallet: not a member"),
            (self.now <= deadline, "wallet: signatures expired"),
            (old_signed, "wallet: not signed by the old one"),
            (new_signed, "wallet: not signed by the new one"),
            *self._can_move(old, new),
        )
        self._move_with_credit(old, new)

    def support_recovery(self, old: str, new: str, signers: Iterable[str | None]) -> int:
        """`signers` are who signed just this, with the present nonce."""
        require_all(
            (old in self.members, "wallet: not a member"),
            (self.now >= self.terms.cover_start, "recovery: cover has not started"),
        )
        supporters = self.supporters[old, self.nonces[old], new]
        supporters |= {
            self.members[signer].id for signer in signers if signer in self.members.keys() - {old}
        }
        return len(supporters)

    def begin_recovery(self, caller: str, old: str, new: str) -> None:
        """The organiser, with more than half of the others behind it."""
        require(old in self.members, "wallet: not a member")
        supporters = self.supporters[old, self.nonces[old], new]
        has_majority = 2 * len(supporters) > len(self.members) - 1
        require_all(
            *self._can_move(old, new),
            (caller == self.terms.organiser, "recovery: caller is not the organiser"),
            (has_majority, "recovery: not half of the members support it"),
        )
        self.recoveries[old] = (new, self.now + OBJECTION_PERIOD)

    def object_to_recovery(self, caller: str) -> None:
        """The account is not lost."""
        require(caller in self.members, "wallet: not a member")
        self._forget_recovery(caller)

    def finish_recovery(self, old: str) -> None:
        """Nobody objected in time."""
        require(old in self.members, "wallet: not a member")
        require(old in self.recoveries, "recovery: none has begun")
        new, until = self.recoveries[old]
        require_all(
            (self.now >= until, "recovery: can still be objected to"),
            *self._can_move(old, new),
        )
        self._move(old, new)

    def _can_move(self, old: str, new: str) -> list[tuple[bool, str]]:
        arbiter = self.terms.arbiter
        return [
            (new != ZERO, "wallet: new one is the zero address"),
            (new not in self.members, "wallet: new one is a member"),
            (arbiter == ZERO or arbiter not in (old, new), "wallet: is the arbiter's"),
            self.credential(new),
        ]

    def _move_with_credit(self, old: str, new: str) -> None:
        """By the owner's key, which could withdraw it as well."""
        self._move(old, new)
        self.credits[new] += self.credits.pop(old, 0)

    def _move(self, old: str, new: str) -> None:
        """The policy and all that is by its id; both remember the invitation used."""
        member = self.members.pop(old)
        self.members[new] = member
        self.roster[member.id - 1] = member.account = new
        used = self.invitations_used
        used[new] = max(used.get(new, 0), used.get(old, 0))
        self._forget_recovery(old)

    def _forget_recovery(self, old: str) -> None:
        self.nonces[old] += 1
        self.recoveries.pop(old, None)
