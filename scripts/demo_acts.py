"""What people do in any year of the demo, and the books of that year."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from brownie import chain, web3
from eth_utils import keccak
from rich import box
from rich.table import Table

from peerpool import ballots, ledger, roster, terms, typed_data
from peerpool.audit.run import Audit
from peerpool.ballots import Ballot
from peerpool.invitations import Invitation
from peerpool.ledger import Ledger
from peerpool.report import Journal, Year
from peerpool.report.flows import LEFT, is_dust, label
from peerpool.report.words import Money
from peerpool.rpc import through
from peerpool.terms import TermsFile
from peerpool.units import DAY, HOUR, ZERO_ADDRESS, format_date, format_duration
from scripts.core import Core
from scripts.demo_stage import DemoError, Stage, cast_roster
from scripts.deploy import create_pool
from scripts.invite import invite, signer

SYMBOL, DECIMALS = "EURX", 6
MONEY_TO_PLAY_WITH = 1000


def found(stage: Stage, core: Core, path: Path, names: Iterable[str]) -> TermsFile:
    """The organiser creates the pool of a terms file, as deploy does, and tells what it is.

    names: of the parts whose addresses the file asks for.
    """
    parts = {part: stage.cast[part].address for part in ("organiser", *names)}
    file = terms.read(path, asset=stage.asset, now=chain[-1].timestamp, names=parts)
    with stage.narrator.busy("creating the pool"):
        stage.pool = create_pool(core, file.terms, stage.cast["organiser"])
    t = file.terms
    stage.bond = t.claim_bond
    stage.say("organiser", f"creates the pool “{t.name}” at {stage.pool.address}")
    stage.say(
        "organiser",
        f"cover {format_date(t.cover_start)[:10]} to {format_date(t.expiry)[:10]}, "
        + ", ".join(
            f"{name} {stage.money(tier.premium)} for up to {stage.money(tier.cover_limit)}"
            for name, tier in zip(file.tier_names, t.tiers, strict=True)
        ),
    )
    return file


def sign_invitations(
    stage: Stage, file: TermsFile, path: Path, others: Sequence[str] = ()
) -> dict[str, Invitation]:
    """Signed invitations for everybody in the roster, by their part; and money to pay with, which
    the `others` get too."""
    parts = cast_roster(stage.cast, roster.load(path, file.tier_names))
    signed = invite(
        stage.pool.address,
        path,
        file.tier_names,
        stage.cast["organiser"],
        deadline=file.terms.enrolment_end,
    )
    stage.say("organiser", f"signs {len(signed.rows)} invitations; this costs nothing")
    with stage.narrator.busy("giving everybody money to play with"):
        for part in [*parts, *others]:
            give_money(stage, part, MONEY_TO_PLAY_WITH)
    return dict(zip(parts, signed.rows, strict=True))


def give_money(stage: Stage, part: str, tokens: int) -> None:
    """Whole tokens, and the pool may take them."""
    stage.do(part, stage.token.mint, stage.cast[part], tokens * 10**DECIMALS)
    stage.do(part, stage.token.approve, stage.pool, tokens * 10**DECIMALS)


def join(
    stage: Stage,
    file: TermsFile,
    part: str,
    invitation: Invitation,
    *,
    how: str = "",
    payer: str = "",
    referrer: str = ZERO_ADDRESS,
) -> None:
    """One member joins; somebody else may pay, and a referrer may have brought the member."""
    payer = payer or part
    joined = stage.do(payer, stage.pool.join, invitation.as_tuple(), invitation.signature, referrer)
    event = joined.events["Joined"]
    paid, tier = stage.money(event["premium"]), file.tier_names[invitation.tier]
    tell = f"joins for a {tier}, {how}{paid}"
    if payer != part:
        tell = f"pays {paid} for the {part}'s {tier}"
    if event["commission"]:
        tell += f"; the referrer earns {stage.money(event['commission'])} of it"
    stage.narrator.say(joined.timestamp, payer, tell)


def file_claim(
    stage: Stage, part: str, loss: int, what: str, evidence: str, days_ago: int = 2
) -> int:
    """File a claim for a loss in whole tokens; return its id."""
    filed = stage.do(
        part,
        stage.pool.file_claim,
        loss * 10**DECIMALS,
        chain[-1].timestamp - days_ago * DAY,
        keccak(text=evidence),
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
    digest = keccak(text=reason) if reason else bytes(32)
    pool, chain_id = stage.pool.address, web3.eth.chain_id
    message = typed_data.ballot(chain_id, pool, claim, award, digest)
    signed = []
    for part in parts:
        stage.wait(6 * HOUR)
        stage.say(part, f"signs a ballot of {award} of 10{f': {reason}' if reason else ''}")
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


def concluded(stage: Stage, receipt: Any) -> str:
    """How a claim ended, in a few words."""
    events = receipt.events
    decided = events["ClaimResolved"]
    if decided["status"] == 3:
        return "rejected, the bond goes to the funds"
    text = f"{decided['award']} of 10, {stage.money(decided['amount'])}"
    if "Credited" in events:
        return f"{text}; the wallet cannot take it, so it waits as a credit"
    if "AwardPaid" not in events:
        return text
    text += ", paid at once" + (" with the bond" if stage.bond else "")
    if "LayersDrawn" in events:
        text += f", {stage.money(events['LayersDrawn']['amount'])} of it by layers"
    return text


def audit(stage: Stage, file: TermsFile, texts: Iterable[str]) -> Year:
    """Audit the pool as `bin/peerpool audit` does, print its books; return them for the page."""
    stage.narrator.act("Where every unit of money went")
    journal = Journal()
    found = Audit(through(web3), stage.pool.address, to="latest", watchers=[journal])
    with stage.narrator.busy("auditing: code, logs, books, state, money and signatures"):
        verdict = found.run()
    books = found.ledger
    if books is None:
        raise DemoError(f"demo: {verdict.line}")
    stage.narrator.show(money_table(books, journal))
    lasted = format_duration((chain[-1].timestamp - journal.first) // DAY * DAY)
    stage.narrator.show(
        f"{stage.transactions} transactions in {lasted} of the chain's time, "
        f"{stage.gas / 10**6:.1f} million gas"
    )
    for check in verdict.checks:
        stage.narrator.show(f"{check.name}: {check.result}")
    stage.narrator.show(verdict.line)
    return Year(books, journal, verdict, stage.cast.names(), texts, file.tier_names)


def money_table(books: Ledger, journal: Journal) -> Table:
    """In by kind, out by kind, to the last unit."""
    money = Money(books.asset)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for title in ("in", "out"):
        table.add_column(f"{title}, {books.asset.symbol}", justify="right")
    sums: dict = {}
    for flow in journal.sums.flows(books):
        if flow.source[0] == ledger.IN:
            sums[flow.source] = sums.get(flow.source, 0) + flow.amount
        if flow.target[0] in (ledger.OUT, LEFT):
            sums[flow.target] = sums.get(flow.target, 0) + flow.amount
    sides = [0, 0]
    for node, amount in sorted(sums.items(), key=lambda item: item[0][0] != ledger.IN):
        side = 0 if node[0] == ledger.IN else 1
        if side and not sides[1]:
            table.add_section()
        sides[side] += amount
        cells = ["", ""]
        cells[side] = money.full(amount)
        table.add_row(label(node, dust=is_dust(books, journal.sharings)), *cells)
    table.add_section()
    table.add_row("All of it", *(money.full(side) for side in sides))
    return table
