# pragma version 0.4.3
"""
@title The end of a claim: its award is booked and, if it can be, paid
@license MIT
@author Peerpool contributors
"""

from interfaces import IPool
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import members
from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals
from contracts.modules import windows

uses: claims
uses: currency
uses: members
uses: surplus
uses: totals
uses: windows


@internal
@pure
def _status(award: uint256) -> uint256:
    if award == 0:
        return claims.REJECTED
    return claims.AWARDED


# Rules 8 and 9; `claim` has its final status and award.
@internal
def _conclude(
    claim_id: uint256, final: claims.Record, c: terms_code.Cover
):
    claim: claims.Record = final
    amount: uint256 = claims._amount(claim)
    claimant: address = members._at(claim.claimant_id)
    t: totals.Totals = totals._load()
    t.open_claims -= 1
    totals._store(t)
    self._book_award(claimant, amount, c)
    if windows._decide(
        terms_code._window_at(c, claim.filed_at),
        claim.asked,
        amount,
        currency._funds(),
    ):
        claim.paid = amount
    currency._take_out(claim.paid, c.claim_bond)
    claims._store(claim_id, claim)
    log IPool.ClaimResolved(
        claim_id=claim_id,
        status=convert(claim.status, uint8),
        award=convert(claim.award, uint8),
        amount=amount,
    )
    if claim.status == claims.REJECTED:
        # Rule 11. The pool is not settled yet: a claim was open.
        made_up: uint256 = windows._make_up(c.claim_bond)
        currency._add(c.claim_bond - made_up, made_up)
        return
    if claim.paid != 0:
        log IPool.AwardPaid(
            claim_id=claim_id, claimant=claimant, amount=amount
        )
    currency._pay(c.schedule.asset, claimant, c.claim_bond + claim.paid)


# Rule 10.
@internal
def _book_award(account: address, amount: uint256, c: terms_code.Cover):
    r: members.Record = members._load(account)
    r.open_claim = 0
    r.amount += amount
    if amount != 0 and not r.awarded:
        r.awarded = True
        if c.claim_free_refund:
            surplus._awarded_premiums += terms_code._premium(
                r.tier, r.joined_at, c.schedule
            )
    members._store(account, r)
