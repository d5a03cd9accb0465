"""A whole audit, and its command: whatever a node lies, lacks or drops, it never says "proved"."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils import to_checksum_address

from peerpool import abi
from peerpool.audit.run import Audit
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Verdict
from peerpool.ledger.codec import events_by_topic
from peerpool.rpc import Rpc
from scripts import audit
from tests.audit import proxy
from tests.audit.node import Block, Node, Transaction
from tests.audit.proxy import Server, serve
from tests.audit.year import WORDING, Year, live
from tests.evm.answering import NodeError
from tests.evm.chain import Log
from tests.evm.signing import address_of

STRANGER = to_checksum_address(address_of(88))
TOPICS = {entry["name"]: topic for topic, entry in events_by_topic(abi.load("Pool")).items()}


@pytest.fixture
def run(year: Year) -> Callable[..., Verdict]:
    """A function: audit the year's pool."""

    def running(node: Any = None, pool: str = year.pool, **options: Any) -> Verdict:
        options = {"to": "latest", "pause": 0} | options
        return Audit(node or year.node, pool, **options).run()

    return running


def results(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.result for check in verdict.checks}


def details(verdict: Verdict, name: str) -> tuple[str, ...]:
    [check] = [check for check in verdict.checks if check.name == name]
    return check.details


# --- the truth ------------------------------------------------------------------------------


def test_audit__a_year__everything_is_proved(run: Callable[..., Verdict]):
    verdict = run()
    names = ["code", "logs", "books", "state", "money", "signatures"]
    assert results(verdict) == dict.fromkeys(names, PROVED), verdict
    assert verdict.exit_code == 0
    assert verdict.name == "A year"
    assert details(verdict, "books") == (
        "82 events, posted by double entry; no account was ever below zero",
    )


def test_audit__any_block_of_the_year__everything_is_proved(
    year: Year, run: Callable[..., Verdict]
):
    for number in range(year.blocks["created"], year.node.blocks[-1].number, 9):
        verdict = run(to=number)
        assert verdict.result == PROVED, verdict
        assert verdict.block == number and verdict.time == year.node.blocks[number].time


def test_audit__a_cancelled_pool_in_ether__everything_is_proved():
    year = live_cancelled()
    verdict = Audit(year.node, year.pool, to="latest", pause=0).run()
    assert verdict.result == PROVED, verdict
    assert "came in" in details(verdict, "money")[0] and "ETH" in details(verdict, "money")[0]


def live_cancelled() -> Year:
    """Too few join; a donor gave; one premium and the donation went back, the others wait."""
    from tests.attacks.arena import Arena
    from tests.audit.node import record

    a = Arena()
    year = Year(a, record(a.chain), {})
    a.create(min_members=4, fee_bps=500, commission_bps=300)
    for person in (2, 3, 4):
        a.join(person, referrer=address_of(51))
    a.join(5)
    a.pool.send("leave", sender=address_of(5))
    a.donate(70)
    a.donate(30, donor=address_of(60))
    a.start()
    a.by_anyone("return_donation", address_of(60))
    a.by_anyone("refund", address_of(2))
    return year


def test_audit__ether_and_no_token__everything_is_proved():
    year = live(None)
    verdict = Audit(year.node, year.pool, to="latest", pause=0).run()
    assert verdict.result == PROVED, verdict


# --- not that pool ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chain_id, genesis, problem",
    [
        (1, None, "wrong chain: the manifest is of chain 1, this is 31337"),
        (31337, "0x12", "wrong chain: block 0 of the manifest's is 0x12, of this {}"),
    ],
)
def test_audit__another_chain__is_said_and_nothing_else_is_looked_at(
    year: Year, run: Callable[..., Verdict], chain_id: int, genesis: str | None, problem: str
):
    kept = {"chain_id": chain_id, "core": {"genesis": genesis}, "pool": {}}
    verdict = run(kept=kept)
    here = year.node.call("eth_getBlockByNumber", "0x0", False)["hash"]
    assert results(verdict) == {"chain": DIFFERS}
    assert details(verdict, "chain") == (problem.format(here),)


def test_audit__a_manifest_of_another_pool__is_named(year: Year, run: Callable[..., Verdict]):
    here = year.node.call("eth_getBlockByNumber", "0x0", False)["hash"]
    kept = {"chain_id": 31337, "core": {"genesis": here}, "pool": {}}
    verdict = run(kept=kept)
    assert results(verdict) == {"chain": PROVED, "code": DIFFERS}
    assert details(verdict, "code") == ("manifest: is not the manifest of a pool",)


@pytest.mark.parametrize("block", ["12", 12.0, [12]])
def test_audit__a_manifest_whose_block_is_no_number__is_said(
    year: Year, run: Callable[..., Verdict], block: Any
):
    here = year.node.call("eth_getBlockByNumber", "0x0", False)["hash"]
    kept = {"chain_id": 31337, "core": {"genesis": here}, "pool": {"block": block}}
    verdict = run(kept=kept)
    assert results(verdict) == {"chain": PROVED, "code": DIFFERS}
    assert details(verdict, "code") == ("manifest: its block is not a number",)


@pytest.mark.parametrize(
    "pool, problem",
    [
        (STRANGER, "has no code: another chain, or another address?"),
        ("token", "is not a pool: its code is no clone with terms behind it"),
    ],
)
def test_audit__not_a_pool__is_said(
    year: Year, run: Callable[..., Verdict], pool: str, problem: str
):
    pool = year.asset.address if pool == "token" else pool
    verdict = run(pool=pool)
    assert results(verdict) == {"code": DIFFERS}
    assert details(verdict, "code") == (f"pool: {pool} {problem}",)
    assert verdict.line.startswith(f"differs: the pool {pool} on chain 31337 as of block ")


def test_audit__younger_than_the_final_block__is_said(year: Year, run: Callable[..., Verdict]):
    year.node.unsafe = year.node.blocks[-1].number - 2
    verdict = run(to="finalized")
    assert results(verdict) == {"code": DIFFERS}
    assert details(verdict, "code")[0].endswith(
        "has no code as of block 2; it has now: --block latest"
    )


def test_audit__of_other_code__ends_there(year: Year, run: Callable[..., Verdict]):
    """Whose events would those be?"""
    address = year.arena.office.address
    code = year.arena.chain.code(address)

    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_getCode" and params[0].lower() == address
        return "0x" + (code[:-33] + b"\0" + code[-32:]).hex() if asked else result

    year.node.lies.append(lie)
    verdict = run()
    assert results(verdict) == {"code": DIFFERS}
    assert "is not BackOffice.vy of this checkout" in details(verdict, "code")[0]


def test_audit__block_that_is_not_there_yet__is_not_proved(run: Callable[..., Verdict]):
    verdict = run(to=10**6)
    assert results(verdict) == {"chain": UNPROVED}
    assert details(verdict, "chain") == ("block: the node has no block 1000000",)


# --- logs that are dropped, added, changed ----------------------------------------------------


def among(params: Sequence[Any], result: Any, change: Callable[[list[Any]], Any]) -> Any:
    """Change logs that are asked for by address and range; the factory's stay."""
    return change(result) if "topics" not in params[0] else result


@pytest.mark.parametrize(
    "change",
    [
        lambda logs: logs[::2],
        lambda logs: logs[:-1],
        lambda logs: [],
        lambda logs: logs + logs[-1:],
        lambda logs: [logs[0] | {"data": logs[0]["data"][:-1] + "f"}, *logs[1:]] if logs else [],
    ],
    ids=["half", "all but the last", "none", "one twice", "another amount"],
)
def test_audit__node_that_changes_the_logs__never_proved(
    year: Year, run: Callable[..., Verdict], change: Callable[[list[Any]], Any]
):
    def lie(method: str, params: Any, result: Any) -> Any:
        return among(params, result, change) if method == "eth_getLogs" else result

    year.node.lies.append(lie)
    verdict = run()
    assert verdict.exit_code == 1
    assert results(verdict) == {"logs": DIFFERS}
    assert details(verdict, "logs")[0].startswith("logs: ")


def rewritten(node: Node, change: Callable[[Sequence[Log]], Sequence[Log]]) -> Node:
    """A liar who does it well: blocks with other logs, and roots and hashes to match."""
    liar = Node(node.chain, node.blocks[0].time)
    for block in node.blocks[1:]:
        done = [replace(each, logs=tuple(change(each.logs))) for each in block.transactions]
        liar.blocks.append(again(liar, block, done))
    return liar


def again(liar: Node, block: Block, transactions: Sequence[Transaction]) -> Block:
    parent = liar.blocks[-1].header.hash
    return Block(block.number, block.time, parent, b"", tuple(transactions), block.accounts)


# What leaves no trace in the state: ERC-721's log, and, once a claim is concluded, its hearing. For
# these, and for texts, there is only what proves the logs themselves.
UNTOLD = {"Transfer", "ClaimDecided", "ClaimAppealed", "ClaimRuled"}


def names_of(node: Node) -> list[str]:
    """The kinds of events of the year, each once."""
    topics = {topic: name for name, topic in TOPICS.items()}
    raw = [
        log.topics[0].to_bytes(32, "big")
        for b in node.blocks
        for t in b.transactions
        for log in t.logs
    ]
    return sorted({topics[topic] for topic in raw if topic in topics} - UNTOLD)


def test_audit__liar_with_good_roots_who_drops_one_event__is_caught_by_state_or_money(
    year: Year, run: Callable[..., Verdict]
):
    """For each kind of event the last one of the year."""
    names = names_of(year.node)
    assert len(names) == 25
    pool = year.pool.lower()
    for name in names:
        topic = int.from_bytes(TOPICS[name], "big")
        last = [
            log
            for block in year.node.blocks
            for each in block.transactions
            for log in each.logs
            if log.topics[0] == topic and log.address == pool
        ][-1]
        verdict = run(
            rewritten(year.node, lambda logs, last=last: [g for g in logs if g is not last])
        )
        assert verdict.result == DIFFERS, (name, verdict)
        assert results(verdict)["code"] == PROVED


def test_audit__liar_with_good_roots_who_pays_one_unit_less__is_caught(
    year: Year, run: Callable[..., Verdict]
):
    topic = int.from_bytes(TOPICS["Donated"], "big")

    def less(logs: Sequence[Log]) -> Sequence[Log]:
        return [
            replace(g, data=(int.from_bytes(g.data, "big") - 1).to_bytes(32, "big"))
            if g.topics[0] == topic
            else g
            for g in logs
        ]

    verdict = run(rewritten(year.node, less), to=year.blocks["waiting"])
    assert results(verdict)["state"] == DIFFERS
    assert results(verdict)["money"] == PROVED  # it has become stray money


def test_audit__events_that_contradict_one_another__end_with_the_books(
    year: Year, run: Callable[..., Verdict]
):
    topic = int.from_bytes(TOPICS["Joined"], "big")
    verdict = run(rewritten(year.node, lambda logs: [g for g in logs if g.topics[0] != topic]))
    assert results(verdict) == {"code": PROVED, "books": DIFFERS}
    assert details(verdict, "books")[0].startswith("ledger: ")


# --- nodes that lack, lag, or break off ---------------------------------------------------------


def test_audit__node_without_old_state__is_not_proved(year: Year, run: Callable[..., Verdict]):
    year.node.keeps = 20
    verdict = run(kept=None)
    found = results(verdict)
    assert found["money"] == UNPROVED and found["state"] == PROVED
    assert verdict.result == UNPROVED and verdict.exit_code == 1
    assert verdict.line.startswith("not proved: ")


def test_audit__node_that_dies_half_way__is_not_proved(year: Year, run: Callable[..., Verdict]):
    def dies(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getTransactionByHash":
            raise NodeError(-32000, "shutting down")
        return result

    year.node.lies.append(dies)
    verdict = run()
    found = results(verdict)
    assert found["signatures"] == UNPROVED
    assert found["state"] == found["money"] == PROVED


@pytest.mark.parametrize(
    "method, last",
    [
        ("eth_chainId", "chain"),
        ("eth_getCode", "code"),
        ("eth_getLogs", "logs"),
        ("eth_getTransactionByHash", "signatures"),
    ],
)
def test_audit__connection_lost_for_good__is_not_proved(year: Year, method: str, last: str):
    with serve(year.node) as server:
        server.faults.append(proxy.only(method, proxy.cut))
        with Rpc(server.url, patience=0.2) as node:
            verdict = Audit(node, year.pool, to="latest", pause=0).run()
    assert verdict.result == UNPROVED
    assert verdict.checks[-1].name == last
    assert verdict.checks[-1].details[0].endswith(": the connection was lost")


@pytest.mark.parametrize(
    "method",
    [
        "eth_chainId",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_call",
        "eth_getTransactionByHash",
    ],
)
@pytest.mark.parametrize("garbage", [None, "", "0xzz", 7, [], {}, {"from": "0x", "input": "0xz"}])
def test_audit__garbage_instead_of_an_answer__is_never_proved(
    year: Year, method: str, garbage: Any
):
    year.node.lies.append(lambda asked, _, result: garbage if asked == method else result)
    with serve(year.node) as server, Rpc(server.url, patience=0.2) as node:
        verdict = Audit(node, year.pool, to=year.blocks["batch"], pause=0).run()
    assert verdict.result in (DIFFERS, UNPROVED)


def test_audit__block_replaced_meanwhile__is_not_proved(year: Year, run: Callable[..., Verdict]):
    last = hex(year.node.blocks[-1].number)
    seen = []

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getTransactionByHash":
            seen.append(params)
        if method == "eth_getBlockByNumber" and params[0] == last and seen:
            return result | {"hash": "0x" + "12" * 32}
        return result

    year.node.lies.append(lie)
    verdict = run()
    assert verdict.result == UNPROVED
    assert verdict.checks[-1].details == (
        f"block {int(last, 16)} was replaced meanwhile: try again",
    )


def test_audit__block_replaced_before_the_logs_were_read__is_not_proved(
    year: Year, run: Callable[..., Verdict]
):
    """Two servers behind one address, say, that are not of one mind."""
    first = []

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest" and not first:
            first.append(params)
            return result | {"hash": "0x" + "12" * 32}
        return result

    year.node.lies.append(lie)
    verdict = run()
    number = year.node.blocks[-1].number
    assert results(verdict) == {"logs": UNPROVED}
    assert details(verdict, "logs") == (f"block {number} was replaced meanwhile: try again",)
    assert verdict.block_hash == "0x" + "12" * 32


def test_audit__asset_without_decimals__is_not_proved(year: Year, run: Callable[..., Verdict]):
    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_call" and params[0]["data"] == "0x313ce567"
        return "0x" if asked else result

    year.node.lies.append(lie)
    verdict = run()
    assert results(verdict)["asset"] == UNPROVED
    assert details(verdict, "asset") == (f"asset: {year.asset.address} has no symbol and decimals",)


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def server(year: Year, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The node behind a URL, that the command asks unless told otherwise."""
    with serve(year.node) as serving:
        monkeypatch.setattr(audit, "connect", lambda url, told: Rpc(url, patience=0.2))
        monkeypatch.setenv("PEERPOOL_RPC", serving.url)
        yield serving


def command(*arguments: str) -> int:
    """Run it; return its exit code."""
    try:
        audit.main(*arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def test_command__proved(server: Server, year: Year, tmp_path: Path, capsys: Any):
    file = tmp_path / "wording.md"
    file.write_bytes(WORDING)
    assert command(year.pool, "--no-cache", "--wording", str(file)) == 0
    out = capsys.readouterr().out
    for name in ("code", "wording", "logs", "books", "state", "money", "signatures"):
        assert f"\n{name} " in out
    assert out.splitlines()[0].rstrip() == f"A year, {year.pool}"
    assert out.splitlines()[-1].startswith(f"proved: the pool {year.pool} on chain 31337")


def test_command__json(server: Server, year: Year, capsys: Any):
    assert command(year.pool, "--no-cache", "--json", "--block", str(year.blocks["cut"])) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["verdict"] == "proved" and tree["block"] == year.blocks["cut"]
    assert tree["files"] == []


def test_command__differs__exit_code_and_the_difference(
    server: Server, year: Year, tmp_path: Path, capsys: Any
):
    file = tmp_path / "wording.md"
    file.write_text("another")
    assert command(year.pool, "--no-cache", "--wording", str(file)) == 1
    out = capsys.readouterr().out
    assert "✗ differs" in out and out.splitlines()[-1].endswith(": see wording")


def test_command__second_time__reads_only_new_blocks(
    server: Server, year: Year, tmp_path: Path, capsys: Any
):
    arguments = (year.pool, "--cache", str(tmp_path))
    assert command(*arguments) == 0
    year.node.asked.clear()
    assert command(*arguments) == 0
    asked = [params[0] for method, params in year.node.asked if method == "eth_getLogs"]
    assert all("topics" in query for query in asked)  # of the factory


def test_command__earlier_and_later_blocks__are_as_without_the_cache(
    server: Server, year: Year, tmp_path: Path, capsys: Any
):
    def told(block: int, *cache: str) -> dict[str, Any]:
        assert command(year.pool, "--json", "--block", str(block), *cache) == 0
        return json.loads(capsys.readouterr().out)

    first, last = year.blocks["created"], year.node.blocks[-1].number
    for block in (first + 40, last, first, first + 1, first + 63, first + 64, last - 1):
        assert told(block, "--cache", str(tmp_path)) == told(block, "--no-cache"), block


def test_command__thorough__is_handed_on(
    server: Server, year: Year, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    seen = []
    monkeypatch.setattr(
        audit,
        "Audit",
        lambda *_, **options: seen.append(options["thorough"]) or Audit(*_, **options),
    )
    assert command(year.pool, "--no-cache", "--thorough", "--block", "50") == 0
    assert command(year.pool, "--no-cache", "--block", "50") == 0
    assert seen == [True, None]


def test_command__manifest(server: Server, year: Year, tmp_path: Path, capsys: Any):
    file = tmp_path / "pool.json"
    file.write_text(json.dumps({"chain_id": 5, "pool": {"address": year.pool}}))
    assert command(str(file), "--json") == 1
    [check] = json.loads(capsys.readouterr().out)["checks"]
    assert check["details"] == ["wrong chain: the manifest is of chain 5, this is 31337"]


def test_command__export__writes_what_was_proved(
    server: Server, year: Year, tmp_path: Path, capsys: Any
):
    folder = tmp_path / "out"
    assert command(year.pool, "--no-cache", "--export", str(folder), "--json") == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert files and all(Path(file).is_file() for file in files)
    assert "proved" in (folder / "report.html").read_text()


def test_command__export_of_what_is_no_pool__writes_nothing(
    server: Server, tmp_path: Path, capsys: Any
):
    folder = tmp_path / "out"
    assert command(STRANGER, "--no-cache", "--export", str(folder), "--json") == 1
    assert json.loads(capsys.readouterr().out)["files"] == []
    assert not list(folder.glob("*"))


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["0x12"], 'address: "0x12" is not 0x and 40 hex digits'),
        (["none.json"], "pool: none.json: no such file"),
        (["pools/none"], "pool: pools/none: no such file"),
        (["pools"], "pool: pools: is a folder, not a file"),
        (["Makefile"], "pool: Makefile: is not the manifest of a pool"),
        ([STRANGER, "--rpc", "example.org"], "rpc: the address does not begin with http:// or"),
        ([STRANGER, "--wording", "none"], None),
    ],
)
def test_command__mistakes__are_one_line(
    server: Server, arguments: list[str], line: str | None, capsys: Any
):
    with pytest.raises(SystemExit) as ended:
        audit.main(*arguments, "--no-cache")
    assert str(ended.value).startswith(line) if line else ended.value.code == 1


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"chain_id": 1}'])
def test_command__file_that_is_no_manifest__is_one_line(
    server: Server, tmp_path: Path, content: str
):
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(SystemExit) as ended:
        audit.main(str(file))
    assert str(ended.value) == f"pool: {file}: is not the manifest of a pool"


def test_command__wording_that_is_not_there__is_one_line(
    server: Server, year: Year, tmp_path: Path
):
    with pytest.raises(SystemExit) as ended:
        audit.main(year.pool, "--no-cache", "--wording", str(tmp_path / "none"))
    assert str(ended.value) == f"wording: {tmp_path / 'none'}: no such file"


@pytest.mark.parametrize("block", ["-1", "0x10", "pending", "soon"])
def test_command__block_that_is_none__is_a_mistake(server: Server, block: str, capsys: Any):
    assert command(STRANGER, "--block", block) == 2
    assert "--block" in capsys.readouterr().err


def test_command__nobody_answers__is_not_proved(
    server: Server, capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    server.faults.append(proxy.status(502))
    assert command(STRANGER, "--no-cache") == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"not proved: the pool {STRANGER}: see chain"
