"""How long the channel layer waits for Redis, in one place because the numbers depend on each other."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A dead link is noticed after `silence_seconds`, and mended at most `backoff_most` later."""

    beat_seconds: float = 2.0
    beats_missed: int = 3
    connect_seconds: float = 2.0
    subscribe_seconds: float = 2.0
    publish_seconds: float = 1.0
    backoff_first: float = 0.1
    backoff_most: float = 2.0

    @property
    def silence_seconds(self) -> float:
        """How long a link may bring no heartbeat before it is dropped."""
        return self.beat_seconds * self.beats_missed

    def delays(self) -> Iterator[float]:
        """Growing, capped and jittered, so that nodes do not come back in step."""
        delay = self.backoff_first
        while True:
            yield delay * random.uniform(0.5, 1.0)
            delay = min(delay * 2, self.backoff_most)


class Pauses:
    """What lies between the attempts to keep a link: ever longer while they end at once, short after one that lasted.

    So a Redis that refuses everybody is asked every two seconds, and one that ends a link every two seconds costs a
    tenth of a second each time.
    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._delays = timing.delays()
        self._last = 0.0

    def after(self, lasted_seconds: float) -> float:
        """Seconds to wait after an attempt; it has lasted when that was longer than the pause before it."""
        if lasted_seconds > self._last:
            self._delays = self._timing.delays()
        self._last = next(self._delays)
        return self._last
