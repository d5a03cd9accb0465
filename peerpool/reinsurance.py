"""The tower of a pool: what its layers of reinsurance can pay, have paid, and earn.

The rules are 15 to 17 of docs/design.md. `read` asks the pool itself, so it needs no lens; figures
are token units, rates basis points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web3 import Web3

from peerpool import abi, chain
from peerpool.ledger.codec import call
from peerpool.ledger.rebuild import CANCELLED, ENROLLING, SETTLED
from peerpool.phases import PHASES
from peerpool.terms import Layer, Terms
from peerpool.units import Asset, counted, format_amount, format_percent

BPS = 10_000
OVER = (CANCELLED, SETTLED)  # phases in which nothing is left to be paid


@dataclass(frozen=True)
class TowerRow:
    """A layer as of now."""

    number: int  # 1 pays first
    shares: str  # address of its contract
    attachment: int  # of losses from now on: funds and lower layers pay it
    limit: int
    filled: int
    drawn: int  # paid, less what was repaid
    left: int  # what it can still pay
    premium: int  # of the terms: ceded if it is full
    ceded: int
    assets: int  # what all its shares are worth
    rate_on_line_bps: int  # premium / limit; once ceded, ceded / filled


@dataclass(frozen=True)
class Tower:
    """What pays when the funds are used up; `rows` has layer 1 first."""

    pool: str
    name: str
    asset: Asset
    phase: int
    members: int
    premiums: int
    funds: int
    rows: tuple[TowerRow, ...]
    collectable: int  # funds, and what layers can still pay
    per_member: int
    expected: tuple[int, ...]  # what each layer would be ceded, or was
    least: tuple[int, ...]  # what each layer, full, would be ceded of the fewest premiums
    least_in_all: int  # to all of them, before that is rounded


@dataclass(frozen=True)
class Prospect:
    """What a deposit of `amount` into a layer earns and can lose."""

    amount: int
    earns: int  # if premiums and collateral stay as they are
    least: int  # with the fewest members at the lowest premium, and every layer full
    most: int  # if the cap on what is ceded does not bind
    attachment: int  # it pays for losses above, if all stays as it is
    begins: int  # cover_start: until then a cancelled pool gives everything back
    ends: int  # the first second in which the pool can be settled


def cession(layers: Sequence[Layer], filled: Sequence[int], premiums: int, bps: int) -> list[int]:
    """What rule 16 cedes each layer of `premiums`, at most `bps` of them in all."""
    due = [layer.premium * f // layer.limit for layer, f in zip(layers, filled, strict=True)]
    cap, total = premiums * bps // BPS, sum(due)
    return due if total <= cap else [c * cap // total for c in due]


def least_premiums(terms: Terms) -> int:
    """The premiums of the fewest members that a pool begins with, all in the cheapest tier."""
    return terms.min_members * min(tier.premium for tier in terms.tiers)


def read(web3: Web3, pool: str, terms: Terms) -> Tower:
    """Ask a pool for its tower, all of it as of one block."""
    block = web3.eth.block_number

    def ask(name: str, *args: Any) -> Any:
        return call(web3, abi.load("Pool"), pool, name, *args, block=block)

    layers = [ask("layer", number) for number in range(1, len(terms.reinsurance) + 1)]
    asset = chain.read_asset(web3, terms.asset)
    return build(pool, terms, asset, ask("summary"), layers)


def build(
    pool: str,
    terms: Terms,
    asset: Asset,
    summary: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
) -> Tower:
    """The tower from what `summary()` and `layer(n)` of a pool say, or said."""
    is_over = summary["phase"] in OVER
    filled, premiums = [layer["filled"] for layer in layers], summary["premiums"]
    limits = [layer.limit for layer in terms.reinsurance]
    expected = [layer["ceded"] for layer in layers]
    collectable = 0 if is_over else summary["funds"]
    if summary["unbound"] and not is_over:  # it counts as ceded, as whatever pays cedes it first
        expected = cession(terms.reinsurance, filled, premiums, terms.max_cession_bps)
        collectable -= sum(expected)
    rows = []
    for number, layer in enumerate(layers, start=1):
        left = 0 if is_over else layer["filled"] - layer["drawn"]
        part, whole = layer["premium"], layer["limit"]
        if layer["filled"] and not summary["unbound"]:
            part, whole = layer["ceded"], layer["filled"]
        rows.append(
            TowerRow(
                number=number,
                attachment=collectable,
                left=left,
                rate_on_line_bps=part * BPS // whole,
                **{name: layer[name] for name in _TOLD},
            )
        )
        collectable += left
    return Tower(
        pool=pool,
        name=terms.name,
        asset=asset,
        phase=summary["phase"],
        members=summary["members"],
        premiums=premiums,
        funds=summary["funds"],
        rows=tuple(rows),
        collectable=collectable,
        per_member=collectable // summary["members"] if summary["members"] else 0,
        expected=tuple(expected),
        least=tuple(
            cession(terms.reinsurance, limits, least_premiums(terms), terms.max_cession_bps)
        ),
        least_in_all=min(
            sum(layer.premium for layer in terms.reinsurance),
            least_premiums(terms) * terms.max_cession_bps // BPS,
        ),
    )


_TOLD = ("shares", "limit", "filled", "drawn", "premium", "ceded", "assets")


def prospect(terms: Terms, tower: Tower, number: int, amount: int) -> Prospect:
    """What a deposit of `amount` into layer `number` would earn and could lose."""
    layer = terms.reinsurance[number - 1]
    filled = [row.filled for row in tower.rows]
    filled[number - 1] += amount
    ceded = cession(terms.reinsurance, filled, tower.premiums, terms.max_cession_bps)
    return Prospect(
        amount=amount,
        earns=ceded[number - 1] * amount // filled[number - 1],
        least=tower.least[number - 1] * amount // layer.limit,
        most=layer.premium * amount // layer.limit,
        attachment=tower.funds - sum(ceded) + sum(filled[: number - 1]),
        begins=terms.cover_start,
        ends=terms.expiry + terms.reporting_period,
    )


# --- words ------------------------------------------------------------------

HEADS = ("layer", "attaches at", "limit", "filled", "paid", "left", "premium", "on line", "")
BAR = 10  # characters of a layer's bar


def table(tower: Tower) -> list[tuple[str, ...]]:
    """Rows under HEADS, the highest layer first, as a tower stands; amounts without the symbol.

    The premium is what was ceded, or would be as things stand.
    """

    def number(amount: int) -> str:
        return format_amount(amount, tower.asset).removesuffix(f" {tower.asset.symbol}")

    rows = []
    for row, ceded in reversed(list(zip(tower.rows, tower.expected, strict=True))):
        rows.append(
            (
                str(row.number),
                number(row.attachment),
                number(row.limit),
                number(row.filled),
                number(row.drawn),
                number(row.left),
                number(ceded),
                format_percent(row.rate_on_line_bps),
                bar(row),
            )
        )
    return rows


def bar(row: TowerRow) -> str:
    """The layer's limit in characters: what it can still pay, what it has paid, neither."""
    filled = -(-BAR * row.filled // row.limit)
    paid = -(-filled * row.drawn // row.filled) if row.filled else 0
    left = filled - paid if row.left else 0
    return "█" * left + "▒" * paid + "·" * (BAR - left - paid)


def notes(tower: Tower) -> list[str]:
    """What a table of layers does not tell."""

    def money(amount: int) -> str:
        return format_amount(amount, tower.asset)

    said = counted(tower.members, "member")
    lines = [f"{PHASES[tower.phase].lower()}, {said}, {money(tower.funds)} in the funds"]
    if tower.phase in OVER:
        worth = sum(row.assets for row in tower.rows)
        return [*lines, f"nothing is left to pay; shares are worth {money(worth)}"]
    each = f", {money(tower.per_member)} a member" if tower.members else ""
    lines.append(f"collectable: {money(tower.collectable)}{each}")
    if tower.phase == ENROLLING and tower.rows:
        least = money(tower.least_in_all)
        lines.append(f"premium: {least} at least to full layers, with the fewest members")
    return lines


def as_tree(tower: Tower) -> dict[str, Any]:
    """The tower as JSON; amounts are decimal strings, as they may be large."""
    asset = tower.asset
    return {
        "pool": tower.pool,
        "name": tower.name,
        "asset": {"address": asset.address, "symbol": asset.symbol, "decimals": asset.decimals},
        "phase": PHASES[tower.phase].lower(),
        "members": tower.members,
        "premiums": str(tower.premiums),
        "funds": str(tower.funds),
        "collectable": str(tower.collectable),
        "collectable_per_member": str(tower.per_member),
        "least_premium": str(tower.least_in_all),
        "layers": [
            {
                "layer": row.number,
                "shares": row.shares,
                "attachment": str(row.attachment),
                "limit": str(row.limit),
                "filled": str(row.filled),
                "drawn": str(row.drawn),
                "left": str(row.left),
                "premium": str(row.premium),
                "ceded": str(row.ceded),
                "expected": str(expected),
                "least": str(least),
                "assets": str(row.assets),
                "rate_on_line_bps": row.rate_on_line_bps,
            }
            for row, expected, least in zip(tower.rows, tower.expected, tower.least, strict=True)
        ],
    }


def told(outlook: Prospect, asset: Asset) -> list[tuple[str, str]]:
    """A deposit's prospect as rows of (label, text)."""

    def money(amount: int) -> str:
        return format_amount(amount, asset)

    return [
        ("earns", f"{money(outlook.earns)} of the premiums, if all stays as it is"),
        ("", f"{money(outlook.least)} with the fewest members and every layer full"),
        ("", f"{money(outlook.most)} at most"),
        ("can lose", f"{money(outlook.amount)}: all of it"),
        ("pays", f"for losses above {money(outlook.attachment)}, if all stays as it is"),
    ]
