"""How a conversation looks on the wire, to one of its members."""

from chat.queries import ConversationRow, MemberRow
from chat.wire import entries
from chat.wire.shapes import Event


def entry(row: ConversationRow, resume: str, online: set[int]) -> Event:
    """A conversation as `welcome` and the `conversation` event show it."""
    return entries.conversation_entry(
        row.id,
        kind=row.kind,
        title=row.title,
        epoch=row.epoch,
        head=row.head,
        read_seq=row.read_seq,
        unread=row.unread,
        draft=row.draft,
        member_count=row.member_count,
        members=[member(each, online) for each in row.members],
        resume=resume,
        muted=row.muted,
    )


def member(row: MemberRow, online: set[int]) -> Event:
    """One of the members, as the others see them."""
    return entries.member(
        row.user_id,
        username=row.username,
        name=row.name,
        read_seq=row.read_seq,
        online=row.user_id in online,
        role=row.role,
        program=row.is_program,
        built_in=row.is_built_in,
    )
