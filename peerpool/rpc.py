"""Questions to a node: JSON-RPC over HTTP, singly or in batches, patient with what passes.

    rpc = Rpc("https://node.example/key")
    number = int(rpc.call("eth_blockNumber"), 16)

Time-outs, lost connections, rate limits and a server's own troubles are tried again, ever more
slowly, for as long as `patience` says; where nobody has ever answered, for a few seconds.
No message holds the path of the address: it may be a key.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import msgspec
import requests

from peerpool.errors import PeerpoolError, shown

if TYPE_CHECKING:  # half a second that commands without a Web3 are spared
    from web3 import Web3

Told = Callable[[str], None]
Question = tuple[str, Sequence[Any]]

LONGEST_ANSWER = 1 << 29  # bytes; above it a node is not answering but flooding
LONGEST_WAIT = 30.0  # seconds between two tries
STRANGER_PATIENCE = 5.0  # seconds, with an address where nobody has ever answered: it may be wrong
GARBLED_TRIES = 3  # a proxy may have answered in the node's place once; hardly thrice
CUT_TRIES = 3  # a connection that ends each time may end because the answer is too long

# What nodes say when they mean "later"; above all they say 429 (see _Passing).
_LATER = re.compile(
    r"rate.?limit|too many requests|requests? per|compute units|throughput|throttl|try again"
    r"|capacity exceeded|temporarily|overloaded|server (is )?busy|request limit|daily.*limit",
    re.IGNORECASE,
)
# When they keep no state of a block so old (geth, reth, erigon, besu, Anvil, the hosted ones).
_NO_OLD_STATE = re.compile(
    r"missing trie node|historical state|state .*(not available|unavailable|not found|pruned)"
    r"|pruned|archive|old data not available|world state|no state available|state is not available"
    r"|distance to target block exceeds|header not found|BlockOutOfRange",
    re.IGNORECASE,
)
_NOBODY = re.compile("refused|not known|resolve|unreachable|no address", re.IGNORECASE)
# And when a batch is what they mind.
_BATCH = re.compile(r"batch", re.IGNORECASE)


class RpcError(PeerpoolError):
    """A node that cannot be asked, or does not answer: `rpc: <host>: <problem>`."""


class RpcSlow(RpcError):
    """No answer in time, or one too long, to a question that can be asked in smaller pieces."""


class RpcRefused(RpcError):
    """The node's own error, in answer to one question."""

    def __init__(self, text: str, code: int, message: str, data: Any = None) -> None:
        super().__init__(text)
        self.code, self.message, self.data = code, message, data

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code, self.message, self.data)  # between processes


class Node(Protocol):
    """Whatever answers JSON-RPC: an `Rpc`, or a Web3 `through` which it is asked."""

    def call(self, method: str, *params: Any, kind: Any = Any, hurry: bool = False) -> Any:
        """Return the answer to one question, as `kind`; raise RpcError."""

    def batch(
        self,
        calls: Sequence[Question],
        *,
        kind: Any = Any,
        tolerant: bool = False,
        hurry: bool = False,
    ) -> list[Any]:
        """Return the answers in order; raise RpcError."""


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Any = None


class _Answer(msgspec.Struct):
    id: Any = None
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _Passing(Exception):
    """What may be over in a while; `wait` seconds, if the server says how long."""

    def __init__(
        self,
        problem: str,
        wait: float | None = None,
        *,
        slow: bool = False,
        cut: bool = False,
        absent: bool = False,
    ) -> None:
        super().__init__(problem)
        self.problem, self.wait = problem, wait
        self.slow, self.cut, self.absent = slow, cut, absent


class _Garbled(Exception):
    """An answer that is none."""


class _TooMany(Exception):
    """The node does not take so many questions at once."""


_ENCODER = msgspec.json.Encoder()
_ANSWER = msgspec.json.Decoder(_Answer)
_ANSWERS = msgspec.json.Decoder(list[_Answer] | _Answer)


class Rpc:
    """A node behind an address.

    timeout: seconds without a sign of life until a try is given up.
    patience: seconds until a question is given up, tries and waits together.
    batch: questions in one request at most; halved for good when the node refuses so many.
    told: gets a line on every wait.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        patience: float = 120.0,
        batch: int = 100,
        told: Told | None = None,
    ) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise RpcError("rpc: the address is not a URL") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RpcError("rpc: the address does not begin with http:// or https:// and a host")
        self.host = parts.hostname + (f":{port}" if port else "")
        self.largest_batch = batch
        self.url = url
        pieces = re.split(r"[/&=?]", f"{parts.path}?{parts.query}")
        pieces += [parts.username or "", parts.password or ""]
        self._secrets = [piece for piece in pieces if len(piece) >= 6]
        self._timeout, self._patience = timeout, patience
        self._told = told
        self._has_answered = False
        self._session = requests.Session()
        self._next_id = 1

    def __enter__(self) -> Rpc:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def call(self, method: str, *params: Any, kind: Any = Any, hurry: bool = False) -> Any:
        """Return the answer to one question: JSON, or whatever msgspec makes of it as `kind`.

        hurry: a time-out is not tried again but RpcSlow, for questions that can be made smaller.

        Raises RpcRefused for the node's own error, RpcError for everything else.
        """
        [answer] = self._ask([(method, params)], hurry)
        return self._read(method, answer, kind)

    def batch(
        self,
        calls: Sequence[Question],
        *,
        kind: Any = Any,
        tolerant: bool = False,
        hurry: bool = False,
    ) -> list[Any]:
        """Return the answers to many questions, in their order.

        kind: as of `call`, for all; or a list of kinds, one for each.
        tolerant: an RpcRefused stands in the place of its answer; else the first one is raised.
        hurry: as of `call`.
        """
        kinds = kind if isinstance(kind, list) else [kind] * len(calls)
        found: list[Any] = []
        while len(found) < len(calls):
            some = calls[len(found) : len(found) + self.largest_batch]
            try:
                answers = self._ask(some, hurry)
            except _TooMany:
                self.largest_batch = max(1, len(some) // 2)
                continue
            for (method, _), answer in zip(some, answers, strict=True):
                try:
                    found.append(self._read(method, answer, kinds[len(found)]))
                except RpcRefused as refusal:
                    if not tolerant:
                        raise
                    found.append(refusal)
        return found

    # --- one request, until it is answered ----------------------------------------

    def _ask(self, calls: Sequence[Question], hurry: bool) -> list[_Answer]:
        """Return an answer to each; of what is refused for the moment, after some waiting."""
        answers: list[_Answer | None] = [None] * len(calls)
        began = time.monotonic()
        tries = garbled = cuts = 0
        while missing := [i for i, answer in enumerate(answers) if answer is None]:
            try:
                problem = self._fill(answers, calls, missing)
                if problem:
                    raise _Passing(problem)
            except _Garbled as error:
                garbled += 1
                if garbled == GARBLED_TRIES:
                    raise self._error(str(error)) from None
                self._wait(_Passing(str(error)), tries, began)
            except _Passing as passing:
                cuts += passing.cut
                if hurry and (passing.slow or cuts == CUT_TRIES):
                    raise RpcSlow(f"rpc: {self.host}: {passing.problem}") from None
                self._wait(passing, tries, began)
            tries += 1
        return [answer for answer in answers if answer is not None]

    def _fill(
        self, answers: list[_Answer | None], calls: Sequence[Question], missing: Sequence[int]
    ) -> str:
        """Ask what is missing, once; return why some of it has to wait, nothing if none has."""
        first = self._next_id
        self._next_id += len(missing)
        asked = {first + n: i for n, i in enumerate(missing)}
        problem = ""
        for answer in self._post([_request(id_, *calls[i]) for id_, i in asked.items()]):
            place = asked.pop(answer.id, None) if isinstance(answer.id, int) else None
            if place is None:
                raise _Garbled("the answer is to another question")
            if answer.error and _is_passing(answer.error):
                problem = f"asks for patience ({shown(self._clean(answer.error.message))})"
            elif answer.error is None and not bytes(answer.result):
                raise _Garbled("the answer has neither a result nor an error")
            else:
                answers[place] = answer
        if asked and not problem:
            raise _Garbled(f"questions that were not answered: {len(asked)} of {len(missing)}")
        return problem

    def _post(self, questions: list[dict[str, Any]]) -> list[_Answer]:
        single = len(questions) == 1
        status, body = self._send(_ENCODER.encode(questions[0] if single else questions))
        try:
            found = _ANSWER.decode(body) if single else _ANSWERS.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if status in (400, 413) and not single:
                raise _TooMany from None
            if status >= 400:
                raise self._error(f"HTTP {status}") from None
            raise _Garbled("the answer is not JSON-RPC") from None
        if isinstance(found, list):
            return found
        if single:
            if found.id is None and found.error:  # some do not repeat it when they refuse
                found.id = questions[0]["id"]
            return [found]
        if found.error and _is_passing(found.error) and not _BATCH.search(found.error.message):
            raise _Passing(f"asks for patience ({shown(self._clean(found.error.message))})")
        raise _TooMany

    def _send(self, body: bytes) -> tuple[int, bytes]:
        """Return status and body of what the server answers; raise what its status means."""
        try:
            with self._session.post(
                self.url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                self._has_answered = True
                status = response.status_code
                self._require(response)
                return status, self._body(response)
        except requests.Timeout:
            raise _Passing(f"no answer in {self._timeout:g} s", slow=True) from None
        except requests.exceptions.SSLError:
            raise self._error("its certificate is not valid") from None
        except requests.RequestException as error:
            if _NOBODY.search(str(error)):
                raise _Passing("nobody answers", absent=not self._has_answered) from None
            raise _Passing("the connection was lost", cut=True) from None

    def _require(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 429:
            raise _Passing("too many requests (HTTP 429)", _retry_after(response))
        if status in (502, 504):  # a proxy gave the node up: the question may have been too large
            raise _Passing(f"HTTP {status}", _retry_after(response), slow=True)
        if status >= 500 and "json" not in response.headers.get("Content-Type", ""):
            raise _Passing(f"HTTP {status}", _retry_after(response))
        if status in (401, 403):
            raise self._error(f"does not let us in (HTTP {status}); is its key right?")
        if 300 <= status < 400:
            raise self._error(f"sends us elsewhere (HTTP {status})")

    def _body(self, response: requests.Response) -> bytes:
        until = time.monotonic() + 4 * self._timeout
        parts, size = [], 0
        for part in response.iter_content(1 << 20):
            parts.append(part)
            size += len(part)
            if size > LONGEST_ANSWER:
                raise _Passing(f"an answer of more than {LONGEST_ANSWER >> 20} MB", slow=True)
            if time.monotonic() > until:
                raise _Passing(f"no end of the answer in {4 * self._timeout:g} s", slow=True)
        return b"".join(parts)

    def _wait(self, passing: _Passing, tries: int, began: float) -> None:
        """Sleep, longer each time, and never twice the same (all clients would come back at once).

        Raises RpcError if there is no time left for another try.
        """
        pause = min(0.25 * 2**tries, LONGEST_WAIT) * random.uniform(0.5, 1.0)  # noqa: S311
        pause = passing.wait if passing.wait is not None else pause
        patience = min(self._patience, STRANGER_PATIENCE) if passing.absent else self._patience
        if time.monotonic() + pause > began + patience:
            raise self._error(passing.problem) from None
        if self._told:
            self._told(f"{self.host}: {passing.problem}; again in {pause:.1f} s")
        time.sleep(pause)

    # --- answers ------------------------------------------------------------------

    def _read(self, method: str, answer: _Answer, kind: Any) -> Any:
        if answer.error:
            raise refused(self.host, method, answer.error, self._clean)
        try:
            return msgspec.json.decode(answer.result, type=kind)
        except msgspec.ValidationError as error:
            raise self._error(f"{method}: not an answer of this kind: {error}") from None

    def _error(self, problem: str) -> RpcError:
        return RpcError(f"rpc: {self.host}: {problem}")

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "...")
        return text


class OneByOne:
    """Base of a `Node` that is asked one question at a time: what it needs is `call`."""

    call: Callable[..., Any]

    def batch(
        self,
        calls: Sequence[Question],
        *,
        kind: Any = Any,
        tolerant: bool = False,
        hurry: bool = False,
    ) -> list[Any]:
        """Return the answers in order; raise RpcError."""
        kinds = kind if isinstance(kind, list) else [kind] * len(calls)
        found: list[Any] = []
        for (method, params), wanted in zip(calls, kinds, strict=True):
            try:
                found.append(self.call(method, *params, kind=wanted, hurry=hurry))
            except RpcRefused as refusal:
                if not tolerant:
                    raise
                found.append(refusal)
        return found


class _ThroughWeb3(OneByOne):
    """A `Node` that asks by somebody's Web3; waits and limits are its provider's."""

    def __init__(self, web3: Web3) -> None:
        self._provider = web3.provider

    def call(self, method: str, *params: Any, kind: Any = Any, hurry: bool = False) -> Any:  # noqa: ARG002
        answer = self._provider.make_request(method, params)
        if error := answer.get("error"):
            raise refused("node", method, msgspec.convert(error, _Error), str)
        try:
            return msgspec.convert(answer["result"], kind)
        except msgspec.ValidationError as error:
            raise RpcError(f"rpc: node: {method}: not an answer of this kind: {error}") from None


def through(web3: Web3) -> Node:
    """Return the node that a Web3 is connected to."""
    return _ThroughWeb3(web3)


def quantity(text: str) -> int:
    """Return a number as JSON-RPC writes it. Raises RpcError."""
    try:
        return int(text, 16)
    except ValueError:
        raise RpcError(f"rpc: the node's answer {shown(text)} is not a number") from None


def has_no_old_state(refused: RpcRefused) -> bool:
    """Whether a node refused because it no longer has the state of the block it was asked about."""
    return bool(_NO_OLD_STATE.search(refused.message))


def refused(host: str, method: str, error: _Error, clean: Callable[[str], str]) -> RpcRefused:
    message = clean(error.message)
    return RpcRefused(f"rpc: {host}: {method}: {shown(message)}", error.code, message, error.data)


def _request(id_: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": list(params)}


def _is_passing(error: _Error) -> bool:
    """Whether a node means "later"; what a contract says is no such word."""
    return bool(_LATER.search(error.message)) and "revert" not in error.message.lower()


def _retry_after(response: requests.Response) -> float | None:
    """What the header Retry-After says: seconds, or a date."""
    text = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
