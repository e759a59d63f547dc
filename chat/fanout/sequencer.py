"""Puts the changes of one conversation in order: deliver, drop what is known, or wait for what is missing."""

from collections.abc import Sequence

from chat.wire.committed import Committed

WAITING_CHANGES = 2000
"""More than this behind a gap is dropped: the log has it."""


class Sequencer:
    """Where one conversation stands on this node. Pure: no clock, no I/O.

    `delivered` is the position up to which everything was handed on; what came too early waits.
    """

    __slots__ = ("_waiting", "delivered")

    def __init__(self, delivered: int) -> None:
        self.delivered = delivered
        self._waiting: dict[int, Committed] = {}

    @property
    def has_gap(self) -> bool:
        return bool(self._waiting)

    def offer(self, changes: Sequence[Committed]) -> list[Committed]:
        """What can be delivered now, in order, after `changes` arrived."""
        ready: list[Committed] = []
        for change in changes:
            if change.position == self.delivered + 1:
                ready.append(change)
                self.delivered = change.position
            elif change.position > self.delivered:
                self._wait(change)
        if self._waiting:
            ready.extend(self._unblocked())
        return ready

    def catch_up(self, changes: Sequence[Committed], covered: int) -> list[Committed]:
        """What can be delivered after the log was read up to `covered`; replaced positions are not in `changes`."""
        ready = [change for change in changes if change.position > self.delivered]
        self.delivered = max(self.delivered, covered)
        ready.extend(self._unblocked())
        return ready

    def _wait(self, change: Committed) -> None:
        if len(self._waiting) < WAITING_CHANGES:
            self._waiting[change.position] = change

    def _unblocked(self) -> list[Committed]:
        self._waiting = {position: each for position, each in self._waiting.items() if position > self.delivered}
        ready: list[Committed] = []
        while (change := self._waiting.pop(self.delivered + 1, None)) is not None:
            ready.append(change)
            self.delivered = change.position
        return ready
