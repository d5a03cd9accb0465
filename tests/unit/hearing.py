"""Terms with an arbiter, and what tests of hearings do."""

from typing import Any

from .clock import DAY
from .stage import Stage

OPEN, AWARDED, REJECTED, LAPSED, CUT, REFERRED, APPEALED = range(1, 8)
RULING = b"\x05" * 32


def hearing(arbiter: Any) -> dict[str, Any]:
    """Return the changes of terms that name the arbiter."""
    return {"arbiter": str(arbiter), "appeal_period": 3 * DAY, "ruling_period": 5 * DAY}


def status(stage: Stage, claim_id: int = 1) -> tuple[int, int]:
    """Return status and award of a claim."""
    claim = stage.pool.claim(claim_id)
    return claim["status"], claim["award"]


def voting_ends(stage: Stage, claim_id: int = 1) -> int:
    """Return the first second in which nobody can vote on a claim any more."""
    return int(stage.pool.claim(claim_id)["filed_at"]) + stage.terms.voting_period


def ends(stage: Stage, claim_id: int = 1) -> int:
    """Return the first second after the appeal or ruling period that a claim is in."""
    claim = stage.pool.claim(claim_id)
    terms = stage.terms
    period = terms.appeal_period if claim["status"] == CUT else terms.ruling_period
    return int(claim["since"]) + period
