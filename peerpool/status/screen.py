"""A pool at a glance in a terminal of any width."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from peerpool import reinsurance
from peerpool.keeper.look import ClaimNow
from peerpool.ledger.rebuild import CANCELLED, ENROLLING, SETTLED
from peerpool.phases import PHASES
from peerpool.reinsurance import Tower
from peerpool.report.words import NBSP
from peerpool.status import words
from peerpool.status.snapshot import Snapshot
from peerpool.units import format_amount, format_date

MOST_CLAIMS = 12  # in the table; the rest is counted
COLOURS = {0: "cyan", 1: "red", 2: "green", 3: "yellow", 4: "blue"}


def page(snapshot: Snapshot) -> RenderableType:
    """All of one pool."""
    parts = [_head(snapshot), _Timeline(snapshot), _money(snapshot)]
    if snapshot.seen.claims:
        parts.append(_claims(snapshot))
    if snapshot.tower.rows:
        parts.append(tower_table(snapshot.tower))
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts), _next(snapshot))


def overview(snapshots: Iterable[Snapshot]) -> Table:
    """Many pools, a row each."""
    table = _table("pool", "phase", ">members", ">funds", ">asked", ">open claims", "next")
    for each in snapshots:
        summary, action = each.seen.summary, words.next_step(each.seen.next, each.seen)
        table.add_row(
            Text(each.seen.kept.name),
            Text(PHASES[summary["phase"]], style=COLOURS[summary["phase"]]),
            str(summary["members"]),
            Text(_amount(each, summary["funds"])),
            Text(_amount(each, summary["asked"])),
            str(summary["open_claims"]),
            Text(action.brief if action else words.no_step(each)),
        )
    return table


def tower_table(tower: Tower) -> Table:
    """The layers, the highest on top; their bars show what is left and what was paid."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), caption_justify="left")
    for head in reinsurance.HEADS:
        table.add_column(head, justify="right" if head else "left", overflow="fold")
    for row in reinsurance.table(tower):
        table.add_row(*(cell.replace(" ", NBSP) for cell in row))
    # A Text, as rich takes a string for markup, and a symbol may be "[red]".
    table.caption = Text(f"in {tower.asset.symbol}; █ left, ▒ paid, · neither", "table.caption")
    return table


def _head(snapshot: Snapshot) -> RenderableType:
    seen, phase = snapshot.seen, snapshot.seen.summary["phase"]
    where = f"{seen.kept.address}, chain {snapshot.chain_id}"
    number = f"{seen.block.number:,}".replace(",", NBSP)
    block = f"block {number}, {format_date(snapshot.time)}"
    return Group(
        Text.assemble((seen.kept.name, "bold"), "  ", (where, "dim")),
        Text.assemble((words.phase(snapshot), f"bold {COLOURS[phase]}"), "  ", (block, "dim")),
    )


class _Timeline:
    """Cover and run-off as a bar, filled up to now, with the dates under their places."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        s, terms = self.snapshot, self.snapshot.terms
        width = min(options.max_width, 96)
        begin, end = terms.cover_start, s.reporting_end
        phase = s.seen.summary["phase"]

        def place(moment: int) -> int:
            part = min(max(moment - begin, 0), end - begin)
            return part * (width - 1) // (end - begin)

        now = {ENROLLING: 0, CANCELLED: 0, SETTLED: width}.get(phase, place(s.time) + 1)
        expiry = place(terms.expiry)
        cells = ("┃" if i == expiry else "█" if i < now else "░" for i in range(width))
        yield Text("".join(cells), COLOURS[phase])
        yield _under(
            width,
            ((0, f"cover {_day(begin)}"), (expiry, f"expiry {_day(terms.expiry)}")),
            f"reporting ends {_day(end)}",
        )


def _under(width: int, marks: Sequence[tuple[int, str]], last: str) -> Text:
    """Texts under their places, moved to the left as far as the next one needs; without overlap."""
    line, room = [" "] * width, width + 2
    for place, text in (*((width, last),), *reversed(marks)):
        start = min(place, room - len(text) - 2)
        if start >= 0:
            line[start : start + len(text)] = text
            room = start
    return Text("".join(line), style="dim", no_wrap=True, overflow="crop")


def _money(snapshot: Snapshot) -> Table:
    summary, quote = snapshot.seen.summary, snapshot.quote
    rows = [
        ("funds", summary["funds"], "what claims are paid from"),
        ("layers", summary["capacity"], "what they can still pay"),
        ("asked", summary["asked"], "open claims, and awards that wait"),
        ("unpaid", summary["unpaid"], "awards that were cut: made up first"),
        ("held", summary["held"], "bonds, credits, fees, awards set aside, layers' money"),
        ("stray", snapshot.seen.stray, "came in without a call; absorb() books it"),
        ("surplus", quote["surplus"], "left if all open claims were awarded in full now"),
    ]
    is_short = summary["asked"] > summary["funds"] + summary["capacity"]
    if is_short:
        rows[2] = ("asked", summary["asked"], "more than there is: awards wait for their window")
    if snapshot.seen.is_over:
        dust = "what rounding left over"
        waits = "refunds that wait to be taken or pushed"
        rows[0] = ("funds", summary["funds"], dust if words.is_dust(snapshot.seen) else waits)
        rows.pop()
    table = _table("money", ">", "")
    for name, amount, what in rows:
        if amount or name in ("funds", "asked", "held"):
            style = "red" if name == "unpaid" or (name == "asked" and is_short) else ""
            table.add_row(name, Text(_amount(snapshot, amount), style), Text(what, "dim"))
    members = str(summary["members"])
    limits = f"of {snapshot.terms.min_members} to {snapshot.terms.max_members}"
    table.add_row("members", members, Text(limits, "dim"))
    filed = f"filed, {summary['open_claims']} open, {len(snapshot.waiting)} with money to come"
    table.add_row("claims", str(summary["claims"]), Text(filed, "dim"))
    return table


def _claims(snapshot: Snapshot) -> RenderableType:
    table = _table(">claim", "claimant", ">asked", "status", "votes", "next")
    shown = [*snapshot.open_claims, *snapshot.waiting][:MOST_CLAIMS]
    for claim in shown:
        table.add_row(*_claim(snapshot, claim))
    if more := len(snapshot.seen.claims) - len(shown):
        table.caption = f"and {more} more"
    return table


def _claim(snapshot: Snapshot, claim: ClaimNow) -> tuple[RenderableType, ...]:
    record, action = claim.row["claim"], words.next_step(claim.next, snapshot.seen)
    return (
        str(claim.id),
        words.short(record["claimant"]),
        Text(_amount(snapshot, record["asked"])),
        Text(words.status(claim)),
        Text(words.votes(claim)),
        Text(action.brief, "green" if action.when == "now" else "")
        if action
        else Text("waits for money that comes in", "dim"),
    )


def _next(snapshot: Snapshot) -> Text:
    action = words.next_step(snapshot.seen.next, snapshot.seen)
    if action is None:
        return Text.assemble(("next  ", "bold"), words.no_step(snapshot))
    return Text.assemble(("next  ", "bold"), (str(action), "green" if action.when == "now" else ""))


def _table(*heads: str) -> Table:
    """Columns with these heads; those after a > are set to the right."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), caption_justify="left")
    for head in heads:
        side = "right" if head.startswith(">") else "left"
        table.add_column(head.removeprefix(">"), justify=side, overflow="fold")
    return table


def _amount(snapshot: Snapshot, amount: int) -> str:
    return format_amount(amount, snapshot.asset).replace(" ", NBSP)


def _day(moment: int) -> str:
    return format_date(moment)[:10]
