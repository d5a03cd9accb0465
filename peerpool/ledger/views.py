"""What the events say about each member and each claim."""

from __future__ import annotations

from dataclasses import dataclass, field

OPEN, AWARDED, REJECTED, LAPSED = 1, 2, 3, 4  # Claim.status in IPool.vyi


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
    claimant: str
    member_id: int
    filed_at: int
    incident_at: int
    amount: int  # the loss as claimed
    asked: int  # what a full award pays
    bond: int
    evidence_hash: bytes
    uri: str
    window: int
    ballots: list[Ballot] = field(default_factory=list)
    status: int = OPEN
    tenths: int = 0
    award: int = 0  # what was decided
    resolved_at: int = 0
    paid: int = 0  # sent, or credited where it could not be sent
    in_settled_window: bool = False

    def tally(self) -> tuple[int, ...]:
        """Ballots for each award from 0 to 10 tenths."""
        votes = [ballot.award for ballot in self.ballots]
        return tuple(votes.count(tenth) for tenth in range(11))

    @property
    def bond_kept(self) -> int:
        return self.bond if self.status == REJECTED else 0


@dataclass
class MemberView:
    """One membership (an id in the roster); amounts in token units."""

    id: int
    account: str
    payer: str
    tier: int
    premium: int
    fee: int
    commission: int
    referrer: str
    joined_at: int
    left_at: int = 0  # 0: did not leave
    awarded: int = 0  # decided
    paid: int = 0  # of it sent or credited
    refunded: int = 0  # in all
    refunded_since_sweep: int = 0  # as the pool counts: in the round of `refund_round`
    refund_round: int = 0  # sweeps before the last refund
    bonds_kept: int = 0  # forfeited with rejected claims

    @property
    def net(self) -> int:
        """What membership brought less what it cost, whoever paid the premium."""
        given = 0 if self.left_at else self.premium
        return self.paid + self.refunded - given - self.bonds_kept
