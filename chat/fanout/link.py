"""One connection to one Redis: redis-py opens and authenticates it, we read whole chunks of replies from it.

redis-py's own readers are not used: they answer "no message" for ETIMEDOUT (`redis/asyncio/connection.py`,
`read_response`: `asyncio.TimeoutError` is also the class of that OSError), which makes a receive loop spin.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Mapping
from typing import Any

import hiredis
from channels_redis.utils import create_pool
from redis.asyncio.connection import Connection, ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError

CHUNK_BYTES = 65536
TCP_USER_TIMEOUT_MS = 8000
NO_REPLY_YET = object()
HOST_DEFAULTS: dict[str, Any] = {
    "protocol": 2,
    "driver_info": None,
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
}
TCP_DEFAULTS: dict[str, Any] = {
    "socket_keepalive": True,
    "socket_keepalive_options": {
        getattr(socket, name): value
        for name, value in {
            "TCP_KEEPIDLE": 5,
            "TCP_KEEPINTVL": 2,
            "TCP_KEEPCNT": 3,
            "TCP_USER_TIMEOUT": TCP_USER_TIMEOUT_MS,
        }.items()
        if hasattr(socket, name)
    },
}

Command = tuple[str | int | float | bytes | memoryview, ...]


def link_pool(host: Mapping[str, Any]) -> ConnectionPool:
    """What knows how to connect to `host`, one decoded entry of the layer's `hosts`; what it names itself wins."""
    is_unix = str(host.get("address", "")).startswith("unix:")
    pool: ConnectionPool = create_pool({**HOST_DEFAULTS, **({} if is_unix else TCP_DEFAULTS), **host})
    return pool


class Link:
    """An open connection. Whatever raises on it, it is to be closed and replaced."""

    def __init__(self, connection: Connection) -> None:
        reader, writer = connection._reader, connection._writer
        if reader is None or writer is None:
            raise RedisConnectionError("not connected")
        self._connection = connection
        self._reader: asyncio.StreamReader = reader
        self._writer: asyncio.StreamWriter = writer
        self._parser = hiredis.Reader(notEnoughData=NO_REPLY_YET)

    @classmethod
    async def open(cls, pool: ConnectionPool, within_seconds: float) -> "Link":
        """Connect and authenticate. Raises `RedisError`, `OSError` or `TimeoutError`."""
        connection: Connection = pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py
        try:
            async with asyncio.timeout(within_seconds):
                await connection.connect()  # type: ignore[no-untyped-call]  # redis-py
            return cls(connection)
        except BaseException:
            _abort(connection)
            raise

    @property
    def is_closed(self) -> bool:
        return self._reader.at_eof() or self._reader.exception() is not None or self._writer.is_closing()

    async def send(self, commands: Iterable[Command]) -> None:
        """Write the commands at once; waits while the transport's buffer is full."""
        self._writer.write(b"".join(map(_packed, commands)))
        await self._writer.drain()

    async def replies(self) -> list[Any]:
        """The replies of the next chunk, perhaps none; error replies are `hiredis.ReplyError` objects in the list.

        Blocks until something comes. Raises `OSError` or `RedisError` when nothing will.
        """
        chunk = await self._reader.read(CHUNK_BYTES)
        if not chunk:
            raise RedisConnectionError("closed by Redis")
        self._parser.feed(chunk)
        found = []
        while (reply := self._parser.gets()) is not NO_REPLY_YET:
            found.append(reply)
        return found

    async def close(self) -> None:
        """Drop the connection and let its socket go."""
        _abort(self._connection)
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _packed(command: Command) -> bytes:
    packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub says a tuple of one
    return packed


def _abort(connection: Connection) -> None:
    writer = connection._writer
    # a plain close would wait until a dead peer has taken everything that was written
    if writer is not None:
        writer.transport.abort()
    connection._close()  # type: ignore[no-untyped-call]  # redis-py
    connection._parser.on_disconnect()  # type: ignore[no-untyped-call]  # redis-py
