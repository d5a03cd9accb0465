# pragma version 0.4.3
"""
@title The end of a claim: its award is booked and, if it can be, paid
@license MIT
@author Peerpool contributors
"""

from interfaces import IPool
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import liabilities
from contracts.modules import members
from contracts.modules import pledges
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import waterfall
from contracts.modules import windows

uses: claims
uses: currency
uses: liabilities
uses: members
uses: pledges
uses: surplus
uses: waterfall
uses: windows


@internal
@pure
def _status(award: uint256) -> uint256:
    if award == 0:
        return claims.REJECTED
    return claims.AWARDED


# Rules 8 and 9; `claim` has its final status and award.
@internal
def _conclude(claim_id: uint256, final: claims.Record, c: terms_code.Cover):
    liabilities._bind()
    claim: claims.Record = final
    asked: uint256 = claim.asked
    claimant: address = members._at(claim.claimant_id)
    r: members.Record = members._load(claimant)
    r.open_claim = 0
    if r.pledged:
        # A guarantee may have used cover since the claim was filed.
        left: uint256 = terms_code._cover_limit(r.tier) - r.amount
        claim.asked = min(asked, left)
    amount: uint256 = claims._amount(claim)
    self._book(claimant, r, amount, c)
    if self._decide(claim, asked, amount, c):
        claim.paid = amount
        claim.paid_at_once = True
    waterfall._spend(claim.paid, c.claim_bond)
    claims._store_but_amounts(claim_id, claim)
    if claim.asked != asked:
        claims._store_amounts(claim_id, claim)
    log IPool.ClaimResolved(
        claim_id=claim_id,
        status=convert(claim.status, uint8),
        award=convert(claim.award, uint8),
        amount=amount,
    )
    bond: uint256 = c.claim_bond
    if claim.status == claims.REJECTED:
        # Rule 11. The pool is not settled yet: a claim was open.
        waterfall._take_in(bond)
        bond = 0
    pledges._pay(c.schedule.asset, claim_id, claim, r, claim.paid, bond)


# True if the award is to be paid at once.
@internal
def _decide(
    claim: claims.Record, asked: uint256, amount: uint256, c: terms_code.Cover
) -> bool:
    return windows._decide(
        terms_code._window_at(c, claim.filed_at),
        asked,
        amount,
        currency._funds(),
    )


# Rule 10.
@internal
def _book(
    account: address,
    record: members.Record,
    amount: uint256,
    c: terms_code.Cover,
):
    r: members.Record = record
    r.amount += amount
    if amount != 0 and not r.awarded:
        r.awarded = True
        if c.claim_free_refund:
            surplus._awarded_premiums += terms_code._premium(
                r.tier, r.joined_at, c.schedule
            )
    members._store(account, r)
