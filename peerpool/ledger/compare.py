"""The books from events against what the chain says, view by view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from web3 import Web3

from peerpool.ledger.books import CREDIT, HELD
from peerpool.ledger.codec import call
from peerpool.ledger.rebuild import EARNINGS, Ledger
from peerpool.ledger.views import CONCLUDED, ClaimView, LayerView, MemberView
from peerpool.units import ZERO_ADDRESS, format_amount

BALANCE_OF = (
    {
        "type": "function",
        "name": "balanceOf",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    },
)
# Asks a pool for views, each a function and its arguments; the answers are in their order.
Ask = Callable[[Sequence[tuple[str, tuple[Any, ...]]]], Sequence[Any]]


@dataclass(frozen=True)
class View:
    """A view of the pool, and what the events say that it returns: by the fields of a struct, or by
    names of our own, one for each value returned. `subject` is whose it is ("claim 3").
    """

    subject: str
    function: str
    arguments: tuple[Any, ...]
    expected: Mapping[str, Any]

    def differences(self, answer: Any) -> list[str]:
        """Where the answer differs; empty is good."""
        if not isinstance(answer, Mapping):
            values = answer if len(self.expected) > 1 else [answer]
            answer = dict(zip(self.expected, values, strict=True))
        place = f"{self.subject}: " if self.subject else ""
        return [
            f"{place}{name}: the events say {_said(mine)}, the pool says {_said(answer[name])}"
            for name, mine in self.expected.items()
            if mine != answer[name]
        ]


def _said(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def views(ledger: Ledger) -> Iterator[View]:
    """All views that the events tell the answers of, but for the pool's balance: of the pool, each
    id of its roster, each claim, window and layer, and of everybody to whom money was ever owed.
    """
    yield _summary(ledger)
    for member in ledger.members.values():
        yield from _member(ledger, member)
    for account in sorted(_others_owed(ledger)):
        yield from _owed(ledger, account, account)
    for account, amount in ledger.donations.items():
        yield View(account, "donation_of", (account,), {"donation": amount})
    for claim in ledger.claims.values():
        yield _claim(ledger, claim)
        yield View(f"claim {claim.id}", "tally", (claim.id,), {"tally": claim.tally()})
    for number, claims in groupby(ledger.claims.values(), key=lambda claim: claim.window):
        yield _window(ledger, number, list(claims))
    for layer in ledger.layers.values():
        yield _layer(ledger, layer)


def check(ask: Ask, ledger: Ledger, balance: int, at_once: int = 500) -> list[str]:
    """Compare every view, asked `at_once` at a time, and the balance; return the differences."""
    found: list[str] = []
    several = list(views(ledger))
    for first in range(0, len(several), at_once):
        some = several[first : first + at_once]
        answers = ask([(view.function, view.arguments) for view in some])
        for view, answer in zip(some, answers, strict=True):
            found += view.differences(answer)
    return found + balance_differences(ledger, balance)


def differences(ledger: Ledger, summary: Mapping[str, Any], balance: int) -> list[str]:
    """Where the books differ from `pool.summary()` and the pool's balance; empty is good.

    balance: token units (wei) the pool holds.
    """
    return _summary(ledger).differences(summary) + balance_differences(ledger, balance)


def balance_differences(ledger: Ledger, balance: int) -> list[str]:
    """Whether the pool holds something else than what the books say. Stray money is a difference
    too: nothing is lost, but it is in no book until somebody calls absorb().
    """
    more = balance - ledger.funds - ledger.held
    if more < 0:
        return [f"balance: {format_amount(-more, ledger.asset)} are missing"]
    if more > 0:
        return [f"balance: {format_amount(more, ledger.asset)} are stray, see absorb()"]
    return []


def layer_differences(view: LayerView, record: Mapping[str, Any]) -> list[str]:
    """Where a layer's view differs from `layer()`."""
    return View(f"layer {view.number}", "layer", (view.number,), _figures(view)).differences(record)


def balance_of(web3: Web3, ledger: Ledger) -> int:
    """What the pool holds of its asset at the ledger's block, in token units."""
    if ledger.asset.address == ZERO_ADDRESS:
        return web3.eth.get_balance(web3.to_checksum_address(ledger.pool), ledger.block)
    return int(
        call(web3, BALANCE_OF, ledger.asset.address, "balanceOf", ledger.pool, block=ledger.block)
    )


# --- what the events say ------------------------------------------------------


def _summary(ledger: Ledger) -> View:
    expected = {
        "phase": ledger.phase_at(ledger.time),
        "members": len(ledger.present),
        "roster_size": len(ledger.members),
        "claims": len(ledger.claims),
        "open_claims": sum(1 for c in ledger.claims.values() if not c.resolved_at),
        "premiums": ledger.premiums,
        "funds": ledger.funds,
        "held": ledger.held,
        "asked": ledger.asked,
        "unpaid": ledger.unpaid,
        "capacity": ledger.capacity,
        "drawn": ledger.drawn,
        "unbound": ledger.is_unbound,
        "settled_at": ledger.settled_at,
        "shared_at": ledger.shared_at,
    }
    return View("", "summary", (), expected)


def _member(ledger: Ledger, member: MemberView) -> Iterator[View]:
    subject, account = f"member {member.id}", member.account
    for wallet in (account, *member.wallets):
        nonce = ledger.nonces.get(wallet, 0)
        yield View(subject, "wallet_nonce", (wallet,), {"wallet nonce": nonce})
    if member.left_at:
        yield View(subject, "member_at", (member.id,), {"account": ZERO_ADDRESS})
        return
    yield View(subject, "member_at", (member.id,), {"account": account})
    record = {
        "id": member.id,
        "tier": member.tier,
        "joined_at": member.joined_at,
        "premium": member.premium,
        "cover_used": 0 if member.refunded else member.awarded,
        "refunded": member.refunded_since_sweep,
        "open_claim": _open_claim(ledger, member),
        "awarded": member.awarded > 0,
    }
    yield View(subject, "member", (account,), record)
    yield View(subject, "payer_of", (account,), {"payer": member.payer})
    pledge = {"payee": member.pledge_payee or ZERO_ADDRESS, "pledged": member.pledged}
    yield View(subject, "pledge_of", (account,), pledge)
    yield from _owed(ledger, subject, account)


def _open_claim(ledger: Ledger, member: MemberView) -> int:
    last = ledger.claims.get(member.last_claim)
    return last.id if last and last.status not in CONCLUDED else 0


def _owed(ledger: Ledger, subject: str, account: str) -> Iterator[View]:
    earnings = 0 if ledger.is_cancelled else ledger.earnings_of(account)
    yield View(subject, "credit_of", (account,), {"credit": ledger.credit_of(account)})
    yield View(subject, "earnings_of", (account,), {"earnings": earnings})


def _others_owed(ledger: Ledger) -> set[str]:
    """Everybody who was ever owed a credit, a fee or a commission, and is no member."""
    return {
        account.who
        for account in ledger.books.balances
        if account.pot == CREDIT or (account.pot == HELD and account.kind in EARNINGS)
    } - ledger.present.keys()


def _claim(ledger: Ledger, claim: ClaimView) -> View:
    member = ledger.members[claim.member_id]
    expected = {
        "claimant": claim.claimant,
        "filer": member.pledge_payee if claim.by_payee else claim.claimant,
        "payee_id": claim.payee_id,
        "asked": claim.asked,
        "incident_at": claim.incident_at,
        "filed_at": claim.filed_at,
        "window": claim.window,
        "electorate": claim.electorate,
        "roster_size": claim.roster_size,
        "status": claim.status,
        "since": claim.since,
        "award": claim.tenths,
        "paid": claim.paid,
    }
    return View(f"claim {claim.id}", "claim", (claim.id,), expected)


def _window(ledger: Ledger, number: int, claims: Sequence[ClaimView]) -> View:
    before = ledger.claims.get(claims[0].id - 1)
    waiting = sum(claim.award for claim in claims if not claim.paid)
    awards, available = ledger.windows.get(number, (waiting, 0))
    expected = {
        "undecided": sum(1 for claim in claims if claim.status not in CONCLUDED),
        "previous": before.window + 1 if before else 0,
        "settled": number in ledger.windows,
        "awards": awards,
        "available": available,
    }
    return View(f"window {number}", "window", (number,), expected)


def _layer(ledger: Ledger, layer: LayerView) -> View:
    expected = _figures(layer) | {
        "asset": ledger.terms.asset,
        "reinsurer": ledger.terms.reinsurer,
        "phase": ledger.phase_at(ledger.time),
    }
    return View(f"layer {layer.number}", "layer", (layer.number,), expected)


def _figures(layer: LayerView) -> dict[str, int]:
    return {
        "limit": layer.limit,
        "premium": layer.premium,
        "filled": layer.filled,
        "ceded": layer.ceded or 0,
        "drawn": layer.drawn,
        "assets": layer.assets,
    }
