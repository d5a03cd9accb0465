"""Whole lives of pools in gas, and what they would be if pools were created from a blueprint.

A clone is cheap to create and dearer in each call; a full contract with the terms as immutables
is the other way round. The clone's life is measured; the other one is worked out from it with
figures that are measured as well (`Alternative`).
"""

from dataclasses import dataclass
from typing import Any

from brownie import accounts, web3
from eth_utils import to_checksum_address
from vyper import compile_code

from peerpool import chain, clone
from scripts.core import Core, creation_code, terms_type
from scripts.gas_abi import Interface
from scripts.gas_bill import Bill
from scripts.gas_chain import TRANSACTION_GAS, chunks, go_to, rpc, send, transaction, undone, used
from scripts.gas_group import KEEPER, URI, Group
from scripts.gas_peers import (
    PAYEES,
    VOTING_PERIOD,
    Club,
    Proposal,
    claim_of,
    create_splitter,
)
from scripts.gas_rows import BATCH
from scripts.gas_solidity import Solidity

SIGNED_BATCH = 200
QUORUM_BPS = 2000
CREATE = 32_000
CODE_BYTE = 200
TRANSACTION = 21_000
# How many parts of the terms a call of each stage reads; a batch of refunds one more a member.
READS = {"joining": 3, "claims": 2, "ballots": 1, "resolving": 1, "settling": 2, "refunds": 1}

_PROBE = """
# pragma version 0.4.3
struct Five:
    a: uint256
    b: uint256
    c: uint256
    d: uint256
    e: uint256

FIVE: immutable(Five)

@deploy
def __init__():
    FIVE = Five(a=1, b=2, c=3, d=4, e=5)

@external
def create(blueprint: address, argument: address) -> address:
    return create_from_blueprint(blueprint, argument)

@external
def nothing():
    pass

@external
def read_code() -> uint256:
    me: address = self
    five: Five = abi_decode(slice(me.code, 77, 160), Five, unwrap_tuple=False)
    return five.a ^ five.e

@external
def read_immutables() -> uint256:
    five: Five = FIVE
    return five.a ^ five.e
"""


@dataclass(frozen=True)
class Life:
    """One pool from creation to the last refund."""

    members: int
    bill: Bill

    @property
    def reads(self) -> int:
        """How often a part of the terms is read."""
        return self.members + sum(READS[step] * self.calls(step) for step in READS)

    def calls(self, step: str) -> int:
        """How many transactions a step takes."""
        return self.bill.steps[step].transactions


@dataclass(frozen=True)
class Alternative:
    """A blueprint with immutables against a clone with its terms in its code, in gas.

    create: the whole transaction that creates a pool. hop: what a call through the clone's stub
    costs more. read: what it costs more to read five words of terms from code than from
    immutables.
    """

    create: int
    hop: int
    read: int

    def whole_life(self, life: Life) -> int:
        """What the same life would take."""
        calls = sum(life.calls(step) for step in READS)
        saved = self.hop * calls + self.read * life.reads
        return life.bill.total.gas - life.bill.steps["create"].gas + self.create - saved

    def even_after(self, life: Life) -> int:
        """After how many calls that read one part of the terms the blueprint has paid off."""
        return (self.create - life.bill.steps["create"].gas) // (self.hop + self.read)


def live(core: Core, size: int) -> Life:
    """In Ether: everybody joins, one in ten claims, a quorum of 20 % signs ballots on each claim,
    which are brought in together, all is paid, and refunds are pushed in batches."""
    with undone():
        group, bill = Group(core, size, None, quorum_bps=QUORUM_BPS), Bill()
        bill.add_sent("create", group.created_by)
        bill.send_all("joining", [group.join(member) for member in group.members])
        members = group.by_id()
        claimants = members[: size // 10]
        go_to(group.terms.cover_start + 1)
        for claimant in claimants:  # one after the other, for the ids of claims
            bill.send("claims", group.file(claimant))
        for i in range(len(claimants)):
            voters = [members[(i + 1 + j) % size] for j in range(group.quorum())]
            for some in chunks(voters, SIGNED_BATCH):
                bill.send("ballots", group.signed_batch(i + 1, some))
        go_to(group.terms.cover_start + 2 * group.terms.voting_period)
        numbers = range(1, len(claimants) + 1)
        bill.send_all("resolving", [group.call(KEEPER, "resolve", i) for i in numbers])
        go_to(group.terms.expiry + group.terms.reporting_period)
        bill.send("settling", group.call(KEEPER, "settle"))
        for first in range(1, size + 1, BATCH):
            made = group.call(KEEPER, "refund_many", first, min(BATCH, size))
            bill.send("refunds", made | {"gas": hex(TRANSACTION_GAS)})
        return Life(size, bill)


def live_as_club(size: int) -> Bill:
    """The same with a Governor and PaymentSplitters: everybody joins, one in ten proposes to be
    paid, a quorum of 20 % signs votes, brought in together, and what is left is voted into
    splitters, which pay everybody in batches."""
    with undone():
        club, bill = Club(size, QUORUM_BPS // 100), Bill()
        bill.add_sent("create", club.created["transactionHash"])
        bill.send_all("joining", [club.join(member) for member in club.members])
        claims = [claim_of(member) for member in club.members[: size // 10]]
        bill.send_all("claims", [club.propose(each) for each in claims])
        go_to(chain.now(web3) + 1)
        for i, claim in enumerate(claims):
            voters = [club.members[(i + 1 + j) % size] for j in range(club.quorum)]
            for made in club.signed_batches(voters, club.number(claim)):
                bill.send("ballots", made)
        go_to(chain.now(web3) + VOTING_PERIOD)
        bill.send_all("resolving", [club.execute(each) for each in claims])
        _end(club, bill)
        return bill


def _end(club: Club, bill: Bill) -> None:
    groups = list(chunks(club.members, PAYEES))
    splitters = [
        Solidity("PaymentSplitter", bill.send("settling", create_splitter(some))["contractAddress"])
        for some in groups
    ]
    left = int(rpc("eth_getBalance", club.governor.address, "latest"), 16)
    parts = [left * len(some) // len(club.members) for some in groups]
    paid = {each.address: part for each, part in zip(splitters, parts, strict=True)}
    last = Proposal(club.members[0], paid, URI)
    bill.send("settling", club.propose(last))
    go_to(chain.now(web3) + 1)
    for made in club.signed_batches(club.members[: club.quorum], club.number(last)):
        bill.send("settling", made)
    go_to(chain.now(web3) + VOTING_PERIOD)
    bill.send("settling", club.execute(last))
    for splitter, some in zip(splitters, groups, strict=True):
        for payees in chunks(some, BATCH):
            calls = [splitter.data("release", payee) for payee in payees]
            bill.send("refunds", club.batcher.made(KEEPER, splitter.address, calls))


def alternative(core: Core) -> Alternative:
    """Measure what `Alternative` holds, with a small contract of its own."""
    compiled = compile_code(_PROBE, output_formats=["bytecode", "abi"])
    with undone():
        probe = _create(bytes.fromhex(compiled["bytecode"][2:]))
        stub = _create(_returns(clone.stub(probe)))
        calls = Interface(compiled["abi"])

        def gas(to: str, function: str, *arguments: Any) -> int:
            data = calls.data(function, *arguments)
            return used(send(transaction(KEEPER, to, data, gas=20_000_000)))

        pool = creation_code("Pool")
        blueprint = _create(_returns(b"\xfe\x71\x00" + pool))  # ERC-5202
        group = Group(core, 0, None)
        encoded = clone.encode_terms(terms_type(), group.terms.as_tuple())
        code = clone.code(core.implementation.address, encoded)
        factory_work = group.creation - CREATE - CODE_BYTE * len(code)
        full = gas(probe, "create", blueprint, core.back_office.address) - TRANSACTION
        return Alternative(
            create=factory_work + full + CODE_BYTE * len(encoded),
            hop=gas(stub, "nothing") - gas(probe, "nothing"),
            read=gas(probe, "read_code") - gas(probe, "read_immutables"),
        )


def _create(creation: bytes) -> str:
    made = transaction(accounts[0].address, None, "0x" + creation.hex(), gas=20_000_000)
    return to_checksum_address(send(made)["contractAddress"])


def _returns(code: bytes) -> bytes:
    """Creation code that returns `code`: PUSH2 size DUP1 PUSH1 10 RETURNDATASIZE CODECOPY
    RETURNDATASIZE RETURN."""
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + code
