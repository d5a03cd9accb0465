# pragma version 0.4.3
"""
@title Who may vote on a claim, and how long (rule 6)
@license MIT
@author Peerpool contributors
"""

from interfaces import IPool
from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import members
from contracts.modules import terms_code

uses: ballots
uses: claims
uses: members


# What holds for all ballots of a call. Returns the claim, without amounts.
@internal
@view
def _check(claim_id: uint256, award: uint8, reason: bytes32) -> claims.Record:
    claim: claims.Record = claims._load_but_amounts(claim_id)
    assert (
        claim.status == claims.OPEN
        and block.timestamp < claim.filed_at + terms_code._voting_period()
    ), "ballot: voting is over"
    assert award <= 10, "ballot: award is above ten tenths"
    assert award == 10 or reason != empty(bytes32), "ballot: reason missing"
    return claim


@internal
def _cast(
    claim_id: uint256,
    claim: claims.Record,
    award: uint8,
    reason: bytes32,
    voter: address,
):
    id: uint256 = members._id(voter)
    assert id != 0, "ballot: not a member"
    assert id != claim.claimant_id, "ballot: own claim"
    assert id != claim.payee_id, "ballot: voter is the loss payee"
    assert id <= claim.roster_size, "ballot: joined after the claim"
    ballots._add(claim_id, id, convert(award, uint256))
    log IPool.BallotCast(
        claim_id=claim_id, voter=voter, award=award, reason=reason
    )
