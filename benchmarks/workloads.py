"""What the devices do: how many there are, in rooms of what size, on which nodes, and how much they say."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, cycle, islice

NODES = 3
SATURATING_SENDERS = 30
"""Ten on each of three nodes: enough to keep every node busy, few enough to read their own echo at once."""
WINDOWS = (2, 8, 32)
"""Messages in flight for each sender, tried in turn; the one with most deliveries a second is measured."""


@dataclass(frozen=True, slots=True)
class Workload:
    """`senders` of the devices talk in rooms of `sizes`; a device is in one room.

    Either each sender keeps `window` messages in flight (a message is in flight until its sender sees it), or all of
    them together post `rate` messages a second; neither: silence. `on_first` devices, who only listen, sit on the
    first node, and all others on the rest; 0: neighbours sit on different nodes.
    """

    name: str
    sizes: tuple[int, ...]
    senders: int
    window: int = 0
    rate: float = 0.0
    searched: bool = False
    on_first: int = 0

    @property
    def devices(self) -> int:
        return sum(self.sizes)

    @property
    def rooms(self) -> list[list[int]]:
        """The devices of each room."""
        ends = list(accumulate(self.sizes))
        return [list(range(end - size, end)) for end, size in zip(ends, self.sizes, strict=True)]

    @property
    def rate_per_sender(self) -> float:
        return self.rate / self.senders if self.senders else 0.0

    def room_of(self, device: int) -> int:
        """Members of one room sit on different nodes, since neighbours do."""
        return bisect_right(list(accumulate(self.sizes)), device)

    def node_of(self, device: int) -> int:
        """0 to NODES - 1."""
        if not self.on_first:
            return device % NODES
        return 0 if device < self.on_first else 1 + device % (NODES - 1)

    def is_sender(self, device: int) -> bool:
        """Senders are spread evenly over rooms and nodes."""
        if not self.senders or device < self.on_first:
            return False
        return device % self._step == self._offset(device)

    @property
    def _step(self) -> int:
        return (self.devices - self.on_first) // self.senders

    def _offset(self, device: int) -> int:
        """Steps that divide by the number of nodes would put all senders on one node."""
        return (device // self._step) % self._step

    def with_window(self, window: int) -> "Workload":
        return replace(self, window=window)


def saturated(devices: int) -> Workload:
    return Workload(f"{devices} saturated", (devices,), SATURATING_SENDERS, window=WINDOWS[-1], searched=True)


def steady(devices: int, rate: float) -> Workload:
    return Workload(f"{devices} at {rate:g}/s", (devices,), SATURATING_SENDERS, rate=rate)


def small_rooms(window: int) -> Workload:
    return Workload(f"75 rooms of 4, {window} in flight", (4,) * 75, 300, window=window)


def mixed_rooms(rate: float) -> Workload:
    """300 conversations of 2, 3, 4 and 5 members in turn, and everyone talks."""
    sizes = tuple(islice(cycle((2, 3, 4, 5)), 300))
    return Workload(f"300 rooms of 2-5 at {rate:g}/s", sizes, sum(sizes), rate=rate)


WORKLOADS = (
    saturated(60),
    saturated(300),
    steady(60, 50),
    steady(60, 500),
    steady(60, 2000),
    steady(300, 50),
    steady(300, 500),
    steady(300, 2000),
    mixed_rooms(1000),
    small_rooms(1),
    small_rooms(8),
)
