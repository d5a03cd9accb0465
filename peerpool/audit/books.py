"""The books of a pool in one call, for who trusts the node and has a Web3 at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils import to_checksum_address
from web3 import Web3

from peerpool import abi, chain
from peerpool.audit.decode import Decoder
from peerpool.audit.logs import WIDEST, LogsError, fetch_logs
from peerpool.ledger.codec import call
from peerpool.ledger.rebuild import Ledger, Watcher, rebuild
from peerpool.rpc import through
from peerpool.terms import Terms


def read(
    web3: Web3, pool: str, *, last_block: int | None = None, watchers: Sequence[Watcher] = ()
) -> Ledger:
    """Rebuild a pool's books as of `last_block` (the latest if None).

    Nothing is taken from the pool's state but its terms, which cannot change.

    Raises LogsError("logs: ..."), LedgerError("ledger: ...") where events contradict one another,
    ChainError for an asset that is no token.
    """
    pool_abi = abi.load("Pool")
    pool = to_checksum_address(pool)
    head = web3.eth.get_block("latest" if last_block is None else last_block)
    block = head["number"]
    if not chain.has_code(web3, pool):
        raise LogsError(f"logs: {pool} has no code")
    terms = Terms.from_tuple(tuple(_values(call(web3, pool_abi, pool, "terms", block=block))))
    ledger = Ledger(
        chain_id=web3.eth.chain_id,
        pool=pool,
        block=block,
        time=head["timestamp"],
        terms=terms,
        asset=chain.read_asset(web3, terms.asset),
    )
    stretches = fetch_logs(through(web3), pool, 0, block, prove=False, width=WIDEST)
    logs = (log for stretch in stretches for log in stretch.logs)
    return rebuild(ledger, Decoder(pool_abi).events(logs), watchers)


def _values(struct: Mapping[str, Any]) -> list[Any]:
    return [
        [tuple(row.values()) for row in value] if isinstance(value, tuple) else value
        for value in struct.values()
    ]
