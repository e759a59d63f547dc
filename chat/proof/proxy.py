"""A bad network in one process: a TCP proxy that delays, freezes, cuts or swallows what passes through it."""

import asyncio
import random
import socket
import struct
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK_BYTES = 64 * 1024
WAITING_CHUNKS = 64
"""In flight per direction: at most 4 MiB, then the sender feels it."""

CONNECT_SECONDS = 5.0


class Mode(StrEnum):
    """What happens to the bytes of one direction."""

    PASS = "pass"  # noqa: S105 - not a secret
    FREEZE = "freeze"
    SWALLOW = "swallow"


class Direction(StrEnum):
    """`up` runs from the client to the target."""

    UP = "up"
    DOWN = "down"


@dataclass(eq=False)
class _Link:
    """One connection through the proxy: its two sockets; `has_holes` once bytes of it were swallowed."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    has_holes: bool = False

    def reset(self) -> None:
        for writer in self.writers:
            _reset(writer)


class Proxy:
    """Stands before `target_host:target_port` on a free port of the loopback; starts by passing everything.

    `async with Proxy(host, port) as proxy:` then `proxy.port`. `sent` and `swallowed` count bytes.
    """

    def __init__(self, target_host: str, target_port: int, *, seed: int = 0) -> None:
        self.target = (target_host, target_port)
        self.host = "127.0.0.1"
        self.port = 0
        self.delay_seconds = 0.0
        self.jitter_seconds = 0.0
        self.is_refusing = False
        self.sent = 0
        self.swallowed = 0
        self._chance = random.Random(seed)
        self._modes = {Direction.UP: Mode.PASS, Direction.DOWN: Mode.PASS}
        self._changed = asyncio.Event()
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        """How many connections it holds now."""
        return len(self._links)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, self.host, 0, limit=CHUNK_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Reset everything and listen no more."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> "Proxy":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # The weather

    def delay(self, seconds: float, *, jitter: float = 0.0) -> None:
        """Let each piece take `seconds` ± `jitter`, in order."""
        self.delay_seconds, self.jitter_seconds = seconds, jitter

    def freeze(self) -> None:
        """Keep the sockets, move nothing; `heal` moves what waited."""
        self._set(Mode.FREEZE, *Direction)

    def swallow(self, *directions: Direction) -> None:
        """Read and drop, silently, in these directions (none given: both); new connections are accepted and silent."""
        self._set(Mode.SWALLOW, *(directions or Direction))

    def cut(self) -> None:
        """Reset every connection now; new ones are welcome."""
        for link in list(self._links):
            link.reset()

    def refuse(self) -> None:
        """Reset every connection now and each new one at once, until `heal`."""
        self.is_refusing = True
        self.cut()

    def heal(self) -> None:
        """Pass everything again, without delay. Connections that lost bytes are reset: they can't be whole again."""
        self.delay(0)
        self.is_refusing = False
        for link in list(self._links):
            if link.has_holes:
                link.reset()
        self._set(Mode.PASS, *Direction)

    def _set(self, mode: Mode, *directions: Direction) -> None:
        self._modes.update(dict.fromkeys(directions, mode))
        self._changed.set()
        self._changed = asyncio.Event()

    async def _thawed(self, direction: Direction) -> None:
        while self._modes[direction] is Mode.FREEZE:
            await self._changed.wait()

    # The pipes

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link([writer])
        self._links.add(link)
        try:
            await self._join(link, reader, writer)
        except (OSError, TimeoutError):
            link.reset()
        finally:
            self._links.discard(link)
            for open_writer in link.writers:
                open_writer.close()

    async def _join(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_refusing:
            link.reset()
            return
        await self._thawed(Direction.UP)
        if self._modes[Direction.UP] is Mode.SWALLOW:
            await self._drain_silently(link, reader)
            return
        async with asyncio.timeout(CONNECT_SECONDS):
            far_reader, far_writer = await asyncio.open_connection(*self.target, limit=CHUNK_BYTES)
        link.writers.append(far_writer)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(link, Direction.UP, reader, far_writer))
            group.create_task(self._pump(link, Direction.DOWN, far_reader, writer))

    async def _drain_silently(self, link: _Link, reader: asyncio.StreamReader) -> None:
        link.has_holes = True
        while chunk := await reader.read(CHUNK_BYTES):
            self.swallowed += len(chunk)

    async def _pump(
        self, link: _Link, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING_CHUNKS)
        sender = asyncio.create_task(self._send(link, direction, waiting, writer))
        try:
            await self._receive(reader, waiting)
            await sender
        except (OSError, TimeoutError):
            link.reset()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader, waiting: "asyncio.Queue[tuple[float, bytes]]") -> None:
        clock = asyncio.get_running_loop().time
        while True:
            chunk = await reader.read(CHUNK_BYTES)
            await waiting.put((clock() + self._lag(), chunk))
            if not chunk:
                return

    async def _send(
        self,
        link: _Link,
        direction: Direction,
        waiting: "asyncio.Queue[tuple[float, bytes]]",
        writer: asyncio.StreamWriter,
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, chunk = await waiting.get()
            await asyncio.sleep(max(0.0, due - clock()))
            await self._thawed(direction)
            if self._modes[direction] is Mode.SWALLOW:
                link.has_holes = True
                self.swallowed += len(chunk)
            elif chunk:
                self.sent += len(chunk)
                writer.write(chunk)
                await writer.drain()
            elif writer.can_write_eof():
                writer.write_eof()
            if not chunk:
                return

    def _lag(self) -> float:
        if not self.delay_seconds and not self.jitter_seconds:
            return 0.0
        return max(0.0, self.delay_seconds + self._chance.uniform(-self.jitter_seconds, self.jitter_seconds))


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN: linger 0 (POSIX, SO_LINGER)."""
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
