"""The reads that doors need: a user's conversations, what a device missed, history and members."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.models import User
from chat.log.encode import commit_of
from chat.log.reading import Tail, read_after, read_latest
from chat.log.turns import built_in_among
from chat.models import Conversation, Membership, Message
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import MEMBERS_SHOWN, REPLAY_CHANGES, SERVER_FRAME_BYTES, SNAPSHOT_MESSAGES

UNREAD_COUNTED = 1000
"""Unread messages are counted up to here, so that the cost does not grow with what was left unread."""
CONVERSATIONS_SHOWN = 1000
PAGE_BYTES = SERVER_FRAME_BYTES // 2
"""A page is one event, and so one frame: long messages come in shorter pages."""

_UNREAD = RawSQL(
    """(SELECT COUNT(*) FROM (
        SELECT 1 FROM chat_message AS news
        WHERE news.conversation_id = chat_membership.conversation_id AND news.seq > chat_membership.read_seq
          AND news.kind = 'text' AND NOT news.deleted AND news.sender_id <> chat_membership.user_id
        LIMIT %s) AS counted)""",
    [UNREAD_COUNTED],
)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as others see it."""

    user_id: int
    username: str
    name: str
    role: str
    read_seq: int
    is_program: bool = False
    is_built_in: bool = False


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation as one of its members sees it; `members` are the first 50 by id."""

    id: int
    kind: str
    title: str
    epoch: str
    head: int
    member_count: int
    read_seq: int
    unread: int
    draft: str
    members: list[MemberRow]
    muted: bool = False


def conversations_of(user_ids: Collection[int], only: Iterable[int] | None = None) -> dict[int, list[ConversationRow]]:
    """The conversations of each user, the newest first, at most 1,000.

    Two queries where no member is a program and no conversation large, else three and one for each large one.
    """
    rows = Membership.objects.filter(user__in=user_ids, left_at=None)
    if only is not None:
        rows = rows.filter(conversation__in=list(only))
    shown = rows.first_of_each_user("-conversation_id", most=CONVERSATIONS_SHOWN)
    theirs = list(shown.annotate(unread=_UNREAD).select_related("conversation").order_by("-conversation_id"))
    members = _members_by_conversation({row.conversation_id: row.conversation for row in theirs}.values())
    found: dict[int, list[ConversationRow]] = {user_id: [] for user_id in user_ids}
    for row in theirs:
        found[row.user_id].append(_conversation_row(row, members[row.conversation_id]))
    return found


def _conversation_row(row: Any, members: list[MemberRow]) -> ConversationRow:
    conversation: Conversation = row.conversation
    return ConversationRow(
        conversation.pk,
        conversation.kind,
        conversation.title,
        conversation.epoch,
        conversation.head,
        conversation.member_count,
        row.read_seq,
        row.unread,
        row.draft,
        members,
        row.muted,
    )


@dataclass(frozen=True, slots=True)
class OwnState:
    """What a member has in a conversation: how far it is read, how many messages of others lie after that."""

    read_seq: int
    unread: int
    muted: bool


def own_states(membership_ids: Iterable[int]) -> dict[int, OwnState]:
    """By the id of the membership; `unread` is counted to 1,000."""
    rows = Membership.objects.filter(pk__in=list(membership_ids)).annotate(unread=_UNREAD)
    return {pk: OwnState(*state) for pk, *state in rows.values_list("pk", "read_seq", "unread", "muted")}


def _members_by_conversation(conversations: Collection[Conversation]) -> dict[int, list[MemberRow]]:
    """All members of the small ones in one query, the first ones of each large one in a query of its own."""
    small = [each.pk for each in conversations if each.member_count <= MEMBERS_SHOWN]
    found: dict[int, list[MemberRow]] = {each.pk: [] for each in conversations}
    for conversation, row in _member_rows(_members().filter(conversation_id__in=small).order_by("user_id")):
        found[conversation].append(row)
    for each in conversations:
        if each.member_count > MEMBERS_SHOWN:
            found[each.pk] = members_page(each.pk, 0, MEMBERS_SHOWN)
    return found


def members_page(conversation_id: int, after: int, limit: int) -> list[MemberRow]:
    """Members with a user id above `after`, in that order."""
    rows = _members().filter(conversation_id=conversation_id, user_id__gt=after)
    return [row for _, row in _member_rows(rows.order_by("user_id")[:limit])]


def members_for(user_id: int, conversation_id: int, after: int, limit: int) -> list[MemberRow]:
    """The same for a member who asks. Raises NOT_FOUND for anyone else."""
    require_member(user_id, conversation_id)
    return members_page(conversation_id, after, limit)


def _members() -> Any:
    return Membership.objects.filter(left_at=None).select_related("user")


def _member_rows(memberships: Iterable[Membership]) -> list[tuple[int, MemberRow]]:
    """With the conversation of each; one query more where a program is among them."""
    rows = list(memberships)
    programs = {row.conversation_id for row in rows if row.user.is_program}
    built_in = built_in_among(programs) if programs else set()
    return [(row.conversation_id, _member_row(row, built_in)) for row in rows]


def _member_row(row: Membership, built_in: set[int]) -> MemberRow:
    user = row.user
    is_built_in = user.is_program and row.conversation_id in built_in
    return MemberRow(row.user_id, user.username, user.name, row.role, row.read_seq, user.is_program, is_built_in)


def require_member(user_id: int, conversation_id: int) -> None:
    """Raises NOT_FOUND unless the user is a member: strangers do not even learn that the conversation exists."""
    if not is_member(user_id, conversation_id):
        raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")


def replay_for(user_id: int, conversation_id: int, after: int) -> Tail | None:
    """The next changes after a position, for a member; None for anyone else.

    Membership is read after the rows: whoever was put out before then gets nothing, and a later removal has a position
    that is not covered yet.
    """
    tail = read_after(conversation_id, after, REPLAY_CHANGES)
    return tail if is_member(user_id, conversation_id) else None


def snapshot_for(user_id: int, conversation_id: int) -> Tail | None:
    """The latest messages, for a member; None for anyone else."""
    tail = read_latest(conversation_id, SNAPSHOT_MESSAGES)
    return tail if is_member(user_id, conversation_id) else None


def is_member(user_id: int, conversation_id: int) -> bool:
    return Membership.objects.filter(conversation_id=conversation_id, user_id=user_id, left_at=None).exists()


@dataclass(frozen=True, slots=True)
class Page:
    """Encoded messages by ascending seq, and whether there are more before and after them."""

    messages: list[bytes]
    has_more: bool
    has_newer: bool | None = None


def history(user_id: int, conversation_id: int, before: int | None, limit: int) -> Page:
    """The messages before a seq (or the newest). Raises NOT_FOUND for strangers."""
    rows = _messages(conversation_id, before=before)
    found = list(rows.order_by("-seq")[: limit + 1])
    require_member(user_id, conversation_id)
    shown = _fitting(_bodies(found[:limit]), PAGE_BYTES)
    return Page(shown[::-1], has_more=len(found) > len(shown))


def history_around(user_id: int, conversation_id: int, around: int, limit: int) -> Page:
    """Messages on both sides of a seq, for a permalink. Raises NOT_FOUND for strangers."""
    half = max(1, limit // 2)
    older = list(_messages(conversation_id, before=around + 1).order_by("-seq")[: half + 1])
    newer = list(_messages(conversation_id).filter(seq__gt=around).order_by("seq")[: limit - half + 1])
    require_member(user_id, conversation_id)
    before = _fitting(_bodies(older[:half]), PAGE_BYTES // 2)
    after = _fitting(_bodies(newer[: limit - half]), PAGE_BYTES // 2)
    return Page([*before[::-1], *after], has_more=len(older) > len(before), has_newer=len(newer) > len(after))


def _fitting(bodies: Sequence[bytes], most_bytes: int) -> list[bytes]:
    """As many as fit, from the first on, and the first in any case."""
    sizes = accumulate(len(body) + 1 for body in bodies)
    count = sum(size <= most_bytes for size in sizes)
    return list(bodies[: max(1, count)])


def _messages(conversation_id: int, before: int | None = None) -> Any:
    rows = Message.objects.filter(conversation_id=conversation_id).select_related("sender")
    return rows if before is None else rows.filter(seq__lt=before)


def _bodies(rows: Sequence[Message]) -> list[bytes]:
    return [commit_of(row, "", row.sender.name).body for row in rows]


def users_named(usernames: Sequence[str]) -> list[int]:
    """The ids of these users, in order. Raises NOT_FOUND when one does not exist or is not active."""
    found = dict(User.objects.filter(username__in=usernames, is_active=True).values_list("username", "pk"))
    missing = [name for name in usernames if name not in found]
    if missing:
        raise ChatError(ErrorCode.NOT_FOUND, "One of these users does not exist.")
    return [found[name] for name in dict.fromkeys(usernames)]


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """What is now true of a user in a conversation; `id` is the membership's."""

    id: int
    user_id: int
    conversation_id: int
    is_member: bool
    read_seq: int
    draft: str
    updated_at: datetime

    @property
    def key(self) -> tuple[int, int]:
        return self.user_id, self.conversation_id


def memberships_changed_since(since: datetime, user_ids: Iterable[int], what: str) -> list[MembershipChange]:
    """Memberships of these users that changed lately: for the sweep, when word of them was lost.

    `what` is "members" for who joined or left, "marks" for read positions and drafts too.
    """
    wanted = set(user_ids)
    moved = Q(joined_at__gt=since) | Q(left_at__gt=since)
    rows = Membership.objects.filter(moved if what == "members" else Q(updated_at__gt=since)).values_list(
        "pk", "user_id", "conversation_id", "left_at", "read_seq", "draft", "updated_at"
    )
    return [
        MembershipChange(pk, user, conversation, left_at is None, read_seq, draft, updated_at)
        for pk, user, conversation, left_at, read_seq, draft, updated_at in rows
        if user in wanted
    ]
