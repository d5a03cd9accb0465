"""The tables of the page: where the money went, claims, members, every posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, islice
from xml.etree.ElementTree import Element

from peerpool.ledger import CREDIT, IN, OUT, Account, ClaimView, Ledger, MemberView
from peerpool.report.flows import LEFT, Flow, label
from peerpool.report.journal import Journal
from peerpool.report.markup import Child, clean, figure, h
from peerpool.report.markup import number as n
from peerpool.report.words import (
    KINDS,
    STATUS,
    Money,
    People,
    Texts,
    counted,
    day,
    minute,
    shortened,
    tenths,
)

MOST_OPEN = 40  # rows of a table that is not folded away
MOST_MEMBERS = 1000
MOST_CLAIMS = 100


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Element], foot: Child = None, **more: str
) -> Element:
    """A table with its caption; `heads` that begin with # are over numbers."""
    return h(
        "table",
        h("caption", caption),
        h(
            "thead",
            h(
                "tr",
                (
                    h("th", t.lstrip("#"), scope="col", class_="num" if t[0] == "#" else None)
                    for t in heads
                ),
            ),
        ),
        h("tbody", rows),
        h("tfoot", foot) if foot is not None else None,
        **more,
    )


def row(heads: Sequence[str], cells: Sequence[Child], **more: str) -> Element:
    """A row whose first cell names it; each cell knows its column's name, for narrow screens."""
    first, *rest = cells
    return h(
        "tr",
        h("th", first, scope="row"),
        (
            h("td", c, data_label=t.lstrip("#"), class_="num" if t[0] == "#" else None)
            for t, c in zip(heads[1:], rest, strict=True)
        ),
        **more,
    )


def money_table(flows: Sequence[Flow], money: Money, *, dust: bool) -> Element:
    """In by kind, out by kind, what is left; exact, and the two sides add up."""
    came: dict = {}
    went: dict = {}
    for flow in flows:
        if flow.source[0] == IN:
            came[flow.source] = came.get(flow.source, 0) + flow.amount
        if flow.target[0] in (OUT, LEFT):
            went[flow.target] = went.get(flow.target, 0) + flow.amount
    heads = ("Kind", f"#{money.symbol}")

    def part(title: str, sums: dict, total: str) -> Element:
        return h(
            "tbody",
            h("tr", h("th", title, colspan="2", scope="rowgroup"), class_="group"),
            (row(heads, (label(node, dust=dust), money.full(v))) for node, v in sums.items()),
            row(heads, (total, money.full(sum(sums.values()))), class_="sum"),
        )

    body = table("Every unit of money, exactly", heads, (), class_="exact")
    body.remove(body.find("tbody"))
    body.extend(
        [
            part("Came in", came, "All that came in"),
            part("Went out, or is still here", went, "All of it"),
        ]
    )
    return body


def claims_table(
    ledger: Ledger, journal: Journal, money: Money, people: People, texts: Texts
) -> Child:
    """One row a claim: what was asked, how people voted, what was decided and paid."""
    shown = sorted(ledger.claims.values(), key=lambda claim: -claim.asked)[:MOST_CLAIMS]
    heads = ("Claim", "#Loss", "#Asked", "Ballots", "Decision", "#Award", "#Paid")
    rows = [
        row(
            heads,
            (
                (
                    h("b", str(claim.id)),
                    " ",
                    people.cell(claim.claimant),
                    _evidence(claim, people, texts),
                ),
                money.cell(claim.amount),
                money.cell(claim.asked),
                (ballots_figure(claim), _reasons(claim, journal, people, texts)),
                (_decision(claim, money), _hearing(claim, texts)),
                money.cell(claim.award),
                (money.cell(claim.paid), _paid_notes(claim, money)),
            ),
        )
        for claim in sorted(shown, key=lambda claim: claim.id)
    ]
    more = _more(len(ledger.claims) - len(rows), "claim", "that asked less")
    return table(f"Claims, in {money.symbol}", heads, rows, class_="cards"), more


def _more(count: int, noun: str, which: str) -> Child:
    """What a table leaves out, for the sake of the page's size; the exported tables have it."""
    return h("p", f"{counted(count, noun)} {which} left out here.") if count > 0 else None


def _evidence(claim: ClaimView, people: People, texts: Texts) -> Child:
    how = "guarantee called" if claim.is_guarantee else "filed"
    by: Child = (" by ", people.cell(claim.filer)) if claim.by_payee else None
    shown = [h("span", f"{how} {day(claim.filed_at)}", by, class_="note")]
    if claim.evidence_hash in texts.by_hash:
        shown.append(h("span", texts.cell(claim.evidence_hash), class_="note"))
    if claim.uri:
        uri = h("bdi", shortened(claim.uri, 34), title=claim.uri)
        shown.append(h("span", uri, class_="note"))
    return shown


def _decision(claim: ClaimView, money: Money) -> Child:
    if claim.status == 2:
        voted = any(claim.tally()) or claim.ruling is not None or claim.is_guarantee
        silent = None if voted else h("span", "silence is consent", class_="note")
        return h("span", tenths(claim.tenths), class_="tag orange"), silent
    if claim.status == 3:
        kept = f"bond of {money.brief(claim.bond)} kept" if claim.bond else ""
        return h("span", "rejected", class_="tag purple"), h("span", kept, class_="note")
    return h("span", STATUS[claim.status], class_="tag grey")


def _hearing(claim: ClaimView, texts: Texts) -> Child:
    """What came between vote and decision, where that was not the same moment."""
    if claim.ruling is None:
        return None if claim.vote is None else h("span", _vote(claim), class_="note")
    before = "no quorum" if claim.vote is None else _vote(claim)
    reason: Child = (": ", texts.cell(claim.ruling)) if any(claim.ruling) else None
    return h("span", f"{before}; the arbiter ruled {claim.tenths} of 10", reason, class_="note")


def _vote(claim: ClaimView) -> str:
    return f"the vote said {claim.vote} of 10"


def _paid_notes(claim: ClaimView, money: Money) -> Child:
    notes = []
    if claim.to_payee:
        notes.append(h("span", f"{money.short(claim.to_payee)} to the loss payee", class_="note"))
    if claim.recovered:
        notes.append(h("span", f"{money.short(claim.recovered)} recovered", class_="note"))
    return notes or None


def _reasons(claim: ClaimView, journal: Journal, people: People, texts: Texts) -> Child:
    given = journal.reasons.get(claim.id)
    if not given:
        return None
    more = journal.reasoned[claim.id] - len(given)
    return h(
        "details",
        h("summary", counted(journal.reasoned[claim.id], "reason")),
        h(
            "ul",
            (
                h("li", people.cell(b.voter), f", {b.award} of 10: ", texts.cell(b.reason))
                for b in given
            ),
            h("li", f"and {more} more") if more else None,
        ),
    )


def ballots_figure(claim: ClaimView) -> Element:
    """Eleven bars, from 0 to 10 tenths; a mark under the tenth that was awarded."""
    tally, width, floor = claim.tally(), 9, 40
    tallest = max(*tally, 3)
    parts: list[Element] = []
    for tenth, votes in enumerate(tally):
        x = 2 + tenth * (width + 2)
        height = 28 * votes / tallest
        parts.append(h("rect", x=x, y=floor, width=width, height=1.5, class_="tick-bar"))
        if votes:
            parts.append(
                h("rect", x=x, y=floor - height, width=width, height=height, class_="fill-blue")
            )
            parts.append(
                h("text", str(votes), x=x + width / 2, y=floor - height - 3, text_anchor="middle")
            )
        if tenth in (0, 5, 10):
            parts.append(
                h("text", str(tenth), x=x + width / 2, y=58, text_anchor="middle", class_="faint")
            )
    if claim.status in (2, 3):
        x = 2 + claim.tenths * (width + 2) + width / 2
        parts.append(h("path", d=f"M{x:.1f} 42l4.5 6h-9z", class_="fill-orange"))
    votes = ", ".join(f"{v} for {counted(t, 'tenth')}" for t, v in enumerate(tally) if v) or "none"
    return figure(
        f"ballots-{claim.id}",
        f"Ballots on claim {claim.id}",
        f"{votes}. Decision: {STATUS[claim.status]}, {counted(claim.tenths, 'tenth')}.",
        2 + 11 * (width + 2),
        60,
        parts,
        class_="small",
    )


def members_table(ledger: Ledger, money: Money, people: People, tier_names: Sequence[str]) -> Child:
    """One row a membership: what it cost and what it brought."""
    heads = ("Member", "Tier", "#Premium", "#Awarded", "#Refunded", "#Bonds lost", "#Net", "")
    widest = max((abs(m.net) for m in ledger.members.values()), default=0) or 1
    rows = [
        row(
            (*heads[:-1], " "),
            (
                (people.cell(m.account), _joined(m, people, money)),
                _tier(m.tier, tier_names),
                money.cell(_kept_premium(m)),
                (money.cell(m.awarded), _missing(m, money)),
                money.cell(m.refunded),
                money.cell(m.bonds_kept),
                money.cell(m.net, sign=True),
                net_figure(m, widest, money),
            ),
        )
        for m in islice(ledger.members.values(), MOST_MEMBERS)
    ]
    everybody = ledger.members.values()
    sums = (
        "All",
        "",
        money.cell(sum(_kept_premium(m) for m in everybody)),
        money.cell(sum(m.awarded for m in everybody)),
        money.cell(sum(m.refunded for m in everybody)),
        money.cell(sum(m.bonds_kept for m in everybody)),
        money.cell(sum(m.net for m in everybody), sign=True),
        "",
    )
    foot = row((*heads[:-1], " "), sums, class_="sum")
    heads = (*heads[:-1], "Net, drawn")
    more = _more(len(everybody) - len(rows), "member", "who joined later")
    return table(f"Members, in {money.symbol}", heads, rows, foot, class_="cards"), more


def came_out(ledger: Ledger, money: Money) -> str:
    """How many members have more and how many less than they gave, in a sentence."""
    nets = [m.net for m in ledger.members.values() if not m.left_at]
    ahead, behind = sum(1 for net in nets if net > 0), sum(1 for net in nets if net < 0)
    text = f"{counted(ahead, 'member')} got more than they gave"
    if ahead:
        text += f", {money.brief(max(nets))} at most"
    text += f"; {counted(behind, 'member')} gave more than they got"
    if behind:
        text += f", {money.brief(-min(nets))} at most"
    return f"{text}. Each is a column: got more above the line, gave more below it."


def nets_figure(id_: str, ledger: Ledger, money: Money, width: int) -> Element:
    """What each member who stayed has more or less than was given, from most to least."""
    nets = sorted((m.net for m in ledger.members.values() if not m.left_at), reverse=True)
    nets = nets[:: len(nets) // MOST_MEMBERS + 1]
    whole = max(nets[0], 0) + max(-nets[-1], 0) or 1
    tall = 160 if width > 500 else 120
    line = 4 + tall * max(nets[0], 0) / whole

    def area(begin: int, some: Sequence[int], colour: str) -> Element | None:
        """The columns of some neighbours."""
        path = f"M{n(width * begin / len(nets))} {n(line)}"
        for net, same in groupby(some):
            begin += len(list(same))
            path += f"V{n(line - tall * net / whole)}H{n(width * begin / len(nets))}"
        return h("path", d=f"{path}V{n(line)}Z", class_=f"fill-{colour}") if some else None

    ahead, behind = [net for net in nets if net > 0], [net for net in nets if net < 0]
    return figure(
        id_,
        "What each member has more or less than was given",
        came_out(ledger, money),
        width,
        tall + 8,
        area(0, ahead, "orange"),
        area(len(nets) - len(behind), behind, "blue"),
        h("line", x1=0, x2=width, y1=line, y2=line, class_="tick"),
    )


def _kept_premium(m: MemberView) -> int:
    """What the pool kept of the premium: nothing of one who left."""
    return 0 if m.left_at else m.premium


def _missing(m: MemberView, money: Money) -> Child:
    missing = m.awarded - m.paid
    return h("span", f"{money.short(missing)} not paid", class_="note") if missing else None


def _tier(tier: int, names: Sequence[str]) -> str:
    return clean(names[tier]) if tier < len(names) else str(tier)


def _joined(m: MemberView, people: People, money: Money) -> Child:
    notes: list[Child] = [f"joined {day(m.joined_at)}"]
    if m.payer != m.account:
        notes.append((", paid by ", people.cell(m.payer)))
    if m.commission:
        notes.append((", brought by ", people.cell(m.referrer)))
    if m.wallets:
        notes.append((", earlier as ", people.cell(m.wallets[-1])))
    if m.pledged:
        notes.append((f", {money.brief(m.pledged)} pledged to ", people.cell(m.pledge_payee)))
    if m.left_at:
        back = money.brief(m.premium)
        notes.append(f", left {day(m.left_at)} with all of {back}")
    return h("span", notes, class_="note")


def net_figure(m: MemberView, widest: int, money: Money) -> Element:
    """A bar to the left for who paid more, to the right for who got more."""
    long = 40 * abs(m.net) / widest
    return figure(
        f"net-{m.id}",
        f"Net of member {m.id}",
        money.exact(m.net),
        84,
        14,
        h("rect", x=41.5, y=0, width=1, height=14, class_="tick-bar"),
        h(
            "rect",
            x=42 if m.net > 0 else 42 - long,
            y=2,
            width=long,
            height=10,
            class_="fill-orange" if m.net > 0 else "fill-blue",
        ),
        class_="small",
    )


def postings(journal: Journal, money: Money, people: People) -> Element:
    """The moves of the books, for whoever wants to check them."""
    heads = ("When (UTC)", "Event", "From", "To", f"#{money.symbol}")
    rows = [
        row(
            heads,
            (
                h("span", minute(m.event.time), title=m.event.tx),
                m.event.name,
                _account(m.source, people),
                _account(m.target, people),
                money.full(m.amount),
            ),
        )
        for m in journal.postings
    ]
    return h(
        "details",
        h("summary", f"{counted(journal.posted, 'posting')}, in double entry"),
        h("div", table("Postings", heads, rows, class_="exact"), class_="scroll", tabindex="0"),
        _more(journal.posted - len(rows), "posting", "after these"),
    )


def _account(account: Account, people: People) -> Child:
    if account.pot == IN or account.pot == OUT:
        name = KINDS[account.pot, account.kind].lower()
        way = "from outside" if account.pot == IN else "outside"
        if account.kind == "collateral":
            return f"{way}, {name} of layer {account.who}"
        return (f"{way}, {name}", (": ", people.cell(account.who)) if account.who else None)
    if not account.kind:
        return "funds"
    if account.kind == "bond" and account.pot != CREDIT:
        return f"held, bond of claim {account.who}"
    if account.kind == "layer":
        return f"held, layer {account.who}"
    whose = (": ", people.cell(account.who)) if account.who else None
    return (f"{'credit' if account.pot == CREDIT else 'held'}, {account.kind}", whose)


def totals(ledger: Ledger) -> Mapping[str, int]:
    """The sums of the headline, in token units."""
    came, went = ledger.came_in(), ledger.went_out()
    return {
        "premiums": came.get("premium", 0) - went.get("premium back", 0),
        "awards": sum(c.paid for c in ledger.claims.values()),
        "refunds": went.get("refund", 0),
        "cause": went.get("cause", 0),
        "drawn": sum(layer.paid for layer in ledger.layers.values()),
        "repaid": sum(layer.repaid for layer in ledger.layers.values()),
        "ceded": sum(layer.ceded or 0 for layer in ledger.layers.values()),
    }
