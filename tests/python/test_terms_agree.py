"""The rules in Python and those of the factory, on the same terms: the same word, always."""

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from peerpool.terms import Layer, TermsError, Tier, check
from peerpool.units import DAY, HOUR, UINT256_MAX, YEAR, ZERO_ADDRESS
from tests.evm.chain import Chain, Reverted
from tests.evm.contract import Contract, deploy
from tests.python.terms_rules import NOW, RULES, START

DEPLOYER = "0x" + "d0" * 20


def around(*limits: int) -> st.SearchStrategy[int]:
    """The limits of a rule, a step to both sides of each, and the ends of the number range."""
    values = {0, UINT256_MAX} | {limit + step for limit in limits for step in (-1, 0, 1)}
    return st.sampled_from(sorted(value for value in values if 0 <= value <= UINT256_MAX))


addresses = st.sampled_from([ZERO_ADDRESS, "asset", "0x" + "22" * 20])
limits = around(50_000_000, 90_000_000, 2**100)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "asset": addresses,
        "cover_start": around(NOW, NOW + 10 * YEAR),
        "enrolment_end": around(START, START + YEAR),
        "expiry": around(START, START + 10 * YEAR),
        "min_members": around(20),
        "reporting_period": around(HOUR, 10 * YEAR),
        "voting_period": around(HOUR, 90 * DAY),
        "waiting_period": around(YEAR),
        "deductible": around(600_000_000),
        "claim_bond": around(600_000_000, 2**100),
        "quorum_bps": around(10000),
        "approval_bps": around(5000, 10000),
        "silent_consent_limit": around(),
        "arbiter": addresses,
        "appeal_period": around(HOUR, 90 * DAY),
        "ruling_period": around(HOUR, 90 * DAY),
        "desk": addresses,
        "reinsurer": addresses,
        "max_cession_bps": around(5000),
        "reinsurance": st.lists(st.builds(Layer, limits, limits), max_size=4).map(tuple),
        "organiser": addresses,
        "gate": addresses,
        "fee_bps": around(3000 - 100),
        "commission_bps": around(3000 - 250),
        "max_members": around(5, 8388607),
        "cause": addresses,
        "cause_bps": around(10000),
        "unclaimed_after": around(180 * DAY, 100 * YEAR),
        "wording_hash": st.sampled_from([bytes(32), bytes(31) + b"\1"]),
        "name": st.sampled_from(["", "é" * 16]) | st.text(max_size=8),
        "tiers": st.lists(st.builds(Tier, limits, limits), max_size=8).map(tuple),
    },
)


@pytest.fixture(scope="module")
def factory() -> Contract:
    chain = Chain(NOW)
    token = deploy(chain, "contracts/mocks/Token.vy", "Euro X", "EURX", 6, sender=DEPLOYER)
    any_code = (token.address, token.address)
    return deploy(chain, "contracts/PoolFactory.vy", *any_code, sender=DEPLOYER)


@pytest.fixture(scope="module")
def verdicts(factory, changed):
    """A function: what Python and what the chain say of the valid terms with these changes."""
    asset = factory.view("IMPLEMENTATION")  # a contract, which is all that is asked of it

    def of(changes: dict) -> tuple[str, str]:
        changes = {key: asset if value == "asset" else value for key, value in changes.items()}
        terms = changed(**{"asset": asset, **changes})
        try:
            check(terms, NOW, has_code=lambda address: address == asset)
            python = "fine"
        except TermsError as error:
            python = str(error)
        try:
            factory.view("check_terms", terms.as_tuple())
            return python, "fine"
        except Reverted as reverted:
            return python, reverted.reason

    return of


@pytest.mark.parametrize(("message", "broken", "allowed"), RULES, ids=[rule[0] for rule in RULES])
def test_check_terms__each_rule__agrees(verdicts, message, broken, allowed):
    assert verdicts(broken) == (f"terms: {message}",) * 2
    assert verdicts(allowed) == ("fine", "fine")


@given(CHANGES)
@example({"fee_bps": UINT256_MAX, "commission_bps": UINT256_MAX})
@example({"waiting_period": UINT256_MAX})
@settings(max_examples=400)
def test_check_terms__anything__agrees(verdicts, changes):
    python, chain = verdicts(changes)
    event(python)
    assert python == chain
