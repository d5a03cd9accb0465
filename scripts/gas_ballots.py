"""The gas of signed ballots, by how many somebody brings in at once."""

from scripts.core import Core
from scripts.gas_chain import GasError, go_to, send, undone, used
from scripts.gas_group import Group

BATCHES = (1, 10, 100, 200)
TARGET = 8_000  # a ballot, in a batch of 100


def measure_signed(core: Core) -> dict[int, int]:
    """Gas of each ballot, by the size of the batch: the first on a claim, whose tally is new.

    Ballots move no money: the asset makes no difference. Leaves the chain as it found it. Raises
    GasError if a ballot did not count.
    """
    with undone():
        group = Group(core, 1 + max(BATCHES), None)
        group.all_join(group.members)
        claimant, *voters = group.by_id()
        go_to(group.terms.cover_start + 1)
        send(group.file(claimant))
        return {size: _gas_of_each(group, voters[:size]) for size in BATCHES}


def _gas_of_each(group: Group, voters: list[str]) -> int:
    with undone():
        gas = used(send(group.signed_batch(1, voters)))
        if group.ballots(1) != len(voters):
            raise GasError("gas: a signed ballot did not count")
        return gas // len(voters)
