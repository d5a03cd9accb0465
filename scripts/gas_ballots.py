"""The gas of signed ballots, by how many somebody brings in at once."""

from brownie import web3
from eth_account import Account
from eth_utils import keccak

from peerpool import ballots, typed_data
from scripts.core import Core
from scripts.gas_chain import RICH, go_to, rpc_many, send, send_all, transaction, undone, used
from scripts.gas_group import ALL, KEEPER, REASON, Group

BATCHES = (1, 10, 100, 200)
TARGET = 8_000  # a ballot, in a batch of 100
_GAS = 5_000_000


def measure_signed(core: Core) -> dict[int, int]:
    """Gas of each ballot, by the size of the batch: the first on a claim, whose tally is new.

    Ballots move no money: the asset makes no difference. Leaves the chain as it found it.
    """
    with undone():
        group = Group(core, 0, None, max_members=1 + max(BATCHES))
        people = [Account.from_key(keccak(text=f"voter {i}")) for i in range(1 + max(BATCHES))]
        rpc_many("anvil_setBalance", ((person.address, RICH) for person in people))
        send_all([group.join(person.address) for person in people])
        claimant, *voters = people
        go_to(group.terms.cover_start + 1)
        send(group.file(claimant.address))
        message = typed_data.ballot(web3.eth.chain_id, group.address, 1, ALL, REASON)
        signed = [
            ballots.Ballot(
                web3.eth.chain_id,
                group.address,
                1,
                ALL,
                REASON,
                voter.address,
                typed_data.sign(voter.key, message),
            )
            for voter in voters
        ]
        return {size: _gas_of_each(signed[:size]) for size in BATCHES}


def _gas_of_each(signed: list[ballots.Ballot]) -> int:
    [call] = ballots.plan(signed)
    made = transaction(KEEPER, call.pool, f"0x{call.encode().hex()}", gas=_GAS)
    with undone():
        return used(send(made)) // len(signed)
