"""Publishes to one Redis on connections of its own; fails fast while that Redis is away."""

import asyncio
import logging
from collections.abc import Sequence

from hiredis import HiredisError
from redis.asyncio.connection import ConnectionPool
from redis.exceptions import RedisError

from chat.ending import end_tasks
from chat.fanout.link import Command, Link
from chat.fanout.timing import Timing

logger = logging.getLogger(__name__)

MAX_LINKS = 4
LINK_ERRORS = (OSError, RedisError, HiredisError)  # OSError covers every time-out
PING: Command = ("PING",)


class Sender:
    """A few links, lent to one call each. After a failure all calls fail at once until a probe has come through."""

    def __init__(self, pool: ConnectionPool, name: str, timing: Timing) -> None:
        self._pool = pool
        self._name = name
        self._timing = timing
        self._idle: list[Link] = []
        self._permits = asyncio.Semaphore(MAX_LINKS)
        self._mending: asyncio.Task[None] | None = None
        self.last_error: str | None = None

    @property
    def is_broken(self) -> bool:
        return self._mending is not None and not self._mending.done()

    async def publish(self, items: Sequence[tuple[str, bytes]]) -> int:
        """Publish (name, payload) pairs in order in one round trip; how many failed. Raises nothing."""
        replies = await self.call([("PUBLISH", name, payload) for name, payload in items])
        return sum(isinstance(reply, Exception) for reply in replies)

    async def call(self, commands: Sequence[Command]) -> list[object]:
        """One reply for each command: what Redis said, or the exception that kept it from saying it."""
        try:
            async with asyncio.timeout(self._timing.publish_seconds):
                await self._permits.acquire()
        except TimeoutError as error:  # too many at once, which says nothing about Redis
            return [error] * len(commands)
        try:
            return await self._call(commands)
        finally:
            self._permits.release()

    async def close(self) -> None:
        """Stop mending and close every link; it can be used again."""
        await end_tasks(self._mending)
        self._mending = None
        self._idle, idle = [], self._idle
        for link in idle:
            await link.close()

    async def _call(self, commands: Sequence[Command]) -> list[object]:
        if self.is_broken:
            return [ConnectionError(f"{self._name}: {self.last_error}")] * len(commands)
        home = self._idle
        try:
            return await self._converse(commands)
        except LINK_ERRORS as error:
            if home is self._idle:  # else closed meanwhile
                self._break(error)
            return [error] * len(commands)

    async def _converse(self, commands: Sequence[Command]) -> list[object]:
        home = self._idle
        async with asyncio.timeout(self._timing.publish_seconds):
            link = await self._borrow()
            try:
                await link.send(commands)
                replies: list[object] = []
                while len(replies) < len(commands):
                    replies += await link.replies()
            except BaseException:
                await link.close()
                raise
        if home is not self._idle:  # closed meanwhile
            await link.close()
        else:
            home.append(link)
        return replies

    async def _borrow(self) -> Link:
        while self._idle:
            link = self._idle.pop()
            if not link.is_closed:
                return link
            await link.close()
        return await Link.open(self._pool, self._timing.connect_seconds)

    def _break(self, error: Exception) -> None:
        self.last_error = f"{type(error).__name__} {error}".strip()
        if not self.is_broken:
            logger.warning("publishing to %s fails: %s", self._name, self.last_error)
            self._mending = asyncio.create_task(self._mend(), name=f"mend publishing to {self._name}")

    async def _mend(self) -> None:
        await self._drop_idle()
        for delay in self._timing.delays():
            await asyncio.sleep(delay)
            try:
                await self._converse([PING])
                break
            except LINK_ERRORS as error:
                self.last_error = f"{type(error).__name__} {error}".strip()
        logger.warning("publishing to %s works again", self._name)
        self._mending = None

    async def _drop_idle(self) -> None:
        while self._idle:
            await self._idle.pop().close()
