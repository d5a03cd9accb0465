# pragma version 0.4.3
"""
@title Pledges: a payee who is paid before the member
@license MIT
@author Peerpool contributors
@notice By roster id, so that a pledge survives a change of wallet. Members who
        have pledged nothing never touch this.
"""

from interfaces import IPool
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import members

uses: currency
uses: members


struct Pledge:
    payee: address
    payee_id: uint256  # of a payee who had joined by a raise; 0: had not
    newest: uint256  # roster id, when the pledge was made
    amount: uint256  # still to be paid to the payee


_pledges: HashMap[uint256, Pledge]
# Who called a guarantee, by claim id.
_loans: HashMap[uint256, address]


# Roster id of a payee who joined since, by whatever wallet; 0: did not, or nothing
# is left of the pledge. A claimant could pledge just ahead to where the policy of
# a member moves: such a payee is meant only where it files the claim.
@internal
@view
def _payee_id(id: uint256, payee_files: bool) -> uint256:
    pledge: Pledge = self._pledges[id]
    if pledge.amount == 0:
        return 0
    if pledge.payee_id != 0 and members._at(pledge.payee_id) != empty(address):
        return pledge.payee_id
    payee_id: uint256 = members._id(pledge.payee)
    return payee_id if payee_files or payee_id > pledge.newest else 0


# Sends an award: first to the payee of a pledge, then to the member. `bond` goes
# to who filed the claim. A guarantee's award is the loan's, whole: it was taken
# off the pledge when it was called.
@internal
def _pay(
    asset: address,
    claim_id: uint256,
    claim: claims.Record,
    r: members.Record,
    award: uint256,
    bond: uint256,
):
    account: address = members._at(r.id)
    payee: address = empty(address)
    to_payee: uint256 = 0
    if claims._is_guarantee(claim):
        payee = self._loans[claim_id]
        to_payee = award
    elif r.pledged:
        payee = self._pledges[r.id].payee
        to_payee = min(award, self._pledges[r.id].amount)
        self._pledges[r.id].amount -= to_payee
    to_member: uint256 = award - to_payee
    if to_payee != 0:
        log IPool.PledgePaid(claim_id=claim_id, payee=payee, amount=to_payee)
    if to_member != 0:
        log IPool.AwardPaid(
            claim_id=claim_id, claimant=account, amount=to_member
        )
    if claim.by_payee:
        to_payee += bond
    else:
        to_member += bond
    currency._pay(asset, payee, to_payee)
    currency._pay(asset, account, to_member)
