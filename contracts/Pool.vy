# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool: what members do
@license MIT
@author Peerpool contributors
@notice One group, one cover period: the whole life of the money. What each
        function does, takes and refuses is said in interfaces/IPool.vyi; the
        rules have numbers in docs/design.md.
@dev Every pool is a clone that runs this code by delegatecall. What does not fit
     here is in the three offices, which work on the same storage and are reached
     through __default__, one after the other. State is written before money moves,
     and every function, views included, is locked against re-entry.
"""

from interfaces import IPool
from contracts.modules import awards
from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import layers
from contracts.modules import liabilities
from contracts.modules import lifecycle
from contracts.modules import members
from contracts.modules import pledges
from contracts.modules import refunds
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
from contracts.modules import typed_data
from contracts.modules import voting
from contracts.modules import waterfall
from contracts.modules import windows

# The order is the storage layout, and the same in all four parts.
initializes: claims
initializes: currency
initializes: earnings
initializes: liabilities
initializes: surplus
initializes: totals
initializes: layers[liabilities := liabilities]
initializes: windows[liabilities := liabilities]
initializes: pledges[currency := currency, members := members]
initializes: members
initializes: ballots
initializes: voting[ballots := ballots, claims := claims, members := members]
# fmt: off (mamushi puts a comma here that it cannot read)
initializes: waterfall[
    currency := currency, liabilities := liabilities, windows := windows
]
initializes: awards[
    claims := claims, currency := currency, liabilities := liabilities,
    members := members, pledges := pledges, surplus := surplus,
    waterfall := waterfall, windows := windows
]
initializes: lifecycle[surplus := surplus, totals := totals]
initializes: refunds[
    currency := currency, earnings := earnings, lifecycle := lifecycle,
    members := members, surplus := surplus, totals := totals
]
# fmt: on
MAX_SIGNATURE: constant(uint256) = typed_data.MAX_SIGNATURE
# Signed ballots in one call; log and ABI bound it.
MAX_BALLOTS: constant(uint256) = 256
# So that there is always a later deadline for who left and comes back.
MAX_NOTICE: constant(uint256) = 365 * 24 * 60 * 60
# Refunds pushed in one call; what fits in a block is less.
MAX_PUSH: constant(uint256) = 500
# The longest answer of the back office, terms() with 8 tiers and 4 layers, has
# 1,984 bytes.
MAX_ANSWER: constant(uint256) = 2_048

# The implementation has no terms and must take no money.
IMPLEMENTATION: immutable(address)
BACK_OFFICE: immutable(address)


@deploy
def __init__(back_office: address):
    """
    @custom:errors pool: back office has no code
    """
    assert back_office.is_contract, "pool: back office has no code"
    IMPLEMENTATION = self
    BACK_OFFICE = back_office


# Not locked here: the back office locks each of its functions in the same slot.
@external
@payable
@reentrant
@raw_return
def __default__() -> Bytes[MAX_ANSWER]:
    assert self != IMPLEMENTATION, "pool: is an implementation"
    return raw_call(
        BACK_OFFICE, msg.data, max_outsize=MAX_ANSWER, is_delegate_call=True
    )


# --- joining ----------------------------------------------------------------


@external
@payable
def join(
    invitation: IPool.Invitation,
    signature: Bytes[MAX_SIGNATURE],
    referrer: address,
) -> uint256:
    assert self != IMPLEMENTATION, "pool: is an implementation"
    s: terms_code.Schedule = terms_code._schedule()
    e: terms_code.Enrolment = terms_code._enrolment()
    t: totals.Totals = totals._load()
    late: bool = block.timestamp >= s.cover_start
    if late:
        lifecycle._check_enrolment(s, t)
        liabilities._bind()
        assert liabilities._unpaid() == 0, "join: pool owes unpaid awards"
    assert block.timestamp <= invitation.deadline, "invitation: expired"
    assert invitation.deadline <= block.timestamp + MAX_NOTICE, (
        "invitation: deadline is more than a year away"
    )
    digest: bytes32 = typed_data._invitation(invitation)
    inviter: address = typed_data._recover(digest, signature)
    if inviter != e.organiser and (
        late or not e.members_may_invite or members._id(inviter) == 0
    ):
        assert typed_data._wallet_signed(e.organiser, digest, signature), (
            "invitation: not signed by an inviter"
        )
    tier: uint256 = convert(invitation.tier, uint256)
    assert invitation.member != empty(address), (
        "join: member is the zero address"
    )
    assert terms_code._has_tier(tier), "join: unknown tier"
    assert referrer != invitation.member, "join: referrer is the member"
    lifecycle._check_gate(e.gate, invitation.member)
    assert t.members < e.max_members, "join: pool is full"

    premium: uint256 = terms_code._tier_premium(tier)
    if late:
        premium = terms_code._premium_at(premium, s, block.timestamp)
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
        tier,
        invitation.deadline,
        msg.sender,
        referrer,
    )
    earnings._add(fee, commission, referrer)
    to_held: uint256 = fee + commission
    if late:
        to_held += liabilities._repay(premium - to_held)
    currency._add(premium - to_held, to_held)
    log IPool.Transfer(
        sender=empty(address),
        receiver=invitation.member,
        token_id=t.roster_size,
    )
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
    if late:
        currency._take_and_give_change(s.asset, premium)
    else:
        currency._take(s.asset, premium)
    return t.roster_size


# --- claims -----------------------------------------------------------------


@external
@payable
def file_claim(
    amount: uint256,
    incident_at: uint256,
    evidence_hash: bytes32,
    uri: String[256],
) -> uint256:
    return self._file(msg.sender, amount, incident_at, evidence_hash, uri)


@external
@payable
def file_claim_for(
    member: address,
    amount: uint256,
    incident_at: uint256,
    evidence_hash: bytes32,
    uri: String[256],
) -> uint256:
    pledge: pledges.Pledge = pledges._pledges[members._id(member)]
    assert pledge.payee == msg.sender and pledge.amount != 0, (
        "claim: caller is not the loss payee"
    )
    return self._file(member, amount, incident_at, evidence_hash, uri)


@internal
@payable
def _file(
    claimant: address,
    amount: uint256,
    incident_at: uint256,
    evidence_hash: bytes32,
    uri: String[256],
) -> uint256:
    c: terms_code.Cover = terms_code._cover()
    r: members.Record = members._load(claimant)
    t: totals.Totals = totals._load()
    self._check_incident(c, r, t, incident_at)
    assert r.open_claim == 0, "claim: one is already open"
    assert evidence_hash != empty(bytes32), "claim: no evidence"
    assert amount > c.deductible, "claim: not above the deductible"
    cover_limit: uint256 = terms_code._cover_limit(r.tier)
    assert r.amount < cover_limit, "claim: cover is used up"
    asked: uint256 = min(amount - c.deductible, cover_limit - r.amount)

    previous: uint256 = 0
    if t.claims != 0:
        previous = 1 + terms_code._window_at(c, claims._filed_at(t.claims))
    windows._file(terms_code._window_at(c, block.timestamp), previous, asked)
    t.claims += 1
    totals._store(t)
    r.open_claim = t.claims
    electorate: uint256 = t.members - 1
    by_payee: bool = msg.sender != claimant
    payee_id: uint256 = 0
    if r.pledged:
        payee_id = pledges._payee_id(r.id, by_payee)
        if payee_id != 0:
            electorate -= 1
    members._store(claimant, r)
    claims._store(
        t.claims,
        claims.Record(
            claimant_id=r.id,
            filed_at=block.timestamp,
            incident_at=incident_at,
            electorate=electorate,
            roster_size=t.roster_size,
            status=claims.OPEN,
            by_payee=by_payee,
            award=0,
            until=block.timestamp + c.voting_period,
            payee_id=payee_id,
            asked=asked,
            paid=0,
            paid_at_once=False,
        ),
    )
    if c.claim_bond != 0:
        currency._add(0, c.claim_bond)
    log IPool.ClaimFiled(
        claim_id=t.claims,
        claimant=claimant,
        filer=msg.sender,
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


@external
def vote(claim_id: uint256, award: uint8, reason: bytes32):
    voting._cast(claim_id, award, reason, msg.sender)


@external
def cast_ballots(
    claim_id: uint256,
    award: uint8,
    reason: bytes32,
    signatures: DynArray[IPool.CompactSignature, MAX_BALLOTS],
) -> uint256:
    claim: uint256 = voting._check(claim_id, award, reason)
    claimant_id: uint256 = claim & claims.MASK_32
    payee_id: uint256 = claim >> claims.PAYEE_ID
    roster_size: uint256 = claim >> claims.ROSTER_SIZE & claims.MASK_32
    digest: bytes32 = typed_data._ballot(claim_id, award, reason, self)
    counted: uint256 = 0
    # The bitmap word at hand: ballots of neighbours in the roster share one.
    at: uint256 = 0
    cast: uint256 = 0
    ids: uint256 = 0
    voters: DynArray[uint256, MAX_BALLOTS // 8] = []
    for s: IPool.CompactSignature in signatures:
        id: uint256 = members._id(
            typed_data._recover_compact(digest, s.r, s.vs)
        )
        if id == 0 or id == claimant_id or id == payee_id or id > roster_size:
            continue
        slot: uint256 = claim_id << 24 | id >> 8  # as ballots._add
        bit: uint256 = 1 << (id & 255)
        if slot != at:
            if at != 0:
                ballots._cast[at] = cast
            at = slot
            cast = ballots._cast[slot]
        if cast & bit != 0:
            continue
        cast |= bit
        ids |= id << 32 * (counted & 7)
        counted += 1
        if counted & 7 == 0:
            voters.append(ids)
            ids = 0
    if ids != 0:
        voters.append(ids)
    if counted != 0:
        ballots._cast[at] = cast
        ballots._count(claim_id, convert(award, uint256), counted)
        log IPool.BallotsCast(
            claim_id=claim_id, award=award, reason=reason, voters=voters
        )
    return counted


@external
def resolve(claim_id: uint256):
    claim: claims.Record = claims._load(claim_id)
    c: terms_code.Cover = terms_code._cover()
    if claim.status == claims.OPEN:
        claim.status, claim.award = self._decide(claim_id, claim, c)
        if c.arbiter != empty(address) and claim.award != 10:
            # Rule 7a.
            claim.until = block.timestamp + c.appeal_period
            if claim.status == claims.LAPSED:
                claim.status = claims.REFERRED
                claim.until = block.timestamp + c.ruling_period
            else:
                claim.status = claims.CUT
            claims._store_but_amounts(claim_id, claim)
            log IPool.ClaimDecided(
                claim_id=claim_id,
                status=convert(claim.status, uint8),
                award=convert(claim.award, uint8),
                until=claim.until,
            )
            return
    elif claim.status == claims.CUT:
        assert block.timestamp >= claim.until, ("claim: can still be appealed")
        claim.status = awards._status(claim.award)
    else:
        assert (
            claim.status == claims.REFERRED or claim.status == claims.APPEALED
        ), "claim: already decided"
        assert block.timestamp >= claim.until, ("claim: waits for the arbiter")
        if claim.status == claims.REFERRED:
            claim.status = claims.LAPSED
        else:
            claim.status = awards._status(claim.award)
    awards._conclude(claim_id, claim, c)


# Rule 7. Returns status and award.
@internal
@view
def _decide(
    claim_id: uint256, claim: claims.Record, c: terms_code.Cover
) -> (uint256, uint256):
    tally: uint256 = ballots._tallies[claim_id]
    quorum: bool = False
    award: uint256 = 0
    quorum, award = ballots._outcome(
        tally, claim.electorate, c.quorum_bps, c.approval_bps
    )
    assert (
        block.timestamp >= claim.until
        or (
            quorum
            and ballots._is_final(tally, claim.electorate, c.approval_bps)
        )
    ), "claim: voting is still open"
    if quorum:
        return awards._status(award), award
    if claim.asked <= c.silent_consent_limit and ballots._no_objection(tally):
        return claims.AWARDED, 10
    return claims.LAPSED, 0


# --- the end -----------------------------------------------------------------


@external
def refund(member: address) -> uint256:
    word: uint256 = members._word(member)
    assert word & members.MASK_32 != 0, "refund: not a member"
    due: uint256 = refunds._pay(
        member,
        word,
        terms_code._tier_premium(word >> members.TIER & members.MASK_8),
        refunds._basis(),
    )
    assert due != 0, "refund: nothing due"
    return due


@external
def refund_many(first_id: uint256, count: uint256) -> uint256:
    b: refunds.Basis = refunds._basis()
    assert count <= MAX_PUSH, "refund: more than 500"
    premiums: DynArray[uint256, 8] = terms_code._premiums()
    end: uint256 = totals._load().roster_size + 1
    if first_id >= end:
        return 0
    total: uint256 = 0
    for id: uint256 in range(
        first_id, min(first_id + count, end), bound=MAX_PUSH
    ):
        account: address = members._at(id)
        if account != empty(address):
            word: uint256 = members._word(account)
            due: uint256 = refunds._pay(
                account,
                word,
                premiums[word >> members.TIER & members.MASK_8],
                b,
            )
            total = unsafe_add(total, due)
    return total
