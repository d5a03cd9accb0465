"""The books from events against the pool's own views, all as of the block of the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from peerpool.audit.verdict import DIFFERS, UNPROVED, Check, checked
from peerpool.errors import PeerpoolError
from peerpool.ledger import HELD, Account, Ledger
from peerpool.ledger.compare import View, views
from peerpool.ledger.rebuild import CANCELLED, EARNINGS, SETTLED
from peerpool.rpc import Node, RpcRefused, has_no_old_state
from peerpool.units import counted, format_amount
from peerpool.views import Question, ViewError, reason

AT_ONCE = 500  # views
Told = Callable[[int, int], None]


class StateError(PeerpoolError):
    """The node does not tell the state of a block: `state: problem`."""


def check_state(node: Node, ledger: Ledger, told: Told | None = None) -> Check:
    """Compare the pool's views, of everything that the events tell, with the books.

    told: how many views were asked, of how many. Raises RpcError.
    """
    several = list(views(ledger))
    found: list[str] = []
    try:
        for done in range(0, len(several), AT_ONCE):
            some = several[done : done + AT_ONCE]
            for view, answer in zip(some, answers(node, ledger, some), strict=True):
                found += (
                    [answer.problem] if isinstance(answer, Refusal) else view.differences(answer)
                )
            if told:
                told(min(done + AT_ONCE, len(several)), len(several))
        found += _unpayable(node, ledger)
    except StateError as error:
        return Check("state", DIFFERS if found else UNPROVED, (*found, str(error)))
    return checked(
        "state",
        found,
        [
            f"{counted(len(ledger.members), 'member')}, {counted(len(ledger.claims), 'claim')},"
            f" {counted(len(ledger.layers), 'layer')}; views asked: {len(several)}, and each says"
            " what the events say",
            "all refunds and cut awards that are due can be paid",
        ],
    )


class Refusal:
    """In the place of an answer: the pool has none."""

    def __init__(self, view: View, why: str) -> None:
        arguments = ", ".join(map(str, view.arguments))
        self.problem = f"{view.function}({arguments}): the pool does not answer: {why}"


def answers(node: Node, ledger: Ledger, some: Sequence[View]) -> Iterator[Any]:
    """What the pool answers at the block of the books, or a Refusal.

    Raises StateError if the node has no state of that block, RpcError.
    """
    questions = [Question("Pool", ledger.pool, view.function, view.arguments) for view in some]
    calls = [("eth_call", (question.query, hex(ledger.block))) for question in questions]
    raws = node.batch(calls, kind=str, tolerant=True)
    for view, question, raw in zip(some, questions, raws, strict=True):
        if isinstance(raw, RpcRefused):
            require_state(raw, ledger.block)
            yield Refusal(view, reason(raw))
            continue
        try:
            yield question.answer(raw)
        except ViewError as error:
            yield Refusal(view, str(error))


def require_state(refused: RpcRefused, block: int) -> None:
    """Raise StateError unless it was the contract that refused."""
    if has_no_old_state(refused):
        raise StateError(f"state: the node keeps no old state, not of block {block}")
    if "revert" not in refused.message.lower():
        raise StateError(f"state: the node does not tell it: {refused}")


def _unpayable(node: Node, ledger: Ledger) -> list[str]:
    """What is due, summed up, against the pot that it is paid from."""
    found = []
    phase = ledger.phase_at(ledger.time)
    if phase in (SETTLED, CANCELLED):
        pot = ledger.funds
        due = _sum(node, ledger, "refund_due", [(account,) for account in ledger.present])
        if phase == CANCELLED:  # premiums and donations go back, fees and commissions are void
            pot += sum(
                amount
                for account, amount in ledger.books.balances.items()
                if account.pot == HELD and account.kind in EARNINGS
            )
            due += sum(ledger.donations.values())
        found += _short(ledger, "refunds", due, pot)
    cut = [c for c in ledger.claims.values() if c.in_settled_window and c.paid < c.award]
    due = _sum(node, ledger, "award_due", [(claim.id,) for claim in cut])
    return found + _short(
        ledger, "awards", due, ledger.books.balances.get(Account(HELD, "award"), 0)
    )


def _sum(node: Node, ledger: Ledger, function: str, several: Sequence[tuple[Any, ...]]) -> int:
    some = [View("", function, arguments, {"due": 0}) for arguments in several]
    total = 0
    for answer in answers(node, ledger, some):
        if isinstance(answer, Refusal):
            raise StateError(f"state: {answer.problem}")
        total += answer
    return total


def _short(ledger: Ledger, what: str, due: int, pot: int) -> list[str]:
    if due <= pot:
        return []
    due_shown, pot_shown = format_amount(due, ledger.asset), format_amount(pot, ledger.asset)
    return [f"{what}: {due_shown} are due, and only {pot_shown} are there for them"]
