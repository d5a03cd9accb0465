# pragma version 0.4.3
"""
@title The modules that pack records into words, with nothing before them
@license MIT
@author Peerpool contributors
"""

from contracts.modules import ballots
from contracts.modules import claims
from contracts.modules import currency
from contracts.modules import members
from contracts.modules import surplus
from contracts.modules import totals

initializes: ballots
initializes: claims
initializes: currency
initializes: members
initializes: surplus
initializes: totals


@external
def store_member(account: address, record: members.Record):
    members._store(account, record)


@external
@view
def load_member(account: address) -> members.Record:
    return members._load(account)


@external
def book_refund(account: address, round: uint256, sum: uint256):
    members._book_refund(account, members._word(account), round, sum)


@external
def add_member(id: uint256, account: address, tier: uint256, deadline: uint256):
    members._add(id, account, tier, deadline, account, empty(address))


@external
def remove_member(account: address, id: uint256):
    members._remove(account, id)


@external
@view
def find_member(id: uint256) -> address:
    return members._find(id)


@external
def store_claim(claim_id: uint256, record: claims.Record):
    claims._store(claim_id, record)


@external
@view
def load_claim(claim_id: uint256) -> claims.Record:
    return claims._load(claim_id)


@external
def store_totals(record: totals.Totals):
    totals._store(record)


@external
@view
def load_totals() -> totals.Totals:
    return totals._load()


@external
def add_ballot(claim_id: uint256, voter: uint256, award: uint256):
    ballots._add(claim_id, voter, award)


@view
@external
def outcome(
    counts: uint256[11],
    electorate: uint256,
    quorum_bps: uint256,
    approval_bps: uint256,
) -> (bool, uint256):
    return ballots._outcome(
        ballots._pack(counts), electorate, quorum_bps, approval_bps
    )


@external
def add_ballots(claim_id: uint256, award: uint256, number: uint256):
    ballots._count(claim_id, award, number)


@external
@view
def counts(claim_id: uint256) -> uint256[11]:
    return ballots._counts(claim_id)


@external
@view
def no_objection(claim_id: uint256) -> bool:
    return ballots._no_objection(ballots._tallies[claim_id])


@external
@view
def has_cast(claim_id: uint256, voter: uint256) -> bool:
    return ballots._has_cast(claim_id, voter)


@external
def add_money(to_funds: uint256, to_held: uint256):
    currency._add(to_funds, to_held)


@external
def take_out(from_funds: uint256, from_held: uint256):
    currency._take_out(from_funds, from_held)


@external
def take_out_of_funds(amount: uint256):
    currency._take_out_of_funds(amount)


@external
@view
def pots() -> (uint256, uint256):
    return currency._load()


@external
def settle():
    surplus._mark_settled()


@external
def share(amount: uint256, waiting: uint256, base: uint256):
    surplus._share(amount, waiting, base)


@external
def sweep():
    surplus._sweep()


@external
@view
def shares() -> surplus.Shares:
    return surplus._load()


@external
@view
def times() -> (uint256, uint256):
    return surplus._settled_at(), surplus._shared_at()
