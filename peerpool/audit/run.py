"""A whole audit: one check after the other, until one leaves nothing for the next to stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peerpool import chain
from peerpool.audit.blocks import Head, Header
from peerpool.audit.code import CodeError, PoolCode, check_code, check_wording, read
from peerpool.audit.history import History
from peerpool.audit.logs import LogsError
from peerpool.audit.money import Money
from peerpool.audit.signatures import Signatures
from peerpool.audit.state import check_state
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check, Verdict, checked
from peerpool.errors import PeerpoolError
from peerpool.ledger import Event, Ledger, LedgerError, Watcher, rebuild
from peerpool.report.markup import clean
from peerpool.rpc import Node
from peerpool.units import Asset, counted
from peerpool.views import web3_of

# What is being done, how much of it is done, and of how much (None: nobody knows).
Told = Callable[[str, int, int | None], None]


class _Enough(Exception):
    """Nothing more can be checked."""


@dataclass
class Audit:
    """What to audit, and what came of it so far.

    kept: the pool's manifest, if it was named by that. to: a block, or a tag. watchers: see the
    books grow. thorough: read all headers (None: if they are few). pause: seconds before a node
    that contradicts itself is asked again.
    """

    node: Node
    pool: str
    kept: Mapping[str, Any] | None = None
    wording: Path | None = None
    to: int | str = "finalized"
    cache: Path | None = None
    watchers: Sequence[Watcher] = ()
    told: Told = lambda what, done, of: None  # noqa: ARG005
    thorough: bool | None = None
    pause: float = 0.5
    checks: list[Check] = field(default_factory=list)
    chain_id: int | None = None
    head: Head | None = None
    found: PoolCode | None = None
    ledger: Ledger | None = None

    def run(self) -> Verdict:
        """Return the verdict; `ledger` then has the books, unless they could not be rebuilt.

        Raises WordingError for a file of the wording that cannot be read.
        """
        with suppress(_Enough):
            self._check_all()
        return Verdict(
            pool=self.pool,
            chain_id=self.chain_id,
            block=self.head.number if self.head else None,
            checks=tuple(self.checks),
            time=self.head.time if self.head else None,
            name=clean(self.found.terms.name) if self.found else "",
            block_hash=self.head.hash if self.head else None,
        )

    def _check_all(self) -> None:
        with self._doing("chain"):
            head = self._check_chain()
        with self._doing("code"):
            self.told("looking at the code", 0, None)
            found = self.found = read(self.node, self.pool, head.number)
            created = self._kept_block()
        with self._doing("logs"):
            history = self._open(head, created)
        with history:
            self._require_same(head, history.last)
            with self._doing("code"):
                self.told("compiling what it should be", 0, None)
                first = history.first.number
                code = check_code(self.node, self.pool, found, head.number, first, self.kept)
                self.checks.append(code)
            if code.result != PROVED:  # whose events would these be?
                raise _Enough
            if self.wording:
                self.checks.append(check_wording(found.terms, self.wording))
            self._check_books(head, found, history)
        with self._doing("logs"):
            self._require_same(head, self._head(head.number))

    def _check_chain(self) -> Head:
        """Find the chain and the block."""
        self.chain_id = int(self.node.call("eth_chainId", kind=str), 16)
        genesis = self._head(0)
        if self.kept is not None:
            self.checks.append(self._compare_chain(genesis))
            if self.checks[-1].result != PROVED:
                raise _Enough
        head = self._head(self.to)
        if head is None:
            raise PeerpoolError(f"block: the node has no block {self.to}")
        self.head = head
        return head

    def _head(self, to: int | str) -> Head | None:
        tag = hex(to) if isinstance(to, int) else to
        block = self.node.call("eth_getBlockByNumber", tag, False, kind=Header | None)
        if block is None:
            return None
        return Head(int(block.number, 16), block.hash, int(block.timestamp, 16))

    def _compare_chain(self, genesis: Head | None) -> Check:
        assert self.kept is not None
        found = []
        if (kept_id := self.kept.get("chain_id")) != self.chain_id:
            found.append(
                f"wrong chain: the manifest is of chain {kept_id}, this is {self.chain_id}"
            )
        kept_hash = self.kept.get("core", {}).get("genesis")
        if not found and genesis and kept_hash != genesis.hash:
            found.append(
                f"wrong chain: block 0 of the manifest's is {kept_hash}, of this {genesis.hash}"
            )
        return checked("chain", found, [f"chain {self.chain_id}, as the manifest says"])

    def _kept_block(self) -> int | None:
        """Return the block of the pool's creation, if its manifest tells."""
        first = self.kept["pool"].get("block") if self.kept else None
        if not isinstance(first, int | None):
            raise CodeError("manifest: its block is not a number")
        return first

    def _open(self, head: Head, first: int | None) -> History:
        return History.open(
            self.node,
            self.pool,
            cache=self.cache,
            to=head.number,
            first=first,
            thorough=self.thorough,
            told=lambda done, of: self.told("reading logs", done, of),
            pause=self.pause,
        )

    def _check_books(self, head: Head, found: PoolCode, history: History) -> None:
        with self._doing("asset"):
            asset = chain.read_asset(web3_of(self.node), found.terms.asset)
        money, signatures = Money(self.node, self.pool, asset), Signatures(self.node)
        with self._doing("books"):
            ledger = self._rebuild(head, found, asset, history, (money, signatures))
        self.ledger = ledger
        self._finish("state", lambda: check_state(self.node, ledger, self._told("asking views")))
        self._finish("money", lambda: money.check(ledger))
        self._finish("signatures", lambda: signatures.check(ledger))

    def _rebuild(
        self,
        head: Head,
        found: PoolCode,
        asset: Asset,
        history: History,
        watchers: Sequence[Watcher],
    ) -> Ledger:
        assert self.chain_id is not None
        empty = Ledger(
            chain_id=self.chain_id,
            pool=self.pool,
            block=head.number,
            time=head.time,
            terms=found.terms,
            asset=asset,
        )
        count = 0

        def counting() -> Iterator[Event]:
            nonlocal count
            for count, event in enumerate(history, start=1):
                if count % 100 == 0:
                    self.told("rebuilding the books", count, None)
                yield event

        ledger = rebuild(empty, counting(), (*watchers, *self.watchers))
        self.checks += history.proofs
        text = f"{counted(count, 'event')}, posted by double entry; no account was ever below zero"
        self.checks.append(Check("books", PROVED, (text,)))
        return ledger

    def _require_same(self, head: Head, now: Head | None) -> None:
        if now is None or now.hash != head.hash:
            self._stop("logs", UNPROVED, f"block {head.number} was replaced meanwhile: try again")

    # --- what goes wrong on the way -------------------------------------------------

    def _told(self, what: str) -> Callable[[int, int], None]:
        return lambda done, of: self.told(what, done, of)

    def _finish(self, name: str, check: Callable[[], Check]) -> None:
        try:
            self.checks.append(check())
        except ValueError as error:  # the other checks may still be possible
            self.checks.append(Check(name, UNPROVED, (_said(error),)))

    def _stop(self, name: str, result: str, text: str) -> None:
        self.checks.append(Check(name, result, (text,)))
        raise _Enough

    @contextmanager
    def _doing(self, name: str) -> Iterator[None]:
        """Whatever ends this part is the last thing that the verdict has to tell."""
        try:
            yield
        except LogsError as error:
            self._stop("logs", DIFFERS, str(error))
        except (CodeError, LedgerError) as error:
            self._stop(name, DIFFERS, str(error))
        except ValueError as error:
            self._stop(name, UNPROVED, _said(error))


def _said(error: ValueError) -> str:
    """What our own errors say; others come of answers that are not what they should be."""
    if isinstance(error, PeerpoolError):
        return str(error)
    return f"rpc: an answer of the node cannot be read: {error}"
