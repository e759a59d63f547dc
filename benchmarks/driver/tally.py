"""What the devices of one driver process saw: counts, latencies, and everything that was not as it should be."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

BUCKET_NS = 100_000
"""Latencies are counted in tenths of a millisecond."""


@dataclass(slots=True)
class Tally:
    """Sums of one process; `local` and `remote` count latencies by bucket, from senders of the same or another node."""

    sent: int = 0
    delivered: int = 0
    acknowledged: int = 0
    refused: int = 0
    closed: int = 0
    missing: int = 0
    doubled: int = 0
    local: Counter[int] = field(default_factory=Counter)
    remote: Counter[int] = field(default_factory=Counter)


class Order:
    """What one watched device has seen of every sender: each next number once, none skipped."""

    def __init__(self) -> None:
        self.missing = 0
        self.doubled = 0
        self._last: dict[int, int] = {}

    def see(self, sender: int, number: int) -> None:
        last = self._last.get(sender, 0)
        if number == last + 1:
            self._last[sender] = number
        elif number <= last:
            self.doubled += 1
        else:
            self.missing += number - last - 1
            self._last[sender] = number


def percentile_ms(buckets: Mapping[int, int], share: float) -> float | None:
    """The upper edge of the bucket in which `share` (0 to 1) of all counted latencies is reached."""
    total = sum(buckets.values())
    if not total:
        return None
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= share * total:
            break
    return (bucket + 1) * BUCKET_NS / 1e6
