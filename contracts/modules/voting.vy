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

uses: ballots
uses: claims
uses: members


# What holds for all ballots of a call.
@internal
@view
def _check(claim_id: uint256, award: uint8, reason: bytes32) -> uint256:
    claim: uint256 = claims._open(claim_id)
    if award != 10:
        assert award < 10, "ballot: award is above ten tenths"
        assert reason != empty(bytes32), "ballot: reason missing"
    return claim


@internal
def _cast(claim_id: uint256, award: uint8, reason: bytes32, voter: address):
    claim: uint256 = self._check(claim_id, award, reason)
    id: uint256 = members._id(voter)
    assert id != 0, "ballot: not a member"
    assert id != claim & claims.MASK_32, "ballot: own claim"
    assert id != claim >> claims.PAYEE_ID, "ballot: voter is the loss payee"
    assert (
        id <= claim >> claims.ROSTER_SIZE & claims.MASK_32
    ), "ballot: joined after the claim"
    ballots._add(claim_id, id, convert(award, uint256))
    log IPool.BallotCast(
        claim_id=claim_id, voter=voter, award=award, reason=reason
    )
