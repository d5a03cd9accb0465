"""What an operator reads before a pool is created."""

from collections.abc import Callable, Sequence

from peerpool.terms.model import Terms
from peerpool.units import (
    ZERO_ADDRESS,
    Asset,
    format_amount,
    format_date,
    format_duration,
    format_percent,
)


def describe(terms: Terms, asset: Asset, tier_names: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the terms as rows of (label, text), money and times in people's units.

    The terms should have passed `check`. Tiers show by number, and by name where given.
    """

    def money(amount: int) -> str:
        return format_amount(amount, asset)

    rows = [
        ("pool", terms.name),
        ("asset", "Ether" if asset.address == ZERO_ADDRESS else f"{asset.symbol} {asset.address}"),
        ("organiser", terms.organiser),
        ("cover", f"{format_date(terms.cover_start)} to {format_date(terms.expiry)}"),
        ("cover lasts", format_duration(terms.expiry - terms.cover_start)),
        ("enrolment", _enrolment(terms)),
        ("members", f"{terms.min_members} to {terms.max_members}, {_inviters(terms)}"),
    ]
    if terms.gate != ZERO_ADDRESS:
        rows.append(("credential to join", terms.gate))
    for number, tier in enumerate(terms.tiers):
        label = f"tier {number}" + (f", {tier_names[number]}" if tier_names else "")
        text = f"premium {money(tier.premium)}, cover limit {money(tier.cover_limit)}"
        rows.append((label, text))
    return [
        *rows,
        ("fee", f"{format_percent(terms.fee_bps)} of each premium, to the organiser"),
        ("commission", f"{format_percent(terms.commission_bps)} of a premium, to the referrer"),
        ("waiting period", format_duration(terms.waiting_period)),
        ("deductible", money(terms.deductible)),
        ("claim bond", f"{money(terms.claim_bond)}, back unless the claim is rejected"),
        ("voting period", format_duration(terms.voting_period)),
        ("quorum", f"{format_percent(terms.quorum_bps)} of those who may vote"),
        ("approval", f"{format_percent(terms.approval_bps)} of the votes cast"),
        ("silent consent", f"up to {money(terms.silent_consent_limit)}"),
        *_hearing(terms),
        ("losses reported", f"until {format_date(terms.expiry + terms.reporting_period)}"),
        *_reinsurance(terms, money),
        *_surplus(terms),
        *([("desk", terms.desk)] if terms.desk != ZERO_ADDRESS else []),
        ("wording hash", f"0x{terms.wording_hash.hex()}"),
    ]


def _enrolment(terms: Terms) -> str:
    if terms.enrolment_end == terms.cover_start:
        return "until cover starts"
    return f"until {format_date(terms.enrolment_end)}, pro rata once cover has started"


def _inviters(terms: Terms) -> str:
    return f"invited by the organiser{' or a member' if terms.members_may_invite else ''}"


def _hearing(terms: Terms) -> list[tuple[str, str]]:
    if terms.arbiter == ZERO_ADDRESS:
        return [("arbiter", "none: what the vote decides is the end")]
    return [
        ("arbiter", terms.arbiter),
        ("appeal", f"within {format_duration(terms.appeal_period)} of the vote"),
        ("ruling", f"within {format_duration(terms.ruling_period)}, or the vote stands"),
    ]


def _reinsurance(terms: Terms, money: Callable[[int], str]) -> list[tuple[str, str]]:
    if not terms.reinsurance:
        return [("reinsurance", "none: when the funds are used up, awards are cut")]
    rows, below = [], "the funds are"
    for number, layer in enumerate(terms.reinsurance, start=1):
        on_line = format_percent(layer.premium * 10_000 // layer.limit)
        pays = f"pays up to {money(layer.limit)} once {below} used up"
        rows.append((f"layer {number}", f"{pays}, for {money(layer.premium)} ({on_line} on line)"))
        below = f"layer {number} is"
    who = "anybody" if terms.reinsurer == ZERO_ADDRESS else terms.reinsurer
    return [
        *rows,
        ("reinsurer", f"{who}, with collateral paid in before cover starts"),
        ("ceded to layers", f"{format_percent(terms.max_cession_bps)} of the premiums at most"),
    ]


def _surplus(terms: Terms) -> list[tuple[str, str]]:
    who = "members never awarded anything" if terms.claim_free_refund else "all members"
    if terms.cause == ZERO_ADDRESS:
        return [("surplus", f"to {who}, by premium"), ("unclaimed refunds", "wait for ever")]
    shared = f"{format_percent(terms.cause_bps)} to the cause, the rest to {who}, by premium"
    unclaimed = f"to the cause after {format_duration(terms.unclaimed_after)}"
    return [("surplus", shared), ("cause", terms.cause), ("unclaimed refunds", unclaimed)]
