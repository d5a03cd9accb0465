"""A year of a pool, in this process, with a little of everything; and its node."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils import keccak, to_checksum_address

from peerpool.terms import Layer, Tier
from peerpool.units import ETHER, Asset
from tests.attacks.arena import CAUSE, DAY, ORGANISER, OUTSIDER, WORDS, Arena
from tests.attacks.papers import ballot, short, sign
from tests.audit.node import Node, pass_time, record
from tests.evm.contract import Contract
from tests.evm.signing import address_of
from tests.layers.steps import HOLDERS, deposit

WORDING = b"What is covered, and what is not.\n"
ARBITER, REFERRER, LEAVER, OWNER = 50, 51, 6, 9
SECOND, THIRD, FOURTH, FIFTH = (address_of(n) for n in (2, 3, 4, 5))
TERMS = {
    "tiers": (Tier(1009, 20_000), Tier(503, 9_000)),
    "reinsurance": (Layer(1501, 101), Layer(1003, 37)),
    "max_cession_bps": 5000,
    "claim_bond": 5,
    "fee_bps": 200,
    "commission_bps": 100,
    "arbiter": address_of(ARBITER),
    "appeal_period": DAY,
    "ruling_period": DAY,
    "silent_consent_limit": 40,
    "cause": CAUSE,
    "cause_bps": 1000,
    "unclaimed_after": 180 * DAY,
    "wording_hash": keccak(WORDING),
    "name": "A year",
}


@dataclass
class Year:
    """The pool, its chain, its node; `blocks` by what ended in them."""

    arena: Arena
    node: Node
    blocks: dict[str, int]

    @property
    def pool(self) -> str:
        """Its address, checksummed."""
        return to_checksum_address(self.arena.pool.address)

    @property
    def asset(self) -> Asset:
        """What it is paid in."""
        if self.arena.token is None:
            return ETHER
        return Asset(to_checksum_address(self.arena.token.address), "MON", 6)


def live(money: str | None = "TokenThatBlocks") -> Year:
    """Live it, on a chain of its own; `money`: the token's mock, None for Ether."""
    a = Arena()
    year = Year(a, record(a.chain), {})
    if money:
        a.use_token(money)
    a.create(**TERMS)
    year.blocks["created"] = a.chain.number
    wallet = a.mock("WalletThatSigns", address_of(OWNER))
    _enrol(a, wallet)
    a.start()
    _vote_in_all_ways(a, wallet, year)
    _hear(a)
    if money:
        _block_a_wallet(a)
    _move_wallets(a)
    _run_short(a, year)
    _end(a, year)
    pass_time(year.node)
    return year


def _enrol(a: Arena, wallet: Contract) -> None:
    for person in (2, 3, 4):
        a.join(person)
    a.pool.send("pledge", FIFTH, 300, sender=FOURTH)
    a.join(5, tier=1, referrer=address_of(REFERRER))
    a.join(wallet.address, payer=OUTSIDER)
    a.join(LEAVER)
    a.pool.send("leave", sender=address_of(LEAVER))
    a.donate(120)
    for number, row in enumerate(a.terms.reinsurance, 1):
        deposit(a, row.limit, HOLDERS[0], number)


def _vote_in_all_ways(a: Arena, wallet: Contract, year: Year) -> None:
    """By transaction, by signature in a batch, one by one, by a wallet's, and through a wallet."""
    claim = a.file(SECOND, 500)
    a.vote(claim, [THIRD])
    digest = ballot(a.pool.address, claim, 10, WORDS)
    a.by_anyone(
        "cast_ballots", claim, 10, WORDS, [short(4, digest), short(4, digest), short(77, digest)]
    )
    year.blocks["batch"] = a.chain.number
    a.by_anyone("cast_ballot_for", claim, FIFTH, 10, WORDS, sign(5, digest))
    year.blocks["single"] = a.chain.number
    a.by_anyone("cast_ballot_for", claim, wallet.address, 10, WORDS, sign(OWNER, digest))
    year.blocks["wallet"] = a.chain.number
    a.by_anyone("resolve", claim)
    claim = a.file(THIRD, 60)
    a.vote(claim, [SECOND, FOURTH], 0)
    digest = ballot(a.pool.address, claim, 0, WORDS)
    batch = a.pool._interface.functions["cast_ballots", 4].encode(
        (claim, 0, WORDS, [short(5, digest)])
    )
    wallet.send("execute", a.pool.address, 0, batch, sender=OUTSIDER)
    year.blocks["passed on"] = a.chain.number
    a.by_anyone("resolve", claim)
    a.at(a.chain.time + DAY)
    a.by_anyone("resolve", claim)  # rejected: the bond is the pool's
    year.blocks["rejected"] = a.chain.number


def _hear(a: Arena) -> None:
    """A claim, pledged to another member, that is cut, appealed and ruled on; stray money."""
    claim = a.file(FOURTH, 700)
    a.vote(claim, [SECOND, THIRD], 4)

    a.at(a.chain.time + a.terms.voting_period)
    a.by_anyone("resolve", claim)
    a.pool.send("appeal", claim, sender=FOURTH)
    a.pool.send("rule", claim, 7, WORDS, sender=address_of(ARBITER))
    a.stray(11)
    a.donate(1)
    a.by_anyone("absorb")


def _block_a_wallet(a: Arena) -> None:
    """An award that its receiver cannot take becomes a credit."""
    assert a.token
    claim = a.file(THIRD, 100)
    a.token.send("block", THIRD, True, sender=ORGANISER)
    a.vote(claim, [SECOND, FOURTH, FIFTH])
    a.by_anyone("resolve", claim)


def _move_wallets(a: Arena) -> None:
    a.pool.send("change_wallet", address_of(30), sender=THIRD)
    a.pool.send("object_to_recovery", sender=SECOND)
    a.pool.send("withdraw", ORGANISER, sender=ORGANISER)


def _run_short(a: Arena, year: Year) -> None:
    """Two claims of one window, for more than there is; money comes back for one of them."""
    window = (a.chain.time - a.terms.cover_start) // a.terms.voting_period + 1
    a.at(a.terms.cover_start + window * a.terms.voting_period)
    both = [a.file(SECOND, 5000), a.file(address_of(30), 4000)]
    for claim in both:
        a.vote(claim, [FOURTH, FIFTH, *([SECOND] if claim != both[0] else [address_of(30)])])
        a.by_anyone("resolve", claim)
    year.blocks["waiting"] = a.chain.number
    a.at(a.window_end(window))
    for earlier in range(window + 1):
        a.refusal("settle_window", earlier)
    year.blocks["cut"] = a.chain.number
    value = a.fund(OUTSIDER, 777)
    a.pool.send("recover", both[0], 777, sender=OUTSIDER, value=value)
    a.by_anyone("pay_award", both[0])
    value = a.fund(OUTSIDER, 20_000)
    a.pool.send("recover", both[1], 20_000, sender=OUTSIDER, value=value)
    a.by_anyone("pay_award", both[1])


def _end(a: Arena, year: Year) -> None:
    a.reporting_end()
    for window in range(20):
        a.refusal("settle_window", window)
    for claim in range(1, a.summary().claims + 1):
        a.refusal("pay_award", claim)
    a.by_anyone("settle")
    year.blocks["settled"] = a.chain.number
    a.by_anyone("refund", SECOND)
    year.blocks["refunded"] = a.chain.number
    a.stray(3)
    a.by_anyone("refund_many", 1, 3)
