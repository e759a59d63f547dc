"""Begins a conversation: the first rows of a new log."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.access import Access
from chat.log.fence import require_access
from chat.models import Conversation, Membership, Message


@dataclass(frozen=True, slots=True)
class Created:
    """A conversation that exists now; `is_new` is False where a direct one was there before."""

    conversation: int
    is_new: bool


def create_direct(user: int, other: int, access: Access | None = None) -> Created:
    """The one direct conversation of two different users. Raises AccessEnded."""
    with transaction.atomic():
        require_access(access)
        conversation, is_new = Conversation.objects.get_or_create(
            direct_key=direct_key(user, other), defaults={"kind": Conversation.Kind.DIRECT, "member_count": 2}
        )
        if is_new:
            _add_members(conversation, [user, other], owner=None)
    return Created(conversation.pk, is_new)


def direct_key(user: int, other: int) -> str:
    """What names the one direct conversation of two users."""
    return "{}:{}".format(*sorted((user, other)))


def create_group(user: int, title: str, others: Sequence[int], access: Access | None = None) -> Created:
    """A new group owned by `user`; its first message says so. Raises AccessEnded."""
    members = list(dict.fromkeys([user, *others]))
    with transaction.atomic():
        require_access(access)
        conversation = Conversation.objects.create(
            kind=Conversation.Kind.GROUP, title=title, head=1, member_count=len(members)
        )
        _add_members(conversation, members, owner=user)
        Message.objects.create(
            conversation=conversation,
            seq=1,
            changed_seq=1,
            kind=Message.Kind.SYSTEM,
            sender_id=user,
            data={"action": "created", "title": title},
            at=timezone.now(),
        )
    return Created(conversation.pk, True)


def _add_members(conversation: Conversation, users: Sequence[int], *, owner: int | None) -> None:
    now = timezone.now()
    Membership.objects.bulk_create(
        Membership(
            conversation=conversation,
            user_id=user,
            role=Membership.Role.OWNER if user == owner else Membership.Role.MEMBER,
            joined_at=now,
            updated_at=now,
            read_seq=conversation.head,
        )
        for user in users
    )
