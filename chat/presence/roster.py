"""The devices that this node holds itself; what it says about them is true whatever any board remembers."""

from dataclasses import dataclass

from chat.presence.board import Home


@dataclass(slots=True)
class _Held:
    since_ms: int
    connections: int = 0


class Roster:
    """A device may have several connections at once: an old one that is not closed yet, or two tabs."""

    def __init__(self) -> None:
        self._held: dict[int, dict[str, _Held]] = {}  # user -> device; gone with the last connection
        self.connections = 0

    def add(self, user_id: int, device: str, *, since_ms: int) -> None:
        held = self._held.setdefault(user_id, {}).setdefault(device, _Held(since_ms))
        held.connections += 1
        self.connections += 1

    def remove(self, user_id: int, device: str) -> bool:
        """Take one connection away; True when it was the last one of the device."""
        devices = self._held.get(user_id, {})
        if device not in devices:
            return False
        self.connections -= 1
        devices[device].connections -= 1
        if devices[device].connections:
            return False
        del devices[device]
        if not devices:
            del self._held[user_id]
        return True

    def holds(self, user_id: int) -> bool:
        return user_id in self._held

    def devices_of(self, user_id: int) -> list[str]:
        return list(self._held.get(user_id, {}))

    def homes(self, *, incarnation: str, node: str) -> list[tuple[int, Home]]:
        return [
            (user_id, Home(incarnation, device, node, held.since_ms))
            for user_id, devices in self._held.items()
            for device, held in devices.items()
        ]

    def clear(self) -> None:
        self._held.clear()
        self.connections = 0
