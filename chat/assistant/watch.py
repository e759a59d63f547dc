"""Sees to it that everyone hears the end of a turn, though what was passed on may have been lost."""

import asyncio
import logging
from collections.abc import Callable, Container
from uuid import UUID

from chat.assistant import turns
from chat.assistant.speaking import event_of
from chat.assistant.turns import Standing
from chat.database import Database
from chat.ending import end_tasks
from chat.wire.errors import ChatError

WATCH_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Watch:
    """One for each node: looks at the turns of conversations that are followed here, and tells its own connections."""

    def __init__(
        self, database: Database, followed: Callable[[], Container[int]], tell_here: Callable[[int, bytes], object]
    ) -> None:
        self._database = database
        self._followed = followed
        self._tell_here = tell_here
        self._active: dict[UUID, Standing] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._look(), name="assistant watch")

    async def stop(self) -> None:
        await end_tasks(self._task)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._compare()
            except ChatError:
                continue  # the database is away
            except Exception:
                logger.exception("the assistant's turns could not be looked at")

    async def _compare(self) -> None:
        followed = self._followed()
        now = {each.turn: each for each in await self._database.read(turns.active_everywhere)}
        ended = [turn for turn in self._active if turn not in now]
        if ended:
            for standing in await self._database.read(turns.standing, ended):
                self._tell_here(standing.conversation, event_of(standing))
        self._active = {turn: each for turn, each in now.items() if each.conversation in followed}
