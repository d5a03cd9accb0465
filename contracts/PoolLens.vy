# pragma version 0.4.3
# pragma optimize codesize
"""
@title Peerpool lens
@license MIT
@author Peerpool contributors
@notice See interfaces/IPoolLens.vyi.
"""

from interfaces import IPool
from interfaces import IPoolLens

implements: IPoolLens

MAX_PAGE: constant(uint256) = 100


@view
@external
def members(
    pool: address, first_id: uint256, count: uint256
) -> DynArray[IPoolLens.MemberRow, 100]:
    p: IPool = IPool(pool)
    rows: DynArray[IPoolLens.MemberRow, 100] = []
    size: uint256 = (staticcall p.summary()).roster_size
    for id: uint256 in range(
        first_id, self._end(first_id, count, size), bound=MAX_PAGE
    ):
        account: address = staticcall p.member_at(id)
        rows.append(
            IPoolLens.MemberRow(
                account=account,
                record=staticcall p.member(account),
                refund_due=staticcall p.refund_due(account),
                credit=staticcall p.credit_of(account),
            )
        )
    return rows


@view
@external
def claims(
    pool: address, first_id: uint256, count: uint256
) -> DynArray[IPoolLens.ClaimRow, 100]:
    p: IPool = IPool(pool)
    rows: DynArray[IPoolLens.ClaimRow, 100] = []
    size: uint256 = (staticcall p.summary()).claims
    for id: uint256 in range(
        first_id, self._end(first_id, count, size), bound=MAX_PAGE
    ):
        rows.append(
            IPoolLens.ClaimRow(
                id=id,
                claim=staticcall p.claim(id),
                tally=staticcall p.tally(id),
                award_due=staticcall p.award_due(id),
            )
        )
    return rows


# The id after the last of a page; first_id if the page is empty.
@internal
@pure
def _end(first_id: uint256, count: uint256, size: uint256) -> uint256:
    assert count <= MAX_PAGE, "lens: more than 100"
    if first_id > size or first_id == 0:
        return first_id
    return min(first_id + count, size + 1)
