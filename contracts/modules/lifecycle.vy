# pragma version 0.4.3
"""
@title The phase of a pool, computed from time and counts
@license MIT
@author Peerpool contributors
"""

from contracts.modules import surplus
from contracts.modules import terms_code
from contracts.modules import totals

uses: surplus
uses: totals


interface IGate:
    def balanceOf(account: address) -> uint256: view


ENROLLING: constant(uint8) = 0
CANCELLED: constant(uint8) = 1
ACTIVE: constant(uint8) = 2
RUN_OFF: constant(uint8) = 3
SETTLED: constant(uint8) = 4


@internal
@view
def _phase(s: terms_code.Schedule) -> uint8:
    if block.timestamp < s.cover_start:
        return ENROLLING
    if surplus._is_settled():
        return SETTLED
    if totals._load().members < s.min_members:
        return CANCELLED
    if block.timestamp < s.expiry:
        return ACTIVE
    return RUN_OFF


@internal
@view
def _check_enrolment(s: terms_code.Schedule, t: totals.Totals):
    if block.timestamp >= s.cover_start:
        assert t.members >= s.min_members, "join: pool is cancelled"
        assert block.timestamp < s.enrolment_end, "join: enrolment is over"


@internal
@view
def _check_gate(gate: address, account: address):
    if gate != empty(address):
        assert staticcall IGate(gate).balanceOf(account) != 0, (
            "gate: no credential"
        )
