"""The rules of docs/design.md, "Terms", in its order and with its words.

The chain has the last word (`check_terms` of the factory); this says the same before anything is
sent. A test keeps the two in step.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields

from peerpool.terms.model import Terms, TermsError
from peerpool.units import DAY, HOUR, UINT256_MAX, YEAR, ZERO_ADDRESS

MAX_MEMBERS = 8388607
MAX_TIERS = 8
MAX_LAYERS = 4
MAX_NAME_BYTES = 32
MAX_AMOUNT = 2**100  # of a cover_limit, and of a layer's limit
MAX_PREMIUM = 2**93
MAX_CESSION_BPS = 5000

# The policy's token URI holds the name as it is.
_ESCAPED = b'"#%\\\x7f'


def check(terms: Terms, now: int, has_code: Callable[[str], bool] | None = None) -> None:
    """Raise TermsError("terms: ...") for the first rule that the terms break.

    `now` is the time of the chain in Unix seconds. The three rules on contracts need `has_code`,
    which says whether an address is one; without it they are left to the chain.
    """
    for problem in _unencodable(terms):
        raise TermsError(f"terms: {problem}")
    for problem in _broken(terms, now, has_code or (lambda _: True)):
        raise TermsError(f"terms: {problem}")


def _unencodable(terms: Terms) -> Iterator[str]:
    """What the chain cannot even be asked: it would revert without a word."""
    if len(terms.name.encode()) > MAX_NAME_BYTES:
        yield f"name is longer than {MAX_NAME_BYTES} bytes"
    if len(terms.tiers) > MAX_TIERS:
        yield f"more than {MAX_TIERS} tiers"
    if len(terms.reinsurance) > MAX_LAYERS:
        yield f"more than {MAX_LAYERS} layers"
    if len(terms.wording_hash) != 32:
        yield "wording_hash is not 32 bytes"
    numbers = [(f.name, getattr(terms, f.name)) for f in fields(terms) if f.type in (int, "int")]
    for tier in terms.tiers:
        numbers += [("premium", tier.premium), ("cover_limit", tier.cover_limit)]
    for layer in terms.reinsurance:
        numbers += [("layer limit", layer.limit), ("layer premium", layer.premium)]
    for name, value in numbers:
        if value < 0:
            yield f"{name} is negative"
        if value > UINT256_MAX:
            yield f"{name} is too large"


def _broken(terms: Terms, now: int, has_code: Callable[[str], bool]) -> Iterator[str]:
    if not terms.name:
        yield "name is empty"
    if any(byte < 32 or byte in _ESCAPED for byte in terms.name.encode()):
        yield "name has a character that JSON or a URI escapes"
    if terms.organiser == ZERO_ADDRESS:
        yield "organiser is the zero address"
    if terms.asset != ZERO_ADDRESS and not has_code(terms.asset):
        yield "asset has no code"
    if terms.gate != ZERO_ADDRESS and not has_code(terms.gate):
        yield "gate has no code"
    if terms.desk != ZERO_ADDRESS and not has_code(terms.desk):
        yield "desk has no code"
    yield from _broken_times(terms, now)
    yield from _broken_shares(terms)
    yield from _broken_reinsurance(terms)
    if not any(terms.wording_hash):
        yield "wording_hash is zero"
    yield from _broken_tiers(terms)


def _broken_times(terms: Terms, now: int) -> Iterator[str]:
    if terms.cover_start <= now:
        yield "cover_start is not in the future"
    if terms.cover_start > now + 10 * YEAR:
        yield "cover_start is too far away"
    if terms.expiry <= terms.cover_start:
        yield "expiry is not after cover_start"
    if terms.expiry - terms.cover_start > 10 * YEAR:
        yield "cover is longer than 10 years"
    if terms.enrolment_end < terms.cover_start:
        yield "enrolment_end is before cover_start"
    if terms.enrolment_end > terms.expiry:
        yield "enrolment_end is after expiry"
    if terms.reporting_period < HOUR:
        yield "reporting_period is shorter than 1 hour"
    if terms.reporting_period > 10 * YEAR:
        yield "reporting_period is longer than 10 years"
    if terms.voting_period < HOUR:
        yield "voting_period is shorter than 1 hour"
    if terms.voting_period > 90 * DAY:
        yield "voting_period is longer than 90 days"
    if terms.cover_start + terms.waiting_period >= terms.expiry:
        yield "waiting_period leaves no cover"


def _broken_shares(terms: Terms) -> Iterator[str]:
    if terms.min_members == 0:
        yield "min_members is zero"
    if terms.max_members < terms.min_members:
        yield "max_members is below min_members"
    if terms.max_members > MAX_MEMBERS:
        yield f"max_members is above {MAX_MEMBERS}"
    if terms.fee_bps + terms.commission_bps > 3000:
        yield "fee_bps plus commission_bps is above 3000"
    if terms.quorum_bps == 0:
        yield "quorum_bps is zero"
    if terms.quorum_bps > 10000:
        yield "quorum_bps is above 10000"
    if terms.approval_bps < 5000:
        yield "approval_bps is below 5000"
    if terms.approval_bps > 10000:
        yield "approval_bps is above 10000"
    yield from _broken_hearing(terms)
    if terms.cause_bps > 10000:
        yield "cause_bps is above 10000"
    if terms.cause == ZERO_ADDRESS:
        if terms.cause_bps > 0:
            yield "cause_bps without a cause"
        if terms.unclaimed_after > 0:
            yield "unclaimed_after without a cause"
    else:
        if terms.unclaimed_after < 180 * DAY:
            yield "unclaimed_after is shorter than 180 days"
        if terms.unclaimed_after > 100 * YEAR:
            yield "unclaimed_after is longer than 100 years"


def _broken_hearing(terms: Terms) -> Iterator[str]:
    for name, period in (
        ("appeal_period", terms.appeal_period),
        ("ruling_period", terms.ruling_period),
    ):
        if terms.arbiter == ZERO_ADDRESS:
            if period > 0:
                yield f"{name} without an arbiter"
        elif period < HOUR:
            yield f"{name} is shorter than 1 hour"
        elif period > 90 * DAY:
            yield f"{name} is longer than 90 days"


def _broken_reinsurance(terms: Terms) -> Iterator[str]:
    for layer in terms.reinsurance:
        if layer.limit == 0:
            yield "layer limit is zero"
        if layer.limit > MAX_AMOUNT:
            yield "layer limit is above 2**100"
        if layer.premium >= layer.limit:
            yield "layer premium is not below its limit"
    if terms.max_cession_bps == 0 and any(layer.premium for layer in terms.reinsurance):
        yield "layer premium without max_cession_bps"
    if terms.max_cession_bps > MAX_CESSION_BPS:
        yield f"max_cession_bps is above {MAX_CESSION_BPS}"
    if not terms.reinsurance:
        if terms.max_cession_bps > 0:
            yield "max_cession_bps without layers"
        if terms.reinsurer != ZERO_ADDRESS:
            yield "reinsurer without layers"
    elif terms.reinsurer != ZERO_ADDRESS and terms.reinsurer.lower() == terms.arbiter.lower():
        yield "reinsurer is the arbiter"


def _broken_tiers(terms: Terms) -> Iterator[str]:
    if not terms.tiers:
        yield "no tiers"
    for tier in terms.tiers:
        if tier.premium == 0:
            yield "premium is zero"
        if tier.premium > MAX_PREMIUM:
            yield "premium is above 2**93"
        if tier.cover_limit > MAX_AMOUNT:
            yield "cover_limit is above 2**100"
        if tier.cover_limit < tier.premium:
            yield "cover_limit is below the premium"
        if tier.cover_limit <= terms.deductible:
            yield "cover_limit is not above the deductible"
    if terms.claim_bond >= min((tier.cover_limit for tier in terms.tiers), default=0):
        yield "claim_bond is not below the smallest cover_limit"
