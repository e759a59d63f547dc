"""What stands between a node and Redis in these tests: a network that can be delayed and cut, and quick timing."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from chat.fanout.timing import Timing

QUICK = Timing(
    beat_seconds=0.2,
    connect_seconds=0.5,
    subscribe_seconds=1.0,
    publish_seconds=0.5,
    backoff_first=0.02,
    backoff_most=0.2,
)
"""As in production, some times faster."""

PATIENT = Timing(beat_seconds=20, connect_seconds=30, subscribe_seconds=60, publish_seconds=30)
"""For what has to succeed, however busy the machine is."""

Condition = Callable[[], object]


async def eventually(condition: Condition, within_seconds: float = 15.0) -> None:
    """Wait until it holds; the time only bounds a failing test."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        await asyncio.sleep(0.005)


class Network:
    """A TCP proxy before Redis: passes, delays what goes to Redis, or swallows everything on the links that exist."""

    def __init__(self, port: int) -> None:
        self._redis_port = port
        self._links: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._swallowing: set[int] = set()
        self._server: asyncio.Server | None = None
        self.delay_seconds = 0.0
        self.takes_links = True
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def links(self) -> int:
        return len(self._links)

    def swallow(self) -> None:
        """From now on nothing passes on the links of this moment, in either direction, and nobody is told."""
        self._swallowing |= set(range(len(self._links)))

    def stop_links(self) -> None:
        """Reset every link of this moment."""
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.stop_links()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self._links)
        task = asyncio.current_task()
        assert task is not None
        self._links.append(task)
        if not self.takes_links:
            self._swallowing.add(number)
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._redis_port)
        self._writers += [writer, upstream_writer]
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(number, reader, upstream_writer, is_upwards=True))
                pumps.create_task(self._pump(number, upstream_reader, writer, is_upwards=False))
        except* (OSError, EOFError):
            pass
        finally:
            for each in (writer, upstream_writer):
                each.transport.abort()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _pump(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_upwards: bool
    ) -> None:
        while chunk := await reader.read(65536):
            if is_upwards and self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            if number not in self._swallowing:
                writer.write(chunk)
                await writer.drain()
        raise EOFError
