"""Every rule of docs/design.md, "Terms": broken alone; and what no chain can be asked."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from peerpool import manifest
from peerpool.terms import Layer, Terms, TermsError, Tier, check
from peerpool.units import DAY, UINT256_MAX, ZERO_ADDRESS
from tests.python.terms_rules import ARBITER, MESSAGES, RULES

IDS = [message for message, _, _ in RULES]


@pytest.mark.parametrize(("message", "fields", "_"), RULES, ids=IDS)
def test_check__one_rule_broken__is_refused(changed, eurx, now, message, fields, _):
    with pytest.raises(TermsError) as caught:
        check(changed(**fields), now, has_code=lambda address: address == eurx.address)
    assert str(caught.value) == f"terms: {message}"


@pytest.mark.parametrize(("_", "__", "fields"), RULES, ids=IDS)
def test_check__just_within_the_rule__passes(changed, eurx, now, _, __, fields):
    check(changed(**fields), now, has_code=lambda address: address == eurx.address)


def test_check__several_rules_broken__names_the_first(changed, now):
    """Break all rules that can be broken together, mend them one by one, in order."""
    broken = {
        "name": "",
        "organiser": ZERO_ADDRESS,
        "cover_start": now,
        "reporting_period": 0,
        "voting_period": 0,
        "min_members": 0,
        "fee_bps": 3001,
        "quorum_bps": 0,
        "approval_bps": 0,
        "appeal_period": 0,
        "ruling_period": 90 * DAY + 1,
        "cause_bps": 10001,
        "unclaimed_after": 0,
        "reinsurance": (Layer(0, 0),),
        "max_cession_bps": 5001,
        "reinsurer": ARBITER,
        "wording_hash": bytes(32),
        "tiers": (),
    }
    messages = []
    while broken:
        with pytest.raises(TermsError) as caught:
            check(changed(**broken), now)
        messages.append(str(caught.value).removeprefix("terms: "))
        del broken[next(iter(broken))]
    check(changed(), now)
    assert messages == [message for message in MESSAGES if message in messages]
    assert len(messages) == len(set(messages)) == 18


def test_check__without_has_code__leaves_contracts_to_the_chain(changed, now):
    nothing = "0x" + "22" * 20
    check(changed(asset=nothing, gate=nothing, desk=nothing), now)


def test_rules__of_the_design__are_these_in_this_order():
    page = (Path(__file__).parents[2] / "docs" / "design.md").read_text()
    table = page.partition("\n## Terms\n")[2].partition("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert re.findall(r"`terms: ([^`]*)`", "".join(first_cells)) == MESSAGES


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "é" * 17}, "terms: name is longer than 32 bytes"),
        ({"tiers": (Tier(1, 10**9),) * 9}, "terms: more than 8 tiers"),
        ({"reinsurance": (Layer(10, 0),) * 5}, "terms: more than 4 layers"),
        ({"wording_hash": b"\x11" * 31}, "terms: wording_hash is not 32 bytes"),
        ({"deductible": -1}, "terms: deductible is negative"),
        ({"waiting_period": UINT256_MAX + 1}, "terms: waiting_period is too large"),
        ({"tiers": (Tier(-1, 10**9),)}, "terms: premium is negative"),
        ({"tiers": (Tier(1, 2**256),)}, "terms: cover_limit is too large"),
        ({"reinsurance": (Layer(-1, 0),)}, "terms: layer limit is negative"),
        ({"reinsurance": (Layer(2**256, 0),)}, "terms: layer limit is too large"),
        ({"reinsurance": (Layer(10, -1),)}, "terms: layer premium is negative"),
    ],
)
def test_check__what_the_abi_cannot_carry__is_refused(changed, now, fields, message):
    with pytest.raises(TermsError) as caught:
        check(changed(**fields), now)
    assert str(caught.value) == message


def test_check__at_the_limits_of_the_abi__passes(changed, now):
    lists = {"tiers": (Tier(1, 10**9),) * 8, "reinsurance": (Layer(10, 0),) * 4}
    check(changed(name="é" * 16, silent_consent_limit=UINT256_MAX, **lists), now)


def test_check__reinsurer_is_the_arbiter_in_other_letters__is_refused(changed, now):
    with pytest.raises(TermsError) as caught:
        check(changed(reinsurer=ARBITER.lower(), reinsurance=(Layer(10, 0),)), now)
    assert str(caught.value) == "terms: reinsurer is the arbiter"


def test_terms__fields__are_those_of_the_interface():
    source = (Path(__file__).parents[2] / "interfaces" / "IPool.vyi").read_text()

    def struct(name: str) -> list[str]:
        body = re.search(rf"^struct {name}:\n((?:    .*\n)+)", source, re.MULTILINE)
        return re.findall(r"^    (\w+):", body[1], re.MULTILINE)

    assert [field.name for field in fields(Terms)] == struct("Terms")
    assert [field.name for field in fields(Tier)] == struct("Tier")
    assert [field.name for field in fields(Layer)] == struct("LayerTerms")


@pytest.fixture
def reinsured(changed) -> Terms:
    """Terms with everything that terms can have."""
    layers = (Layer(600_000_000, 60_000_000), Layer(1_200_000_000, 60_000_000))
    reinsurer = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
    return changed(reinsurer=reinsurer, max_cession_bps=3000, reinsurance=layers)


def test_terms__as_tuple__comes_back(reinsured):
    values = reinsured.as_tuple()
    assert values[-2:] == (
        ((90_000_000, 600_000_000), (180_000_000, 1_500_000_000)),
        ((600_000_000, 60_000_000), (1_200_000_000, 60_000_000)),
    )
    assert Terms.from_tuple(values) == reinsured


def test_terms__from_what_a_node_answers__are_the_same(reinsured):
    values = list(reinsured.as_tuple())
    for i, value in enumerate(values):
        if isinstance(value, str) and value.startswith("0x"):
            values[i] = value.lower()
    values[-2:] = [[list(row) for row in rows] for rows in values[-2:]]
    assert Terms.from_tuple(values) == reinsured


def test_terms__of_a_manifest__come_back(reinsured):
    kept = json.loads(json.dumps(manifest.terms_to_json(reinsured)))
    assert kept["reinsurance"] == [
        {"limit": "600000000", "premium": "60000000"},
        {"limit": "1200000000", "premium": "60000000"},
    ]
    assert manifest.terms_from_json(kept) == reinsured


def _without_reinsurance(kept):
    del kept["reinsurance"]  # as manifests were before there were layers


def _row_without_premium(kept):
    del kept["reinsurance"][0]["premium"]


def _tiers_that_are_no_list(kept):
    kept["tiers"] = 7


@pytest.mark.parametrize(
    "spoil", [_without_reinsurance, _row_without_premium, _tiers_that_are_no_list]
)
def test_terms__of_something_else__are_refused(reinsured, spoil):
    kept = manifest.terms_to_json(reinsured)
    spoil(kept)
    with pytest.raises(TermsError) as caught:
        manifest.terms_from_json(kept)
    assert str(caught.value) == "terms: not the terms of a manifest"
