"""Keeps one Redis of the channel layer subscribed to what is wanted, through every failure of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from redis.asyncio.connection import ConnectionPool

from chat.ending import end_tasks
from chat.fanout.link import Command, Link
from chat.fanout.sender import Sender
from chat.fanout.subscriptions import Subscriptions
from chat.fanout.timing import Pauses, Timing

logger = logging.getLogger(__name__)

NAMES_PER_COMMAND = 1000


class Shard:
    """One Redis: a link that is subscribed, a sender beside it, and a heartbeat from the one to the other.

    `on_message(name, payload)` gets what is published; `on_resync()` is called when subscriptions are back that may
    have missed something. Nothing here holds a lock over a round trip.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        heartbeat: str,
        timing: Timing,
        *,
        on_message: Callable[[str, bytes], None],
        on_resync: Callable[[], None],
    ) -> None:
        self.sender = Sender(pool, _place(pool), timing)
        self.links_opened = 0
        self.last_error: str | None = None
        self.unhealthy_since: float | None = time.monotonic()
        self._pool = pool
        self._name = _place(pool)
        self._timing = timing
        self._heartbeat = heartbeat
        self._on_message = on_message
        self._on_resync = on_resync
        self._subscriptions = Subscriptions()
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._changed = asyncio.Event()
        self._may_beat = asyncio.Event()
        self._last_echo = 0.0
        self._is_late = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether a heartbeat has come back lately."""
        return self.unhealthy_since is None

    @property
    def subscribed(self) -> int:
        """How many names Redis has confirmed, without the heartbeat."""
        return len(self._subscriptions.confirmed - {self._heartbeat})

    def start(self) -> None:
        """Begin to connect; does nothing when it has begun."""
        if self._task is None:
            self._subscriptions.want(self._heartbeat)
            self._task = asyncio.create_task(self._run(), name=f"pub/sub of {self._name}")

    async def subscribe(self, name: str) -> bool:
        """Want `name`. True: Redis has confirmed it. False: not in time; it comes later, with a resync.

        While Redis is known to answer late, nobody waits again.
        """
        self.start()
        self._subscriptions.want(name)
        if name in self._subscriptions.confirmed:
            return True
        self._changed.set()
        confirmed = self._waiting.setdefault(name, asyncio.get_running_loop().create_future())
        if not self._is_late:
            await asyncio.wait({confirmed}, timeout=self._timing.subscribe_seconds)
        if confirmed.done():
            return confirmed.result()
        self._is_late = True
        self._subscriptions.miss(name)
        return False

    def unsubscribe(self, name: str) -> None:
        """Want `name` no more; Redis is told soon."""
        self._subscriptions.unwant(name)
        self._answer_waiting(name, confirmed=False)
        self._changed.set()
        self._resync_if_complete()

    async def confirm_heartbeat(self) -> bool:
        """True as soon as this Redis has confirmed the first subscription."""
        return await self.subscribe(self._heartbeat)

    async def close(self) -> None:
        """Drop every link and forget every name; it can be used again."""
        await end_tasks(self._task)
        self._task = None
        await self.sender.close()
        for name in list(self._waiting):
            self._answer_waiting(name, confirmed=False)
        self._subscriptions = Subscriptions()

    async def _run(self) -> None:
        pauses = Pauses(self._timing)
        while True:
            began = time.monotonic()
            try:
                await self._live()
            except Exception as error:  # noqa: BLE001  whatever broke the link, the answer is a new link
                self._tell(_reason(error))
            self._lose()
            await asyncio.sleep(pauses.after(time.monotonic() - began))

    async def _live(self) -> None:
        link = await Link.open(self._pool, self._timing.connect_seconds)
        self.links_opened += 1
        self._last_echo = time.monotonic()
        self._changed.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._ask(link))
                tasks.create_task(self._read(link))
                tasks.create_task(self._beat())
                tasks.create_task(self._watch())
        finally:
            await link.close()

    def _tell(self, trouble: str) -> None:
        # an outage is told once, not at every attempt to end it
        level = logging.WARNING if trouble != self.last_error else logging.DEBUG
        logger.log(level, "pub/sub of %s is down: %s", self._name, trouble)
        self.last_error = trouble

    def _lose(self) -> None:
        self._may_beat.clear()
        self._subscriptions.lose_all()
        if self.unhealthy_since is None:
            self.unhealthy_since = time.monotonic()

    async def _ask(self, link: Link) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            subscribe, unsubscribe = self._subscriptions.take_requests()
            commands = [*_in_chunks("SUBSCRIBE", subscribe), *_in_chunks("UNSUBSCRIBE", unsubscribe)]
            if commands:
                await link.send(commands)

    async def _read(self, link: Link) -> None:
        while True:
            for reply in await link.replies():
                self._take(reply)

    def _take(self, reply: object) -> None:
        self._is_late = False
        if isinstance(reply, Exception):
            raise reply
        if not isinstance(reply, list) or len(reply) != 3:
            return
        kind, name, payload = reply[0], reply[1].decode(), reply[2]
        if kind != b"message":
            self._take_answer(name)
        elif name == self._heartbeat:
            self._echo()
        else:
            self._on_message(name, payload)

    def _echo(self) -> None:
        self._last_echo = time.monotonic()
        self.unhealthy_since = None
        if self.last_error is not None:
            logger.warning("pub/sub of %s works again", self._name)
            self.last_error = None

    def _take_answer(self, name: str) -> None:
        if not self._subscriptions.answer(name):
            return
        if name == self._heartbeat:
            self._may_beat.set()
        self._answer_waiting(name, confirmed=True)
        self._resync_if_complete()

    def _answer_waiting(self, name: str, *, confirmed: bool) -> None:
        waiting = self._waiting.pop(name, None)
        if waiting is not None:
            waiting.set_result(confirmed)

    def _resync_if_complete(self) -> None:
        if self._subscriptions.take_resync():
            self._on_resync()

    async def _beat(self) -> None:
        await self._may_beat.wait()
        while True:
            await self.sender.publish([(self._heartbeat, b"")])
            await asyncio.sleep(self._timing.beat_seconds)

    async def _watch(self) -> None:
        silence = self._timing.silence_seconds
        while True:
            overdue = time.monotonic() - self._last_echo - silence
            if overdue > self._timing.beat_seconds:
                # this node itself stood still: the link gets its time again
                self._last_echo = time.monotonic()
            elif overdue >= 0:
                raise TimeoutError(f"no heartbeat for {silence} s")
            else:
                await asyncio.sleep(-overdue)


def _in_chunks(command: str, names: list[str]) -> Iterable[Command]:
    for start in range(0, len(names), NAMES_PER_COMMAND):
        yield (command, *names[start : start + NAMES_PER_COMMAND])


def _place(pool: ConnectionPool) -> str:
    known = pool.connection_kwargs
    return str(known.get("path") or f"{known.get('host', 'localhost')}:{known.get('port', 6379)}")


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__} {error}".strip()
