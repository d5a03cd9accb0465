"""Hand-made events of a pool, as ledger and report tests need them. No chain."""

from dataclasses import replace
from typing import Any

from eth_utils import keccak, to_checksum_address

from peerpool.ledger import Event, Ledger, Watcher, rebuild
from peerpool.terms import Terms, Tier
from peerpool.units import DAY, ZERO_ADDRESS, Asset

UNIT = 10**6
START = 1_800_000_000  # cover_start


def role(name: str) -> str:
    """An address of its own for every name."""
    return to_checksum_address(keccak(text=name)[12:])


TOKEN = role("token")
ASSET = Asset(TOKEN, "EURX", 6)

TERMS = Terms(
    asset=TOKEN,
    cover_start=START,
    enrolment_end=START + 100 * DAY,
    expiry=START + 365 * DAY,
    min_members=2,
    reporting_period=30 * DAY,
    voting_period=7 * DAY,
    waiting_period=0,
    deductible=10 * UNIT,
    claim_bond=5 * UNIT,
    quorum_bps=5000,
    approval_bps=5000,
    silent_consent_limit=0,
    arbiter=ZERO_ADDRESS,
    appeal_period=0,
    ruling_period=0,
    claim_free_refund=False,
    organiser=role("organiser"),
    gate=ZERO_ADDRESS,
    members_may_invite=False,
    fee_bps=200,
    commission_bps=100,
    max_members=100,
    cause=role("cause"),
    cause_bps=2500,
    unclaimed_after=365 * DAY,
    desk=ZERO_ADDRESS,
    reinsurer=ZERO_ADDRESS,
    max_cession_bps=0,
    wording_hash=b"\x01" * 32,
    name="Bicycle cover",
    tiers=(Tier(100 * UNIT, 1000 * UNIT), Tier(50 * UNIT, 400 * UNIT)),
    reinsurance=(),
)

FIELDS: dict[str, dict[str, Any]] = {
    "Joined": {"fee": 0, "commission": 0, "referrer": ZERO_ADDRESS, "tier": 0},
    "ClaimFiled": {"evidence_hash": b"\x02" * 32, "uri": "ipfs://evidence"},
    "BallotCast": {"reason": b"\x00" * 32},
}


class Story:
    """Events in order; each `tell` is one transaction, `also` adds to the last one."""

    def __init__(self, terms: Terms = TERMS) -> None:
        self.terms = terms
        self.events: list[Event] = []
        self.block = 0

    def tell(self, time: int, name: str, **args: Any) -> "Story":
        self.block += 1
        self._add(time, name, args)
        return self

    def also(self, name: str, **args: Any) -> "Story":
        self._add(self.events[-1].time, name, args)
        return self

    def _add(self, time: int, name: str, args: dict[str, Any]) -> None:
        index = sum(1 for event in self.events if event.block == self.block)
        args = FIELDS.get(name, {}) | args
        self.events.append(Event(name, args, self.block, time, f"0x{self.block:064x}", index))

    def joined(self, time: int, id_: int, who: str, **args: Any) -> "Story":
        """A member joins tier 0 and pays the whole premium, with no fee."""
        args = {"payer": role(who), "premium": 100 * UNIT} | args
        return self.tell(time, "Joined", member=role(who), id=id_, **args)

    def filed(self, time: int, claim_id: int, who: str, asked: int, filer: str = "") -> "Story":
        return self.tell(
            time,
            "ClaimFiled",
            claim_id=claim_id,
            claimant=role(who),
            filer=role(filer or who),
            amount=asked + self.terms.deductible,
            asked=asked,
            bond=self.terms.claim_bond,
            incident_at=time - DAY,
        )

    def voted(self, time: int, claim_id: int, who: str, award: int) -> "Story":
        reason = keccak(text=f"{who}: {award}") if award < 10 else b"\x00" * 32
        return self.tell(
            time, "BallotCast", claim_id=claim_id, voter=role(who), award=award, reason=reason
        )

    def resolved(self, time: int, claim_id: int, status: int, award: int, amount: int) -> "Story":
        return self.tell(
            time, "ClaimResolved", claim_id=claim_id, status=status, award=award, amount=amount
        )

    def ledger(self, *watchers: Watcher, **changes: Any) -> Ledger:
        """The books of all this, a second after the last event."""
        last = self.events[-1] if self.events else Event("", {}, 0, 0, "", 0)
        empty = Ledger(
            chain_id=31337,
            pool=role("pool"),
            block=last.block,
            time=last.time + 1,
            terms=self.terms,
            asset=ASSET,
        )
        return rebuild(replace(empty, **changes), self.events, watchers)


def whole_life() -> Story:
    """Enrolling to the last refund; every unit of it is worked out in test_ledger.py."""
    early = START - 10 * DAY
    story = Story()
    fees = {"fee": 2 * UNIT}
    story.joined(early, 1, "claimant", **fees)
    story.joined(early + 60, 2, "employee", payer=role("employer"), **fees)
    referred = {"commission": UNIT, "referrer": role("referrer")}
    story.joined(early + 120, 3, "referred", **fees, **referred)
    story.joined(early + 180, 4, "leaver", **fees)
    story.tell(
        early + DAY, "Left", member=role("leaver"), id=4, payer=role("leaver"), premium=100 * UNIT
    )
    story.tell(early + 2 * DAY, "Donated", donor=role("supporter"), amount=40 * UNIT)

    # Claim 1: paid in full. Claim 2: in part, to a wallet that cannot take it. Claim 3: rejected.
    at = START + 30 * DAY
    story.filed(at, 1, "claimant", 30 * UNIT)
    story.voted(at + 60, 1, "employee", 10).voted(at + 120, 1, "referred", 10)
    story.resolved(at + 180, 1, status=2, award=10, amount=30 * UNIT)
    story.also("AwardPaid", claim_id=1, claimant=role("claimant"), amount=30 * UNIT)

    at = START + 60 * DAY
    story.filed(at, 2, "employee", 50 * UNIT)
    story.voted(at + 60, 2, "claimant", 8).voted(at + 120, 2, "referred", 6)
    story.resolved(at + 8 * DAY, 2, status=2, award=8, amount=40 * UNIT)
    story.also("AwardPaid", claim_id=2, claimant=role("employee"), amount=40 * UNIT)
    story.also("Credited", account=role("employee"), amount=45 * UNIT)
    story.tell(
        at + 9 * DAY,
        "Withdrawn",
        account=role("employee"),
        receiver=role("other wallet"),
        amount=45 * UNIT,
    )

    at = START + 90 * DAY
    story.filed(at, 3, "referred", 100 * UNIT)
    story.voted(at + 60, 3, "claimant", 0).voted(at + 120, 3, "employee", 0)
    story.resolved(at + 180, 3, status=3, award=0, amount=0)

    # 293 net of fees and commission + 40 donated - 70 awarded + 5 bond = 268 to share.
    at = START + 400 * DAY
    story.tell(at, "Settled", surplus=268 * UNIT)
    story.also("Shared", to_cause=67 * UNIT, to_members=201 * UNIT)
    due = 67 * UNIT - 1  # as if the index had rounded
    story.tell(at + 60, "Refunded", member=role("claimant"), amount=due)
    story.tell(at + 120, "Refunded", member=role("employee"), amount=due)
    story.also("Refunded", member=role("referred"), amount=due)
    story.tell(
        at + 180,
        "Withdrawn",
        account=role("organiser"),
        receiver=role("organiser"),
        amount=6 * UNIT,
    )
    story.tell(
        at + 240, "Withdrawn", account=role("referrer"), receiver=role("referrer"), amount=UNIT
    )
    return story


def cancelled() -> Story:
    """Two joined where three are needed; somebody had donated."""
    early = START - DAY
    story = Story(replace(TERMS, min_members=3))
    earning = {"fee": 2 * UNIT, "commission": UNIT, "referrer": role("referrer")}
    story.joined(early, 1, "claimant", payer=role("employer"), **earning)
    story.joined(early, 2, "employee", **earning)
    return story.tell(early, "Donated", donor=role("supporter"), amount=40 * UNIT)
