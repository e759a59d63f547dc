"""Brings a connection level with the log: what its device missed, then everything that comes after, without a seam."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from chat.database import Database
from chat.edge.connection import Connection
from chat.fanout.hub import Hub
from chat.fanout.local import LocalConversation
from chat.fanout.outbox import pieces_of
from chat.log.reading import Tail
from chat.queries import ConversationRow, replay_for, snapshot_for
from chat.wire import codec
from chat.wire.commands import Cursor
from chat.wire.committed import Committed
from chat.wire.events import caught_up
from chat.wire.events import conversation as conversation_event
from chat.wire.limits import BROADCAST_MEMBERS, CLOSE_RESTART, REPLAY_CHANGES

WAITING_BYTES = 256 * 1024
"""A long replay waits while more than this has not been read by the device."""
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """From where a device goes on in one conversation: after a position, or (None) from a snapshot."""

    conversation: ConversationRow
    after: int | None

    @property
    def resume(self) -> str:
        return "snapshot" if self.after is None else "replay"


def plan(conversation: ConversationRow, cursor: Cursor | None) -> Plan:
    """A replay where the cursor is of this log, not ahead of it and not too far behind; else a snapshot."""
    usable = cursor is not None and cursor.epoch == conversation.epoch
    if usable and cursor is not None and 0 <= conversation.head - cursor.seq <= REPLAY_CHANGES:
        return Plan(conversation, cursor.seq)
    return Plan(conversation, None)


class Following:
    """Lets connections follow conversations. Subscribe, read, reconcile: the hub follows before the log is read."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub

    async def follow(self, connection: Connection, plan: Plan) -> None:
        """Send what the device lacks, `caught_up`, and from then on live. Raises ChatError(UNAVAILABLE).

        A user who is no longer a member is told so, and nothing else.
        """
        conversation = plan.conversation
        position, snapshot_needed = plan.after, plan.after is None
        if position == conversation.head and self._attach(connection, conversation, position):
            return
        while connection.closed_with is None:
            tail = await self._read(connection, conversation.id, None if snapshot_needed else position)
            if tail is None:
                connection.send(conversation_event(conversation.id, entry=None))
                return
            if tail.epoch != conversation.epoch:
                connection.close(CLOSE_RESTART)
                return
            snapshot_needed, position = False, tail.covered
            await send_paced(connection, (change.body for change in tail.changes))
            if not tail.more and self._attach(connection, conversation, position):
                return
            await self._hub.open([conversation.id])

    async def _read(self, connection: Connection, conversation_id: int, after: int | None) -> Tail | None:
        if after is None:
            return await self._database.read(snapshot_for, connection.user_id, conversation_id)
        return await self._database.read(replay_for, connection.user_id, conversation_id, after)

    def _attach(self, connection: Connection, row: ConversationRow, position: int) -> bool:
        """Join the live stream, without waiting in between; False when the log must be read again first."""
        local = self._hub.conversations.get(row.id)
        if local is None or connection.closed_with is not None:
            return False
        if local.epoch != row.epoch:
            connection.close(CLOSE_RESTART)
            return True
        missed = local.add(connection, position)
        if missed is None:
            return False
        if any(change.removed_user == connection.user_id for change in missed):
            local.remove(connection)
            return False
        self._tell_caught_up(connection, row, local, missed, position)
        return True

    def _tell_caught_up(
        self,
        connection: Connection,
        row: ConversationRow,
        local: LocalConversation,
        missed: list[Committed],
        position: int,
    ) -> None:
        connection.conversations[row.id] = row.epoch
        if row.member_count <= BROADCAST_MEMBERS:
            connection.small.add(row.id)
        reached = max(position, local.sequencer.delivered) if connection in local.following else position
        done = codec.encode(caught_up(row.id, epoch=row.epoch, seq=reached))
        connection.send_encoded(b",".join([*(change.body for change in missed), done, *local.answers.whole()]))


async def send_paced(connection: Connection, encoded: Iterable[bytes]) -> None:
    """Send many events in pieces, no faster than the device reads them; one that stops reading is let go."""
    for piece in pieces_of(encoded):
        if not await _has_room(connection):
            connection.cut_off()
            return
        connection.send_encoded(piece)


async def _has_room(connection: Connection) -> bool:
    patience = PATIENCE_SECONDS
    while connection.closed_with is None and _waiting_bytes(connection) >= WAITING_BYTES:
        if patience <= 0:
            return False
        await asyncio.sleep(POLL_SECONDS)
        patience -= POLL_SECONDS
    return True


def _waiting_bytes(connection: Connection) -> int:
    return connection.socket.waiting_bytes + sum(map(len, connection.pending))
