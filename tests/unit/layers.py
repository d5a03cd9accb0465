"""Terms with layers of reinsurance."""

from collections.abc import Sequence
from typing import Any

from peerpool.terms import Layer

LIMITS = (300, 200)
PREMIUMS = (30, 10)


def reinsured(
    u: int, limits: Sequence[int] = LIMITS, premiums: Sequence[int] = PREMIUMS
) -> dict[str, Any]:
    """Return the changes of terms that give a pool layers; limits, premiums in whole units.

    By default they cost less, if they are full, than can be ceded of six premiums: 60.
    """
    layers = tuple(Layer(limit * u, p * u) for limit, p in zip(limits, premiums, strict=True))
    return {"max_cession_bps": 1000, "reinsurance": layers}
