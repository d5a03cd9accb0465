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
    payee_id: uint256  # of a payee who was a member at a raise; 0: was not
    amount: uint256  # still to be paid to the payee


_pledges: HashMap[uint256, Pledge]
# Who called a guarantee, by claim id.
_loans: HashMap[uint256, address]


# Roster id of a payee who is a member, by whatever wallet; 0: is not, or nothing
# is left of the pledge.
@internal
@view
def _payee_id(id: uint256) -> uint256:
    if self._pledges[id].amount == 0:
        return 0
    payee_id: uint256 = self._pledges[id].payee_id
    if payee_id == 0 or members._at(payee_id) == empty(address):
        payee_id = members._id(self._pledges[id].payee)
    if payee_id == id:  # the member moved to the payee's account
        return 0
    return payee_id


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
