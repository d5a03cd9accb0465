"""Where money came from and where it ended, as flows between few nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from peerpool.ledger import CREDIT, FUNDS, HELD, IN, OUT, Account, Ledger, Move
from peerpool.report.words import KINDS

Node = tuple[str, str]  # pot and kind; (FUNDS, "") is the pot that all share

LEFT = "left"  # what still lies in the contract
SHARED: Node = (FUNDS, "")
LAYERS: Node = ("layers", "layer")  # reinsurers' collateral, and what was ceded and repaid to them

_SOURCES = [
    (IN, kind) for kind in ("donation", "stray money", "premium", "recovery", "collateral", "bond")
]
_SINKS = [
    *((OUT, kind) for kind in ("award", "refund", "cause")),
    (LEFT, "award"),
    (LEFT, "funds"),
    (OUT, "redemption"),
    (LEFT, "layer"),
    (OUT, "donation back"),
    (OUT, "premium back"),
    *((pot, kind) for kind in ("fee", "commission", "bond") for pot in (OUT, LEFT)),
    (LEFT, "credit"),
    (OUT, "bond back"),
]


@dataclass(frozen=True)
class Flow:
    source: Node
    target: Node
    amount: int


class Sums:
    """What went from where to where, in all: as little memory for a million moves as for ten."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Node, Node], int] = defaultdict(int)

    def saw(self, moves: Sequence[Move]) -> None:
        """Add the moves of one transaction."""
        for move in moves:
            source, target = _node(move.source), _node(move.target)
            if source != target:
                self._sums[source, target] += move.amount
        _to_layers(moves, self._sums)

    def flows(self, ledger: Ledger) -> list[Flow]:
        """Net flows in token units: what entered = what left + what is in the contract.

        Bonds, fees and commissions only pass through: they flow from where they came to where they
        went, past the funds. So does what layers were ceded and repaid. Money that bounced and was
        pulled later counts as arrived.
        """
        sums = self._sums.copy()
        _through_held(sums)
        _back_to_origin(sums)
        _split_credits(ledger, sums)
        if ledger.funds:
            sums[SHARED, (LEFT, "funds")] += ledger.funds
        sums[LAYERS, (LEFT, "layer")] += sum(layer.assets for layer in ledger.layers.values())
        found = [Flow(source, target, amount) for (source, target), amount in sums.items()]
        found = [flow for flow in found if flow.amount]
        return sorted(found, key=lambda f: (rank(f.source), rank(f.target)))


def label(node: Node, *, dust: bool) -> str:
    """What people call a node. dust: what lies in the funds is only what rounding left."""
    if node == SHARED:
        return "Funds"
    if node == LAYERS:
        return "Layers"
    pot, kind = node
    if pot == LEFT:
        if kind == "funds":
            return "Dust" if dust else "Still in the funds"
        return {
            "award": "Set aside for awards",
            "layer": "Still in layers",
            "credit": "Credits to be pulled",
            "bond": "Bonds of open claims",
            "fee": "Fee to be pulled",
            "commission": "Commissions to be pulled",
        }[kind]
    return KINDS[node]


def is_dust(ledger: Ledger, sharings: int) -> bool:
    """Whether what lies in the funds is only what rounding left (rule 14), `sharings` times."""
    roundings = len(ledger.members) + len(ledger.claims) + sharings
    return bool(ledger.settled_at) and ledger.funds <= roundings


def _node(account: Account) -> Node:
    if account.pot == FUNDS:
        return SHARED
    if _is_layer(account):
        return LAYERS
    return (OUT if account.pot == CREDIT else account.pot, account.kind)


def _is_layer(account: Account) -> bool:
    return account.pot == HELD and account.kind == "layer"


def _through_held(sums: dict[tuple[Node, Node], int]) -> None:
    """Replace source -> held -> targets by source -> targets and what is left."""
    kinds = {target for _, target in sums if target[0] == HELD}
    for held in sorted(kinds):
        [source] = [a for a, b in sums if b == held]  # each kind of held money has one origin
        rest = sums.pop((source, held))
        for target in [b for a, b in sums if a == held]:
            amount = sums.pop((held, target))
            rest -= amount
            if target != source:
                sums[source, target] += amount
        sums[source, (LEFT, held[1])] += rest


def _back_to_origin(sums: dict[tuple[Node, Node], int]) -> None:
    """What was given back as it came, to leavers and donors, went past the funds."""
    for kind in ("premium", "donation"):
        back = sums.pop((SHARED, (OUT, f"{kind} back")), 0)
        if back:
            sums[(IN, kind), SHARED] -= back
            sums[(IN, kind), (OUT, f"{kind} back")] += back


def _to_layers(moves: Sequence[Move], sums: dict[tuple[Node, Node], int]) -> None:
    """What was ceded came from premiums; what was repaid, from what came in with it."""
    came: dict[Node, int] = {}
    for move in moves:
        if move.target.pot == FUNDS and move.event.name != "LayersDrawn":
            origin = _origin(move.source)
            came[origin] = came.get(origin, 0) + move.amount
        if move.source.pot != FUNDS or not _is_layer(move.target):
            continue
        if move.event.name == "PremiumCeded":
            _past_the_funds(sums, (IN, "premium"), move.amount)
            continue
        rest = move.amount
        for origin in came:
            part = min(rest, came[origin])
            came[origin] -= part
            rest -= part
            _past_the_funds(sums, origin, part)


def _origin(account: Account) -> Node:
    """Bonds came in as bonds; all else comes from outside, or from a layer without shares."""
    return (IN, account.kind) if account.pot == HELD and account.kind == "bond" else _node(account)


def _past_the_funds(sums: dict[tuple[Node, Node], int], origin: Node, amount: int) -> None:
    sums[origin, SHARED] -= amount
    sums[SHARED, LAYERS] -= amount
    if origin != LAYERS:
        sums[origin, LAYERS] += amount


def _split_credits(ledger: Ledger, sums: dict[tuple[Node, Node], int]) -> None:
    """Money that waits as a credit has not arrived yet."""
    for account, waiting in sorted(ledger.books.balances.items()):
        if account.pot != CREDIT:
            continue
        target = (OUT, account.kind)
        for source in sorted(a for a, b in sums if b == target):
            part = min(waiting, sums[source, target])
            sums[source, target] -= part
            sums[source, (LEFT, "credit")] += part
            waiting -= part


def rank(node: Node) -> int:
    """Place in its column, from the top: chosen so that few flows cross."""
    if node in (SHARED, LAYERS):
        return -1
    return (_SOURCES if node[0] == IN else _SINKS).index(node)
