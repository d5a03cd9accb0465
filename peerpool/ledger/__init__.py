"""A pool's books, rebuilt from its events alone, in double entry and exact integers.

    ledger = read(web3, pool_address)
    for difference in check(web3, ledger): ...

Nothing is taken from the pool's state but its terms, which cannot change; `check` then compares
with the state.
"""

from web3 import Web3

from peerpool import abi, chain
from peerpool.ledger import compare
from peerpool.ledger.books import CREDIT, FUNDS, HELD, IN, OUT, Account, Books, Move
from peerpool.ledger.codec import call
from peerpool.ledger.compare import balance_of, differences, layer_differences, member_differences
from peerpool.ledger.events import Event, LedgerError, fetch
from peerpool.ledger.rebuild import Ledger, Point, rebuild
from peerpool.ledger.views import Ballot, ClaimView, LayerView, MemberView
from peerpool.terms import Terms

__all__ = [
    "CREDIT",
    "FUNDS",
    "HELD",
    "IN",
    "OUT",
    "Account",
    "Ballot",
    "Books",
    "ClaimView",
    "Event",
    "LayerView",
    "Ledger",
    "LedgerError",
    "MemberView",
    "Move",
    "Point",
    "balance_of",
    "check",
    "differences",
    "layer_differences",
    "member_differences",
    "read",
    "rebuild",
]


def read(
    web3: Web3,
    pool: str,
    *,
    first_block: int = 0,
    last_block: int | None = None,
    step: int | None = None,
) -> Ledger:
    """Rebuild a pool's books as of `last_block` (the latest if None).

    first_block: not after the pool was created; saves work on a long chain.
    step: blocks in one request for logs, for nodes that limit it; None asks for all at once.

    Raises LedgerError("ledger: ...") where events contradict one another, ChainError for an asset
    that is no token.
    """
    pool_abi = abi.load("Pool")
    pool = web3.to_checksum_address(pool)
    head = web3.eth.get_block("latest" if last_block is None else last_block)
    block = head["number"]
    if not chain.has_code(web3, pool):
        raise LedgerError(f"ledger: {pool} has no code")
    terms = Terms.from_tuple(tuple(_values(call(web3, pool_abi, pool, "terms", block=block))))
    ledger = Ledger(
        chain_id=web3.eth.chain_id,
        pool=pool,
        block=block,
        time=head["timestamp"],
        terms=terms,
        asset=chain.read_asset(web3, terms.asset),
    )
    return rebuild(ledger, fetch(web3, pool_abi, pool, first_block, block, step))


def check(web3: Web3, ledger: Ledger) -> list[str]:
    """Compare the books with the pool's summary, balance, members, claims and layers at its block.

    Returns the differences in words; empty is good. Calls: two, and four a member, two a claim and
    one a layer.
    """
    return compare.check(web3, abi.load("Pool"), ledger)


def _values(struct: dict) -> list:
    return [
        [tuple(row.values()) for row in value] if isinstance(value, tuple) else value
        for value in struct.values()
    ]
