"""The assistant on one node: its turns, its reminders, and an eye on the turns that other nodes run."""

import asyncio
import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError

from accounts.programs import ensure_assistant
from chat.actions.services import Services
from chat.assistant.counts import TurnCounts
from chat.assistant.reminders import Reminders
from chat.assistant.runner import Runner
from chat.assistant.watch import Watch
from chat.ending import end_tasks
from chat.fanout.hub import Hub
from chat.wire.errors import ChatError

GRACE, NO_GRACE = timedelta(seconds=1), timedelta(0)
"""For the node where somebody asks to begin the turn; workers are asked by nobody."""
ENSURE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Assistant:
    """`owner` names this life of the node; `runs_here` says whether turns and reminders are done by it."""

    def __init__(self, services: Services, hub: Hub, *, owner: str, runs_here: bool) -> None:
        self._database = services.database
        self._hub = hub
        self._runs_here = runs_here
        grace = GRACE if settings.ASSISTANT_RUNS == "nodes" else NO_GRACE
        self._runner = Runner(services, owner=owner, takes_turns=runs_here, grace=grace)
        self._reminders = Reminders(services)
        self._ensuring: asyncio.Task[None] | None = None
        self._watch = Watch(services.database, lambda: hub.conversations, hub.tell_followers)

    async def start(self) -> None:
        if not await self._is_ensured():
            self._ensuring = asyncio.create_task(self._ensure(), name="assistant's user")
        self._watch.start()
        self._runner.start()
        if self._runs_here:
            await self._hub.join_speakers()
            self._reminders.start()

    async def hand_over(self) -> None:
        """Do nothing more; what was begun goes on elsewhere."""
        await asyncio.gather(self._runner.stop(), self._reminders.stop())

    async def stop(self) -> None:
        await end_tasks(self._ensuring)
        await self.hand_over()
        await self._watch.stop()

    @property
    def running(self) -> int:
        """Turns in work on this node."""
        return self._runner.running

    @property
    def counts(self) -> TurnCounts:
        """What became of the turns of this node."""
        return self._runner.counts

    def say_whole(self, conversation: int) -> None:
        """Say again all of the answers that are given there by this node."""
        self._runner.say_whole(conversation)

    def asked(self, conversation: int) -> None:
        """Something has become of a message for the assistant there."""
        self._runner.asked(conversation)

    async def _ensure(self) -> None:
        while not await self._is_ensured():  # noqa: ASYNC110 - what it waits for is in the database
            await asyncio.sleep(ENSURE_SECONDS)

    async def _is_ensured(self) -> bool:
        """Whether there is an assistant; not yet, while the database is away or has not been migrated."""
        try:
            await self._database.write_behind(ensure_assistant)
        except (ChatError, DatabaseError) as error:
            logger.warning("there may be no assistant yet: %s", str(error).partition("\n")[0])
            return False
        return True
