"""Steps with layers of the arena's pool, one line each."""

from __future__ import annotations

from peerpool.terms import Layer, Tier
from tests.attacks.arena import OUTSIDER, ZERO, Arena
from tests.evm.contract import Contract, Result
from tests.evm.signing import address_of

ILAYER = "interfaces/IReinsuranceLayer.vyi"
MEMBERS = tuple(address_of(n) for n in (2, 3, 4))
HOLDERS = tuple(address_of(n) for n in (40, 41, 42))
# Odd numbers, so that something is always rounded
ODD = {
    "tiers": (Tier(1009, 60_000),),
    "reinsurance": (Layer(7001, 211), Layer(5003, 97)),
    "max_cession_bps": 5000,
}
ROUND = {
    "tiers": (Tier(1000, 50_000),),
    "reinsurance": (Layer(2000, 200), Layer(1000, 50)),
    "max_cession_bps": 5000,
}


def layer(a: Arena, number: int = 1) -> Contract:
    """Return a layer of the pool."""
    return Contract(a.chain, ILAYER, a.pool.view("layer", number).shares)


def deposit(
    a: Arena,
    amount: int,
    holder: str = HOLDERS[0],
    number: int = 1,
    function: str = "deposit",
    payer: str | None = None,
) -> Result:
    """Get shares for a holder, paid by somebody."""
    shares = layer(a, number)
    value = a.fund(payer or holder, amount, shares.address)
    return shares.send(function, amount, holder, sender=payer or holder, value=value)


def open_tower(a: Arena, **changes: object) -> None:
    """Create ROUND, with changes; three join, and one holder fills both layers."""
    a.create(**{**ROUND, **changes})
    join_all(a)
    for number, row in enumerate(a.terms.reinsurance, 1):
        named = a.terms.reinsurer != ZERO
        deposit(a, row.limit, a.terms.reinsurer if named else HOLDERS[0], number)


def join_all(a: Arena) -> None:
    """Make the three members."""
    for number in (2, 3, 4):
        a.join(number)


def award_all(a: Arena, more: int = 0) -> int:
    """Award the first member whatever pool and layers have, and more; return the claim's id.

    Binds first: what is ceded can pay nobody.
    """
    a.refusal("bind_reinsurance")
    summary = a.summary()
    return a.award(MEMBERS[0], summary.funds + summary.capacity + more, list(MEMBERS))


def recover(a: Arena, amount: int, claim_id: int = 1) -> Result:
    """Bring money back for a claim."""
    value = a.fund(OUTSIDER, amount)
    return a.pool.send("recover", claim_id, amount, sender=OUTSIDER, value=value)


def settle(a: Arena) -> None:
    """Go to the end of reporting, and settle."""
    a.reporting_end()
    a.by_anyone("settle")


def redeem_all(a: Arena, number: int = 1, holders: tuple[str, ...] = HOLDERS) -> list[int]:
    """Redeem all shares of some, in order; return what each got."""
    shares = layer(a, number)
    return [
        shares.send("redeem", shares.view("balanceOf", holder), holder, holder, sender=holder).value
        for holder in holders
    ]


def picture(a: Arena) -> tuple:
    """Return all figures of pool and layers."""
    numbers = range(1, len(a.terms.reinsurance) + 1)
    return tuple(a.summary()), *(tuple(a.pool.view("layer", number)) for number in numbers)


def assets(a: Arena) -> list[int]:
    """Return what the shares of each layer are worth, 1 first."""
    numbers = range(1, len(a.terms.reinsurance) + 1)
    return [a.pool.view("layer", number).assets for number in numbers]


def drawn(a: Arena) -> list[int]:
    """Return what each layer has paid, less what was repaid."""
    numbers = range(1, len(a.terms.reinsurance) + 1)
    return [a.pool.view("layer", number).drawn for number in numbers]


def audit(a: Arena) -> None:
    """`Arena.audit`, and what belongs to layers is there; a share is a unit deposited."""
    a.audit()
    summary = a.summary()
    rows = [a.pool.view("layer", n + 1) for n in range(len(a.terms.reinsurance))]
    assert sum(row.assets for row in rows) <= summary.held
    assert sum(row.drawn for row in rows) == summary.drawn
    assert summary.capacity in (sum(row.filled - row.drawn for row in rows), 0)
    assert not (summary.drawn and summary.funds)
    for number, row in enumerate(rows, 1):
        assert row.drawn <= row.filled <= row.limit
        assert layer(a, number).view("totalAssets") == row.assets
        if row.phase in (0, 2, 3):
            assert layer(a, number).view("totalSupply") == row.filled
