"""What the devices do: how many there are, in rooms of what size, and how much they say."""

from dataclasses import dataclass, replace

SATURATING_SENDERS = 30
"""Ten on each of three nodes: enough to keep every node busy, few enough to read their own echo at once."""
WINDOWS = (2, 8, 32)
"""Messages in flight for each sender, tried in turn; the one with most deliveries a second is measured."""


@dataclass(frozen=True, slots=True)
class Workload:
    """`senders` of `devices` talk in rooms of `room_size`.

    Either each keeps `window` messages in flight (a message is in flight until its sender sees it), or all of them
    together post `rate` messages a second; neither: silence.
    """

    name: str
    devices: int
    room_size: int
    senders: int
    window: int = 0
    rate: float = 0.0
    searched: bool = False

    @property
    def rooms(self) -> int:
        return self.devices // self.room_size

    def room_of(self, device: int) -> int:
        """Members of one room sit on different nodes, since neighbours do."""
        return device // self.room_size

    def is_sender(self, device: int) -> bool:
        """Senders are spread evenly over rooms and nodes."""
        return device % (self.devices // self.senders) == self._offset(device) if self.senders else False

    def _offset(self, device: int) -> int:
        """Steps that divide by the number of nodes would put all senders on one node."""
        step = self.devices // self.senders
        return (device // step) % step

    def with_window(self, window: int) -> "Workload":
        return replace(self, window=window)


def saturated(devices: int) -> Workload:
    return Workload(f"{devices} saturated", devices, devices, SATURATING_SENDERS, window=WINDOWS[-1], searched=True)


def steady(devices: int, rate: float) -> Workload:
    return Workload(f"{devices} at {rate:g}/s", devices, devices, SATURATING_SENDERS, rate=rate)


def small_rooms(window: int) -> Workload:
    return Workload(f"75 rooms of 4, {window} in flight", 300, 4, 300, window=window)


WORKLOADS = (
    saturated(60),
    saturated(300),
    steady(60, 50),
    steady(60, 500),
    steady(300, 50),
    steady(300, 500),
    small_rooms(1),
    small_rooms(8),
)
