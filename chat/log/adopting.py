"""Takes over a conversation that began on another site: a whole log at once, as a new life of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from chat.log import sql
from chat.log.creating import direct_key
from chat.models import Conversation, Membership, Message, new_epoch
from chat.wire.errors import ChatError, ErrorCode


@dataclass(frozen=True, slots=True)
class Origin:
    """What a conversation was where it comes from; `pair` are the two users of a direct one."""

    kind: str
    title: str
    head: int
    created_at: datetime
    member_count: int
    pair: tuple[int, int] | None = None


def adopt_conversation(origin: Origin, members: Sequence[Membership]) -> int:
    """Its id here, in a new epoch; the messages are to follow in the same transaction.

    A direct conversation in which nobody has said anything takes over what was said elsewhere. Raises CONFLICT for
    one in which somebody has.
    """
    key = direct_key(*origin.pair) if origin.pair else None
    taken = Conversation.objects.filter(direct_key=key).first() if key else None
    pk = _take_over(taken.pk) if taken else Conversation.objects.create(kind=origin.kind, direct_key=key).pk
    Conversation.objects.filter(pk=pk).update(
        title=origin.title,
        head=origin.head,
        epoch=new_epoch(),
        created_at=origin.created_at,
        member_count=origin.member_count,
        members_version=F("members_version") + 1,
    )
    for member in members:
        member.conversation_id = pk
    Membership.objects.bulk_create(members, batch_size=sql.ROWS_AT_ONCE)
    return pk


def adopt_messages(messages: Sequence[Message]) -> None:
    """Messages at the places that they have; the conversation's head is there already."""
    sql.insert_messages([(message, sql.prepared(message)) for message in messages])


def _take_over(conversation_id: int) -> int:
    locked = sql.lock_conversations([conversation_id])[conversation_id]
    if locked.head:
        raise ChatError(ErrorCode.CONFLICT, "These two have a conversation already.")
    Membership.objects.filter(conversation_id=conversation_id).delete()
    return conversation_id
