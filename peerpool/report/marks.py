"""The few moments of a pool's life that a person wants to see on a time axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from peerpool.ledger import Ledger
from peerpool.ledger.views import LAPSED
from peerpool.report.journal import MOST_MOMENTS, Journal, Moment
from peerpool.report.markup import Child, h
from peerpool.report.words import Money, People, counted, tenths

Told = tuple[int, str, tuple[Child, ...]]  # when, colour, text


@dataclass(frozen=True)
class Mark:
    """A numbered moment: what happened, and what it meant for the money."""

    number: int
    time: int
    colour: str
    text: tuple[Child, ...]

    def plain(self) -> str:
        """The text without markup."""
        return "".join(
            "".join(part.itertext()) if isinstance(part, Element) else str(part)
            for part in self.text
        )


def marks(ledger: Ledger, journal: Journal, money: Money, people: People) -> list[Mark]:
    """Moments in order. Enrolment and the refunds are one each, however many members there are."""
    found = [*_coming(journal, money, people), *_collateral(journal, money)]
    for moment in journal.moments:
        colour, text = _mark(moment, ledger, money, people)
        found.append((moment.event.time, colour, text))
    found += _going(journal, money)
    found.sort(key=lambda mark: mark[0])
    return [Mark(i, *mark) for i, mark in enumerate(found, start=1)]


def _coming(journal: Journal, money: Money, people: People) -> list[Told]:
    """Who joined before cover started, as one; late joiners one by one, unless they are many."""
    found: list[Told] = []
    joined, left = journal.groups["Joined", False], journal.groups["Left", False]
    if joined.count:
        leaving = f", {left.count} of them left again" if left.count else ""
        who, paid = counted(joined.count, "member"), money.brief(joined.amount)
        found.append((joined.last, "blue", (f"{who} joined and paid {paid}{leaving}",)))
    late = journal.groups["Joined", True]
    if late.count > len(journal.late):
        who, paid = counted(late.count, "member"), money.brief(late.amount)
        return [*found, (late.last, "blue", (f"{who} joined late and paid {paid}",))]
    for moment in journal.late:
        e = moment.event
        text = f" joined late and paid {money.brief(e['premium'])}"
        found.append((e.time, "blue", (people.cell(e["member"]), text)))
    return found


def _going(journal: Journal, money: Money) -> list[Told]:
    """All refunds as one."""
    names = ("Refunded", "PremiumReturned")
    groups = [group for (name, _), group in journal.groups.items() if name in names]
    if not groups:
        return []
    total = money.brief(sum(group.amount for group in groups))
    who = counted(len(set().union(*(group.whose for group in groups))), "member")
    last = max(group.last for group in groups)
    return [(last, "blue", (f"{total} refunded to {who}",))]


def _collateral(journal: Journal, money: Money) -> list[Told]:
    """What reinsurers put in and took out, one moment each; and what they were ceded."""
    found: list[Told] = []
    for name, text in (
        ("CollateralAdded", "{} of collateral deposited in {}"),
        ("PremiumCeded", "{} of the premiums ceded to {}"),
        ("LayerRedeemed", "{} redeemed out of {}"),
    ):
        for is_late in (False, True):
            group = journal.groups[name, is_late]
            if group.count:
                told = text.format(money.brief(group.amount), counted(len(group.whose), "layer"))
                found.append((group.last, "purple", (told,)))
    return found


def _mark(
    moment: Moment, ledger: Ledger, money: Money, people: People
) -> tuple[str, tuple[Child, ...]]:
    e = moment.event

    def amount(field: str) -> str:
        return money.brief(e[field])

    match e.name:
        case "Donated":
            return "green", (people.cell(e["donor"]), f" donated {amount('amount')}")
        case "Absorbed":
            return "green", (f"{amount('amount')} of stray money booked as a donation",)
        case "AwardPaid":
            claim = ledger.claims[e["claim_id"]]
            failed = e["claimant"] in moment.credited
            how = ": it could not be sent and became a credit" if failed else " paid"
            who = people.cell(e["claimant"])
            text = f"Claim {e['claim_id']} of "
            paid = f": {amount('amount')} ({tenths(claim.tenths)}){how}{_by_layers(moment, money)}"
            return "orange", (text, who, paid)
        case "ClaimResolved":
            claim = ledger.claims[e["claim_id"]]
            who = people.cell(claim.claimant)
            if e["status"] == LAPSED:
                return "purple", (f"Claim {claim.id} of ", who, " lapsed")
            kept = f"; the bond of {money.brief(claim.bond)} was kept" if claim.bond else ""
            return "purple", (f"Claim {claim.id} of ", who, f" rejected{kept}")
        case "WindowSettled":
            missing = money.brief(e["awards"] - e["available"])
            who = "Funds and layers" if ledger.layers else "Funds"
            return "orange", (f"{who} fell short of the awards by {missing}",)
        case "LayersRepaid":
            return "purple", (f"{amount('amount')} of what came in went back to layers",)
        case "Shared":
            text = f"Surplus shared: {amount('to_members')} to the members"
            cause = f", {amount('to_cause')} to the cause" if e["to_cause"] else ""
            return "green", (text + cause,)
        case "Swept":
            return "green", (f"{amount('amount')} that nobody took went to the cause",)
    return _mark_between_people(moment, ledger, money, people)


def _by_layers(moment: Moment, money: Money) -> str:
    """What of a payment was drawn on layers by the same call."""
    return f", {money.brief(moment.drawn)} of it by layers" if moment.drawn else ""


def _mark_between_people(
    moment: Moment, ledger: Ledger, money: Money, people: People
) -> tuple[str, tuple[Child, ...]]:
    """Pledges, hearings and wallets."""
    e = moment.event

    def amount(field: str) -> str:
        return money.brief(e[field])

    match e.name:
        case "PledgePaid":
            payee = people.cell(e["payee"])
            return "orange", (
                f"Claim {e['claim_id']}: {amount('amount')} to its loss payee ",
                payee,
                _by_layers(moment, money),
            )
        case "GuaranteeCalled":
            member = people.cell(ledger.members[e["id"]].account)
            loan = people.cell(e["loan"])
            return "orange", (loan, f" calls the guarantee of {amount('amount')} on ", member)
        case "Recovered":
            who = people.cell(e["payer"])
            return "green", (who, f" brings back {amount('amount')} for claim {e['claim_id']}")
        case "ClaimAppealed":
            who = people.cell(ledger.claims[e["claim_id"]].claimant)
            return "purple", (f"Claim {e['claim_id']} of ", who, " appealed")
        case "ClaimRuled":
            return "purple", (f"The arbiter rules {e['award']} of 10 on claim {e['claim_id']}",)
    return "blue", (people.cell(e["old"]), " goes on as ", people.cell(e["new"]))


def listed(found: list[Mark], seen: int, when: Callable[[int], str]) -> Child:
    """The moments as a list that tells what the numbers on the figure mean.

    seen: how many moments there were, with those left out because they moved less.
    """
    more = None
    if seen > MOST_MOMENTS:
        least = f"Of {counted(seen, 'moment')} these are the {MOST_MOMENTS} that moved most."
        more = h("p", least, class_="facts")
    return more, h(
        "ol",
        (
            h(
                "li",
                h("span", str(mark.number), class_=f"mark fill-{mark.colour}", aria_hidden="true"),
                h("span", when(mark.time), class_="when"),
                " ",
                *mark.text,
            )
            for mark in found
        ),
        class_="marks",
    )
