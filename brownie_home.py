"""Keeps Brownie's files inside the checkout.

Brownie, vvm and solcx write to Path.home() as soon as they are imported, and have no setting for
it. The Makefile puts this module on the start-up path of .venv (a .pth file), where it answers
those three, and nobody else, with the folder .brownie of this checkout.
"""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent / ".brownie"
GUESTS = {"brownie", "vvm", "solcx"}

_real_home = Path.home


def _home(cls: type[Path]) -> Path:
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if caller.partition(".")[0] in GUESTS:
        HOME.mkdir(exist_ok=True)
        return cls(HOME)
    return _real_home()


Path.home = classmethod(_home)  # type: ignore[method-assign, assignment]
