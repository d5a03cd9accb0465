"""The seconds in which something begins or ends, by the rules."""

from __future__ import annotations

from tests.model.ballots import OPEN
from tests.model.pool import Pool
from tests.model.records import CUT, Claim


def window_end(model: Pool, number: int) -> int:
    """Return the first second after a window."""
    return model.terms.cover_start + (number + 1) * model.terms.voting_period


def concluding_moment(model: Pool, claim: Claim) -> int:
    """Return from when anybody can take an open claim on."""
    terms = model.terms
    if claim.status == OPEN:
        return claim.filed_at + terms.voting_period
    return claim.since + (terms.appeal_period if claim.status == CUT else terms.ruling_period)


def sweeping_moment(model: Pool) -> int:
    """Return from when the cause can be given what nobody took."""
    return (model.surplus.shared_at or model.terms.cover_start) + model.terms.unclaimed_after


def ahead(model: Pool) -> dict[int, str]:
    """Return the seconds after now in which something begins or ends, soonest first, by name."""
    terms = model.terms
    moments = {
        terms.cover_start: "start of cover",
        terms.enrolment_end: "end of enrolment",
        terms.expiry: "expiry",
        model.reporting_end: "end of reporting",
    }
    for member in model.members.values():
        moments[model.cover_begins(member)] = "end of a waiting period"
    for claim in model.claims:
        if claim.is_open:
            what = {OPEN: "voting", CUT: "appealing"}.get(claim.status, "ruling")
            moments[concluding_moment(model, claim)] = f"end of {what}"
    for number, window in model.windows.items():
        if not window.settled:
            moments[window_end(model, number)] = "end of a window"
    for _, until in model.recoveries.values():
        moments[until] = "end of objecting"
    if model.has_ended:
        moments[sweeping_moment(model)] = "unclaimed for long"
    return {moment: moments[moment] for moment in sorted(moments) if moment > model.now}
