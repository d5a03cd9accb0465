"""From a pool's events, in order, to its books.

Which field of which event moves money is said in interfaces/IPool.vyi; each `_on_...` here is one
event of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations, groupby
from typing import Protocol

from peerpool.ledger.books import CREDIT, FUNDS, HELD, IN, OUT, Account, Books, Move
from peerpool.ledger.events import Event, LedgerError
from peerpool.ledger.views import (
    APPEALED,
    AWARDED,
    CONCLUDED,
    CUT,
    REJECTED,
    Ballot,
    ClaimView,
    LayerView,
    MemberView,
)
from peerpool.terms import Terms
from peerpool.units import Asset

ENROLLING, CANCELLED, ACTIVE, RUN_OFF, SETTLED = range(5)

EARNINGS = ("fee", "commission")  # kinds of held money that are void in a cancelled pool

_FUNDS = Account(FUNDS)


@dataclass
class Ledger:
    """A pool's books as of a block, from its events and its terms alone.

    Amounts are integers in units of `asset`. `members` is keyed by id, `claims` by claim id, and
    `layers` by number, 1 first; all layers of the terms are there from the beginning.
    """

    chain_id: int
    pool: str
    block: int
    time: int  # of that block
    terms: Terms
    asset: Asset
    books: Books = field(default_factory=Books)
    members: dict[int, MemberView] = field(default_factory=dict)
    claims: dict[int, ClaimView] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)  # address -> id of who is a member
    asked: int = 0  # open claims and awards that wait
    unpaid: int = 0  # awards cut by a shortage and not yet made up
    settled_at: int = 0
    shared_at: int = 0  # last sharing that counts for a sweep
    sweeps: int = 0
    donations: dict[str, int] = field(default_factory=dict)  # that come back if it is cancelled
    windows: dict[int, tuple[int, int]] = field(default_factory=dict)  # settled: awards, available
    nonces: dict[str, int] = field(default_factory=dict)  # moves and objections, by wallet
    layers: dict[int, LayerView] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the layers of the terms, empty."""
        self.layers = {
            number: LayerView(number, layer.limit, layer.premium)
            for number, layer in enumerate(self.terms.reinsurance, start=1)
        }

    @property
    def funds(self) -> int:
        return self.books.pot(FUNDS)

    @property
    def held(self) -> int:
        return self.books.pot(HELD, CREDIT)

    @property
    def premiums(self) -> int:
        """Of the present members."""
        return sum(self.members[i].premium for i in self.present.values())

    @property
    def drawn(self) -> int:
        """What layers have paid, less what was repaid."""
        return sum(layer.drawn for layer in self.layers.values())

    @property
    def capacity(self) -> int:
        """What layers can still pay."""
        if self.phase_at(self.time) in (CANCELLED, SETTLED):
            return 0
        return sum(layer.filled - layer.drawn for layer in self.layers.values())

    @property
    def is_unbound(self) -> bool:
        """Whether a layer has collateral, and was not ceded its premium yet."""
        return any(layer.filled and layer.ceded is None for layer in self.layers.values())

    @property
    def is_cancelled(self) -> bool:
        return self.phase_at(self.time) == CANCELLED

    def phase_at(self, time: int) -> int:
        """Phase at a second not after the ledger's own time.

        Cancelled can neither begin nor end after cover_start, so today's count of members tells.
        """
        if time < self.terms.cover_start:
            return ENROLLING
        if len(self.present) < self.terms.min_members:
            return CANCELLED
        if self.settled_at and time >= self.settled_at:
            return SETTLED
        return ACTIVE if time < self.terms.expiry else RUN_OFF

    def came_in(self) -> dict[str, int]:
        """Everything that ever entered, by kind."""
        return _by_kind(self.books.balances, IN, -1)

    def went_out(self) -> dict[str, int]:
        """Everything that left and stayed out, by kind."""
        return _by_kind(self.books.balances, OUT, 1)

    def credit_of(self, account: str) -> int:
        """Money that could not be sent to the account and was not pulled yet."""
        return sum(self.books.balances[a] for a in self.books.of(account) if a.pot == CREDIT)

    def earnings_of(self, account: str) -> int:
        """Fees and commissions of the account that were not pulled yet."""
        return sum(
            self.books.balances[a]
            for a in self.books.of(account)
            if a.pot == HELD and a.kind in EARNINGS
        )


def _by_kind(balances: Mapping[Account, int], pot: str, sign: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for account, balance in balances.items():
        if account.pot == pot:
            sums[account.kind] = sums.get(account.kind, 0) + sign * balance
    return {kind: amount for kind, amount in sums.items() if amount}


def _kept_for(layer: LayerView) -> Account:
    return Account(HELD, "layer", str(layer.number))


class Watcher(Protocol):
    """Who wants to see the books grow: a ledger keeps no event and no move itself."""

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:
        """Look at one transaction: its events, its moves, and the ledger as it is after it."""


@dataclass
class Kept:
    """A watcher that keeps everything, for pools that are small."""

    events: list[Event] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:  # noqa: ARG002
        """Keep it."""
        self.events += events
        self.moves += moves


def rebuild(ledger: Ledger, events: Iterable[Event], watchers: Sequence[Watcher] = ()) -> Ledger:
    """Post all events, in order, to an empty ledger; return it. Watchers see each transaction.

    Raises LedgerError where an event contradicts the ones before it.
    """
    writer = _Writer(ledger)
    for _, group in groupby(events, key=lambda e: e.tx):
        done = list(group)
        moves = writer.transaction(done)
        for watcher in watchers:
            watcher.saw(ledger, done, moves)
    return ledger


def voter_ids(event: Event) -> list[int]:
    """Return the members of a BallotsCast, whose ids are packed, eight in a word."""
    ids = [word >> 32 * n & 0xFFFFFFFF for word in event["voters"] for n in range(8)]
    return [id_ for id_ in ids if id_]


def ballots_of(ledger: Ledger, event: Event) -> list[Ballot]:
    """Return the ballots of a BallotCast or BallotsCast; `ledger` as it is before or after it."""
    if event.name == "BallotCast":
        voters = [event["voter"]]
    else:
        ids = voter_ids(event)
        for id_ in ids:
            if id_ not in ledger.members:
                raise LedgerError(f"ledger: no member {id_} in {event}")
        voters = [ledger.members[id_].account for id_ in ids]
    return [Ballot(voter, event["award"], event["reason"], event.time) for voter in voters]


class _Writer:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.books = ledger.books
        self.moves: list[Move] = []  # of this transaction
        self.sent: list[Move] = []  # those of them out that are not known to have failed
        # by the account that is lost: the new one, and the second from which it can be finished
        self._recoveries: dict[str, tuple[str, int]] = {}

    def transaction(self, events: list[Event]) -> list[Move]:
        """Post one transaction; return its moves."""
        self.sent, self.moves = [], []
        for event in events:
            handler = getattr(self, f"_on_{event.name}", None)
            if handler is None:
                raise LedgerError(f"ledger: no rule for {event}")
            try:
                handler(event)
            except LookupError:  # a tier, a claim's window or a tenth that does not exist
                raise LedgerError(f"ledger: {event} is of something that does not exist") from None
        touched = {a for m in self.moves for a in (m.source, m.target)}
        self.books.require_covered(sorted(touched), events[-1])
        return self.moves

    # --- moves ----------------------------------------------------------------

    def _move(self, event: Event, source: Account, target: Account, amount: int) -> list[Move]:
        """Post one move, and return it; moves of nothing are none."""
        if amount == 0:
            return []
        move = Move(source, target, amount, event)
        self.books.post(move)
        self.moves.append(move)
        return [move]

    def _enter(self, event: Event, kind: str, who: str, target: Account, amount: int) -> None:
        self._move(event, Account(IN, kind, who), target, amount)

    def _leave(self, event: Event, source: Account, kind: str, who: str, amount: int) -> None:
        self.sent += self._move(event, source, Account(OUT, kind, who), amount)

    def _member(self, account: str, event: Event) -> MemberView:
        if account not in self.ledger.present:
            raise LedgerError(f"ledger: {account} is not a member in {event}")
        return self.ledger.members[self.ledger.present[account]]

    def _claim(self, event: Event) -> ClaimView:
        if event["claim_id"] not in self.ledger.claims:
            raise LedgerError(f"ledger: no claim {event['claim_id']} in {event}")
        return self.ledger.claims[event["claim_id"]]

    def _layer(self, event: Event) -> LayerView:
        if event["layer"] not in self.ledger.layers:
            raise LedgerError(f"ledger: no layer {event['layer']} in {event}")
        return self.ledger.layers[event["layer"]]

    # --- joining --------------------------------------------------------------

    def _on_Joined(self, e: Event) -> None:
        kept = e["premium"] - e["fee"] - e["commission"]
        self._enter(e, "premium", e["payer"], _FUNDS, kept)
        fee = Account(HELD, "fee", self.ledger.terms.organiser)
        self._enter(e, "premium", e["payer"], fee, e["fee"])
        commission = Account(HELD, "commission", e["referrer"])
        self._enter(e, "premium", e["payer"], commission, e["commission"])
        if e["member"] in self.ledger.present or e["id"] in self.ledger.members:
            raise LedgerError(f"ledger: member or id is taken in {e}")
        self.ledger.members[e["id"]] = MemberView(
            id=e["id"],
            account=e["member"],
            payer=e["payer"],
            tier=e["tier"],
            premium=e["premium"],
            fee=e["fee"],
            commission=e["commission"],
            referrer=e["referrer"],
            joined_at=e.time,
            pays_self=e["payer"] == e["member"],
        )
        self.ledger.present[e["member"]] = e["id"]

    def _on_Left(self, e: Event) -> None:
        view = self._member(e["member"], e)
        self._premium_back(e, view, e["payer"], e["premium"], "premium back")
        view.left_at = e.time
        del self.ledger.present[e["member"]]

    def _premium_back(
        self, e: Event, view: MemberView, receiver: str, amount: int, kind: str
    ) -> None:
        """The whole premium leaves, with the fee and commission that were set aside of it."""
        fee = Account(HELD, "fee", self.ledger.terms.organiser)
        self._leave(e, fee, kind, receiver, view.fee)
        self._leave(e, Account(HELD, "commission", view.referrer), kind, receiver, view.commission)
        self._leave(e, _FUNDS, kind, receiver, amount - view.fee - view.commission)

    # --- money from anybody ---------------------------------------------------

    def _on_Donated(self, e: Event) -> None:
        self._enter(e, "donation", e["donor"], _FUNDS, e["amount"])
        if e.time < self.ledger.terms.cover_start:
            given = self.ledger.donations.get(e["donor"], 0)
            self.ledger.donations[e["donor"]] = given + e["amount"]

    def _on_DonationReturned(self, e: Event) -> None:
        self._leave(e, _FUNDS, "donation back", e["donor"], e["amount"])
        self.ledger.donations[e["donor"]] = 0

    def _on_Absorbed(self, e: Event) -> None:
        self._enter(e, "stray money", "", _FUNDS, e["amount"])

    # --- claims ---------------------------------------------------------------

    def _on_ClaimFiled(self, e: Event) -> None:
        terms = self.ledger.terms
        bond = Account(HELD, "bond", str(e["claim_id"]))
        self._enter(e, "bond", e["filer"], bond, e["bond"])
        member = self._member(e["claimant"], e)
        by_payee = e["filer"] != e["claimant"]
        payee_id = self._payee_id(member, by_payee)
        self.ledger.claims[e["claim_id"]] = ClaimView(
            id=e["claim_id"],
            claimant=e["claimant"],
            member_id=member.id,
            filer=e["filer"],
            by_payee=by_payee,
            filed_at=e.time,
            incident_at=e["incident_at"],
            amount=e["amount"],
            asked=e["asked"],
            bond=e["bond"],
            evidence_hash=e["evidence_hash"],
            uri=e["uri"],
            window=(e.time - terms.cover_start) // terms.voting_period,
            electorate=len(self.ledger.present) - (2 if payee_id else 1),
            roster_size=len(self.ledger.members),
            payee_id=payee_id,
        )
        member.last_claim = e["claim_id"]
        self.ledger.asked += e["asked"]

    def _payee_id(self, member: MemberView, payee_files: bool) -> int:
        """Id of the payee who joined after the pledge, by whatever wallet, or files; 0: did not."""
        if not member.pledged:
            return 0
        id_ = member.payee_id
        if id_ and not self.ledger.members[id_].left_at:
            return id_
        id_ = self.ledger.present.get(member.pledge_payee, 0)
        return id_ if payee_files or id_ > member.newest_when_pledged else 0

    def _on_BallotCast(self, e: Event) -> None:
        claim = self._claim(e)
        for ballot in ballots_of(self.ledger, e):
            claim.votes[ballot.award] += 1

    _on_BallotsCast = _on_BallotCast

    def _on_ClaimReduced(self, e: Event) -> None:
        claim = self._claim(e)
        self.ledger.asked -= claim.asked - e["asked"]
        claim.amount, claim.asked = e["amount"], e["asked"]

    def _on_ClaimDecided(self, e: Event) -> None:
        claim = self._claim(e)
        claim.status, claim.tenths = e["status"], e["award"]
        claim.vote = e["award"] if claim.status == CUT else None
        claim.since = e.time

    def _on_ClaimAppealed(self, e: Event) -> None:
        claim = self._claim(e)
        claim.status, claim.since = APPEALED, e.time

    def _on_ClaimRuled(self, e: Event) -> None:
        claim = self._claim(e)
        claim.tenths, claim.ruling = e["award"], e["reason"]

    def _on_ClaimResolved(self, e: Event) -> None:
        claim = self._claim(e)
        if claim.status in CONCLUDED:
            raise LedgerError(f"ledger: claim {claim.id} is decided twice in {e}")
        member = self.ledger.members[claim.member_id]
        self.ledger.asked -= claim.asked
        # A guarantee may have used cover since the claim was filed.
        left = self.ledger.terms.tiers[member.tier].cover_limit - member.awarded
        claim.asked = min(claim.asked, left)
        claim.status, claim.tenths, claim.award = e["status"], e["award"], e["amount"]
        claim.resolved_at, claim.since = e.time, 0
        bond = Account(HELD, "bond", str(claim.id))
        if claim.status == REJECTED:
            self._move(e, bond, _FUNDS, claim.bond)
            member.bonds_kept += claim.bond
        else:
            self._leave(e, bond, "bond back", claim.filer, claim.bond)
        if claim.status == AWARDED:
            self.ledger.asked += claim.award
            member.awarded += claim.award

    def _on_GuaranteeCalled(self, e: Event) -> None:
        """A claim without bond and vote: it is awarded in full as it is made."""
        if e["id"] not in self.ledger.members:
            raise LedgerError(f"ledger: no member {e['id']} in {e}")
        terms, member = self.ledger.terms, self.ledger.members[e["id"]]
        self.ledger.claims[e["claim_id"]] = ClaimView(
            id=e["claim_id"],
            claimant=member.account,
            member_id=member.id,
            filer=e["loan"],
            by_payee=True,
            filed_at=e.time,
            incident_at=e.time,
            amount=e["amount"],
            asked=e["amount"],
            bond=0,
            evidence_hash=bytes(32),
            uri="",
            window=(e.time - terms.cover_start) // terms.voting_period,
            status=AWARDED,
            tenths=10,
            award=e["amount"],
            resolved_at=e.time,
            is_guarantee=True,
        )
        self.ledger.asked += e["amount"]
        member.awarded += e["amount"]
        member.pledged -= e["amount"]

    def _on_PledgePaid(self, e: Event) -> None:
        claim = self._claim(e)
        self._pay_award(e, claim, e["payee"])
        claim.to_payee += e["amount"]
        if not claim.is_guarantee:  # that was taken off when it was called
            self.ledger.members[claim.member_id].pledged -= e["amount"]

    def _on_AwardPaid(self, e: Event) -> None:
        self._pay_award(e, self._claim(e), e["claimant"])

    def _pay_award(self, e: Event, claim: ClaimView, receiver: str) -> None:
        if claim.in_settled_window:  # its money was set aside when the window was settled
            source = Account(HELD, "award")
        else:
            source = _FUNDS
            self.ledger.asked -= e["amount"]
        self._leave(e, source, "award", receiver, e["amount"])
        claim.paid += e["amount"]
        self.ledger.members[claim.member_id].paid += e["amount"]

    def _on_Recovered(self, e: Event) -> None:
        self._enter(e, "recovery", e["payer"], _FUNDS, e["amount"])
        self._claim(e).recovered += e["amount"]

    def _on_WindowSettled(self, e: Event) -> None:
        self._move(e, _FUNDS, Account(HELD, "award"), e["available"])
        for claim in self.ledger.claims.values():
            if claim.window == e["window"]:
                claim.in_settled_window = True
        self.ledger.asked -= e["awards"]
        self.ledger.unpaid += e["awards"] - e["available"]
        self.ledger.windows[e["window"]] = (e["awards"], e["available"])

    def _on_MadeUp(self, e: Event) -> None:
        self._move(e, _FUNDS, Account(HELD, "award"), e["amount"])
        self.ledger.unpaid -= e["amount"]

    # --- reinsurance ----------------------------------------------------------

    def _on_CollateralAdded(self, e: Event) -> None:
        layer = self._layer(e)
        kept = _kept_for(layer)
        self._enter(e, "collateral", kept.who, kept, e["amount"])
        layer.filled += e["amount"]

    def _on_PremiumCeded(self, e: Event) -> None:
        layer = self._layer(e)
        if layer.ceded is not None:
            raise LedgerError(f"ledger: layer {layer.number} is ceded to twice in {e}")
        if layer.filled != e["filled"]:
            raise LedgerError(f"ledger: layer {layer.number} has {layer.filled} in {e}")
        self._move(e, _FUNDS, _kept_for(layer), e["premium"])
        layer.ceded = e["premium"]

    def _on_LayersDrawn(self, e: Event) -> None:
        """By way of the funds, out of which the award is paid, or set aside, right after it."""
        rest = e["amount"]
        for layer in self.ledger.layers.values():
            part = min(rest, layer.filled - layer.drawn)
            self._move(e, _kept_for(layer), _FUNDS, part)
            layer.paid += part
            rest -= part
        if rest:
            raise LedgerError(f"ledger: layers cannot pay {rest} of {e}")

    def _on_LayersRepaid(self, e: Event) -> None:
        rest = e["amount"]
        for layer in reversed(self.ledger.layers.values()):
            part = min(rest, layer.drawn)
            self._move(e, _FUNDS, _kept_for(layer), part)
            layer.repaid += part
            rest -= part
        if rest:
            raise LedgerError(f"ledger: layers have not paid {rest} of {e}")

    def _on_LayerRedeemed(self, e: Event) -> None:
        """Unlike other payments this one is all or nothing: it never becomes a credit."""
        layer, receiver = self._layer(e), Account(OUT, "redemption", e["receiver"])
        self._move(e, _kept_for(layer), receiver, e["amount"])
        layer.redeemed += e["amount"]

    def _on_LayerAbsorbed(self, e: Event) -> None:
        layer = self._layer(e)
        if layer.assets != e["amount"]:
            raise LedgerError(f"ledger: layer {layer.number} is worth {layer.assets} in {e}")
        self._move(e, _kept_for(layer), _FUNDS, e["amount"])
        layer.absorbed += e["amount"]
        layer.forgiven += layer.drawn

    # --- pledges and wallets --------------------------------------------------

    def _on_Pledged(self, e: Event) -> None:
        if e["id"] not in self.ledger.members:
            raise LedgerError(f"ledger: no member {e['id']} in {e}")
        view = self.ledger.members[e["id"]]
        if not view.pledged:
            view.payee_id, view.newest_when_pledged = 0, len(self.ledger.members)
        elif e["amount"] > view.pledged:  # else the payee released some
            there = self.ledger.present.get(e["payee"], 0)
            if there > view.newest_when_pledged:
                view.payee_id = there
        view.pledge_payee, view.pledged = e["payee"], e["amount"]

    def _on_WalletChanged(self, e: Event) -> None:
        """The membership and its claims are the new wallet's; so is all credit of the old one, but
        after a recovery."""
        view = self._member(e["old"], e)
        if view.id != e["id"] or e["new"] in self.ledger.present:
            raise LedgerError(f"ledger: member or id is taken in {e}")
        moving = [a for a in self.books.of(e["old"]) if a.pot == CREDIT]
        new, ready_at = self._recoveries.get(e["old"], ("", 0))
        is_recovery = e["credit"] == 0 and new == e["new"] and e.time >= ready_at
        if not is_recovery and sum(self.books.balances[a] for a in moving) != e["credit"]:
            raise LedgerError(f"ledger: {self.ledger.credit_of(e['old'])} was the credit in {e}")
        for account in () if is_recovery else moving:
            target = Account(CREDIT, account.kind, e["new"])
            self._move(e, account, target, self.books.balances[account])
        if view.pays_self:
            view.payer = e["new"]
        view.wallets.append(view.account)
        view.account = e["new"]
        del self.ledger.present[e["old"]]
        self.ledger.present[e["new"]] = view.id
        self._count_nonce(e["old"])
        for claim in self.ledger.claims.values():
            if claim.member_id == view.id:
                if not claim.by_payee:
                    claim.filer = e["new"]
                claim.claimant = e["new"]

    def _on_RecoveryObjected(self, e: Event) -> None:
        self._count_nonce(e["old"])

    def _on_RecoveryBegun(self, e: Event) -> None:
        self._recoveries[e["old"]] = e["new"], e["until"]

    def _count_nonce(self, account: str) -> None:
        self._recoveries.pop(account, None)
        self.ledger.nonces[account] = self.ledger.nonces.get(account, 0) + 1

    def _on_tells_nothing_of_money(self, e: Event) -> None:
        """What wallets and people follow; the books have it from other events, or need it not."""

    _on_Transfer = _on_tells_nothing_of_money
    _on_RecoverySupported = _on_tells_nothing_of_money

    # --- the end --------------------------------------------------------------

    def _on_Settled(self, e: Event) -> None:
        if e["surplus"] != self.ledger.funds:
            raise LedgerError(f"ledger: surplus is not the funds ({self.ledger.funds}) in {e}")
        self.ledger.settled_at = e.time

    def _on_Shared(self, e: Event) -> None:
        self._leave(e, _FUNDS, "cause", self.ledger.terms.cause, e["to_cause"])
        # A sharing of less than a hundredth of what waits does not put off a sweep.
        if self.ledger.present and 100 * e["to_members"] >= self.ledger.funds:
            self.ledger.shared_at = e.time

    def _on_Refunded(self, e: Event) -> None:
        self._leave(e, _FUNDS, "refund", e["member"], e["amount"])
        self._count_refund(e)

    def _on_PremiumReturned(self, e: Event) -> None:
        view = self._member(e["member"], e)
        if view.refunded == 0 and not self.ledger.sweeps:
            self._premium_back(e, view, e["payer"], e["amount"], "refund")
        else:
            self._leave(e, _FUNDS, "refund", e["payer"], e["amount"])
        self._count_refund(e)

    def _count_refund(self, e: Event) -> None:
        view = self._member(e["member"], e)
        view.refunded += e["amount"]
        taken = view.refunded_since_sweep if view.refund_round == self.ledger.sweeps else 0
        view.refunded_since_sweep = taken + e["amount"]
        view.refund_round = self.ledger.sweeps

    def _on_Swept(self, e: Event) -> None:
        cause, rest = self.ledger.terms.cause, e["amount"]
        if self.ledger.phase_at(e.time) == CANCELLED:  # fees and commissions are void
            for account, amount in sorted(self.books.balances.items()):
                if account.pot == HELD and account.kind in EARNINGS:
                    self._leave(e, account, "cause", cause, amount)
                    rest -= amount
        self._leave(e, _FUNDS, "cause", cause, rest)
        self.ledger.sweeps += 1
        self.ledger.donations = dict.fromkeys(self.ledger.donations, 0)

    def _on_Credited(self, e: Event) -> None:
        """A payment just before it to this account failed: it goes back, into its credit."""
        mine = [m for m in reversed(self.sent) if m.target.who == e["account"]]
        failed = _of_sum(mine, e["amount"])
        if not failed:
            raise LedgerError(f"ledger: no payment of {e['amount']} before {e}")
        for move in failed:
            self.sent.remove(move)
            credit = Account(CREDIT, move.target.kind, e["account"])
            self._move(e, move.target, credit, move.amount)

    def _on_Withdrawn(self, e: Event) -> None:
        """All of the account's credit and, once cover has started, its earnings."""
        mine = self.books.of(e["account"])
        due = [a for a in mine if a.pot == CREDIT]
        if self.ledger.phase_at(e.time) not in (ENROLLING, CANCELLED):
            due += [a for a in mine if a.pot == HELD and a.kind in EARNINGS]
        found = {a: self.books.balances[a] for a in sorted(due)}
        if sum(found.values()) != e["amount"]:
            raise LedgerError(f"ledger: {sum(found.values())} was due in {e}, not {e['amount']}")
        for account, amount in found.items():
            self._leave(e, account, account.kind, e["receiver"], amount)


def _of_sum(moves: Sequence[Move], amount: int) -> Sequence[Move]:
    """Return the moves that make up a payment: the first ones, or else some of the first few.

    One payment may be an award and a bond, and another of the same call be to the same account: the
    payee of the pledge and the member can be one.
    """
    for count, total in enumerate(accumulate(move.amount for move in moves), 1):
        if total == amount:
            return moves[:count]
    few = moves[:6]
    some = (chosen for size in range(1, len(few)) for chosen in combinations(few, size))
    return next((c for c in some if sum(move.amount for move in c) == amount), ())
