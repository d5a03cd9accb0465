"""A year of a pool, lived once; each test has its node, which says the truth again."""

from collections.abc import Callable, Iterator

import pytest

from peerpool.audit.code import read
from peerpool.audit.history import History
from peerpool.ledger import Ledger, Watcher, rebuild
from tests.audit.node import Node
from tests.audit.year import Year, live


@pytest.fixture(scope="session")
def lived() -> Year:
    return live()


@pytest.fixture
def year(lived: Year) -> Iterator[Year]:
    """The pool, its people, and its node."""
    node = lived.node
    yield lived
    node.lies.clear()
    node.keeps, node.unsafe = None, 0


@pytest.fixture
def node(year: Year) -> Node:
    return year.node


@pytest.fixture
def books(year: Year) -> Callable[..., Ledger]:
    """A function: the year's books as of a block (the last one), rebuilt before watchers."""

    def rebuilt(*watchers: Watcher, to: int | None = None) -> Ledger:
        with History.open(year.node, year.pool, to="latest" if to is None else to) as history:
            empty = Ledger(
                chain_id=history.chain_id,
                pool=year.pool,
                block=history.last.number,
                time=history.last.time,
                terms=read(year.node, year.pool, history.last.number).terms,
                asset=year.asset,
            )
            lies, year.node.lies = year.node.lies, []
            events = list(history)
            year.node.lies = lies
            return rebuild(empty, events, watchers)

    return rebuilt
