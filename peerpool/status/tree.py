"""A pool at a glance, as JSON; amounts are decimal strings, as they may be large."""

from dataclasses import asdict
from typing import Any

from peerpool import reinsurance
from peerpool.keeper.look import Action, ClaimNow, Seen
from peerpool.phases import PHASES
from peerpool.report.words import STATUS
from peerpool.status import words
from peerpool.status.snapshot import Snapshot

MONEY = ("premiums", "funds", "held", "asked", "unpaid", "capacity", "drawn")


def as_tree(snapshot: Snapshot) -> dict[str, Any]:
    """The whole of it."""
    seen, terms, summary = snapshot.seen, snapshot.terms, snapshot.seen.summary
    return {
        "pool": seen.kept.address,
        "name": seen.kept.name,
        "chain_id": snapshot.chain_id,
        "block": seen.block.number,
        "time": seen.block.time,
        "asset": asdict(snapshot.asset),
        "phase": PHASES[summary["phase"]].lower(),
        "dates": {
            "cover_start": terms.cover_start,
            "enrolment_end": terms.enrolment_end,
            "expiry": terms.expiry,
            "reporting_end": snapshot.reporting_end,
            "settled_at": summary["settled_at"],
        },
        "money": {name: str(summary[name]) for name in MONEY} | {"stray": str(seen.stray)},
        "if_all_claims_were_awarded": {k: str(v) for k, v in snapshot.quote.items()},
        "members": {
            "present": summary["members"],
            "ever": summary["roster_size"],
            "least": terms.min_members,
            "most": terms.max_members,
        },
        "claims": {
            "filed": summary["claims"],
            "open": summary["open_claims"],
            "not_over": [_claim(claim, seen) for claim in seen.claims],
        },
        "layers": reinsurance.as_tree(snapshot.tower)["layers"],
        "next": _next(seen.next, seen),
    }


def _claim(claim: ClaimNow, seen: Seen) -> dict[str, Any]:
    record = claim.row["claim"]
    return {
        "id": claim.id,
        "claimant": record["claimant"],
        "status": STATUS[record["status"]],
        "asked": str(record["asked"]),
        "award": record["award"],
        "paid": str(record["paid"]),
        "due": str(claim.row["award_due"]),
        "filed_at": record["filed_at"],
        "window": record["window"],
        "electorate": record["electorate"],
        "tally": list(claim.row["tally"]),
        "next": _next(claim.next, seen),
    }


def _next(action: Action, seen: Seen) -> dict[str, Any] | None:
    found = words.next_step(action, seen)
    return asdict(action) | {"is_due": found.is_due, "words": str(found)} if found else None
