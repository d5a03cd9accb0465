"""The books of a pool from its events alone (rule 2): no view is read, no rule worked out again.

Fees and commissions apart, which are a fixed part of each premium.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from peerpool.terms import Terms
from tests.evm.contract import Event

REJECTED = 3
BPS = 10_000
NOBODY = "0x" + "00" * 20


@dataclass
class Policy:
    """A member by the events; `earned` is fee and commission of the premium."""

    account: str
    paid_by: str  # empty: the member
    premium: int
    earned: int
    payee: str = NOBODY
    pledged: int = 0

    @property
    def payer(self) -> str:
        """Return who gets the premium back."""
        return self.paid_by or self.account


@dataclass
class Case:
    """A claim by the events."""

    bond: int
    asked: int
    window: int
    policy: int
    is_guarantee: bool = False
    paid: int = 0


class Books:
    """What went where, as the events tell it. Amounts in token units."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.funds = self.held = 0
        self.entered = self.left = 0
        # fees and commissions by id: in a cancelled pool they leave with the premium
        self.not_returned: dict[int, int] = {}
        self.set_aside = 0  # for awards of settled windows
        self.bonds = 0
        self.credited = 0
        self.policies: dict[int, Policy] = {}
        self.owners: dict[int, str] = {}  # by ERC-721's log alone
        self.cases: dict[int, Case] = {}
        self.ballots: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self.shared = 0  # with members, and not given to anybody yet
        self._ids: dict[str, int] = {}
        self._settled_windows: set[int] = set()

    def _is_cancelled(self, now: int) -> bool:
        return now >= self.terms.cover_start and len(self.policies) < self.terms.min_members

    def read(self, events: tuple[Event, ...], now: int) -> None:
        """Book the events of one transaction."""
        for event in events:
            getattr(self, f"_{event.name}", lambda event, now: None)(event, now)

    @property
    def balance(self) -> int:
        """Return what has to be there, by what came and went."""
        return self.entered - self.left

    # --- members ----------------------------------------------------------------

    def _Joined(self, event: Event, now: int) -> None:
        commission_bps = self.terms.commission_bps if event.referrer != NOBODY else 0
        earned = event.premium * self.terms.fee_bps // BPS
        earned += event.premium * commission_bps // BPS
        paid_by = event.payer if event.payer != event.member else ""
        self.policies[event.id] = Policy(event.member, paid_by, event.premium, earned)
        self._ids[event.member] = event.id
        self.not_returned[event.id] = earned
        self.entered += event.premium
        self.held += earned
        self.funds += event.premium - earned

    def _Left(self, event: Event, now: int) -> None:
        policy = self.policies.pop(event.id)
        told = (event.member, event.payer, event.premium)
        assert told == (policy.account, policy.payer, policy.premium)
        del self.not_returned[event.id], self._ids[event.member]
        self.left += event.premium
        self.held -= policy.earned
        self.funds -= event.premium - policy.earned

    def _Transfer(self, event: Event, now: int) -> None:
        assert self.owners.get(event.token_id, NOBODY) == event.sender
        assert event.sender != NOBODY or event.token_id not in self.owners, "an id came back"
        self.owners[event.token_id] = event.receiver

    def _WalletChanged(self, event: Event, now: int) -> None:
        policy = self.policies[event.id]
        assert policy.account == event.old
        policy.account = event.new
        self._ids[event.new] = self._ids.pop(event.old)

    # --- money from anybody -----------------------------------------------------

    def _Donated(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    def _Absorbed(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    def _DonationReturned(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.funds -= event.amount

    def _Recovered(self, event: Event, now: int) -> None:
        self.entered += event.amount
        self.funds += event.amount

    # --- claims -----------------------------------------------------------------

    def _ClaimFiled(self, event: Event, now: int) -> None:
        self._add_case(event.claim_id, Case(event.bond, event.asked, 0, self._ids[event.claimant]))
        self.cases[event.claim_id].window = self._window(now)
        self.entered += event.bond
        self.held += event.bond
        self.bonds += event.bond

    def _GuaranteeCalled(self, event: Event, now: int) -> None:
        case = Case(0, event.amount, self._window(now), event.id, is_guarantee=True)
        self._add_case(event.claim_id, case)
        self.policies[event.id].pledged -= event.amount

    def _add_case(self, claim_id: int, case: Case) -> None:
        assert claim_id == len(self.cases) + 1
        self.cases[claim_id] = case

    def _window(self, now: int) -> int:
        return (now - self.terms.cover_start) // self.terms.voting_period

    def _ClaimReduced(self, event: Event, now: int) -> None:
        case = self.cases[event.claim_id]
        assert 0 < event.asked < case.asked
        case.asked = event.asked

    def _BallotCast(self, event: Event, now: int) -> None:
        self._count(event.claim_id, self._ids[event.voter], event.award)

    def _BallotsCast(self, event: Event, now: int) -> None:
        for word in event.voters:
            for place in range(8):
                voter = word >> 32 * place & 2**32 - 1
                if voter:
                    self._count(event.claim_id, voter, event.award)

    def _count(self, claim_id: int, voter: int, award: int) -> None:
        assert voter not in self.ballots[claim_id], "a second ballot"
        self.ballots[claim_id][voter] = award

    def _ClaimResolved(self, event: Event, now: int) -> None:
        bond = self.cases[event.claim_id].bond
        self.held -= bond
        self.bonds -= bond
        if event.status == REJECTED:
            self.funds += bond
        else:
            self.left += bond

    def _AwardPaid(self, event: Event, now: int) -> None:
        case = self.cases[event.claim_id]
        assert not case.is_guarantee, "a guarantee was paid to the member"
        self._pay(case, event.amount)

    def _PledgePaid(self, event: Event, now: int) -> None:
        case = self.cases[event.claim_id]
        self._pay(case, event.amount)
        if not case.is_guarantee:
            self.policies[case.policy].pledged -= event.amount

    def _pay(self, case: Case, amount: int) -> None:
        self.left += amount
        case.paid += amount
        if case.window in self._settled_windows:
            self.held -= amount
            self.set_aside -= amount
        else:
            self.funds -= amount

    def _WindowSettled(self, event: Event, now: int) -> None:
        assert event.window not in self._settled_windows
        self._settled_windows.add(event.window)
        self._move_aside(event.available)

    def _MadeUp(self, event: Event, now: int) -> None:
        self._move_aside(event.amount)

    def _move_aside(self, amount: int) -> None:
        self.funds -= amount
        self.held += amount
        self.set_aside += amount

    def _Pledged(self, event: Event, now: int) -> None:
        policy = self.policies[event.id]
        policy.payee, policy.pledged = event.payee, event.amount

    # --- layers -----------------------------------------------------------------

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

    # --- the end ----------------------------------------------------------------

    def _Shared(self, event: Event, now: int) -> None:
        self.left += event.to_cause
        self.funds -= event.to_cause
        self.shared += event.to_members

    def _Refunded(self, event: Event, now: int) -> None:
        assert not self._is_cancelled(now)
        self.left += event.amount
        self.funds -= event.amount
        self.shared -= event.amount

    def _PremiumReturned(self, event: Event, now: int) -> None:
        assert self._is_cancelled(now)
        policy_id = self._ids[event.member]
        assert event.payer == self.policies[policy_id].payer
        void = self.not_returned.pop(policy_id, 0)
        self.left += event.amount
        self.held -= void
        self.funds -= event.amount - void

    def _Swept(self, event: Event, now: int) -> None:
        void = sum(self.not_returned.values()) if self._is_cancelled(now) else 0
        self.not_returned.clear()
        self.left += event.amount
        self.held -= void
        self.funds -= event.amount - void
        self.shared = 0

    def _Credited(self, event: Event, now: int) -> None:
        self.left -= event.amount
        self.held += event.amount
        self.credited += event.amount

    def _Withdrawn(self, event: Event, now: int) -> None:
        self.left += event.amount
        self.held -= event.amount
        self.credited -= event.amount
