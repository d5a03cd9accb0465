# pragma version 0.4.3
# pragma optimize codesize
"""
@title Peerpool lens
@license MIT
@author Peerpool contributors
@notice See interfaces/IPoolLens.vyi.
"""

from interfaces import IPool
from interfaces import IPoolLens
from contracts.modules import ballots
from contracts.modules import claims as claim_status
from contracts.modules import layers
from contracts.modules import lifecycle
from contracts.modules import typed_data

implements: IPoolLens

MAX_PAGE: constant(uint256) = 100
# More than a call can read.
MAX_CLAIMS: constant(uint256) = 100_000
BPS: constant(uint256) = 10_000


# --- pages ------------------------------------------------------------------


@view
@external
def members(
    pool: address, first_id: uint256, count: uint256
) -> DynArray[IPoolLens.MemberRow, 100]:
    p: IPool = IPool(pool)
    rows: DynArray[IPoolLens.MemberRow, 100] = []
    size: uint256 = (staticcall p.summary()).roster_size
    for id: uint256 in range(
        first_id, self._end(first_id, count, size), bound=MAX_PAGE
    ):
        account: address = staticcall p.member_at(id)
        rows.append(
            IPoolLens.MemberRow(
                account=account,
                record=staticcall p.member(account),
                refund_due=staticcall p.refund_due(account),
                credit=staticcall p.credit_of(account),
            )
        )
    return rows


@view
@external
def claims(
    pool: address, first_id: uint256, count: uint256
) -> DynArray[IPoolLens.ClaimRow, 100]:
    p: IPool = IPool(pool)
    rows: DynArray[IPoolLens.ClaimRow, 100] = []
    size: uint256 = (staticcall p.summary()).claims
    for id: uint256 in range(
        first_id, self._end(first_id, count, size), bound=MAX_PAGE
    ):
        rows.append(
            IPoolLens.ClaimRow(
                id=id,
                claim=staticcall p.claim(id),
                tally=staticcall p.tally(id),
                award_due=staticcall p.award_due(id),
            )
        )
    return rows


# The id after the last of a page; first_id if the page is empty.
@internal
@pure
def _end(first_id: uint256, count: uint256, size: uint256) -> uint256:
    assert count <= MAX_PAGE, "lens: more than 100"
    if first_id > size or first_id == 0:
        return first_id
    return min(first_id + count, size + 1)


@view
@external
def tower(pool: address) -> IPoolLens.Tower:
    p: IPool = IPool(pool)
    s: IPool.Summary = staticcall p.summary()
    t: IPool.Terms = staticcall p.terms()
    tower: IPoolLens.Tower = empty(IPoolLens.Tower)
    tower.collectable = s.funds - self._to_cede(p, t, s)
    if s.phase == lifecycle.SETTLED or s.phase == lifecycle.CANCELLED:
        tower.collectable = 0
    count: uint256 = len(t.reinsurance)
    for number: uint256 in range(1, count + 1, bound=4):
        l: IPool.Layer = staticcall p.layer(number)
        row: IPoolLens.TowerRow = IPoolLens.TowerRow(
            layer=l,
            attachment=tower.collectable,
            left=0,
            rate_on_line_bps=l.premium * BPS // l.limit,
        )
        if s.phase != lifecycle.SETTLED and s.phase != lifecycle.CANCELLED:
            row.left = l.filled - l.drawn
        if l.filled != 0 and not s.unbound:
            row.rate_on_line_bps = l.ceded * BPS // l.filled
        tower.collectable += row.left
        tower.layers.append(row)
    if s.members != 0:
        tower.per_member = tower.collectable // s.members
    return tower


# Of the funds, to the layers: rule 16, as if cover began now.
@internal
@view
def _to_cede(p: IPool, t: IPool.Terms, s: IPool.Summary) -> uint256:
    if not s.unbound or s.phase == lifecycle.CANCELLED:
        return 0
    filled: DynArray[uint256, 4] = []
    for number: uint256 in range(1, len(t.reinsurance) + 1, bound=4):
        filled.append((staticcall p.layer(number)).filled)
    cessions: DynArray[uint256, 4] = layers._cessions(
        t.reinsurance, filled, s.premiums, t.max_cession_bps
    )
    sum: uint256 = 0
    for premium: uint256 in cessions:
        sum += premium
    return sum


# --- what comes next --------------------------------------------------------


@view
@external
def next_action(pool: address) -> IPoolLens.NextAction:
    p: IPool = IPool(pool)
    t: IPool.Terms = staticcall p.terms()
    s: IPool.Summary = staticcall p.summary()
    over: uint256 = t.expiry + t.reporting_period
    if s.phase == lifecycle.ENROLLING and s.members < t.max_members:
        return self._action("join", empty(address), 0, 0, t.cover_start)
    if s.phase == lifecycle.CANCELLED or s.phase == lifecycle.SETTLED:
        return self._give_back(t, s)
    if s.unbound:
        return self._action(
            "bind_reinsurance", empty(address), 0, t.cover_start, 0
        )
    if block.timestamp < over:
        # Of those who joined before cover
        since: uint256 = t.cover_start + t.waiting_period
        return self._action("file_claim", empty(address), 0, since, over)
    # Open claims ask for one unit at least
    if s.asked != 0:
        return self._next_claim(p, t, s)
    return self._action("settle", empty(address), 0, over, 0)


# The first claim that is not decided; once all are, the first award that waits.
@internal
@view
def _next_claim(
    p: IPool, t: IPool.Terms, s: IPool.Summary
) -> IPoolLens.NextAction:
    next: IPoolLens.NextAction = self._action("", empty(address), 0, 0, 0)
    for claim_id: uint256 in range(1, s.claims + 1, bound=MAX_CLAIMS):
        c: IPool.Claim = staticcall p.claim(claim_id)
        decided: bool = convert(c.status, uint256) == claim_status.AWARDED
        # One that is not open any more, and was awarded nothing, has no next step.
        if decided == (s.open_claims == 0):
            next = self._claim_action(p, t, c, claim_id)
            if next.action != "":
                break
    return next


# Refunds, until nobody is left to be refunded; then a sweep, if there is a cause.
@internal
@view
def _give_back(t: IPool.Terms, s: IPool.Summary) -> IPoolLens.NextAction:
    since: uint256 = max(s.settled_at, t.cover_start)
    if s.funds == 0:
        return self._action("", empty(address), 0, 0, 0)
    if t.cause == empty(address):
        return self._action("refund_many", empty(address), 1, since, 0)
    end: uint256 = max(s.shared_at, t.cover_start) + t.unclaimed_after
    if block.timestamp < end:
        return self._action("refund_many", empty(address), 1, since, end)
    return self._action("sweep", empty(address), 0, end, 0)


@view
@external
def next_claim_action(pool: address, claim_id: uint256) -> IPoolLens.NextAction:
    p: IPool = IPool(pool)
    return self._claim_action(
        p, staticcall p.terms(), staticcall p.claim(claim_id), claim_id
    )


@internal
@view
def _claim_action(
    p: IPool, t: IPool.Terms, c: IPool.Claim, claim_id: uint256
) -> IPoolLens.NextAction:
    status: uint256 = convert(c.status, uint256)
    end: uint256 = c.filed_at + t.voting_period
    if status == claim_status.OPEN:
        tally: uint256 = ballots._pack(staticcall p.tally(claim_id))
        quorum: bool = ballots._outcome(
            tally, c.electorate, t.quorum_bps, t.approval_bps
        )[0]
        if quorum and ballots._is_final(tally, c.electorate, t.approval_bps):
            return self._action("resolve", empty(address), claim_id, 0, 0)
        if block.timestamp < end and c.electorate != 0:
            return self._action(
                "vote", empty(address), claim_id, c.filed_at, end
            )
        return self._action("resolve", empty(address), claim_id, end, 0)
    if status == claim_status.CUT:
        end = c.since + t.appeal_period
        if block.timestamp < end:
            return self._action("appeal", c.filer, claim_id, c.since, end)
        return self._action("resolve", empty(address), claim_id, end, 0)
    if status == claim_status.REFERRED or status == claim_status.APPEALED:
        end = c.since + t.ruling_period
        # The own case is nobody's to rule on.
        if block.timestamp < end and c.claimant != t.arbiter:
            return self._action("rule", t.arbiter, claim_id, c.since, end)
        return self._action("resolve", empty(address), claim_id, end, 0)
    if staticcall p.award_due(claim_id) != 0:
        return self._action("pay_award", empty(address), claim_id, 0, 0)
    if (
        status == claim_status.AWARDED
        and c.paid == 0
        and not (staticcall p.window(c.window)).settled
    ):
        window: uint256 = self._first_unsettled(p, c.window)
        since: uint256 = t.cover_start + (window + 1) * t.voting_period
        return self._action("settle_window", empty(address), window, since, 0)
    return self._action("", empty(address), claim_id, 0, 0)


# Windows are settled in their order.
@internal
@view
def _first_unsettled(p: IPool, window: uint256) -> uint256:
    first: uint256 = window
    for _: uint256 in range(MAX_CLAIMS):
        previous: uint256 = (staticcall p.window(first)).previous
        if previous == 0 or (staticcall p.window(previous - 1)).settled:
            break
        first = previous - 1
    return first


@internal
@pure
def _action(
    action: String[16],
    who: address,
    argument: uint256,
    since: uint256,
    until: uint256,
) -> IPoolLens.NextAction:
    return IPoolLens.NextAction(
        action=action, who=who, argument=argument, since=since, until=until
    )


@view
@external
def quote_settlement(pool: address) -> IPoolLens.Quote:
    p: IPool = IPool(pool)
    t: IPool.Terms = staticcall p.terms()
    s: IPool.Summary = staticcall p.summary()
    funds: uint256 = s.funds - self._to_cede(p, t, s)
    paid: uint256 = min(s.asked, funds + s.capacity)
    surplus: uint256 = funds - min(paid, funds)
    to_cause: uint256 = surplus * t.cause_bps // BPS
    return IPoolLens.Quote(
        asked=s.asked,
        unpaid=s.unpaid,
        paid=paid,
        surplus=surplus,
        to_cause=to_cause,
        to_members=surplus - to_cause,
    )


# --- ballots ----------------------------------------------------------------


@view
@external
def ballot_problem(
    pool: address,
    claim_id: uint256,
    voter: address,
    award: uint8,
    reason: bytes32,
    signature: Bytes[1024],
) -> String[64]:
    p: IPool = IPool(pool)
    if claim_id == 0 or claim_id > (staticcall p.summary()).claims:
        return "claim: no such claim"
    c: IPool.Claim = staticcall p.claim(claim_id)
    t: IPool.Terms = staticcall p.terms()
    if (
        convert(c.status, uint256) != claim_status.OPEN
        or block.timestamp >= c.filed_at + t.voting_period
    ):
        return "ballot: voting is over"
    if award > 10:
        return "ballot: award is above ten tenths"
    if award != 10 and reason == empty(bytes32):
        return "ballot: reason missing"
    digest: bytes32 = typed_data._ballot(claim_id, award, reason, pool)
    if typed_data._recover(digest, signature) != voter:
        if not voter.is_contract and len(signature) > 65:
            return "ballot: wallet is not deployed"
        if not typed_data._wallet_signed(voter, digest, signature):
            return "ballot: not signed by the voter"
    id: uint256 = (staticcall p.member(voter)).id
    if id == 0:
        return "ballot: not a member"
    if voter == c.claimant:
        return "ballot: own claim"
    if id == c.payee_id:
        return "ballot: voter is the loss payee"
    if id > c.roster_size:
        return "ballot: joined after the claim"
    if staticcall p.has_voted(claim_id, voter):
        return "ballot: already cast"
    return ""
