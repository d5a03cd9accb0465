"""peerpool.audit.signatures: each ballot was sent or signed by its voter, or it is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_utils import to_checksum_address

from peerpool.audit import signatures as module
from peerpool.audit.signatures import Signatures
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check
from peerpool.ballots import Call
from peerpool.ledger import Ledger
from tests.attacks.arena import WORDS
from tests.attacks.papers import ballot, short, sign
from tests.audit.year import FIFTH, FOURTH, OWNER, THIRD, Year
from tests.evm.answering import NodeError
from tests.evm.signing import address_of

ALL = "18 ballots: 14 sent by their voters, 3 signed by their voters' keys, 1 by wallets"


@pytest.fixture
def check(year: Year, books: Callable[..., Ledger]) -> Callable[[], Check]:
    """A function: rebuild the year's books, with a look at who cast the ballots."""

    def checking() -> Check:
        signatures = Signatures(year.node)
        return signatures.check(books(signatures))

    return checking


def transaction(year: Year, moment: str) -> str:
    return year.node.blocks[year.blocks[moment]].hash_of(0)


def forge(year: Year, moment: str, **changes: Any) -> None:
    """Let the node tell another transaction."""

    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_getTransactionByHash" and params[0] == transaction(year, moment)
        return result | changes if asked else result

    year.node.lies.append(lie)


def call(year: Year, function: str, *arguments: Any) -> str:
    return "0x" + Call(year.pool, function, arguments, ()).encode().hex()


def missing(year: Year, moment: str, voter: str, tenths: int, claim: int) -> str:
    return (
        f"claim {claim}: ballot of {to_checksum_address(voter)} for {tenths} tenths, in transaction"
        f" {transaction(year, moment)}: "
    )


NOT_HIS = "neither sent nor signed by the voter"
BLIND = "cannot be seen: not in the calldata, and the node gives no trace"


def test_check__proved(check: Callable[[], Check]):
    assert check() == Check("signatures", PROVED, (ALL,))


def test_check__in_small_batches(check: Callable[[], Check], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "AT_ONCE", 3)
    assert check() == Check("signatures", PROVED, (ALL,))


def test_check__no_ballots(year: Year, books: Callable[..., Ledger]):
    signatures = Signatures(year.node)
    found = signatures.check(books(signatures, to=year.blocks["created"]))
    assert found == Check("signatures", PROVED, ("no ballots",))


# --- forged ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "award, reason, claim", [(9, WORDS, 1), (10, b"\x12" * 32, 1), (10, WORDS, 2)]
)
def test_check__batch_signed_for_something_else__is_named(
    year: Year, check: Callable[[], Check], award: int, reason: bytes, claim: int
):
    digest = ballot(year.pool, claim, award, reason)
    forge(year, "batch", input=call(year, "cast_ballots", 1, 10, WORDS, [short(4, digest)]))
    assert check() == Check(
        "signatures", DIFFERS, (missing(year, "batch", FOURTH, 10, 1) + NOT_HIS,)
    )


def test_check__batch_signed_by_somebody_else__is_named(year: Year, check: Callable[[], Check]):
    digest = ballot(year.pool, 1, 10, WORDS)
    forge(year, "batch", input=call(year, "cast_ballots", 1, 10, WORDS, [short(5, digest)]))
    assert check().details == (missing(year, "batch", FOURTH, 10, 1) + NOT_HIS,)


@pytest.mark.parametrize("chain_id", [1, 31338])
def test_check__signed_for_another_chain__is_named(
    year: Year, check: Callable[[], Check], chain_id: int
):
    digest = ballot(year.pool, 1, 10, WORDS, chain_id)
    forge(year, "batch", input=call(year, "cast_ballots", 1, 10, WORDS, [short(4, digest)]))
    assert check().details == (missing(year, "batch", FOURTH, 10, 1) + NOT_HIS,)


def test_check__signed_for_another_pool__is_named(year: Year, check: Callable[[], Check]):
    digest = ballot(address_of(3), 1, 10, WORDS)
    data = call(year, "cast_ballot_for", 1, to_checksum_address(FIFTH), 10, WORDS, sign(5, digest))
    forge(year, "single", input=data)
    assert check().details == (missing(year, "single", FIFTH, 10, 1) + NOT_HIS,)


@pytest.mark.parametrize("data", ["0x", "0x12", "0xecaca432", "0xecaca432" + "ff" * 200])
def test_check__calldata_that_is_none__is_named(year: Year, check: Callable[[], Check], data: str):
    forge(year, "batch", input=data)
    assert check().details == (missing(year, "batch", FOURTH, 10, 1) + NOT_HIS,)


def test_check__wallet_that_did_not_sign__is_named(year: Year, check: Callable[[], Check]):
    event = next(
        log
        for log in year.node.call(
            "eth_getLogs",
            {"fromBlock": hex(year.blocks["wallet"]), "toBlock": hex(year.blocks["wallet"])},
        )
    )
    wallet = to_checksum_address("0x" + event["topics"][2][-40:])
    digest = ballot(year.pool, 1, 10, WORDS)
    data = call(year, "cast_ballot_for", 1, wallet, 10, WORDS, sign(OWNER + 1, digest))
    forge(year, "wallet", input=data)
    assert check().details == (missing(year, "wallet", wallet, 10, 1) + NOT_HIS,)


def test_check__vote_of_somebody_else__is_named(year: Year, check: Callable[[], Check]):
    """Sent to the pool, but by another account than the event says."""
    block = year.blocks["batch"] - 1
    year.blocks["vote"] = block
    forge(year, "vote", **{"from": FOURTH})
    assert check().details == (missing(year, "vote", THIRD, 10, 1) + NOT_HIS,)


@pytest.mark.parametrize("arguments", [(2, 10, WORDS), (1, 9, WORDS), (1, 10, b"\x13" * 32)])
def test_check__vote_for_something_else__is_named(
    year: Year, check: Callable[[], Check], arguments: tuple[Any, ...]
):
    year.blocks["vote"] = year.blocks["batch"] - 1
    forge(year, "vote", input=call(year, "vote", *arguments))
    assert check().details == (missing(year, "vote", THIRD, 10, 1) + NOT_HIS,)


# --- what cannot be seen -------------------------------------------------------------------


def test_check__transaction_that_the_node_does_not_have__is_not_proved(
    year: Year, check: Callable[[], Check]
):
    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_getTransactionByHash" and params[0] == transaction(year, "batch")
        return None if asked else result

    year.node.lies.append(lie)
    assert check() == Check(
        "signatures",
        UNPROVED,
        (f"transaction {transaction(year, 'batch')}: the node does not have it",),
    )


def test_check__passed_on_without_calldata_or_trace__is_not_proved(
    year: Year, check: Callable[[], Check]
):
    forge(year, "passed on", input="0x1234")
    assert check() == Check(
        "signatures", UNPROVED, (missing(year, "passed on", FIFTH, 0, 2) + BLIND,)
    )


def test_check__forged_and_unseen__both_are_told(year: Year, check: Callable[[], Check]):
    forge(year, "passed on", input="0x1234")
    forge(year, "batch", input="0x1234")
    assert check() == Check(
        "signatures",
        DIFFERS,
        (
            missing(year, "batch", FOURTH, 10, 1) + NOT_HIS,
            missing(year, "passed on", FIFTH, 0, 2) + BLIND,
        ),
    )


def test_check__wallet_of_a_node_without_old_state__is_not_proved(
    year: Year, check: Callable[[], Check]
):
    year.node.keeps = 10
    [detail] = check().details
    block = year.blocks["wallet"]
    assert detail.endswith(f": state: the node keeps no old state, not of block {block}")


# --- traces --------------------------------------------------------------------------------


def traced(year: Year, frame: dict[str, Any]) -> None:
    """Let the node have traces, and give this one."""

    def trace(hash_: str, tracer: dict[str, str]) -> dict[str, Any]:
        assert tracer == {"tracer": "callTracer"}
        assert hash_ == transaction(year, "passed on")
        return frame

    year.node._debug_traceTransaction = trace  # type: ignore[attr-defined]


@pytest.fixture
def frames(year: Year) -> Any:
    """A function: the trace of a wallet that makes a call of the pool, from an account."""

    def outer(data: str, sender: str = OWNER_WALLET, **changes: Any) -> dict[str, Any]:
        inner = {"type": "CALL", "from": sender, "to": year.pool.lower(), "input": data} | changes
        between = {
            "type": "DELEGATECALL",
            "from": sender,
            "to": FOURTH,
            "input": "0x",
            "calls": [inner],
        }
        return {"type": "CALL", "from": THIRD, "to": sender, "input": "0x", "calls": [between]}

    yield outer
    year.node.__dict__.pop("_debug_traceTransaction", None)


OWNER_WALLET = address_of(70)


def test_check__signature_in_the_trace__proved(
    year: Year, check: Callable[[], Check], frames: Callable[..., Any]
):
    forge(year, "passed on", input="0x1234")
    digest = ballot(year.pool, 2, 0, WORDS)
    traced(year, frames(call(year, "cast_ballots", 2, 0, WORDS, [short(5, digest)])))
    assert check() == Check("signatures", PROVED, (ALL,))


def test_check__vote_through_the_own_wallet__proved(
    year: Year, check: Callable[[], Check], frames: Callable[..., Any]
):
    forge(year, "passed on", input="0x1234")
    traced(year, frames(call(year, "vote", 2, 0, WORDS), sender=FIFTH))
    text = "18 ballots: 15 sent by their voters, 2 signed by their voters' keys, 1 by wallets"
    assert check() == Check("signatures", PROVED, (text,))


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": FOURTH},
        {"error": "execution reverted"},
        {"type": "DELEGATECALL"},
        {"to": OWNER_WALLET},
    ],
)
def test_check__other_calls_in_the_trace__prove_nothing(
    year: Year, check: Callable[[], Check], frames: Callable[..., Any], changes: dict[str, Any]
):
    forge(year, "passed on", input="0x1234")
    traced(year, frames(call(year, "vote", 2, 0, WORDS), **{"sender": FIFTH} | changes))
    assert check() == Check(
        "signatures", DIFFERS, (missing(year, "passed on", FIFTH, 0, 2) + NOT_HIS,)
    )


def test_check__trace_refused__is_not_proved(year: Year, check: Callable[[], Check], frames: Any):
    def refuse(*_: Any) -> Any:
        raise NodeError(-32000, "tracing is off")

    forge(year, "passed on", input="0x1234")
    year.node._debug_traceTransaction = refuse  # type: ignore[attr-defined]
    assert check().details == (missing(year, "passed on", FIFTH, 0, 2) + BLIND,)


def test_check__vote_selector_in_somebody_s_calldata__proves_nothing(
    year: Year, check: Callable[[], Check]
):
    """Whoever passes a call on can write anything: a vote without the voter's own hand is none."""
    forge(year, "passed on", input=call(year, "vote", 2, 0, WORDS), **{"from": FIFTH})
    assert check().result == UNPROVED
