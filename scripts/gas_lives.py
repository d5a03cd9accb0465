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

from peerpool import clone
from scripts.core import Core, creation_code, terms_type
from scripts.gas_chain import go_to, send, send_all, transaction, undone, used
from scripts.gas_group import KEEPER, Group

BATCH = 100
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
    """One pool from creation to the last refund: transactions and gas by what they were for."""

    members: int
    transactions: dict[str, int]
    gas: dict[str, int]

    @property
    def total(self) -> int:
        """All gas."""
        return sum(self.gas.values())

    @property
    def reads(self) -> int:
        """How often a part of the terms is read."""
        return self.members + sum(READS[step] * self.transactions[step] for step in READS)


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
        calls = sum(life.transactions[step] for step in READS)
        saved = self.hop * calls + self.read * life.reads
        return life.total - life.gas["create"] + self.create - saved

    def even_after(self, life: Life) -> int:
        """After how many calls that read one part of the terms the blueprint has paid off."""
        return (self.create - life.gas["create"]) // (self.hop + self.read)


def live(core: Core, size: int) -> Life:
    """In Ether: everybody joins, one in ten claims, a quorum of 20 % signs ballots on each claim,
    which are brought in together, all is paid, and refunds are pushed in batches."""
    with undone():
        group = Group(core, size, None, quorum_bps=QUORUM_BPS)
        joins = send_all([group.join(member) for member in group.members])
        members = group.by_id()
        claimants = members[: size // 10]
        go_to(group.terms.cover_start + 1)
        claims = [used(send(group.file(claimant))) for claimant in claimants]
        ballots = []
        for i in range(len(claimants)):
            voters = [members[(i + 1 + j) % size] for j in range(group.quorum())]
            for first in range(0, len(voters), SIGNED_BATCH):
                batch = voters[first : first + SIGNED_BATCH]
                ballots.append(used(send(group.signed_batch(i + 1, batch))))
        go_to(group.terms.cover_start + 2 * group.terms.voting_period)
        resolved = send_all(
            [group.call(members[i], "resolve", i + 1) for i in range(len(claimants))]
        )
        go_to(group.terms.expiry + group.terms.reporting_period)
        settled = [used(send(group.call(KEEPER, "settle")))]
        refunds = []
        for first in range(1, size + 1, BATCH):
            made = group.call(KEEPER, "refund_many", first, min(BATCH, size))
            refunds.append(used(send(made | {"gas": hex(20_000_000)})))
        stages = {
            "create": [group.creation],
            "joining": joins,
            "claims": claims,
            "ballots": ballots,
            "resolving": resolved,
            "settling": settled,
            "refunds": refunds,
        }
        return Life(
            members=size,
            transactions={step: len(gas) for step, gas in stages.items()},
            gas={step: sum(gas) for step, gas in stages.items()},
        )


def alternative(core: Core) -> Alternative:
    """Measure what `Alternative` holds, with a small contract of its own."""
    compiled = compile_code(_PROBE, output_formats=["bytecode", "abi"])
    with undone():
        probe = _create(bytes.fromhex(compiled["bytecode"][2:]))
        stub = _create(_returns(clone.stub(probe)))
        calls = web3.eth.contract(abi=compiled["abi"])

        def gas(to: str, function: str, *arguments: Any) -> int:
            data = calls.encode_abi(function, list(arguments))
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
