"""What a pool must still be able to do when it is large, in transactions of 16,777,216 gas at most.

Each piece is sent by somebody else, who has nothing to do with the pool; the last piece first.
"""

from dataclasses import dataclass

from eth_utils import keccak, to_checksum_address

from scripts.core import Core
from scripts.gas_chain import (
    TRANSACTION_GAS,
    GasError,
    Transaction,
    chunks,
    go_to,
    rpc,
    send,
    undone,
    used,
)
from scripts.gas_group import KEEPER, PREMIUM, Group

MEMBERS = 10_000
VOTERS = 2_000
CLAIMS = 500
REFUNDS = 500  # the most that refund_many takes
BALLOTS = 200
OPEN_CLAIMS = 4  # which field of summary()


@dataclass
class Limit:
    """Pieces, their gas, and that of the largest."""

    what: str
    pieces: int = 0
    gas: int = 0
    largest: int = 0

    def send(self, made: Transaction) -> None:
        """One piece more, of a new stranger's."""
        self.pieces += 1
        stranger = to_checksum_address(keccak(text=f"{self.what} {self.pieces}")[12:])
        gas = used(send(made | {"from": stranger, "gas": hex(TRANSACTION_GAS)}))
        self.gas, self.largest = self.gas + gas, max(self.largest, gas)


def limits(
    core: Core, members: int = MEMBERS, voters: int = VOTERS, claims: int = CLAIMS
) -> list[Limit]:
    """Do it, in one pool in Ether; return what it took. Raises GasError if anything is left."""
    with undone():
        group = Group(core, members, None, silent_consent_limit=PREMIUM)  # all claims are paid
        group.all_join(group.members)
        people = group.by_id()
        return [*_claims(group, people, voters, claims), _refund(group, people)]


def _claims(group: Group, people: list[str], voters: int, claims: int) -> list[Limit]:
    filing = Limit(f"{claims:,} claims open at once: the last is filed")
    voting = Limit(f"a claim voted by {voters:,} members, signed, {BALLOTS} at a time")
    resolving = Limit(f"{claims:,} open claims resolved, one at a time")
    go_to(group.terms.cover_start + 1)
    for claimant in people[: claims - 1]:
        send(group.file(claimant))
    filing.pieces = 1
    filing.gas = filing.largest = used(send(group.file(people[claims - 1])))
    _expect_open(group, claims)
    far_apart = people[1 :: len(people) // voters][:voters]
    for some in reversed(list(chunks(far_apart, BALLOTS))):
        voting.send(group.signed_batch(1, some))
    if group.ballots(1) != voters:
        raise GasError("gas: a signed ballot did not count")
    go_to(group.terms.cover_start + 2 * group.terms.voting_period)
    for claim_id in range(claims, 0, -1):
        resolving.send(group.call(KEEPER, "resolve", claim_id))
    _expect_open(group, 0)
    return [filing, voting, resolving]


def _refund(group: Group, people: list[str]) -> Limit:
    refunding = Limit(f"a refund to {len(people):,} members, {REFUNDS} at a time")
    go_to(group.terms.expiry + group.terms.reporting_period)
    send(group.call(KEEPER, "settle"))
    before = _balance(people[-1])
    for first in reversed(range(1, len(people) + 1, REFUNDS)):
        refunding.send(group.call(KEEPER, "refund_many", first, REFUNDS))
    if _balance(people[-1]) == before:
        raise GasError("gas: a member was not refunded")
    if _balance(group.address) >= len(people):
        raise GasError("gas: more than rounding is left in the pool")
    return refunding


def _expect_open(group: Group, claims: int) -> None:
    if (found := group.pool.read(group.address, "summary")[OPEN_CLAIMS]) != claims:
        raise GasError(f"gas: {found} claims are open, not {claims}")


def _balance(address: str) -> int:
    return int(rpc("eth_getBalance", address, "latest"), 16)
