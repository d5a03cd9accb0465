"""peerpool.audit.decode: what eth_abi's decoding gives, for every event of a pool."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import decode, encode
from eth_utils import to_checksum_address
from eth_utils.abi import event_abi_to_log_topic
from hypothesis import given, settings
from hypothesis import strategies as st

from peerpool import abi
from peerpool.audit.decode import Decoder
from peerpool.audit.logs import RawLog
from peerpool.ledger import Event, LedgerError

EVENTS = {e["name"]: e for e in abi.load("Pool") if e["type"] == "event"}
DECODER = Decoder(abi.load("Pool"))
VALUES = {
    "address": st.binary(min_size=20, max_size=20).map(to_checksum_address),
    "uint256": st.integers(0, 2**256 - 1),
    "uint8": st.integers(0, 255),
    "bytes32": st.binary(min_size=32, max_size=32),
    "string": st.text(max_size=99),
    "uint256[]": st.lists(st.integers(0, 2**256 - 1), max_size=5).map(tuple),
}


def log_of(entry: dict[str, Any], args: dict[str, Any]) -> RawLog:
    """What a contract emits."""
    topics, kinds, plain = event_abi_to_log_topic(entry), [], []
    for field in entry["inputs"]:
        if field["indexed"]:
            topics += encode([field["type"]], [args[field["name"]]])
        else:
            kinds.append(field["type"])
            plain.append(args[field["name"]])
    return RawLog(7, 3, 1_800_000_000, "0x" + "ab" * 32, topics, encode(kinds, plain))


@pytest.mark.parametrize("name", sorted(EVENTS))
@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_event__is_what_was_encoded(name: str, data: st.DataObject) -> None:
    entry = EVENTS[name]
    args = {f["name"]: data.draw(VALUES[f["type"]]) for f in entry["inputs"]}
    found = DECODER.event(log_of(entry, args))
    assert found == Event(name, args, 7, 1_800_000_000, "0x" + "ab" * 32, 3)
    assert list(found.args) == [f["name"] for f in entry["inputs"]]


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(st.sampled_from(["ClaimFiled", "BallotsCast", "Joined"]), st.data())
def test_event__bytes_of_a_liar__as_strict_as_eth_abi(name: str, data: st.DataObject) -> None:
    """Words of a good log replaced by others: both take it, for the same, or neither does."""
    entry = EVENTS[name]
    args = {f["name"]: data.draw(VALUES[f["type"]]) for f in entry["inputs"]}
    log = log_of(entry, args)
    words = [log.data[n : n + 32] for n in range(0, len(log.data), 32)]
    odd = st.sampled_from([0, 1, 31, 32, 64, 0x100, 2**160, 2**256 - 1]).map(
        lambda number: number.to_bytes(32, "big")
    )
    for _ in range(data.draw(st.integers(1, 2))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(odd)
    raw = b"".join(words)[: data.draw(st.integers(0, 32 * len(words)))]
    plain = [f for f in entry["inputs"] if not f["indexed"]]
    try:
        theirs = dict(
            zip([f["name"] for f in plain], decode([f["type"] for f in plain], raw), strict=True)
        )
    except Exception:
        theirs = None
    try:
        found = DECODER.event(log._replace(data=raw))
        ours = {
            f["name"]: found[f["name"]].lower() if f["type"] == "address" else found[f["name"]]
            for f in plain
        }
    except LedgerError:
        ours = None
    assert ours == theirs


def test_event__text_that_is_not_utf8__has_replacements() -> None:
    entry = EVENTS["ClaimFiled"]
    args = {f["name"]: 0 for f in entry["inputs"]} | {"evidence_hash": bytes(32), "uri": "caf!"}
    args |= {"claimant": "0x" + "11" * 20, "filer": "0x" + "22" * 20}
    log = log_of(entry, args)
    found = DECODER.event(log._replace(data=log.data.replace(b"caf!", b"caf\xe9")))
    assert found["uri"] == "caf\ufffd"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"topics": b"\x01" * 32}, "ledger: unknown event in block 7, log 3"),
        ({"topics": b""}, "ledger: unknown event in block 7, log 3"),
        ({"data": b""}, "ledger: Donated (block 7, log 3): its data is too short"),
        (
            {"topics": event_abi_to_log_topic(EVENTS["Donated"])},
            "ledger: Donated (block 7, log 3): 1 topic, not 2",
        ),
        (
            {"topics": event_abi_to_log_topic(EVENTS["Donated"]) + b"\x01" * 32},
            "ledger: Donated (block 7, log 3): an address of more than 20 bytes",
        ),
    ],
)
def test_event__that_is_none__raises(change: dict[str, bytes], message: str) -> None:
    log = log_of(EVENTS["Donated"], {"donor": "0x" + "11" * 20, "amount": 5})
    with pytest.raises(LedgerError) as caught:
        DECODER.event(log._replace(**change))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "field", "word", "problem"),
    [
        ("BallotCast", 0, 256, "a number of more than 8 bits"),
        ("ClaimFiled", 6, 2**200, "its data is too short"),
        ("ClaimFiled", 7, 2**200, "its data is too short"),
        ("BallotsCast", 3, 2**200, "its data is too short"),
        ("ClaimFiled", 7, 1, "text that is not padded with zeros"),
    ],
)
def test_event__malformed_word__says_what(name: str, field: int, word: int, problem: str) -> None:
    fill = {"address": "0x" + "11" * 20, "bytes32": bytes(32), "string": "ab", "uint256[]": (1, 2)}
    args = {f["name"]: fill.get(f["type"], 1) for f in EVENTS[name]["inputs"]}
    log = log_of(EVENTS[name], args)
    data = log.data[: 32 * field] + word.to_bytes(32, "big") + log.data[32 * field + 32 :]
    with pytest.raises(LedgerError, match=rf"ledger: {name} \(block 7, log 3\): {problem}"):
        DECODER.event(log._replace(data=data))


def test_decoder__kind_that_events_of_ours_have_not__raises() -> None:
    field = {"name": "x", "type": "int128", "indexed": False}
    with pytest.raises(LedgerError, match="ledger: the ABI has an event with a int128"):
        Decoder([{"type": "event", "name": "Odd", "inputs": [field]}])
