"""The clockwork of the simulation: events in order of time, and two kinds of servers that take jobs one by one."""

import heapq
from collections import deque
from collections.abc import Callable
from itertools import count

Step = Callable[[], None]
Job = Callable[[], tuple[float, Step]]
"""Asked when it begins, so that it can take what has gathered: its cost in seconds, and what happens at its end."""


class Clock:
    """Time in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Step]] = []
        self._numbers = count()

    def after(self, seconds: float, step: Step) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), step))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, step = heapq.heappop(self._events)
            step()


class Server:
    """One job at a time, first come first served; `busy_seconds` is what it worked."""

    def __init__(self, clock: Clock) -> None:
        self.busy_seconds = 0.0
        self.end = 0.0
        self._clock = clock
        self._jobs: deque[Job] = deque()
        self._is_busy = False
        self._stolen = 0.0

    @property
    def rest(self) -> float:
        """Seconds until the job of this moment ends."""
        return self.end - self._clock.now if self._is_busy else 0.0

    def submit(self, job: Job) -> None:
        self._jobs.append(job)
        if not self._is_busy:
            self._begin()

    def steal(self, seconds: float) -> None:
        """Another thread of the same process runs for so long."""
        self.busy_seconds += seconds
        if self._is_busy:
            self._stolen += seconds
            self.end += seconds

    def _begin(self) -> None:
        self._is_busy = True
        cost, effect = self._jobs.popleft()()
        self.busy_seconds += cost
        self.end = self._clock.now + cost
        self._clock.after(cost, lambda: self._finish(effect))

    def _finish(self, effect: Step) -> None:
        if self._stolen:
            stolen, self._stolen = self._stolen, 0.0
            self._clock.after(stolen, lambda: self._finish(effect))
            return
        effect()
        self._is_busy = False
        if self._jobs:
            self._begin()


class Desk:
    """What one writer holds at a time; the others queue."""

    def __init__(self, clock: Clock) -> None:
        self.busy_seconds = 0.0
        self._clock = clock
        self._queue: deque[Step] = deque()
        self._is_taken = False
        self._since = 0.0

    def take(self, step: Step) -> None:
        """Call `step` when it is free; whoever was called has to `leave`."""
        self._queue.append(step)
        if not self._is_taken:
            self._next()

    def leave(self) -> None:
        self.busy_seconds += self._clock.now - self._since
        self._is_taken = False
        if self._queue:
            self._next()

    def _next(self) -> None:
        self._is_taken, self._since = True, self._clock.now
        self._queue.popleft()()
