"""A pool's whole life on a development chain, told in the terminal and drawn on one HTML page.

`make demo` runs it, `brownie run demo` too. Terms and people: pools/demo.toml, pools/demo.csv.
The books are rebuilt from events and must agree with the chain to the last unit, or it fails.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brownie import accounts, chain, web3
from eth_utils import keccak
from rich import box
from rich.table import Table

from peerpool import ballots, ledger, roster, terms, typed_data
from peerpool.ballots import Ballot
from peerpool.chain import DEVELOPMENT_CHAINS
from peerpool.files import write_text
from peerpool.invitations import Invitation
from peerpool.ledger import Ledger
from peerpool.report import page
from peerpool.report.flows import flows, label
from peerpool.report.words import Money
from peerpool.terms import TermsFile
from peerpool.units import (
    DAY,
    HOUR,
    ZERO_ADDRESS,
    Asset,
    format_amount,
    format_date,
    format_duration,
)
from scripts.core import ROOT, container
from scripts.demo_stage import Cast, DemoError, Narrator, Stage, cast_roster
from scripts.deploy import create_pool, deploy_core
from scripts.invite import invite, signer

TERMS = ROOT / "pools" / "demo.toml"
ROSTER = ROOT / "pools" / "demo.csv"
PAGE = ROOT / "reports" / "demo.html"

SYMBOL, DECIMALS = "EURX", 6
# Accounts of the development chain that are in no roster.
OUTSIDERS = {
    "employer": 9,
    "referrer": 10,
    "supporter": 11,
    "cause": 12,
    "other wallet": 13,
    "passer-by": 14,
    "token's issuer": 15,
    "arbiter": 16,
}
EVIDENCE = {
    "first claimant": "police report 2291, photograph of the cut lock, receipt of 2025",
    "second claimant": "photographs of the frame, estimate of the workshop",
    "third claimant": "photographs taken at the finish",
    "voter 1": "bill of the workshop for a new wheel",
}
REASONS = {
    "worn": "the drive train was worn before the accident; the frame is a fair claim",
    "half": "a used frame would do, at about half the price",
    "estimate": "the workshop's estimate leaves the wear out already",
    "race": "broken in a race, which the wording leaves out",
}


def main(*arguments: str) -> None:
    """The command; `--help` tells. Raises DemoError if the books do not balance."""
    parser = argparse.ArgumentParser("demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE, help="where the page goes")
    options = parser.parse_args(arguments)
    play(options.out)


def play(out: Path) -> Ledger:
    """Play it all, write the page, return the books. Raises DemoError if they do not balance."""
    if web3.eth.chain_id not in DEVELOPMENT_CHAINS:
        raise DemoError("demo: plays with time, so it needs a development chain")
    stage, file = set_the_stage()
    enrol(stage, file, sign_invitations(stage, file))
    run_cover(stage, file)
    run_off(stage, file)
    settle(stage)
    return audit(stage, file, out)


def set_the_stage() -> tuple[Stage, TermsFile]:
    """A token, people with money, and a pool created by the operator's own deploy functions."""
    cast = Cast({part: accounts[i] for part, i in OUTSIDERS.items()})
    organiser = cast.add("organiser", accounts[0])
    narrator = Narrator()
    narrator.act(f"Set-up, on chain {web3.eth.chain_id}")
    token = container("TokenThatBlocks").deploy(
        "Euro for the demo", SYMBOL, DECIMALS, {"from": cast["token's issuer"]}, silent=True
    )
    stage = Stage(narrator, cast, Asset(token.address, SYMBOL, DECIMALS), token=token)
    stage.say("token's issuer", f"issues {SYMBOL}, {DECIMALS} decimals: {token.address}")
    names = {"organiser": organiser.address}
    names |= {part: cast[part].address for part in ("cause", "arbiter")}
    file = terms.read(TERMS, asset=stage.asset, now=chain[-1].timestamp, names=names)
    with narrator.busy("deploying the three parts of the pool's code, factory and lens"):
        core = deploy_core(organiser)
    stage.say("organiser", f"deploys the core; factory {core.factory.address}")
    with narrator.busy("creating the pool"):
        stage.pool = create_pool(core, file.terms, organiser)
    t = file.terms
    stage.say("organiser", f"creates the pool “{t.name}” at {stage.pool.address}")
    stage.say(
        "organiser",
        f"cover {format_date(t.cover_start)[:10]} to {format_date(t.expiry)[:10]}, "
        + ", ".join(
            f"{name} {stage.money(tier.premium)} for up to {stage.money(tier.cover_limit)}"
            for name, tier in zip(file.tier_names, t.tiers, strict=True)
        ),
    )
    stage.say(
        "organiser",
        f"{format_duration(t.voting_period)} to vote, deductible {stage.money(t.deductible)}, "
        f"bond {stage.money(t.claim_bond)}, up to {stage.money(t.silent_consent_limit)} silence"
        " is consent",
    )
    return stage, file


def sign_invitations(stage: Stage, file: TermsFile) -> dict[str, Invitation]:
    """Signed invitations for everybody in the roster, by their part; and money to pay with."""
    parts = cast_roster(stage.cast, roster.load(ROSTER, file.tier_names))
    signed = invite(
        stage.pool.address,
        ROSTER,
        file.tier_names,
        stage.cast["organiser"],
        deadline=file.terms.enrolment_end,
    )
    stage.say("organiser", f"signs {len(signed.rows)} invitations; this costs nothing")
    with stage.narrator.busy("giving everybody money to play with"):
        for part in [*parts, "employer", "supporter", "passer-by"]:
            stage.do(part, stage.token.mint, stage.cast[part], 1000 * 10**DECIMALS)
            stage.do(part, stage.token.approve, stage.pool, 1000 * 10**DECIMALS)
    return dict(zip(parts, signed.rows, strict=True))


def enrol(stage: Stage, file: TermsFile, invitations: dict[str, Invitation]) -> None:
    """Members join and pay, one leaves, a supporter donates, cover starts, a latecomer joins."""
    stage.narrator.act("Enrolling")
    for part, invitation in invitations.items():
        if part != "late joiner":
            join(stage, file, part, invitation)
            stage.wait(5 * HOUR)
    left = stage.do("leaver", stage.pool.leave)
    back = stage.money(left.events["Left"]["premium"])
    stage.narrator.say(left.timestamp, "leaver", f"leaves in the cooling-off time, {back} back")
    gift = 150 * 10**DECIMALS
    tell = f"donates {stage.money(gift)}"
    stage.do("supporter", stage.pool.donate, gift, tell=tell)

    stage.narrator.act("Cover starts")
    stage.wait_until(file.terms.cover_start)
    summary = stage.pool.summary()
    funds, held = stage.money(summary["funds"]), stage.money(summary["held"])
    text = f"{summary['members']} members; {funds} in the funds, {held} held for fee and commission"
    stage.say("pool", text)
    stage.wait(40 * DAY)
    join(stage, file, "late joiner", invitations["late joiner"], "pro rata, ")


def join(stage: Stage, file: TermsFile, part: str, invitation: Invitation, how: str = "") -> None:
    """One member joins; an employer pays for the employee, a referrer brought the second voter."""
    payer = "employer" if part == "employee" else part
    referrer = stage.cast["referrer"].address if part == "voter 2" else ZERO_ADDRESS
    joined = stage.do(payer, stage.pool.join, invitation.as_tuple(), invitation.signature, referrer)
    event = joined.events["Joined"]
    paid, tier = stage.money(event["premium"]), file.tier_names[invitation.tier]
    tell = f"joins for a {tier}, {how}{paid}"
    if payer != part:
        tell = f"pays {paid} for the {part}'s {tier}"
    if event["commission"]:
        tell += f"; the referrer earns {stage.money(event['commission'])} of it"
    stage.narrator.say(joined.timestamp, payer, tell)


def run_cover(stage: Stage, file: TermsFile) -> None:
    """Three claims: in full; in part, appealed, to a blocked wallet; rejected. And stray money."""
    stage.narrator.act("Claims")
    stage.wait(20 * DAY)
    claim = file_claim(stage, "first claimant", 300, "stolen at the station")
    for part in ("second claimant", "voter 1", "voter 2", "employee"):
        vote(stage, claim, part, 10)
    resolve(stage, claim)

    stage.wait(45 * DAY)
    lost = 12 * 10**DECIMALS
    tell = f"sends {stage.money(lost)} straight to the pool, by mistake"
    stage.do("passer-by", stage.token.transfer, stage.pool, lost, tell=tell)
    stage.do("organiser", stage.pool.absorb, tell="books it as a donation: anybody can")

    stage.wait(30 * DAY)
    claim = file_claim(stage, "second claimant", 400, "bent in an accident")
    issuer = "token's issuer"
    block = stage.token.block
    stage.do(
        issuer, block, stage.cast["second claimant"], True, tell="blocks this claimant's wallet"
    )
    vote(stage, claim, "first claimant", 10)
    vote(stage, claim, "voter 1", 6, REASONS["worn"])
    vote(stage, claim, "voter 2", 5, REASONS["half"])
    vote(stage, claim, "late joiner", 6, REASONS["worn"])
    stage.wait(file.terms.voting_period)
    resolve(stage, claim)
    stage.wait(2 * DAY)
    stage.do("second claimant", stage.pool.appeal, claim, tell=f"appeals claim {claim}")
    stage.wait(5 * DAY)
    rule(stage, claim, 8, REASONS["estimate"])
    pulled = stage.do("second claimant", stage.pool.withdraw, stage.cast["other wallet"])
    amount = stage.money(pulled.events["Withdrawn"]["amount"])
    tell = f"pulls the credit of {amount} to another wallet"
    stage.narrator.say(pulled.timestamp, "second claimant", tell)
    stage.do(issuer, block, stage.cast["second claimant"], False, tell="unblocks the wallet")

    stage.wait(60 * DAY)
    claim = file_claim(stage, "third claimant", 500, "broken in a race")
    voters = ("first claimant", "voter 1", "voter 2", "employee")
    vote_by_signature(stage, claim, voters, 0, REASONS["race"])
    resolve(stage, claim)
    stage.wait(file.terms.appeal_period)
    stage.say("third claimant", "does not appeal")
    resolve(stage, claim)


def file_claim(stage: Stage, part: str, loss: int, what: str, days_ago: int = 2) -> int:
    """File a claim for a loss in whole tokens; return its id."""
    filed = stage.do(
        part,
        stage.pool.file_claim,
        loss * 10**DECIMALS,
        chain[-1].timestamp - days_ago * DAY,
        keccak(text=EVIDENCE[part]),
        f"ipfs://demo/{part.replace(' ', '-')}",
    )
    event = filed.events["ClaimFiled"]
    number, asked = event["claim_id"], stage.money(event["asked"])
    lost = stage.money(event["amount"])
    tell = f"claim {number}: bicycle {what}; lost {lost}, asks {asked}"
    stage.narrator.say(filed.timestamp, part, tell)
    return number


def vote(stage: Stage, claim: int, part: str, award: int, reason: str = "") -> None:
    """One ballot, a few hours after the last."""
    stage.wait(6 * HOUR)
    tell = f"votes {award} of 10" + (f": {reason}" if reason else "")
    digest = keccak(text=reason) if reason else bytes(32)
    stage.do(part, stage.pool.vote, claim, award, digest, tell=tell)


def vote_by_signature(
    stage: Stage, claim: int, parts: Sequence[str], award: int, reason: str
) -> None:
    """The same ballot by several, who only sign; the organiser brings them in together."""
    digest, pool, chain_id = keccak(text=reason), stage.pool.address, web3.eth.chain_id
    message = typed_data.ballot(chain_id, pool, claim, award, digest)
    signed = []
    for part in parts:
        stage.wait(6 * HOUR)
        stage.say(part, f"signs a ballot of {award} of 10: {reason}")
        signature = signer(stage.cast[part])(message)
        voter = stage.cast[part].address
        signed.append(Ballot(chain_id, pool, claim, award, digest, voter, signature))
    for call in ballots.plan(signed):
        tell = f"brings in the {len(call.voters)} ballots in one transaction"
        stage.do("organiser", getattr(stage.pool, call.function), *call.arguments, tell=tell)


def resolve(stage: Stage, claim: int) -> None:
    """The organiser resolves it; anybody could."""
    resolved = stage.do("organiser", stage.pool.resolve, claim)
    if "ClaimDecided" in resolved.events:
        award = resolved.events["ClaimDecided"]["award"]
        tell = f"resolves claim {claim}: the vote says {award} of 10, open to appeal"
    else:
        tell = f"resolves claim {claim}: {concluded(stage, resolved)}"
    stage.narrator.say(resolved.timestamp, "organiser", tell)


def rule(stage: Stage, claim: int, award: int, reason: str) -> None:
    """The arbiter decides, and that is the end."""
    ruled = stage.do("arbiter", stage.pool.rule, claim, award, keccak(text=reason))
    tell = f"rules on claim {claim}, {reason}: {concluded(stage, ruled)}"
    stage.narrator.say(ruled.timestamp, "arbiter", tell)


def concluded(stage: Stage, receipt: Any) -> str:
    """How a claim ended, in a few words."""
    events = receipt.events
    decided = events["ClaimResolved"]
    if decided["status"] == 3:
        return "rejected, the bond goes to the funds"
    text = f"{decided['award']} of 10, {stage.money(decided['amount'])}"
    if "Credited" in events:
        return f"{text}; the wallet cannot take it, so it waits as a credit"
    return f"{text}, paid at once with the bond" if "AwardPaid" in events else text


def run_off(stage: Stage, file: TermsFile) -> None:
    """Cover expires; a loss from before is reported late, and silence is consent."""
    stage.narrator.act("Run-off")
    stage.wait_until(file.terms.expiry + 10 * DAY)
    claim = file_claim(stage, "voter 1", 140, "with a bent wheel, just before expiry", days_ago=15)
    stage.wait(file.terms.voting_period)
    stage.say("members", "nobody votes: up to the limit of the terms, silence is consent")
    resolve(stage, claim)
    stage.wait_until(file.terms.expiry + file.terms.reporting_period)


def settle(stage: Stage) -> None:
    """The surplus is shared, and everybody is sent what is due."""
    stage.narrator.act("Settlement")
    settled = stage.do("organiser", stage.pool.settle)
    surplus = stage.money(settled.events["Settled"]["surplus"])
    to_cause = stage.money(settled.events["Shared"]["to_cause"])
    tell = f"settles: of a surplus of {surplus}, {to_cause} go to the cause"
    stage.narrator.say(settled.timestamp, "organiser", tell)
    pulled = stage.do("first claimant", stage.pool.refund, stage.cast["first claimant"])
    amount = stage.money(pulled.events["Refunded"]["amount"])
    stage.narrator.say(pulled.timestamp, "first claimant", f"pulls a refund of {amount}")
    everybody = stage.pool.summary()["roster_size"]
    pushed = stage.do("organiser", stage.pool.refund_many, 1, everybody)
    events = [pushed.events["Refunded"][i] for i in range(len(pushed.events["Refunded"]))]
    sums = stage.money(sum(event["amount"] for event in events))
    tell = f"pushes the other {len(events)} refunds in one transaction, {sums}"
    stage.narrator.say(pushed.timestamp, "organiser", tell)
    for part in ("organiser", "referrer"):
        taken = stage.do(part, stage.pool.withdraw, stage.cast[part])
        kind = "fee" if part == "organiser" else "commission"
        amount = stage.money(taken.events["Withdrawn"]["amount"])
        stage.narrator.say(taken.timestamp, part, f"withdraws the {kind}, {amount}")


def audit(stage: Stage, file: TermsFile, out: Path) -> Ledger:
    """Rebuild the books from events, compare with the chain, print them, write the page."""
    stage.narrator.act("Where every unit of money went")
    with stage.narrator.busy("rebuilding the books from the pool's events"):
        books = ledger.read(web3, stage.pool.address)
        differences = ledger.check(web3, books)
        balance = ledger.balance_of(web3, books)
        html = page(
            books,
            balance=balance,
            differences=differences,
            names=stage.cast.names(),
            texts=[*EVIDENCE.values(), *REASONS.values()],
            tier_names=file.tier_names,
        )
        write_text(out, html)
    came, went = sum(books.came_in().values()), sum(books.went_out().values())
    dust = format_amount(balance, stage.asset)
    if came != went + balance:
        expected = format_amount(came - went, stage.asset)
        differences.append(f"{expected} should be left, not {dust}")
    lasted = format_duration((chain[-1].timestamp - books.events[0].time) // DAY * DAY)
    stage.narrator.show(money_table(books))
    stage.narrator.show(
        f"{stage.transactions} transactions in {lasted} of the chain's time, "
        f"{stage.gas / 10**6:.1f} million gas"
    )
    if differences:
        raise DemoError("\n".join(f"demo: {difference}" for difference in differences))
    stage.narrator.show(f"The books agree with the chain to the last unit; dust left: {dust}")
    stage.narrator.show(f"The page: {out}")
    return books


def money_table(books: Ledger) -> Table:
    """In by kind, out by kind, to the last unit."""
    money = Money(books.asset)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for title in ("in", "out"):
        table.add_column(f"{title}, {books.asset.symbol}", justify="right")
    sums: dict = {}
    for flow in flows(books):
        if flow.source[0] == ledger.IN:
            sums[flow.source] = sums.get(flow.source, 0) + flow.amount
        if flow.target[0] != ledger.FUNDS:
            sums[flow.target] = sums.get(flow.target, 0) + flow.amount
    sides = [0, 0]
    for node, amount in sorted(sums.items(), key=lambda item: item[0][0] != ledger.IN):
        side = 0 if node[0] == ledger.IN else 1
        if side and not sides[1]:
            table.add_section()
        sides[side] += amount
        cells = ["", ""]
        cells[side] = money.full(amount)
        table.add_row(label(node, books), *cells)
    table.add_section()
    table.add_row("All of it", *(money.full(side) for side in sides))
    return table
