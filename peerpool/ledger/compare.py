"""The books from events against what the chain says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web3 import Web3

from peerpool.ledger.codec import Abi, call
from peerpool.ledger.rebuild import Ledger
from peerpool.ledger.views import LayerView, MemberView
from peerpool.units import ZERO_ADDRESS, format_amount

BALANCE_OF = (
    {
        "type": "function",
        "name": "balanceOf",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    },
)


def differences(ledger: Ledger, summary: Mapping[str, Any], balance: int) -> list[str]:
    """Where the books differ from `pool.summary()` and the pool's balance; empty is good.

    balance: token units (wei) the pool holds. Stray money is a difference too: nothing is lost,
    but it is in no book until somebody calls absorb().
    """
    mine = {
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
    found = [
        f"{name}: the events say {value}, the pool says {summary[name]}"
        for name, value in mine.items()
        if value != summary[name]
    ]
    more = balance - ledger.funds - ledger.held
    if more < 0:
        found.append(f"balance: {format_amount(-more, ledger.asset)} are missing")
    if more > 0:
        found.append(f"balance: {format_amount(more, ledger.asset)} are stray, see absorb()")
    return found


def member_differences(
    ledger: Ledger, view: MemberView, record: Mapping[str, Any], credit: int, earnings: int
) -> list[str]:
    """Where a present member's view differs from `member()`, `credit_of()`, `earnings_of()`."""
    mine = {
        "id": (view.id, record["id"]),
        "tier": (view.tier, record["tier"]),
        "joined_at": (view.joined_at, record["joined_at"]),
        "premium": (view.premium, record["premium"]),
        "refunded": (view.refunded_since_sweep, record["refunded"]),
        "awarded": (view.awarded > 0, record["awarded"]),
        "credit": (ledger.credit_of(view.account), credit),
        "earnings": (ledger.earnings_of(view.account), earnings),
    }
    return [
        f"member {view.id}: {name}: the events say {a}, the pool says {b}"
        for name, (a, b) in mine.items()
        if a != b
    ]


def layer_differences(view: LayerView, record: Mapping[str, Any]) -> list[str]:
    """Where a layer's view differs from `layer()`."""
    mine = {
        "limit": view.limit,
        "premium": view.premium,
        "filled": view.filled,
        "ceded": view.ceded or 0,
        "drawn": view.drawn,
        "assets": view.assets,
    }
    return [
        f"layer {view.number}: {name}: the events say {value}, the pool says {record[name]}"
        for name, value in mine.items()
        if value != record[name]
    ]


def check(web3: Web3, abi: Abi, ledger: Ledger) -> list[str]:
    """Compare with summary, balance, every member, claim and layer as of the ledger's block.

    Returns the differences in words; empty is good.
    """

    def ask(name: str, *args: Any) -> Any:
        return call(web3, abi, ledger.pool, name, *args, block=ledger.block)

    found = differences(ledger, ask("summary"), balance_of(web3, ledger))
    for account, id_ in ledger.present.items():
        found += member_differences(
            ledger,
            ledger.members[id_],
            ask("member", account),
            ask("credit_of", account),
            ask("earnings_of", account),
        )
        payee, pledged = ask("pledge_of", account)
        view = ledger.members[id_]
        if (view.pledge_payee or ZERO_ADDRESS, view.pledged) != (payee, pledged):
            found.append(f"member {id_}: pledge: the events and the pool differ")
    for claim in ledger.claims.values():
        theirs = ask("claim", claim.id)
        mine = {
            "claimant": claim.claimant,
            "asked": claim.asked,
            "incident_at": claim.incident_at,
            "filed_at": claim.filed_at,
            "window": claim.window,
            "status": claim.status,
            "award": claim.tenths,
            "paid": claim.paid,
        }
        found += [
            f"claim {claim.id}: {name}: the events say {value}, the pool says {theirs[name]}"
            for name, value in mine.items()
            if value != theirs[name]
        ]
        if claim.tally() != tuple(ask("tally", claim.id)):
            found.append(f"claim {claim.id}: tally: the events and the pool differ")
    for number, layer in ledger.layers.items():
        found += layer_differences(layer, ask("layer", number))
    return found


def balance_of(web3: Web3, ledger: Ledger) -> int:
    """What the pool holds of its asset at the ledger's block, in token units."""
    if ledger.asset.address == ZERO_ADDRESS:
        return web3.eth.get_balance(web3.to_checksum_address(ledger.pool), ledger.block)
    return int(
        call(web3, BALANCE_OF, ledger.asset.address, "balanceOf", ledger.pool, block=ledger.block)
    )
