"""The tables of gas: printed by the command and written into docs/gas.md, from one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scripts.core import ROOT
from scripts.gas_ballots import BATCHES
from scripts.gas_bill import Cost
from scripts.gas_chain import TRANSACTION_GAS
from scripts.gas_parts import PARTS
from scripts.gas_peers import PAYEES
from scripts.gas_prices import Prices
from scripts.gas_rows import BATCH, ONCE, ROWS

DOCUMENT = ROOT / "docs" / "gas.md"
ASSETS = ("Ether", "token")
SIZES = (10, 100, 1_000, 10_000)
SIGNED = "ballot, signed, each of 100 in one batch"

# Measured on 2026-11-21 on Anvil 1.7.1 with the peers' real code; no package of npm's holds them.
QUOTED = {
    "join": "Nexus Mutual 166,265 (+ cover 609,431); GIF 1,080,912; Moloch v2 867,251",
    "ballot": "Moloch v2 85,280; Aragon 91,975; Nexus Mutual 97,143; Neptune 187,885",
    "file": "Nexus Mutual 256,046; GIF 287,576",
    "resolve": "Nexus Mutual 383,297; GIF 718,166",
    "refund": "Moloch v2 127,562",
    "create": "Moloch v2 4,720,856; GIF 47,184,563",
}
# The bare storage, transfer and log in hand-written Yul, measured with them; and what we aim at.
FLOORS = {
    "join": 49_703,
    "ballot": 30_490,
    "signed": 6_977,
    "file": 75_000,
    "resolve": 50_000,
    "refund": 36_578,
    "refund_many": 11_400,
    "create": None,
}
TARGETS = {
    "join": 95_000,
    "ballot": 42_000,
    "signed": 8_000,
    "file": 115_000,
    "resolve": 78_000,
    "refund": 45_000,
    "refund_many": 20_000,
    "create": 700_000,
}
PEERS = {
    "join": "ERC20Votes: mint, delegate; nobody is asked",
    "ballot": "Governor castVote",
    "signed": "Governor castVoteBySig, 100 in a batch",
    "file": "Governor propose, no money",
    "resolve": "Governor execute",
    "refund": "PaymentSplitter release",
    "redeem": "ERC4626 redeem",
    "refund_many": f"PaymentSplitter release, {BATCH} in a batch",
    "create": "Governor and its token",
    "create_splitter": f"PaymentSplitter, at most {PAYEES} payees",
}
SEVERAL = {"refund": ("refund", "redeem"), "create": ("create", "create_splitter")}
ORDER = ("join", "ballot", "signed", "file", "resolve", "refund", "refund_many", "create")


def title(name: str) -> str:
    """A row's name."""
    return SIGNED if name == "signed" else ROWS[name]


def typical(snapshot: Mapping[str, Any], name: str) -> int:
    """Ours, in Ether: the most at any size."""
    if name == "signed":
        return snapshot["signed"][str(BATCH)]
    return max(snapshot["rows"]["Ether"][name].values())


def peer(snapshot: Mapping[str, Any], name: str) -> int:
    """The best measured peer's: the least at any size."""
    if name == "signed":
        return snapshot["peers_signed"][str(BATCH)]
    names = SEVERAL[name] if name == "refund" else (name,)
    return min(min(snapshot["peers"][each].values()) for each in names)


def summary(snapshot: Mapping[str, Any]) -> str:
    """Ours beside peer, floor and target."""
    rows = []
    for name in ORDER:
        ours, best = typical(snapshot, name), peer(snapshot, name)
        floor = f"{FLOORS[name]:,}" if FLOORS[name] else "-"
        target = TARGETS[name]
        met = "met" if ours <= target else f"missed by {ours - target:,}"
        words = PEERS["redeem" if best == peer(snapshot, "redeem") else name]
        rows.append([title(name), ours, best, words, floor, target, met])
    heads = ["operation, in Ether", "**ours**", "best measured peer", "", "floor", "target", ""]
    return table(heads, rows)


def rows(snapshot: Mapping[str, Any]) -> str:
    """Every row at every size, peers under ours."""
    found = []
    for name, what in ROWS.items():
        for asset in ASSETS:
            first = what if asset == ASSETS[0] else ""
            found.append([first, f"ours, {asset}", *_cells(snapshot["rows"][asset][name])])
        for other in SEVERAL.get(name, (name,)):
            found.append(["", PEERS[other], *_cells(snapshot["peers"][other])])
        if name in QUOTED:
            found.append(["", f"*quoted:* {QUOTED[name]}", *[""] * len(SIZES)])
    return table(["operation", "by members of the group", *(f"{size:,}" for size in SIZES)], found)


def once(snapshot: Mapping[str, Any]) -> str:
    """What is dearer, and not in the steady state."""
    found = [
        [what if asset == ASSETS[0] else "", asset, *_cells(snapshot["rows"][asset].get(name, {}))]
        for name, what in ONCE.items()
        for asset in ASSETS
    ]
    return table(["dearer once", "", *(f"{size:,}" for size in SIZES)], found)


def signed(snapshot: Mapping[str, Any]) -> str:
    """Signed ballots by the size of the batch."""
    ours, theirs = snapshot["signed"], snapshot["peers_signed"]
    heads = ["signed ballots, each, by how many in a transaction", *map(str, BATCHES)]
    found = [
        ["ours: the first batch of a claim", *(ours[str(size)] for size in BATCHES)],
        ["Governor: the first of a proposal", *(theirs[str(size)] for size in BATCHES)],
    ]
    return table(heads, found)


def parts(snapshot: Mapping[str, Any]) -> str:
    """Where the gas of each row goes, and how much is above the floor."""
    names = [name for name in ORDER if name in snapshot["parts"]]
    found = [
        [words, *(snapshot["parts"][name][part] for name in names)] for part, words in PARTS.items()
    ]
    sums = [sum(snapshot["parts"][name].values()) for name in names]
    floors = [FLOORS[name] or 0 for name in names]
    above = [ours - floor for ours, floor in zip(sums, floors, strict=True)]
    ends = [["**all**", *sums], ["floor", *floors], ["above the floor", *above]]
    return table(["where it goes, in Ether", *(ROWS[name] for name in names)], found + ends)


def lives(snapshot: Mapping[str, Any]) -> str:
    """Gas of whole lives, ours beside Governor and splitters."""
    sizes = snapshot["lives"]
    heads = ["gas of a whole life"]
    for size in sizes:
        heads += [f"{int(size):,} members", "Governor"]
    sent, found = ["transactions"], []
    for step in next(iter(sizes.values()))["ours"]:
        bills = [bill[step] for life in sizes.values() for bill in _both(life)]
        found.append([step, *(cost["gas"] for cost in bills)])
    total = ["**all**"]
    for bill in (bill for life in sizes.values() for bill in _both(life)):
        cost = _total(bill)
        sent.append(cost.transactions)
        total.append(f"**{cost.gas:,}**")
    kept = ["a member"]
    for size, life in sizes.items():
        kept += [_total(bill).gas // int(size) for bill in _both(life)]
    against = ["if pools were created from a blueprint"]
    for life in sizes.values():
        ratio = life["blueprint"] / _total(life["ours"]).gas - 1
        against += [f"{life['blueprint']:,} ({ratio:+.1%})", ""]
    return table(heads, [sent, *found, total, kept, against])


def dollars(snapshot: Mapping[str, Any], prices: Prices) -> str:
    """The same in dollars."""
    sizes = snapshot["lives"]
    heads = [f"dollars of a whole life, prices of {prices.date}"]
    for size in sizes:
        heads += [f"{int(size):,} members", "Governor"]
    found = []
    for network in prices.networks:
        paid = [
            (prices.dollars(network, _total(bill)), int(size))
            for size, life in sizes.items()
            for bill in _both(life)
        ]
        found.append([network, *(f"{each:,.2f}" for each, _ in paid)])
        found.append(["... a member", *(f"{each / size:,.4f}" for each, size in paid)])
    data = ["compressed bytes"]
    data += [_total(bill).data for life in sizes.values() for bill in _both(life)]
    return table(heads, [*found, data])


def stated(prices: Prices) -> str:
    """The prices."""
    found = [
        [name, f"{each.gas_price:g}", f"{each.byte_price:.4g}"]
        for name, each in prices.networks.items()
    ]
    return table([f"Ether at ${prices.ether:,.0f}", "gwei a gas", "gwei a byte"], found)


def limits(snapshot: Mapping[str, Any]) -> str:
    """What is done in pieces."""
    found = [
        [each["what"], each["pieces"], each["gas"], each["largest"], _share(each["largest"])]
        for each in snapshot["limits"]
    ]
    return table(["at the limits", "transactions", "gas", "the largest", "of the most"], found)


def _share(gas: int) -> str:
    return f"{gas / TRANSACTION_GAS:.1%}"


def _both(life: Mapping[str, Any]) -> tuple[Any, Any]:
    return life["ours"], life["governor"]


def _total(bill: Mapping[str, Any]) -> Cost:
    parts = ("transactions", "gas", "data")
    return Cost(*(sum(cost[part] for cost in bill.values()) for part in parts))


def _cells(by_size: Mapping[str, int]) -> list[Any]:
    return [by_size.get(str(size), "") for size in SIZES]


def table(heads: Sequence[str], found: Iterable[Sequence[Any]]) -> str:
    """Markdown, with columns that stand under each other."""
    written = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in found]
    widths = [max(map(len, column)) for column in zip(heads, *written, strict=True)]
    left = [
        i == 0 or not any(row[i].strip("*-")[:1].isdigit() for row in written)
        for i in range(len(heads))
    ]
    sides = list(zip(widths, left, strict=True))
    rule = ["-" * width if at_left else "-" * (width - 1) + ":" for width, at_left in sides]
    lines = []
    for row in (heads, rule, *written):
        cells = [
            cell.ljust(width) if at_left else cell.rjust(width)
            for cell, (width, at_left) in zip(row, sides, strict=True)
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def tables(snapshot: Mapping[str, Any], prices: Prices) -> dict[str, str]:
    """All tables that there are figures for, by the names that docs/gas.md marks."""
    made = {}
    if "rows" in snapshot:
        made |= {each.__name__: each(snapshot) for each in (summary, rows, once, signed, parts)}
    if "lives" in snapshot:
        made["lives"] = lives(snapshot)
        made |= {"dollars": dollars(snapshot, prices), "prices": stated(prices)}
    if "limits" in snapshot:
        made["limits"] = limits(snapshot)
    return made


def written(document: str, made: Mapping[str, str]) -> str:
    """The document with its tables replaced; each stands between `<!-- name -->` and `<!-- -->`."""
    for name, text in made.items():
        before, start, rest = document.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- -->")
        document = f"{before}{start}\n{text}\n\n{end}{after}" if start else document
    return document
