"""The few moments of a pool's life that a person wants to see on a time axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from peerpool.ledger import Event, Ledger
from peerpool.report.markup import Child, h
from peerpool.report.words import Money, People, counted


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


def marks(ledger: Ledger, money: Money, people: People) -> list[Mark]:
    """Moments in order. Enrolment and the refunds are one each, however many members there are."""
    found: list[tuple[int, str, tuple[Child, ...]]] = []
    start = ledger.terms.cover_start
    early = [e for e in ledger.events if e.time < start]
    joined = [e for e in early if e.name == "Joined"]
    left = sum(1 for e in early if e.name == "Left")
    if joined:
        leaving = f", {left} of them left again" if left else ""
        paid = sum(e["premium"] for e in joined)
        text = f"{counted(len(joined), 'member')} joined and paid {money.brief(paid)}{leaving}"
        found.append((joined[-1].time, "blue", (text,)))
    for event in ledger.events:
        mark = _mark(event, ledger, money, people)
        if mark:
            found.append((event.time, *mark))
    refunds = [e for e in ledger.events if e.name in ("Refunded", "PremiumReturned")]
    if refunds:
        total = money.brief(sum(e["amount"] for e in refunds))
        who = counted(len({e["member"] for e in refunds}), "member")
        found.append((refunds[-1].time, "blue", (f"{total} refunded to {who}",)))
    found += _collateral(ledger, money)
    found.sort(key=lambda mark: mark[0])
    return [Mark(i, *mark) for i, mark in enumerate(found, start=1)]


def _collateral(ledger: Ledger, money: Money) -> list[tuple[int, str, tuple[Child, ...]]]:
    """What reinsurers put in and took out, one moment each; and what they were ceded."""
    found: list[tuple[int, str, tuple[Child, ...]]] = []
    for name, field, text in (
        ("CollateralAdded", "amount", "{} of collateral deposited in {}"),
        ("PremiumCeded", "premium", "{} of the premiums ceded to {}"),
        ("LayerRedeemed", "amount", "{} redeemed out of {}"),
    ):
        events = [e for e in ledger.events if e.name == name and e[field]]
        if events:
            layers = counted(len({e["layer"] for e in events}), "layer")
            told = text.format(money.brief(sum(e[field] for e in events)), layers)
            found.append((events[-1].time, "purple", (told,)))
    return found


def _mark(
    e: Event, ledger: Ledger, money: Money, people: People
) -> tuple[str, tuple[Child, ...]] | None:
    def amount(field: str) -> str:
        return money.brief(e[field])

    match e.name:
        case "Joined" if e.time >= ledger.terms.cover_start:
            who = people.cell(e["member"])
            return "blue", (who, f" joined late and paid {amount('premium')}")
        case "Donated":
            return "green", (people.cell(e["donor"]), f" donated {amount('amount')}")
        case "Absorbed":
            return "green", (f"{amount('amount')} of stray money booked as a donation",)
        case "AwardPaid":
            claim = ledger.claims[e["claim_id"]]
            credited = any(
                other.name == "Credited" and other.tx == e.tx and other["account"] == e["claimant"]
                for other in ledger.events
            )
            how = ": it could not be sent and became a credit" if credited else " paid"
            who = people.cell(e["claimant"])
            text = f"Claim {e['claim_id']} of "
            tenths = "in full" if claim.tenths == 10 else f"{claim.tenths} tenths"
            paid = f": {amount('amount')} ({tenths}){how}{_by_layers(e, ledger, money)}"
            return "orange", (text, who, paid)
        case "ClaimResolved" if e["status"] == 3:
            claim = ledger.claims[e["claim_id"]]
            kept = f"; the bond of {money.brief(claim.bond)} was kept" if claim.bond else ""
            return "purple", (
                f"Claim {claim.id} of ",
                people.cell(claim.claimant),
                f" rejected{kept}",
            )
        case "ClaimResolved" if e["status"] == 4:
            claim = ledger.claims[e["claim_id"]]
            return "purple", (f"Claim {claim.id} of ", people.cell(claim.claimant), " lapsed")
        case "WindowSettled" if e["available"] < e["awards"]:
            missing = money.brief(e["awards"] - e["available"])
            who = "Funds and layers" if ledger.layers else "Funds"
            return "orange", (f"{who} fell short of the awards by {missing}",)
        case "LayersRepaid":
            return "purple", (f"{amount('amount')} of what came in went back to layers",)
        case "Shared" if e["to_members"] or e["to_cause"]:
            text = f"Surplus shared: {amount('to_members')} to the members"
            cause = f", {amount('to_cause')} to the cause" if e["to_cause"] else ""
            return "green", (text + cause,)
        case "Swept":
            return "green", (f"{amount('amount')} that nobody took went to the cause",)
    return _mark_between_people(e, ledger, money, people)


def _by_layers(e: Event, ledger: Ledger, money: Money) -> str:
    """What of a payment was drawn on layers by the same call."""
    drawn = sum(
        other["amount"]
        for other in ledger.events
        if other.name == "LayersDrawn" and other.tx == e.tx
    )
    return f", {money.brief(drawn)} of it by layers" if drawn else ""


def _mark_between_people(
    e: Event, ledger: Ledger, money: Money, people: People
) -> tuple[str, tuple[Child, ...]] | None:
    """Pledges, hearings and wallets."""

    def amount(field: str) -> str:
        return money.brief(e[field])

    match e.name:
        case "PledgePaid":
            payee = people.cell(e["payee"])
            return "orange", (
                f"Claim {e['claim_id']}: {amount('amount')} to its loss payee ",
                payee,
                _by_layers(e, ledger, money),
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
        case "WalletChanged":
            return "blue", (people.cell(e["old"]), " goes on as ", people.cell(e["new"]))
    return None


def listed(found: list[Mark], when: Callable[[int], str]) -> Element:
    """The moments as a list that tells what the numbers on the figure mean."""
    return h(
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
