"""Knows every connection of the node: who came, who sees whom, and who must go."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.access import Standing, standings_of
from accounts.models import Device
from chat.actions.services import Services
from chat.assistant.newcomers import Newcomers
from chat.database import Database
from chat.edge.connection import Connection
from chat.edge.counts import DoorCounts
from chat.edge.entry import entry
from chat.edge.following import Following, Plan
from chat.edge.throttle import Rates, UserLimits
from chat.ending import end_tasks
from chat.fanout.hub import Hub
from chat.fanout.messages import UserEvent
from chat.presence.service import Presence
from chat.queries import ConversationRow, conversations_of
from chat.session.acts import Left
from chat.session.service import SessionService
from chat.wire import codec, events
from chat.wire.errors import ChatError
from chat.wire.limits import BROADCAST_MEMBERS, CLOSE_NOT_LOGGED_IN, CLOSE_RESTART, CLOSE_REVOKED

logger = logging.getLogger(__name__)


class Doorkeeper:
    """What maps to what: `let_in` are all that were authenticated and are not gone, `connections` those of them whose
    device is known; `_seen_by` maps a user to the connections that can see them. `departed` removes.
    """

    def __init__(
        self,
        services: Services,
        hub: Hub,
        presence: Presence,
        user_limits: UserLimits,
        rates: Rates,
        node_name: str,
    ) -> None:
        self.services = services
        self.database: Database = services.database
        self.sessions: SessionService = services.sessions
        self.hub = hub
        self.presence = presence
        self.user_limits = user_limits
        self.rates = rates
        self.node_name = node_name
        self.following = Following(services.database, hub)
        self.newcomers = Newcomers(services.database, hub, services.fanout)
        self.let_in: set[Connection] = set()
        self.connections: set[Connection] = set()
        self.is_draining = False
        self.announcement: bytes | None = None
        """What staff tell all devices now, encoded."""
        self.counts = DoorCounts()
        self._seen_by: dict[int, set[Connection]] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._joining: set[tuple[Connection, int]] = set()

    # Coming and going

    def admit(self, connection: Connection, device: Device) -> None:
        """The device of this connection is known now."""
        connection.device = device.uuid
        connection.device_name = device.name
        connection.access = replace(connection.access, device=device.uuid)
        self.connections.add(connection)

    async def arrived(self, connection: Connection) -> None:
        """Everything was sent: tell the others that the device is there."""
        if connection.closed_with is not None:
            return
        connection.is_ready = True
        if self.announcement is not None:
            connection.send_encoded(self.announcement)
        self._tell_devices(connection, "online")
        if await self.presence.arrive(connection.user_id, str(connection.device)):
            self._hint_presence(connection.small, connection.user_id)

    def forget(self, connection: Connection) -> None:
        """Undo what was done for a connection, as if it had never said hello."""
        self.connections.discard(connection)
        self.hub.remove_connection(connection)
        self._unwatch(connection)
        connection.conversations.clear()
        connection.small.clear()
        connection.await_welcome()
        connection.device = None
        connection.is_ready = False

    async def departed(self, connection: Connection) -> None:
        """The socket is gone; nothing of it is kept but the session."""
        self.let_in.discard(connection)
        self.counts.closes[connection.closed_with or 0] += 1
        if not connection.is_ready:
            self.forget(connection)
            return
        connection.is_ready = False
        small, device = set(connection.small), str(connection.device)
        self._tell_devices(connection, "offline")
        self.forget(connection)
        self.sessions.note(connection.user_id, Left(device, timezone.now(), self.node_name))
        if await self.presence.depart(connection.user_id, device):
            self._hint_presence(small, connection.user_id)
        await self.sessions.flush([connection.user_id])

    # Presence

    async def presence_of(self, connection: Connection, rows: Sequence[ConversationRow]) -> set[int]:
        """Which members of these conversations are online; the connection hears of their changes from now on."""
        seen = {each.user_id for row in rows if row.member_count <= BROADCAST_MEMBERS for each in row.members}
        new = seen - connection.contacts - {connection.user_id}
        self._watch(connection, new)
        shown = {each.user_id for row in rows for each in row.members}
        return await self.presence.online(sorted(shown)) | {connection.user_id}

    def presence_changed(self, user_id: int, is_online: bool) -> None:  # noqa: FBT001 - the signature of `on_change`
        """A user that connections here can see has come or gone."""
        event = codec.encode(events.presence(user_id, online=is_online))
        for connection in self._seen_by.get(user_id, ()):
            connection.tell(event)

    def presence_hinted(self, conversation_id: int, user_id: int) -> None:
        """A member may have come or gone; whoever follows the conversation here can see them, also a newcomer."""
        local = self.hub.conversations.get(conversation_id)
        followers = [each for each in local.connections() if isinstance(each, Connection)] if local else []
        strangers = [each for each in followers if user_id not in each.contacts and user_id != each.user_id]
        for connection in strangers:
            self._watch(connection, {user_id})
        if strangers:
            self._run(self._introduce(strangers, user_id))
        self.presence.hint(user_id)

    async def _introduce(self, connections: Sequence[Connection], user_id: int) -> None:
        online = user_id in await self.presence.online([user_id])
        for connection in connections:
            connection.send(events.presence(user_id, online=online))

    def _watch(self, connection: Connection, users: set[int]) -> None:
        connection.contacts |= users
        for user_id in users:
            self._seen_by.setdefault(user_id, set()).add(connection)
        self.presence.watch(users)

    def _hint_presence(self, conversations: Iterable[int], user_id: int) -> None:
        for conversation in conversations:
            self.services.fanout.hint_presence(conversation, user_id)

    def _unwatch(self, connection: Connection) -> None:
        self.presence.unwatch(connection.contacts)
        for user_id in connection.contacts:
            watching = self._seen_by[user_id]
            watching.discard(connection)
            if not watching:
                del self._seen_by[user_id]
        connection.contacts = set()

    def _tell_devices(self, connection: Connection, state: str) -> None:
        """Tell the user's other devices; one that is here in another tab has neither come nor gone."""
        others = (each for each in self.hub.connections_of(connection.user_id) if each is not connection)
        if any(isinstance(each, Connection) and each.device == connection.device for each in others):
            return
        event = events.device(str(connection.device), name=connection.device_name, state=state)
        self.services.fanout.tell_user(connection.user_id, codec.encode(event), but=connection)

    # What concerns a user

    def on_user_event(self, what: UserEvent, user_id: int, conversation_id: int) -> None:
        """Some node says that a user's membership or access may have changed: SQL knows what is true."""
        connections = [each for each in self.hub.connections_of(user_id) if isinstance(each, Connection)]
        if not connections:
            return
        if what is UserEvent.ACCESS:
            self._run(self.revalidate(connections))
        elif what is UserEvent.DISCONNECT:
            for connection in connections:
                self.dismiss(connection, 0)
        else:
            self._run(self.refresh(user_id, conversation_id))

    async def refresh(self, user_id: int, conversation_id: int) -> None:
        """Let a user's connections follow a conversation, or no longer, as the membership is now."""
        found = await self.database.read(conversations_of, [user_id], [conversation_id])
        rows = found[user_id]
        connections = [each for each in self.hub.connections_of(user_id) if isinstance(each, Connection)]
        for connection in connections:
            if rows:
                await self._joined(connection, rows[0])
            else:
                self._left(connection, conversation_id)

    async def _joined(self, connection: Connection, row: ConversationRow) -> None:
        local, joining = self.hub.conversations.get(row.id), (connection, row.id)
        if not connection.is_ready or joining in self._joining or (local is not None and local.has(connection)):
            return
        self._joining.add(joining)  # the word of a new member and the sweep may both come here, at the same time
        try:
            online = await self.presence_of(connection, [row])
            await self.hub.open([row.id])
            await self.newcomers.know([row])
            connection.send(events.conversation(row.id, entry=entry(row, "snapshot", online)))
            await self.following.follow(connection, Plan(row, None))
            self._hint_presence(connection.small & {row.id}, connection.user_id)
        finally:
            self._joining.discard(joining)

    def _left(self, connection: Connection, conversation_id: int) -> None:
        local = self.hub.conversations.get(conversation_id)
        if local is not None:
            local.remove(connection)
        connection.detached(conversation_id)

    # Access

    async def revalidate(self, connections: Iterable[Connection] | None = None) -> None:
        """Close every connection (of these, or of all) whose session, token, device or user no longer holds."""
        asked = list(self.connections if connections is None else connections)
        if not asked:
            return
        accesses = [connection.access for connection in asked]
        standings = await self.database.read(standings_of, accesses)
        for connection, access in zip(asked, accesses, strict=True):
            _show_out(connection, standings[access])

    async def revalidate_one(self, connection: Connection) -> None:
        """The same for one, of whom many may come at the same time."""
        standing = await self.database.read_each(standings_of, connection.access)
        assert standing is not None
        _show_out(connection, standing)

    # What staff say

    def announce(self, event: bytes, *, is_over: bool = False) -> None:
        """Tell every device that is here, once, and until it is over those that come."""
        self.announcement = None if is_over else event
        for connection in self.connections:
            if connection.is_ready:
                connection.send_encoded(event)

    # Leaving

    def dismiss(self, connection: Connection, reconnect_after_ms: int) -> None:
        """Ask a device to come back to another node."""
        connection.close(CLOSE_RESTART, events.bye("restart", reconnect_after_ms=reconnect_after_ms))

    async def stop(self) -> None:
        await end_tasks(*self._errands)

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(errand), name="doorkeeper's errand")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _show_out(connection: Connection, standing: Standing) -> None:
    if standing is Standing.REVOKED:
        connection.close(CLOSE_REVOKED, events.bye("revoked"))
    elif standing is Standing.ENDED:
        connection.close(CLOSE_NOT_LOGGED_IN, events.bye("not_logged_in"))


async def _quietly(errand: Coroutine[Any, Any, None]) -> None:
    try:
        await errand
    except ChatError as error:
        logger.warning("put off to the next sweep: %s", error)
    except Exception:
        logger.exception("an errand of the doorkeeper failed")
