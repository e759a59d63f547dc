"""What is simulated, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Setup:
    """What is simulated. `seats[conversation][node]` devices follow; `senders` are (conversation, node), and each
    keeps `window` posts in flight or posts at `rate` a second. `*_share`: how much of an engine others use.
    """

    seats: Sequence[Mapping[int, int]]
    senders: Sequence[tuple[int, int]]
    nodes: int
    window: int = 0
    rate: float = 0.0
    folds_per_second: float = 0.0
    loop_share: float = 0.0
    redis_share: float = 0.0
    database_share: float = 0.0
    network_seconds: float = 0.0
    fsync_seconds: float = 0.0
    switch_seconds: float = 0.005
    batching: bool = True
    is_one_writer: bool = True
    seed: int = 1


@dataclass(slots=True)
class Outcome:
    """Of the counted time: seconds from post to delivery (a sample), sums, and busy shares of each part."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    posts: int = 0
    deliveries: int = 0
    loop_share: float = 0.0
    node_cores: float = 0.0
    redis_share: float = 0.0
    database_share: float = 0.0

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3 if ordered else float("inf")

    @property
    def deliveries_per_second(self) -> float:
        return self.deliveries / self.seconds


@dataclass(slots=True)
class Message:
    conversation: int
    node: int
    posted_at: float
    sender: int
