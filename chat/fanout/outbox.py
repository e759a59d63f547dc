"""What waits to be written to the connections of a node: gathered for a moment, then one frame for each."""

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

PACE_SECONDS = 0.008
"""The least time between two frames to one connection; the first after a pause goes at once."""
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
    """An open connection, seen from here: events that wait, and a way to write a frame."""

    pending: list[bytes]

    def write(self, frame: bytes) -> None:
        """Write one prepared frame; may close the connection, never raises, never waits."""


class Outbox:
    """Writes all connections of a node in one sweep, so that equal frames are built once.

    An entry of `pending` is one or more encoded events joined by commas. Connections that got the same entries share
    one frame.
    """

    def __init__(self, build_frame: Callable[[bytes], bytes], pace_seconds: float = PACE_SECONDS) -> None:
        self._build_frame = build_frame
        self._pace_seconds = pace_seconds
        self._dirty: dict[Recipient, None] = {}
        self._last_flush = -math.inf
        self._timer: asyncio.Handle | None = None

    def put(self, recipient: Recipient, events: bytes) -> None:
        """Have `events` (encoded, joined by commas) written to `recipient` soon."""
        recipient.pending.append(events)
        if recipient not in self._dirty:
            self._dirty[recipient] = None
            self._schedule()

    def put_all(self, recipients: Iterable[Recipient], events: bytes) -> None:
        """The same `events` for many; the bytes object is shared, and so is the frame."""
        for recipient in recipients:
            recipient.pending.append(events)
        self._dirty.update(dict.fromkeys(recipients))
        self._schedule()

    def flush(self) -> None:
        """Write everything that waits, now."""
        self._cancel_timer()
        self._last_flush = asyncio.get_running_loop().time()
        dirty, self._dirty = self._dirty, {}
        frames: dict[tuple[int, ...], list[bytes]] = {}
        kept: list[list[bytes]] = []
        for recipient in dirty:
            entries, recipient.pending = recipient.pending, []
            key = tuple(map(id, entries))
            if key not in frames:
                frames[key] = self._frames_of(entries)
                kept.append(entries)  # an id names an object only while it lives
            for frame in frames[key]:
                recipient.write(frame)

    def flush_one(self, recipient: Recipient) -> None:
        """Write what waits for one connection, before it is closed."""
        self._dirty.pop(recipient, None)
        entries, recipient.pending = recipient.pending, []
        for frame in self._frames_of(entries):
            recipient.write(frame)

    def forget(self, recipient: Recipient) -> None:
        """Drop what waits for a connection that is gone."""
        self._dirty.pop(recipient, None)
        recipient.pending = []

    def close(self) -> None:
        self._cancel_timer()

    def _frames_of(self, entries: list[bytes]) -> list[bytes]:
        return [self._build_frame(b"[" + piece + b"]") for piece in pieces_of(entries)]

    def _schedule(self) -> None:
        if self._timer is not None or not self._dirty:
            return
        loop = asyncio.get_running_loop()
        wait = self._last_flush + self._pace_seconds - loop.time()
        self._timer = loop.call_later(wait, self.flush) if wait > 0 else loop.call_soon(self.flush)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
