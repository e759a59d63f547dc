"""The store of checkpoints behind a breaker: while it is away everything is answered without it, at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from redis.exceptions import RedisError, ResponseError
from redisvl.exceptions import RedisVLError

from chat.ending import end_tasks
from chat.session.acts import Act
from chat.session.graph import SessionGraph, belongs_to, build_graph, folding_input, thread_of
from chat.session.state import SessionState, checked

CALL_SECONDS = 1.0
"""The longest that a restore or a step may wait for the store."""
CLOSE_SECONDS = 1.0
OPEN_SECONDS = 3.0
RETRY_SECONDS = 3.0
LOADS_TOGETHER = 8
"""A storm of restores waits in line here, where waiting is not taken for a store that is away."""

logger = logging.getLogger(__name__)


class Store(Protocol):
    """Where checkpoints are; `RedisStore` and `MemoryStore`."""

    kind: str

    @property
    def saver(self) -> BaseCheckpointSaver[Any]: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def claim(self, user_id: int) -> bool: ...
    async def release(self, user_id: int) -> None: ...
    async def delete(self, user_id: int) -> None: ...
    async def sizes(self) -> tuple[int, int]: ...


class StoreAway(Exception):
    """There is no store now; SQL answers."""


class Unreadable(Exception):
    """The store answers, but what it keeps for this user is damaged."""


class Claimed(Exception):
    """Another node is folding this user's session."""


class _Opened:
    """A store and the calls that use it. Closed under a call, redis-py would connect again, and nobody close that."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.graph = build_graph(store.saver)
        self._calls = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        self._calls += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self._is_idle.set()

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await self._is_idle.wait()
        await _close_quietly(self.store)


class Checkpoints:
    """Loads and folds checkpoints; after a failure away for some seconds, and back by itself."""

    def __init__(self, new_store: Callable[[], Store] | None, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._new_store = new_store
        self._retry_seconds = retry_seconds
        self._opened: _Opened | None = None
        self._reason = "not started" if new_store else "no Redis is configured"
        self._loads = asyncio.Semaphore(LOADS_TOGETHER)
        self._lost = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self._supervisor: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Try once, at most OPEN_SECONDS, then keep trying behind."""
        if self._new_store is None:
            return
        await self._open()
        self._supervisor = asyncio.create_task(self._keep_open(), name="session-checkpoints")

    async def stop(self) -> None:
        await end_tasks(self._supervisor)
        await self._close()
        await asyncio.gather(*self._closing)
        self._reason = "stopped"

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    def health(self) -> dict[str, str]:
        """{"checkpointer": "redis" | "memory" | "none", "reason": "" or why there is none}."""
        return {"checkpointer": self._opened.store.kind if self._opened else "none", "reason": self._reason}

    async def load(self, user_id: int) -> SessionState | None:
        """The stored state, None when there is none; raises StoreAway, Unreadable."""
        async with self._loads, self._calling() as (_, graph):
            values = (await graph.aget_state(thread_of(user_id))).values
            if not values.get("session_id"):
                return None
            return checked(values)

    async def fold(self, user_id: int, acts: list[Act], *, session_id: str, seed: SessionState | None = None) -> bool:
        """One step of the graph; False when the store holds no such session, and so nothing was folded.

        Raises StoreAway, Unreadable, and Claimed while another node folds this user.
        """
        async with self._calling() as (store, _):
            if not await store.claim(user_id):
                raise Claimed
        try:
            async with self._calling() as (_, graph):
                values = await graph.ainvoke(
                    folding_input(acts, session_id=session_id, seed=seed), thread_of(user_id), durability="exit"
                )
                return belongs_to(values, session_id)
        finally:
            with suppress(StoreAway, Unreadable):
                async with self._calling() as (store, _):
                    await store.release(user_id)

    async def forget(self, user_id: int) -> None:
        async with self._calling() as (store, _):
            await store.delete(user_id)

    async def sizes(self) -> tuple[int, int]:
        """(sessions, bytes); raises StoreAway."""
        async with self._calling() as (store, _):
            return await store.sizes()

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[tuple[Store, SessionGraph]]:
        opened = self._opened
        if opened is None:
            raise StoreAway(self._reason)
        try:
            with opened.in_use():
                async with asyncio.timeout(CALL_SECONDS):
                    yield opened.store, opened.graph
        except (Claimed, StoreAway):
            raise
        except Exception as error:
            if not _means_away(error):
                raise Unreadable(_sentence(error)) from error
            self._lose(opened, error)
            raise StoreAway(self._reason) from error

    def _lose(self, opened: _Opened, error: Exception) -> None:
        if self._opened is opened:
            logger.warning("The store of checkpoints is away; sessions come from SQL: %s", _sentence(error))
            self._reason = _sentence(error)
            self._opened = None
            self._lost.set()
            closing = asyncio.create_task(opened.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _keep_open(self) -> None:
        while True:
            await self._lost.wait()
            await asyncio.sleep(self._retry_seconds)
            await self._open()

    async def _open(self) -> None:
        assert self._new_store is not None
        store = None
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                store = self._new_store()
                await store.open()
        except asyncio.CancelledError:
            await _close_quietly(store)  # or its connections stay open until somebody collects the garbage
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, a node works without, and `health` says why
            if self._reason != _sentence(error):
                logger.warning("No checkpoints for now; sessions come from SQL: %s", _sentence(error))
            self._reason = _sentence(error)
            self._lost.set()
            await _close_quietly(store)
            return
        self._opened, self._reason = _Opened(store), ""
        self._lost.clear()

    async def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


def _means_away(error: Exception) -> bool:
    """Whether the store itself has failed, not what it keeps for one user."""
    if isinstance(error, ResponseError) and "wrong" in str(error).lower() and "type" in str(error).lower():
        return False  # WRONGTYPE, and RedisJSON's "Existing key has wrong Redis type"
    return isinstance(error, RedisError | RedisVLError | OSError | TimeoutError)


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


async def _close_quietly(store: Store | None) -> None:
    if store is None:
        return
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await store.close()
