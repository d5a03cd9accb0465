"""peerpool.export of a real life: what lies in the folder is what the chain was audited to."""

from pathlib import Path

import pytest

from peerpool.audit.run import Audit
from peerpool.audit.verdict import PROVED
from peerpool.export import Export
from peerpool.ledger import Kept, Ledger
from tests.audit.year import live
from tests.python import beancount
from tests.python.test_export import query


@pytest.fixture(scope="module", params=["TokenThatBlocks", None], ids=["token", "ether"])
def audited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ledger, Kept]:
    """A year with a little of everything, audited and exported; in a token and in Ether."""
    year, folder, kept = live(request.param), tmp_path_factory.mktemp("year"), Kept()
    with Export(folder) as export:
        audit = Audit(year.node, year.pool, to="latest", watchers=[export, kept], pause=0)
        found = audit.run()
        assert found.result == PROVED, found
        export.write(audit.ledger, found)
    return folder, audit.ledger, kept


def test_audited__beancount_finds_nothing_wrong(audited):
    assert beancount.problems(audited[0] / "books.beancount") == ""


def test_audited__tables_are_the_books(audited):
    folder, ledger, kept = audited
    [(count, moved)] = query(folder, "SELECT count(*), sum(amount) FROM {postings}")
    unit = 10**ledger.asset.decimals
    assert (count, moved * unit) == (len(kept.moves), sum(move.amount for move in kept.moves))
    [(events,)] = query(folder, "SELECT count(*) FROM {events}")
    assert events == len(kept.events)
    ballots = query(folder, "SELECT claim, count(*) FROM {ballots} GROUP BY claim")
    assert dict(ballots) == {c.id: sum(c.tally()) for c in ledger.claims.values() if any(c.tally())}
    pots = query(folder, "SELECT pot, sum(balance) FROM {accounts} GROUP BY pot")
    assert {pot: int(balance * unit) for pot, balance in pots} == {
        pot: ledger.books.pot(pot) for pot, _ in pots
    }
    assert sum(balance for _, balance in pots) == 0
    [pool] = query(folder, "SELECT funds, held, members, verdict FROM {pool}")
    in_all = (ledger.funds, ledger.held, len(ledger.present), PROVED)
    assert (pool[0] * unit, pool[1] * unit, *pool[2:]) == in_all


def test_audited__balances_are_what_was_posted(audited):
    """What every account has is what came less what went, in each and every row."""
    rest = """
        SELECT pot, kind, who, sum(amount) FROM (
            SELECT to_pot AS pot, to_kind AS kind, to_who AS who, amount FROM {postings}
            UNION ALL SELECT from_pot, from_kind, from_who, -amount FROM {postings}
            UNION ALL SELECT pot, kind, who, -balance FROM {accounts}
        ) GROUP BY ALL HAVING sum(amount) != 0"""
    assert query(audited[0], rest) == []


def test_audited__members_claims_and_layers_each_have_a_row(audited):
    folder, ledger, _ = audited
    unit = 10**ledger.asset.decimals
    found = query(folder, "SELECT id, account, awarded, net FROM {members} ORDER BY id")
    assert [(id_, account, a * unit, n * unit) for id_, account, a, n in found] == [
        (m.id, m.account, m.awarded, m.net) for m in ledger.members.values()
    ]
    found = query(folder, "SELECT id, asked, paid, filed_at IS NULL FROM {claims} ORDER BY id")
    assert [(id_, asked * unit, paid * unit, no) for id_, asked, paid, no in found] == [
        (c.id, c.asked, c.paid, False) for c in ledger.claims.values()
    ]
    found = query(folder, "SELECT number, filled, assets FROM {layers} ORDER BY number")
    assert [(number, filled * unit, assets * unit) for number, filled, assets in found] == [
        (layer.number, layer.filled, layer.assets) for layer in ledger.layers.values()
    ]
