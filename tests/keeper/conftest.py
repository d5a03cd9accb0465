"""A pool of the attacks' arena, a node over its chain, and a keeper that knows only the node."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_utils import to_checksum_address

from peerpool.keeper import Keeper, KeyAccount, NodeAccount, Outcome, Pass, Settings, open_pool
from peerpool.keeper.purse import Purse
from peerpool.keeper.sender import Sender
from tests.attacks.arena import ORGANISER, OUTSIDER, Arena, arena
from tests.evm.chain import CHAIN_ID
from tests.evm.contract import deploy
from tests.evm.signing import address_of, key
from tests.keeper.node import SendingNode

KEEPER = to_checksum_address(address_of(80))
SECOND_KEEPER = to_checksum_address(address_of(81))
PEOPLE = range(10, 16)
RICH = 10**20


class Keeping:
    """The arena, its node, and what keepers told."""

    def __init__(self, a: Arena) -> None:
        self.a, self.chain = a, a.chain
        self.node = SendingNode(a.chain, [KEEPER, SECOND_KEEPER])
        self.lens = deploy(a.chain, "contracts/PoolLens.vy", sender=ORGANISER)
        self.told: list[Outcome] = []
        self.waited: list[float] = []
        self.other = ""
        self.donors: list[str] = []
        for account in self.node.accounts:
            a.chain.give(account.lower(), RICH)

    def create(self, people: Any = PEOPLE, **changes: Any) -> None:
        """A pool that people have joined."""
        self.a.create(**changes)
        self.people = [self.a.join(person) for person in people]

    @property
    def pool(self) -> str:
        """The address of the pool."""
        return to_checksum_address(self.a.pool.address)

    def kept(self, address: str | None = None) -> Any:
        """The pool as a keeper knows it."""
        lens = to_checksum_address(self.lens.address)
        return open_pool(self.node, address or self.pool, lens, CHAIN_ID)

    def sender(self, account: Any = None, **purse: Any) -> Sender:
        """Who sends, from the first keeper's account unless told otherwise."""
        return Sender(
            self.node,
            account or NodeAccount(KEEPER),
            Purse(**purse),
            chain_id=CHAIN_ID,
            patience=0.0,
            wait=self.waited.append,
        )

    def keeper(self, *pools: Any, sender: Any = None, dry: bool = False, **settings: Any) -> Keeper:
        """A keeper of the pool, or of those given."""
        return Keeper(
            self.node,
            pools or [self.kept()],
            None if dry else sender or self.sender(),
            Settings(**settings),
            tell=self.told.append,
            clock=lambda: self.chain.time,
            donors=lambda node, pool: tuple(self.donors),
        )

    def once(self, *pools: Any, **how: Any) -> Pass:
        """A pass of a new keeper."""
        return self.keeper(*pools, **how).once()

    def said(self) -> list[tuple[str, str]]:
        """What was told since the last time: step and result."""
        said = [(str(outcome.step), outcome.result) for outcome in self.told]
        self.problems = [outcome.problem for outcome in self.told]
        self.told.clear()
        return said


def key_account(person: int = 80) -> KeyAccount:
    """The account of a person whose key is here."""
    return KeyAccount(Account.from_key(key(person).to_bytes()))


@pytest.fixture
def k() -> Keeping:
    """The arena as new, with nothing told yet."""
    the_arena = arena()
    the_arena.reset()
    return Keeping(the_arena)


__all__ = ["KEEPER", "OUTSIDER", "SECOND_KEEPER", "Keeping", "key_account"]
