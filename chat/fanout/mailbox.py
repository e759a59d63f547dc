"""The bounded queue between the pub/sub socket and the one who reads a channel."""

import asyncio
from collections import deque

MAILBOX_BYTES = 16 * 1024 * 1024
MESSAGE_OVERHEAD_BYTES = 64
"""What a queued message costs besides its body, so that a flood of tiny ones is bounded too."""


class Mailbox:
    """Raw messages in order of arrival. What does not fit empties it: the reader must catch up from the log anyway."""

    def __init__(self, max_bytes: int = MAILBOX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._raw: deque[bytes] = deque()
        self._filled = asyncio.Event()
        self.size_bytes = 0

    def put(self, raw: bytes) -> int:
        """Queue one message; how many were dropped for it (all that waited, and itself when it alone is too large)."""
        dropped = 0
        if self.size_bytes + _cost(raw) > self._max_bytes:
            dropped = self._clear()
        if _cost(raw) > self._max_bytes:
            return dropped + 1
        self._raw.append(raw)
        self.size_bytes += _cost(raw)
        self._filled.set()
        return dropped

    async def take(self, most: int) -> list[bytes]:
        """Wait for a message; give at most `most` of those that are there."""
        while not self._raw:
            await self._filled.wait()
        taken = [self._raw.popleft() for _ in range(min(most, len(self._raw)))]
        self.size_bytes -= sum(map(_cost, taken))
        if not self._raw:
            self._filled.clear()
        return taken

    def _clear(self) -> int:
        count = len(self._raw)
        self._raw.clear()
        self._filled.clear()
        self.size_bytes = 0
        return count


def _cost(raw: bytes) -> int:
    return len(raw) + MESSAGE_OVERHEAD_BYTES
