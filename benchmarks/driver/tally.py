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
    expected: int = 0
    delivered: int = 0
    acknowledged: int = 0
    refused: int = 0
    closed: int = 0
    local: Counter[int] = field(default_factory=Counter)
    remote: Counter[int] = field(default_factory=Counter)


class Order:
    """What one watched device has seen of every sender: each next number once, none skipped.

    `doubled` came more than once, `late` came after a higher number of the same sender.
    """

    def __init__(self) -> None:
        self.doubled = 0
        self.late = 0
        self._last: dict[int, int] = {}
        self._holes: dict[int, set[int]] = {}

    @property
    def missing(self) -> int:
        """Those that were skipped; of what came last nothing is known here."""
        return sum(map(len, self._holes.values()))

    def see(self, sender: int, number: int) -> None:
        last = self._last.get(sender, 0)
        if number == last + 1:
            self._last[sender] = number
        elif number > last:
            self._holes.setdefault(sender, set()).update(range(last + 1, number))
            self._last[sender] = number
        elif number in self._holes.get(sender, ()):
            self._holes[sender].discard(number)
            self.late += 1
        else:
            self.doubled += 1

    def lost(self, sent: Mapping[int, int]) -> int:
        """How many of the messages that each sender has sent (by its number) never came."""
        return self.missing + sum(max(0, count - self._last.get(sender, 0)) for sender, count in sent.items())


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
