"""Droppable events (presence, typing, receipts) merged by key: the first at once, then the latest once a second."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Event = TypeVar("Event")


@dataclass(slots=True)
class _Slot(Generic[Event]):
    quiet_until: float
    waiting: list[Event]  # the latest event, or nothing


class Merger(Generic[Event]):
    """Pure: the owner calls `flush` when `wait_seconds` have passed; `send` is called from inside `put` and `flush`.

    Per key at most one event an interval is sent, and the last one put is always sent in the end; unless there are
    more than `max_keys` keys in one interval: then the oldest key loses what it has waiting. `clock` is in seconds.
    """

    def __init__(
        self,
        send: Callable[[list[Event]], None],
        interval_seconds: float = 1.0,
        *,
        max_keys: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._interval_seconds = interval_seconds
        self._max_keys = max_keys
        self._clock = clock
        self._slots: OrderedDict[Hashable, _Slot[Event]] = OrderedDict()  # the next one due comes first
        self.dropped = 0

    def put(self, key: Hashable, event: Event) -> None:
        slot = self._slots.get(key)
        if slot is not None and self._clock() < slot.quiet_until:
            slot.waiting = [event]
            return
        self._fall_quiet(key)
        self._send([event])

    def wait_seconds(self) -> float | None:
        """How long until `flush` has something to do; None: not before the next `put`."""
        if not self._slots:
            return None
        return max(0.0, next(iter(self._slots.values())).quiet_until - self._clock())

    def flush(self) -> None:
        """Send what has waited for its interval, as one list; forget the keys that were quiet for one."""
        now, due = self._clock(), []
        while self._slots and next(iter(self._slots.values())).quiet_until <= now:
            key, slot = self._slots.popitem(last=False)
            if slot.waiting:
                due.append((key, slot.waiting[0]))
        for key, _ in due:
            self._fall_quiet(key)
        if due:
            self._send([event for _, event in due])

    def _fall_quiet(self, key: Hashable) -> None:
        self._slots[key] = _Slot(self._clock() + self._interval_seconds, [])
        self._slots.move_to_end(key)
        if len(self._slots) > self._max_keys:
            _, oldest = self._slots.popitem(last=False)
            self.dropped += len(oldest.waiting)
