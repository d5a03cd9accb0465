"""Numbers that docs/design.md promises, worked out here once more for what tests expect."""

from collections.abc import Sequence

from peerpool.terms import Terms

BPS = 10_000
ONE = 2**127


def up(a: int, b: int) -> int:
    """Return a / b, rounded up."""
    return -(-a // b)


def premium_at(terms: Terms, tier: int, at: int) -> int:
    """Rule 5: what joining costs at a second."""
    whole = terms.tiers[tier].premium
    if at < terms.cover_start:
        return whole
    return up(whole * (terms.expiry - at), terms.expiry - terms.cover_start)


def fee(terms: Terms, premium: int) -> int:
    """Rule 5: the organiser's part of a premium."""
    return premium * terms.fee_bps // BPS


def commission(terms: Terms, premium: int) -> int:
    """Rule 5: the referrer's part of a premium."""
    return premium * terms.commission_bps // BPS


def to_cause(terms: Terms, surplus: int) -> int:
    """Rule 12: the cause's part of a surplus."""
    return surplus * terms.cause_bps // BPS


def refund(premium: int, shared: int, premiums: int) -> int:
    """Rule 12: what a premium is due of all that was shared over all premiums."""
    return premium * shared // premiums


def ceded(terms: Terms, premiums: int, filled: Sequence[int]) -> list[int]:
    """Rule 16: the premium of each layer, by what each is filled with."""
    layers = zip(terms.reinsurance, filled, strict=True)
    due = [layer.premium * f // layer.limit for layer, f in layers]
    most = premiums * terms.max_cession_bps // BPS
    return due if sum(due) <= most else [d * most // sum(due) for d in due]
