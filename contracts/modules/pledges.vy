# pragma version 0.4.3
"""
@title Pledges: a payee who is paid before the member
@license MIT
@author Peerpool contributors
@notice By roster id, so that a pledge survives a change of wallet. Members who
        have pledged nothing never touch this.
"""

from interfaces import IPool
from contracts.modules import currency
from contracts.modules import members

uses: currency
uses: members


struct Pledge:
    payee: address
    payee_id: uint256  # of a payee who was a member; 0: was not
    amount: uint256  # still to be paid to the payee


_pledges: HashMap[uint256, Pledge]


# Roster id of a payee who is a member, by whatever wallet; 0: is not.
@internal
@view
def _payee_id(id: uint256) -> uint256:
    if self._pledges[id].amount == 0:
        return 0
    if self._pledges[id].payee_id != 0:
        return self._pledges[id].payee_id
    return members._id(self._pledges[id].payee)


# Sends an award: first to the payee of a pledge, then to the member. `more`, the
# bond of a claim, goes to the payee if `to_payee`.
@internal
def _pay(
    asset: address,
    claim_id: uint256,
    id: uint256,
    account: address,
    pledged: bool,
    award: uint256,
    more: uint256,
    to_payee: bool,
):
    first: uint256 = 0
    if pledged:
        first = min(award, self._pledges[id].amount)
        payee: address = self._pledges[id].payee
        if first != 0:
            self._pledges[id].amount -= first
            log IPool.PledgePaid(claim_id=claim_id, payee=payee, amount=first)
        if to_payee:
            currency._pay(asset, payee, first + more)
        else:
            currency._pay(asset, payee, first)
    if award != first:
        log IPool.AwardPaid(
            claim_id=claim_id, claimant=account, amount=award - first
        )
    if to_payee:
        currency._pay(asset, account, award - first)
    else:
        currency._pay(asset, account, award - first + more)
