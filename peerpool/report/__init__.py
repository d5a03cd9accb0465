"""One self-contained HTML page about a pool: where every unit of its money went.

It needs no network, no script and no font, and the same books give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from xml.etree.ElementTree import Element

from peerpool.ledger import Ledger
from peerpool.report import tables
from peerpool.report.flows import SHARED, Flow, flows, is_dust, label
from peerpool.report.marks import listed, marks
from peerpool.report.markup import Child, clean, h, serialise
from peerpool.report.over_time import funds_figure, phases, timeline_figure
from peerpool.report.sankey import sankey
from peerpool.report.tower import key as tower_key
from peerpool.report.tower import layers_table, summed_up, tower_figure, tower_of
from peerpool.report.words import Money, People, Texts, counted, day, percent
from peerpool.units import ZERO_ADDRESS

__all__ = ["Year", "page"]

WIDE, NARROW = 1040, 340  # pixels of the figures
POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # nothing is loaded, nothing runs


@dataclass(frozen=True)
class Year:
    """The books of a pool, and what the page is told besides.

    balance: what the pool holds of its asset, in token units, at the ledger's block.
    differences: what `peerpool.ledger.check` found; empty if the books are the chain's.
    names: what to call an address instead of its two ends.
    texts: plain texts of reasons and evidence, of which the chain has the keccak256. Texts that
        hash to nothing on chain do not appear.
    tier_names: of all tiers, in order; without them tiers have numbers.
    """

    ledger: Ledger
    balance: int
    differences: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    texts: Iterable[str] = ()
    tier_names: Sequence[str] = ()


def page(years: Sequence[Year]) -> str:
    """The page as HTML: of one pool, or of several, one below the other."""
    if len(years) == 1:
        name = clean(years[0].ledger.terms.name)
        title = f"{name}: where every unit of money went"
        parts = _year(years[0], (h("bdi", name), ": where every unit of money went"))
    else:
        names = [h("bdi", clean(year.ledger.terms.name)) for year in years]
        title = f"Where every unit of money went, in {counted(len(years), 'pool')}"
        parts = [h("h1", title)]
        parts += [
            _section(_year(year, name), number)
            for number, (year, name) in enumerate(zip(years, names, strict=True), start=1)
        ]
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


def _section(parts: Sequence[Element], number: int) -> Element:
    """A year as one of several: headings a step lower, ids of its own."""
    section = h("section", parts, class_="year")
    for element in section.iter():
        if element.tag in ("h1", "h2"):
            element.tag = f"h{int(element.tag[1]) + 1}"
        elif element.tag == "main":
            element.tag = "div"
        for name in ("id", "aria-labelledby"):
            if name in element.attrib:
                ids = element.attrib[name].split()
                element.set(name, " ".join(f"year{number}-{id_}" for id_ in ids))
    return section


def _year(year: Year, title: Child) -> list[Element]:
    """Header and main part of a pool's page."""
    ledger = year.ledger
    money, people, plain = Money(ledger.asset), People(year.names), Texts(year.texts)
    moments = marks(ledger, money, people)
    streams = flows(ledger)
    return [
        h(
            "header",
            h("h1", title),
            h("p", _story(ledger, money), class_="lead-in"),
            h("p", _facts(ledger), class_="facts"),
        ),
        h(
            "main",
            _numbers(ledger, money),
            _verdict(ledger, year.balance, year.differences, money),
            h("h2", "From whom, to whom"),
            _both("flow", lambda id_, width: _sankey(id_, ledger, streams, money, width)),
            _tower(ledger, money),
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
            _both("funds", lambda id_, width: funds_figure(id_, ledger, moments, money, width)),
            listed(moments, day),
            h("h2", "The life of the pool"),
            _both("life", lambda id_, width: timeline_figure(id_, ledger, money, people, width)),
            h("p", _phases(ledger), class_="facts"),
            _claims(ledger, money, people, plain),
            h("h2", "Members"),
            tables.members_table(ledger, money, people, year.tier_names),
            h("h2", "Every unit"),
            tables.money_table(ledger, streams, money),
            h("p"),
            tables.postings(ledger, money, people),
        ),
    ]


def _held(ledger: Ledger) -> str:
    kinds = "bonds, credits, fees, commissions, awards set aside"
    return f"held on top of them: {kinds}{', what belongs to layers' if ledger.layers else ''}"


def _tower(ledger: Ledger, money: Money) -> Child:
    if not ledger.layers:
        return None
    tower = tower_of(ledger)
    return (
        h("h2", "Who stood behind the pool"),
        h("p", summed_up(tower, money), class_="facts"),
        tower_key(),
        _both("tower", lambda id_, width: tower_figure(id_, tower, money, width)),
        layers_table(tower, money),
    )


def _story(ledger: Ledger, money: Money) -> str:
    """The pool in two or three sentences."""
    sums, terms = tables.totals(ledger), ledger.terms
    members = counted(len(ledger.present), "member")
    text = f"{members}, cover from {day(terms.cover_start)} to {day(terms.expiry)}. "
    if ledger.is_cancelled:
        return f"{text}Too few joined: the pool was cancelled; premiums go back to who paid them."
    paid = sum(1 for c in ledger.claims.values() if c.paid)
    losses = counted(paid, "loss" if paid == 1 else "losse")
    text += f"They paid {money.brief(sums['premiums'])} in premiums; "
    text += f"{money.brief(sums['awards'])} went to {losses}"
    if sums["drawn"]:
        text += f", {money.brief(sums['drawn'])} of it out of layers of reinsurance"
    if sums["repaid"]:
        text += f", to which {money.brief(sums['repaid'])} came back"
    if ledger.settled_at and sums["refunds"]:
        share = percent(sums["refunds"], sums["premiums"])
        text += f", and {money.brief(sums['refunds'])} ({share}) came back to the members"
    elif ledger.settled_at and sums["drawn"]:
        text += "; nothing was left for the members"
    return f"{text}."


def _phases(ledger: Ledger) -> str:
    spans = phases(ledger, ledger.time + 1)
    parts = [f"{name} until {day(until)}" for _, until, name in spans[:-1]]
    return ", ".join([*parts, f"{spans[-1][2]} since {day(max(spans[-1][0], 1))}"]) + "."


def _facts(ledger: Ledger) -> Child:
    return (
        "Pool ",
        h("code", ledger.pool),
        f" on chain {ledger.chain_id}, as of block {ledger.block}, {day(ledger.time)}. Amounts in ",
        h("bdi", clean(ledger.asset.symbol)),
        f", {ledger.asset.decimals} decimals.",
    )


def _numbers(ledger: Ledger, money: Money) -> Element:
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
    dust = f"dust: {money.exact(ledger.funds)}" if is_dust(ledger) else "funds and held"
    rows.append(("Still in the pool", ledger.funds + ledger.held, dust, "grey"))
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


def _verdict(
    ledger: Ledger,
    balance: int,
    differences: Sequence[str],
    money: Money,
) -> Element:
    came = sum(ledger.came_in().values())
    out = sum(ledger.went_out().values())
    left = ledger.funds + ledger.held
    if differences or came != out + left or balance != left:
        found = list(differences) or [
            f"came in {money.exact(came)}, went out {money.exact(out)}, left {money.exact(left)},"
            f" balance {money.exact(balance)}"
        ]
        return h(
            "div",
            h("strong", "The books and the chain differ."),
            h("ul", (h("li", clean(text)) for text in found)),
            class_="verdict bad",
        )
    return h(
        "p",
        h("strong", "Every unit is accounted for. "),
        f"{money.exact(came)} came in, {money.exact(out)} went out, {money.exact(left)} is left:"
        " exactly what the pool holds.",
        class_="verdict",
    )


def _both(id_: str, draw) -> Element:
    """A figure twice: for screens and paper, and for phones; one of them is shown."""
    return h(
        "figure",
        h("div", draw(id_, WIDE), class_="wide"),
        h("div", draw(f"{id_}-narrow", NARROW), class_="narrow"),
    )


def _sankey(id_: str, ledger: Ledger, streams: Sequence[Flow], money: Money, width: int) -> Element:
    sums: dict = {}
    for flow in streams:
        sums[flow.source, 0] = sums.get((flow.source, 0), 0) + flow.amount
        sums[flow.target, 1] = sums.get((flow.target, 1), 0) + flow.amount
    amounts: dict = {f: (money.brief(f.amount), money.exact(f.amount)) for f in streams}
    labels = {}
    for node, _ in sums:
        total = max(sums.get((node, 0), 0), sums.get((node, 1), 0))
        amounts[node] = (money.brief(total), money.exact(total))
        labels[node] = label(node, ledger)
    labels.setdefault(SHARED, label(SHARED, ledger))
    return sankey(id_, streams, labels, amounts, width, outside=width == WIDE)


def _claims(ledger: Ledger, money: Money, people: People, plain: Texts) -> Child:
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
        tables.claims_table(ledger, money, people, plain),
    )
