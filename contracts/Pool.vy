# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool
@license MIT
@author Peerpool contributors
@notice One group, one cover period: the whole life of the money. What each
        function does, takes and refuses is said in interfaces/IPool.vyi; the
        rules have numbers in docs/design.md.
@dev This contract is the implementation that every pool runs by delegatecall.
     Order: joining, money from anybody, claims, the end, views; each internal
     function under the first that uses it. State is written before money moves,
     and every function, views included, is locked against re-entry.
"""

from interfaces import IPool
from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import invitations
from contracts.modules import members
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
from contracts.modules import windows

implements: IPool
initializes: ballots
initializes: claims
initializes: currency
initializes: earnings
initializes: members
initializes: surplus
initializes: totals
initializes: windows


interface IGate:
    def balanceOf(account: address) -> uint256: view


ENROLLING: constant(uint8) = 0
CANCELLED: constant(uint8) = 1
ACTIVE: constant(uint8) = 2
RUN_OFF: constant(uint8) = 3
SETTLED: constant(uint8) = 4

BPS: constant(uint256) = 10_000
# Refunds pushed in one call; what fits in a block is less.
MAX_PUSH: constant(uint256) = 500

# The implementation has no terms and must take no money.
IMPLEMENTATION: immutable(address)

# Given before cover_start, by donor: goes back if the pool is cancelled.
_donations: HashMap[address, uint256]


@deploy
def __init__():
    IMPLEMENTATION = self


# --- joining ----------------------------------------------------------------


@external
@payable
def join(
    invitation: IPool.Invitation, signature: Bytes[65], referrer: address
) -> uint256:
    assert self != IMPLEMENTATION, "pool: is an implementation"
    s: terms_code.Schedule = terms_code._schedule()
    e: terms_code.Enrolment = terms_code._enrolment()
    t: totals.Totals = totals._load()
    self._check_enrolment(s, t)
    if block.timestamp >= s.cover_start:
        assert windows._unpaid == 0, "join: pool owes unpaid awards"
    self._check_invitation(invitation, signature, e)
    self._check_joiner(invitation, referrer, e)
    assert t.members < e.max_members, "join: pool is full"

    premium: uint256 = terms_code._premium_at(
        terms_code._tier(convert(invitation.tier, uint256)).premium,
        s,
        block.timestamp,
    )
    fee: uint256 = 0
    commission: uint256 = 0
    fee, commission = earnings._split(
        premium, e.fee_bps, e.commission_bps, referrer
    )
    t.roster_size += 1
    t.members += 1
    t.premiums += premium
    totals._store(t)
    members._add(
        t.roster_size,
        invitation.member,
        convert(invitation.tier, uint256),
        invitation.deadline,
        msg.sender,
        referrer,
    )
    earnings._add(fee, commission, referrer)
    self._move(premium - fee - commission, fee + commission)
    log IPool.Joined(
        member=invitation.member,
        id=t.roster_size,
        payer=msg.sender,
        tier=invitation.tier,
        premium=premium,
        fee=fee,
        commission=commission,
        referrer=referrer,
    )
    currency._take(s.asset, premium)
    return t.roster_size


@internal
@view
def _check_enrolment(s: terms_code.Schedule, t: totals.Totals):
    if block.timestamp >= s.cover_start:
        assert t.members >= s.min_members, "join: pool is cancelled"
        assert block.timestamp < s.enrolment_end, "join: enrolment is over"


@internal
@view
def _check_invitation(
    invitation: IPool.Invitation,
    signature: Bytes[65],
    e: terms_code.Enrolment,
):
    assert block.timestamp <= invitation.deadline, "invitation: expired"
    inviter: address = invitations._recover(
        invitations._digest(invitation), signature
    )
    assert inviter != empty(address) and (
        inviter == e.organiser
        or (e.members_may_invite and members._id(inviter) != 0)
    ), "invitation: not signed by an inviter"


@internal
@view
def _check_joiner(
    invitation: IPool.Invitation,
    referrer: address,
    e: terms_code.Enrolment,
):
    assert invitation.member != empty(address), (
        "join: member is the zero address"
    )
    assert terms_code._has_tier(convert(invitation.tier, uint256)), (
        "join: unknown tier"
    )
    assert referrer != invitation.member, "join: referrer is the member"
    if e.gate != empty(address):
        assert staticcall IGate(e.gate).balanceOf(invitation.member) != 0, (
            "gate: no credential"
        )


# Adds to the pots.
@internal
def _move(to_funds: uint256, to_held: uint256):
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(funds + to_funds, held + to_held)


@external
def leave():
    s: terms_code.Schedule = terms_code._schedule()
    r: members.Record = members._load(msg.sender)
    assert r.id != 0, "leave: not a member"
    assert block.timestamp < s.cover_start, "leave: cover has started"
    premium: uint256 = terms_code._tier(r.tier).premium
    payer: address = members._payer(msg.sender, r)

    t: totals.Totals = totals._load()
    t.members -= 1
    t.premiums -= premium
    totals._store(t)
    self._take_back(msg.sender, r, premium)
    members._remove(msg.sender, r.id)
    log IPool.Left(member=msg.sender, id=r.id, payer=payer, premium=premium)
    currency._pay(s.asset, payer, premium)


# Takes a premium out of both pots, as join has put it there.
@internal
def _take_back(account: address, r: members.Record, premium: uint256):
    e: terms_code.Enrolment = terms_code._enrolment()
    referrer: address = members._referrer(account, r)
    fee: uint256 = 0
    commission: uint256 = 0
    fee, commission = earnings._split(
        premium, e.fee_bps, e.commission_bps, referrer
    )
    earnings._void(fee, commission, referrer)
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(
        funds - (premium - fee - commission), held - fee - commission
    )


# --- money from anybody -----------------------------------------------------


@external
@payable
def donate(amount: uint256):
    assert self != IMPLEMENTATION, "pool: is an implementation"
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = self._phase(s)
    assert phase != CANCELLED, "donate: pool is cancelled"
    assert amount != 0, "donate: nothing"
    log IPool.Donated(donor=msg.sender, amount=amount)
    currency._take(s.asset, amount)
    if phase == ENROLLING:
        self._donations[msg.sender] += amount
        self._move(amount, 0)
    else:
        self._come_in(s.asset, amount, phase)


# Rule 11. Nothing is due to anybody from a pool without members and cause.
@internal
def _come_in(asset: address, amount: uint256, phase: uint8):
    made_up: uint256 = windows._make_up(amount)
    self._move(amount - made_up, made_up)
    if phase == SETTLED or phase == CANCELLED:
        self._share(asset, amount - made_up)


# Rule 12, for an amount that lies in funds.
@internal
def _share(asset: address, amount: uint256):
    u: terms_code.Surplus = terms_code._surplus()
    premiums: uint256 = totals._load().premiums
    to_cause: uint256 = amount * u.cause_bps // BPS
    if premiums != 0:
        surplus._share(
            amount - to_cause,
            surplus._base(premiums, terms_code._cover().claim_free_refund),
        )
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(funds - to_cause, held)
    log IPool.Shared(to_cause=to_cause, to_members=amount - to_cause)
    currency._pay(asset, u.cause, to_cause)


@internal
@view
def _phase(s: terms_code.Schedule) -> uint8:
    if block.timestamp < s.cover_start:
        return ENROLLING
    if surplus._settled_at() != 0:
        return SETTLED
    if totals._load().members < s.min_members:
        return CANCELLED
    if block.timestamp < s.expiry:
        return ACTIVE
    return RUN_OFF


@external
def return_donation(donor: address):
    s: terms_code.Schedule = terms_code._schedule()
    assert self._phase(s) == CANCELLED, "donation: pool is not cancelled"
    amount: uint256 = self._donations[donor]
    assert amount != 0 and not surplus._is_swept(), (
        "donation: nothing to return"
    )
    self._donations[donor] = 0
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(funds - amount, held)
    log IPool.DonationReturned(donor=donor, amount=amount)
    currency._pay(s.asset, donor, amount)


@external
def absorb() -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = self._phase(s)
    assert phase != ENROLLING, "absorb: cover has not started"
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    balance: uint256 = currency._balance(s.asset)
    assert balance > funds + held, "absorb: nothing stray"
    amount: uint256 = balance - funds - held
    log IPool.Absorbed(amount=amount)
    self._come_in(s.asset, amount, phase)
    return amount


# --- claims -----------------------------------------------------------------


@external
@payable
def file_claim(
    amount: uint256,
    incident_at: uint256,
    evidence_hash: bytes32,
    uri: String[256],
) -> uint256:
    c: terms_code.Cover = terms_code._cover()
    r: members.Record = members._load(msg.sender)
    t: totals.Totals = totals._load()
    self._check_incident(c, r, t, incident_at)
    assert r.open_claim == 0, "claim: one is already open"
    assert evidence_hash != empty(bytes32), "claim: no evidence"
    assert amount > c.deductible, "claim: not above the deductible"
    cover_limit: uint256 = terms_code._tier(r.tier).cover_limit
    assert r.amount < cover_limit, "claim: cover is used up"
    asked: uint256 = min(amount - c.deductible, cover_limit - r.amount)

    previous: uint256 = 0
    if t.claims != 0:
        previous = 1 + self._window_at(c, claims._filed_at(t.claims))
    windows._file(self._window_at(c, block.timestamp), previous, asked)
    t.claims += 1
    t.open_claims += 1
    totals._store(t)
    r.open_claim = t.claims
    members._store(msg.sender, r)
    claims._store(
        t.claims,
        claims.Record(
            claimant_id=r.id,
            filed_at=block.timestamp,
            incident_at=incident_at,
            electorate=t.members - 1,
            roster_size=t.roster_size,
            status=claims.OPEN,
            award=0,
            asked=asked,
            paid=0,
        ),
    )
    if c.claim_bond != 0:
        self._move(0, c.claim_bond)
    log IPool.ClaimFiled(
        claim_id=t.claims,
        claimant=msg.sender,
        amount=amount,
        asked=asked,
        bond=c.claim_bond,
        incident_at=incident_at,
        evidence_hash=evidence_hash,
        uri=uri,
    )
    currency._take(c.schedule.asset, c.claim_bond)
    return t.claims


@internal
@view
def _check_incident(
    c: terms_code.Cover,
    r: members.Record,
    t: totals.Totals,
    incident_at: uint256,
):
    s: terms_code.Schedule = c.schedule
    assert r.id != 0, "claim: not a member"
    assert block.timestamp >= s.cover_start, "claim: cover has not started"
    assert t.members >= s.min_members, "claim: pool is cancelled"
    assert block.timestamp < s.expiry + c.reporting_period, (
        "claim: reporting is over"
    )
    assert incident_at <= block.timestamp, "claim: incident is in the future"
    assert (
        incident_at >= max(s.cover_start, r.joined_at) + c.waiting_period
    ), "claim: incident before the member's cover"
    assert incident_at < s.expiry, "claim: incident after expiry"


@internal
@pure
def _window_at(c: terms_code.Cover, at: uint256) -> uint256:
    return (at - c.schedule.cover_start) // c.voting_period


@external
def vote(claim_id: uint256, award: uint8, reason: bytes32):
    claim: claims.Record = claims._load_but_amounts(claim_id)
    assert (
        claim.status == claims.OPEN
        and block.timestamp < claim.filed_at + terms_code._voting_period()
    ), "ballot: voting is over"
    assert award <= 10, "ballot: award is above ten tenths"
    assert award == 10 or reason != empty(bytes32), "ballot: reason missing"
    id: uint256 = members._id(msg.sender)
    assert id != 0, "ballot: not a member"
    assert id != claim.claimant_id, "ballot: own claim"
    assert id <= claim.roster_size, "ballot: joined after the claim"
    ballots._add(claim_id, id, convert(award, uint256))
    log IPool.BallotCast(
        claim_id=claim_id, voter=msg.sender, award=award, reason=reason
    )


@external
def resolve(claim_id: uint256):
    claim: claims.Record = claims._load(claim_id)
    assert claim.status == claims.OPEN, "claim: already decided"
    c: terms_code.Cover = terms_code._cover()
    claim.status, claim.award = self._decide(claim_id, claim, c)
    amount: uint256 = claims._amount(claim)
    claimant: address = members._at(claim.claimant_id)

    t: totals.Totals = totals._load()
    t.open_claims -= 1
    totals._store(t)
    self._book_award(claimant, amount, c)
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    at_once: bool = windows._decide(
        self._window_at(c, claim.filed_at), claim.asked, amount, funds
    )
    if at_once:
        claim.paid = amount
        funds -= amount
    currency._store(funds, held - c.claim_bond)
    claims._store(claim_id, claim)
    log IPool.ClaimResolved(
        claim_id=claim_id,
        status=convert(claim.status, uint8),
        award=convert(claim.award, uint8),
        amount=amount,
    )
    if claim.status == claims.REJECTED:
        # No claim is open once a pool is settled or cancelled.
        self._come_in(c.schedule.asset, c.claim_bond, ACTIVE)
    else:
        if claim.paid != 0:
            log IPool.AwardPaid(
                claim_id=claim_id, claimant=claimant, amount=amount
            )
        currency._pay(c.schedule.asset, claimant, c.claim_bond + claim.paid)


# Rule 7. Returns status and award.
@internal
@view
def _decide(
    claim_id: uint256, claim: claims.Record, c: terms_code.Cover
) -> (uint256, uint256):
    counts: uint256[11] = ballots._counts(claim_id)
    quorum: bool = False
    award: uint256 = 0
    final: bool = False
    quorum, award, final = ballots._outcome(
        counts, claim.electorate, c.quorum_bps, c.approval_bps
    )
    assert (
        final or block.timestamp >= claim.filed_at + c.voting_period
    ), "claim: voting is still open"
    if quorum:
        if award == 0:
            return claims.REJECTED, 0
        return claims.AWARDED, award
    if claim.asked <= c.silent_consent_limit and ballots._no_objection(counts):
        return claims.AWARDED, 10
    return claims.LAPSED, 0


# Rule 10.
@internal
def _book_award(account: address, amount: uint256, c: terms_code.Cover):
    r: members.Record = members._load(account)
    r.open_claim = 0
    r.amount += amount
    if amount != 0 and not r.awarded:
        r.awarded = True
        if c.claim_free_refund:
            surplus._awarded_premiums += self._premium(r, c.schedule)
    members._store(account, r)


@internal
@view
def _premium(r: members.Record, s: terms_code.Schedule) -> uint256:
    return terms_code._premium_at(
        terms_code._tier(r.tier).premium, s, r.joined_at
    )


@external
def settle_window(window: uint256):
    c: terms_code.Cover = terms_code._cover()
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    awards: uint256 = 0
    available: uint256 = 0
    awards, available = windows._settle(
        window,
        c.schedule.cover_start + (window + 1) * c.voting_period,
        funds,
    )
    currency._store(funds - available, held + available)
    log IPool.WindowSettled(window=window, awards=awards, available=available)


@external
def pay_award(claim_id: uint256) -> uint256:
    claim: claims.Record = claims._load(claim_id)
    c: terms_code.Cover = terms_code._cover()
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    window: uint256 = self._window_at(c, claim.filed_at)
    due: uint256 = self._award_due(claim, window, funds)
    assert due != 0, "award: nothing to pay"
    if windows._load(window).settled:
        currency._store(funds, held - due)
    else:
        windows._pay_early(window, due)
        currency._store(funds - due, held)
    claim.paid += due
    claims._store_amounts(claim_id, claim)
    claimant: address = members._at(claim.claimant_id)
    log IPool.AwardPaid(claim_id=claim_id, claimant=claimant, amount=due)
    currency._pay(c.schedule.asset, claimant, due)
    return due


@internal
@view
def _award_due(
    claim: claims.Record, window: uint256, funds: uint256
) -> uint256:
    award: uint256 = claims._amount(claim)
    if claim.status != claims.AWARDED or claim.paid == award:
        return 0
    if windows._can_pay_early(window, funds):
        return award
    return windows._payable(window, award) - claim.paid


# --- the end ----------------------------------------------------------------


@external
def settle():
    c: terms_code.Cover = terms_code._cover()
    phase: uint8 = self._phase(c.schedule)
    assert phase != CANCELLED, "settle: pool is cancelled"
    assert phase != SETTLED, "settle: already settled"
    assert block.timestamp >= c.schedule.expiry + c.reporting_period, (
        "settle: reporting is not over"
    )
    assert totals._load().open_claims == 0, "settle: claims are open"
    assert windows._asked == 0, "settle: awards wait for their window"
    surplus._mark_settled()
    amount: uint256 = currency._load()[0]
    log IPool.Settled(surplus=amount)
    self._share(c.schedule.asset, amount)


@external
def refund(member: address) -> uint256:
    r: members.Record = members._load(member)
    assert r.id != 0, "refund: not a member"
    c: terms_code.Cover = terms_code._cover()
    cancelled: bool = self._check_settled(c.schedule)
    due: uint256 = self._refund(member, r, c, cancelled)
    assert due != 0, "refund: nothing due"
    return due


# Returns whether the pool is cancelled.
@internal
@view
def _check_settled(s: terms_code.Schedule) -> bool:
    phase: uint8 = self._phase(s)
    assert phase == SETTLED or phase == CANCELLED, "refund: pool is not settled"
    return phase == CANCELLED


@internal
def _refund(
    account: address,
    r: members.Record,
    c: terms_code.Cover,
    cancelled: bool,
) -> uint256:
    premium: uint256 = self._premium(r, c.schedule)
    due: uint256 = 0
    taken: uint256 = 0
    due, taken = self._refund_due(r, premium, c, cancelled)
    if due == 0:
        return 0
    from_funds: uint256 = due
    receiver: address = account
    if cancelled:
        receiver = members._payer(account, r)
        if taken == 0:
            self._take_back(account, r, premium)
            from_funds -= premium
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(funds - from_funds, held)
    r.refunding = True
    r.amount = taken + due
    members._store(account, r)
    log IPool.Refunded(member=account, receiver=receiver, amount=due)
    currency._pay(c.schedule.asset, receiver, due)
    return due


# Returns what is due now, and what was taken or is gone before that.
@internal
@view
def _refund_due(
    r: members.Record,
    premium: uint256,
    c: terms_code.Cover,
    cancelled: bool,
) -> (uint256, uint256):
    total: uint256 = 0
    taken: uint256 = 0
    total, taken = surplus._due(
        premium,
        cancelled,
        not (c.claim_free_refund and r.awarded and self._some_are_claim_free()),
    )
    if r.refunding:
        taken = max(taken, r.amount)
    return total - taken, taken


@internal
@view
def _some_are_claim_free() -> bool:
    premiums: uint256 = totals._load().premiums
    return surplus._base(premiums, True) != premiums


@external
def refund_many(first_id: uint256, count: uint256) -> uint256:
    c: terms_code.Cover = terms_code._cover()
    cancelled: bool = self._check_settled(c.schedule)
    assert count <= MAX_PUSH, "refund: more than 500"
    total: uint256 = 0
    for i: uint256 in range(count, bound=MAX_PUSH):
        account: address = members._at(first_id + i)
        if account != empty(address):
            total += self._refund(account, members._load(account), c, cancelled)
    return total


@external
def sweep() -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    u: terms_code.Surplus = terms_code._surplus()
    assert u.cause != empty(address), "sweep: no cause"
    phase: uint8 = self._phase(s)
    assert phase == SETTLED or phase == CANCELLED, "sweep: pool is not settled"
    assert (
        block.timestamp
        >= max(surplus._shared_at(), s.cover_start) + u.unclaimed_after
    ), "sweep: too early"
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    void: uint256 = 0
    if phase == CANCELLED:
        void = earnings._void_all()
    amount: uint256 = funds + void
    assert amount != 0, "sweep: nothing left"
    surplus._sweep()
    currency._store(0, held - void)
    log IPool.Swept(amount=amount)
    currency._pay(s.asset, u.cause, amount)
    return amount


@external
def withdraw(receiver: address) -> uint256:
    assert receiver != empty(address), "withdraw: receiver is the zero address"
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = self._phase(s)
    amount: uint256 = currency._credits[msg.sender]
    currency._credits[msg.sender] = 0
    if phase != ENROLLING and phase != CANCELLED:
        organiser: address = terms_code._enrolment().organiser
        amount += earnings._of(msg.sender, organiser)
        earnings._clear(msg.sender, organiser)
    assert amount != 0, "withdraw: nothing owed"
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    currency._store(funds, held - amount)
    log IPool.Withdrawn(account=msg.sender, receiver=receiver, amount=amount)
    assert currency._send_all_gas(s.asset, receiver, amount), (
        "withdraw: transfer failed"
    )
    return amount


# --- views ------------------------------------------------------------------


@view
@external
def terms() -> IPool.Terms:
    return terms_code._all()


@view
@external
def phase() -> uint8:
    return self._phase(terms_code._schedule())


@view
@external
def summary() -> IPool.Summary:
    t: totals.Totals = totals._load()
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    return IPool.Summary(
        phase=self._phase(terms_code._schedule()),
        members=t.members,
        roster_size=t.roster_size,
        claims=t.claims,
        open_claims=t.open_claims,
        premiums=t.premiums,
        funds=funds,
        held=held,
        asked=windows._asked,
        unpaid=windows._unpaid,
        settled_at=surplus._settled_at(),
        shared_at=surplus._shared_at(),
    )


@view
@external
def quote_premium(tier: uint8) -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    self._check_enrolment(s, totals._load())
    index: uint256 = convert(tier, uint256)
    assert terms_code._has_tier(index), "join: unknown tier"
    return terms_code._premium_at(
        terms_code._tier(index).premium, s, block.timestamp
    )


@view
@external
def member(account: address) -> IPool.Member:
    r: members.Record = members._load(account)
    if r.id == 0:
        return empty(IPool.Member)
    cover_used: uint256 = r.amount
    refunded: uint256 = 0
    if r.refunding:
        cover_used = 0
        refunded = r.amount
    return IPool.Member(
        id=r.id,
        tier=r.tier,
        joined_at=r.joined_at,
        premium=self._premium(r, terms_code._schedule()),
        cover_used=cover_used,
        refunded=refunded,
        open_claim=r.open_claim,
        awarded=r.awarded,
    )


@view
@external
def member_at(id: uint256) -> address:
    return members._at(id)


@view
@external
def payer_of(account: address) -> address:
    r: members.Record = members._load(account)
    if r.id == 0:
        return empty(address)
    return members._payer(account, r)


@view
@external
def claim(claim_id: uint256) -> IPool.Claim:
    r: claims.Record = claims._load(claim_id)
    return IPool.Claim(
        claimant=members._at(r.claimant_id),
        asked=r.asked,
        incident_at=r.incident_at,
        filed_at=r.filed_at,
        window=self._window_at(terms_code._cover(), r.filed_at),
        electorate=r.electorate,
        roster_size=r.roster_size,
        status=convert(r.status, uint8),
        award=convert(r.award, uint8),
        paid=r.paid,
    )


@view
@external
def tally(claim_id: uint256) -> uint256[11]:
    return ballots._counts(claim_id)


@view
@external
def has_voted(claim_id: uint256, account: address) -> bool:
    id: uint256 = members._id(account)
    return id != 0 and ballots._has_cast(claim_id, id)


@view
@external
def window(window: uint256) -> IPool.Window:
    w: windows.Window = windows._load(window)
    return IPool.Window(
        undecided=w.undecided,
        previous=w.previous,
        settled=w.settled,
        awards=windows._shortfalls[window].awards,
        available=windows._shortfalls[window].available,
    )


@view
@external
def award_due(claim_id: uint256) -> uint256:
    claim: claims.Record = claims._load(claim_id)
    return self._award_due(
        claim,
        self._window_at(terms_code._cover(), claim.filed_at),
        currency._load()[0],
    )


@view
@external
def refund_due(account: address) -> uint256:
    r: members.Record = members._load(account)
    c: terms_code.Cover = terms_code._cover()
    phase: uint8 = self._phase(c.schedule)
    if r.id == 0 or (phase != SETTLED and phase != CANCELLED):
        return 0
    return self._refund_due(
        r, self._premium(r, c.schedule), c, phase == CANCELLED
    )[0]


@view
@external
def credit_of(account: address) -> uint256:
    return currency._credits[account]


@view
@external
def earnings_of(account: address) -> uint256:
    return earnings._of(account, terms_code._enrolment().organiser)


@view
@external
def donation_of(account: address) -> uint256:
    return self._donations[account]
