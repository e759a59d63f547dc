"""The answer to `hello`: the device is known, its session is back, and every conversation is followed."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate

from accounts.devices import Sight, note_devices
from accounts.models import Device
from chat.edge.connection import Connection
from chat.edge.doorkeeper import Doorkeeper
from chat.edge.entry import entry
from chat.edge.following import plan, send_paced
from chat.fanout.outbox import FRAME_BYTES
from chat.queries import conversations_of
from chat.session.service import Restored
from chat.wire import codec, entries, events
from chat.wire.commands import Hello
from chat.wire.limits import CLOSE_NOT_LOGGED_IN, CLOSE_REVOKED
from chat.wire.shapes import Event

WELCOME_BYTES = FRAME_BYTES
"""So much of the conversations goes into the welcome itself."""


async def say_welcome(door: Doorkeeper, connection: Connection, hello: Hello) -> None:
    """Answer `hello` and bring the device level with every log. Raises ChatError, with nothing followed yet."""
    device = await _let_in(door, connection, hello)
    if device is None:
        return
    rows = await door.database.read_each(conversations_of, connection.user_id) or []
    # At once, for each of them may wait a second for a Redis that does not answer.
    restored, online, _, _ = await asyncio.gather(
        door.sessions.restore(connection.user_id, str(hello.device)),
        door.presence_of(connection, rows),
        door.hub.add_connection(connection),
        door.hub.open(row.id for row in rows),
    )
    # The word of an access that ended since the door was opened was told to nobody here.
    await asyncio.gather(door.revalidate_one(connection), door.newcomers.know(rows))
    if connection.closed_with is not None:
        return
    plans = [plan(row, hello.cursors.get(row.id)) for row in rows]
    shown = [entry(each.conversation, each.resume, online) for each in plans]
    fitting = _fitting(shown)
    connection.welcome(_welcome(door, hello, device, _session(restored, {row.id for row in rows}), shown[:fitting]))
    await send_paced(
        connection, (codec.encode(events.conversation(each["id"], entry=each)) for each in shown[fitting:])
    )
    for each in plans:
        await door.following.follow(connection, each)
        door.counts.resumes[each.resume] += 1
    await door.arrived(connection)


async def _let_in(door: Doorkeeper, connection: Connection, hello: Hello) -> Device | None:
    sight = Sight(
        connection.user_id,
        hello.device,
        name=hello.device_name,
        platform=hello.platform,
        address=connection.address or None,
        session_key=connection.access.session_key,
    )
    device = await door.database.read_each(note_devices, sight)
    if device is None:
        connection.close(CLOSE_NOT_LOGGED_IN, events.bye("not_logged_in"))
        return None
    if device.revoked_at is not None:
        connection.close(CLOSE_REVOKED, events.bye("revoked"))
        return None
    door.admit(connection, device)
    return device


def _fitting(shown: Sequence[Event]) -> int:
    """How many entries go into the welcome itself; the others follow as events, no faster than they are read."""
    sizes = accumulate(len(codec.encode(each)) for each in shown)
    return sum(size <= WELCOME_BYTES for size in sizes)


def _welcome(door: Doorkeeper, hello: Hello, device: Device, session: Event, shown: Sequence[Event]) -> Event:
    user = device.user
    return events.welcome(
        hello.ref,
        node=door.node_name,
        user=entries.user(user.pk, username=user.username, name=user.name),
        device=entries.device_identity(device.uuid, name=device.name),
        session=session,
        conversations=shown,
        posts_per_10s=door.rates.posts_per_10s,
        preferences=entries.preferences(language=user.language, theme=user.theme),
    )


def _session(restored: Restored, conversations: set[int]) -> Event:
    return entries.session(
        restored.session_id,
        restored=restored.restored,
        source=restored.source,
        last_active=restored.last_active_at,
        message_count=restored.message_count,
        open_conversation=restored.open_conversation if restored.open_conversation in conversations else None,
        cursors={key: {"epoch": epoch, "seq": seq} for key, (epoch, seq) in restored.cursors.items()},
    )
