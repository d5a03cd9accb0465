"""All events of a pool up to one block, and what was proved of them.

with History.open(Rpc(url), pool, cache=folder) as history:
    ledger = rebuild(empty, history.events())
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from eth_utils import to_checksum_address
from eth_utils.abi import event_abi_to_log_topic

from peerpool import abi
from peerpool.audit.blocks import Head, Header
from peerpool.audit.cache import Store
from peerpool.audit.decode import Decoder
from peerpool.audit.logs import (
    TRIES,
    LogsError,
    Proof,
    Reorganised,
    fetch_logs,
    first_log,
)
from peerpool.audit.verdict import PROVED, UNPROVED, Check
from peerpool.ledger.events import Event
from peerpool.rpc import Node, RpcRefused, has_no_old_state, quantity
from peerpool.units import counted

Told = Callable[[int, int], None]
# So many blocks are read header by header, which shows that no block with logs was left out.
FEW = 50_000
_HASH = re.compile("0x[0-9a-fA-F]{64}")


class History:
    """Events of a pool from the block that it was created in (`first`) to `last`, both included.

    chain_id, genesis (hash of block 0): which chain it is. proofs: what was proved of the logs.
    """

    def __init__(self, node: Node, pool: str, pause: float = 0.5) -> None:
        self.node, self.pool = node, to_checksum_address(pool)
        self._pause = pause
        self._decoder = Decoder(abi.load("Pool"))
        self.chain_id = quantity(node.call("eth_chainId", kind=str))
        self.genesis = self._block(0).hash

    @classmethod
    def open(
        cls,
        node: Node,
        pool: str,
        *,
        cache: Path | None = None,
        to: int | str = "finalized",
        first: int | None = None,
        prove: bool = True,
        thorough: bool | None = None,
        told: Told | None = None,
        pause: float = 0.5,
    ) -> History:
        """Read what is not in the cache yet.

        cache: a folder; None keeps nothing. to: a block's number, "finalized", "safe" or "latest".
        first: the block of the pool's creation, if it is known. prove: check logs against headers
        and receipts. thorough: read all headers; None: if they are few. told: gets the blocks that
        were read, and how many there are. pause: seconds before contradictions are asked again.

        Raises LogsError, RpcError, CacheError.
        """
        history = cls(node, pool, pause)
        try:
            history._read(cache, to, first, prove, thorough, told)
        except BaseException:
            history.close()
            raise
        return history

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the cache."""
        if hasattr(self, "_store"):
            self._store.close()

    def events(self) -> Iterator[Event]:
        """Return all events in order; each call begins again, and none is kept in memory."""
        return self._decoder.events(self._store.logs(self.last.number))

    __iter__ = events

    @property
    def proofs(self) -> tuple[Check, ...]:
        """What was proved of the logs."""
        return (_check(self._store.proof(self.last.number), self),)

    # --- which blocks -------------------------------------------------------------

    def _block(self, tag: int | str) -> Head:
        """Return a block; wait a little for a node that lags behind."""
        asked = hex(tag) if isinstance(tag, int) else tag
        for tried in range(1, TRIES + 1):
            header = self.node.call("eth_getBlockByNumber", asked, False, kind=Header | None)
            if header is not None:
                number = quantity(header.number)
                if isinstance(tag, int) and number != tag:
                    raise LogsError(f"logs: asked for block {tag}, got {number}")
                if not _HASH.fullmatch(header.hash):
                    raise LogsError(f"logs: block {number} has no hash that could be one")
                return Head(number, header.hash, quantity(header.timestamp))
            if tried < TRIES:
                time.sleep(self._pause * tried)
        if isinstance(tag, int):
            raise LogsError(f"logs: the node has no block {tag}: it is behind, or of another chain")
        raise LogsError(f"logs: the node knows no {tag} block: name one by its number")

    def _has_code(self, number: int) -> bool:
        return self.node.call("eth_getCode", self.pool, hex(number), kind=str) not in ("0x", "0x0")

    def _begin(self, first: int | None) -> Head:
        """Return the block of the pool's creation."""
        try:
            if not self._has_code(self.last.number):
                where = f"chain {self.chain_id} at block {self.last.number}"
                raise LogsError(f"logs: {self.pool} has no code on {where}")
            if first is None:
                first = self._search()
            elif first > 0 and self._has_code(first - 1):
                raise LogsError(f"logs: {self.pool} is older than block {first}")
        except RpcRefused as refused:
            if not has_no_old_state(refused):
                raise
            first = self._created() if first is None else first  # by what its factory told
        return self._block(first)

    def _search(self) -> int:
        """Return the first block in which there is code, by halving."""
        low, high = 0, self.last.number
        while low < high:
            middle = (low + high) // 2
            if self._has_code(middle):
                high = middle
            else:
                low = middle + 1
        return low

    def _created(self) -> int:
        """Return the first block in which a factory told of the pool; 0 if none did."""
        [entry] = [e for e in abi.load("PoolFactory") if e.get("name") == "PoolCreated"]
        topics = [
            "0x" + event_abi_to_log_topic(entry).hex(),
            "0x" + "0" * 24 + self.pool[2:].lower(),
        ]
        return first_log(self.node, {"topics": topics}, self.last.number) or 0

    # --- reading ------------------------------------------------------------------

    def _read(
        self,
        cache: Path | None,
        to: int | str,
        first: int | None,
        prove: bool,
        thorough: bool | None,
        told: Told | None,
    ) -> None:
        about = {"chain": str(self.chain_id), "genesis": self.genesis, "pool": self.pool}
        name = f"{self.chain_id}-{self.genesis[2:10]}-{self.pool.lower()}.sqlite"
        self._store = Store(cache / name if cache else None, about)
        for tried in range(1, TRIES + 1):
            self.last = self._block(to)
            self.first = self._first(first)
            if self.first.number > self.last.number:
                raise LogsError(
                    f"logs: the pool was created in block {self.first.number}, after block"
                    f" {self.last.number}"
                )
            self._drop(prove, thorough)
            try:
                self._read_on(prove, thorough, told)
                self._require_same()
                break
            except Reorganised:
                if tried == TRIES:
                    raise
                time.sleep(self._pause * tried)
        self._note_final()

    def _first(self, given: int | None) -> Head:
        """Return the block of the pool's creation; forget what was read from another one on."""
        known = self._store.known("first")
        if known is not None and given in (None, int(known)):
            return self._block(int(known))
        first = self._begin(given)
        self._store.drop(0)
        self._store.note("first", str(first.number))
        return first

    def _require_same(self) -> None:
        """See that the last block is still the chain's, and the one that was read.

        Of a block amidst a stretch of the cache nothing else has shown the latter.
        """
        number, hash_ = self.last.number, self.last.hash
        known = self._store.hash_of(number)
        if known not in (None, hash_):
            self._store.drop(number)
        if known not in (None, hash_) or self._block(number) != self.last:
            raise Reorganised(f"logs: block {number} was replaced meanwhile")

    def _known_final(self) -> int:
        return int(self._store.known("final") or -1)

    def _is_few(self, start: int) -> bool:
        return self.last.number - start < FEW

    def _drop(self, prove: bool, thorough: bool | None) -> None:
        """Forget what is not the chain's any more, or was read with less care than is asked for."""
        final = self._known_final()
        for mark in self._store.marks():
            question = ("eth_getBlockByNumber", hex(mark.number), False)
            header = self.node.call(*question, kind=Header | None)
            if header is not None and header.hash == mark.hash:
                break
            if header is not None and mark.number <= final:
                raise LogsError(
                    f"logs: block {mark.number} was final, and is another now: not the chain that"
                    f" was read before; delete {self._store.path} to begin anew"
                )
            self._store.drop(mark.number)
        if prove and (unproved := self._store.first_unproved()) is not None:
            self._store.drop(unproved)
        if thorough is None:
            thorough = self._is_few(self.first.number)
        unread = self._store.first_unread(self.last.number) if prove and thorough else None
        if unread is not None:
            self._store.drop(unread)

    def _read_on(self, prove: bool, thorough: bool | None, told: Told | None) -> None:
        count = self.last.number - self.first.number + 1
        while True:
            marks = self._store.marks()
            start = marks[0].number + 1 if marks else self.first.number
            stretches = fetch_logs(
                self.node,
                self.pool,
                start,
                self.last.number,
                prove=prove,
                thorough=self._is_few(start) if thorough is None else thorough,
                before=marks[0].hash if marks else None,
                pause=self._pause,
            )
            for stretch in stretches:
                if not self._store.add(stretch, prove):
                    break  # another process was there first: go on where it is
                if told:
                    told(stretch.last - self.first.number + 1, count)
            else:
                return

    def _note_final(self) -> None:
        """Remember how far the chain is final, where the node can tell."""
        try:
            header = self.node.call("eth_getBlockByNumber", "finalized", False, kind=Header | None)
        except RpcRefused:
            header = None
        self.final = quantity(header.number) if header else None
        if self.final is not None:
            read = min(self.final, self.last.number)
            self._store.note("final", str(max(read, self._known_final())))


def _check(proof: Proof, history: History) -> Check:
    """Say what was proved, and what was not."""
    missing = []
    if proof.unasked:
        missing.append("no proof was asked for")
    if proof.hashed < proof.headers:
        missing.append(
            f"headers whose hash is not that of their fields: {proof.headers - proof.hashed} of"
            f" {proof.headers} (the chain hashes others, or the node lies)"
        )
    if without := proof.with_logs - proof.rooted - proof.strange - proof.unasked:
        missing.append(f"blocks with logs of which the node gives no receipts: {without}")
    if proof.strange:
        missing.append(f"blocks with logs and receipts of a kind not known: {proof.strange}")
    last = history.last
    told = [
        f"logs: {proof.logs}, in {proof.with_logs} of the {counted(proof.blocks, 'block')} from"
        f" {history.first.number} to {last.number} ({last.hash})"
    ]
    if not missing:
        told.append("each is in the receipts of its block, their root in its header")
    if proof.headers < proof.blocks:
        told.append(
            f"headers read: {proof.headers}; that no other block has a log is for the state to show"
        )
    elif not missing:
        told.append("the headers follow one another, and no bloom of another block shows a log")
    if proof.doubtful:
        told.append(f"blocks whose bloom leaves it open, asked twice: {proof.doubtful}")
    if history.final is None or history.final < last.number:
        told.append(f"block {last.number} is not final yet")
    return Check("logs", UNPROVED if missing else PROVED, (*missing, *told))
