"""Every line of business in pools/ is lived through, from the file to the last refund."""

from __future__ import annotations

import re

import pytest

from peerpool.units import ZERO_ADDRESS, parse_amount
from tests.attacks.arena import Arena

from .files import DECIMALS, FILES, POOLS, token_of
from .lives import LIVES
from .story import Life

ASSUMED = re.compile(
    r"# Assumed: of (?P<members>\d+) members (?P<losers>\d+) loses? (?P<loss>\S+ \w+)(?: each)?:"
    r" (?P<burden>\S+ \w+) of the premium\.\npremium"
)
HEADINGS = ("What is covered", "What is not", "How much", "How a loss is shown")


@pytest.fixture(params=LIVES)
def life(request: pytest.FixtureRequest, a: Arena) -> Life:
    """The pool of a line of business, just created."""
    return Life(a, request.param)


def test_lives__every_line_has_one() -> None:
    assert FILES.keys() == LIVES.keys()


def test_lives__every_kind_of_asset_occurs() -> None:
    tokens = set(map(token_of, FILES))
    assert "" in tokens
    assert {DECIMALS[symbol] for symbol in tokens - {""}} == {6, 8, 18}


def test_life(life: Life) -> None:
    life.tell(LIVES[life.line])
    life.check_books()
    life.check_empty()


def test_terms__losses_assumed__are_less_than_what_is_left_of_the_premium(life: Life) -> None:
    terms, asset = life.file.terms, life.file.asset
    gone = terms.fee_bps + terms.commission_bps + terms.max_cession_bps
    assumed = list(ASSUMED.finditer(life.file.path.read_text()))
    for tier, words in zip(terms.tiers, assumed, strict=True):
        loss, burden = (parse_amount(words[name], asset) for name in ("loss", "burden"))
        assert int(words["losers"]) * loss == int(words["members"]) * burden
        assert loss <= tier.cover_limit
        assert burden * 10_000 <= tier.premium * (10_000 - gone)


def test_terms__fewest_members__can_pay_the_largest_cover_limit(life: Life) -> None:
    """With full layers, one member of the dearest tier and all others of the cheapest."""
    terms = life.file.terms
    premiums = sorted(tier.premium for tier in terms.tiers)
    collected = premiums[0] * (terms.min_members - 1) + premiums[-1]
    gone = terms.fee_bps + terms.commission_bps + terms.max_cession_bps
    there = collected * (10_000 - gone) // 10_000 + sum(row.limit for row in terms.reinsurance)
    assert there >= max(tier.cover_limit for tier in terms.tiers)


def test_wording__says_what_members_must_know(life: Life) -> None:
    text = (POOLS / f"{life.line}-wording.md").read_text()
    title, example = text.split("\n\n")[:2]
    assert title.endswith(": the wording")
    assert example.startswith("*An example: a lawyer must check it before anybody relies on it.")
    sections = re.findall(r"^(\d+)\. \*\*(.+?)\.\*\*", text, re.MULTILINE)
    assert [int(number) for number, _ in sections] == list(range(1, len(sections) + 1))
    assert [heading for _, heading in sections[:4]] == list(HEADINGS)
    assert sections[-1][1] == "What the pool can pay"
    named = "arbiter" in text
    assert named == (life.file.terms.arbiter != ZERO_ADDRESS)
