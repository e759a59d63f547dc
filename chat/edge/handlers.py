"""What each command does: from what was said to the action, and from its result to the answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from chat.actions.assistant import ask_again, stop_turn
from chat.actions.conversations import (
    create_conversation,
    invite_members,
    leave_conversation,
    remove_member,
    rename_conversation,
)
from chat.actions.messages import delete_message, edit_message, post_message, react_to_message
from chat.actions.reading import acknowledge, mark_read, open_conversation, save_draft, show_typing
from chat.edge.connection import Connection
from chat.edge.doorkeeper import Doorkeeper
from chat.edge.entry import member
from chat.log.outcome import Appended
from chat.queries import history, history_around, members_for
from chat.wire import commands, events
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.shapes import Event

Answer = Event | None
"""What is sent back; None where a command is not answered."""


async def post(door: Doorkeeper, connection: Connection, said: commands.Post) -> Answer:
    appended = await post_message(
        door.services,
        connection.user_id,
        access=connection.access,
        conversation=said.conversation,
        client_id=said.client_id,
        text=said.text,
        reply_to=said.reply_to,
    )
    return _appended(said.ref, appended)


async def edit(door: Doorkeeper, connection: Connection, said: commands.Edit) -> Answer:
    changed = await edit_message(
        door.services,
        connection.user_id,
        access=connection.access,
        conversation=said.conversation,
        seq=said.seq,
        text=said.text,
    )
    return _appended(said.ref, changed)


async def delete(door: Doorkeeper, connection: Connection, said: commands.Delete) -> Answer:
    changed = await delete_message(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, seq=said.seq
    )
    return _appended(said.ref, changed)


async def react(door: Doorkeeper, connection: Connection, said: commands.React) -> Answer:
    changed = await react_to_message(
        door.services,
        connection.user_id,
        access=connection.access,
        conversation=said.conversation,
        seq=said.seq,
        emoji=said.emoji,
        on=said.on,
    )
    return _appended(said.ref, changed)


async def read(door: Doorkeeper, connection: Connection, said: commands.Read) -> Answer:
    marked = await mark_read(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, seq=said.seq
    )
    return _done(said.ref, conversation=said.conversation, seq=marked.read_seq)


async def draft(door: Doorkeeper, connection: Connection, said: commands.Draft) -> Answer:
    assert connection.device is not None
    await save_draft(
        door.services,
        connection.user_id,
        access=connection.access,
        conversation=said.conversation,
        text=said.text,
        device=connection.device,
        but=connection,
    )
    return _done(said.ref, conversation=said.conversation)


async def typing(door: Doorkeeper, connection: Connection, said: commands.Typing) -> Answer:
    _require_followed(connection, said.conversation)
    if said.conversation in connection.small:
        show_typing(door.services, connection.user_id, conversation=said.conversation, on=said.on)
    return _done(said.ref, conversation=said.conversation)


async def open_(door: Doorkeeper, connection: Connection, said: commands.Open) -> Answer:
    if said.conversation is not None:
        _require_followed(connection, said.conversation)
    open_conversation(door.services, connection.user_id, said.conversation)
    return _done(said.ref, conversation=said.conversation)


async def show_history(door: Doorkeeper, connection: Connection, said: commands.History) -> Answer:
    if said.around is not None:
        page = await door.database.read(history_around, connection.user_id, said.conversation, said.around, said.limit)
    else:
        page = await door.database.read(history, connection.user_id, said.conversation, said.before, said.limit)
    return events.page(said.ref, messages=page.messages, has_more=page.has_more, has_newer=page.has_newer)


async def create(door: Doorkeeper, connection: Connection, said: commands.Create) -> Answer:
    created = await create_conversation(
        door.services,
        connection.user_id,
        access=connection.access,
        kind=said.kind,
        title=said.title,
        usernames=said.members,
    )
    return _done(said.ref, conversation=created.conversation, duplicate=not created.is_new)


async def rename(door: Doorkeeper, connection: Connection, said: commands.Rename) -> Answer:
    renamed = await rename_conversation(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, title=said.title
    )
    return _appended(said.ref, renamed)


async def invite(door: Doorkeeper, connection: Connection, said: commands.Invite) -> Answer:
    joined = await invite_members(
        door.services,
        connection.user_id,
        access=connection.access,
        conversation=said.conversation,
        usernames=said.members,
    )
    return _appended(said.ref, joined[-1])


async def leave(door: Doorkeeper, connection: Connection, said: commands.Leave) -> Answer:
    left = await leave_conversation(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation
    )
    return _appended(said.ref, left)


async def remove(door: Doorkeeper, connection: Connection, said: commands.Remove) -> Answer:
    gone = await remove_member(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, removed=said.user
    )
    return _appended(said.ref, gone)


async def members(door: Doorkeeper, connection: Connection, said: commands.Members) -> Answer:
    rows = await door.database.read(members_for, connection.user_id, said.conversation, said.after, said.limit + 1)
    shown = rows[: said.limit]
    online = await door.presence.online([each.user_id for each in shown])
    return events.members_page(
        said.ref,
        conversation=said.conversation,
        members=[member(each, online) for each in shown],
        has_more=len(rows) > said.limit,
    )


async def stop(door: Doorkeeper, connection: Connection, said: commands.Stop) -> Answer:
    await stop_turn(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, turn=said.turn
    )
    return _done(said.ref, conversation=said.conversation)


async def regenerate(door: Doorkeeper, connection: Connection, said: commands.Regenerate) -> Answer:
    await ask_again(
        door.services, connection.user_id, access=connection.access, conversation=said.conversation, seq=said.seq
    )
    return _done(said.ref, conversation=said.conversation, seq=said.seq)


async def ack(door: Doorkeeper, connection: Connection, said: commands.Ack) -> Answer:
    assert connection.device is not None
    followed = connection.conversations
    cursors = {key: (followed[key], seq) for key, seq in said.cursors.items() if key in followed}
    if cursors:
        acknowledge(door.services, connection.user_id, connection.device, cursors, connection.small)
    return _done(said.ref)


async def ping(door: Doorkeeper, connection: Connection, said: commands.Ping) -> Answer:
    local = door.hub.conversations
    heads = {key: local[key].sequencer.delivered for key in connection.conversations if key in local}
    return events.pong(said.ref, heads=heads)


async def hello(door: Doorkeeper, connection: Connection, said: commands.Hello) -> Answer:
    raise ChatError(ErrorCode.BAD_COMMAND, "This connection has said hello before.")


def _appended(ref: int | None, appended: Appended) -> Answer:
    if ref is None:
        return None
    return events.ok(
        ref,
        conversation=appended.conversation,
        seq=appended.seq,
        changed_seq=appended.changed_seq if appended.changed_seq != appended.seq else None,
        duplicate=appended.duplicate,
    )


def _done(ref: int | None, **what: Any) -> Answer:
    """An `ok`, for a client that asked for it by a ref."""
    return None if ref is None else events.ok(ref, **what)


def _require_followed(connection: Connection, conversation: int) -> None:
    if conversation not in connection.conversations:
        raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")


HANDLERS: dict[type[commands.Command], Callable[[Doorkeeper, Connection, Any], Awaitable[Answer]]] = {
    commands.Hello: hello,
    commands.Post: post,
    commands.Edit: edit,
    commands.Delete: delete,
    commands.React: react,
    commands.Read: read,
    commands.Draft: draft,
    commands.Typing: typing,
    commands.Open: open_,
    commands.History: show_history,
    commands.Create: create,
    commands.Rename: rename,
    commands.Invite: invite,
    commands.Leave: leave,
    commands.Remove: remove,
    commands.Members: members,
    commands.Stop: stop,
    commands.Regenerate: regenerate,
    commands.Ack: ack,
    commands.Ping: ping,
}
