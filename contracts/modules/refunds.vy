# pragma version 0.4.3
"""
@title What a member is due from the surplus, or from a cancelled pool
@license MIT
@author Peerpool contributors
"""

from interfaces import IPool
from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import lifecycle
from contracts.modules import members
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals

uses: currency
uses: earnings
uses: lifecycle
uses: members
uses: surplus
uses: totals


# What is the same for all members, and read once for many.
struct Basis:
    schedule: terms_code.Schedule
    shared: uint256
    premiums: uint256  # that share; not zero
    round: uint256  # as records have it
    cancelled: bool


@internal
@view
def _basis() -> Basis:
    s: terms_code.Schedule = terms_code._schedule()
    shares: surplus.Shares = surplus._load()
    assert shares.settled or lifecycle._phase(s) == lifecycle.CANCELLED, (
        "refund: pool is not settled"
    )
    return Basis(
        schedule=s,
        shared=shares.shared,
        premiums=max(shares.premiums, 1),
        round=shares.round + 1,
        cancelled=not shares.settled,
    )


# On a premium, by the word of a record. Returns what is due now, and what was taken
# in this round before. Rounded down: the sum over all members is not more than what
# was shared. In a cancelled pool the premium itself is due in the first round.
@internal
@view
def _due(word: uint256, premium: uint256, b: Basis) -> (uint256, uint256):
    due: uint256 = 0
    if word & members.AWARDED == 0 or self._awarded_share():
        due = unsafe_div(unsafe_mul(premium, b.shared), b.premiums)
    if b.cancelled and b.round == 1:
        due += premium
    if word >> members.REFUND_ROUND & members.MASK_12 != b.round:
        return due, 0
    taken: uint256 = word >> members.AMOUNT
    return due - taken, taken


@internal
@view
def _awarded_share() -> bool:
    if not terms_code._claim_free_refund():
        return True
    # Unless nobody is claim-free: then all share (rule 12).
    premiums: uint256 = totals._load().premiums
    return surplus._base(premiums, True) == premiums


# Pays what is due to a member, whose tier has this premium, and returns it.
@internal
def _pay(
    account: address, word: uint256, tier_premium: uint256, b: Basis
) -> uint256:
    joined_at: uint256 = word >> members.JOINED_AT & members.MASK_40
    premium: uint256 = tier_premium
    if joined_at > b.schedule.cover_start:
        premium = terms_code._premium_at(premium, b.schedule, joined_at)
    due: uint256 = 0
    taken: uint256 = 0
    due, taken = self._due(word, premium, b)
    if due == 0:
        return 0
    from_funds: uint256 = due
    receiver: address = account
    if b.cancelled:
        r: members.Record = members._load(account)
        receiver = members._payer(account, r)
        if taken == 0 and b.round == 1:
            self._take_back(account, r, premium)
            from_funds -= premium
        log IPool.PremiumReturned(member=account, payer=receiver, amount=due)
    else:
        log IPool.Refunded(member=account, amount=due)
    currency._take_out_of_funds(from_funds)
    members._book_refund(account, word, b.round, unsafe_add(taken, due))
    currency._pay(b.schedule.asset, receiver, due)
    return due


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
    currency._take_out(premium - fee - commission, fee + commission)
