"""What waits to be written to the connections of a node: gathered for a moment, then one frame for each."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

PACE_SECONDS = 0.008
"""The least time between two frames to one connection; the first after a pause goes at once."""
TOLERANCE_SECONDS = 0.001
"""Connections whose pause ends so soon are written together with the others."""
FRAME_BYTES = 128 * 1024
"""Larger piles are cut into several frames."""


def pieces_of(events: Iterable[bytes]) -> Iterator[bytes]:
    """Encoded events joined by commas, in pieces that each fit into a frame (a single larger event stays whole)."""
    pile: list[bytes] = []
    size = 0
    for event in events:
        if pile and size + len(event) > FRAME_BYTES:
            yield b",".join(pile)
            pile, size = [], 0
        pile.append(event)
        size += len(event) + 1
    if pile:
        yield b",".join(pile)


class Recipient(Protocol):
    """An open connection, seen from here: events that wait, the end of its pause, and a way to write a frame."""

    pending: list[bytes]
    quiet_until: float

    def write(self, frame: bytes) -> None:
        """Write one prepared frame; may close the connection, never raises, never waits."""


class Outbox:
    """Writes the connections of a node in sweeps, so that equal frames are built once.

    An entry of `pending` is one or more encoded events joined by commas. Connections that got the same entries share
    one frame.
    """

    def __init__(self, build_frame: Callable[[bytes], bytes], pace_seconds: float = PACE_SECONDS) -> None:
        self._build_frame = build_frame
        self._pace_seconds = pace_seconds
        self._dirty: dict[Recipient, None] = {}
        self._soon: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None

    def put(self, recipient: Recipient, events: bytes) -> None:
        """Have `events` (encoded, joined by commas) written to `recipient` soon."""
        self.put_all((recipient,), events)

    def put_all(self, recipients: Iterable[Recipient], events: bytes) -> None:
        """The same `events` for many; the bytes object is shared, and so is the frame."""
        now = asyncio.get_running_loop().time()
        for recipient in recipients:
            recipient.pending.append(events)
            self._dirty[recipient] = None
            if self._soon is None and recipient.quiet_until <= now:
                self._soon = asyncio.get_running_loop().call_soon(self._one_turn_later)
        if self._soon is None and self._timer is None:
            self._set_timer(now)

    def flush(self) -> None:
        """Write what waits for connections whose pause is over."""
        self._cancel()
        now = asyncio.get_running_loop().time()
        due = [each for each in self._dirty if each.quiet_until <= now + TOLERANCE_SECONDS]
        self._write(due, quiet_until=now + self._pace_seconds)
        if self._dirty:
            self._set_timer(now)

    def flush_all(self) -> None:
        """Write everything that waits, now."""
        self._cancel()
        self._write(list(self._dirty), quiet_until=0.0)

    def flush_one(self, recipient: Recipient) -> None:
        """Write what waits for one connection, before it is closed."""
        self._write([recipient], quiet_until=recipient.quiet_until)

    def forget(self, recipient: Recipient) -> None:
        """Drop what waits for a connection that is gone."""
        self._dirty.pop(recipient, None)
        recipient.pending = []

    def close(self) -> None:
        self._cancel()

    def _write(self, recipients: list[Recipient], *, quiet_until: float) -> None:
        frames: dict[tuple[int, ...], list[bytes]] = {}
        kept: list[list[bytes]] = []
        for recipient in recipients:
            self._dirty.pop(recipient, None)
            entries, recipient.pending = recipient.pending, []
            recipient.quiet_until = quiet_until
            key = tuple(map(id, entries))
            if key not in frames:
                frames[key] = self._frames_of(entries)
                kept.append(entries)  # an id names an object only while it lives
            for frame in frames[key]:
                recipient.write(frame)

    def _frames_of(self, entries: list[bytes]) -> list[bytes]:
        return [self._build_frame(b"[" + piece + b"]") for piece in pieces_of(entries)]

    def _one_turn_later(self) -> None:
        """Let those first put what belongs in the same frame who wake up with us: an answer goes with its message."""
        self._soon = asyncio.get_running_loop().call_soon(self.flush)

    def _set_timer(self, now: float) -> None:
        first = min((each.quiet_until for each in self._dirty), default=now)
        self._timer = asyncio.get_running_loop().call_later(max(0.0, first - now), self.flush)

    def _cancel(self) -> None:
        for handle in (self._soon, self._timer):
            if handle is not None:
                handle.cancel()
        self._soon = self._timer = None
