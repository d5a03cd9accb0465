"""What all rules share: terms, time, the two pots, and money that comes in or goes out.

The world outside is told to the model by its caller: what time it is (`now`), who can be paid and
what arrives of it (`outside`), who signed what, whether a payer has the money. What is taken from
and sent to each account is added up in `spent` and `received`: wallets can be compared as well as
books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from peerpool.terms import Terms

from .ballots import BPS
from .errors import require, require_all
from .records import Claim, Member, Window
from .shortage import Shortage
from .surplus import Surplus
from .treaty import Treaty

ZERO = "0x" + "00" * 20
ZERO_HASH = bytes(32)
ENROLLING, CANCELLED, ACTIVE, RUN_OFF, SETTLED = range(5)
GIFT_LIMIT = 2**126


class Outside(Protocol):
    """What the model cannot know by itself."""

    def accepts(self, account: str) -> bool:
        """Return whether a payment to the account arrives."""

    def takes(self, account: str) -> bool:
        """Return whether it arrives with all the gas there is (`withdraw`, redemption)."""

    def arriving(self, amount: int) -> int:
        """Return how much arrives of an amount that is sent."""

    def gate_refusal(self, account: str) -> str:
        """Return in what words the gate keeps an account out, nothing if it lets it in."""


@dataclass(frozen=True)
class Payment:
    """What a caller sends along: Ether, and whether the token would let itself be taken."""

    value: int
    token_is_there: bool


class Core:
    """The state of a pool and its pots."""

    def __init__(self, terms: Terms, address: str, outside: Outside, layers: Sequence[str]) -> None:
        self.terms = terms
        self.address = address
        self.outside = outside
        self.now = 0
        self.funds = self.held = self.stray = 0
        self.members: dict[str, Member] = {}
        self.roster: list[str] = []
        self.claims: list[Claim] = []
        self.windows: dict[int, Window] = {}
        self.earnings: defaultdict[str, int] = defaultdict(int)
        self.credits: defaultdict[str, int] = defaultdict(int)
        self.donations: defaultdict[str, int] = defaultdict(int)
        self.received: defaultdict[str, int] = defaultdict(int)
        self.spent: defaultdict[str, int] = defaultdict(int)
        self.asked = 0
        self.shortage = Shortage()
        self.surplus = Surplus()
        self.settled_at = 0
        self.treaty = Treaty(self, layers)
        self.tower = self.treaty.tower
        self.shares = self.treaty.shares

    # --- time ---------------------------------------------------------------

    @property
    def phase(self) -> int:
        """Return the phase. Nobody flips it."""
        terms = self.terms
        if self.now < terms.cover_start:
            return ENROLLING
        if len(self.members) < terms.min_members:
            return CANCELLED
        if self.now < terms.expiry:
            return ACTIVE
        return SETTLED if self.settled_at else RUN_OFF

    @property
    def is_enrolling(self) -> bool:
        """Return whether members may leave, and reinsurers deposit."""
        return self.phase == ENROLLING

    @property
    def has_begun(self) -> bool:
        """Return whether there is cover, or was."""
        return self.phase not in (ENROLLING, CANCELLED)

    @property
    def has_ended(self) -> bool:
        """Return whether everybody can take what is theirs."""
        return self.phase in (SETTLED, CANCELLED)

    @property
    def reporting_end(self) -> int:
        """Return the second from which no loss is taken any more."""
        return self.terms.expiry + self.terms.reporting_period

    def cover_begins(self, member: Member) -> int:
        """Return the second from which a member's losses are covered."""
        return max(self.terms.cover_start, member.joined_at) + self.terms.waiting_period

    def cover_left(self, member: Member) -> int:
        """Return what the member can still be awarded."""
        return self.terms.tiers[member.tier].cover_limit - member.cover_used

    # --- money at the door, rule 3 ------------------------------------------

    def door(self, amount: int, payment: Payment, taker: str) -> list[tuple[bool, str]]:
        """Rule 3: what is demanded of money at the door, in this order.

        A token is not asked for nothing.
        """
        if self.terms.asset == ZERO:
            return [(payment.value == amount, "value: wrong amount")]
        return [
            (payment.value == 0, f"value: {taker} takes a token"),
            (payment.token_is_there or not amount, "token: transfer failed"),
            (self.outside.arriving(amount) == amount, "token: received another amount"),
        ]

    def collect(self, caller: str, amount: int, payment: Payment) -> None:
        """Take money, from the caller."""
        for demand in self.door(amount, payment, "pool"):
            require(*demand)
        self.spent[caller] += amount

    def collect_gift(self, caller: str, amount: int, payment: Payment) -> None:
        """Take money that nobody has to send."""
        require_all(self.room_for(amount), *self.door(amount, payment, "pool"))
        self.collect(caller, amount, payment)

    def room_for(self, amount: int) -> tuple[bool, str]:
        """Return whether so much of a gift leaves room for what has to come in."""
        there = max(self.funds + self.held, self.surplus.shared)
        return there + amount < GIFT_LIMIT, "money: too much"

    # --- money that comes in, rules 11 and 12 -------------------------------

    def bring_in(self, amount: int) -> None:
        """Rule 11: unpaid awards, layers, funds; the rest is surplus once there is one."""
        made_up = self.shortage.make_up(amount)
        repaid = self.tower.repay(amount - made_up)
        self.held += made_up + repaid
        rest = amount - made_up - repaid
        self.funds += rest
        if rest and self.has_ended:
            self.share(rest)

    def share(self, amount: int) -> None:
        """Rule 12: the cause and the members; where there are none, their part stays in funds."""
        to_cause = amount * self.terms.cause_bps // BPS
        self.funds -= to_cause
        if self.members:
            self.surplus.share(
                amount - to_cause, self.members.values(), waiting=self.funds, now=self.now
            )
        self.send(self.terms.cause, to_cause)

    # --- money that goes out, rule 4 ----------------------------------------

    def send(self, account: str, amount: int) -> None:
        """Rule 4: one try; what cannot be sent becomes a credit."""
        if not amount:
            return
        if self.outside.accepts(account):
            self.hand_over(account, amount)
        else:
            self.held += amount
            self.credits[account] += amount

    def hand_over(self, receiver: str, amount: int) -> None:
        """Book what an account got, which may be a contract of the pool."""
        arriving = self.outside.arriving(amount)
        self.received[receiver] += arriving
        for contract in (self, *self.shares):
            if receiver == contract.address:
                contract.stray += arriving

    # --- what awards are paid from, rules 9 and 15 --------------------------

    @property
    def there(self) -> int:
        """Rule 9: what awards can be paid from."""
        return self.funds + self.tower.capacity

    def draw(self, amount: int) -> None:
        """Rule 15: funds first; what they lack is taken from the layers, whose money is held."""
        from_funds = min(self.funds, amount)
        self.funds -= from_funds
        self.tower.draw(amount - from_funds)
        self.held -= amount - from_funds

    # --- who and what -------------------------------------------------------

    def claim_of(self, claim_id: int) -> Claim:
        """Return a claim by its id."""
        require(0 < claim_id <= len(self.claims), "claim: no such claim")
        return self.claims[claim_id - 1]

    def by_id(self, member_id: int) -> Member | None:
        """Return the present member with an id."""
        if not 0 < member_id <= len(self.roster):
            return None
        return self.members.get(self.roster[member_id - 1])

    def credential(self, account: str) -> tuple[bool, str]:
        """Rule of the gate: who comes in, and on what account."""
        refusal = self.outside.gate_refusal(account) if self.terms.gate != ZERO else ""
        return not refusal, refusal
