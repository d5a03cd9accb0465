"""Two years of pools on a development chain, told in the terminal and drawn on one HTML page.

The first is an ordinary one, the second has a catastrophe and a tower of reinsurance. `make demo`
runs it, `brownie run demo` too. Terms and people: pools/demo.toml, pools/demo.csv and the same of
demo-reinsured. Both pools are audited, and everything must be proved, or it fails.
"""

import json
from pathlib import Path

from brownie import accounts, web3
from eth_utils import keccak
from rich.console import Console

from peerpool.chain import DEVELOPMENT_CHAINS
from peerpool.files import write_text
from peerpool.invitations import Invitation
from peerpool.report import Year, page
from peerpool.terms import TermsFile
from peerpool.units import DAY, HOUR, ZERO_ADDRESS, Asset, format_duration
from scripts import demo_catastrophe
from scripts.arguments import parser_of
from scripts.core import ROOT, Core, container
from scripts.demo_acts import (
    DECIMALS,
    SYMBOL,
    audit,
    concluded,
    file_claim,
    found,
    join,
    resolve,
    sign_invitations,
    vote,
    vote_by_signature,
)
from scripts.demo_stage import Cast, DemoError, Narrator, Stage
from scripts.deploy import deploy_core

HAS_CHAIN = True
TERMS = ROOT / "pools" / "demo.toml"
ROSTER = ROOT / "pools" / "demo.csv"
PAGE = ROOT / "reports" / "demo.html"

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
    parser = parser_of("demo", __doc__)
    parser.add_argument("--out", type=Path, default=PAGE, help="where the page goes")
    parser.add_argument("--json", action="store_true", help="print the verdicts on both as JSON")
    options = parser.parse_args(arguments)
    years = play(options.out, Narrator(Console(highlight=False, stderr=options.json)))
    if options.json:
        print(json.dumps([year.verdict.as_tree() for year in years], indent=2))


def play(out: Path, narrator: Narrator) -> tuple[Year, Year]:
    """Play both years, write the page, return them. Raises DemoError if the books are wrong."""
    if web3.eth.chain_id not in DEVELOPMENT_CHAINS:
        raise DemoError("demo: plays with time, so it needs a development chain")
    people = 1 + max(*OUTSIDERS.values(), *demo_catastrophe.OUTSIDERS.values())
    if len(accounts) < people:
        raise DemoError(f"demo: the chain has {len(accounts)} accounts: anvil --accounts {people}")
    stage, core = set_the_stage(narrator)
    years = play_ordinary_year(stage, core), demo_catastrophe.play_year(stage, core)
    write_text(out, page(years))
    for year in years:
        if year.verdict.exit_code:
            found = [text for check in year.verdict.checks for text in check.details]
            raise DemoError("\n".join((f"demo: {year.verdict.line}", *found)))
    stage.narrator.show(f"The page: {out}")
    return years


def set_the_stage(narrator: Narrator) -> tuple[Stage, Core]:
    """A token, people, and the core, deployed by the operator's own function."""
    cast = Cast({part: accounts[i] for part, i in OUTSIDERS.items()})
    organiser = cast.add("organiser", accounts[0])
    narrator.act(f"Set-up, on chain {web3.eth.chain_id}")
    token = container("TokenThatBlocks").deploy(
        "Euro for the demo", SYMBOL, DECIMALS, {"from": cast["token's issuer"]}, silent=True
    )
    stage = Stage(narrator, cast, Asset(token.address, SYMBOL, DECIMALS), token=token)
    stage.say("token's issuer", f"issues {SYMBOL}, {DECIMALS} decimals: {token.address}")
    with narrator.busy("deploying the code of pools and layers, factory and lens"):
        core = deploy_core(organiser)
    stage.say("organiser", f"deploys the core; factory {core.factory.address}")
    return stage, core


def play_ordinary_year(stage: Stage, core: Core) -> Year:
    """Members join, claim, vote and are refunded; most of the money comes back."""
    file = found(stage, core, TERMS, ("cause", "arbiter"))
    t = file.terms
    stage.say(
        "organiser",
        f"{format_duration(t.voting_period)} to vote, deductible {stage.money(t.deductible)}, "
        f"bond {stage.money(t.claim_bond)}, up to {stage.money(t.silent_consent_limit)} silence"
        " is consent",
    )
    others = ("employer", "supporter", "passer-by")
    enrol(stage, file, sign_invitations(stage, file, ROSTER, others))
    run_cover(stage, file)
    run_off(stage, file)
    settle(stage)
    return audit(stage, file, [*EVIDENCE.values(), *REASONS.values()])


def enrol(stage: Stage, file: TermsFile, invitations: dict[str, Invitation]) -> None:
    """Members join and pay, one leaves, a supporter donates, cover starts, a latecomer joins."""
    stage.narrator.act("Enrolling")
    for part, invitation in invitations.items():
        if part != "late joiner":
            payer = "employer" if part == "employee" else ""
            referrer = stage.cast["referrer"].address if part == "voter 2" else ZERO_ADDRESS
            join(stage, file, part, invitation, payer=payer, referrer=referrer)
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
    join(stage, file, "late joiner", invitations["late joiner"], how="pro rata, ")


def run_cover(stage: Stage, file: TermsFile) -> None:
    """Three claims: in full; in part, appealed, to a blocked wallet; rejected. And stray money."""
    stage.narrator.act("Claims")
    stage.wait(20 * DAY)
    claim = file_claim(
        stage, "first claimant", 300, "stolen at the station", EVIDENCE["first claimant"]
    )
    for part in ("second claimant", "voter 1", "voter 2", "employee"):
        vote(stage, claim, part, 10)
    resolve(stage, claim)

    stage.wait(45 * DAY)
    lost = 12 * 10**DECIMALS
    tell = f"sends {stage.money(lost)} straight to the pool, by mistake"
    stage.do("passer-by", stage.token.transfer, stage.pool, lost, tell=tell)
    stage.do("organiser", stage.pool.absorb, tell="books it as a donation: anybody can")

    stage.wait(30 * DAY)
    claim = file_claim(
        stage, "second claimant", 400, "bent in an accident", EVIDENCE["second claimant"]
    )
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
    claim = file_claim(stage, "third claimant", 500, "broken in a race", EVIDENCE["third claimant"])
    voters = ("first claimant", "voter 1", "voter 2", "employee")
    vote_by_signature(stage, claim, voters, 0, REASONS["race"])
    resolve(stage, claim)
    stage.wait(file.terms.appeal_period)
    stage.say("third claimant", "does not appeal")
    resolve(stage, claim)


def rule(stage: Stage, claim: int, award: int, reason: str) -> None:
    """The arbiter decides, and that is the end."""
    ruled = stage.do("arbiter", stage.pool.rule, claim, award, keccak(text=reason))
    tell = f"rules on claim {claim}, {reason}: {concluded(stage, ruled)}"
    stage.narrator.say(ruled.timestamp, "arbiter", tell)


def run_off(stage: Stage, file: TermsFile) -> None:
    """Cover expires; a loss from before is reported late, and silence is consent."""
    stage.narrator.act("Run-off")
    stage.wait_until(file.terms.expiry + 10 * DAY)
    what, evidence = "with a bent wheel, just before expiry", EVIDENCE["voter 1"]
    claim = file_claim(stage, "voter 1", 140, what, evidence, days_ago=15)
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
