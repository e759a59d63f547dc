"""Turns a stored message into the event that every device gets, live or replayed."""

from chat.models import Message
from chat.wire import codec, events
from chat.wire.committed import Committed

ENDS_MEMBERSHIP = frozenset({"left", "removed"})
"""What a system message says when its `user` is no longer a member."""


def commit_of(message: Message, epoch: str, sender_name: str) -> Committed:
    """The committed change that `message` is in its latest state."""
    return Committed(
        conversation=message.conversation_id,
        epoch=epoch,
        position=message.changed_seq,
        body=codec.encode(event_of(message, sender_name)),
        removed_user=_removed_user(message),
    )


def event_of(message: Message, sender_name: str) -> dict[str, object]:
    """The `message` event of the wire."""
    return events.message(
        conversation=message.conversation_id,
        seq=message.seq,
        changed_seq=message.changed_seq,
        id=message.pk,
        kind=message.kind,
        sender_id=message.sender_id,
        sender_name=sender_name,
        client_id=message.client_id,
        text=message.text,
        html=message.html,
        at=message.at,
        edited_at=message.edited_at,
        deleted=message.deleted,
        reply_to=message.reply_to,
        reactions=message.reactions,
        attachments=message.attachments,
        data=message.data,
    )


def _removed_user(message: Message) -> int | None:
    data = message.data
    if data and data.get("action") in ENDS_MEMBERSHIP:
        return int(data["user"])
    return None
