# pragma version 0.4.3
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Peerpool: money from anybody, reinsurance, pledges and guarantees
@license MIT
@author Peerpool contributors
@notice The third part of a pool's code; see interfaces/IPool.vyi.
@dev Runs by delegatecall from BackOffice.vy, on the pool's storage and with its
     terms. Called directly it has neither.
"""

from interfaces import IPool
from interfaces import IReinsuranceLayer
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

# The order is the storage layout, and the same in all four parts; what only this
# part keeps comes after.
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


interface IDesk:
    # What a loan may draw on a member's cover now; zero: it is not in default,
    # or not a loan of this desk.
    def callable_amount(loan: address, member: address) -> uint256: view
    def is_loan(loan: address) -> bool: view


MAX_PLEDGE: constant(uint256) = 2**100
# The longest answer of the policy office, a token URI, has 608 bytes.
MAX_ANSWER: constant(uint256) = 608

POLICY_OFFICE: immutable(address)

# Given before cover_start, by donor: goes back if the pool is cancelled.
_donations: HashMap[address, uint256]


@deploy
def __init__(policy_office: address):
    assert policy_office.is_contract, "treaty office: policy office has no code"
    POLICY_OFFICE = policy_office


# Not locked here: the policy office locks each of its functions itself.
@external
@payable
@reentrant
@raw_return
def __default__() -> Bytes[MAX_ANSWER]:
    return raw_call(
        POLICY_OFFICE, msg.data, max_outsize=MAX_ANSWER, is_delegate_call=True
    )


# --- money from anybody -----------------------------------------------------


@external
@payable
def donate(amount: uint256):
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = lifecycle._phase(s)
    assert phase != lifecycle.CANCELLED, "donate: pool is cancelled"
    assert amount != 0, "donate: nothing"
    log IPool.Donated(donor=msg.sender, amount=amount)
    currency._take(s.asset, amount)
    income._check_room(amount)
    if phase == lifecycle.ENROLLING:
        self._donations[msg.sender] += amount
        currency._add(amount, 0)
    else:
        income._come_in(s.asset, amount, phase)


@external
def return_donation(donor: address):
    s: terms_code.Schedule = terms_code._schedule()
    assert (
        lifecycle._phase(s) == lifecycle.CANCELLED
    ), "donation: pool is not cancelled"
    amount: uint256 = self._donations[donor]
    assert amount != 0 and surplus._round() == 0, (
        "donation: nothing to return"
    )
    self._donations[donor] = 0
    currency._take_out(amount, 0)
    log IPool.DonationReturned(donor=donor, amount=amount)
    currency._pay(s.asset, donor, amount)


@external
def absorb() -> uint256:
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = lifecycle._phase(s)
    assert phase != lifecycle.ENROLLING, "absorb: cover has not started"
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    balance: uint256 = currency._balance(s.asset)
    assert balance > funds + held, "absorb: nothing stray"
    amount: uint256 = balance - funds - held
    income._check_room(amount)
    log IPool.Absorbed(amount=amount)
    income._come_in(s.asset, amount, phase)
    return amount


@view
@external
def donation_of(account: address) -> uint256:
    if surplus._round() != 0:
        return 0
    return self._donations[account]


# --- reinsurance ------------------------------------------------------------


@external
@payable
def add_collateral(layer: uint256, amount: uint256):
    self._check_layer(layer)
    s: terms_code.Schedule = terms_code._schedule()
    assert block.timestamp < s.cover_start, "layer: deposits are over"
    assert (
        amount <= terms_code._layer(layer).limit - layers._filled(layer)
    ), "layer: above its limit"
    layers._fill(layer, amount)
    currency._add(0, amount)
    log IPool.CollateralAdded(layer=layer, amount=amount)
    # The layer has seen it arrive, but the pool was open to calls meanwhile.
    funds: uint256 = 0
    held: uint256 = 0
    funds, held = currency._load()
    assert currency._balance(s.asset) >= funds + held, (
        "token: received another amount"
    )


# That it is one, and the caller its contract.
@internal
@view
def _check_layer(number: uint256):
    self._check_number(number)
    assert msg.sender == terms_code._shares_of(number), (
        "layer: caller is not the layer"
    )


@internal
@view
def _check_number(number: uint256):
    assert number != 0 and number <= terms_code._layer_count(), (
        "layer: no such layer"
    )


# Open to the pool's own calls, from inside the lock; anybody else meets the lock
# of phase().
@external
@reentrant
def bind_reinsurance():
    if msg.sender != self:
        phase: uint8 = staticcall IPool(self).phase()
    s: terms_code.Schedule = terms_code._schedule()
    t: totals.Totals = totals._load()
    assert block.timestamp >= s.cover_start, (
        "reinsurance: cover has not started"
    )
    assert t.members >= s.min_members, "reinsurance: pool is cancelled"
    assert liabilities._is_unbound(), "reinsurance: nothing to bind"
    self._bind(t.premiums)


# Rule 16.
@internal
def _bind(premiums: uint256):
    liabilities._mark_bound()
    terms: DynArray[IPool.LayerTerms, 4] = []
    filled: DynArray[uint256, 4] = []
    for i: uint256 in range(terms_code._layer_count(), bound=4):
        terms.append(terms_code._layer(i + 1))
        filled.append(layers._filled(i + 1))
    cessions: DynArray[uint256, 4] = layers._cessions(
        terms, filled, premiums, terms_code._max_cession_bps()
    )
    ceded: uint256 = 0
    for i: uint256 in range(len(cessions), bound=4):
        if filled[i] != 0:
            layers._cede(i + 1, cessions[i])
            ceded += cessions[i]
            log IPool.PremiumCeded(
                layer=i + 1, filled=filled[i], premium=cessions[i]
            )
    currency._take_out(ceded, 0)
    currency._add(0, ceded)


@external
def redeem_layer(layer: uint256, amount: uint256, receiver: address):
    self._check_layer(layer)
    s: terms_code.Schedule = terms_code._schedule()
    self._check_over(s)
    assert amount <= layers._assets(layer), "layer: above its assets"
    layers._redeem(layer, amount)
    currency._take_out(0, amount)
    log IPool.LayerRedeemed(layer=layer, receiver=receiver, amount=amount)
    if amount != 0:
        assert currency._send_all_gas(s.asset, receiver, amount), (
            "layer: transfer failed"
        )


# Returns the phase: settled or cancelled.
@internal
@view
def _check_over(s: terms_code.Schedule) -> uint8:
    phase: uint8 = lifecycle._phase(s)
    assert (
        phase == lifecycle.SETTLED or phase == lifecycle.CANCELLED
    ), "layer: collateral is bound"
    return phase


@external
def absorb_layer(layer: uint256) -> uint256:
    self._check_number(layer)
    s: terms_code.Schedule = terms_code._schedule()
    phase: uint8 = self._check_over(s)
    shares: address = terms_code._shares_of(layer)
    assert staticcall IReinsuranceLayer(shares).totalSupply() == 0, (
        "layer: has shares"
    )
    amount: uint256 = layers._assets(layer)
    assert amount != 0, "layer: nothing left"
    layers._write_off(layer)
    currency._take_out(0, amount)
    log IPool.LayerAbsorbed(layer=layer, amount=amount)
    income._come_in(s.asset, amount, phase)
    return amount


@view
@external
def layer(layer: uint256) -> IPool.Layer:
    self._check_number(layer)
    s: terms_code.Schedule = terms_code._schedule()
    terms: IPool.LayerTerms = terms_code._layer(layer)
    return IPool.Layer(
        shares=terms_code._shares_of(layer),
        asset=s.asset,
        reinsurer=terms_code._reinsurer(),
        phase=lifecycle._phase(s),
        limit=terms.limit,
        premium=terms.premium,
        filled=layers._filled(layer),
        ceded=layers._ceded(layer),
        drawn=layers._drawn(layer),
        assets=layers._assets(layer),
    )


# --- pledges and guarantees -------------------------------------------------


@external
def pledge(payee: address, amount: uint256):
    r: members.Record = members._load(msg.sender)
    assert r.id != 0, "pledge: not a member"
    assert payee != empty(address) and payee != msg.sender, (
        "pledge: payee is not another account"
    )
    # Or a claimant could shut the arbiter out of the own case.
    assert payee != terms_code._cover().arbiter, (
        "pledge: payee is the arbiter"
    )
    # Or a payee could have voted on the claim.
    assert r.open_claim == 0, "pledge: a claim is open"
    old: pledges.Pledge = pledges._pledges[r.id]
    assert old.amount == 0 or old.payee == payee, (
        "pledge: another payee holds it"
    )
    assert amount > old.amount, "pledge: not above what is pledged"
    assert amount <= MAX_PLEDGE, "pledge: amount above 2**100"
    id: uint256 = members._id(payee)
    payee_id: uint256 = old.payee_id
    newest: uint256 = old.newest
    if old.amount == 0:
        # Or a claimant could take any one member's vote away.
        assert id == 0, "pledge: payee is a member"
        payee_id = 0
        newest = totals._load().roster_size
    elif id > newest:
        payee_id = id
    pledges._pledges[r.id] = pledges.Pledge(
        payee=payee, payee_id=payee_id, newest=newest, amount=amount
    )
    if not r.pledged:
        r.pledged = True
        members._store(msg.sender, r)
    log IPool.Pledged(id=r.id, payee=payee, amount=amount)


@external
def release(member: address, amount: uint256):
    id: uint256 = members._id(member)
    pledge: pledges.Pledge = pledges._pledges[id]
    assert pledge.payee == msg.sender, "release: caller is not the payee"
    assert amount <= pledge.amount, "release: more than pledged"
    pledges._pledges[id].amount = pledge.amount - amount
    log IPool.Pledged(id=id, payee=msg.sender, amount=pledge.amount - amount)


@external
def call_guarantee(member: address, amount: uint256) -> uint256:
    c: terms_code.Cover = terms_code._cover()
    r: members.Record = members._load(member)
    t: totals.Totals = totals._load()
    self._check_guarantee(c, r, t, member, amount)
    liabilities._bind()
    previous: uint256 = 0
    if t.claims != 0:
        previous = 1 + terms_code._window_at(c, claims._filed_at(t.claims))
    window: uint256 = terms_code._window_at(c, block.timestamp)
    windows._file(window, previous, amount)
    t.claims += 1
    totals._store(t)
    awards._book(member, r, amount, c)
    pledges._pledges[r.id].amount -= amount
    pledges._loans[t.claims] = msg.sender
    claim: claims.Record = claims.Record(
        claimant_id=r.id,
        filed_at=block.timestamp,
        incident_at=block.timestamp,
        electorate=0,
        roster_size=0,
        status=claims.AWARDED,
        by_payee=True,
        award=10,
        until=0,
        payee_id=0,
        asked=amount,
        paid=0,
        paid_at_once=False,
    )
    if windows._decide(window, amount, amount, currency._funds()):
        claim.paid = amount
        waterfall._spend(amount, 0)
    claims._store(t.claims, claim)
    log IPool.GuaranteeCalled(
        claim_id=t.claims, id=r.id, loan=msg.sender, amount=amount
    )
    pledges._pay(c.schedule.asset, t.claims, claim, r, claim.paid, 0)
    return t.claims


@internal
@view
def _check_guarantee(
    c: terms_code.Cover,
    r: members.Record,
    t: totals.Totals,
    member: address,
    amount: uint256,
):
    desk: address = terms_code._desk()
    pledge: pledges.Pledge = pledges._pledges[r.id]
    assert (
        r.id != 0
        and desk != empty(address)
        and pledge.payee == msg.sender
        and staticcall IDesk(desk).is_loan(msg.sender)
    ), "guarantee: no such loan"
    s: terms_code.Schedule = c.schedule
    begin: uint256 = max(s.cover_start, r.joined_at) + c.waiting_period
    assert (
        t.members >= s.min_members
        and begin < s.expiry
        and block.timestamp >= begin
    ), "guarantee: not in the member's cover"
    assert block.timestamp < s.expiry + c.reporting_period, (
        "guarantee: reporting is over"
    )
    assert amount != 0, "guarantee: nothing"
    assert (
        staticcall IDesk(desk).callable_amount(msg.sender, member) >= amount
    ), "guarantee: not in default"
    assert amount <= pledge.amount, "guarantee: more than pledged"
    assert amount <= terms_code._cover_limit(r.tier) - r.amount, (
        "guarantee: more than the cover left"
    )


@external
@payable
def recover(claim_id: uint256, amount: uint256):
    claim: claims.Record = claims._load(claim_id)
    s: terms_code.Schedule = terms_code._schedule()
    assert amount != 0, "recover: nothing"
    log IPool.Recovered(claim_id=claim_id, payer=msg.sender, amount=amount)
    currency._take(s.asset, amount)
    income._check_room(amount)
    income._come_in(s.asset, amount, lifecycle._phase(s))


@view
@external
def pledge_of(account: address) -> (address, uint256):
    pledge: pledges.Pledge = pledges._pledges[members._id(account)]
    return pledge.payee, pledge.amount
