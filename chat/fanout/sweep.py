"""Finds what fan-out lost: reads the log where a position is missing, and compares every head every two seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from chat.ending import end_tasks
from chat.fanout.hub import Hub, Position
from chat.fanout.local import LocalConversation
from chat.wire.committed import Committed
from chat.wire.errors import ChatError

GAP_PATIENCE_SECONDS = 0.05
"""Changes of two nodes cross on their way; only what is still missing after so long is read from the log."""
LONGEST_PATIENCE_SECONDS = 1.0
"""A node whose loop is late has not read its mail yet; reading the log instead would only make it later."""
SWEEP_SECONDS = 2.0
DEGRADED_SWEEP_SECONDS = 0.5
"""While the channel layer is known to be down, the log itself is what delivers."""
READ_CHANGES = 500

logger = logging.getLogger(__name__)


class LogTail(Protocol):
    """Changes after a position (see `chat.log.reading.Tail`)."""

    epoch: str
    changes: list[Committed]
    covered: int
    more: bool


class Sweep:
    """Owns the gap reads and the sweeping task of a node."""

    def __init__(
        self,
        read_heads: Callable[[Iterable[int]], Awaitable[dict[int, Position]]],
        read_after: Callable[[int, int, int], Awaitable[LogTail | None]],
        is_layer_healthy: Callable[[], bool],
        loop_lag_seconds: Callable[[], float],
        also: Callable[[], Awaitable[None]],
        on_new_epoch: Callable[[LocalConversation], None],
    ) -> None:
        self.gap_reads = 0
        self.finds = 0
        self._read_heads = read_heads
        self._read_after = read_after
        self._is_layer_healthy = is_layer_healthy
        self._loop_lag_seconds = loop_lag_seconds
        self._also = also
        self._on_new_epoch = on_new_epoch
        self._readers: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._hub: Hub | None = None

    def start(self, hub: Hub) -> None:
        self._hub = hub
        self._task = asyncio.create_task(self._run(), name="sweep")

    async def stop(self) -> None:
        await end_tasks(self._task, *self._readers)

    def soon(self) -> None:
        """Sweep at once: fan-out may have missed something."""
        self._wanted.set()

    def fill_gap(self, conversation: LocalConversation) -> None:
        """Have the missing positions of `conversation` read unless they arrive by themselves in a moment."""
        if not conversation.is_reading:
            self._begin(conversation, self._patience_seconds())

    def _patience_seconds(self) -> float:
        return min(GAP_PATIENCE_SECONDS + 2 * self._loop_lag_seconds(), LONGEST_PATIENCE_SECONDS)

    def _begin(self, conversation: LocalConversation, patience_seconds: float) -> None:
        conversation.is_reading = True
        task = asyncio.create_task(self._fill(conversation, patience_seconds), name=f"gap read {conversation.id}")
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _fill(self, conversation: LocalConversation, patience_seconds: float) -> None:
        try:
            await self._wait_for_gap(conversation, patience_seconds)
            if conversation.sequencer.has_gap or not patience_seconds:
                await self._read_to_end(conversation)
        except ChatError as error:
            logger.warning("a gap could not be read: %s", error.detail)
        finally:
            conversation.is_reading = False

    async def _wait_for_gap(self, conversation: LocalConversation, patience_seconds: float) -> None:
        """Wait while the gap closes and opens again: busy conversations cross all the time."""
        while patience_seconds and conversation.sequencer.has_gap:
            before = conversation.sequencer.delivered
            await asyncio.sleep(patience_seconds)
            if conversation.sequencer.delivered == before:
                return

    async def _read_to_end(self, conversation: LocalConversation) -> None:
        assert self._hub is not None
        more = True
        while more:
            self.gap_reads += 1
            tail = await self._read_after(conversation.id, conversation.sequencer.delivered, READ_CHANGES)
            if tail is None or tail.epoch != conversation.epoch:
                self._on_new_epoch(conversation)
                return
            self._hub.catch_up(conversation, tail.changes, tail.covered)
            more = tail.more

    async def _run(self) -> None:
        while True:
            await self._pause()
            try:
                await self._sweep()
                await self._also()
            except ChatError as error:
                logger.warning("the sweep could not read the log: %s", error.detail)
            except Exception:
                logger.exception("the sweep failed and goes on")

    async def _pause(self) -> None:
        seconds = SWEEP_SECONDS if self._is_layer_healthy() else DEGRADED_SWEEP_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        except TimeoutError:
            pass
        self._wanted.clear()

    async def _sweep(self) -> None:
        assert self._hub is not None
        conversations = dict(self._hub.conversations)
        if not conversations:
            return
        heads = await self._read_heads(conversations)
        behind = [each for key, each in conversations.items() if _is_behind(each, heads.get(key))]
        if behind and self._is_layer_healthy():
            await asyncio.sleep(self._patience_seconds())  # what was committed a moment ago is still on its way
        for each in behind:
            if _is_behind(each, heads.get(each.id)) and not each.is_reading:
                self.finds += 1
                self._begin(each, 0)


def _is_behind(conversation: LocalConversation, head: Position | None) -> bool:
    if head is None or head.epoch != conversation.epoch:
        return True
    return head.position > conversation.sequencer.delivered
