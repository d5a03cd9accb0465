"""Terms that contradict themselves: every rule of docs/design.md, on the chain and in Python.

Each case is put to both, and both have to say the same, word for word.
"""

import random
import re
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path

import pytest
from brownie import ZERO_ADDRESS, web3
from brownie.exceptions import VirtualMachineError

from peerpool.terms import Layer, TermsError, Tier, check

from ..clock import DAY, HOUR, YEAR, now
from ..hearing import hearing
from ..layers import reinsured
from ..refusal import refuses

DESIGN = Path(__file__).parents[3] / "docs" / "design.md"
HUGE = 2**256 - 1
NO_CODE = "0x" + "11" * 20
CAUSE = "0x" + "22" * 20


def shifted(t, start, cover=360 * DAY):
    """Return changes that move the whole cover to another start."""
    return {"cover_start": start, "enrolment_end": start, "expiry": start + cover}


def tiers(t, *values):
    """Return changes to tiers of (premium, cover limit)."""
    return {"tiers": tuple(Tier(*value) for value in values)}


def layers(t, *values):
    """Return changes to layers of (limit, premium)."""
    return {"reinsurance": tuple(Layer(*value) for value in values)}


# What breaks each rule: functions of legal terms and the time, in the order of the table.
BROKEN = {
    "name is empty": [lambda t, n: {"name": ""}],
    "name has a character that JSON or a URI escapes": [
        *[lambda t, n, c=c: {"name": f"Elm{c}Street"} for c in '"#%\\\0\n\x1f\x7f'],
        lambda t, n: {"name": "n" * 31 + '"'},
    ],
    "organiser is the zero address": [lambda t, n: {"organiser": ZERO_ADDRESS}],
    "asset has no code": [lambda t, n: {"asset": NO_CODE}],
    "gate has no code": [lambda t, n: {"gate": NO_CODE}],
    "desk has no code": [lambda t, n: {"desk": NO_CODE}],
    "cover_start is not in the future": [
        lambda t, n: shifted(t, n),
        lambda t, n: shifted(t, n - 1),
        lambda t, n: shifted(t, 0, 0),
    ],
    "cover_start is too far away": [
        lambda t, n: shifted(t, n + 10 * YEAR + 1),
        lambda t, n: {"cover_start": HUGE},
    ],
    "expiry is not after cover_start": [
        lambda t, n: {"expiry": t.cover_start},
        lambda t, n: {"expiry": t.cover_start - 1},
        lambda t, n: {"expiry": 0},
    ],
    "cover is longer than 10 years": [
        lambda t, n: {"expiry": t.cover_start + 10 * YEAR + 1},
        lambda t, n: {"expiry": HUGE},
    ],
    "enrolment_end is before cover_start": [
        lambda t, n: {"enrolment_end": t.cover_start - 1},
        lambda t, n: {"enrolment_end": 0},
    ],
    "enrolment_end is after expiry": [
        lambda t, n: {"enrolment_end": t.expiry + 1},
        lambda t, n: {"enrolment_end": HUGE},
    ],
    "reporting_period is shorter than 1 hour": [
        lambda t, n: {"reporting_period": HOUR - 1},
        lambda t, n: {"reporting_period": 0},
    ],
    "reporting_period is longer than 10 years": [
        lambda t, n: {"reporting_period": 10 * YEAR + 1},
        lambda t, n: {"reporting_period": HUGE},
    ],
    "voting_period is shorter than 1 hour": [
        lambda t, n: {"voting_period": HOUR - 1},
        lambda t, n: {"voting_period": 0},
    ],
    "voting_period is longer than 90 days": [
        lambda t, n: {"voting_period": 90 * DAY + 1},
        lambda t, n: {"voting_period": HUGE},
    ],
    "waiting_period leaves no cover": [
        lambda t, n: {"waiting_period": t.expiry - t.cover_start},
        lambda t, n: {"waiting_period": HUGE},
    ],
    "min_members is zero": [lambda t, n: {"min_members": 0}],
    "max_members is below min_members": [
        lambda t, n: {"max_members": t.min_members - 1},
        lambda t, n: {"min_members": HUGE},
    ],
    "max_members is above 8388607": [
        lambda t, n: {"max_members": 8388608},
        lambda t, n: {"max_members": HUGE},
    ],
    "fee_bps plus commission_bps is above 3000": [
        lambda t, n: {"fee_bps": 2000, "commission_bps": 1001},
        lambda t, n: {"fee_bps": 3001, "commission_bps": 0},
        lambda t, n: {"fee_bps": 0, "commission_bps": 3001},
        lambda t, n: {"fee_bps": 1, "commission_bps": HUGE},
        lambda t, n: {"fee_bps": HUGE, "commission_bps": HUGE},
    ],
    "quorum_bps is zero": [lambda t, n: {"quorum_bps": 0}],
    "quorum_bps is above 10000": [
        lambda t, n: {"quorum_bps": 10001},
        lambda t, n: {"quorum_bps": HUGE},
    ],
    "approval_bps is below 5000": [
        lambda t, n: {"approval_bps": 4999},
        lambda t, n: {"approval_bps": 0},
    ],
    "approval_bps is above 10000": [
        lambda t, n: {"approval_bps": 10001},
        lambda t, n: {"approval_bps": HUGE},
    ],
    "appeal_period without an arbiter": [
        lambda t, n: {"arbiter": ZERO_ADDRESS, "appeal_period": 1, "ruling_period": 0},
        lambda t, n: {"arbiter": ZERO_ADDRESS, "appeal_period": HUGE, "ruling_period": 0},
    ],
    "ruling_period without an arbiter": [
        lambda t, n: {"arbiter": ZERO_ADDRESS, "appeal_period": 0, "ruling_period": 1},
    ],
    "appeal_period is shorter than 1 hour": [
        lambda t, n: {"appeal_period": HOUR - 1},
        lambda t, n: {"appeal_period": 0},
    ],
    "appeal_period is longer than 90 days": [
        lambda t, n: {"appeal_period": 90 * DAY + 1},
        lambda t, n: {"appeal_period": HUGE},
    ],
    "ruling_period is shorter than 1 hour": [
        lambda t, n: {"ruling_period": HOUR - 1},
        lambda t, n: {"ruling_period": 0},
    ],
    "ruling_period is longer than 90 days": [
        lambda t, n: {"ruling_period": 90 * DAY + 1},
        lambda t, n: {"ruling_period": HUGE},
    ],
    "cause_bps is above 10000": [
        lambda t, n: {"cause_bps": 10001},
        lambda t, n: {"cause_bps": HUGE},
    ],
    "cause_bps without a cause": [
        lambda t, n: {"cause": ZERO_ADDRESS, "cause_bps": 1, "unclaimed_after": 0},
    ],
    "unclaimed_after without a cause": [
        lambda t, n: {"cause": ZERO_ADDRESS, "cause_bps": 0, "unclaimed_after": 1},
    ],
    "unclaimed_after is shorter than 180 days": [
        lambda t, n: {"cause": CAUSE, "cause_bps": 0, "unclaimed_after": 180 * DAY - 1},
        lambda t, n: {"cause": CAUSE, "cause_bps": 0, "unclaimed_after": 0},
    ],
    "unclaimed_after is longer than 100 years": [
        lambda t, n: {"cause": CAUSE, "cause_bps": 0, "unclaimed_after": 100 * YEAR + 1},
        lambda t, n: {"cause": CAUSE, "cause_bps": 0, "unclaimed_after": HUGE},
    ],
    "layer limit is zero": [
        lambda t, n: layers(t, (0, 0)),
        lambda t, n: layers(t, (0, HUGE)),
        lambda t, n: layers(t, (2, 1), (2, 1), (2, 1), (0, 0)),
    ],
    "layer limit is above 2**100": [
        lambda t, n: layers(t, (2**100 + 1, 0)),
        lambda t, n: layers(t, (2, 1), (HUGE, HUGE)),
    ],
    "layer premium is not below its limit": [
        lambda t, n: layers(t, (1, 1)),
        lambda t, n: layers(t, (2**100, 2**100)),
        lambda t, n: layers(t, (2, 1), (2, HUGE), (0, 0)),
    ],
    "layer premium without max_cession_bps": [
        lambda t, n: {"max_cession_bps": 0} | layers(t, (2, 0), (2, 1)),
    ],
    "max_cession_bps is above 5000": [
        lambda t, n: {"max_cession_bps": 5001},
        lambda t, n: {"max_cession_bps": HUGE},
        lambda t, n: {"max_cession_bps": 5001} | layers(t),
    ],
    "max_cession_bps without layers": [
        lambda t, n: {"max_cession_bps": 1} | layers(t),
        lambda t, n: {"max_cession_bps": 5000, "reinsurer": CAUSE} | layers(t),
    ],
    "reinsurer without layers": [
        lambda t, n: {"max_cession_bps": 0, "reinsurer": CAUSE} | layers(t),
    ],
    "reinsurer is the arbiter": [lambda t, n: {"reinsurer": t.arbiter}],
    "wording_hash is zero": [lambda t, n: {"wording_hash": bytes(32)}],
    "no tiers": [lambda t, n: {"tiers": ()}],
    "premium is zero": [
        lambda t, n: tiers(t, (0, 2**99)),
        lambda t, n: tiers(t, *[(1, 2**99)] * 7, (0, 2**99)),
    ],
    "premium is above 2**93": [
        lambda t, n: tiers(t, (2**93 + 1, 2**99)),
        lambda t, n: tiers(t, (HUGE, HUGE)),
        lambda t, n: tiers(t, (1, 2**99), (2**93 + 1, 2**101)),
    ],
    "cover_limit is above 2**100": [
        lambda t, n: tiers(t, (1, 2**100 + 1)),
        lambda t, n: tiers(t, (2**93, HUGE)),
        lambda t, n: tiers(t, (1, 2**100), (1, 2**100 + 1), (0, 0)),
    ],
    "cover_limit is below the premium": [
        lambda t, n: tiers(t, (2**93, 2**93 - 1)),
        lambda t, n: tiers(t, (1, 2**99), (2**93, 2**92)),
    ],
    "cover_limit is not above the deductible": [
        lambda t, n: {"deductible": min(tier.cover_limit for tier in t.tiers)},
        lambda t, n: {"deductible": HUGE},
        lambda t, n: tiers(t, (1, 2**99), (1, t.deductible)),
    ],
    "claim_bond is not below the smallest cover_limit": [
        lambda t, n: {"claim_bond": min(tier.cover_limit for tier in t.tiers)},
        lambda t, n: {"claim_bond": HUGE},
        lambda t, n: {"claim_bond": 2**99 - 1} | tiers(t, (1, 2**99), (1, 2**99 - 1), (1, 2**99)),
    ],
}

# The last values that each rule lets pass.
LEGAL = [
    lambda t, n: {},
    lambda t, n: {"name": "n"},
    lambda t, n: {"name": "n" * 32},
    lambda t, n: {"name": " !$&'()*+,-./:;<=>?@[]^_`{|}~"},
    lambda t, n: {"name": "Radfahrer Bäumchenstraße"},
    lambda t, n: {"name": "\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"},
    lambda t, n: {"gate": ZERO_ADDRESS, "desk": ZERO_ADDRESS},
    lambda t, n: {"arbiter": ZERO_ADDRESS, "appeal_period": 0, "ruling_period": 0},
    lambda t, n: {"appeal_period": HOUR, "ruling_period": 90 * DAY},
    lambda t, n: {"appeal_period": 90 * DAY, "ruling_period": HOUR},
    lambda t, n: shifted(t, n + 1),
    lambda t, n: shifted(t, n + 10 * YEAR),
    lambda t, n: {"expiry": t.cover_start + 1, "enrolment_end": t.cover_start},
    lambda t, n: {"expiry": t.cover_start + 10 * YEAR},
    lambda t, n: {"enrolment_end": t.cover_start},
    lambda t, n: {"enrolment_end": t.expiry},
    lambda t, n: {"reporting_period": HOUR},
    lambda t, n: {"reporting_period": 10 * YEAR},
    lambda t, n: {"voting_period": HOUR},
    lambda t, n: {"voting_period": 90 * DAY},
    lambda t, n: {"waiting_period": t.expiry - t.cover_start - 1},
    lambda t, n: {"min_members": 1, "max_members": 1},
    lambda t, n: {"min_members": 8388607, "max_members": 8388607},
    lambda t, n: {"fee_bps": 3000, "commission_bps": 0},
    lambda t, n: {"fee_bps": 1500, "commission_bps": 1500},
    lambda t, n: {"quorum_bps": 1, "approval_bps": 5000},
    lambda t, n: {"quorum_bps": 10000, "approval_bps": 10000},
    lambda t, n: {"cause": CAUSE, "cause_bps": 10000, "unclaimed_after": 180 * DAY},
    lambda t, n: {"cause": CAUSE, "cause_bps": 0, "unclaimed_after": 100 * YEAR},
    lambda t, n: {"cause": ZERO_ADDRESS, "cause_bps": 0, "unclaimed_after": 0},
    lambda t, n: {"max_cession_bps": 0} | layers(t),
    lambda t, n: {"max_cession_bps": 0, "reinsurer": CAUSE} | layers(t, (1, 0)),
    lambda t, n: {"max_cession_bps": 5000} | layers(t, (2**100, 2**100 - 1)),
    lambda t, n: {"max_cession_bps": 1} | layers(t, *[(2, 1), (2**100, 0)] * 2),
    lambda t, n: {"reinsurer": t.organiser},
    lambda t, n: {
        "arbiter": ZERO_ADDRESS,
        "appeal_period": 0,
        "ruling_period": 0,
        "reinsurer": ZERO_ADDRESS,
    },
    lambda t, n: {"silent_consent_limit": HUGE},
    lambda t, n: {"wording_hash": bytes(31) + b"\x01"},
    lambda t, n: {"claim_bond": 0, "deductible": 0} | tiers(t, (1, 1)),
    lambda t, n: {"claim_bond": 2**100 - 1, "deductible": 2**100 - 1} | tiers(t, (1, 2**100)),
    lambda t, n: tiers(t, *[(2**93, 2**100)] * 8),
]

CASES = [(words, change) for words, changes in BROKEN.items() for change in changes]
IDS = [f"{words} {i}" for words, changes in BROKEN.items() for i in range(len(changes))]


@pytest.fixture(scope="module")
def legal(sample_terms, core, arbiter):
    """Terms that are as they should be; our own contracts stand in for a token, a gate, a desk."""
    return replace(
        sample_terms(),
        asset=core.factory.address,
        gate=core.lens.address,
        desk=core.implementation.address,
        **hearing(arbiter),
        **reinsured(10**16),
    )


def on_chain(core, terms):
    """Return what the factory says against the terms; None if nothing."""
    try:
        core.factory.check_terms.call(terms.as_tuple())
    except VirtualMachineError as error:
        return error.revert_msg
    return None


def in_python(terms):
    """Return what peerpool says against the terms; None if nothing."""
    try:
        check(terms, now(), lambda account: bool(web3.eth.get_code(account)))
    except TermsError as error:
        return str(error)
    return None


def test_check_terms(core, legal):
    assert on_chain(core, legal) is None
    assert in_python(legal) is None


@pytest.mark.spec("F2")
def test_check_terms__every_rule_of_the_table_is_here():
    """The table of docs/design.md, its order included."""
    table = DESIGN.read_text().partition("## Terms")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `terms:")]
    rules = [rule for row in rows for rule in re.findall(r"`terms: ([^`]*)`", row)]
    assert rules == list(BROKEN)


@pytest.mark.spec("F2")
@pytest.mark.parametrize("words, change", CASES, ids=IDS)
def test_check_terms__broken__reverts(core, legal, words, change):
    terms = replace(legal, **change(legal, now()))
    refuses(f"terms: {words}", core.factory.check_terms, terms.as_tuple())
    with pytest.raises(TermsError) as error:
        check(terms, now(), lambda account: bool(web3.eth.get_code(account)))
    assert str(error.value) == f"terms: {words}"


@pytest.mark.spec("F2")
@pytest.mark.parametrize("change", LEGAL, ids=range(len(LEGAL)))
def test_check_terms__just_legal(core, legal, change):
    terms = replace(legal, **change(legal, now()))
    assert on_chain(core, terms) is None
    assert in_python(terms) is None


@pytest.mark.spec("F2")
def test_check_terms__two_broken__the_first_is_named(core, legal):
    """Pairs of rules that concern different fields, in Python all, on the chain some."""
    pairs = list(combinations(BROKEN, 2))
    chosen = set(random.Random(1).sample(range(len(pairs)), 150))
    tried = 0
    for i, (first, second) in enumerate(pairs):
        changes = [BROKEN[words][0](legal, now()) for words in (first, second)]
        if set(changes[0]) & set(changes[1]):
            continue
        terms = replace(legal, **changes[0], **changes[1])
        said = in_python(terms)
        if said not in (f"terms: {first}", f"terms: {second}"):
            continue  # the two together break a third
        if i in chosen:
            assert on_chain(core, terms) == said
        tried += said == f"terms: {first}"
    assert tried > 400


def test_check_terms__agree_on_chance(core, legal):
    """Terms with a few fields taken from the edges of any rule."""
    chance = random.Random(2)
    changes = [change for _, change in CASES] + LEGAL
    edges = [
        0,
        1,
        HOUR,
        HOUR - 1,
        90 * DAY,
        180 * DAY,
        10 * YEAR,
        3000,
        5000,
        10000,
        10001,
        HUGE,
    ]
    numbers = [f.name for f in fields(legal) if isinstance(getattr(legal, f.name), int)]
    numbers.remove("claim_free_refund")
    numbers.remove("members_may_invite")
    seen = set()
    for _ in range(300):
        terms = legal
        for change in chance.sample(changes, chance.randint(0, 3)):
            terms = replace(terms, **change(terms, now()))
        for name in chance.sample(numbers, chance.randint(0, 1)):
            terms = replace(terms, **{name: chance.choice(edges)})
        if any(not 0 <= getattr(terms, name) <= HUGE for name in numbers):
            continue
        said = on_chain(core, terms)
        assert said == in_python(terms), terms
        seen.add(said)
    assert len(seen) > 25
