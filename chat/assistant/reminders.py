"""Says reminders when they are due: once, on whichever node is first, for each is posted under an id of its own."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from chat.actions.messages import post_message
from chat.actions.services import Services
from chat.ending import end_tasks
from chat.models import Reminder
from chat.wire.errors import ChatError

LOOK_SECONDS = 1.0
AT_ONCE = 20
KEPT = timedelta(days=30)

logger = logging.getLogger(__name__)


class Reminders:
    """One for each node that runs the assistant."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name="reminders")

    async def stop(self) -> None:
        await end_tasks(self._task)

    async def _watch(self) -> None:
        while True:
            try:
                for reminder in await self._services.database.read(due):
                    await self._say(reminder)
            except ChatError:
                pass  # the database is away: it is still due in the next round
            except Exception:
                logger.exception("a round of reminders failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def _say(self, reminder: Reminder) -> None:
        text = f"@{reminder.asker.username} ⏰ {reminder.text}"
        try:
            await post_message(
                self._services,
                reminder.program_id,
                conversation=reminder.conversation_id,
                client_id=reminder.pk,
                text=text,
            )
        except ChatError as error:
            if error.retryable:
                raise
        await self._services.database.write_behind(mark_said, reminder.pk)


def due() -> list[Reminder]:
    """What is to be said now, the oldest first."""
    rows = Reminder.objects.filter(said_at=None, due_at__lte=timezone.now()).select_related("asker")
    return list(rows.order_by("due_at")[:AT_ONCE])


def mark_said(pk: UUID) -> None:
    """It was said, or nobody is there to hear it; forget those of long ago."""
    now = timezone.now()
    Reminder.objects.filter(pk=pk).update(said_at=now)
    Reminder.objects.filter(said_at__lt=now - KEPT).delete()
