"""peerpool.audit.state: a view that lies by one unit, of whatever and whomever, is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from eth_utils import to_checksum_address
from eth_utils.abi import get_abi_output_types

from peerpool import abi
from peerpool.audit import state as states
from peerpool.audit.state import check_state
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check
from peerpool.ledger import Ledger
from peerpool.ledger.codec import CODEC, function
from peerpool.ledger.compare import View, views
from peerpool.units import ZERO_ADDRESS
from peerpool.views import Question
from tests.attacks.arena import ORGANISER
from tests.audit.year import REFERRER, Year
from tests.evm.answering import NodeError
from tests.evm.signing import address_of
from tests.python.pool_story import role

MOMENTS = ("created", "batch", "passed on", "rejected", "waiting", "cut", "settled", "refunded")


@pytest.fixture
def check(year: Year, books: Callable[..., Ledger]) -> Callable[..., Check]:
    """A function: compare the books as of a moment of the year, or of its end."""
    return lambda moment=None: check_state(year.node, books(to=year.blocks.get(moment)))


def lie_about(year: Year, view: View, name: str) -> Any:
    """Let the node change one field of one view, by as little as can be; return what it says."""
    question = Question("Pool", year.pool, view.function, view.arguments)
    entry = function(abi.load("Pool"), view.function)
    place = list(view.expected).index(name)
    [output] = entry["outputs"] if len(entry["outputs"]) == 1 else [None]
    is_struct = output is not None and output["type"] == "tuple"
    if is_struct:
        place = [component["name"] for component in output["components"]].index(name)
    told = _other(view.expected[name])
    kinds = get_abi_output_types(entry)

    def lie(method: str, params: Sequence[Any], result: Any) -> Any:
        if method != "eth_call" or params[0] != question.query:
            return result
        values = list(CODEC.decode(kinds, bytes.fromhex(result[2:])))
        inner = list(values[0]) if is_struct else values
        inner[place] = told
        answer = CODEC.encode(kinds, [tuple(inner)] if is_struct else inner)
        return "0x" + answer.hex()

    year.node.lies.append(lie)
    return told


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, tuple):
        return (value[0] + 1, *value[1:])
    return role("somebody else")


@pytest.mark.parametrize("moment", [*MOMENTS, None])
def test_check_state__at_any_time_of_the_year__proved(
    check: Callable[..., Check], moment: str | None
):
    found = check(moment)
    assert found.result == PROVED, found.details


def test_check_state__says_how_much(check: Callable[..., Check]):
    assert check().details == (
        "6 members, 6 claims, 2 layers; views asked: 63, and each says what the events say",
        "all refunds and cut awards that are due can be paid",
    )


def test_check_state__every_view_that_lies_by_one_unit__is_named(
    year: Year, books: Callable[..., Ledger]
):
    """Of the pool, members, one who left, strangers who are owed, claims, windows and layers."""
    ledger = books(to=year.blocks["cut"])
    seen: set[tuple[str, str]] = set()
    for view in views(ledger):
        for name in view.expected:
            if (view.function, name) in seen and view.subject not in ("member 3", "claim 5"):
                continue
            seen.add((view.function, name))
            told = lie_about(year, view, name)
            found = check_state(year.node, ledger)
            year.node.lies.clear()
            place = f"{view.subject}: " if view.subject else ""
            said, mine = (
                " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
                for value in (told, view.expected[name])
            )
            assert found == Check(
                "state",
                DIFFERS,
                (f"{place}{name}: the events say {mine}, the pool says {said}",),
            )
    assert {function for function, _ in seen} == {
        "summary",
        "member_at",
        "member",
        "payer_of",
        "pledge_of",
        "credit_of",
        "earnings_of",
        "donation_of",
        "wallet_nonce",
        "claim",
        "tally",
        "window",
        "layer",
    }


def test_views__cover_everybody_who_was_ever_owed(year: Year, books: Callable[..., Ledger]):
    asked = [(view.function, view.arguments[0]) for view in views(books()) if view.arguments]
    for account in map(to_checksum_address, (ORGANISER, address_of(REFERRER))):
        assert ("credit_of", account) in asked and ("earnings_of", account) in asked
    assert ("member_at", 6) in asked  # who left


def test_check_state__view_that_reverts__is_named(year: Year, check: Callable[..., Check]):
    query = Question("Pool", year.pool, "claim", (2,)).query

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and params[0] == query:
            raise NodeError(3, "execution reverted: claim: no such claim")
        return result

    year.node.lies.append(lie)
    found = check()
    assert found.result == DIFFERS
    assert found.details == ("claim(2): the pool does not answer: claim: no such claim",)


def test_check_state__answer_that_is_none__is_named(year: Year, check: Callable[..., Check]):
    query = Question("Pool", year.pool, "tally", (1,)).query

    def lie(method: str, params: Any, result: Any) -> Any:
        return "0x1234" if method == "eth_call" and params[0] == query else result

    year.node.lies.append(lie)
    assert check().details == (
        f"tally(1): the pool does not answer: view: {year.pool} does not answer tally",
    )


def test_check_state__node_without_state__is_not_proved(year: Year, books: Callable[..., Ledger]):
    ledger = books(to=year.blocks["cut"])
    year.node.keeps = 5
    assert check_state(year.node, ledger) == Check(
        "state",
        UNPROVED,
        (f"state: the node keeps no old state, not of block {year.blocks['cut']}",),
    )


def test_check_state__node_that_gives_up_half_way__still_names_what_differs(
    year: Year, books: Callable[..., Ledger], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(states, "AT_ONCE", 10)
    ledger = books()
    several = list(views(ledger))
    lie_about(year, several[0], "funds")
    query = Question("Pool", year.pool, several[30].function, several[30].arguments).query

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and params[0] == query:
            raise NodeError(-32005, "you are not allowed")
        return result

    year.node.lies.append(lie)
    found = check_state(year.node, ledger)
    assert found.result == DIFFERS
    assert found.details[0].startswith("funds: the events say ")
    assert found.details[1].startswith("state: the node does not tell it: rpc: node: eth_call: ")


def test_check_state__tells_how_far_it_is(
    year: Year, books: Callable[..., Ledger], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(states, "AT_ONCE", 25)
    told: list[tuple[int, int]] = []
    check_state(year.node, books(), lambda done, of: told.append((done, of)))
    assert told == [(25, 63), (50, 63), (63, 63)]


@pytest.mark.parametrize(
    "view, words, moment",
    [
        ("refund_due", "refunds: 1 000 000 000 MON are due, and only ", "settled"),
        ("award_due", "awards: 1 000 000 000 MON are due, and only ", "cut"),
    ],
)
def test_check_state__more_due_than_there_is__is_named(
    year: Year, check: Callable[..., Check], view: str, words: str, moment: str
):
    argument = ZERO_ADDRESS if view == "refund_due" else 1
    selector = Question("Pool", year.pool, view, (argument,)).query["data"]
    once = [10**15]

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and params[0]["data"].startswith(selector[:10]):
            return f"0x{once.pop() if once else 0:064x}"
        return result

    year.node.lies.append(lie)
    found = check(moment)
    assert found.result == DIFFERS
    assert found.details[0].startswith(words)


def test_check_state__sum_that_cannot_be_had__is_not_proved(
    year: Year, check: Callable[..., Check]
):
    selector = Question("Pool", year.pool, "refund_due", (ZERO_ADDRESS,)).query["data"][:10]

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and params[0]["data"].startswith(selector):
            raise NodeError(3, "execution reverted")
        return result

    year.node.lies.append(lie)
    found = check("settled")
    assert found.result == UNPROVED
    assert found.details[0].startswith("state: refund_due(0x")
