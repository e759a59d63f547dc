"""One transaction's working set: what a batch of changes needs to read, and what it leaves to be written."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from chat.log.changes import Change, Delete, Edit, Post, React
from chat.log.members import Member, MemberMemory, Members
from chat.models import Conversation, Message
from chat.wire.errors import ChatError, ErrorCode

CHANGED_FIELDS = ["changed_seq", "text", "html", "reactions", "attachments", "edited_at", "deleted"]


class Batch:
    """Conversations locked in id order, their members, repeated posts and the messages that changes point at."""

    def __init__(self, changes: Sequence[Change], memory: MemberMemory) -> None:
        self.now: datetime = timezone.now()
        self.memory = memory
        self._conversations = _locked({change.conversation for change in changes})
        self._members = memory.members_of(list(self._conversations.values()))
        self._posted = _already_posted(change for change in changes if isinstance(change, Post))
        self._targets = _targets(changes)
        self._new: list[Message] = []
        self._changed: dict[int, Message] = {}
        self._moved: set[int] = set()

    def conversation_for(self, change: Change) -> Conversation:
        """The conversation of `change`; the same NOT_FOUND for a missing one and for a stranger."""
        conversation = self._conversations.get(change.conversation)
        if conversation is None or change.user not in self._members[change.conversation]:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
        return conversation

    def members_of(self, conversation: Conversation) -> Members:
        return self._members[conversation.pk]

    def member(self, conversation: Conversation, user: int) -> Member | None:
        return self._members[conversation.pk].get(user)

    def posted(self, user: int, client_id: UUID) -> Message | None:
        return self._posted.get((user, client_id))

    def message(self, conversation: Conversation, seq: int) -> Message:
        """The message with this place. Raises NOT_FOUND where there is none."""
        found = self._targets.get((conversation.pk, seq))
        if found is None:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such message.")
        return found

    def next_position(self, conversation: Conversation) -> int:
        conversation.head += 1
        self._moved.add(conversation.pk)
        return conversation.head

    def add(self, message: Message) -> None:
        """Keep a new message; others can point at it only once it is committed, for nobody knows its place yet."""
        self._new.append(message)
        self._posted[message.sender_id, message.client_id] = message

    def change(self, message: Message) -> None:
        self._changed[message.pk] = message

    def store(self) -> None:
        """Write everything; new rows learn their ids."""
        if self._changed:
            Message.objects.bulk_update(self._changed.values(), CHANGED_FIELDS)
        if self._new:
            Message.objects.bulk_create(self._new)
        self._store_heads()

    def _store_heads(self) -> None:
        rows = [
            (each.head, each.title, each.member_count, each.members_version, each.pk)
            for each in map(self._conversations.__getitem__, sorted(self._moved))
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE chat_conversation SET head=%s, title=%s, member_count=%s, members_version=%s WHERE id=%s",
                    rows,
                )


def _locked(ids: set[int]) -> dict[int, Conversation]:
    """Rows locked in id order, so that two writers never wait for each other in a circle."""
    rows = Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _already_posted(posts: Iterable[Post]) -> dict[tuple[int, UUID], Message]:
    """Looked up after the locks: a repeat that raced on another node has committed by now."""
    wanted = {(post.user, post.client_id) for post in posts}
    if not wanted:
        return {}
    rows = Message.objects.filter(client_id__in={client_id for _, client_id in wanted})
    return {(row.sender_id, row.client_id): row for row in rows if (row.sender_id, row.client_id) in wanted}


def _targets(changes: Sequence[Change]) -> dict[tuple[int, int], Message]:
    """The messages that changes point at, by conversation and seq."""
    seqs_of: dict[int, set[int]] = {}
    for change in changes:
        seq = _target_of(change)
        if seq is not None:
            seqs_of.setdefault(change.conversation, set()).add(seq)
    found: dict[tuple[int, int], Message] = {}
    for conversation, seqs in seqs_of.items():
        for row in Message.objects.filter(conversation_id=conversation, seq__in=seqs).select_related("sender"):
            found[conversation, row.seq] = row
    return found


def _target_of(change: Change) -> int | None:
    if isinstance(change, Post):
        return change.reply_to
    if isinstance(change, Edit | Delete | React):
        return change.seq
    return None
