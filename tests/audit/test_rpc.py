"""peerpool.rpc: what bad servers do, and what is said of it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from peerpool import rpc as module
from peerpool.rpc import (
    STRANGER_PATIENCE,
    Rpc,
    RpcError,
    RpcRefused,
    RpcSlow,
    has_no_old_state,
    quantity,
)
from tests.audit.node import Node
from tests.audit.proxy import (
    Reply,
    Server,
    as_json,
    cut,
    garbage,
    lags,
    limits_batches,
    refuses,
    serve,
    status,
    times,
    upstream,
)
from tests.evm.answering import NodeError

KEY = "0123456789abcdef"
NUMBERS = [("eth_getBlockByNumber", [hex(n), False]) for n in range(10)]


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(scope="module")
def node() -> Node:
    node = Node()
    for _ in range(9):
        node.mine()
    return node


@pytest.fixture
def server(node: Node) -> Iterator[Server]:
    with serve(node) as server:
        yield server


def refusal(server: Server, *faults: Any, **options: Any) -> str:
    """What a client says that cannot get over a fault; the host is left out."""
    server.faults[:] = faults
    with Rpc(f"{server.url}/v3/{KEY}", **options) as rpc, pytest.raises(RpcError) as caught:
        rpc.call("eth_blockNumber")
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    host = server.url.removeprefix("http://")
    return str(caught.value).replace(host, "HOST")


def number(server: Server, *faults: Any, **options: Any) -> int:
    """The number of the last block, for a client that gets over the faults."""
    server.faults[:] = faults
    with Rpc(server.url, **options) as rpc:
        return int(rpc.call("eth_blockNumber"), 16)


def test_call__returns_the_result(server: Server) -> None:
    assert number(server) == 9


def test_call__as_a_kind(server: Server) -> None:
    with Rpc(server.url) as rpc:
        assert rpc.call("eth_blockNumber", kind=str) == "0x9"
        with pytest.raises(RpcError, match="eth_blockNumber: not an answer of this kind: Expected"):
            rpc.call("eth_blockNumber", kind=int)


def test_batch__in_order_in_one_request(server: Server) -> None:
    with Rpc(server.url) as rpc:
        blocks = rpc.batch(NUMBERS)
    assert [block["number"] for block in blocks] == [hex(n) for n in range(10)]
    assert len(server.requests) == 1


def test_batch__of_none__asks_nothing(server: Server) -> None:
    with Rpc(server.url) as rpc:
        assert rpc.batch([]) == []
    assert server.requests == []


def test_batch__answers_in_another_order__are_told_by_their_ids(server: Server, node: Node) -> None:
    def turned(questions: list[dict[str, Any]]) -> Reply:
        return as_json([server._answer(q) for q in reversed(questions)])

    server.faults = [turned]
    with Rpc(server.url) as rpc:
        assert [b["number"] for b in rpc.batch(NUMBERS)] == [hex(n) for n in range(10)]


def test_batch__kinds_one_for_each(server: Server) -> None:
    with Rpc(server.url) as rpc:
        found = rpc.batch([("eth_blockNumber", []), *NUMBERS[:1]], kind=[str, dict[str, Any]])
    assert (found[0], found[1]["number"]) == ("0x9", "0x0")


@pytest.mark.parametrize("message", ["batch too large", "batches are not supported", "no"])
def test_batch__refused__is_split(server: Server, message: str) -> None:
    server.faults = [limits_batches(3, message)]
    with Rpc(server.url) as rpc:
        assert [b["number"] for b in rpc.batch(NUMBERS)] == [hex(n) for n in range(10)]
        assert rpc.largest_batch == 2
        rpc.batch(NUMBERS)
    assert max(len(questions) for questions in server.requests[3:]) == 2  # it was learnt


def test_batch__refused_as_too_large_a_request__is_split(server: Server) -> None:
    server.faults = [lambda questions: status(413)(questions) if len(questions) > 1 else None]
    with Rpc(server.url) as rpc:
        assert len(rpc.batch(NUMBERS)) == 10


def test_batch__one_is_refused(server: Server) -> None:
    calls = [*NUMBERS[:2], ("eth_nothing", []), *NUMBERS[2:4]]
    with Rpc(server.url) as rpc:
        with pytest.raises(RpcRefused, match="eth_nothing"):
            rpc.batch(calls)
        found = rpc.batch(calls, tolerant=True)
    assert isinstance(found[2], RpcRefused)
    assert [b["number"] for b in found[:2] + found[3:]] == [hex(n) for n in range(4)]


def test_batch__some_are_to_wait__are_asked_again_alone(server: Server, clock: Clock) -> None:
    def half(questions: list[dict[str, Any]]) -> Reply | None:
        if len(questions) < 10:
            return None
        late = {"code": -32005, "message": "rate limit exceeded"}
        return as_json(
            [
                server._answer(q) if n < 5 else {"jsonrpc": "2.0", "id": q["id"], "error": late}
                for n, q in enumerate(questions)
            ]
        )

    server.faults = [half]
    with Rpc(server.url) as rpc:
        assert [b["number"] for b in rpc.batch(NUMBERS)] == [hex(n) for n in range(10)]
    assert [len(questions) for questions in server.requests] == [10, 5]
    assert len(clock.slept) == 1


# --- what passes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (status(429), "too many requests (HTTP 429)"),
        (status(500), "HTTP 500"),
        (status(502), "HTTP 502"),
        (status(503), "HTTP 503"),
        (cut, "the connection was lost"),
        (
            refuses(-32005, "project rate limit exceeded"),
            'asks for patience ("project rate limit exceeded")',
        ),
        (
            refuses(429, "Your app has exceeded its compute units per second capacity"),
            'asks for patience ("Your app has exceeded its compute units per second capacity")',
        ),
        (
            refuses(-32007, "50/second request limit reached"),
            'asks for patience ("50/second request limit reached")',
        ),
    ],
)
def test_call__what_passes__is_waited_for(
    server: Server, clock: Clock, fault: Any, problem: str
) -> None:
    told: list[str] = []
    assert number(server, times(4, fault), told=told.append) == 9
    assert len(clock.slept) == 4
    assert all(0.125 * 2**n <= slept <= 0.25 * 2**n for n, slept in enumerate(clock.slept))
    assert all(problem in line and line.startswith("127.0.0.1:") for line in told)
    assert refusal(server, fault, patience=60) == f"rpc: HOST: {problem}"
    assert clock.now < 60 + 4
    assert clock.now + clock.slept[-1] * 4 > 60  # the next wait would have been too long


def test_call__retry_after__is_heeded(server: Server, clock: Clock) -> None:
    assert number(server, times(2, status(429, Retry_After="7"))) == 9
    assert clock.slept == [7.0, 7.0]
    assert number(server, times(1, status(503, Retry_After="Wed, 01 Jan 2020 00:00:00 GMT"))) == 9
    assert clock.slept[2:] == [0.0]
    assert number(server, times(1, status(429, Retry_After="soon"))) == 9
    assert 0.1 < clock.slept[3] < 0.3
    assert "429" in refusal(server, status(429, Retry_After="3600"))  # too long to wait


def test_call__no_answer_in_time(server: Server) -> None:
    assert number(server, lags(0.7, 1), timeout=0.5) == 9
    server.faults[:] = [lags(0.3)]
    with Rpc(server.url, timeout=0.1, patience=0.1) as rpc:
        with pytest.raises(RpcError, match="no answer in 0.1 s"):
            rpc.call("eth_blockNumber")
        with pytest.raises(RpcSlow, match="no answer in 0.1 s"):
            rpc.call("eth_blockNumber", hurry=True)


@pytest.mark.parametrize("fault", [status(504), status(502)])
def test_call__in_a_hurry__is_not_tried_again(server: Server, clock: Clock, fault: Any) -> None:
    server.faults[:] = [fault]
    with Rpc(server.url) as rpc, pytest.raises(RpcSlow, match="HTTP 50"):
        rpc.call("eth_blockNumber", hurry=True)
    assert clock.slept == []


def test_call__in_a_hurry__limits_are_waited_for_all_the_same(server: Server) -> None:
    server.faults[:] = [times(3, status(429))]
    with Rpc(server.url) as rpc:
        assert rpc.call("eth_blockNumber", hurry=True) == "0x9"


def test_call__connection_always_lost_in_a_hurry__is_slow(server: Server, clock: Clock) -> None:
    server.faults[:] = [cut]
    with Rpc(server.url) as rpc, pytest.raises(RpcSlow, match="the connection was lost"):
        rpc.call("eth_blockNumber", hurry=True)
    assert len(clock.slept) == 2


@pytest.mark.parametrize("others", [1, 3])
def test_call__connection_lost_in_a_hurry_after_limits__cuts_are_counted_apart(
    server: Server, clock: Clock, others: int
) -> None:
    server.faults[:] = [times(others, status(429)), cut]
    with Rpc(server.url) as rpc, pytest.raises(RpcSlow, match="the connection was lost"):
        rpc.call("eth_blockNumber", hurry=True)
    assert len(clock.slept) == others + 2


def test_call__nobody_there() -> None:
    with serve(Node()) as server:
        url = server.url
    with Rpc(url, patience=1) as rpc, pytest.raises(RpcError, match="rpc: .*: nobody answers$"):
        rpc.call("eth_blockNumber")


def test_call__nobody_there_who_never_answered__is_given_up_soon(clock: Clock) -> None:
    with serve(Node()) as server:
        url = server.url
    with Rpc(url) as rpc, pytest.raises(RpcError, match="nobody answers$"):
        rpc.call("eth_blockNumber")
    assert sum(clock.slept) <= STRANGER_PATIENCE


def test_call__nobody_there_any_more__is_waited_for(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError("Connection refused")

    with Rpc(server.url) as rpc:
        rpc.call("eth_blockNumber")
        monkeypatch.setattr(requests.Session, "post", fails)
        with pytest.raises(RpcError, match="nobody answers$"):
            rpc.call("eth_blockNumber")
    assert sum(clock.slept) > STRANGER_PATIENCE


def test_call__host_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError(f"/v3/{KEY}: Name or service not known")

    monkeypatch.setattr(requests.Session, "post", fails)
    with (
        Rpc(f"https://node.invalid/v3/{KEY}", patience=1) as rpc,
        pytest.raises(RpcError) as caught,
    ):
        rpc.call("eth_blockNumber")
    assert str(caught.value) == "rpc: node.invalid: nobody answers"


def test_call__certificate_that_is_not_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise requests.exceptions.SSLError(KEY)

    monkeypatch.setattr(requests.Session, "post", fails)
    with Rpc(f"https://node.example/{KEY}") as rpc, pytest.raises(RpcError) as caught:
        rpc.call("eth_blockNumber")
    assert str(caught.value) == "rpc: node.example: its certificate is not valid"


# --- what does not pass ------------------------------------------------------------------


def with_id(answer: dict[str, Any]) -> Any:
    """A reply of JSON to a single question."""
    return lambda questions: as_json({"jsonrpc": "2.0", "id": questions[0]["id"]} | answer)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (status(401), "does not let us in (HTTP 401); is its key right?"),
        (status(403), "does not let us in (HTTP 403); is its key right?"),
        (status(404), "HTTP 404"),
        (status(302, Location="http://elsewhere/"), "sends us elsewhere (HTTP 302)"),
        (garbage, "the answer is not JSON-RPC"),
        (lambda questions: Reply(b""), "the answer is not JSON-RPC"),
        (lambda questions: Reply(b"\xff\xfe"), "the answer is not JSON-RPC"),
        (lambda questions: as_json([]), "the answer is not JSON-RPC"),
        (
            lambda questions: as_json({"id": 777, "result": "0x1"}),
            "the answer is to another question",
        ),
        (with_id({}), "the answer has neither a result nor an error"),
        (refuses(-32601, "no such method"), 'eth_blockNumber: "no such method"'),
        (with_id({"error": {}}), 'eth_blockNumber: ""'),
        (
            refuses(3, "execution reverted: rate limit, try again"),
            'eth_blockNumber: "execution reverted: rate limit, try again"',
        ),
        (
            lambda questions: as_json({"id": None, "error": {"code": 1, "message": "who?"}}, 400),
            'eth_blockNumber: "who?"',
        ),
        (refuses(1, f"see /v3/{KEY}\x1b[31m"), 'eth_blockNumber: "see /v3/...?[31m"'),
    ],
)
def test_call__what_does_not_pass__has_its_own_words(
    server: Server, fault: Any, problem: str
) -> None:
    assert refusal(server, fault) == f"rpc: HOST: {problem}"


def test_call__garbage_once__is_asked_again(server: Server) -> None:
    assert number(server, times(2, garbage)) == 9


def test_batch__an_answer_is_missing__is_asked_again(server: Server) -> None:
    def short(questions: list[dict[str, Any]]) -> Reply | None:
        return as_json([server._answer(q) for q in questions[1:]]) if len(questions) > 9 else None

    server.faults[:] = [short]
    with Rpc(server.url) as rpc:
        assert [b["number"] for b in rpc.batch(NUMBERS)] == [hex(n) for n in range(10)]
    assert [len(questions) for questions in server.requests] == [10, 1]


def test_batch__an_answer_is_missing_each_time__raises(server: Server) -> None:
    server.faults[:] = [lambda questions: as_json([])]
    with (
        Rpc(server.url) as rpc,
        pytest.raises(RpcError, match="questions that were not answered: 10 of 10"),
    ):
        rpc.batch(NUMBERS)


def test_call__error_of_a_node__has_code_message_and_data(server: Server, node: Node) -> None:
    def reverts(method: str, params: Any, result: Any) -> Any:
        raise NodeError(3, "execution reverted: no", "0x08c379a0")

    node.lies.append(reverts)
    try:
        with Rpc(server.url) as rpc, pytest.raises(RpcRefused) as caught:
            rpc.call("eth_blockNumber")
    finally:
        node.lies.clear()
    error = caught.value
    assert (error.code, error.message, error.data) == (3, "execution reverted: no", "0x08c379a0")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.data) == (str(error), 3, "0x08c379a0")


@pytest.mark.parametrize("chunk", [b"x" * (1 << 20)])
def test_call__answer_without_end(
    server: Server, monkeypatch: pytest.MonkeyPatch, chunk: bytes
) -> None:
    monkeypatch.setattr(module, "LONGEST_ANSWER", 1 << 20)
    server.faults[:] = [lambda questions: Reply(chunk * 3)]
    with Rpc(server.url, patience=0) as rpc, pytest.raises(RpcError, match="of more than 1 MB"):
        rpc.call("eth_blockNumber")


def test_call__answer_that_drips(server: Server, clock: Clock, monkeypatch: Any) -> None:
    def drip(self: Any, size: int) -> Iterator[bytes]:
        while True:
            clock.now += 1
            yield b" "

    monkeypatch.setattr(requests.Response, "iter_content", drip)
    with Rpc(server.url, timeout=10, patience=0) as rpc, pytest.raises(RpcError) as caught:
        rpc.call("eth_blockNumber")
    assert str(caught.value).endswith(": no end of the answer in 40 s")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ws://node/", "the address does not begin with http:// or https:// and a host"),
        ("node:8545", "the address does not begin with http:// or https:// and a host"),
        ("http://", "the address does not begin with http:// or https:// and a host"),
        ("http://node:99999/", "the address is not a URL"),
        ("http://[node/", "the address is not a URL"),
    ],
)
def test_rpc__address_that_is_none__raises(url: str, problem: str) -> None:
    with pytest.raises(RpcError) as caught:
        Rpc(url)
    assert str(caught.value) == f"rpc: {problem}"


@pytest.mark.parametrize(
    "url",
    [
        f"http://{KEY}@{{}}/",
        f"http://me:{KEY}@{{}}/",
        f"http://{{}}/?apikey={KEY}",
        f"http://{{}}/v3/{KEY}",
    ],
)
def test_rpc__secret_anywhere_in_the_address__is_never_told(server: Server, url: str) -> None:
    server.faults[:] = [refuses(1, f"bad key {KEY}")]
    url = url.format(server.url.removeprefix("http://"))
    with Rpc(url) as rpc, pytest.raises(RpcRefused) as caught:
        rpc.call("eth_blockNumber")
    assert str(caught.value).endswith('eth_blockNumber: "bad key ..."')
    assert KEY not in caught.value.message
    assert "@" not in rpc.host


@pytest.mark.parametrize(
    "message",
    [
        "missing trie node 1234 (path ) state 0x12 is not available",
        "required historical state unavailable (reexec=128)",
        "header not found",
        "state at block #5 is pruned",
        "BlockOutOfRangeError: block height is 1887 but requested was 188",
        "project ID does not have access to archive state",
    ],
)
def test_has_no_old_state(message: str) -> None:
    assert has_no_old_state(RpcRefused("", -32000, message))
    assert not has_no_old_state(RpcRefused("", 3, "execution reverted: claim: not open"))


def test_quantity() -> None:
    assert quantity("0x10") == 16
    with pytest.raises(RpcError, match='rpc: the node\'s answer "nothing" is not a number'):
        quantity("nothing")


def test_upstream__proxy_before_a_server(server: Server) -> None:
    with serve(upstream(server.url)) as front, Rpc(front.url) as rpc:
        assert rpc.call("eth_blockNumber") == "0x9"
        with pytest.raises(RpcRefused, match="eth_nothing"):
            rpc.call("eth_nothing")
