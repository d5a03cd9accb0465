"""All logs of a contract in a range of blocks, whatever the node's limits, checked as they come.

What a node says is taken only if it agrees with itself: a log lies in the range and in a block of
its hash, no two have one place, a header's bloom allows what was found and, where receipts can be
had, the root of all receipts of a block holds exactly the logs that were given. What disagrees may
be a block that was just replaced, or a server that lags behind: it is asked again, thrice in all.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peerpool.audit.blocks import (
    Header,
    Log,
    Receipt,
    is_crowded,
    is_hashed,
    may_hold,
    receipts_root,
)
from peerpool.errors import PeerpoolError
from peerpool.rpc import Node, RpcRefused, RpcSlow

WIDTH = 64  # blocks in the first request; what comes tells how many in the next
WIDEST = 1 << 20
WIDEST_THOROUGH = 512
WANTED = 4_000  # logs in an answer: enough to be quick, few enough for little memory
TRIES = 3
_RECEIPTS_AT_ONCE = 16  # blocks
_CALM = 10  # answers without a refusal, until more is asked for than was refused


class LogsError(PeerpoolError):
    """The node contradicts itself, or has not what it should have: `logs: <problem>`."""


class Reorganised(LogsError):
    """Blocks that were read are no longer those of the chain."""


class RawLog(NamedTuple):
    """A log, not yet understood; the topics are one string of 32 bytes each."""

    block: int
    index: int
    time: int
    tx: str
    topics: bytes
    data: bytes


class Seen(NamedTuple):
    """What was proved of one block. It does not depend on which others were read along with it."""

    block: int
    hash: str
    logs: int
    header: bool = False  # read to prove something
    hashed: bool = False
    rooted: bool = False
    strange: bool = False
    doubtful: bool = False
    unasked: bool = False


@dataclass(frozen=True)
class Proof:
    """What was proved of a range of blocks; numbers of blocks unless it says otherwise."""

    logs: int = 0
    blocks: int = 0  # in all
    headers: int = 0  # read: all of them, or those with logs
    with_logs: int = 0
    hashed: int = 0  # of the headers, those whose hash is that of their fields
    rooted: int = 0  # with logs, and these are those that the root of the receipts holds
    strange: int = 0  # with logs, and receipts of a kind that only their chain knows
    doubtful: int = 0  # no log, the bloom allows one, receipts were not read
    unasked: int = 0  # with logs, and nobody asked for a proof


@dataclass(frozen=True)
class Stretch:
    """The logs of the blocks from `first` to `last`, in order; hash and second are of `last`.

    seen: blocks with logs, and those whose headers were read.
    """

    first: int
    last: int
    hash: str
    time: int
    logs: list[RawLog] = field(repr=False)
    seen: list[Seen] = field(repr=False)


class _Contradiction(ValueError):
    """What the node said cannot all be true."""


def fetch_logs(
    node: Node,
    address: str,
    first: int,
    last: int,
    *,
    prove: bool = True,
    thorough: bool = False,
    before: str | None = None,
    width: int = WIDTH,
    pause: float = 0.5,
) -> Iterator[Stretch]:
    """Read the logs of a contract in the blocks from `first` to `last`, stretch by stretch.

    prove: recompute the hashes of headers and the roots of receipts.
    thorough: read all headers, not only of blocks with logs: their blooms tell what is missing.
    before: the hash of the block before `first`, if it is known.
    width: blocks in the first request. pause: seconds before what is contradictory is asked again.

    Raises LogsError("logs: ..."), Reorganised, RpcError.
    """
    reader = _Reader(node, address.lower(), prove, thorough and prove, before, width, pause)
    start = first
    while start <= last:
        stretch = reader.read(start, last)
        yield stretch
        start = stretch.last + 1


def first_log(node: Node, wanted: dict[str, Any], last: int) -> int | None:
    """Return the first block, up to `last`, with a log of a filter (as eth_getLogs takes it)."""
    width, start = _Width(WIDTH, WIDEST), 0
    while start <= last:
        end = min(start + width.now - 1, last)
        asked = wanted | {"fromBlock": hex(start), "toBlock": hex(end)}
        try:
            logs = node.call("eth_getLogs", asked, kind=list[Log], hurry=start != end)
        except (RpcRefused, RpcSlow) as error:
            width.narrow(error, start, end)
            continue
        if logs:
            return min(int(log.block_number, 16) for log in logs)
        width.widen(0)
        start = end + 1
    return None


class _Width:
    """How many blocks to ask for at once: `now`, never more than `widest`."""

    def __init__(self, now: int, widest: int) -> None:
        self.now, self._widest = min(now, widest), widest
        self._refused: int | None = None  # a width that was, not long ago
        self._calm = 0  # answers since then

    def narrow(self, error: RpcRefused | RpcSlow, first: int, end: int) -> None:
        """Ask for fewer blocks: as many as the node says, or half. Raise what stops even one."""
        width = end - first + 1
        if width == 1:
            raise error
        self._refused, self._calm = width, 0
        fitting = None
        if isinstance(error, RpcRefused):
            if limit := _limit(error.message):
                self._widest = min(limit, self._widest)
            fitting = limit or _fitting(error.message, first)
        self.now = fitting if fitting and fitting < width else width // 2

    def widen(self, found: int) -> None:
        """More blocks next time if few logs came, fewer if many; what was refused, with caution."""
        factor = min(4.0, max(0.5, WANTED / max(found, 1)))
        wanted = int(self.now * factor)
        self._calm += 1
        if self._calm > _CALM:
            self._refused = None
        if self._refused:
            wanted = min(wanted, max(self.now, self._refused // 2))
        self.now = max(1, min(wanted, self._widest))


class _Reader:
    def __init__(
        self,
        node: Node,
        address: str,
        prove: bool,
        thorough: bool,
        before: str | None,
        width: int,
        pause: float,
    ) -> None:
        self.node, self.address = node, address
        self.prove, self.thorough = prove, thorough
        self.before = before
        self.pause = pause
        self.width = _Width(width, WIDEST_THOROUGH if self.thorough else WIDEST)
        self.receipts_by: str | None = "eth_getBlockReceipts"  # None: there is no way

    def read(self, first: int, last: int) -> Stretch:
        """Return the next stretch, as long as it can be."""
        tries = 0
        while True:
            end = min(first + self.width.now - 1, last)
            try:
                stretch = self._read(first, end)
            except (RpcRefused, RpcSlow) as error:
                self.width.narrow(error, first, end)
                continue
            except PeerpoolError:
                raise
            except ValueError as error:
                tries += 1
                if tries == TRIES:
                    raise LogsError(f"logs: {_problem(error)}") from None
                time.sleep(self.pause * tries)
                continue
            if stretch is None:
                continue
            self.before = stretch.hash
            self.width.widen(len(stretch.logs))
            return stretch

    def _read(self, first: int, end: int) -> Stretch | None:
        wanted = {"address": self.address, "fromBlock": hex(first), "toBlock": hex(end)}
        calls = [("eth_getLogs", [wanted]), ("eth_getBlockByNumber", [hex(end), False])]
        logs, header = self.node.batch(calls, kind=[list[Log], Header | None], hurry=first != end)
        if header is None:
            raise _Contradiction(f"the node has no block {end}: it is behind")
        if len(logs) >= 1000 and len(logs) % 1000 == 0 and first != end:
            self.width.now = (end - first + 1) // 2  # a round number: was the rest cut off?
            return None
        by_block = self._by_block(logs, first, end)
        headers = self._headers(by_block, first, end, header)
        seen = self._prove(by_block, headers)
        raw = [
            raw_log(log, _time(log, headers.get(number)))
            for number, here in sorted(by_block.items())
            for log in here
        ]
        return Stretch(first, end, header.hash, _small(header.timestamp), raw, seen)

    # --- what the logs say of themselves --------------------------------------------

    def _by_block(self, logs: Sequence[Log], first: int, end: int) -> dict[int, list[Log]]:
        found: dict[int, list[Log]] = defaultdict(list)
        for log in logs:
            number = int(log.block_number, 16)
            if not first <= number <= end:
                raise _Contradiction(f"asked for blocks {first} to {end}, got one of {number}")
            if log.address.lower() != self.address:
                raise _Contradiction(f"block {number}: a log of another address than asked for")
            if log.removed:
                raise _Contradiction(f"block {number}: a log that was removed")
            found[number].append(log)
        for number, here in found.items():
            here.sort(key=_index)
            if len({log.log_index for log in here}) != len(here):
                raise _Contradiction(f"block {number}: two logs with one index")
            if len({log.block_hash for log in here}) != 1:
                raise _Contradiction(f"block {number}: logs of two blocks of this number")
        return found

    # --- headers --------------------------------------------------------------------

    def _headers(
        self, by_block: dict[int, list[Log]], first: int, end: int, last: Header
    ) -> dict[int, Header]:
        """Read the headers that are needed, and see that logs and headers agree."""
        numbers = list(range(first, end + 1)) if self.thorough else sorted(by_block)
        if not self.prove and all(here[0].block_timestamp for here in by_block.values()):
            numbers = []
        asked = [number for number in numbers if number != end]
        calls = [("eth_getBlockByNumber", [hex(number), False]) for number in asked]
        answers = self.node.batch(calls, kind=Header | None)
        headers = dict(zip(asked, answers, strict=True)) | {end: last}
        for number, header in headers.items():
            if header is None:
                raise _Contradiction(f"the node has no block {number}, but the ones after it")
            if int(header.number, 16) != number:
                raise _Contradiction(f"asked for block {number}, got {int(header.number, 16)}")
            if number in by_block and by_block[number][0].block_hash != header.hash:
                raise _Contradiction(f"block {number} has one hash in its logs, another in itself")
        self._require_chained(headers, first, end)
        return headers

    def _require_chained(self, headers: dict[int, Header], first: int, end: int) -> None:
        if self.before and first in headers and headers[first].parent_hash != self.before:
            raise Reorganised(f"logs: block {first} does not follow the block {first - 1} read")
        if self.thorough:
            for number in range(first + 1, end + 1):
                if headers[number].parent_hash != headers[number - 1].hash:
                    raise _Contradiction(f"block {number} does not follow block {number - 1}")

    # --- proofs -----------------------------------------------------------------------

    def _prove(self, by_block: dict[int, list[Log]], headers: dict[int, Header]) -> list[Seen]:
        if not self.prove:
            return [
                Seen(number, here[0].block_hash, len(here), unasked=True)
                for number, here in by_block.items()
            ]
        used = {n: h for n, h in headers.items() if self.thorough or n in by_block}
        silent = []
        for number, header in used.items():
            allowed = may_hold(header, self.address)
            if number in by_block and not allowed:
                raise _Contradiction(f"block {number}: a log that its bloom rules out")
            if number not in by_block and allowed:
                silent.append(number)
        self._require_silent(silent, used)
        # On busy chains it is nearly all blocks, and more receipts than anybody can read.
        readable = [number for number in silent if not is_crowded(used[number])]
        rooted, strange = self._root(by_block, used, sorted([*by_block, *readable]))
        doubtful = set(silent) - rooted
        return [
            Seen(
                block=number,
                hash=header.hash,
                logs=len(by_block.get(number, ())),
                header=True,
                hashed=is_hashed(header),
                rooted=number in rooted and number in by_block,
                strange=number in strange,
                doubtful=number in doubtful,
            )
            for number, header in used.items()
        ]

    def _require_silent(self, silent: Sequence[int], headers: dict[int, Header]) -> None:
        """Ask once more, by their hashes, for logs that the blooms allow and that did not come."""
        calls = [
            ("eth_getLogs", [{"address": self.address, "blockHash": headers[n].hash}])
            for n in silent
        ]
        for number, logs in zip(silent, self.node.batch(calls, kind=list[Log]), strict=True):
            if logs:
                raise _Contradiction(f"block {number}: the node left its logs out")

    def _root(
        self, by_block: dict[int, list[Log]], headers: dict[int, Header], numbers: Sequence[int]
    ) -> tuple[set[int], set[int]]:
        """Return the blocks whose receipts were found to hold just these logs, and those of ours
        whose receipts cannot be judged."""
        rooted: set[int] = set()
        strange: set[int] = set()
        for start in range(0, len(numbers), _RECEIPTS_AT_ONCE):
            some = numbers[start : start + _RECEIPTS_AT_ONCE]
            for number, receipts in self._receipts([headers[n] for n in some]):
                header = headers[number]
                if len(receipts) != len(header.transactions):
                    raise _Contradiction(f"block {number}: not a receipt for each transaction")
                root = receipts_root(receipts)
                if root is None:
                    strange |= {number} & by_block.keys()
                    continue
                if root != header.receipts_root:
                    raise _Contradiction(f"block {number}: the root of its receipts is another")
                if _of(self.address, receipts) != [_content(g) for g in by_block.get(number, ())]:
                    raise _Contradiction(f"block {number}: its receipts hold other logs")
                rooted.add(number)
        return rooted, strange

    def _receipts(self, headers: Sequence[Header]) -> Iterator[tuple[int, list[Receipt]]]:
        """Return the receipts of blocks by number; of none if the node gives none."""
        numbers = [int(header.number, 16) for header in headers]
        if self.receipts_by == "eth_getBlockReceipts":
            calls = [("eth_getBlockReceipts", [header.number]) for header in headers]
            answers = self.node.batch(calls, kind=list[Receipt] | None, tolerant=True)
            if not any(isinstance(answer, RpcRefused) for answer in answers):
                yield from ((n, a) for n, a in zip(numbers, answers, strict=True) if a is not None)
                return
            self.receipts_by = "eth_getTransactionReceipt"
        if self.receipts_by is None:
            return
        for number, header in zip(numbers, headers, strict=True):
            calls = [("eth_getTransactionReceipt", [hash_]) for hash_ in header.transactions]
            answers = self.node.batch(calls, kind=Receipt | None, tolerant=True)
            if any(isinstance(answer, RpcRefused) for answer in answers):
                self.receipts_by = None
                return
            yield number, [answer for answer in answers if answer is not None]


def _problem(error: Exception) -> str:
    is_ours = isinstance(error, _Contradiction)
    return str(error) if is_ours else "the node's answer has something that is not hexadecimal"


def _index(log: Log) -> int:
    return _small(log.log_index)


def _time(log: Log, header: Header | None) -> int:
    return _small(header.timestamp if header else log.block_timestamp or "0x0")


def _small(text: str) -> int:
    """A second or a place; numbers without bounds would fit into no file."""
    number = int(text, 16)
    if not 0 <= number < 1 << 63:
        raise _Contradiction("the node's answer has a time or a place that cannot be")
    return number


def _content(log: Log) -> tuple[object, ...]:
    return _index(log), log.transaction_hash, log.topics, log.data


def _of(address: str, receipts: Sequence[Receipt]) -> list[tuple[object, ...]]:
    """What the receipts of a block hold of a contract, each with its place among all logs."""
    every = [(receipt, log) for receipt in receipts for log in receipt.logs]
    return [
        (place, receipt.transaction_hash, log.topics, log.data)
        for place, (receipt, log) in enumerate(every)
        if log.address.lower() == address
    ]


def raw_log(log: Log, time: int) -> RawLog:
    """Return a log of a block of that second. Raises ValueError for what is no hexadecimal."""
    topics = "".join(log.topics).replace("0x", "")
    return RawLog(
        int(log.block_number, 16),
        _index(log),
        time,
        log.transaction_hash,
        bytes.fromhex(topics),
        bytes.fromhex(log.data[2:]),
    )


# How many blocks a node takes at all: "limited to a 10,000 range" (QuickNode), "up to a 2K block
# range" (Alchemy), "exceed maximum block range: 5000" (geth's kin).
_LIMIT = re.compile(
    r"(?:limited to|limit|max(?:imum)?|up to|at most|exceeds?|range of)"
    r"[^\d\[]{0,40}?(\d[\d,_]*)\s*(k\b)?(?!\s*(?:results|logs))",
    re.IGNORECASE,
)
# And how many it would take here: "this block range should work: [0x1, 0x2]" (Alchemy), "Try with
# this block range [0x1, 0x2]." (Infura), "retry with the range 1-2" (reth).
_FITTING = re.compile(r"range\D*?\[?(0x[0-9a-f]+|\d+)\s*[,-]\s*(0x[0-9a-f]+|\d+)", re.IGNORECASE)


def _limit(message: str) -> int | None:
    if not re.search("block|range", message, re.IGNORECASE) or _FITTING.search(message):
        return None
    found = _LIMIT.search(message)
    return int(re.sub(r"\D", "", found[1])) * (1000 if found[2] else 1) or None if found else None


def _fitting(message: str, first: int) -> int | None:
    found = _FITTING.search(message)
    if not found:
        return None
    start, end = (int(text, 0) for text in found.groups())
    return end - start + 1 if start == first and end >= start else None
