# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool: hearings, awards that wait, the end, and what a pool tells
@license MIT
@author Peerpool contributors
@notice The second part of a pool's code; see interfaces/IPool.vyi.
@dev Runs by delegatecall from Pool.vy, on the pool's storage and with its terms.
     Called directly it has neither.
"""

from interfaces import IPool
from contracts.modules import awards
from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import income
from contracts.modules import layers
from contracts.modules import liabilities
from contracts.modules import lifecycle
from contracts.modules import members
from contracts.modules import pledges
from contracts.modules import refunds
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
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
initializes: income[
    currency := currency, surplus := surplus, totals := totals,
    waterfall := waterfall
]
# fmt: on
# The longest answer of the other offices, a token URI, has 608 bytes.
MAX_ANSWER: constant(uint256) = 608

TREATY_OFFICE: immutable(address)


@deploy
def __init__(treaty_office: address):
    assert treaty_office.is_contract, "back office: treaty office has no code"
    TREATY_OFFICE = treaty_office


# Not locked here: the other offices lock each of their functions.
@external
@payable
@reentrant
@raw_return
def __default__() -> Bytes[MAX_ANSWER]:
    return raw_call(
        TREATY_OFFICE, msg.data, max_outsize=MAX_ANSWER, is_delegate_call=True
    )


# --- claims -----------------------------------------------------------------


@external
def reduce_claim(claim_id: uint256, amount: uint256):
    claim: claims.Record = claims._load(claim_id)
    self._check_claimant(claim)
    c: terms_code.Cover = terms_code._cover()
    assert claim.status == claims.OPEN and block.timestamp < claim.until, (
        "claim: voting is over"
    )
    assert amount > c.deductible, "claim: not above the deductible"
    asked: uint256 = amount - c.deductible
    assert asked < claim.asked, "claim: not a reduction"
    liabilities._unask(claim.asked - asked)
    claim.asked = asked
    claims._store_amounts(claim_id, claim)
    log IPool.ClaimReduced(claim_id=claim_id, amount=amount, asked=asked)


@internal
@view
def _check_claimant(claim: claims.Record):
    assert self._filer(claim) == msg.sender, (
        "claim: caller is not the claimant"
    )


# Who filed it has the say over it, and gets the bond back.
@internal
@view
def _filer(claim: claims.Record) -> address:
    if claim.by_payee:
        return pledges._pledges[claim.claimant_id].payee
    return members._at(claim.claimant_id)


@external
def accept(claim_id: uint256):
    claim: claims.Record = claims._load(claim_id)
    self._check_claimant(claim)
    assert claim.status == claims.CUT, "claim: nothing to accept"
    claim.status = awards._status(claim.award)
    awards._conclude(claim_id, claim, terms_code._cover())


@external
def appeal(claim_id: uint256):
    claim: claims.Record = claims._load(claim_id)
    self._check_claimant(claim)
    assert claim.status == claims.CUT, "appeal: nothing to appeal"
    c: terms_code.Cover = terms_code._cover()
    assert block.timestamp < claim.until, "appeal: too late"
    claim.status = claims.APPEALED
    claim.until = block.timestamp + c.ruling_period
    claims._store_but_amounts(claim_id, claim)
    log IPool.ClaimAppealed(claim_id=claim_id, until=claim.until)


@external
def rule(claim_id: uint256, award: uint8, reason: bytes32):
    claim: claims.Record = claims._load(claim_id)
    c: terms_code.Cover = terms_code._cover()
    assert msg.sender == c.arbiter, "ruling: caller is not the arbiter"
    assert members._at(claim.claimant_id) != msg.sender, "ruling: own case"
    assert (
        claim.status == claims.REFERRED or claim.status == claims.APPEALED
    ), "ruling: not before the arbiter"
    assert block.timestamp < claim.until, "ruling: too late"
    assert award <= 10, "ruling: award is above ten tenths"
    assert convert(award, uint256) >= claim.award, "ruling: below the vote"
    assert award == 10 or reason != empty(bytes32), "ruling: reason missing"
    claim.award = convert(award, uint256)
    claim.status = awards._status(claim.award)
    log IPool.ClaimRuled(claim_id=claim_id, award=award, reason=reason)
    awards._conclude(claim_id, claim, c)


@external
def settle_window(window: uint256):
    c: terms_code.Cover = terms_code._cover()
    waiting: uint256 = 0
    available: uint256 = 0
    waiting, available = windows._settle(
        window,
        c.schedule.cover_start,
        c.voting_period,
        currency._funds(),
    )
    waterfall._spend(available, 0)
    currency._add(0, available)
    log IPool.WindowSettled(window=window, awards=waiting, available=available)


@external
def pay_award(claim_id: uint256) -> uint256:
    claim: claims.Record = claims._load(claim_id)
    c: terms_code.Cover = terms_code._cover()
    window: uint256 = terms_code._window_at(c, claim.filed_at)
    due: uint256 = self._award_due(claim, window)
    assert due != 0, "award: nothing to pay"
    if windows._load(window).settled:
        currency._take_out(0, due)
    else:
        windows._pay_early(window, due)
        waterfall._spend(due, 0)
    claim.paid += due
    claims._store_amounts(claim_id, claim)
    r: members.Record = members._load(members._at(claim.claimant_id))
    pledges._pay(c.schedule.asset, claim_id, claim, r, due, 0)
    return due


@internal
@view
def _award_due(claim: claims.Record, window: uint256) -> uint256:
    award: uint256 = claims._amount(claim)
    if claim.status != claims.AWARDED or claim.paid == award:
        return 0
    if windows._can_pay_early(window, currency._funds()):
        return award
    return windows._payable(window, award) - claim.paid


# --- the end -----------------------------------------------------------------


@external
def settle():
    c: terms_code.Cover = terms_code._cover()
    phase: uint8 = lifecycle._phase(c.schedule)
    assert phase != lifecycle.CANCELLED, "settle: pool is cancelled"
    assert phase != lifecycle.SETTLED, "settle: already settled"
    assert block.timestamp >= c.schedule.expiry + c.reporting_period, (
        "settle: reporting is not over"
    )
    assert liabilities._open_claims() == 0, "settle: claims are open"
    assert liabilities._asked() == 0, "settle: awards wait for their window"
    liabilities._bind()
    surplus._mark_settled()
    amount: uint256 = currency._funds()
    log IPool.Settled(surplus=amount)
    income._share(c.schedule.asset, amount)


@external
def sweep() -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    u: terms_code.Surplus = terms_code._surplus()
    assert u.cause != empty(address), "sweep: no cause"
    phase: uint8 = lifecycle._phase(s)
    assert (
        phase == lifecycle.SETTLED or phase == lifecycle.CANCELLED
    ), "sweep: pool is not settled"
    assert (
        block.timestamp
        >= max(surplus._shared_at(), s.cover_start) + u.unclaimed_after
    ), "sweep: too early"
    funds: uint256 = currency._funds()
    void: uint256 = 0
    if phase == lifecycle.CANCELLED:
        void = earnings._void_all()
    amount: uint256 = funds + void
    assert amount != 0, "sweep: nothing left"
    surplus._sweep()
    currency._take_out(funds, void)
    log IPool.Swept(amount=amount)
    currency._pay(s.asset, u.cause, amount)
    return amount


@external
def withdraw(receiver: address) -> uint256:
    assert receiver != empty(address), "withdraw: receiver is the zero address"
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = lifecycle._phase(s)
    amount: uint256 = currency._credits[msg.sender]
    currency._credits[msg.sender] = 0
    if phase != lifecycle.ENROLLING and phase != lifecycle.CANCELLED:
        organiser: address = terms_code._enrolment().organiser
        amount += earnings._of(msg.sender, organiser)
        earnings._clear(msg.sender, organiser)
    assert amount != 0, "withdraw: nothing owed"
    currency._take_out(0, amount)
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
    return lifecycle._phase(terms_code._schedule())


@view
@external
def summary() -> IPool.Summary:
    t: totals.Totals = totals._load()
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    phase: uint8 = lifecycle._phase(terms_code._schedule())
    capacity: uint256 = 0
    if phase != lifecycle.SETTLED and phase != lifecycle.CANCELLED:
        capacity = liabilities._capacity()
    return IPool.Summary(
        phase=phase,
        members=t.members,
        roster_size=t.roster_size,
        claims=t.claims,
        open_claims=liabilities._open_claims(),
        premiums=t.premiums,
        funds=funds,
        held=held,
        asked=liabilities._asked(),
        unpaid=liabilities._unpaid(),
        capacity=capacity,
        drawn=liabilities._drawn(),
        unbound=liabilities._is_unbound(),
        settled_at=surplus._settled_at(),
        shared_at=surplus._shared_at(),
    )


@view
@external
def quote_premium(tier: uint8) -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    lifecycle._check_enrolment(s, totals._load())
    index: uint256 = convert(tier, uint256)
    assert terms_code._has_tier(index), "join: unknown tier"
    return terms_code._premium_at(
        terms_code._tier_premium(index), s, block.timestamp
    )


@view
@external
def member(account: address) -> IPool.Member:
    r: members.Record = members._load(account)
    if r.id == 0:
        return empty(IPool.Member)
    cover_used: uint256 = r.amount
    refunded: uint256 = 0
    if r.refund_round != 0:
        cover_used = 0
        refunded = r.amount
    return IPool.Member(
        id=r.id,
        tier=r.tier,
        joined_at=r.joined_at,
        premium=terms_code._premium(
            r.tier, r.joined_at, terms_code._schedule()
        ),
        cover_used=cover_used,
        refunded=refunded,
        open_claim=r.open_claim,
        awarded=r.awarded,
    )


@view
@external
def member_at(id: uint256) -> address:
    return members._find(id)


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
        filer=self._filer(r),
        payee_id=r.payee_id,
        asked=r.asked,
        incident_at=r.incident_at,
        filed_at=r.filed_at,
        window=terms_code._window_at(terms_code._cover(), r.filed_at),
        electorate=r.electorate,
        roster_size=r.roster_size,
        status=convert(r.status, uint8),
        since=self._since(r),
        award=convert(r.award, uint8),
        paid=r.paid,
    )


# When the stage of a hearing began.
@internal
@view
def _since(r: claims.Record) -> uint256:
    if r.status == claims.CUT:
        return r.until - terms_code._cover().appeal_period
    if r.status == claims.REFERRED or r.status == claims.APPEALED:
        return r.until - terms_code._cover().ruling_period
    return 0


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
        terms_code._window_at(terms_code._cover(), claim.filed_at),
    )


@view
@external
def refund_due(account: address) -> uint256:
    r: members.Record = members._load(account)
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = lifecycle._phase(s)
    if r.id == 0 or (
        phase != lifecycle.SETTLED and phase != lifecycle.CANCELLED
    ):
        return 0
    return refunds._due(
        members._word(account),
        terms_code._premium(r.tier, r.joined_at, s),
        refunds._basis(),
    )[0]


@view
@external
def credit_of(account: address) -> uint256:
    return currency._credits[account]


@view
@external
def earnings_of(account: address) -> uint256:
    if lifecycle._phase(terms_code._schedule()) == lifecycle.CANCELLED:
        return 0
    return earnings._of(account, terms_code._enrolment().organiser)
