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
