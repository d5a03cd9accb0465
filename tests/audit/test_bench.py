"""scripts.bench: the events that it reads are a pool's, and what it measures decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from peerpool import abi
from peerpool.audit.decode import Decoder
from peerpool.audit.logs import RawLog
from scripts import bench, bench_chain
from scripts.bench import Measured, main
from tests.evm.chain import Chain

SENDER = "0x" + "5e" * 20


def test_emitter__emits_every_event_of_a_pool() -> None:
    events = [entry for entry in abi.load("Pool") if entry["type"] == "event"]
    code = bench_chain._code(events + events[:5])
    chain = Chain(1_800_000_000)
    creation = b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + code
    emitter = chain.transact(SENDER, "", creation).created
    decoder = Decoder(abi.load("Pool"))
    numbers = []
    for _ in range(2):
        logs = chain.transact(SENDER, emitter).logs
        raw = [b"".join(topic.to_bytes(32, "big") for topic in log.topics) for log in logs]
        found = [
            decoder.event(RawLog(1, n, 0, "0x", topics, log.data))
            for n, (topics, log) in enumerate(zip(raw, logs, strict=True))
        ]
        assert [e.name for e in found] == [e["name"] for e in events + events[:5]]
        numbers += [value for e in found for value in e.args.values() if isinstance(value, int)]
    amounts = [number for number in numbers if number >= 10**15]
    assert len(set(amounts)) > len(events)  # not the same over and over
    [filed] = [e for e in found if e.name == "ClaimFiled"]
    assert filed["uri"].startswith("ipfs://")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Measured]:
    """What is measured, instead of measuring."""

    @contextmanager
    def nobody() -> Iterator[Any]:
        yield SimpleNamespace(url="http://127.0.0.1:1")

    ways = {
        "web3.py": Measured("theirs", 1000, 10.0, 50 << 20),
        "peerpool": Measured("ours", 1000, 0.5, 10 << 20),
        "a tenth": Measured("few", 100, 0.1, 9 << 20),
    }
    monkeypatch.setattr(bench, "anvil", nobody)
    monkeypatch.setattr(bench, "emit", lambda rpc, count: count // 53)
    monkeypatch.setattr(bench, "measure", lambda *_: ways)
    return ways


def test_bench__good_figures__prints_them(measured: Any, capsys: pytest.CaptureFixture) -> None:
    main("--json")
    tree = json.loads(capsys.readouterr().out)
    assert (tree["times"], tree["memory_growth"]) == (20.0, 1.11)
    assert tree["ways"]["peerpool"]["events"] == 1000
    main()
    assert "20.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ours", "line"),
    [
        (Measured("", 1000, 1.1, 10 << 20), "bench: 9.1 times as fast as web3.py, not 10"),
        (
            Measured("", 1000, 0.5, 18 << 20),
            "bench: memory grows with the events, 2.00 times for ten times as many",
        ),
    ],
)
def test_bench__bad_figures__exit_with_a_line(measured: Any, ours: Measured, line: str) -> None:
    measured["peerpool"] = ours
    with pytest.raises(SystemExit) as caught:
        main("--json")
    assert caught.value.code == line


@pytest.mark.parametrize("count", ["many", "7", "-1000"])
def test_bench__too_few_events__raises(count: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        main(f"--events={count}")
    assert f"{count}: not a number from 530 on" in capsys.readouterr().err
