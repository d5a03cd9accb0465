# pragma version 0.4.3
"""
@title Claims, two words each
@license MIT
@author Peerpool contributors
"""


struct Record:
    claimant_id: uint256  # 32 bits
    filed_at: uint256  # 40 bits
    incident_at: uint256  # 40 bits
    electorate: uint256  # 31 bits
    roster_size: uint256  # 32 bits; ids above it joined later
    status: uint256  # 3 bits
    by_payee: bool  # filed by the payee of a pledge
    award: uint256  # 4 bits, tenths
    until: uint256  # 40 bits; end of voting, then of appeal or ruling
    payee_id: uint256  # 32 bits; payee who is a member and may not vote; 0: none
    asked: uint256  # 128 bits
    paid: uint256  # 128 bits; not stored if it was paid at once
    paid_at_once: bool


# The values of Claim.status
OPEN: constant(uint256) = 1
AWARDED: constant(uint256) = 2
REJECTED: constant(uint256) = 3
LAPSED: constant(uint256) = 4
CUT: constant(uint256) = 5
REFERRED: constant(uint256) = 6
APPEALED: constant(uint256) = 7

# Where fields begin that ballots need, which do without the struct.
ROSTER_SIZE: constant(uint256) = 144
PAYEE_ID: constant(uint256) = 224
PAID_AT_ONCE: constant(uint256) = 1 << 143
BY_PAYEE: constant(uint256) = 1 << 179

MASK_31: constant(uint256) = 2**31 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1

_records: HashMap[uint256, uint256]
# paid << 128 | asked
_amounts: HashMap[uint256, uint256]


@internal
@view
def _load(claim_id: uint256) -> Record:
    word: uint256 = self._records[claim_id]
    assert word != 0, "claim: no such claim"
    amounts: uint256 = self._amounts[claim_id]
    r: Record = Record(
        claimant_id=word & MASK_32,
        filed_at=word >> 32 & MASK_40,
        incident_at=word >> 72 & MASK_40,
        electorate=word >> 112 & MASK_31,
        roster_size=word >> ROSTER_SIZE & MASK_32,
        status=word >> 176 & 7,
        by_payee=word & BY_PAYEE != 0,
        award=word >> 180 & 15,
        until=word >> 184 & MASK_40,
        payee_id=word >> PAYEE_ID,
        asked=amounts & MASK_128,
        paid=amounts >> 128,
        paid_at_once=word & PAID_AT_ONCE != 0,
    )
    if r.paid_at_once:
        r.paid = self._amount(r)
    return r


@internal
@view
def _open(claim_id: uint256) -> uint256:
    word: uint256 = self._records[claim_id]
    if word >> 176 & 7 != OPEN or block.timestamp >= word >> 184 & MASK_40:
        assert word != 0, "claim: no such claim"
        raise "ballot: voting is over"
    return word


@internal
@view
def _filed_at(claim_id: uint256) -> uint256:
    return self._records[claim_id] >> 32 & MASK_40


@internal
def _store(claim_id: uint256, r: Record):
    self._store_but_amounts(claim_id, r)
    self._store_amounts(claim_id, r)


@internal
def _store_but_amounts(claim_id: uint256, r: Record):
    word: uint256 = (
        r.claimant_id
        | r.filed_at << 32
        | r.incident_at << 72
        | r.electorate << 112
        | r.roster_size << ROSTER_SIZE
        | r.status << 176
        | r.award << 180
        | r.until << 184
        | r.payee_id << PAYEE_ID
    )
    if r.by_payee:
        word |= BY_PAYEE
    if r.paid_at_once:
        word |= PAID_AT_ONCE
    self._records[claim_id] = word


@internal
def _store_amounts(claim_id: uint256, r: Record):
    self._amounts[claim_id] = r.asked | r.paid << 128


# Nobody was asked: a claim that is voted on has a roster.
@internal
@pure
def _is_guarantee(r: Record) -> bool:
    return r.roster_size == 0


# What was awarded, in token units.
@internal
@pure
def _amount(r: Record) -> uint256:
    return r.asked * r.award // 10
