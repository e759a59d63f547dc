"""How each kind of change is checked and done inside the writing transaction."""

from collections.abc import Callable
from typing import Any

from accounts.audit import record
from accounts.models import AuditEntry
from chat.log import outcome, turns
from chat.log.batch import Batch
from chat.log.changes import (
    Answer,
    Change,
    Delete,
    Edit,
    Halt,
    Invite,
    Leave,
    Moderate,
    Post,
    React,
    Remove,
    Rename,
    Stop,
)
from chat.log.membership import invite, leave, remove, rename
from chat.log.outcome import Outcome
from chat.log.sql import LockedConversation
from chat.models import Membership, Message, Turn
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import REACTION_EMOJIS
from chat.wire.markdown import render

REMOVE_PERMISSION = "chat.delete_message"
STOP_PERMISSION = "chat.change_turn"


def apply(batch: Batch, change: Change) -> Outcome:
    """Check `change` and do it. Raises ChatError, having done nothing, where it is not allowed."""
    return APPLY[type(change)](batch, change)


def post(batch: Batch, change: Post) -> Outcome:
    earlier = batch.posted(change.user, change.client_id)
    if earlier is not None:
        return _repeated(earlier, change)
    conversation = batch.conversation_for(change)
    if change.reply_to is not None:
        batch.message(conversation, change.reply_to)
    message = batch.add_post(change, conversation)
    asks = turns.ask(batch, conversation, change, message.seq)
    return outcome.added(message, conversation, batch.members_of(conversation)[change.user].name, asks=asks)


def answer(batch: Batch, change: Answer) -> Outcome:
    conversation = batch.conversation_for(change)
    earlier = batch.message(conversation, change.replaces) if change.replaces is not None else None
    if earlier is None or earlier.deleted:
        turns.finish(change, conversation.head + 1, batch.now)
        message = batch.add_post(change, conversation)
        return outcome.added(message, conversation, batch.members_of(conversation)[change.user].name)
    turns.finish(change, earlier.seq, batch.now)
    return _said_instead(batch, conversation, earlier, change.text, change.html, data=None)


def stop(batch: Batch, change: Stop) -> Outcome:
    """What was said so far is the answer, marked as stopped; where nothing was, the turn just ends."""
    conversation = batch.conversation_for(change)
    turn = turns.to_stop(change)
    turns.require_right(turn, batch.members_of(conversation)[change.user], is_group=conversation.is_group)
    return _stopped(batch, conversation, turn, change)


def halt(batch: Batch, change: Halt) -> Outcome:
    """A stop by staff."""
    conversation = batch.conversation_as_staff(change, STOP_PERMISSION)
    turn = turns.to_stop(change)
    turns.require_active(turn)
    stopped = _stopped(batch, conversation, turn, change)
    record(change.by, AuditEntry.What.TURN_STOPPED, turn, details={"conversation": conversation.pk})
    return stopped


def _stopped(batch: Batch, conversation: LockedConversation, turn: Turn, change: Stop) -> Outcome:
    program = batch.member(conversation, turn.program_id)
    text = turns.said_so_far(turn, change) if program is not None else ""
    if program is None or not text:
        turns.end_stopped(turn, None, batch.now)
        return outcome.unchanged(turns.question_of(turn))
    earlier = turns.earlier_answer(turn)
    if earlier is not None:
        earlier = batch.adopt(earlier)
        turns.end_stopped(turn, earlier.seq, batch.now)
        return _said_instead(batch, conversation, earlier, text, render(text), data=turns.STOPPED)
    message = batch.add(turns.stopped_message(turn, text, render(text), batch.now), conversation)
    turns.end_stopped(turn, message.seq, batch.now)
    return outcome.added(message, conversation, program.name)


def _said_instead(
    batch: Batch,
    conversation: LockedConversation,
    earlier: Message,
    text: str,
    html: str,
    *,
    data: dict[str, bool] | None,
) -> Outcome:
    earlier.text, earlier.html, earlier.data, earlier.edited_at = text, html, data, batch.now
    return _changed(batch, conversation, earlier)


def edit(batch: Batch, change: Edit) -> Outcome:
    conversation, message = _living_message(batch, change, change.seq)
    if message.sender_id != change.user:
        raise ChatError(ErrorCode.FORBIDDEN, "Only its sender may edit a message.")
    if message.text == change.text:
        return outcome.unchanged(message)
    message.text, message.html, message.edited_at = change.text, change.html, batch.now
    return _changed(batch, conversation, message)


def delete(batch: Batch, change: Delete) -> Outcome:
    conversation = batch.conversation_for(change)
    message = batch.message(conversation, change.seq)
    if message.deleted:
        return outcome.unchanged(message)
    if message.kind == Message.Kind.SYSTEM or not _may_delete(batch, conversation, message, change.user):
        raise ChatError(ErrorCode.FORBIDDEN, "Only its sender or the group's owner may delete a message.")
    return _bury(batch, conversation, message)


def moderate(batch: Batch, change: Moderate) -> Outcome:
    """A deletion by staff; the audit says which message it was, not what it said."""
    conversation = batch.conversation_as_staff(change, REMOVE_PERMISSION)
    message = batch.message(conversation, change.seq)
    if message.deleted:
        return outcome.unchanged(message)
    if message.kind == Message.Kind.SYSTEM:
        raise ChatError(ErrorCode.CONFLICT, "What the system says of a conversation stays.")
    place = {"conversation": conversation.pk, "seq": message.seq, "sender_id": message.sender_id}
    record(change.by, AuditEntry.What.MESSAGE_REMOVED, message, details=place)
    return _bury(batch, conversation, message)


def _bury(batch: Batch, conversation: LockedConversation, message: Message) -> Outcome:
    message.deleted = True
    message.text = message.html = ""
    message.reactions, message.attachments = {}, []
    return _changed(batch, conversation, message)


def react(batch: Batch, change: React) -> Outcome:
    conversation, message = _living_message(batch, change, change.seq)
    users = message.reactions.get(change.emoji, [])
    if (change.user in users) == change.on:
        return outcome.unchanged(message)
    if change.on and not users and len(message.reactions) >= REACTION_EMOJIS:
        raise ChatError(ErrorCode.LIMIT, f"A message carries at most {REACTION_EMOJIS} different reactions.")
    message.reactions = _with_reaction(message.reactions, change)
    return _changed(batch, conversation, message)


def _with_reaction(reactions: dict[str, list[int]], change: React) -> dict[str, list[int]]:
    users = [user for user in reactions.get(change.emoji, []) if user != change.user]
    after = {**reactions, change.emoji: [*users, change.user] if change.on else users}
    return {emoji: who for emoji, who in after.items() if who}


def _repeated(earlier: Message, change: Post) -> Outcome:
    if earlier.conversation_id != change.conversation:
        raise ChatError(ErrorCode.CONFLICT, "This client_id was used in another conversation.")
    return outcome.unchanged(earlier)


def _living_message(batch: Batch, change: Change, seq: int) -> tuple[LockedConversation, Message]:
    conversation = batch.conversation_for(change)
    message = batch.message(conversation, seq)
    if message.deleted or message.kind == Message.Kind.SYSTEM:
        raise ChatError(ErrorCode.CONFLICT, "This message can no longer be changed.")
    return conversation, message


def _changed(batch: Batch, conversation: LockedConversation, message: Message) -> Outcome:
    message.changed_seq = batch.next_position(conversation)
    batch.change(message)
    return outcome.changed(message, conversation)


def _may_delete(batch: Batch, conversation: LockedConversation, message: Message, user: int) -> bool:
    role = batch.members_of(conversation)[user].role
    owns = role == Membership.Role.OWNER and conversation.is_group
    return message.sender_id == user or owns


APPLY: dict[type[Change], Callable[[Batch, Any], Outcome]] = {
    Post: post,
    Answer: answer,
    Stop: stop,
    Halt: halt,
    Edit: edit,
    Delete: delete,
    Moderate: moderate,
    React: react,
    Rename: rename,
    Invite: invite,
    Leave: leave,
    Remove: remove,
}
