"""The demo's second year: one flood costs more than all premiums, and the tower pays the rest."""

from brownie import accounts
from rich import box
from rich.table import Table

from peerpool.ledger import Ledger
from peerpool.reinsurance import notes
from peerpool.report import Year
from peerpool.report.words import Money
from peerpool.terms import TermsFile
from peerpool.units import DAY, HOUR, format_amount
from scripts.core import ROOT, Core
from scripts.demo_acts import (
    DECIMALS,
    audit,
    file_claim,
    found,
    join,
    resolve,
    sign_invitations,
    vote_by_signature,
)
from scripts.demo_stage import Cast, Stage
from scripts.reinsure import Backing, deposit, read_tower, redeem, tower_table

TERMS = ROOT / "pools" / "demo-reinsured.toml"
ROSTER = ROOT / "pools" / "demo-reinsured.csv"

# Accounts of the development chain that are in no roster.
OUTSIDERS = {"reinsurer A": 17, "reinsurer B": 18, "water works": 19}
# Who puts how much into which layer, in whole tokens; nobody wants the third.
DEPOSITS = (("reinsurer A", 1, 500), ("reinsurer B", 1, 300), ("reinsurer B", 2, 1000))
# What the flood costs each of them, deductible included.
LOSSES = {"flooded 1": 650, "flooded 2": 550, "flooded 3": 500, "flooded 4": 450}
RECOVERED = 350  # of what the water works owe, for the first claim
EVIDENCE = "photographs of the cellar, the water works' report on the burst main"


def play_year(before: Stage, core: Core) -> Year:
    """A pool of its own on the same chain, with other people; on with the clock."""
    cast = Cast({part: accounts[i] for part, i in OUTSIDERS.items()})
    cast.add("organiser", before.cast["organiser"])
    stage = Stage(before.narrator, cast, before.asset, token=before.token)
    stage.narrator.act("A second year, with reinsurance")
    file = found(stage, core, TERMS, ())
    for number, layer in enumerate(file.terms.reinsurance, start=1):
        below = f"layer {number - 1} is" if number > 1 else "the funds are"
        text = f"layer {number} pays up to {stage.money(layer.limit)} once {below} used up"
        stage.say("organiser", f"{text}; if it is full, for {stage.money(layer.premium)}")
    enrol(stage, file)
    flood(stage)
    recover(stage)
    settle(stage, file)
    year = audit(stage, file, [EVIDENCE])
    stage.narrator.show(layers_table(year.ledger))
    return year


def enrol(stage: Stage, file: TermsFile) -> None:
    """Six members, two reinsurers; premium is ceded as soon as cover starts."""
    for part, invitation in sign_invitations(stage, file, ROSTER, ("water works",)).items():
        join(stage, file, part, invitation)
        stage.wait(5 * HOUR)
    for part, number, tokens in DEPOSITS:
        amount, account = tokens * 10**DECIMALS, stage.cast[part]
        stage.do(part, stage.token.mint, account, amount)
        backing = Backing.of(stage.pool.address, number)
        stage.scripted(deposit, backing, amount, account, account.address)
        stage.say(part, f"deposits {stage.money(amount)} into layer {number}, for as many shares")
        stage.wait(5 * HOUR)
    stage.wait_until(file.terms.cover_start)
    bound = stage.do("neighbour 1", stage.pool.bind_reinsurance)
    ceded = [event["premium"] for event in bound.events["PremiumCeded"]]
    sums = f"{stage.money(sum(ceded))} of the premiums are ceded to {len(ceded)} layers"
    stage.narrator.say(bound.timestamp, "neighbour 1", f"binds the reinsurance: {sums}")
    show_tower(stage)


def flood(stage: Stage) -> None:
    """Four claims at once, more than there is in the funds; each is paid in full, at once."""
    stage.narrator.act("The flood")
    stage.wait(120 * DAY)
    stage.say("flooded 1", "a main bursts; the cellar with four of the bicycles is under water")
    claims = {}
    for part, loss in LOSSES.items():
        claims[part] = file_claim(stage, part, loss, "drowned in the cellar", EVIDENCE, days_ago=1)
    for part, claim in claims.items():
        others = [other for other in LOSSES if other != part]
        vote_by_signature(stage, claim, ("neighbour 1", "neighbour 2", others[0]), 10, "")
        resolve(stage, claim)
    show_tower(stage)


def recover(stage: Stage) -> None:
    """Who caused the loss pays a part of it back, and that is the reinsurers' first."""
    stage.wait(150 * DAY)
    amount = RECOVERED * 10**DECIMALS
    back = stage.do("water works", stage.pool.recover, 1, amount)
    repaid = stage.money(back.events["LayersRepaid"]["amount"])
    tell = f"brings back {stage.money(amount)} for claim 1; {repaid} of it go to layer 2"
    stage.narrator.say(back.timestamp, "water works", tell)


def settle(stage: Stage, file: TermsFile) -> None:
    """Nothing is left for members; reinsurers get what is left of their collateral, and premium."""
    stage.narrator.act("Settlement")
    stage.wait_until(file.terms.expiry + file.terms.reporting_period)
    settled = stage.do("organiser", stage.pool.settle)
    surplus = stage.money(settled.events["Settled"]["surplus"])
    tell = f"settles: a surplus of {surplus}, as layers have paid"
    stage.narrator.say(settled.timestamp, "organiser", tell)
    for part, number, _ in DEPOSITS:
        backing, account = Backing.of(stage.pool.address, number), stage.cast[part]
        shares = backing.contract.balanceOf(account)
        done = stage.scripted(redeem, backing, shares, account, account.address)
        units = format_amount(shares, backing.shares_of(number))
        stage.say(part, f"redeems {units} for {stage.money(done.assets)}")
    taken = stage.do("organiser", stage.pool.withdraw, stage.cast["organiser"])
    amount = stage.money(taken.events["Withdrawn"]["amount"])
    stage.narrator.say(taken.timestamp, "organiser", f"withdraws the fee, {amount}")


def show_tower(stage: Stage) -> None:
    """The tower as `reinsure status` shows it."""
    _, tower = read_tower(stage.pool.address)
    stage.narrator.show(tower_table(tower))
    for line in notes(tower):
        stage.narrator.show(line)


def layers_table(books: Ledger) -> Table:
    """What each layer got and gave, to the last unit; the last column is its reinsurers' result."""
    money = Money(books.asset)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for head in ("layer", "collateral", "premium", "paid", "repaid", "redeemed", "result"):
        table.add_column(head, justify="right")
    for layer in books.layers.values():
        sums = (layer.filled, layer.ceded or 0, layer.paid, layer.repaid, layer.redeemed)
        table.add_row(str(layer.number), *map(money.full, (*sums, layer.redeemed - layer.filled)))
    return table
