"""Pools in every phase and at every price of a share, each told once and gone back to.

A world is an asset and a story; what it is about is layer 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from peerpool.terms import Layer
from tests.attacks.arena import OUTSIDER, Arena, arena
from tests.evm.chain import Snapshot
from tests.evm.contract import Contract, deploy

from .steps import (
    HOLDERS,
    MEMBERS,
    ODD,
    award_all,
    deposit,
    join_all,
    layer,
    recover,
    redeem_all,
    settle,
)

ETHER = "Ether"
DECIMALS: dict[str, int | None] = {
    ETHER: None,
    "six decimals": 6,
    "eight decimals": 8,
    "eighteen decimals": 18,
    "decimals unsaid": None,
}
ASSETS = tuple(DECIMALS)
ODD_TOKENS = {
    "decimals unsaid": "TokenWithoutDecimals",
    "decimals said oddly": "TokenWithOddDecimals",
}


def empty(a: Arena, **changes: object) -> None:
    """Nobody holds a share; the pool enrols."""
    a.create(**{**ODD, **changes})
    join_all(a)


def one(a: Arena, **changes: object) -> None:
    """One holder; the pool enrols."""
    empty(a, **changes)
    deposit(a, 3001)


def many(a: Arena, **changes: object) -> None:
    """Three holders, one of a single share; the pool enrols."""
    empty(a, **changes)
    for holder, amount in zip(HOLDERS, (1, 2503, 3334), strict=True):
        deposit(a, amount, holder)
    deposit(a, 777, HOLDERS[1], number=2)


def full(a: Arena) -> None:
    """At its limit; the pool enrols."""
    many(a)
    deposit(a, 7001 - 1 - 2503 - 3334, HOLDERS[2])


def unbound(a: Arena) -> None:
    """Cover has begun; premium is not ceded yet."""
    many(a)
    a.start()


def bound(a: Arena, **changes: object) -> None:
    """Cover has begun; premium is ceded."""
    many(a, **changes)
    a.start()
    a.refusal("bind_reinsurance")


def drawn(a: Arena) -> None:
    """Cover has begun; a part has been drawn."""
    bound(a)
    a.award(MEMBERS[0], 5000, list(MEMBERS))


def run_off(a: Arena) -> None:
    """Cover is over; a part has been drawn; not settled."""
    drawn(a)
    a.at(a.terms.expiry)


def cancelled(a: Arena) -> None:
    """Too few joined."""
    many(a, min_members=4)
    a.start()


def cancelled_empty(a: Arena) -> None:
    """Too few joined; nobody holds a share."""
    empty(a, min_members=4)
    a.start()


def gained(a: Arena) -> None:
    """Settled without a loss: a share is worth more than was deposited."""
    bound(a)
    settle(a)


def scratched(a: Arena) -> None:
    """Settled, drawn partly."""
    drawn(a)
    settle(a)


def lost(a: Arena) -> None:
    """Settled, drawn wholly, but for the premium that was ceded."""
    bound(a)
    award_all(a)
    settle(a)


def worthless(a: Arena) -> None:
    """Settled, drawn wholly, and no premium was ceded: shares of nothing."""
    bound(a, reinsurance=(Layer(7001, 0), Layer(5003, 0)), max_cession_bps=0)
    award_all(a)
    settle(a)


def recovered(a: Arena) -> None:
    """Settled, drawn wholly, repaid in part."""
    lost(a)
    recover(a, 777 + 1234)


def windfall(a: Arena) -> None:
    """Repaid wholly for the one share that is left: it is worth thousands."""
    lost(a)
    redeem_all(a, holders=HOLDERS[1:])
    recover(a, 777 + 5838)


def half_redeemed(a: Arena) -> None:
    """Settled, drawn partly; one holder has redeemed."""
    scratched(a)
    redeem_all(a, holders=HOLDERS[1:2])


def left_over(a: Arena) -> None:
    """Repaid when nobody holds a share any more."""
    lost(a)
    redeem_all(a)
    recover(a, 777 + 100)


def nobody(a: Arena) -> None:
    """Settled; nobody ever deposited."""
    empty(a)
    a.start()
    settle(a)


ENROLLING = (empty, one, many, full)
CLOSED = (unbound, bound, drawn, run_off)
# what is left there belongs to whoever holds shares
OPEN = (cancelled, gained, scratched, lost, worthless, recovered, windfall, half_redeemed)
VACANT = (cancelled_empty, left_over, nobody)
STORIES = ENROLLING + CLOSED + OPEN + VACANT

Story = Callable[[Arena], None]


class World:
    """The arena after a story."""

    def __init__(self, a: Arena, asset: str, story: Story) -> None:
        a.reset()
        if asset in ODD_TOKENS:
            a.token = deploy(a.chain, f"tests/layers/{ODD_TOKENS[asset]}.vy", sender=OUTSIDER)
        elif asset != ETHER:
            a.token = a.mock("Token", "Money", "MON", DECIMALS[asset])
        story(a)
        self.arena, self.pool, self.token, self.terms = a, a.pool, a.token, a.terms
        self.layer: Contract = layer(a)
        self.snapshot: Snapshot = a.chain.snapshot()

    def go_back(self) -> None:
        """Forget what came after the story."""
        a = self.arena
        a.chain.revert(self.snapshot)
        a.pool, a.token, a.terms = self.pool, self.token, self.terms

    def shares(self, holder: str) -> int:
        """Return what a holder has."""
        return self.layer.view("balanceOf", holder)

    def totals(self) -> tuple[int, int]:
        """Return what all shares are worth, and how many there are."""
        return self.layer.view("totalAssets"), self.layer.view("totalSupply")


@cache
def _told(asset: str, story: Story) -> World:
    return World(arena(), asset, story)


def world(asset: str, story: Story) -> World:
    """Return a world as its story left it."""
    known = _told(asset, story)
    known.go_back()
    return known
