"""Signed ballots, collected from members and brought to the pool by anybody.

A member hands out one JSON object; a file holds one of them, or a list:

    {"chain_id": 1, "pool": "0x…", "claim_id": 3, "award": 10, "reason": "0x…",
     "voter": "0x…", "signature": "0x…"}

`read` takes files, `check` tells which ballots would count and why the others would not, `plan`
turns the former into the fewest transactions.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_utils import to_checksum_address

from peerpool import typed_data
from peerpool.errors import PeerpoolError
from peerpool.fields import Fields
from peerpool.files import read_text
from peerpool.rpc import Node, RpcRefused, quantity
from peerpool.units import UINT256_MAX, counted
from peerpool.views import Question, ask_all, is_revert, reason

BATCH = 200  # some 1,500,000 gas
MOST = 256  # the pool takes no more in one call
_BRACKETS = re.compile(r"[\[\]{}]")
LONGEST = 1024  # bytes of a wallet's signature
_KEYS = ("chain_id", "pool", "claim_id", "award", "reason", "voter", "signature")


class BallotError(PeerpoolError):
    """A file or an object that holds no ballots."""


_FIELDS = Fields("ballots", BallotError)


@dataclass(frozen=True)
class Ballot:
    """One ballot. award: tenths, reason: 32 bytes, signature: of a key 64 or 65 bytes."""

    chain_id: int
    pool: str
    claim_id: int
    award: int
    reason: bytes
    voter: str
    signature: bytes

    @property
    def message(self) -> typed_data.Message:
        """What the voter has signed."""
        return typed_data.ballot(self.chain_id, self.pool, self.claim_id, self.award, self.reason)

    @property
    def by_key(self) -> bool:
        """Whether it is signed by the key of the voter's address: such ballots go in batches."""
        try:
            return typed_data.recover(self.message, normal(self.signature)) == self.voter
        except typed_data.SignatureError:
            return False


@dataclass(frozen=True)
class Skipped:
    """A ballot that would not count, and why, in the words of the pool's errors."""

    ballot: Ballot
    problem: str


@dataclass(frozen=True)
class Call:
    """A transaction to a pool. `voters` are those whose ballots it brings, in their order."""

    pool: str
    function: str
    arguments: tuple[Any, ...]
    voters: tuple[str, ...]

    def encode(self) -> bytes:
        """Return the calldata."""
        return bytes.fromhex(self.query["data"][2:])

    @property
    def query(self) -> dict[str, str]:
        """What eth_call and eth_estimateGas take."""
        return Question("Pool", self.pool, self.function, self.arguments).query


def read(path: str | Path) -> tuple[Ballot, ...]:
    """Return the ballots of a file, not judged. Raises BallotError("ballots: ...")."""
    text = read_text(Path(path), "ballots", BallotError)
    if _depth(text) > 2:  # anybody may have written it: a parser would run out of stack
        raise BallotError(f"ballots: {path}: is nested deeper than a list of objects")
    try:
        tree = json.loads(text)
    except ValueError as problem:
        raise BallotError(f"ballots: {path}: is not JSON: {problem}") from None
    rows = tree if isinstance(tree, list) else [tree]
    return tuple(_parse(row, f"{path}: ballot {i}") for i, row in enumerate(rows, start=1))


def as_tree(ballot: Ballot) -> dict[str, Any]:
    """Return the object that `read` takes, ready for JSON."""
    return {
        "chain_id": ballot.chain_id,
        "pool": ballot.pool,
        "claim_id": ballot.claim_id,
        "award": ballot.award,
        "reason": f"0x{ballot.reason.hex()}",
        "voter": ballot.voter,
        "signature": f"0x{ballot.signature.hex()}",
    }


def normal(signature: bytes) -> bytes:
    """Return the 64 bytes of EIP-2098 for a key's 65, v being 0, 1, 27 or 28.

    Anything else, and a signature that is not the only one of its kind (a high s), comes back as
    it is: it may be a wallet's.
    """
    if len(signature) != 65:
        return signature
    v = signature[64] + 27 if signature[64] < 27 else signature[64]
    try:
        return typed_data.compact(signature[:64] + bytes([v]))
    except typed_data.SignatureError:
        return signature


def check(
    node: Node, pool: str, ballots: Iterable[Ballot]
) -> tuple[tuple[Ballot, ...], tuple[Skipped, ...]]:
    """Ask the pool about each ballot, as of now; return those that count, and the others.

    The order is kept; of two ballots of a voter on one claim the first counts. The pool itself is
    asked (an eth_call each, many in a request), so what is said here is what it would do, wallets
    included. Raises RpcError if the node does not answer.
    """
    chain_id = quantity(node.call("eth_chainId", kind=str))
    here = to_checksum_address(pool)
    problems = [(ballot, _foreign(ballot, chain_id, here)) for ballot in ballots]
    asked = [ballot for ballot, problem in problems if not problem]
    answers = iter(ask_all(node, "latest", map(_question, asked), tolerant=True))
    good: list[Ballot] = []
    skipped: list[Skipped] = []
    cast: set[tuple[int, str]] = set()
    for ballot, foreign in problems:
        problem = foreign or _refusal(next(answers))
        if not problem and (ballot.claim_id, ballot.voter) in cast:
            problem = "ballot: already cast"
        if problem:
            skipped.append(Skipped(ballot, problem))
        else:
            cast.add((ballot.claim_id, ballot.voter))
            good.append(ballot)
    return tuple(good), tuple(skipped)


def plan(ballots: Iterable[Ballot], size: int = BATCH) -> tuple[Call, ...]:
    """Return the transactions that bring the ballots in: those of keys up to `size` at once.

    A batch is for one claim, award and reason. Send them in this order; a claim that the first ones
    decide may be resolved before the others, which then fail with "ballot: voting is over". Raises
    BallotError("batch: ...").
    """
    if not 1 <= size <= MOST:
        raise BallotError(f"batch: {counted(size, 'ballot')}, not 1 to {MOST}")
    together: dict[tuple[str, int, int, bytes], list[Ballot]] = {}
    alone: list[Call] = []
    for ballot in ballots:
        subject = (ballot.claim_id, ballot.award, ballot.reason)
        if ballot.by_key:
            together.setdefault((ballot.pool, *subject), []).append(ballot)
            continue
        claim_id, award, reason = subject
        arguments = (claim_id, ballot.voter, award, reason, ballot.signature)
        alone.append(Call(ballot.pool, "cast_ballot_for", arguments, (ballot.voter,)))
    batches = [
        _batch(pool, tuple(subject), group[i : i + size])
        for (pool, *subject), group in together.items()
        for i in range(0, len(group), size)
    ]
    return (*batches, *alone)


def fit(calls: Iterable[Call], gas_of: Callable[[Call], int], most: int) -> tuple[Call, ...]:
    """The same ballots in calls of which none uses more than `most` gas, as far as that can be.

    gas_of: what a call would use. A batch that uses too much is halved.
    """
    fitting: list[Call] = []
    for call in calls:
        if call.function == "cast_ballots" and len(call.voters) > 1 and gas_of(call) > most:
            middle = len(call.voters) // 2
            halves = _part(call, slice(middle)), _part(call, slice(middle, None))
            fitting += fit(halves, gas_of, most)
        else:
            fitting.append(call)
    return tuple(fitting)


def _part(call: Call, which: slice) -> Call:
    *subject, pairs = call.arguments
    return replace(call, arguments=(*subject, pairs[which]), voters=call.voters[which])


def _batch(pool: str, subject: tuple[Any, ...], group: Sequence[Ballot]) -> Call:
    signatures = [normal(ballot.signature) for ballot in group]
    pairs = [(int.from_bytes(s[:32], "big"), int.from_bytes(s[32:], "big")) for s in signatures]
    voters = tuple(ballot.voter for ballot in group)
    return Call(pool, "cast_ballots", (*subject, pairs), voters)


def _depth(text: str) -> int:
    """How deep brackets stand in brackets."""
    depth = most = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


def _foreign(ballot: Ballot, chain_id: int, pool: str) -> str:
    """Why a pool need not be asked about a ballot; nothing, if it must be."""
    if ballot.chain_id != chain_id:
        return "ballot: is for another chain"
    if ballot.pool != pool:
        return "ballot: is for another pool"
    if len(ballot.signature) > LONGEST:
        return f"ballot: signature is longer than {LONGEST} bytes"
    return ""


def _question(ballot: Ballot) -> Question:
    arguments = (ballot.claim_id, ballot.voter, ballot.award, ballot.reason, ballot.signature)
    return Question("Pool", ballot.pool, "cast_ballot_for", arguments)


def _refusal(answer: Any) -> str:
    """Why the pool would not take a ballot; nothing, if it would.

    A failure without words is this ballot's alone: its wallet may do what it likes.
    """
    if not isinstance(answer, RpcRefused):
        return ""
    if not is_revert(answer):
        raise answer
    return reason(answer) or "ballot: the pool fails without a reason"


def _parse(tree: Any, place: str) -> Ballot:
    if not isinstance(tree, dict) or sorted(tree) != sorted(_KEYS):
        raise BallotError(f"ballots: {place}: is not an object of {', '.join(_KEYS)}")
    reason = _FIELDS.hex(tree["reason"], f"{place}: reason")
    if len(reason) != 32:
        raise BallotError(f"ballots: {place}: reason: {counted(len(reason), 'byte')}, not 32")
    return Ballot(
        chain_id=_FIELDS.number(tree["chain_id"], UINT256_MAX, f"{place}: chain_id"),
        pool=_FIELDS.address(tree["pool"], f"{place}: pool"),
        claim_id=_FIELDS.number(tree["claim_id"], UINT256_MAX, f"{place}: claim_id"),
        award=_FIELDS.number(tree["award"], 255, f"{place}: award"),
        reason=reason,
        voter=_FIELDS.address(tree["voter"], f"{place}: voter"),
        signature=_FIELDS.hex(tree["signature"], f"{place}: signature"),
    )
