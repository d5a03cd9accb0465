"""The gas of each thing that people do with a pool, in a group of some size."""

from typing import Any

from scripts.core import Core
from scripts.gas_chain import (
    TRANSACTION_GAS,
    Transaction,
    go_to,
    rpc,
    send,
    send_all,
    undone,
    used,
)
from scripts.gas_group import KEEPER, Group
from scripts.gas_parts import parts

BATCH = 100

# What is measured: name -> what it is an instance of. All but `create` in steady state.
ROWS = {
    "join": "join and pay",
    "ballot": "ballot, by transaction",
    "file": "file a claim",
    "resolve": "resolve and pay",
    "refund": "refund, pulled",
    "refund_many": f"refund, pushed in a batch of {BATCH}, each",
    "create": "create a pool",
}
# What is dearer once, and therefore not in the steady state.
ONCE = {
    "join_referred": "join with organiser's fee and referrer's commission",
    "first_claim": "first claim of a window",
    "first_ballot": "first ballot on a claim",
    "ballot_of_new_word": "ballot of the first of each further 256 members",
    "refund_many_10": "refund, pushed in a batch of 10, each",
}


class Rows(dict[str, int]):
    """Gas by name; with `trace`, where it goes as well."""

    def __init__(self, trace: bool = False) -> None:
        super().__init__()
        self.parts: dict[str, dict[str, int]] = {}
        self._trace = trace

    def send(self, name: str, made: Transaction, each_of: int = 1) -> None:
        """Send what the row is about."""
        found = parts(made) if self._trace else {}
        gas = used(send(made))
        self[name] = gas // each_of
        if found:
            found["back"] = gas - sum(found.values())
            self.parts[name] = {part: gas // each_of for part, gas in found.items()}


def measure(core: Core, size: int, token: Any | None, trace: bool = False) -> Rows:
    """Gas by name, of ROWS and of those of ONCE that a group of that size has.

    size: members, at least 10. Leaves the chain as it found it.
    """
    with undone():
        rows, group = Rows(trace), Group(core, size, token)
        rows["create"] = group.creation
        group.all_join(group.members[:-1])
        rows.send("join", group.join(group.members[-1]))
        members = group.by_id()
        _claims(rows, group, members)
        go_to(group.terms.expiry + group.terms.reporting_period)
        send(group.call(KEEPER, "settle"))
        _refunds(rows, group, members)
        return rows


def measure_referred(core: Core, token: Any | None) -> int:
    """Gas to join where organiser and referrer earn something, and have before."""
    with undone():
        group = Group(core, 10, token, fee_bps=250, commission_bps=100)
        *others, last = group.members
        send_all([group.join(member, referrer=KEEPER) for member in others])
        return used(send(group.join(last, referrer=KEEPER)))


def _claims(rows: Rows, group: Group, members: list[str]) -> None:
    first, claimant, third, *voters = members
    go_to(group.terms.cover_start + 1)
    rows.send("first_claim", group.file(first))
    rows.send("file", group.file(claimant))
    send(group.file(third))
    rows.send("first_ballot", group.vote(voters[0], 2))
    rows.send("ballot", group.vote(voters[1], 2))
    if len(members) >= 256:
        rows.send("ballot_of_new_word", group.vote(members[255], 2))
    group.all_vote(2, voters[2 : group.quorum()])
    go_to(group.terms.cover_start + 2 * group.terms.voting_period)
    rows.send("resolve", group.call(KEEPER, "resolve", 2))
    for claim_id in (1, 3):
        send(group.call(KEEPER, "resolve", claim_id))


def _refunds(rows: Rows, group: Group, members: list[str]) -> None:
    with undone():
        send(group.call(members[4], "refund", members[4]))
        rows.send("refund", group.call(members[5], "refund", members[5]))
    pushed = min(BATCH, len(members))
    made = group.call(KEEPER, "refund_many", 1, pushed) | {"gas": hex(TRANSACTION_GAS)}
    rows.send("refund_many" if pushed == BATCH else "refund_many_10", made, pushed)


def prepare(core: Core) -> None:
    """Let the node sign for everybody; create a first pool, which is dearer than those after."""
    rpc("anvil_autoImpersonateAccount", True)
    Group(core, 0, None)
