"""How far something is that takes minutes or hours, on stderr."""

from __future__ import annotations

import sys
import time


class Ticker:
    """Says how far something is: on a line of a terminal, or a line now and then."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._began = self._said = time.monotonic()

    def tick(self, more: str = "") -> None:
        """Count one as done."""
        self._done += 1
        now = time.monotonic()
        if self._done < self._total and now - self._said < (1 if sys.stderr.isatty() else 30):
            return
        self._said = now
        passed = f"{now - self._began:.0f} s"
        line = f"{self._what}: {self._done} of {self._total}, {passed}{more and ', ' + more}"
        if sys.stderr.isatty() and self._done < self._total:
            line = f"\r{line}\033[K"
        else:
            line = f"{chr(13) * sys.stderr.isatty()}{line}\n"
        sys.stderr.write(line)
        sys.stderr.flush()
