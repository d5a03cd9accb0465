"""Numbers that docs/design.md promises, worked out here once more for what tests expect."""

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
