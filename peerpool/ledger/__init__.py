"""A pool's books, rebuilt from its events alone, in double entry and exact integers.

    ledger = rebuild(Ledger(...), events)
    for difference in check(web3, ledger): ...

Nothing is taken from the pool's state but its terms, which cannot change; `check` then compares
with the state. Events come from peerpool.audit, which reads them of a node.
"""

from collections.abc import Sequence
from typing import Any

from web3 import Web3

from peerpool import abi
from peerpool.ledger import compare
from peerpool.ledger.books import CREDIT, FUNDS, HELD, IN, OUT, Account, Books, Move
from peerpool.ledger.codec import call_data, call_result, function
from peerpool.ledger.compare import balance_of, differences, layer_differences
from peerpool.ledger.events import Event, LedgerError
from peerpool.ledger.rebuild import Kept, Ledger, Watcher, ballots_of, rebuild
from peerpool.ledger.views import Ballot, ClaimView, LayerView, MemberView
from peerpool.rpc import through

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
    "Kept",
    "LayerView",
    "Ledger",
    "LedgerError",
    "MemberView",
    "Move",
    "Watcher",
    "balance_of",
    "ballots_of",
    "check",
    "differences",
    "layer_differences",
    "rebuild",
]


def check(web3: Web3, ledger: Ledger) -> list[str]:
    """Compare the books with the pool's balance, and all that its views say, at its block.

    Returns the differences in words; empty is good.
    """
    pool_abi, node = abi.load("Pool"), through(web3)

    def ask(calls: Sequence[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        entries = [function(pool_abi, name) for name, _ in calls]
        data = [call_data(entry, args) for entry, (_, args) in zip(entries, calls, strict=True)]
        queries = [{"to": ledger.pool, "data": "0x" + each.hex()} for each in data]
        raws = node.batch([("eth_call", (query, hex(ledger.block))) for query in queries], kind=str)
        return [
            call_result(entry, bytes.fromhex(raw[2:]))
            for entry, raw in zip(entries, raws, strict=True)
        ]

    return compare.check(ask, ledger, balance_of(web3, ledger))
