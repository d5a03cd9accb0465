"""What the events say about each member, each claim and each layer."""

from __future__ import annotations

from dataclasses import dataclass, field

OPEN, AWARDED, REJECTED, LAPSED, CUT, REFERRED, APPEALED = range(1, 8)  # Claim.status in IPool.vyi
CONCLUDED = (AWARDED, REJECTED, LAPSED)


@dataclass(frozen=True)
class Ballot:
    voter: str
    award: int  # tenths
    reason: bytes
    time: int


@dataclass
class ClaimView:
    """One claim; amounts in token units."""

    id: int
    claimant: str  # the member's wallet now
    member_id: int
    filer: str  # the claimant, or the payee of a pledge; a loan that called a guarantee
    by_payee: bool
    filed_at: int
    incident_at: int
    amount: int  # the loss as claimed
    asked: int  # what a full award pays, as it stands
    bond: int
    evidence_hash: bytes
    uri: str
    window: int
    votes: list[int] = field(default_factory=lambda: [0] * 11)  # ballots for 0 to 10 tenths
    status: int = OPEN
    tenths: int = 0  # of the award, or of the vote where that can still be appealed
    vote: int | None = None  # tenths of the vote, where it was not the end; None: it was, or none
    ruling: bytes | None = None  # the arbiter's reason; None: no ruling
    award: int = 0  # what was decided
    resolved_at: int = 0
    paid: int = 0  # sent, or credited where it could not be sent
    to_payee: int = 0  # of it, to the payee of a pledge
    recovered: int = 0  # brought back by whoever caused the loss
    is_guarantee: bool = False
    in_settled_window: bool = False
    electorate: int = 0  # how many might vote
    roster_size: int = 0  # ids above it joined later
    payee_id: int = 0  # payee of the pledge who is a member, and so did not vote; 0: none
    since: int = 0  # when the hearing came to its stage, while there is one

    def tally(self) -> tuple[int, ...]:
        """Ballots for each award from 0 to 10 tenths."""
        return tuple(self.votes)

    @property
    def bond_kept(self) -> int:
        return self.bond if self.status == REJECTED else 0


@dataclass
class MemberView:
    """One membership (an id in the roster); amounts in token units."""

    id: int
    account: str  # the wallet now
    payer: str
    tier: int
    premium: int
    fee: int
    commission: int
    referrer: str
    joined_at: int
    left_at: int = 0  # 0: did not leave
    awarded: int = 0  # decided
    paid: int = 0  # of it sent or credited, to the member or the payee of a pledge
    pledge_payee: str = ""  # who comes first; empty: nobody ever did
    pledged: int = 0  # still to be paid to the payee
    payee_id: int = 0  # of a payee who had joined by a raise; 0: had not
    newest_when_pledged: int = 0  # id
    last_claim: int = 0  # 0: none, guarantees apart
    pays_self: bool = False  # the payer of the premium is the member, by whatever wallet
    wallets: list[str] = field(default_factory=list)  # earlier ones, in order
    refunded: int = 0  # in all
    refunded_since_sweep: int = 0  # as the pool counts: in the round of `refund_round`
    refund_round: int = 0  # sweeps before the last refund
    bonds_kept: int = 0  # forfeited with rejected claims

    @property
    def net(self) -> int:
        """What membership brought less what it cost, whoever paid the premium."""
        given = 0 if self.left_at else self.premium
        return self.paid + self.refunded - given - self.bonds_kept


@dataclass
class LayerView:
    """One layer of reinsurance; amounts in token units."""

    number: int  # 1 pays first
    limit: int  # of the terms, as is the premium if it is full
    premium: int
    filled: int = 0  # collateral
    ceded: int | None = None  # premium that it got; None: not yet
    paid: int = 0  # for the pool, in all
    repaid: int = 0  # of that
    forgiven: int = 0  # of that: not to be repaid, as nobody has shares any more
    redeemed: int = 0  # by its shares
    absorbed: int = 0  # came in again, as it belonged to no share

    @property
    def drawn(self) -> int:
        """Paid, and still to be repaid."""
        return self.paid - self.repaid - self.forgiven

    @property
    def assets(self) -> int:
        """What lies in it: what all its shares are worth."""
        in_all = self.filled + (self.ceded or 0) + self.repaid
        return in_all - self.paid - self.redeemed - self.absorbed
