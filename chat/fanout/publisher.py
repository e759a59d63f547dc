"""Hands committed changes to the channel layer without ever standing in anybody's way."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from chat import failpoints
from chat.ending import end_tasks
from chat.fanout.messages import Kind

logger = logging.getLogger(__name__)

PENDING_BYTES = 8 * 1024 * 1024
BATCH_BYTES = 1024 * 1024
BATCH_ITEMS = 512
ITEM_OVERHEAD_BYTES = 64

Message = dict[str, Any]


class GroupSender(Protocol):
    """Any channel layer with groups; `group_send_many` is used where there is one."""

    async def group_send(self, group: str, message: Message) -> None: ...


class Publisher:
    """One task: what is published while a pipeline is in flight goes with the next one, in order.

    Failures are counted, never raised: local devices are served directly and the sweep serves the rest. While Redis
    is away the layer fails at once, so nothing piles up. Beyond `max_bytes` the oldest are dropped.
    """

    def __init__(self, layer: GroupSender, *, max_bytes: int = PENDING_BYTES) -> None:
        self.published = 0
        self.failed = 0
        self.dropped = 0
        self.pending_bytes = 0
        self.last_error: str | None = None
        self._worst_lag_seconds = 0.0
        self._oldest_at = 0.0
        self._sending_since: float | None = None
        self._layer = layer
        self._max_bytes = max_bytes
        self._pending: deque[tuple[str, Message, int]] = deque()
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to publish; what was handed over before goes first."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="publisher")

    async def stop(self) -> None:
        """End without waiting for what is pending; see `drain`."""
        await end_tasks(self._task)
        self._task = None

    def publish(self, group: str, message: Message) -> None:
        """Queue one message (of plain msgpack types) for a group; never blocks, never raises."""
        size = _size_of(message) + ITEM_OVERHEAD_BYTES
        if not self._pending:
            self._oldest_at = time.monotonic()
        self._pending.append((group, message, size))
        self.pending_bytes += size
        while self.pending_bytes > self._max_bytes:
            self.pending_bytes -= self._pending.popleft()[2]
            self.dropped += 1
        self._filled.set()
        self._idle.clear()

    async def drain(self, within_seconds: float) -> bool:
        """Wait until everything is handed over or has failed; False when the time was too short."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def take_lag_seconds(self) -> float:
        """The longest that a message has waited for the channel layer since this was asked before, by one asker.

        What still waits counts; of what a full batch has left over it may say too much, never too little.
        """
        worst, self._worst_lag_seconds = max(self._worst_lag_seconds, self._waiting_seconds()), 0.0
        return worst

    def _waiting_seconds(self) -> float:
        queued_at = self._oldest_at if self._pending else None
        began = [each for each in (self._sending_since, queued_at) if each is not None]
        return time.monotonic() - min(began) if began else 0.0

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            while batch := self._next_batch():
                self._sending_since = self._oldest_at
                await self._send(batch)
                self._worst_lag_seconds = max(self._worst_lag_seconds, time.monotonic() - self._sending_since)
                self._sending_since = None
            self._filled.clear()
            self._idle.set()

    def _next_batch(self) -> list[tuple[str, Message]]:
        batch: list[tuple[str, Message]] = []
        size = 0
        while self._pending and len(batch) < BATCH_ITEMS and size < BATCH_BYTES:
            group, message, item_bytes = self._pending.popleft()
            batch.append((group, message))
            size += item_bytes
        self.pending_bytes -= size
        return batch

    async def _send(self, batch: Sequence[tuple[str, Message]]) -> None:
        if any(message.get("type") == Kind.CHANGES for _, message in batch):
            await failpoints.reach_after_others("before_publish")
        try:
            failed = await self._send_many(batch)
        except Exception as error:  # a publish that fails must not end publishing
            logger.exception("publishing failed")
            self.last_error = f"{type(error).__name__} {error}".strip()
            failed = len(batch)
        self.failed += failed
        self.published += len(batch) - failed

    async def _send_many(self, batch: Sequence[tuple[str, Message]]) -> int:
        send_many = getattr(self._layer, "group_send_many", None)
        if send_many is None:
            return await self._send_each(batch)
        failed: int = await send_many(batch)
        if failed:
            self.last_error = f"{failed} of {len(batch)} were not taken by the channel layer"
        return failed

    async def _send_each(self, batch: Sequence[tuple[str, Message]]) -> int:
        failed = 0
        for group, message in batch:
            try:
                await self._layer.group_send(group, message)
            except Exception as error:  # noqa: BLE001  as above, one by one
                self.last_error = f"{type(error).__name__} {error}".strip()
                failed += 1
        return failed


def _size_of(value: object) -> int:
    """About how many bytes it takes; exact counting would cost as much as sending."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size_of, value.values())) + 16 * len(value)
    if isinstance(value, list | tuple):
        return sum(map(_size_of, value)) + 8
    return 8
