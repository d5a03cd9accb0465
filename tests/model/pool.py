"""A whole pool by the rules of docs/design.md; "rule n" refers to that page."""

from __future__ import annotations

from .ending import Ending
from .hearing import Hearings
from .pledges import Pledges
from .wallets import Wallets


class Pool(Hearings, Pledges, Wallets, Ending):
    """The model; methods are named as in IPool.vyi and raise ModelError where it reverts."""
