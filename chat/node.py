"""One running node: what it holds, how it starts, drains and stops."""

import asyncio
import gc
import logging
import random
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer
from django.conf import settings

from chat.actions.marks import Marks
from chat.actions.services import Services
from chat.assistant.service import Assistant
from chat.database import Database
from chat.edge.doorkeeper import Doorkeeper
from chat.edge.rounds import Rounds
from chat.edge.socket import text_frame
from chat.edge.throttle import Rates, UserLimits
from chat.ending import end_tasks
from chat.fanout.fanout import Fanout
from chat.fanout.hub import Hub, Position
from chat.fanout.local import LocalConversation
from chat.fanout.messages import UserEvent
from chat.fanout.outbox import Outbox
from chat.fanout.publisher import Publisher
from chat.fanout.sweep import Sweep
from chat.log.append import Log
from chat.log.reading import Tail, heads, read_after
from chat.ops.loop_lag import LoopLag
from chat.presence.memory_board import MemoryBoard
from chat.presence.merger import Merger
from chat.presence.redis_board import RedisBoard
from chat.presence.service import Presence
from chat.session.checkpoints import Checkpoints, Store
from chat.session.memory_store import MemoryStore
from chat.session.redis_store import RedisStore
from chat.session.service import SessionService
from chat.wire.committed import Committed
from chat.wire.limits import CLOSE_RESTART

RECONNECT_JITTER_MS = 1500
GARBAGE_THRESHOLDS = (10_000, 20, 50)
"""Objects of a message die young, by reference count: look for circles less often than Python's 700, 10, 10."""
SWITCH_SECONDS = 0.0005
"""A writer that waits for the interpreter holds the log's lock, for which other nodes wait: Python's 5 ms are long."""
GOODBYE_SECONDS = 2.0
HAND_OVER_SECONDS = 1.0
LOG_SECONDS = 2.5
PUBLISH_SECONDS = 0.5
SAVE_SECONDS = 2.0
STOP_SECONDS = 1.5
"""Each step of a drain; together less than `chat.ops.daphne.EXIT_SECONDS`."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain found: devices asked to leave, and whether all that was taken on is done."""

    connections: int
    published: bool


class Node:
    """Puts the rooms of one Daphne process together; `start` and `drain` are called once each."""

    was_ready: bool | None = None
    """What `/readyz` said last; None before it was asked."""
    is_leaving = False
    """Whether the process ends: then `release` comes too late."""

    def __init__(self, name: str, *, runs_assistant: bool) -> None:
        self.name = name
        self.loop = asyncio.get_running_loop()
        self.began = time.monotonic()
        self.incarnation = uuid4().hex
        self.database = Database()
        self.layer = get_channel_layer()
        self.outbox = Outbox(text_frame)
        self.publisher = Publisher(self.layer)
        self.loop_lag = LoopLag()
        self.sweep = Sweep(
            self._heads,
            self._read_after,
            self._is_layer_healthy,
            lambda: self.loop_lag.seconds,
            self._sweep_memberships,
            self._new_epoch,
        )
        self.hub = Hub(self.layer, self.outbox, self._heads, self.sweep.fill_gap)
        redis_url, prefix = settings.REDIS_URLS[0] if settings.REDIS_URLS else None, settings.REDIS_PREFIX
        self.presence = Presence(
            RedisBoard(redis_url, prefix=prefix) if redis_url else MemoryBoard(),
            node=name,
            on_change=lambda user_id, is_online: self.door.presence_changed(user_id, is_online),  # noqa: PLW0108 - later
            describe=self._describe,
        )
        self.fanout = Fanout(self.hub, self.publisher, self.incarnation, self._on_user_event, self._on_presence_hint)
        self.sessions = SessionService(self.database, Checkpoints(_new_store(redis_url)), node_name=name)
        self.log = Log(self.database, self._committed)
        self.marks = Marks(self.database)
        self.passing: Merger[tuple[int, bytes]] = Merger(self._pass_on)
        rooms = (self.database, self.log, self.fanout, self.sessions, self.marks, self.passing)
        self.services = Services(*rooms, self._asked)
        rates = Rates(settings.DISTCHAT_POSTS_PER_10S, settings.DISTCHAT_COMMANDS_PER_10S)
        self.user_limits = UserLimits(redis_url, prefix=prefix, per_window=settings.DISTCHAT_POSTS_PER_10S)
        self.door = Doorkeeper(self.services, self.hub, self.presence, self.user_limits, rates, self.name)
        self.rounds = Rounds(self.door, self._is_layer_healthy)
        owner = f"{name}/{self.incarnation}"[:80]
        self.assistant = Assistant(self.services, self.hub, owner=owner, runs_here=runs_assistant)
        self.fanout.on_whole_wanted = self.assistant.say_whole
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, then follow; comes back even when Redis is away."""
        await self.layer.start()
        channel = await self.hub.start()
        self.layer.on_resync(self._resync)
        self.publisher.start()
        await asyncio.gather(self.presence.start(), self.sessions.start(), self.user_limits.start())
        self.sweep.start(self.hub)
        self.rounds.start()
        self._begin(self.fanout.receive(self.layer, channel), "fan-out from other nodes")
        self._begin(self._flush_passing(), "passing events")
        self._begin(self.loop_lag.measure(), "loop lag")
        mismatch = await self.layer.check_hosts()
        if mismatch:
            logger.error(mismatch)
        await self.assistant.start()
        sys.setswitchinterval(SWITCH_SECONDS)
        _settle_memory()
        logger.info("node %s is ready", self.name)

    async def drain(self) -> Drained:
        """Send every device away, finish what was taken on, and hand the sessions over; at most 10 s."""
        self.is_leaving = True
        leaving = self.hold()
        await _within(GOODBYE_SECONDS, self._all_gone())
        await _within(HAND_OVER_SECONDS, self.assistant.hand_over())
        await _within(LOG_SECONDS, self.log.close(), self.marks.close())
        self.outbox.flush_all()
        published = await self.publisher.drain(PUBLISH_SECONDS)
        await _within(SAVE_SECONDS, self.sessions.flush())
        await self.stop()
        return Drained(leaving, published)

    def hold(self) -> int:
        """Take no more devices and send those that are here to other nodes; how many that are. The node stays."""
        self.door.is_draining = True
        leaving = list(self.door.let_in)
        for connection in leaving:
            self.door.dismiss(connection, random.randint(0, RECONNECT_JITTER_MS))
        return len(leaving)

    def release(self) -> None:
        """Take devices again after `hold`; does nothing once the process ends."""
        self.door.is_draining = self.is_leaving

    async def stop(self) -> None:
        """End every task and connection of this node."""
        await end_tasks(*self._tasks)
        await self.assistant.stop()
        await self.door.stop()
        await self.rounds.stop()
        await self.sweep.stop()
        await _within(
            STOP_SECONDS, self.presence.stop(), self.sessions.stop(), self.user_limits.stop(), self.publisher.stop()
        )
        self.outbox.close()
        await self.layer.flush()
        await self.database.close()

    # What the rooms ask of each other

    def _committed(self, committed: list[Committed]) -> None:
        self.fanout.publish(committed)
        for each in committed:
            if each.asks:
                self._asked(each.conversation)

    def _asked(self, conversation: int) -> None:
        self.assistant.asked(conversation)

    async def _heads(self, conversations: Iterable[int]) -> dict[int, Position]:
        return await self.database.read(heads, list(conversations))

    async def _read_after(self, conversation: int, after: int, limit: int) -> Tail | None:
        return await self.database.read(read_after, conversation, after, limit)

    def _is_layer_healthy(self) -> bool:
        return bool(self.layer.healthy)

    def _resync(self, shard: int | None) -> None:
        self.rounds.marks_missed()
        self.sweep.soon()

    async def _sweep_memberships(self) -> None:
        await self.rounds.sweep_memberships()
        await self.hub.close_unused()

    def _new_epoch(self, conversation: LocalConversation) -> None:
        """The log has begun another life, or is gone: devices come back and find out."""
        for follower in conversation.connections():
            follower.close(CLOSE_RESTART)
        self.hub.drop(conversation.id)

    def _on_user_event(self, what: UserEvent, user_id: int, conversation_id: int) -> None:
        self.door.on_user_event(what, user_id, conversation_id)

    def _on_presence_hint(self, conversation_id: int, user_id: int) -> None:
        self.door.presence_hinted(conversation_id, user_id)

    def _describe(self) -> dict[str, Any]:
        return {"connections": len(self.door.connections)}

    def _pass_on(self, events: list[tuple[int, bytes]]) -> None:
        for conversation, event in events:
            self.fanout.pass_on(conversation, event)

    async def _flush_passing(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            self.passing.flush()

    async def _all_gone(self) -> None:
        while self.door.let_in:  # noqa: ASYNC110 - for two seconds in a node's life
            await asyncio.sleep(0.02)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))


def _settle_memory() -> None:
    """Spare the garbage collector what was loaded at the start: its rounds stopped a busy node for 0.1-0.3 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def _new_store(redis_url: str | None) -> Callable[[], Store]:
    if redis_url is None:
        return MemoryStore
    return partial(RedisStore, redis_url, prefix=settings.REDIS_PREFIX, keys=settings.CHANNEL_SECRET)


async def _within(seconds: float, *work: Coroutine[Any, Any, Any]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*work, return_exceptions=True)
    except TimeoutError:
        logger.warning("a drain went on without waiting longer than %s s", seconds)


_running: asyncio.Task[Node] | None = None


def start_node() -> None:
    """Start this process's node; call it on the running loop, once."""
    global _running  # noqa: PLW0603 - a process is one node
    _running = asyncio.ensure_future(_start(settings.NODE_NAME))


async def running_node() -> Node:
    """The node of this process, once it has started."""
    if _running is None:
        raise RuntimeError("No node was started: serve distchat with `daphne distchat_site.asgi:application`.")
    return await asyncio.shield(_running)


def node_if_running() -> Node | None:
    """The node of this process, or None while there is none."""
    return _running.result() if _running is not None and _running.done() and not _running.cancelled() else None


async def _start(name: str) -> Node:
    node = Node(name, runs_assistant=settings.ASSISTANT_RUNS == "nodes")
    await node.start()
    return node
