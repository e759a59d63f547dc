"""Changes of who is in a group and what it is called; each is told by a system message in the log."""

from dataclasses import replace
from typing import Any

from accounts.models import User
from chat.log import outcome
from chat.log.batch import Batch
from chat.log.changes import Change, Invite, Leave, Remove, Rename
from chat.log.members import member_of
from chat.log.outcome import Outcome
from chat.log.sql import LockedConversation
from chat.models import Membership, Message
from chat.wire.errors import ChatError, ErrorCode

GROUP_MEMBERS = 10_000


def rename(batch: Batch, change: Rename) -> Outcome:
    conversation = _group_for(batch, change)
    conversation.title = change.title
    return _say(batch, conversation, change.user, {"action": "renamed", "title": change.title})


def invite(batch: Batch, change: Invite) -> Outcome:
    conversation = _group_for(batch, change)
    if batch.member(conversation, change.invited) is not None:
        raise ChatError(ErrorCode.CONFLICT, "This user is a member already.")
    if conversation.member_count >= GROUP_MEMBERS:
        raise ChatError(ErrorCode.LIMIT, f"A group has at most {GROUP_MEMBERS} members.")
    user = User.objects.filter(pk=change.invited, is_active=True).first()
    if user is None:
        raise ChatError(ErrorCode.NOT_FOUND, "There is no such user.")
    said = _say(batch, conversation, change.user, {"action": "joined", "user": user.pk, "name": user.name})
    _join(batch, conversation, user)
    return said


def leave(batch: Batch, change: Leave) -> Outcome:
    conversation = _group_for(batch, change)
    said = _say(batch, conversation, change.user, _of("left", batch, conversation, change.user))
    _end(batch, conversation, change.user)
    return said


def remove(batch: Batch, change: Remove) -> Outcome:
    conversation = _group_for(batch, change)
    if batch.members_of(conversation)[change.user].role != Membership.Role.OWNER:
        raise ChatError(ErrorCode.FORBIDDEN, "Only an owner may remove a member.")
    if change.removed == change.user:
        raise ChatError(ErrorCode.CONFLICT, "Leave the group instead of removing yourself.")
    if batch.member(conversation, change.removed) is None:
        raise ChatError(ErrorCode.NOT_FOUND, "There is no such member.")
    said = _say(batch, conversation, change.user, _of("removed", batch, conversation, change.removed))
    _end(batch, conversation, change.removed)
    return said


def _group_for(batch: Batch, change: Change) -> LockedConversation:
    conversation = batch.conversation_for(change)
    if not conversation.is_group:
        raise ChatError(ErrorCode.FORBIDDEN, "A direct conversation keeps its two members and has no title.")
    return conversation


def _of(action: str, batch: Batch, conversation: LockedConversation, user: int) -> dict[str, Any]:
    return {"action": action, "user": user, "name": batch.members_of(conversation)[user].name}


def _say(batch: Batch, conversation: LockedConversation, user: int, data: dict[str, Any]) -> Outcome:
    message = Message(
        conversation_id=conversation.pk, kind=Message.Kind.SYSTEM, sender_id=user, data=data, at=batch.now
    )
    return outcome.added(batch.add(message, conversation), conversation, batch.members_of(conversation)[user].name)


def _join(batch: Batch, conversation: LockedConversation, user: User) -> None:
    """A new member starts with everything read: the history is there, and is not news."""
    Membership.objects.update_or_create(
        conversation_id=conversation.pk,
        user=user,
        defaults={
            "role": Membership.Role.MEMBER,
            "joined_at": batch.now,
            "left_at": None,
            "read_seq": conversation.head,
            "draft": "",
            "updated_at": batch.now,
        },
    )
    batch.members_of(conversation)[user.pk] = member_of(user, Membership.Role.MEMBER)
    _count(conversation, 1)


def _end(batch: Batch, conversation: LockedConversation, user: int) -> None:
    gone = batch.members_of(conversation).leave(user)
    rows = Membership.objects.filter(conversation_id=conversation.pk, left_at=None)
    rows.filter(user_id=user).update(left_at=batch.now, draft="", updated_at=batch.now)
    _count(conversation, -1)
    if gone.role == Membership.Role.OWNER and not rows.filter(role=Membership.Role.OWNER).exists():
        _hand_over(batch, conversation)


def _hand_over(batch: Batch, conversation: LockedConversation) -> None:
    """A group that its last owner left belongs to whoever has been in it the longest."""
    rows = Membership.objects.filter(conversation_id=conversation.pk, left_at=None)
    heir = rows.filter(user__is_program=False).order_by("joined_at", "pk").first()
    if heir is None:
        return
    heir.role, heir.updated_at = Membership.Role.OWNER, batch.now
    heir.save(update_fields=["role", "updated_at"])
    members = batch.members_of(conversation)
    members[heir.user_id] = replace(members[heir.user_id], role=heir.role)


def _count(conversation: LockedConversation, change: int) -> None:
    conversation.member_count += change
    conversation.members_version += 1
