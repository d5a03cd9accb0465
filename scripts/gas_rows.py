"""The gas of each thing that people do with a pool, in a group of some size."""

from typing import Any

from scripts.core import Core
from scripts.gas_chain import go_to, rpc, send, send_all, undone, used
from scripts.gas_group import KEEPER, Group

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


def measure(core: Core, size: int, token: Any | None) -> dict[str, int]:
    """Gas by name, of ROWS and of those of ONCE that a group of that size has.

    size: members, at least 10. Leaves the chain as it found it.
    """
    with undone():
        group = Group(core, size, token)
        gas = {"create": group.creation}
        send_all([group.join(member) for member in group.members[:-1]])
        gas["join"] = used(send(group.join(group.members[-1])))
        members = group.by_id()
        gas |= _claims(group, members)
        go_to(group.terms.expiry + group.terms.reporting_period)
        send(group.call(KEEPER, "settle"))
        return gas | _refunds(group, members)


def measure_referred(core: Core, token: Any | None) -> int:
    """Gas to join where organiser and referrer earn something, and have before."""
    with undone():
        group = Group(core, 10, token, fee_bps=250, commission_bps=100)
        *others, last = group.members
        send_all([group.join(member, referrer=KEEPER) for member in others])
        return used(send(group.join(last, referrer=KEEPER)))


def _claims(group: Group, members: list[str]) -> dict[str, int]:
    first, claimant, third, *voters = members
    go_to(group.terms.cover_start + 1)
    gas = {
        "first_claim": used(send(group.file(first))),
        "file": used(send(group.file(claimant))),
    }
    send(group.file(third))
    gas["first_ballot"] = used(send(group.vote(voters[0], 2)))
    gas["ballot"] = used(send(group.vote(voters[1], 2)))
    if len(members) >= 256:
        gas["ballot_of_new_word"] = used(send(group.vote(members[255], 2)))
    send_all(group.vote_all(2, voters[2 : group.quorum()]))
    go_to(group.terms.cover_start + 2 * group.terms.voting_period)
    gas["resolve"] = used(send(group.call(KEEPER, "resolve", 2)))
    for claim_id in (1, 3):
        send(group.call(KEEPER, "resolve", claim_id))
    return gas


def _refunds(group: Group, members: list[str]) -> dict[str, int]:
    gas = {}
    with undone():
        send(group.call(members[4], "refund", members[4]))
        gas["refund"] = used(send(group.call(members[5], "refund", members[5])))
    pushed = min(BATCH, len(members))
    made = group.call(KEEPER, "refund_many", 1, pushed) | {"gas": hex(20_000_000)}
    name = "refund_many" if pushed == BATCH else "refund_many_10"
    gas[name] = used(send(made)) // pushed
    return gas


def prepare(core: Core) -> None:
    """Let the node sign for everybody; create a first pool, which is dearer than those after."""
    rpc("anvil_autoImpersonateAccount", True)
    Group(core, 0, None)
