"""peerpool.audit.logs: every limit that nodes have, and every way to lie about logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count, pairwise
from typing import Any

import pytest

from peerpool.audit import logs
from peerpool.audit.blocks import bloom_mask
from peerpool.audit.cache import Store
from peerpool.audit.logs import LogsError, Proof, RawLog, Reorganised, fetch_logs, first_log
from peerpool.rpc import Rpc, RpcRefused
from tests.audit.node import Node, Transaction
from tests.audit.proxy import Server, cut, limits_blocks, only, refuses, serve, status, times
from tests.evm.answering import NodeError
from tests.evm.chain import Log

POOL = "0x" + "aa" * 20
OTHER = "0x" + "bb" * 20
BLOCKS = 60


def log(value: int, address: str = POOL) -> Log:
    """A log that nobody has to understand."""
    return Log(address, (7, value), value.to_bytes(32, "big"))


@pytest.fixture(scope="module")
def recorded() -> Node:
    """Each third block has two logs of the pool, in two transactions; others have others'."""
    node = Node()
    for n in range(1, BLOCKS):
        done = [Transaction((log(n, OTHER),))] if n % 2 else []
        if n % 3 == 0:
            done += [Transaction((log(n, OTHER), log(n))), Transaction((log(n + 1000),))]
        node.mine(*done)
    return node


@pytest.fixture
def node(recorded: Node) -> Node:
    """The same, without lies."""
    node = Node()
    node.blocks = list(recorded.blocks)
    return node


def numbers(node: Any, first: int = 0, last: int = BLOCKS - 1, **options: Any) -> list[int]:
    """What the logs of the pool hold, in their order."""
    stretches = list(fetch_logs(node, POOL, first, last, pause=0, **options))
    assert [stretches[0].first, stretches[-1].last] == [first, last]
    for one, next_one in pairwise(stretches):
        assert next_one.first == one.last + 1
    return [int.from_bytes(raw.data, "big") for s in stretches for raw in s.logs]


ALL = [n + more for n in range(3, BLOCKS, 3) for more in (0, 1000)]


def refusal(node: Any, **options: Any) -> str:
    """What is said of a node that lies."""
    with pytest.raises(LogsError) as caught:
        numbers(node, **options)
    return str(caught.value)


def proof(node: Any, **options: Any) -> Proof:
    """What was proved, in one stretch."""
    last = node.blocks[-1].number
    [stretch] = fetch_logs(node, POOL, 0, last, pause=0, width=last + 1, **options)
    store = Store(None, {})
    assert store.add(stretch, proved=True)
    return store.proof(last)


# --- what comes -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 7, 64, 1 << 20])
@pytest.mark.parametrize("thorough", [False, True])
def test_fetch__all_logs_in_order(node: Node, width: int, thorough: bool) -> None:
    assert numbers(node, width=width, thorough=thorough) == ALL
    assert numbers(node, 6, 12, width=width, thorough=thorough) == [6, 1006, 9, 1009, 12, 1012]


def test_fetch__a_log_is_all_that_the_node_knows(node: Node) -> None:
    [stretch] = fetch_logs(node, POOL, 3, 3, pause=0)
    block = node.blocks[3]
    topics = (7).to_bytes(32, "big") + (3).to_bytes(32, "big")
    assert stretch.logs[0] == RawLog(
        3, 2, block.time, block.hash_of(1), topics, (3).to_bytes(32, "big")
    )
    assert (stretch.hash, stretch.time) == ("0x" + block.header.hash.hex(), block.time)


def test_fetch__asks_for_more_blocks_where_there_is_little(node: Node) -> None:
    for _ in range(2000):
        node.mine()
    node.asked.clear()
    assert numbers(node, last=2000 + BLOCKS - 1, prove=False) == ALL
    assert sum(method == "eth_getLogs" for method, _ in node.asked) < 6


def test_fetch__asks_for_fewer_where_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "WANTED", 40)
    node = Node()
    for n in range(60):
        node.mine(Transaction(tuple(log(n) for _ in range(4))))
    stretches = list(fetch_logs(node, POOL, 0, 60, width=30, pause=0, prove=False))
    assert sum(len(stretch.logs) for stretch in stretches) == 240
    assert [len(stretch.logs) for stretch in stretches] == [116, 60, 40, 24]


def test_fetch__proof(node: Node) -> None:
    with_logs = len(ALL) // 2
    few = Proof(
        logs=len(ALL),
        blocks=BLOCKS,
        headers=with_logs,
        with_logs=with_logs,
        hashed=with_logs,
        rooted=with_logs,
    )
    assert proof(node) == few
    every = proof(node, thorough=True)
    assert (every.headers, every.hashed, every.rooted, every.doubtful) == (
        BLOCKS,
        BLOCKS,
        with_logs,
        0,
    )
    none = Proof(logs=len(ALL), blocks=BLOCKS, with_logs=with_logs, unasked=with_logs)
    assert proof(node, prove=False) == none


def test_first_log(node: Node) -> None:
    wanted = {"topics": [[f"0x{7:064x}"], f"0x{9:064x}"]}
    assert first_log(node, wanted, BLOCKS - 1) == 9
    assert first_log(node, wanted, 8) is None
    node.lies.append(limit_blocks(3, "block range is too wide"))
    assert first_log(node, wanted, BLOCKS - 1) == 9


# --- limits -----------------------------------------------------------------------------------


def limit_blocks(most: int, message: str, code: int = -32005) -> Callable[..., Any]:
    """A node that refuses more blocks at once."""

    def limited(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getLogs" and "fromBlock" in params[0]:
            first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
            if last - first + 1 > most:
                fits = f"[{hex(first)}, {hex(first + most - 1)}]"
                plain = f"{first}-{first + most - 1}"
                raise NodeError(code, message.format(most=most, fits=fits, plain=plain))
        return result

    return limited


WORDINGS = {
    "geth": "query returned more than 10000 results",
    "geth, time": "query timeout exceeded",
    "bsc": "exceed maximum block range: {most}",
    "erigon": "block range is too wide",
    "reth": "query exceeds max results 20000, retry with the range {plain}",
    "reth, blocks": "query exceeds max block range {most}",
    "nethermind": "eth_getLogs block range too large, range: 99, max: {most}",
    "avalanche": "requested too many blocks from 1 to 99, maximum is set to {most}",
    "Infura": "query returned more than 10000 results. Try with this block range {fits}.",
    "Alchemy": "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block"
    " range and no limit on the response size, or you can request any block range with a cap of 10K"
    " logs in the response. Based on your parameters and the response size limit, this block range"
    " should work: {fits}",
    "QuickNode": "eth_getLogs is limited to a {most} range",
    "Ankr": "Block range is too large",
    "LlamaRPC": "query exceeds limit",
    "Anvil": "ran out of time",
    "Ganache": "whatever else",
}


@pytest.mark.parametrize("name", WORDINGS)
@pytest.mark.parametrize("code", [-32005, -32602, -32000])
def test_fetch__node_that_limits_blocks(node: Node, name: str, code: int) -> None:
    node.lies.append(limit_blocks(5, WORDINGS[name], code))
    assert numbers(node) == ALL
    hinted = any(word in WORDINGS[name] for word in ("{most}", "{fits}", "{plain}"))
    asked = sum(method == "eth_getLogs" for method, _ in node.asked)
    assert asked <= (2 * BLOCKS // 5 if hinted else BLOCKS)


def test_fetch__limit_in_round_words__is_learnt_for_good(node: Node) -> None:
    node.lies.append(limit_blocks(5, "eth_getLogs is limited to a {most} range"))
    numbers(node)
    assert sum(method == "eth_getLogs" for method, _ in node.asked) == BLOCKS // 5 + 1


def test_fetch__node_that_limits_results(node: Node) -> None:
    def limited(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getLogs" and len(result) > 4:
            raise NodeError(-32005, "query returned more than 4 results")
        return result

    node.lies.append(limited)
    assert numbers(node) == ALL


def test_fetch__node_that_cuts_results_off_silently() -> None:
    node = Node()
    for n in range(12):
        node.mine(Transaction(tuple(log(n) for _ in range(100))))
    node.lies.append(lambda method, _, found: found[:1000] if method == "eth_getLogs" else found)
    stretches = list(fetch_logs(node, POOL, 0, 12, pause=0))
    assert sum(len(stretch.logs) for stretch in stretches) == 1200
    assert any(seen.rooted for stretch in stretches for seen in stretch.seen)


def test_fetch__even_one_block_is_refused__raises(node: Node) -> None:
    node.lies.append(limit_blocks(0, "I do not like this"))
    with pytest.raises(RpcRefused, match="I do not like this"):
        numbers(node)


@pytest.fixture
def server(node: Node) -> Iterator[Server]:
    with serve(node) as server:
        yield server


@pytest.mark.parametrize(
    "fault",
    [
        limits_blocks(9, "block range is too wide"),
        only("eth_getLogs", times(2, status(504))),
        only("eth_getLogs", times(3, cut)),
        times(3, refuses(-32005, "rate limited")),
    ],
)
def test_fetch__over_http__all_the_same(server: Server, fault: Any) -> None:
    server.faults = [fault]
    with Rpc(server.url, patience=20) as rpc:
        assert numbers(rpc, thorough=True) == ALL


# --- lies -------------------------------------------------------------------------------------


def logs_lie(change: Callable[[list[Any]], list[Any]], count: int = 99) -> Callable[..., Any]:
    """The answers to eth_getLogs are changed, so often."""
    left = [count]

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method != "eth_getLogs" or not result or not left[0]:
            return result
        left[0] -= 1
        return change([dict(each) for each in result])

    return lie


def with_field(place: int, **fields: Any) -> Callable[[list[Any]], list[Any]]:
    """One log has other fields."""

    def change(found: list[Any]) -> list[Any]:
        found[place].update(fields)
        return found

    return change


HALF: dict[str, tuple[Callable[[list[Any]], list[Any]], str]] = {
    "second": (lambda found: found[::2], "logs: block 3: its receipts hold other logs"),
    "first": (lambda found: found[: len(found) // 2], "the node left its logs out"),
    "all": (lambda _: [], "the node left its logs out"),
    "one": (lambda found: found[:-1], "logs: block 57: its receipts hold other logs"),
}


@pytest.mark.parametrize("half", HALF)
def test_fetch__half_of_the_logs__is_found_out(node: Node, half: str) -> None:
    change, problem = HALF[half]
    node.lies.append(logs_lie(change))
    node.lies.append(
        lambda method, params, found: (
            node._eth_getLogs(*params)
            if method == "eth_getLogs" and "blockHash" in params[0]
            else found
        )
    )
    assert problem in refusal(node, thorough=True)


@pytest.mark.parametrize("half", HALF)
def test_fetch__half_of_the_logs_in_each_answer__is_found_out(node: Node, half: str) -> None:
    """Asked by hash it lies as well; the receipts of blocks whose bloom shows logs tell."""
    node.lies.append(logs_lie(HALF[half][0]))
    problem = refusal(node, thorough=True)
    assert problem.endswith(("its receipts hold other logs", "the node left its logs out"))


@pytest.mark.parametrize("half", HALF)
def test_fetch__half_of_the_logs_for_a_moment__is_asked_again(node: Node, half: str) -> None:
    node.lies.append(logs_lie(HALF[half][0], count=1))
    assert numbers(node, thorough=True) == ALL


LIES: dict[str, tuple[Callable[[list[Any]], list[Any]], str]] = {
    "outside": (with_field(2, blockNumber="0xfff"), "asked for blocks 0 to 59, got one of 4095"),
    "other": (with_field(0, address=OTHER), "block 3: a log of another address than asked for"),
    "removed": (with_field(0, removed=True), "block 3: a log that was removed"),
    "twice": (lambda found: [*found, found[0]], "block 3: two logs with one index"),
    "hash": (
        with_field(0, blockHash="0x" + "00" * 32),
        "block 3: logs of two blocks of this number",
    ),
    "moved": (with_field(0, blockNumber="0x6"), "block 6: "),
    "data": (with_field(0, data="0x" + "00" * 32), "block 3: its receipts hold other logs"),
    "topics": (with_field(0, topics=[]), "block 3: its receipts hold other logs"),
    "transaction": (with_field(0, transactionHash="0x01"), "block 3: its receipts hold other logs"),
    "place": (with_field(0, logIndex="0x0"), "block 3: its receipts hold other logs"),
    "more": (
        lambda found: [*found, found[-1] | {"logIndex": "0x9"}],
        "block 57: its receipts hold other logs",
    ),
    "number": (
        with_field(0, blockNumber="three"),
        "the node's answer has something that is not hexadecimal",
    ),
    "bytes": (
        with_field(0, data="0xzz"),
        "block 3: its receipts hold other logs",
    ),
    "bloom": (
        lambda found: [found[0] | {"blockNumber": "0x1", "blockHash": "HASH"}],
        "block 1: a log that its bloom rules out",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_fetch__logs_that_are_not_true(node: Node, name: str) -> None:
    change, problem = LIES[name]
    real = "0x" + node.blocks[1].header.hash.hex()

    def filled(found: list[Any]) -> list[Any]:
        return [g | {"blockHash": g["blockHash"].replace("HASH", real)} for g in change(found)]

    node.lies.append(logs_lie(filled))
    assert f"logs: {problem}" in refusal(node)
    node.lies[:] = [logs_lie(filled, count=2)]
    assert numbers(node) == ALL  # once more, and it is true


@pytest.mark.parametrize("prove", [True, False])
def test_fetch__hexadecimal_that_is_none__is_no_crash(node: Node, prove: bool) -> None:
    node.lies.append(logs_lie(with_field(0, logIndex="zz")))
    assert refusal(node, prove=prove).endswith("something that is not hexadecimal")


def header_lie(block: int, **fields: Any) -> Callable[..., Any]:
    """One header has other fields; or is not there."""

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method != "eth_getBlockByNumber" or params[0] != hex(block):
            return result
        return result | fields if fields else None

    return lie


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        (header_lie(BLOCKS - 1), f"the node has no block {BLOCKS - 1}: it is behind"),
        (header_lie(6), "the node has no block 6, but the ones after it"),
        (header_lie(6, number="0x7"), "asked for block 6, got 7"),
        (header_lie(6, hash="0x01"), "block 6 has one hash in its logs, another in itself"),
        (header_lie(6, receiptsRoot="0x01"), "block 6: the root of its receipts is another"),
        (header_lie(6, transactions=[]), "block 6: not a receipt for each transaction"),
        (header_lie(6, logsBloom="0x0"), "block 6: a log that its bloom rules out"),
        (header_lie(5, parentHash="0x01"), "block 5 does not follow block 4"),
        (header_lie(4, hash="0x01"), "block 5 does not follow block 4"),
    ],
)
def test_fetch__headers_that_are_not_true(node: Node, lie: Any, problem: str) -> None:
    node.lies.append(lie)
    assert refusal(node, thorough=True) == f"logs: {problem}"


def test_fetch__header_whose_hash_is_not_that_of_its_fields__is_counted(node: Node) -> None:
    node.lies.append(header_lie(6, gasUsed="0x1"))
    found = proof(node)
    assert (found.headers, found.hashed) == (len(ALL) // 2, len(ALL) // 2 - 1)
    node.lies[:] = [header_lie(6, stateRoot=None)]
    assert proof(node).hashed == len(ALL) // 2 - 1
    node.lies[:] = [header_lie(6, stateRoot="zz")]
    assert proof(node).hashed == len(ALL) // 2 - 1


def test_fetch__block_before_is_another__raises(node: Node) -> None:
    before = "0x" + node.blocks[9].header.hash.hex()
    assert numbers(node, 10, 12, before=before, thorough=True) == [12, 1012]
    with pytest.raises(Reorganised, match="logs: block 10 does not follow the block 9 read"):
        numbers(node, 10, 12, before="0x00", thorough=True)


# --- receipts ---------------------------------------------------------------------------------


def refuse(*methods: str) -> Callable[..., Any]:
    """A node without these methods."""

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method in methods:
            raise NodeError(-32601, f"the method {method} does not exist")
        return result

    return lie


def test_fetch__no_receipts_of_blocks__those_of_transactions(node: Node) -> None:
    node.lies.append(refuse("eth_getBlockReceipts"))
    assert proof(node).rooted == len(ALL) // 2
    assert sum(method == "eth_getBlockReceipts" for method, _ in node.asked) == 16  # one batch


def test_fetch__no_receipts_at_all__is_not_proved(node: Node) -> None:
    node.lies.append(refuse("eth_getBlockReceipts", "eth_getTransactionReceipt"))
    found = proof(node, thorough=True)
    assert (found.with_logs, found.rooted, found.strange) == (len(ALL) // 2, 0, 0)


def test_fetch__receipts_are_null__is_not_proved(node: Node) -> None:
    node.lies.append(lambda m, _, found: None if m == "eth_getBlockReceipts" else found)
    assert proof(node).rooted == 0


def receipts_lie(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """Each receipt is changed."""
    return lambda method, _, found: (
        [change(dict(each)) for each in found] if method == "eth_getBlockReceipts" else found
    )


def test_fetch__receipts_of_an_unknown_kind__are_counted(node: Node) -> None:
    node.lies.append(receipts_lie(lambda receipt: receipt | {"type": "0x6a"}))
    found = proof(node)
    assert (found.rooted, found.strange) == (0, len(ALL) // 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "0x0"},
        {"cumulativeGasUsed": "0x1"},
        {"logs": []},
        {"type": "0x1"},
        {"logsBloom": "0x" + "00" * 256},
    ],
)
def test_fetch__receipts_that_are_not_true(node: Node, fields: dict[str, Any]) -> None:
    node.lies.append(receipts_lie(lambda receipt: receipt | fields))
    assert refusal(node) == "logs: block 3: the root of its receipts is another"


def test_fetch__bloom_of_others__is_looked_into(node: Node) -> None:
    """A block whose bloom allows logs of ours, and has none: its receipts show it."""
    node.mine(Transaction(tuple(log(0, address) for address in alike())))
    node.asked.clear()
    assert proof(node, thorough=True).doubtful == 0
    assert [p for m, p in node.asked if m == "eth_getBlockReceipts"][-1] == (hex(BLOCKS),)
    node.lies.append(refuse("eth_getBlockReceipts", "eth_getTransactionReceipt"))
    assert proof(node, thorough=True).doubtful == 1


def alike() -> Iterator[str]:
    """A few addresses that have all bits of the pool's in a bloom."""
    left = bloom_mask(POOL)
    for address in (f"0x{n:040x}" for n in count()):
        if left & bloom_mask(address):
            left &= ~bloom_mask(address)
            yield address
        if not left:
            return


def test_fetch__bloom_of_a_crowd__is_only_asked_twice(node: Node) -> None:
    """Whatever else is in the stretch: another audit's begins and ends elsewhere."""
    crowd = tuple(log(n, f"0x{n:040x}") for n in range(700))  # nearly all bits of the bloom
    node.mine(Transaction(crowd))
    node.asked.clear()
    assert proof(node, thorough=True).doubtful == 1
    assert (hex(BLOCKS),) not in [p for m, p in node.asked if m == "eth_getBlockReceipts"]
    [hash_] = [p[0]["blockHash"] for m, p in node.asked if m == "eth_getLogs" and len(p[0]) == 2]
    assert hash_ == "0x" + node.blocks[BLOCKS].header.hash.hex()
