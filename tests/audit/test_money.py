"""peerpool.audit.money: every unit is accounted for at every block in which money moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from peerpool.audit import money as moneys
from peerpool.audit.money import Money
from peerpool.audit.verdict import DIFFERS, PROVED, UNPROVED, Check
from peerpool.ledger import Ledger, rebuild
from peerpool.units import ETHER, ZERO_ADDRESS
from tests.audit.node import Node
from tests.audit.year import Year
from tests.evm.answering import NodeError
from tests.python.pool_story import START, TERMS, UNIT, Story, role


@pytest.fixture
def check(year: Year, books: Callable[..., Ledger]) -> Callable[[], Check]:
    """A function: rebuild the year's books, with a look at the money."""

    def checking() -> Check:
        money = Money(year.node, year.pool, year.asset)
        return money.check(books(money))

    return checking


def balances(node: Node, block: int, more: int) -> None:
    """Let the node tell another balance of one block."""

    def lie(method: str, params: Any, result: Any) -> Any:
        asked = method == "eth_call" and params[0]["data"].startswith("0x70a08231")
        if asked and int(params[1], 16) == block:
            return f"0x{int(result, 16) + more:064x}"
        return result

    node.lies.append(lie)


def test_check__proved(year: Year, check: Callable[[], Check]):
    found = check()
    assert found.result == PROVED
    assert found.details[0] == (
        "0.028991 MON came in, 0.021701 MON went out, 0.00729 MON are there"
    )
    assert found.details[1] == "blocks looked at: 36; the balance covers funds and held at each"
    assert found.details[2] == "0.000003 MON are stray: absorb() books them"


def test_check__one_unit_short_in_the_middle__is_named(year: Year, check: Callable[[], Check]):
    balances(year.node, year.blocks["rejected"], -1)
    found = check()
    assert found.result == DIFFERS
    [difference] = found.details
    assert difference.startswith(f"block {year.blocks['rejected']}: 0.000001 MON are missing: the")


def test_check__short_at_the_end__is_named(year: Year, check: Callable[[], Check]):
    balances(year.node, year.node.blocks[-1].number, -4)
    found = check()
    assert found.result == DIFFERS
    assert "0.000001 MON are missing" in found.details[0]


def test_check__stray_money_that_goes_again__left_without_an_event(
    year: Year, check: Callable[[], Check]
):
    """More than the books have, and then no more: somebody took what was stray."""
    balances(year.node, year.blocks["rejected"], 9)
    found = check()
    assert found.result == DIFFERS
    [difference] = found.details
    assert difference.endswith(
        f"0.000009 MON left since block {year.blocks['rejected']} without an event"
    )


@pytest.mark.parametrize("keeps", [1, 60])
def test_check__node_without_old_state__is_not_proved(
    year: Year, check: Callable[[], Check], keeps: int
):
    year.node.keeps = keeps
    found = check()
    assert found.result == UNPROVED
    assert found.details[0].startswith("state: the node keeps no old state, not of block ")
    assert found.details[0].endswith("the balance of 0 blocks before it was right")


def test_check__difference_and_then_no_state__says_both(year: Year, check: Callable[[], Check]):
    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call" and int(params[1], 16) > year.blocks["rejected"]:
            raise NodeError(-32000, "missing trie node")
        return result

    balances(year.node, year.blocks["batch"] - 1, -1)
    year.node.lies.append(lie)
    balances(year.node, year.blocks["rejected"], -1)
    found = check()
    assert found.result == DIFFERS
    assert "are missing" in found.details[0]
    assert "keeps no old state" in found.details[-1]


@pytest.mark.parametrize("answer", ["0x", "0x1234zz"])
def test_check__token_that_answers_nothing__is_not_proved(
    year: Year, check: Callable[[], Check], answer: str
):
    def lie(method: str, params: Any, result: Any) -> Any:
        return answer if method == "eth_call" else result

    year.node.lies.append(lie)
    found = check()
    assert found.result == UNPROVED
    assert found.details[0].startswith("state: the asset does not tell the balance of block ")


def test_check__token_that_reverts__is_not_proved(year: Year, check: Callable[[], Check]):
    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call":
            raise NodeError(3, "execution reverted: paused")
        return result

    year.node.lies.append(lie)
    found = check()
    assert found.result == UNPROVED
    assert found.details[0].startswith("state: the asset does not tell the balance of block ")


def test_check__node_that_will_not__is_not_proved(year: Year, check: Callable[[], Check]):
    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_call":
            raise NodeError(-32601, "method not allowed")
        return result

    year.node.lies.append(lie)
    [detail] = check().details
    assert detail.startswith("state: the node does not tell it: rpc: node: eth_call: ")


def test_check__balances_are_asked_in_batches(
    year: Year, check: Callable[[], Check], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(moneys, "AT_ONCE", 7)
    year.node.asked.clear()
    assert check().result == PROVED
    blocks = [int(params[1], 16) for method, params in year.node.asked if method == "eth_call"]
    assert blocks == sorted(set(blocks)) and len(blocks) == 36


# --- by hand, in Ether --------------------------------------------------------------


class Told:
    """A node that only knows balances, by block."""

    def __init__(self, **balances: int) -> None:
        self.balances = {int(block[1:]): amount for block, amount in balances.items()}

    def batch(self, calls: Any, **_: Any) -> list[str]:
        assert all(method == "eth_getBalance" for method, _ in calls)
        return [hex(self.balances[int(block, 16)]) for _, (_, block) in calls]


def story() -> Story:
    """300 come in, in block 1 to 3; block 4 moves nothing; block 5 absorbs 7, block 6 gives 40."""
    told = Story(replace(TERMS, asset=ZERO_ADDRESS))
    told.joined(START - 9, 1, "a").joined(START - 8, 2, "b").joined(START - 7, 3, "c")
    told.tell(START + 1, "RecoveryObjected", old=role("a"))
    told.tell(START + 2, "Absorbed", amount=7 * UNIT)
    return told.tell(START + 3, "Donated", donor=role("d"), amount=40 * UNIT)


def judged(**told: int) -> Check:
    node: Any = Told(**{block: amount * UNIT for block, amount in told.items()})
    money = Money(node, role("pool"), replace(ETHER, decimals=6))
    empty = Ledger(
        chain_id=1,
        pool=role("pool"),
        block=6,
        time=START + 9,
        terms=story().terms,
        asset=ETHER,
    )
    return money.check(rebuild(empty, story().events, [money]))


@pytest.mark.parametrize(
    "told, differences",
    [
        ({"b1": 100, "b2": 200, "b3": 300, "b5": 307, "b6": 347}, ()),
        # stray comes, and stays, until it is absorbed
        ({"b1": 100, "b2": 200, "b3": 307, "b5": 307, "b6": 347}, ()),
        ({"b1": 103, "b2": 203, "b3": 303, "b5": 307, "b6": 348}, ()),
        (
            {"b1": 103, "b2": 202, "b3": 302, "b5": 307, "b6": 347},
            ("block 2: 1 ETH left since block 1 without an event",),
        ),
        (
            {"b1": 100, "b2": 200, "b3": 309, "b5": 308, "b6": 348},
            ("block 5: 1 ETH left since block 3 without an event",),
        ),
        (
            {"b1": 99, "b2": 200, "b3": 300, "b5": 307, "b6": 347},
            ("block 1: 1 ETH are missing: the books have 100 ETH, the balance is 99 ETH",),
        ),
    ],
)
def test_check__stray_money(told: dict[str, int], differences: tuple[str, ...]):
    found = judged(**told)
    assert found.result == (DIFFERS if differences else PROVED)
    assert not differences or found.details == differences


def test_check__what_is_stray_at_the_end_is_told():
    found = judged(b1=100, b2=200, b3=300, b5=307, b6=349)
    assert found.details[2] == "2 ETH are stray: absorb() books them"
