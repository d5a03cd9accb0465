"""All promises, by when they are looked at: after every step those that only take memory, in turn
one of those that ask the contracts, at the end of a life all of these and the whole of the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from peerpool import ledger
from peerpool.audit.books import read
from tests.evm.provider import connect
from tests.model.core import CANCELLED
from tests.model.shortage import dust_bound

from . import (
    claim_promises,
    counts,
    layer_promises,
    member_promises,
    money_promises,
    outsider_promises,
)
from .comparison import same
from .mirror import Mirror

SUBJECTS = (money_promises, claim_promises, member_promises, layer_promises)


@pytest.mark.spec("E12", "U3", "R18")
def never_leaves_more_than_dust(mirror: Mirror) -> None:
    """Rule 14, once everybody has pulled everything. (A pool without members keeps strays.)"""
    model = mirror.model
    same(model.tower.assets, 0)
    # a policy, payee or payer can be a contract of the pools, which pulls nothing
    stuck = sum(model.credits[contract] for contract in mirror.world.contracts)
    same(sum(model.credits.values()), stuck)
    if not model.members:
        same(model.held, stuck)
        return
    assert model.funds < len(model.members)
    assert model.phase != CANCELLED or model.held == stuck
    cut = [claim for claim in model.claims if claim.cut]
    assert model.held - stuck <= sum(dust_bound(claim) for claim in cut)


@pytest.mark.spec("M5")
def can_always_rebuild_the_books(mirror: Mirror) -> None:
    """The ledger that reports are made of, rebuilt from events as anybody can, finds nothing."""
    web3 = connect(mirror.world.chain)
    books = read(web3, mirror.pool.address)
    same([found for found in ledger.check(web3, books) if "stray" not in found], [])


EVERY_STEP = tuple(promise for subject in SUBJECTS for promise in subject.EVERY_STEP)
IN_TURN = (
    *(promise for subject in SUBJECTS for promise in subject.IN_TURN),
    *outsider_promises.IN_TURN,
)
AT_THE_END = (*IN_TURN, *(promise for subject in SUBJECTS for promise in subject.AT_THE_END))
AFTER_THE_END = (never_leaves_more_than_dust,)
ONCE_EMPTY = (can_always_rebuild_the_books,)


def look(mirror: Mirror, these: Iterable[Callable[[Mirror], None]]) -> None:
    """Look whether these promises are kept."""
    for promise in these:
        counts.kept[promise.__name__] += 1
        promise(mirror)


def keep(mirror: Mirror) -> None:
    """Look at every promise about a pool that lives."""
    look(mirror, (*EVERY_STEP, *AT_THE_END))


def listing() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return each promise: name, what it says, and the sentences of the specification it shows."""
    from .endgame import PROMISES

    every = dict.fromkeys((*EVERY_STEP, *AT_THE_END, *AFTER_THE_END, *ONCE_EMPTY, *PROMISES))
    return [
        (
            promise.__name__,
            " ".join(promise.__doc__.split()),
            tuple(name for mark in getattr(promise, "pytestmark", ()) for name in mark.args),
        )
        for promise in every
    ]
