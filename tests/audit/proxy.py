"""An HTTP server before a node: it passes questions on, or does what bad servers do.

    with serve(node) as server:
        server.faults.append(times(2, status(429)))
        Rpc(server.url).call("eth_blockNumber")

A node is anything with `answer(method, params)`; `upstream(url)` is one behind another address, so
that this stands between a client and Anvil as well.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from peerpool.rpc import Rpc, RpcRefused
from tests.evm.answering import NodeError

Request = dict[str, Any]


class Answering(Protocol):
    def answer(self, method: str, params: Sequence[Any]) -> Any: ...


class Reply:
    """What goes back over the wire; without a body the connection is cut."""

    def __init__(self, body: bytes | None, status: int = 200, **headers: str) -> None:
        self.body, self.status, self.headers = body, status, headers


# Given the questions of a request (one, or a batch), a reply of its own, or None: not this time.
Fault = Callable[[list[Request]], Reply | None]


class Server:
    """A server at `url`; the first fault that has a reply gives it. `requests` are what came."""

    def __init__(self, node: Answering, url: str) -> None:
        self.node, self.url = node, url
        self.faults: list[Fault] = []
        self.requests: list[list[Request]] = []
        self._lock = threading.Lock()

    def reply(self, body: bytes) -> Reply:
        """Return what goes back for a body that came."""
        asked = json.loads(body)
        questions = asked if isinstance(asked, list) else [asked]
        with self._lock:
            self.requests.append(questions)
            for fault in self.faults:
                if reply := fault(questions):
                    return reply
            answers = [self._answer(question) for question in questions]
        return as_json(answers if isinstance(asked, list) else answers[0])

    def _answer(self, question: Request) -> dict[str, Any]:
        answer = {"jsonrpc": "2.0", "id": question["id"]}
        try:
            return answer | {"result": self.node.answer(question["method"], question["params"])}
        except NodeError as error:
            told = {"code": error.code, "message": error.message}
            return answer | {"error": told | ({"data": error.data} if error.data else {})}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away while it waited is what some tests are about."""


@contextmanager
def serve(node: Answering) -> Iterator[Server]:
    """Serve a node on a free port of this computer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = server.reply(body)
            if reply.body is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            pass

    listener = _Listener(("127.0.0.1", 0), Handler)
    server = Server(node, f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


class _Upstream:
    def __init__(self, url: str) -> None:
        self._rpc = Rpc(url)

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        try:
            return self._rpc.call(method, *params)
        except RpcRefused as refused:
            raise NodeError(refused.code, refused.message, refused.data) from None


def upstream(url: str) -> Answering:
    """Return the node at another address."""
    return _Upstream(url)


# --- faults ---------------------------------------------------------------------------


def as_json(tree: Any, status: int = 200) -> Reply:
    """A reply of JSON."""
    return Reply(json.dumps(tree).encode(), status, Content_Type="application/json")


def times(count: int, fault: Fault) -> Fault:
    """The same, the first few times only."""
    left = [count]

    def limited(questions: list[Request]) -> Reply | None:
        if left[0] == 0:
            return None
        reply = fault(questions)
        left[0] -= reply is not None
        return reply

    return limited


def only(method: str, fault: Fault) -> Fault:
    """The same, for requests that have this method."""
    return lambda questions: (
        fault(questions) if any(q["method"] == method for q in questions) else None
    )


def status(code: int, body: bytes = b"<html>no</html>", **headers: str) -> Fault:
    """An HTTP status, with a page as proxies write it."""
    return lambda questions: Reply(body, code, **headers)


def cut(questions: list[Request]) -> Reply:
    """The connection ends without an answer."""
    return Reply(None)


def lags(seconds: float, count: int = 1 << 30) -> Fault:
    """The answer comes so much later, the first few times."""
    left = [count]

    def late(questions: list[Request]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            time.sleep(seconds)

    return late


def garbage(questions: list[Request]) -> Reply:
    """Something that is no JSON-RPC."""
    return Reply(b"<!doctype html><title>welcome</title>")


def refuses(code: int, message: str) -> Fault:
    """Each question gets this error of the node."""

    def refused(questions: list[Request]) -> Reply:
        error = {"code": code, "message": message}
        answers = [{"jsonrpc": "2.0", "id": q["id"], "error": error} for q in questions]
        return as_json(answers if len(questions) > 1 else answers[0])

    return refused


def limits_batches(most: int, message: str = "batch too large") -> Fault:
    """Batches of more questions are refused with one error."""

    def limited(questions: list[Request]) -> Reply | None:
        if len(questions) <= most:
            return None
        error = {"code": -32600, "message": message}
        return as_json({"jsonrpc": "2.0", "id": None, "error": error})

    return limited


def limits_blocks(most: int, message: str, code: int = -32005) -> Fault:
    """eth_getLogs over more blocks is refused in somebody's words."""

    def limited(questions: list[Request]) -> Reply | None:
        for question in questions:
            wanted = question["params"][0] if question["method"] == "eth_getLogs" else {}
            if "fromBlock" not in wanted:
                continue
            if int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1 > most:
                return refuses(code, message)(questions)
        return None

    return limited
