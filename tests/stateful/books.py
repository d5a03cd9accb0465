"""The books of a pool from its events alone (rule 2): no view is read, no rule worked out again."""

from __future__ import annotations

from collections import defaultdict

from peerpool.terms import Terms
from tests.evm.contract import Event

REJECTED = 3


class Books:
    """What went where, as the events tell it. Amounts in token units."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.funds = self.held = 0
        self.entered = self.left = 0
        self.paid_to_claim: defaultdict[int, int] = defaultdict(int)
        # fees and commissions by member: in a cancelled pool they leave with the premium
        self.not_returned: dict[str, int] = {}
        self.set_aside = 0  # for awards of settled windows
        self._members: dict[int, Event] = {}
        self._claims: dict[int, tuple[Event, int]] = {}
        self._settled_windows: set[int] = set()

    def _is_cancelled(self, now: int) -> bool:
        return now >= self.terms.cover_start and len(self._members) < self.terms.min_members

    def read(self, events: tuple[Event, ...], now: int) -> None:
        """Book the events of one transaction."""
        for event in events:
            getattr(self, f"_{event.name}", lambda event, now: None)(event, now)

    @property
    def balance(self) -> int:
        """Return what has to be there, by what came and went."""
        return self.entered - self.left

    def _Joined(self, event: Event, now: int) -> None:
        self._members[event.id] = event
        self.not_returned[event.member] = event.fee + event.commission
        self.entered += event.premium
        self.held += event.fee + event.commission
        self.funds += event.premium - event.fee - event.commission

    def _Left(self, event: Event, now: int) -> None:
        joined = self._members.pop(event.id)
        assert (event.member, event.payer, event.premium) == (
            joined.member,
            joined.payer,
            joined.premium,
        )
        del self.not_returned[event.member]
        self.left += event.premium
        self.held -= joined.fee + joined.commission
        self.funds -= event.premium - joined.fee - joined.commission

    def _Donated(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    def _Absorbed(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    def _DonationReturned(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.funds -= event.amount

    def _ClaimFiled(self, event: Event, now: int) -> None:
        window = (now - self.terms.cover_start) // self.terms.voting_period
        self._claims[event.claim_id] = (event, window)
        self.entered += event.bond
        self.held += event.bond

    def _ClaimResolved(self, event: Event, now: int) -> None:
        bond = self._claims[event.claim_id][0].bond
        self.held -= bond
        if event.status == REJECTED:
            self.funds += bond
        else:
            self.left += bond

    def _AwardPaid(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.paid_to_claim[event.claim_id] += event.amount
        if self._claims[event.claim_id][1] in self._settled_windows:
            self.held -= event.amount
            self.set_aside -= event.amount
        else:
            self.funds -= event.amount

    def _WindowSettled(self, event: Event, now: int) -> None:
        self._settled_windows.add(event.window)
        self.funds -= event.available
        self.held += event.available
        self.set_aside += event.available

    def _MadeUp(self, event: Event, now: int) -> None:
        self.funds -= event.amount
        self.held += event.amount
        self.set_aside += event.amount

    def _Recovered(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    def _CollateralAdded(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.held += event.amount

    def _PremiumCeded(self, event: Event, now: int) -> None:
        self.funds -= event.premium
        self.held += event.premium

    def _LayersDrawn(self, event: Event, now: int) -> None:
        self.held -= event.amount
        self.funds += event.amount

    def _LayersRepaid(self, event: Event, now: int) -> None:
        self.funds -= event.amount
        self.held += event.amount

    def _LayerRedeemed(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.held -= event.amount

    def _LayerAbsorbed(self, event: Event, now: int) -> None:
        self.held -= event.amount
        self.funds += event.amount

    def _Shared(self, event: Event, now: int) -> None:
        self.left += event.to_cause
        self.funds -= event.to_cause

    def _Refunded(self, event: Event, now: int) -> None:
        void = self.not_returned.pop(event.member, 0) if self._is_cancelled(now) else 0
        self.left += event.amount
        self.held -= void
        self.funds -= event.amount - void

    def _Swept(self, event: Event, now: int) -> None:
        void = sum(self.not_returned.values()) if self._is_cancelled(now) else 0
        self.not_returned.clear()
        self.left += event.amount
        self.held -= void
        self.funds -= event.amount - void

    def _Credited(self, event: Event, now: int) -> None:
        self.left -= event.amount
        self.held += event.amount

    def _Withdrawn(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.held -= event.amount
