# pragma version 0.4.3
"""
@title What a member is due from the surplus, or from a cancelled pool
@license MIT
@author Peerpool contributors
"""

from contracts.modules import currency
from contracts.modules import earnings
from contracts.modules import members
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals

uses: currency
uses: earnings
uses: members
uses: surplus
uses: totals


# Returns what is due now, and what was taken in this round before.
@internal
@view
def _due(
    r: members.Record,
    premium: uint256,
    c: terms_code.Cover,
    cancelled: bool,
) -> (uint256, uint256):
    shares: bool = True
    if c.claim_free_refund and r.awarded:
        premiums: uint256 = totals._load().premiums
        # Unless nobody is claim-free: then all share (rule 12).
        shares = surplus._base(premiums, True) == premiums
    taken: uint256 = 0
    if r.refund_round == surplus._round() + 1:
        taken = r.amount
    return surplus._due(premium, cancelled, shares) - taken, taken


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
