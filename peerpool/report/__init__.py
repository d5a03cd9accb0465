"""One self-contained HTML page about a pool: the verdict on its books, and where its money went.

It needs no network, no script and no font, and the same books give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from xml.etree.ElementTree import Element

from peerpool.audit.verdict import Verdict
from peerpool.ledger import Ledger
from peerpool.report import judged, loss, tables
from peerpool.report.flows import SHARED, Flow, is_dust, label
from peerpool.report.journal import Journal
from peerpool.report.marks import Mark, listed, marks
from peerpool.report.markup import Child, clean, h, serialise
from peerpool.report.over_time import funds_figure, phases, timeline_figure
from peerpool.report.sankey import sankey
from peerpool.report.tower import key as tower_key
from peerpool.report.tower import layers_table, story_of, summed_up, tower_figure
from peerpool.report.words import Money, People, Texts, counted, day, percent
from peerpool.units import ZERO_ADDRESS

__all__ = ["Journal", "Year", "page"]

WIDE, NARROW = 1040, 340  # pixels of the figures
POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # nothing is loaded, nothing runs


@dataclass(frozen=True)
class Year:
    """The books of a pool, and what the page is told besides.

    journal: a watcher that saw them grow.
    verdict: what an audit says of them.
    names: what to call an address instead of its two ends.
    texts: plain texts of reasons and evidence, of which the chain has the keccak256. Texts that
        hash to nothing on chain do not appear.
    tier_names: of all tiers, in order; without them tiers have numbers.
    """

    ledger: Ledger
    journal: Journal
    verdict: Verdict
    names: Mapping[str, str] = field(default_factory=dict)
    texts: Iterable[str] = ()
    tier_names: Sequence[str] = ()


def page(years: Sequence[Year]) -> str:
    """The page as HTML: of one pool, or of several, one below the other."""
    if len(years) == 1:
        name = clean(years[0].ledger.terms.name)
        title = f"{name}: where every unit of money went"
        header, main = _year(years[0], (h("bdi", name), ": where every unit of money went"))
        parts = [h("header", header), h("main", main)]
    else:
        title = f"Where every unit of money went, in {counted(len(years), 'pool')}"
        sections = [_section(year, number) for number, year in enumerate(years, start=1)]
        parts = [h("header", h("h1", title)), h("main", sections)]
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", http_equiv="Content-Security-Policy", content=POLICY),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("title", title),
        h("style", (files("peerpool.report") / "page.css").read_text(encoding="utf-8")),
    )
    foot = h(
        "footer",
        "Rebuilt from the pool's events alone. Dates are UTC. Names and texts were given to the"
        " page; addresses, amounts and hashes are the chain's.",
    )
    return serialise(h("html", head, h("body", parts, foot), lang="en"))


def _section(year: Year, number: int) -> Element:
    """A year as one of several: headings a step lower, ids of its own."""
    name = clean(year.ledger.terms.name)
    section = h(
        "section", _year(year, h("bdi", name)), class_="year", aria_label=f"{number}: {name}"
    )
    for element in section.iter():
        if element.tag in ("h1", "h2"):
            element.tag = f"h{int(element.tag[1]) + 1}"
        for name in ("id", "aria-labelledby"):
            if name in element.attrib:
                ids = element.attrib[name].split()
                element.set(name, " ".join(f"year{number}-{id_}" for id_ in ids))
    return section


def _year(year: Year, title: Child) -> tuple[Child, Child]:
    """What is above and in the main part of a pool's page."""
    ledger, journal = year.ledger, year.journal
    money, people, plain = Money(ledger.asset), People(year.names), Texts(year.texts)
    moments = marks(ledger, journal, money, people)
    streams = journal.sums.flows(ledger)
    dust = is_dust(ledger, journal.sharings)
    header = (
        h("h1", title),
        h("p", _story(ledger, money), class_="lead-in"),
        h("p", _facts(ledger), class_="facts"),
    )
    return header, (
        judged.section(year.verdict),
        _numbers(ledger, money, dust),
        h("h2", "From whom, to whom"),
        _both("flow", lambda id_, width: _sankey(id_, streams, money, width, dust))
        if streams
        else h("p", "No money has moved yet."),
        _tower(ledger, journal, money),
        _over_time(ledger, journal, moments, money) if streams else None,
        h("h2", "Loss ratio"),
        loss.section(ledger, journal, money),
        _loss(ledger, journal, money),
        h("h2", "The life of the pool"),
        _both(
            "life",
            lambda id_, width: timeline_figure(id_, ledger, journal, money, people, width),
        ),
        h("p", _phases(ledger), class_="facts"),
        _claims(ledger, journal, money, people, plain),
        h("h2", "Members"),
        _members(ledger, money, people, year.tier_names),
        h("h2", "Every unit"),
        h("p", _balance(ledger, money)),
        tables.money_table(streams, money, dust=dust),
        tables.postings(journal, money, people),
    )


def _over_time(ledger: Ledger, journal: Journal, moments: list[Mark], money: Money) -> Child:
    return (
        h("h2", "The money over time"),
        h(
            "p",
            h("span", class_="key funds"),
            "funds: claims, then refunds, are paid from them",
            h("br"),
            h("span", class_="key held"),
            _held(ledger),
            class_="facts",
        ),
        _both(
            "funds",
            lambda id_, width: funds_figure(id_, ledger, journal, moments, money, width),
        ),
        listed(moments, journal.seen, day),
    )


def _loss(ledger: Ledger, journal: Journal, money: Money) -> Child:
    if not loss.loss_ratio(ledger, journal).earned:
        return None
    return _both("loss", lambda id_, width: loss.loss_figure(id_, ledger, journal, money, width))


def _balance(ledger: Ledger, money: Money) -> str:
    came, went = sum(ledger.came_in().values()), sum(ledger.went_out().values())
    left = ledger.funds + ledger.held
    return (
        f"{money.exact(came)} came in, {money.exact(went)} went out, {money.exact(left)} is left."
    )


def _held(ledger: Ledger) -> str:
    kinds = "bonds, credits, fees, commissions, awards set aside"
    return f"held on top of them: {kinds}{', what belongs to layers' if ledger.layers else ''}"


def _tower(ledger: Ledger, journal: Journal, money: Money) -> Child:
    if not ledger.layers:
        return None
    story = story_of(ledger, journal)
    return (
        h("h2", "Who stood behind the pool"),
        h("p", summed_up(story, money), class_="facts"),
        tower_key(),
        _both("tower", lambda id_, width: tower_figure(id_, story, money, width)),
        layers_table(story, money),
    )


def _story(ledger: Ledger, money: Money) -> str:
    """The pool in two or three sentences."""
    sums, terms = tables.totals(ledger), ledger.terms
    members = counted(len(ledger.present), "member")
    text = f"{members}, cover from {day(terms.cover_start)} to {day(terms.expiry)}. "
    if ledger.is_cancelled:
        return f"{text}Too few joined: the pool was cancelled; premiums go back to who paid them."
    if not ledger.present:
        return f"{text}Nobody is a member yet."
    text += f"They paid {money.brief(sums['premiums'])} in premiums; "
    if not ledger.claims:
        text += "nobody filed a claim"
    else:
        text += _losses(ledger, sums, money)
    if ledger.settled_at and sums["refunds"]:
        share = percent(sums["refunds"], sums["premiums"])
        text += f", and {money.brief(sums['refunds'])} ({share}) came back to the members"
    elif ledger.settled_at and sums["drawn"]:
        text += "; nothing was left for the members"
    return f"{text}."


def _losses(ledger: Ledger, sums: Mapping[str, int], money: Money) -> str:
    """What went to losses, who bore it, and what did not."""
    paid = sum(1 for c in ledger.claims.values() if c.paid)
    losses = counted(paid, "loss" if paid == 1 else "losse")
    text = f"{money.brief(sums['awards'])} went to {losses}"
    if ledger.unpaid:
        text += f", to which {money.brief(ledger.unpaid)} more was awarded than there was"
    if sums["drawn"]:
        text += f", {money.brief(sums['drawn'])} of it out of layers of reinsurance"
    if sums["repaid"]:
        text += f", to which {money.brief(sums['repaid'])} came back"
    return text


def _phases(ledger: Ledger) -> str:
    spans = phases(ledger, ledger.time + 1)
    parts = [f"{name} until {day(until)}" for _, until, name in spans[:-1]]
    begin, _, name = spans[-1]
    now = f"since {day(begin)}" if begin else f"until {day(ledger.terms.cover_start)}"
    return ", ".join([*parts, f"{name} {now}"]) + "."


def _facts(ledger: Ledger) -> Child:
    return (
        "Pool ",
        h("code", ledger.pool),
        f" on chain {ledger.chain_id}, as of block {ledger.block}, {day(ledger.time)}. Amounts in ",
        h("bdi", clean(ledger.asset.symbol)),
        f", {counted(ledger.asset.decimals, 'decimal')}.",
    )


def _numbers(ledger: Ledger, money: Money, dust: bool) -> Element:
    sums = tables.totals(ledger)
    asked = len(ledger.claims)
    paid = sum(1 for c in ledger.claims.values() if c.paid)
    rows = [
        ("Premiums", sums["premiums"], f"of {counted(len(ledger.present), 'member')}", "blue"),
        ("Paid for losses", sums["awards"], f"{paid} of {counted(asked, 'claim')}", "orange"),
    ]
    if ledger.layers:
        repaid = f"{money.short(sums['repaid'])} repaid" if sums["repaid"] else "out of collateral"
        rows += [
            ("Drawn on layers", sums["drawn"], repaid, "purple"),
            ("Ceded to layers", sums["ceded"], "of the premiums", "purple"),
        ]
    back = f"{percent(sums['refunds'], sums['premiums'])} of the premiums"
    rows.append(("Back to members", sums["refunds"], back, "blue"))
    if ledger.terms.cause != ZERO_ADDRESS:
        rows.append(("To the cause", sums["cause"], "its share of the surplus", "green"))
    only_dust = dust and not ledger.held
    rest = f"dust: {money.exact(ledger.funds)}" if only_dust else "funds and held"
    rows.append(("Still in the pool", ledger.funds + ledger.held, rest, "grey"))
    return h(
        "dl",
        (
            h(
                "div",
                h("dt", title),
                h(
                    "dd",
                    h(
                        "span",
                        money.short(amount),
                        h("span", f"\u00a0{money.symbol}", class_="unit"),
                        class_="big",
                        title=money.exact(amount),
                    ),
                    h("span", note, class_="note"),
                ),
                style=f"--c:var(--{colour})",
            )
            for title, amount, note, colour in rows
        ),
        class_="numbers many" if len(rows) > 5 else "numbers",
    )


def _both(id_: str, draw) -> Element:
    """A figure twice: for screens and paper, and for phones; one of them is shown."""
    return h(
        "figure",
        h("div", draw(id_, WIDE), class_="wide"),
        h("div", draw(f"{id_}-narrow", NARROW), class_="narrow"),
    )


def _sankey(id_: str, streams: Sequence[Flow], money: Money, width: int, dust: bool) -> Element:
    sums: dict = {}
    for flow in streams:
        sums[flow.source, 0] = sums.get((flow.source, 0), 0) + flow.amount
        sums[flow.target, 1] = sums.get((flow.target, 1), 0) + flow.amount
    amounts: dict = {f: (money.brief(f.amount), money.exact(f.amount)) for f in streams}
    labels = {}
    for node, _ in sums:
        total = max(sums.get((node, 0), 0), sums.get((node, 1), 0))
        amounts[node] = (money.brief(total), money.exact(total))
        labels[node] = label(node, dust=dust)
    labels.setdefault(SHARED, label(SHARED, dust=dust))
    return sankey(id_, streams, labels, amounts, width, outside=width == WIDE)


def _claims(ledger: Ledger, journal: Journal, money: Money, people: People, plain: Texts) -> Child:
    if not ledger.claims:
        return h("h2", "Claims"), h("p", "Nobody filed a claim.")
    return (
        h("h2", "Claims"),
        h(
            "p",
            "Each ballot is an award in tenths of what was asked; the arrow shows what was decided:"
            " the highest tenth that enough of the ballots support.",
            class_="facts",
        ),
        _folded(
            len(ledger.claims),
            "claim",
            tables.claims_table(ledger, journal, money, people, plain),
        ),
    )


def _folded(count: int, noun: str, table: Child) -> Child:
    """A long table folds away."""
    if count <= tables.MOST_OPEN:
        return table
    return h("details", h("summary", counted(count, noun)), table)


def _members(ledger: Ledger, money: Money, people: People, tier_names: Sequence[str]) -> Child:
    """The table; of many members below a figure of what each has more or less."""
    count = len(ledger.members)
    table = tables.members_table(ledger, money, people, tier_names)
    if count <= tables.MOST_OPEN or not ledger.present:
        return _folded(count, "member", table)
    return (
        h("p", tables.came_out(ledger, money), class_="facts"),
        _both("nets", lambda id_, width: tables.nets_figure(id_, ledger, money, width)),
        _folded(count, "member", table),
    )
