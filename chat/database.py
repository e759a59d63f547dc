"""Database work in threads that own their connections, so that one slow query never stops a node."""

import asyncio
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

from chat.batching import Batcher
from chat.wire.errors import ChatError, ErrorCode

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

READER_THREADS = 3
READ_DEADLINE_SECONDS = 5.0
WRITE_DEADLINE_SECONDS = 10.0
WAITING_CALLS = 2000
"""More calls than this waiting for a thread mean that the database has stopped answering."""
ATTEMPTS = 3
CROWD_SECONDS = 0.1
CROWD_KEYS = 50
"""Of a crowd so many are answered by one read."""


class Database:
    """One writer thread, one for what may wait, and some readers; each function given to it is a whole unit of work.

    A function may be run again after a failure of the connection, so it must be a single transaction that can be
    repeated. Raises `ChatError(UNAVAILABLE)` when the database cannot be reached, is locked, or misses the deadline.
    """

    def __init__(self, readers: int = READER_THREADS) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="database-behind")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="database-reader")
        self._reader_count = readers
        self._waiting = 0
        self._is_closed = False
        self._crowds: dict[Callable[..., Any], Batcher[Any, Any]] = {}

    @property
    def waiting(self) -> int:
        """Calls that are not done yet."""
        return self._waiting

    async def read(self, function: Callable[..., V], *args: object) -> V:
        return await self._run(self._readers, READ_DEADLINE_SECONDS, function, args)

    async def read_each(self, function: Callable[[list[K]], Mapping[K, V]], key: K) -> V | None:
        """What `function` finds for `key`, None for nothing.

        Whoever asks alone waits for nobody; a crowd that asks the same at the same time is answered by one read every
        0.1 s. No answer is older than its question.
        """
        crowd = self._crowds.get(function)
        if crowd is None:
            answers = partial(self._read_all, function)
            crowd = self._crowds[function] = Batcher(answers, max_items=CROWD_KEYS, every_seconds=CROWD_SECONDS)
        found: V | None = await crowd.submit(key)
        return found

    async def write(self, function: Callable[..., V], *args: object) -> V:
        return await self._run(self._writer, WRITE_DEADLINE_SECONDS, function, args)

    async def write_behind(self, function: Callable[..., V], *args: object) -> V:
        """A write in which no message waits, and which must not make one wait."""
        return await self._run(self._behind, WRITE_DEADLINE_SECONDS, function, args)

    async def close(self) -> None:
        """Close every thread's connection and end the threads."""
        self._is_closed = True
        for crowd in self._crowds.values():
            await crowd.close()
        await asyncio.to_thread(self._close)

    async def _read_all(self, function: Callable[[list[K]], Mapping[K, V]], keys: list[K]) -> list[V | None]:
        found = await self.read(function, list(dict.fromkeys(keys)))
        return [found.get(key) for key in keys]

    async def _run(
        self, threads: ThreadPoolExecutor, deadline_seconds: float, function: Callable[..., V], args: tuple[object, ...]
    ) -> V:
        if self._is_closed:
            raise ChatError(ErrorCode.UNAVAILABLE, "This node has ended.")
        if self._waiting >= WAITING_CALLS:
            raise ChatError(ErrorCode.UNAVAILABLE, "The database is not keeping up.")
        self._waiting += 1
        job = asyncio.get_running_loop().run_in_executor(threads, _attempt, function, args)
        job.add_done_callback(self._finished)
        try:
            async with asyncio.timeout(deadline_seconds):
                return await asyncio.shield(job)
        except TimeoutError:
            raise ChatError(ErrorCode.UNAVAILABLE, "The database did not answer in time.") from None

    def _finished(self, job: "asyncio.Future[V]") -> None:
        self._waiting -= 1
        if not job.cancelled():
            job.exception()  # a caller that timed out no longer asks, and the loop must not complain

    def _close(self) -> None:
        together = threading.Barrier(self._reader_count)
        jobs = [self._readers.submit(_close_connection, together) for _ in range(self._reader_count)]
        jobs += [threads.submit(_close_connection) for threads in (self._writer, self._behind)]
        for job in jobs:
            job.result()
        self._readers.shutdown()
        self._writer.shutdown()
        self._behind.shutdown()


def _attempt(function: Callable[..., V], args: tuple[object, ...]) -> V:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return function(*args)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if attempt == ATTEMPTS:
                raise ChatError(ErrorCode.UNAVAILABLE, "The database cannot be reached.") from error
    raise AssertionError("unreachable")


def _close_connection(together: threading.Barrier | None = None) -> None:
    if together is not None:
        together.wait(timeout=READ_DEADLINE_SECONDS)
    connection.close()
