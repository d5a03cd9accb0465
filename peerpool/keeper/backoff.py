"""What failed is tried again, later each time, and at some time not any more."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from peerpool.units import DAY, MINUTE, counted

FIRST = MINUTE
LONGEST = DAY
MOST_TRIES = 6


@dataclass
class Backoff:
    """Failures of many things, by their keys. Times are seconds of any one clock."""

    _failed: dict[Hashable, tuple[int, float]] = field(default_factory=dict)

    def ready(self, key: Hashable, now: float) -> bool:
        """Whether it may be tried."""
        tries, since = self._failed.get(key, (0, 0.0))
        return not tries or (tries < MOST_TRIES and now >= since + self.pause(tries))

    def failed(self, key: Hashable, now: float) -> str:
        """Book a failure; return what will come of it."""
        tries = self._failed.get(key, (0, 0.0))[0] + 1
        self._failed[key] = (tries, now)
        if tries >= MOST_TRIES:
            return f"given up after {tries} tries"
        return f"not again for {counted(self.pause(tries) // MINUTE, 'minute')}"

    def worked(self, key: Hashable) -> None:
        """Forget its failures."""
        self._failed.pop(key, None)

    @staticmethod
    def pause(tries: int) -> int:
        """How long to wait after so many failures."""
        return min(FIRST * 4 ** (tries - 1), LONGEST)
