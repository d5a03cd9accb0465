"""Who cast each ballot: the voter, by a transaction, or by a signature that somebody brought in.

The signatures are in calldata: of the transaction, or, where a wallet or another contract passed
them on, somewhere within it, or in the trace of its calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from eth_abi.exceptions import DecodingError
from eth_utils import to_checksum_address
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types

from peerpool import abi, typed_data
from peerpool.audit.state import StateError, require_state
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check
from peerpool.ballots import normal
from peerpool.ledger import Event, Ledger, Move
from peerpool.ledger.codec import CODEC, function
from peerpool.ledger.rebuild import voter_ids
from peerpool.rpc import Node, RpcRefused
from peerpool.typed_data import SignatureError
from peerpool.units import counted

AT_ONCE = 100  # transactions
IS_VALID = bytes.fromhex("1626ba7e")  # ERC-1271: isValidSignature answers with its own selector
# How a ballot was cast
SENT, SIGNED, BY_WALLET = "sent by their voters", "signed by their voters' keys", "by wallets"
Key = tuple[int, int, bytes]  # claim, award, reason


class _Sent(msgspec.Struct, rename={"sender": "from"}):
    """A transaction, as JSON-RPC writes it."""

    sender: str
    input: str
    to: str | None = None


class _Unseen(Exception):
    """The node does not show who called the pool."""


@dataclass(frozen=True)
class _Cast:
    """One event: ballots of these voters, by the wallets that they had then."""

    event: Event
    key: Key
    voters: tuple[str, ...]


class Signatures:
    """A watcher of a rebuilding ledger that looks at the transactions; then `check` tells.

    Raises RpcError from either.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._accounts: dict[int, str] = {}  # of members, by id
        self._waiting: dict[str, list[_Cast]] = {}  # by transaction
        self._found: dict[str, list[str]] = {DIFFERS: [], UNPROVED: []}
        self._counts: Counter[str] = Counter()

    def saw(self, ledger: Ledger, events: Sequence[Event], moves: Sequence[Move]) -> None:  # noqa: ARG002
        """One transaction."""
        for event in events:
            if event.name == "Joined":
                self._accounts[event["id"]] = event["member"]
            elif event.name == "WalletChanged":
                self._accounts[event["id"]] = event["new"]
            elif event.name in ("BallotCast", "BallotsCast"):
                key = event["claim_id"], event["award"], event["reason"]
                cast = _Cast(event, key, tuple(self._voters(event)))
                self._waiting.setdefault(event.tx, []).append(cast)
        if len(self._waiting) >= AT_ONCE:
            self._look(ledger)

    def check(self, ledger: Ledger) -> Check:
        """Return what was found."""
        self._look(ledger)
        if self._found[DIFFERS]:
            return Check("signatures", DIFFERS, (*self._found[DIFFERS], *self._found[UNPROVED]))
        if self._found[UNPROVED]:
            return Check("signatures", UNPROVED, tuple(self._found[UNPROVED]))
        kinds = [way for way in (SENT, SIGNED, BY_WALLET) if self._counts[way]]
        ways = ", ".join(f"{self._counts[way]} {way}" for way in kinds)
        ballots = counted(self._counts.total(), "ballot")
        proved = f"{ballots}: {ways}" if self._counts else "no ballots"
        return Check("signatures", PROVED, (proved,))

    def _voters(self, event: Event) -> Iterator[str]:
        if event.name == "BallotCast":
            yield event["voter"]
            return
        for id_ in voter_ids(event):
            yield self._accounts[id_]

    def _look(self, ledger: Ledger) -> None:
        waiting, self._waiting = self._waiting, {}
        calls = [("eth_getTransactionByHash", (hash_,)) for hash_ in waiting]
        answers = self._node.batch(calls, kind=_Sent | None, tolerant=True)
        for (hash_, casts), found in zip(waiting.items(), answers, strict=True):
            if not isinstance(found, _Sent):
                self._found[UNPROVED].append(f"transaction {hash_}: the node does not have it")
                continue
            for way, place in _Transaction(self._node, ledger, hash_, found).judge(casts):
                if way in self._found:
                    self._found[way].append(place)
                else:
                    self._counts[way] += 1


@dataclass(frozen=True)
class _Call:
    """A call of the pool's: by whom, where that is known, and with what."""

    name: str
    arguments: tuple[Any, ...]
    sender: str | None


class _Transaction:
    """A transaction in which ballots were cast."""

    def __init__(self, node: Node, ledger: Ledger, hash_: str, found: _Sent) -> None:
        self._node, self._ledger, self._hash = node, ledger, hash_
        data, sender = bytes.fromhex(found.input[2:]), to_checksum_address(found.sender)
        # A call of the pool itself hides no other: the pool is locked meanwhile.
        self._is_direct = (found.to or "").lower() == ledger.pool.lower()
        self._calls = list(_calls_at(data, 0, sender) if self._is_direct else _calls_within(data))
        self._is_traced = False
        self._digests: dict[Key, bytes] = {}
        self._signed: dict[_Call, set[str | None]] = {}

    def judge(self, casts: Sequence[_Cast]) -> Iterator[tuple[str, str]]:
        """How each ballot was cast, or DIFFERS or UNPROVED with its place and why."""
        for cast in casts:
            for voter in cast.voters:
                place = (
                    f"claim {cast.key[0]}: ballot of {voter} for {counted(cast.key[1], 'tenth')},"
                    f" in transaction {self._hash}"
                )
                try:
                    way = self._way(cast, voter)
                    if way is None and not self._is_direct:
                        self._trace()
                        way = self._way(cast, voter)
                    yield way or DIFFERS, f"{place}: neither sent nor signed by the voter"
                except (StateError, _Unseen) as error:
                    yield UNPROVED, f"{place}: {error}"

    def _way(self, cast: _Cast, voter: str) -> str | None:
        for call in self._calls:
            if call.name == "vote":
                if call.sender == voter and call.arguments == cast.key:
                    return SENT
            elif call.name == "cast_ballots":
                if call.arguments[:3] == cast.key and voter in self._signers(call):
                    return SIGNED
            elif call.arguments[:4] == (cast.key[0], voter.lower(), *cast.key[1:]):
                signature = call.arguments[4]
                if _signer(self._digest(cast.key), normal(signature)) == voter:
                    return SIGNED
                if self._wallet_signed(cast, voter, signature):
                    return BY_WALLET
        return None

    def _signers(self, call: _Call) -> set[str | None]:
        if call not in self._signed:
            digest = self._digest(call.arguments[:3])
            pairs = ((r.to_bytes(32, "big"), vs.to_bytes(32, "big")) for r, vs in call.arguments[3])
            self._signed[call] = {_signer(digest, r + vs) for r, vs in pairs}
        return self._signed[call]

    def _digest(self, key: Key) -> bytes:
        if key not in self._digests:
            message = typed_data.ballot(self._ledger.chain_id, self._ledger.pool, *key)
            self._digests[key] = typed_data.digest(message)
        return self._digests[key]

    def _wallet_signed(self, cast: _Cast, voter: str, signature: bytes) -> bool:
        """Ask a wallet by ERC-1271, as of the block and as of the one before."""
        data = IS_VALID + CODEC.encode(["bytes32", "bytes"], [self._digest(cast.key), signature])
        query = {"from": self._ledger.pool, "to": voter, "data": "0x" + data.hex()}
        block = cast.event.block
        tags = [hex(block), hex(block - 1)]
        calls = [("eth_call", (query, tag)) for tag in tags]
        for raw in self._node.batch(calls, kind=str, tolerant=True):
            if isinstance(raw, RpcRefused):
                require_state(raw, block)
            elif bytes.fromhex(raw[2:]) == IS_VALID.ljust(32, b"\0"):
                return True
        return False

    def _trace(self) -> None:
        """Take the pool's calls from the node's trace of the transaction, once."""
        if self._is_traced:
            return
        tracer = {"tracer": "callTracer"}
        try:
            top = self._node.call("debug_traceTransaction", self._hash, tracer, kind=dict[str, Any])
        except RpcRefused:
            raise _Unseen(
                "cannot be seen: not in the calldata, and the node gives no trace"
            ) from None
        self._is_traced = True
        self._calls += _calls_traced(top, self._ledger.pool.lower())


def _calls_traced(frame: Mapping[str, Any], pool: str) -> Iterator[_Call]:
    """Calls of the pool in a frame and below it, but for what failed."""
    frames = [frame]
    for each in frames:
        if each.get("error"):
            continue
        if str(each.get("to")).lower() == pool and each.get("type") == "CALL":
            data = bytes.fromhex(str(each.get("input", "0x"))[2:])
            yield from _calls_at(data, 0, to_checksum_address(each["from"]))
        frames += each.get("calls", [])


def _calls_within(data: bytes) -> Iterator[_Call]:
    """Calls that somebody passes on: wherever a selector stands, if arguments follow it. What
    proves a ballot is the signature in it, so it does not matter what else could be read there.
    """
    for selector in _CALLS:
        at = data.find(selector)
        while at >= 0:
            yield from _calls_at(data, at, None)
            at = data.find(selector, at + 1)


def _calls_at(data: bytes, at: int, sender: str | None) -> Iterator[_Call]:
    if known := _CALLS.get(data[at : at + 4]):
        name, types = known
        try:
            yield _Call(name, CODEC.decode(types, data[at + 4 :]), sender)
        except (DecodingError, ValueError, OverflowError):
            return


def _signer(digest: bytes, signature: bytes) -> str | None:
    try:
        return typed_data.recover_digest(digest, signature)
    except SignatureError:
        return None


def _known_calls() -> dict[bytes, tuple[str, list[str]]]:
    entries = [
        function(abi.load("Pool"), name) for name in ("vote", "cast_ballots", "cast_ballot_for")
    ]
    return {
        function_abi_to_4byte_selector(entry): (entry["name"], get_abi_input_types(entry))
        for entry in entries
    }


_CALLS = _known_calls()
