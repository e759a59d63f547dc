"""What a user does without changing the log: read, draft, open, type, and take note of what arrived.

`access` is the login by which something is written, checked in the writing transaction.
"""

from collections.abc import Mapping
from uuid import UUID

from accounts.access import Access
from chat.actions.marks import Mark, Marked, Setting, Settled
from chat.actions.services import Services
from chat.fanout.local import Follower
from chat.session.acts import Acked, Drafted, Opened, Read
from chat.wire import codec, events
from chat.wire.limits import BROADCAST_MEMBERS


async def mark_read(
    services: Services, user_id: int, *, conversation: int, seq: int, access: Access | None = None
) -> Marked:
    """The user has read up to `seq`, on every device. Raises ChatError."""
    marked = await services.marks.save(Mark(conversation, user_id, read_seq=seq, access=access))
    if marked.is_new:
        event = codec.encode(events.read(conversation, user=user_id, seq=marked.read_seq))
        services.fanout.tell_user(user_id, event)
        if marked.member_count <= BROADCAST_MEMBERS:
            services.passing.put(("read", conversation, user_id), (conversation, event))
        services.sessions.note(user_id, Read(conversation, marked.read_seq))
    return marked


async def mark_unread(services: Services, user_id: int, *, conversation: int, seq: int) -> Settled:
    """Have the user's read position go back before `seq`, on every device of the user. Raises ChatError."""
    settled = await services.marks.settle(Setting(conversation, user_id, unread_from=seq))
    if settled.is_new:
        services.sessions.note(user_id, Read(conversation, settled.read_seq))
    return _tell_settled(services, user_id, conversation, settled)


async def mute_conversation(services: Services, user_id: int, *, conversation: int, on: bool) -> Settled:
    """Let a conversation be silent, or no longer, on every device of the user. Raises ChatError."""
    settled = await services.marks.settle(Setting(conversation, user_id, muted=on))
    return _tell_settled(services, user_id, conversation, settled)


def _tell_settled(services: Services, user_id: int, conversation: int, settled: Settled) -> Settled:
    """The others in the conversation are not told: a receipt that they have seen stays."""
    if settled.is_new:
        event = events.conversation_changed(
            conversation, read_seq=settled.read_seq, unread=settled.unread, muted=settled.muted
        )
        services.fanout.tell_user(user_id, codec.encode(event))
    return settled


def show_preferences(services: Services, user_id: int, *, language: str, theme: str) -> None:
    """Have the pages that are open on the user's devices follow what was chosen."""
    services.fanout.tell_user(user_id, codec.encode(events.preferences(language=language, theme=theme)))


async def save_draft(
    services: Services,
    user_id: int,
    *,
    conversation: int,
    text: str,
    device: UUID,
    but: Follower | None,
    access: Access | None = None,
) -> Marked:
    """Keep what the user has written and not sent, and show it on the other devices. Raises ChatError."""
    marked = await services.marks.save(Mark(conversation, user_id, draft=text, access=access))
    if marked.is_new:
        event = codec.encode(events.draft(conversation, text=text, device=device))
        services.fanout.tell_user(user_id, event, but=but)
        services.sessions.note(user_id, Drafted(conversation, text))
    return marked


def open_conversation(services: Services, user_id: int, conversation: int | None) -> None:
    """The user looks at this conversation now."""
    services.sessions.note(user_id, Opened(conversation or 0))


def show_typing(services: Services, user_id: int, *, conversation: int, on: bool) -> None:
    """Tell the others that the user is writing, or has stopped; may be lost."""
    event = codec.encode(events.typing(conversation, user=user_id, on=on))
    services.passing.put(("typing", conversation, user_id), (conversation, event))


def acknowledge(
    services: Services, user_id: int, device: UUID, cursors: Mapping[int, tuple[str, int]], small: set[int]
) -> None:
    """A device has processed conversations up to these positions; the senders in small ones may learn it."""
    services.sessions.note(user_id, Acked(str(device), dict(cursors)))
    for conversation in small & cursors.keys():
        event = codec.encode(events.delivered(conversation, user=user_id, seq=cursors[conversation][1]))
        services.passing.put(("delivered", conversation, user_id), (conversation, event))
