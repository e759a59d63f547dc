"""The doorkeeper's rounds: readers that stopped, sessions that ended, and memberships that changed unheard."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from chat.edge.connection import Connection
from chat.edge.doorkeeper import Doorkeeper
from chat.ending import end_tasks
from chat.queries import MembershipChange, OwnState, memberships_changed_since, own_states
from chat.wire import codec, events
from chat.wire.errors import ChatError

ROUND_SECONDS = 1.0
STALLED_ROUNDS = 10
"""A connection of which no byte has moved for so many rounds is let go."""
REVALIDATE_SECONDS = 30.0
DEGRADED_REVALIDATE_SECONDS = 5.0
"""While the channel layer is down nobody is told of a revocation, so we look more often."""
CLOCKS_DIFFER = timedelta(seconds=10)

logger = logging.getLogger(__name__)


class Rounds:
    """Owns the task that walks round once a second."""

    def __init__(self, door: Doorkeeper, is_layer_healthy: Callable[[], bool]) -> None:
        self.slow_closes = 0
        self._door = door
        self._is_layer_healthy = is_layer_healthy
        self._stalled: dict[Connection, int] = {}
        self._revalidated_at = time.monotonic()
        self._swept_at = timezone.now()
        self._marks_missed = False
        self._told: dict[tuple[int, int], datetime] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="rounds")

    async def stop(self) -> None:
        await end_tasks(self._task)

    def marks_missed(self) -> None:
        """Fan-out may have lost read positions and drafts: tell the latest again with the next sweep."""
        self._marks_missed = True

    async def sweep_memberships(self) -> None:
        """Do what a lost word of a membership would have done."""
        users = [user for user, connections in self._door.hub.users.items() if connections]
        began = timezone.now()
        missed, self._marks_missed = self._marks_missed or not self._is_layer_healthy(), False
        try:
            await self._reconcile_since(self._swept_at - CLOCKS_DIFFER, users, "marks" if missed else "members")
        except ChatError:
            self._marks_missed = missed
            raise
        self._swept_at = began

    async def _reconcile_since(self, since: datetime, users: list[int], what: str) -> None:
        changes = await self._door.database.read(memberships_changed_since, since, users, what)
        for change in changes:
            await self._reconcile(change)
        marked = [change for change in changes if change.is_member and what == "marks"]
        await self._tell_news([each for each in marked if self._told.get(each.key) != each.updated_at])
        self._told = {change.key: change.updated_at for change in marked}

    async def _tell_news(self, news: list[MembershipChange]) -> None:
        if not news:
            return
        states = await self._door.database.read(own_states, [change.id for change in news])
        for change in news:
            if change.id in states:
                self._tell_marks(change, states[change.id])

    async def _reconcile(self, change: MembershipChange) -> None:
        for connection in self._door.hub.connections_of(change.user_id):
            if isinstance(connection, Connection) and _disagrees(connection, change):
                await self._door.refresh(change.user_id, change.conversation_id)
                return

    def _tell_marks(self, change: MembershipChange, state: OwnState) -> None:
        """`read` for what went forward, and `changed` for what the user chose, which may have gone back."""
        told = (
            events.read(change.conversation_id, user=change.user_id, seq=state.read_seq),
            events.draft(change.conversation_id, text=change.draft),
            events.conversation_changed(
                change.conversation_id, read_seq=state.read_seq, unread=state.unread, muted=state.muted
            ),
        )
        self._door.hub.tell_user(change.user_id, b",".join(map(codec.encode, told)))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                self._cut_off_stalled()
                await self._revalidate_when_due()
            except ChatError as error:
                logger.warning("the rounds could not ask the database: %s", error)
            except Exception:
                logger.exception("the rounds failed and go on")

    def _cut_off_stalled(self) -> None:
        stalled = [each for each in self._door.connections if each.has_stalled()]
        self._stalled = {each: self._stalled.get(each, 0) + 1 for each in stalled}
        for connection, rounds in self._stalled.items():
            if rounds >= STALLED_ROUNDS:
                self.slow_closes += 1
                connection.cut_off()

    async def _revalidate_when_due(self) -> None:
        every = REVALIDATE_SECONDS if self._is_layer_healthy() else DEGRADED_REVALIDATE_SECONDS
        if time.monotonic() - self._revalidated_at >= every:
            self._revalidated_at = time.monotonic()
            await self._door.revalidate()


def _disagrees(connection: Connection, change: MembershipChange) -> bool:
    return connection.is_ready and (change.conversation_id in connection.conversations) != change.is_member
