"""One transaction's working set: what a batch of changes needs to read, and what it leaves to be written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.access import Access
from chat.log import sql
from chat.log.changes import Answer, Change, Delete, Edit, Moderate, Post, React
from chat.log.fence import AccessEnded, require_permission
from chat.log.members import Member, Members
from chat.log.memory import Memory
from chat.log.sql import LockedConversation
from chat.models import Message
from chat.wire.errors import ChatError, ErrorCode

CHANGED_FIELDS = ["changed_seq", "text", "html", "reactions", "attachments", "data", "edited_at", "deleted"]


class Prepared:
    """Everything of a batch that can be worked out before the transaction begins and others must wait."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes
        self.now: datetime = timezone.now()
        self.conversations: set[int] = set()
        self.accesses: set[Access] = set()
        self.posts: dict[int, tuple[Message, list[Any]]] = {}
        self.client_ids: list[Any] = []
        self._values = sql.PostValues(self.now)
        self.add(changes)

    def add(self, changes: Sequence[Change]) -> None:
        """Prepare these too, which are in `self.changes` already."""
        self.conversations.update(change.conversation for change in changes)
        self.accesses.update(change.access for change in changes if change.access is not None)
        posts = [change for change in changes if isinstance(change, Post)]
        self.posts.update((id(post), _new(post, self._values)) for post in posts)
        self.client_ids += [self._values.client_id(each) for each in {post.client_id for post in posts}]


class Batch:
    """Who may still write, conversations locked in id order, their members, repeated posts and messages pointed at."""

    def __init__(self, prepared: Prepared, memory: Memory) -> None:
        self.now = prepared.now
        self._posts = prepared.posts
        self._ended = memory.accesses.ended(prepared.accesses)
        self._conversations = sql.lock_conversations(prepared.conversations)
        self._members = memory.members.members_of(list(self._conversations.values()))
        self._posted = _already_posted(prepared.client_ids)
        self._targets = _targets(prepared.changes)
        self._new: list[tuple[Message, list[Any]]] = []
        self._changed: dict[int, Message] = {}
        self._moved: set[int] = set()

    def conversation_for(self, change: Change) -> LockedConversation:
        """The conversation of `change`; the same NOT_FOUND for a missing one and for a stranger. Raises AccessEnded."""
        if change.access in self._ended:
            raise AccessEnded
        conversation = self._conversations.get(change.conversation)
        if conversation is None or change.user not in self._members[change.conversation]:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
        return conversation

    def conversation_as_staff(self, change: Change, permission: str) -> LockedConversation:
        """The conversation of `change`, of which its user is no member. Raises AccessEnded, FORBIDDEN, NOT_FOUND."""
        if change.access in self._ended:
            raise AccessEnded
        require_permission(change.user, permission)
        conversation = self._conversations.get(change.conversation)
        if conversation is None:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation.")
        return conversation

    def members_of(self, conversation: LockedConversation) -> Members:
        return self._members[conversation.pk]

    def member(self, conversation: LockedConversation, user: int) -> Member | None:
        return self._members[conversation.pk].get(user)

    def posted(self, user: int, client_id: UUID) -> Message | None:
        return self._posted.get((user, client_id))

    def message(self, conversation: LockedConversation, seq: int) -> Message:
        """The message with this place. Raises NOT_FOUND where there is none."""
        found = self._targets.get((conversation.pk, seq))
        if found is None:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such message.")
        return found

    def adopt(self, message: Message) -> Message:
        """The one object for a message that only turned out in the transaction to be a target of a change."""
        return self._targets.setdefault((message.conversation_id, message.seq), message)

    def next_position(self, conversation: LockedConversation) -> int:
        conversation.head += 1
        self._moved.add(conversation.pk)
        return conversation.head

    def add_post(self, post: Post, conversation: LockedConversation) -> Message:
        """Give the post its place; others can point at it only once it is committed, for nobody knows its place yet."""
        message, values = self._posts[id(post)]
        return self._add(message, values, conversation)

    def add(self, message: Message, conversation: LockedConversation) -> Message:
        """Give a message its place."""
        return self._add(message, sql.prepared(message), conversation)

    def change(self, message: Message) -> None:
        self._changed[message.pk] = message

    def store(self) -> None:
        """Write everything; new rows learn their ids."""
        if self._changed:
            Message.objects.bulk_update(self._changed.values(), CHANGED_FIELDS)
        if self._new:
            sql.insert_messages(self._new)
        if self._moved:
            sql.save_conversations(self._conversations[each] for each in sorted(self._moved))

    def _add(self, message: Message, values: list[Any], conversation: LockedConversation) -> Message:
        message.seq = message.changed_seq = self.next_position(conversation)
        self._new.append((message, values))
        self._posted[message.sender_id, message.client_id] = message
        return message


def _new(post: Post, values: sql.PostValues) -> tuple[Message, list[Any]]:
    message = values.message(post)
    return message, values.of(message)


def _already_posted(client_ids: Sequence[Any]) -> dict[tuple[int, UUID], Message]:
    """Looked up after the locks: a repeat that raced on another node has committed by now."""
    found = sql.repeated(client_ids) if client_ids else []
    rows = Message.objects.filter(pk__in=found) if found else []
    return {(row.sender_id, row.client_id): row for row in rows}


def _targets(changes: Sequence[Change]) -> dict[tuple[int, int], Message]:
    """The messages that changes point at, by conversation and seq."""
    seqs_of: dict[int, set[int]] = {}
    for change in changes:
        if seqs := _targets_of(change):
            seqs_of.setdefault(change.conversation, set()).update(seqs)
    found: dict[tuple[int, int], Message] = {}
    for conversation, seqs in seqs_of.items():
        for row in Message.objects.filter(conversation_id=conversation, seq__in=seqs).select_related("sender"):
            found[conversation, row.seq] = row
    return found


def _targets_of(change: Change) -> set[int]:
    if isinstance(change, Answer):
        return {seq for seq in (change.reply_to, change.replaces) if seq is not None}
    if isinstance(change, Post):
        return set() if change.reply_to is None else {change.reply_to}
    if isinstance(change, Edit | Delete | Moderate | React):
        return {change.seq}
    return set()
