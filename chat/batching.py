"""Items gather while the previous batch is being handled: idle it adds no delay, under load the batches grow."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from chat.ending import end_tasks
from chat.wire.errors import ChatError, ErrorCode

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_WAITING = 10_000


class Gathered(list[Item], Generic[Item, Result]):
    """The items that are handled together, and the futures of their results.

    Whoever handles them may let in others who have come since then, also from another thread.
    """

    def __init__(self, waiting: "deque[tuple[Item, asyncio.Future[Result]]]", max_items: int) -> None:
        super().__init__()
        self._waiting = waiting
        self._max_items = max_items
        self._futures: list[asyncio.Future[Result]] = []
        self._is_settled = False
        self._lock = threading.Lock()
        self.take_latecomers()

    def take_latecomers(self) -> list[Item]:
        """Add those who wait now, as far as there is room, and return them; nobody once there are results."""
        found: list[Item] = []
        with self._lock:
            while not self._is_settled and self._waiting and len(self) < self._max_items:
                item, future = self._waiting.popleft()
                if not future.done():
                    found.append(item)
                    self.append(item)
                    self._futures.append(future)
        return found

    def settle(self) -> "list[asyncio.Future[Result]]":
        """Let nobody in any more; the futures of all, in the order of the items."""
        with self._lock:
            self._is_settled = True
        return self._futures


class Batcher(Generic[Item, Result]):
    """Hands submitted items to `handle` in order, one batch at a time, the first item at once.

    `handle` gets 1 to `max_items` items, or lets in more as long as there is room, and answers one result, or one
    exception, for each, in the same order. What it raises reaches every waiter of that batch and no other. As long as
    more than one come at a time, batches that are not full begin at least `every_seconds` apart.
    """

    def __init__(
        self,
        handle: Callable[[Gathered[Item, Result]], Awaitable[Sequence[Result | Exception]]],
        *,
        max_items: int = 512,
        max_waiting: int = MAX_WAITING,
        every_seconds: float = 0.0,
    ) -> None:
        self._handle = handle
        self._max_items = max_items
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._every_seconds = every_seconds
        self._next_at = 0.0
        self._is_crowded = False
        self._is_urgent = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many items are not yet being handled."""
        return len(self._waiting)

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue one item; the future gets its result. Cancelled before its batch begins, it is not handled.

        Raises `ChatError`: BUSY beyond `max_waiting` waiting items, UNAVAILABLE after `close`.
        """
        if self._closed:
            raise ChatError(ErrorCode.UNAVAILABLE, "closing")
        if len(self._waiting) >= self._max_waiting:
            raise ChatError(ErrorCode.BUSY, "too many are waiting")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._max_items:
            self._is_urgent.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="batcher")
        return future

    async def close(self, within_seconds: float = 10.0) -> None:
        """Take no more items and handle the waiting ones; what is left after `within_seconds` is cancelled."""
        self._closed = True
        self._is_urgent.set()
        if self._task is None or self._task.done():
            return
        await asyncio.wait({self._task}, timeout=within_seconds)
        await end_tasks(self._task)

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._every_seconds:
                    await self._gather()
                if batch := self._next_batch():
                    await self._settle(batch)
        finally:
            while self._waiting:
                self._waiting.popleft()[1].cancel()

    async def _gather(self) -> None:
        if self._is_crowded or len(self._waiting) > 1:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next_at):
                    await self._is_urgent.wait()
        self._is_crowded = len(self._waiting) > 1
        self._next_at = asyncio.get_running_loop().time() + self._every_seconds

    def _next_batch(self) -> Gathered[Item, Result]:
        batch = Gathered(self._waiting, self._max_items)
        if len(self._waiting) < self._max_items and not self._closed:
            self._is_urgent.clear()
        return batch

    async def _settle(self, batch: Gathered[Item, Result]) -> None:
        try:
            results = await self._handle(batch)
            if len(results) != len(batch):
                raise RuntimeError(f"{len(batch)} items handled, {len(results)} results")
        except Exception as error:  # noqa: BLE001  whatever it is, the waiters want to know
            for future in batch.settle():
                _answer(future, error)
        except asyncio.CancelledError:
            for future in batch.settle():
                future.cancel()
            raise
        else:
            for future, result in zip(batch.settle(), results, strict=True):
                _answer(future, result)


def _answer(future: asyncio.Future[Result], result: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
