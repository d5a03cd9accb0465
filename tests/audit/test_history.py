"""peerpool.audit.history: from a node to the events of a pool, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils import to_checksum_address

from peerpool.audit import history as module
from peerpool.audit import logs
from peerpool.audit.books import read
from peerpool.audit.history import History
from peerpool.audit.logs import LogsError, Reorganised
from peerpool.audit.verdict import PROVED, UNPROVED
from peerpool.errors import PeerpoolError
from peerpool.ledger import Kept, LedgerError
from peerpool.rpc import Rpc, RpcError
from tests.attacks.arena import Arena, arena
from tests.audit.node import Node, pass_time, record
from tests.audit.proxy import (
    cut,
    garbage,
    lags,
    limits_batches,
    limits_blocks,
    serve,
    status,
    times,
)
from tests.evm.answering import NodeError
from tests.evm.chain import Chain
from tests.evm.provider import connect
from tests.evm.signing import address_of


@pytest.fixture
def a() -> Iterator[Arena]:
    the_arena = arena()
    the_arena.reset()
    chain = the_arena.chain
    yield the_arena
    chain.__dict__.pop("transact", None)  # no longer recorded
    chain.__dict__.pop("revert", None)


@pytest.fixture
def node(a: Arena) -> Node:
    """A chain with a pool of two members, a donation, and a block without anything."""
    node = record(a.chain)
    a.create()
    a.join(2)
    a.join(3)
    a.donate(500)
    pass_time(node)
    return node


def opened(node: Any, a: Arena, **options: Any) -> History:
    return History.open(node, a.pool.address, pause=0, **options)


def names(history: History) -> list[str]:
    return [event.name for event in history.events()]


def refusal(node: Any, a: Arena, **options: Any) -> str:
    with pytest.raises(LogsError) as caught:
        opened(node, a, **options)
    return str(caught.value)


LIFE = ["Transfer", "Joined", "Transfer", "Joined", "Donated"]


def test_open__everything_of_a_pool(node: Node, a: Arena) -> None:
    with opened(node, a) as history:
        assert names(history) == LIFE
        assert list(history) == list(history.events())
        assert history.chain_id == 31337
        assert history.genesis == "0x" + node.blocks[0].header.hash.hex()
        created = next(
            b for b in node.blocks if b.transactions and b.transactions[0].to == a.factory.address
        )
        assert (history.first.number, history.first.time) == (created.number, created.time)
        assert history.last.number == history.final == node.blocks[-1].number
        assert [e["member"] for e in history if e.name == "Joined"] == [
            to_checksum_address(address_of(person)) for person in (2, 3)
        ]
        [check] = history.proofs
    assert check.result == PROVED
    last = "0x" + node.blocks[-1].header.hash.hex()
    assert check.details == (
        f"logs: 5, in 3 of the 5 blocks from {created.number} to {created.number + 4} ({last})",
        "each is in the receipts of its block, their root in its header",
        "the headers follow one another, and no bloom of another block shows a log",
    )


def test_open__up_to_a_block(node: Node, a: Arena) -> None:
    last = node.blocks[-1].number
    with opened(node, a, to=last - 2) as history:
        assert names(history) == LIFE[:4]
        assert history.last.number == last - 2
    with opened(node, a, to=last - 4) as history:  # the one of its creation
        assert names(history) == []
        assert history.first == history.last
        assert history.proofs[0].details[0].startswith("logs: 0, in 0 of the 1 block from ")


def test_open__finalized__leaves_out_what_is_not(node: Node, a: Arena) -> None:
    node.unsafe = 2
    with opened(node, a) as history:
        assert names(history) == LIFE[:4]
    with opened(node, a, to="latest") as history:
        assert names(history) == LIFE
        assert history.proofs[0].details[-1] == f"block {history.last.number} is not final yet"


def test_open__tells_how_far_it_is(node: Node, a: Arena) -> None:
    told: list[tuple[int, int]] = []
    opened(node, a, told=lambda done, of: told.append((done, of))).close()
    assert told[-1] == (5, 5)


def test_open__without_proofs(node: Node, a: Arena) -> None:
    node.lies.append(refuse("eth_getBlockReceipts"))
    with opened(node, a, prove=False) as history:
        assert names(history) == LIFE
        assert history.proofs[0].result == UNPROVED
        assert history.proofs[0].details[0] == "no proof was asked for"


def test_open__long_chain__other_headers_are_not_read(
    node: Node, a: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", 3)
    with opened(node, a) as history:
        [check] = history.proofs
        assert check.result == PROVED
        assert check.details[2] == (
            "headers read: 3; that no other block has a log is for the state to show"
        )
    with opened(node, a, thorough=True) as history:
        assert history.proofs[0].details[2].startswith("the headers follow one another")


# --- where it begins ------------------------------------------------------------------------


def refuse(*methods: str, message: str = "not supported") -> Callable[..., Any]:
    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method in methods:
            raise NodeError(-32000, message)
        return result

    return lie


def test_open__node_without_old_state__begins_where_the_factory_says(node: Node, a: Arena) -> None:
    with opened(node, a) as history:
        first = history.first
    node.keeps = 2
    with opened(node, a) as history:
        assert history.first == first
        assert names(history) == LIFE


def test_open__node_without_state_and_factory__begins_at_block_0(node: Node, a: Arena) -> None:
    node.keeps = 0
    node.lies.append(lambda m, p, found: [] if m == "eth_getLogs" and "topics" in p[0] else found)
    with opened(node, a) as history:
        assert history.first.number == 0
        assert names(history) == LIFE


def test_open__first_is_given(node: Node, a: Arena) -> None:
    with opened(node, a) as history:
        first = history.first.number
    node.asked.clear()
    with opened(node, a, first=first) as history:
        assert names(history) == LIFE
    assert [p[1] for m, p in node.asked if m == "eth_getCode"] == [hex(first + 4), hex(first - 1)]
    problem = refusal(node, a, first=first + 2)
    assert problem.endswith(f"is older than block {first + 2}")
    node.keeps = 2
    with opened(node, a, first=first) as history:
        assert names(history) == LIFE


def test_open__first_is_after_the_end__raises(node: Node, a: Arena) -> None:
    node.keeps = 0
    last = node.blocks[-1].number
    problem = refusal(node, a, first=last, to=last - 1)
    assert problem == f"logs: the pool was created in block {last}, after block {last - 1}"


def test_open__no_code__raises(node: Node, a: Arena) -> None:
    with pytest.raises(LogsError, match=r"logs: 0x1111.* has no code on chain 31337 at block \d+"):
        History.open(node, "0x" + "11" * 20, pause=0)


def test_open__code_cannot_be_read__raises(node: Node, a: Arena) -> None:
    node.lies.append(refuse("eth_getCode"))
    with pytest.raises(RpcError, match="eth_getCode: not supported"):
        opened(node, a)


# --- which block ----------------------------------------------------------------------------


def test_open__block_that_is_not_there__raises(node: Node, a: Arena) -> None:
    assert refusal(node, a, to=999) == (
        "logs: the node has no block 999: it is behind, or of another chain"
    )


def test_open__node_without_final_blocks__raises(node: Node, a: Arena) -> None:
    node.lies.append(lambda m, p, found: None if p and p[0] == "finalized" else found)
    assert refusal(node, a) == "logs: the node knows no finalized block: name one by its number"
    with opened(node, a, to="latest") as history:
        assert history.final is None


def test_open__node_that_refuses_final_blocks(node: Node, a: Arena) -> None:
    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if params and params[0] == "finalized":
            raise NodeError(-39001, "'finalized' tag not supported on pre-merge network")
        return result

    node.lies.append(lie)
    with opened(node, a, to="latest") as history:
        assert history.final is None


def test_open__another_block_than_asked__raises(node: Node, a: Arena) -> None:
    node.lies.append(
        lambda m, p, found: found | {"number": "0x1"} if p and p[0] == "0x9" else found
    )
    assert refusal(node, a, to=9) == "logs: asked for block 9, got 1"


def test_open__block_without_a_hash__raises(node: Node, a: Arena) -> None:
    node.lies.append(
        lambda m, p, found: found | {"hash": "\x1b[31m0x"} if p and p[0] == "0x9" else found
    )
    assert refusal(node, a, to=9) == "logs: block 9 has no hash that could be one"


def test_open__lags_for_a_moment__is_waited_for(node: Node, a: Arena) -> None:
    left = [2]

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "finalized" and left[0]:
            left[0] -= 1
            return None
        return result

    node.lies.append(lie)
    with opened(node, a) as history:
        assert names(history) == LIFE


# --- proofs that cannot be made, lies -------------------------------------------------------


def test_proofs__no_receipts__is_not_proved(node: Node, a: Arena) -> None:
    node.lies.append(refuse("eth_getBlockReceipts", "eth_getTransactionReceipt"))
    with opened(node, a) as history:
        [check] = history.proofs
    assert check.result == UNPROVED
    assert check.details[0] == "blocks with logs of which the node gives no receipts: 3"


def test_proofs__receipts_of_the_chains_own_kind__is_not_proved(node: Node, a: Arena) -> None:
    node.lies.append(
        lambda m, _, found: (
            [r | {"type": "0x6a"} for r in found] if m == "eth_getBlockReceipts" else found
        )
    )
    with opened(node, a) as history:
        [check] = history.proofs
    assert check.result == UNPROVED
    assert check.details[0] == "blocks with logs and receipts of a kind not known: 3"


def test_proofs__hashes_of_the_chains_own_kind__is_not_proved(node: Node, a: Arena) -> None:
    node.lies.append(
        lambda m, p, found: (
            found | {"extraData": "0x01"} if m == "eth_getBlockByNumber" and found else found
        )
    )
    with opened(node, a) as history:
        [check] = history.proofs
    assert check.result == UNPROVED
    assert check.details[0].startswith("headers whose hash is not that of their fields: 5 of 5")


def test_open__chain_id_that_is_no_number__raises(node: Node, a: Arena) -> None:
    node.lies.append(lambda m, _, found: "mainnet" if m == "eth_chainId" else found)
    with pytest.raises(RpcError, match="is not a number"):
        opened(node, a)


GARBAGE = [None, "", "0x", "0xzz", 7, True, [], {}, [None], [{}], "0x" + "ff" * 40]


@pytest.mark.parametrize(
    "method",
    [
        "eth_chainId",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getBlockReceipts",
        "eth_getTransactionReceipt",
    ],
)
def test_open__garbage_for_an_answer__is_the_truth_or_an_error(
    node: Node, a: Arena, method: str
) -> None:
    """No crash, and nothing false that is proved."""
    with opened(node, a) as history:
        truth = list(history)
    for answer in GARBAGE:
        node.lies[:] = [lambda m, _, found, answer=answer: answer if m == method else found]
        if method == "eth_getTransactionReceipt":
            node.lies.append(refuse("eth_getBlockReceipts"))
        try:
            with opened(node, a) as history:
                assert list(history) == truth or history.proofs[0].result == UNPROVED
        except PeerpoolError as error:
            assert "\n" not in str(error)


FIELDS = ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex"]


@pytest.mark.parametrize(
    ("method", "prove"),
    [
        ("eth_getLogs", True),
        ("eth_getLogs", False),
        ("eth_getBlockByNumber", True),
        ("eth_getBlockByNumber", False),
        ("eth_getBlockReceipts", True),
    ],
)
def test_open__one_field_is_garbage__is_the_truth_or_an_error(
    node: Node, a: Arena, method: str, prove: bool
) -> None:
    with opened(node, a) as history:
        truth = list(history)
    fields = FIELDS
    if "Block" in method:
        sample = node.answer(method, [hex(truth[-1].block)])
        fields = list(sample[0] if isinstance(sample, list) else sample)
    for field in fields:
        for answer in ("MISSING", *GARBAGE):

            def lie(m: str, _: Any, found: Any, field: str = field, answer: Any = answer) -> Any:
                if m != method or not found:
                    return found
                rows = found if isinstance(found, list) else [found]
                rows = [{**row, field: answer} for row in rows]
                if answer == "MISSING":
                    rows = [{k: v for k, v in row.items() if k != field} for row in rows]
                return rows if isinstance(found, list) else rows[0]

            node.lies[:] = [lie]
            try:
                with opened(node, a, prove=prove) as history:
                    assert list(history) == truth or history.proofs[0].result == UNPROVED
            except PeerpoolError as error:
                assert "\n" not in str(error)


def test_events__unknown_one__raises(node: Node, a: Arena) -> None:
    """A node whose receipts hold an event that no pool emits."""
    block = node.blocks[-2]
    [transaction] = block.transactions
    odd = replace(transaction.logs[0], topics=(5,))
    del node.blocks[-2:]
    node.mine(replace(transaction, logs=(odd,)), time=block.time)
    with opened(node, a, to="latest", first=0) as history, pytest.raises(LedgerError) as caught:
        names(history)
    assert str(caught.value) == f"ledger: unknown event in block {block.number}, log 0"


@pytest.mark.parametrize(
    "faults",
    [
        [limits_blocks(2, "block range is too wide"), limits_batches(2)],
        [times(3, status(429, Retry_After="0"))],
        [times(2, cut), times(1, garbage)],
        [lags(0.01)],
    ],
)
def test_open__over_http__bad_servers_make_no_difference(node: Node, a: Arena, faults: Any) -> None:
    with serve(node) as server:
        server.faults = list(faults)
        with Rpc(server.url, patience=30) as rpc, opened(rpc, a) as history:
            assert names(history) == LIFE
            assert history.proofs[0].result == PROVED


# --- the cache ------------------------------------------------------------------------------


def asked(node: Node, method: str) -> list[Any]:
    return [params for each, params in node.asked if each == method]


def test_cache__second_time__reads_new_blocks_alone(node: Node, a: Arena, tmp_path: Path) -> None:
    with opened(node, a, cache=tmp_path) as history:
        last, first = history.last.number, history.first
    a.join(4)
    node.asked.clear()
    with opened(node, a, cache=tmp_path) as history:
        assert names(history) == [*LIFE, "Transfer", "Joined"]
        assert history.first == first
        assert history.proofs[0].result == PROVED
        assert f"of the 6 blocks from {first.number}" in history.proofs[0].details[0]
    assert [(p[0]["fromBlock"], p[0]["toBlock"]) for p in asked(node, "eth_getLogs")] == [
        (hex(last + 1), hex(last + 1))
    ]
    assert asked(node, "eth_getCode") == []
    node.asked.clear()
    with opened(node, a, cache=tmp_path) as history:
        assert len(names(history)) == 7
    assert asked(node, "eth_getLogs") == asked(node, "eth_getBlockReceipts") == []


def test_cache__earlier_block__needs_nothing_new(node: Node, a: Arena, tmp_path: Path) -> None:
    opened(node, a, cache=tmp_path).close()
    node.asked.clear()
    with opened(node, a, cache=tmp_path, to=node.blocks[-1].number - 2) as history:
        assert names(history) == LIFE[:4]
    assert asked(node, "eth_getLogs") == []


def test_cache__any_block_after_any_other__is_as_without(
    node: Node, a: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Amidst a stretch, at its ends, before and after; on chains that hash others, too."""
    monkeypatch.setattr(logs, "WIDEST_THOROUGH", 4)
    for _ in range(3):
        a.donate(5)
        pass_time(node)
    node.unsafe = 3
    odd = hex(node.blocks[-4].number)
    node.lies.append(
        lambda m, p, found: (
            found | {"extraData": "0x01"} if m == "eth_getBlockByNumber" and p[0] == odd else found
        )
    )
    first, last = opened(node, a).first.number, node.blocks[-1].number
    truth = {}
    for number in range(first, last + 1):
        with opened(node, a, to=number) as history:
            truth[number] = history.proofs, names(history)
    assert len({proofs for proofs, _ in truth.values()}) == last - first + 1
    for start in range(first, last + 1):
        cache = tmp_path / str(start)
        for number in (start, last, *range(first, last + 1), start):
            with opened(node, a, cache=cache, to=number) as history:
                assert (history.proofs, names(history)) == truth[number], (start, number)


def test_cache__all_headers_asked_for__reads_what_was_passed_over(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    opened(node, a, cache=tmp_path, thorough=False).close()
    with opened(node, a, thorough=True) as without:
        for options in ({}, {"thorough": True}, {"thorough": False}):
            with opened(node, a, cache=tmp_path, **options) as history:
                assert history.proofs == without.proofs


def test_cache__earlier_block_with_another_hash__is_not_proved(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    """The end of the stretch is the chain's, so that only the block itself can tell."""
    opened(node, a, cache=tmp_path).close()
    number = node.blocks[-1].number - 2
    node.lies.append(
        lambda m, p, found: (
            found | {"hash": "0x" + "66" * 32}
            if m == "eth_getBlockByNumber" and p[0] == hex(number)
            else found
        )
    )
    said = refusal(node, a, cache=tmp_path, to=number)
    assert said == f"logs: block {number} has one hash in its logs, another in itself"
    node.lies.clear()
    with opened(node, a, cache=tmp_path, to=number) as history:
        assert history.proofs[0].result == PROVED


def test_cache__earlier_block__leaves_later_ones_final(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    opened(node, a, cache=tmp_path).close()
    number = node.blocks[-1].number
    opened(node, a, cache=tmp_path, to=number - 2).close()
    node.forget(number - 1)
    node.mine()
    assert f"block {number} was final, and is another now" in refusal(node, a, cache=tmp_path)


def test_cache__node_that_is_behind__reads_again_what_it_cannot_show(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    opened(node, a, cache=tmp_path).close()
    node.forget(node.blocks[-1].number - 2)
    with opened(node, a, cache=tmp_path, to="latest") as history:
        assert names(history) == LIFE[:4]


def test_cache__blocks_that_were_replaced__are_read_again(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    node.unsafe = 4
    before = a.chain.snapshot()
    opened(node, a, cache=tmp_path, to="latest").close()
    a.join(4)
    opened(node, a, cache=tmp_path, to="latest").close()
    a.chain.revert(before)
    a.donate(7)
    a.donate(8)
    with opened(node, a, cache=tmp_path, to="latest") as history:
        assert names(history) == [*LIFE, "Donated", "Donated"]
        assert [e["amount"] for e in history if e.name == "Donated"] == [500, 7, 8]
        assert history.proofs[0].result == PROVED


def test_cache__final_blocks_that_were_replaced__raises(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    opened(node, a, cache=tmp_path).close()
    number = node.blocks[-1].number
    node.forget(number - 1)
    node.mine()
    problem = refusal(node, a, cache=tmp_path)
    assert problem.startswith(f"logs: block {number} was final, and is another now: not the chain")
    assert problem.endswith(".sqlite to begin anew")
    for path in tmp_path.iterdir():
        path.unlink()
    with opened(node, a, cache=tmp_path) as history:
        assert names(history) == LIFE


def test_cache__read_without_proofs__is_proved_when_asked_for(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    opened(node, a, cache=tmp_path, prove=False).close()
    with opened(node, a, cache=tmp_path) as history:
        assert names(history) == LIFE
        assert history.proofs[0].result == PROVED
    with opened(node, a, cache=tmp_path, prove=False) as history:
        assert history.proofs[0].result == PROVED  # and stays so


def test_cache__other_first_block__is_read_anew(node: Node, a: Arena, tmp_path: Path) -> None:
    with opened(node, a, cache=tmp_path) as history:
        first = history.first.number
    with opened(node, a, cache=tmp_path, first=first - 2) as history:
        assert history.first.number == first - 2
        assert names(history) == LIFE


def test_cache__one_file_for_each_pool_and_chain(node: Node, a: Arena, tmp_path: Path) -> None:
    opened(node, a, cache=tmp_path).close()
    a.pool = a.clone(b"\1" * 32)
    opened(node, a, cache=tmp_path).close()
    node.lies.append(lambda m, _, found: "0x1" if m == "eth_chainId" else found)
    opened(node, a, cache=tmp_path).close()
    names_ = sorted(path.name for path in tmp_path.glob("*.sqlite"))
    assert [name.partition("-")[0] for name in names_] == ["1", "31337", "31337"]


def test_cache__another_process_reads_at_the_same_time(
    node: Node, a: Arena, tmp_path: Path
) -> None:
    """While this one is at its first stretch, the other reads everything."""
    begun: list[bool] = []

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getLogs" and not begun:
            begun.append(True)
            opened(node, a, cache=tmp_path).close()
        return result

    node.lies.append(lie)
    with opened(node, a, cache=tmp_path) as history:
        assert names(history) == LIFE


def test_open__replaced_while_it_is_read__is_read_again(node: Node, a: Arena) -> None:
    node.unsafe = 4
    done: list[bool] = []

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getBlockReceipts" and not done:
            done.append(True)
            node.forget(node.blocks[-1].number - 1)
            pass_time(node)
        return result

    node.lies.append(lie)
    node.chain.number -= 1
    with opened(node, a, to="latest") as history:
        assert names(history) == LIFE
        assert history.last.hash == "0x" + node.blocks[-1].header.hash.hex()


def test_open__replaced_again_and_again__raises(node: Node, a: Arena) -> None:
    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method == "eth_getBlockReceipts":
            node.forget(node.blocks[-1].number - 1)
            node.mine()
        return result

    node.lies.append(lie)
    with pytest.raises(Reorganised, match=r"logs: block \d+ was replaced meanwhile"):
        opened(node, a, to="latest")


# --- books ------------------------------------------------------------------------------------


def test_read__books_of_a_pool(a: Arena) -> None:
    a.create()
    a.join(2)
    kept = Kept()
    ledger = read(connect(a.chain), a.pool.address, watchers=[kept])
    assert [event.name for event in kept.events] == LIFE[:2]
    assert (len(ledger.present), ledger.funds, ledger.chain_id) == (1, 1000, 31337)


def test_read__no_code__raises(a: Arena) -> None:
    with pytest.raises(LogsError, match=r"logs: 0x1111\S+ has no code$"):
        read(connect(a.chain), "0x" + "11" * 20)


def test_record__leaves_the_chain_as_it_was(a: Arena) -> None:
    assert a.chain.transact.__func__ is Chain.transact
