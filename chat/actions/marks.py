"""Read positions and drafts: gathered like changes of the log, but kept with the membership."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.access import Access
from chat.batching import Batcher
from chat.database import Database
from chat.log.fence import AccessEnded, AccessMemory
from chat.models import Membership
from chat.queries import own_states
from chat.wire.errors import ChatError, ErrorCode

BATCH_MARKS = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a user has read, or what a user has written and not sent; None leaves it as it is."""

    conversation: int
    user: int
    read_seq: int | None = None
    draft: str | None = None
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """What holds now, and whether that is news."""

    read_seq: int
    draft: str
    member_count: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What a user has chosen for a conversation; None leaves it as it is.

    `unread_from` is the seq of the first message that shall count as unread again.
    """

    conversation: int
    user: int
    unread_from: int | None = None
    muted: bool | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds now, and whether that is news."""

    read_seq: int
    unread: int
    muted: bool
    is_new: bool


class Marks:
    """Saves marks of one node, many in one transaction, and settings, which are rare, one by one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accesses = AccessMemory()
        self._batcher: Batcher[Mark, Marked] = Batcher(self._save, max_items=BATCH_MARKS)

    def save(self, mark: Mark) -> "asyncio.Future[Marked]":
        """What holds after `mark`; ChatError(NOT_FOUND) for someone who is not a member, AccessEnded for a login."""
        return self._batcher.submit(mark)

    async def settle(self, setting: Setting) -> Settled:
        """What holds after `setting`; raises ChatError(NOT_FOUND) for someone who is not a member."""
        return await self._database.write(settle, setting)

    async def close(self) -> None:
        await self._batcher.close()

    async def _save(self, marks: list[Mark]) -> Sequence[Marked | ChatError]:
        return await self._database.write(save_marks, marks, self._accesses)


def save_marks(marks: Sequence[Mark], accesses: AccessMemory) -> list[Marked | ChatError]:
    """Save `marks` in order; a read position never goes back nor past the head of the log."""
    with transaction.atomic():
        ended = accesses.ended({mark.access for mark in marks if mark.access is not None})
        rows = _memberships(marks)
        changed: dict[int, Membership] = {}
        results = [AccessEnded() if mark.access in ended else _apply(mark, rows, changed) for mark in marks]
        if changed:
            Membership.objects.bulk_update(changed.values(), ["read_seq", "draft", "updated_at"])
    return results


def settle(setting: Setting) -> Settled:
    """Save a setting: the one way in which a read position goes back. Raises ChatError(NOT_FOUND)."""
    with transaction.atomic():
        rows = Membership.objects.select_for_update(of=("self",))
        row = rows.filter(conversation_id=setting.conversation, user_id=setting.user, left_at=None).first()
        if row is None:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
        is_new = _choose(row, setting)
        if is_new:
            row.updated_at = timezone.now()
            row.save(update_fields=["read_seq", "muted", "updated_at"])
        state = own_states([row.pk])[row.pk]
        return Settled(state.read_seq, state.unread, state.muted, is_new)


def _choose(row: Membership, setting: Setting) -> bool:
    before = row.read_seq, row.muted
    if setting.unread_from is not None:
        row.read_seq = min(row.read_seq, max(setting.unread_from - 1, 0))
    if setting.muted is not None:
        row.muted = setting.muted
    return before != (row.read_seq, row.muted)


def _memberships(marks: Sequence[Mark]) -> dict[tuple[int, int], Membership]:
    """Locked in id order, like everything that writes several rows."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("conversation").order_by("pk")
    conversations = {mark.conversation for mark in marks}
    users = {mark.user for mark in marks}
    found = rows.filter(conversation_id__in=conversations, user_id__in=users, left_at=None)
    return {(row.conversation_id, row.user_id): row for row in found}


def _apply(mark: Mark, rows: dict[tuple[int, int], Membership], changed: dict[int, Membership]) -> Marked | ChatError:
    row = rows.get((mark.conversation, mark.user))
    if row is None:
        return ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
    read_seq = max(row.read_seq, min(mark.read_seq or 0, row.conversation.head))
    draft = row.draft if mark.draft is None else mark.draft
    is_new = (read_seq, draft) != (row.read_seq, row.draft)
    if is_new:
        row.read_seq, row.draft, row.updated_at = read_seq, draft, timezone.now()
        changed[row.pk] = row
    return Marked(read_seq, draft, row.conversation.member_count, is_new)
