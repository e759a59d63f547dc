"""Looks at the board while somebody looks at the page: once a second for all of them together."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import orjson

from accounts.access import Access
from chat.database import Database
from chat.ending import end_tasks
from chat.ops.cluster.board import BoardAway, ClusterBoard, Pinned
from chat.ops.cluster.picture import Picture
from chat.ops.cluster.staff import allowed
from chat.ops.cluster.stores import Stores
from chat.wire.errors import ChatError
from chat.wire.limits import CLOSE_RESTART, CLOSE_REVOKED

LOOK_SECONDS = 1.0
STORES_SECONDS = 3.0
RECHECK_SECONDS = 3.0
"""Who is no longer of the staff sees no more than this much."""
BLIND_SECONDS = 30.0
"""While the database does not say who may look, those who were let in may for so long."""
MOST_WINDOWS = 50

logger = logging.getLogger(__name__)


class Window(Protocol):
    """An open page: shows one JSON text after the other, and can be closed."""

    access: Access

    def show(self, text: bytes) -> None: ...
    def close(self, code: int) -> None: ...


class Lookout:
    """Owns the tasks that look while there is a window, and every window that it was given."""

    def __init__(
        self,
        board: ClusterBoard,
        stores: Stores,
        database: Database,
        *,
        node_name: str,
        own: Callable[[], list[Pinned]] = list,
        announcement: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> None:
        self._board = board
        self._stores = stores
        self._database = database
        self._node_name = node_name
        self._own = own
        self._announcement = announcement
        self._windows: set[Window] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stores_state: dict[str, Any] = {}
        self._picture = Picture()
        self._known_at = 0.0

    @property
    def is_full(self) -> bool:
        return len(self._windows) >= MOST_WINDOWS

    @asynccontextmanager
    async def showing(self, window: Window) -> AsyncIterator[None]:
        """Show the cluster in this window, from at once and every second."""
        self._windows.add(window)
        if not self._tasks:
            self._begin()
        try:
            yield
        finally:
            self._windows.discard(window)
            if not self._windows:
                await self._end()

    async def stop(self) -> None:
        """Send everybody to another node."""
        for window in list(self._windows):
            window.close(CLOSE_RESTART)
        await self._end()

    def _begin(self) -> None:
        self._picture, self._stores_state, self._known_at = Picture(), {}, time.monotonic()
        steps = ((self._show, LOOK_SECONDS), (self._ask_stores, STORES_SECONDS), (self._recheck, RECHECK_SECONDS))
        self._tasks = [
            asyncio.create_task(_again_and_again(step, seconds), name=f"cluster {step.__name__.strip('_')}")
            for step, seconds in steps
        ]

    async def _end(self) -> None:
        tasks, self._tasks = self._tasks, []
        await end_tasks(*tasks)
        if not self._windows:
            await self._stores.close()

    async def _ask_stores(self) -> None:
        self._stores_state = await self._stores.state()

    async def _recheck(self) -> None:
        windows = list(self._windows)
        try:
            may_look = await self._database.read(allowed, [each.access for each in windows])
        except ChatError:
            if time.monotonic() - self._known_at < BLIND_SECONDS:
                return
            may_look = set()
        else:
            self._known_at = time.monotonic()
        for window in windows:
            if window.access not in may_look:
                window.close(CLOSE_REVOKED)

    async def _show(self) -> None:
        pinned, is_board_away = await self._look()
        shown = {
            "type": "picture",
            "node": self._node_name,
            "board": "away" if is_board_away else "up",
            "announcement": self._announcement(),
            **self._picture.take(pinned),
            **self._stores_state,
        }
        text = orjson.dumps(shown)
        for window in list(self._windows):
            window.show(text)

    async def _look(self) -> tuple[list[Pinned], bool]:
        try:
            return await self._board.look(), False
        except BoardAway:
            return self._own(), True


async def _again_and_again(step: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        try:
            await step()
        except Exception:
            logger.exception("a step of the cluster page failed; it goes on")
        await asyncio.sleep(seconds)
