"""The assistant's turns inside the writing transaction: a message that asks begins one, the answer ends it."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Sum

from chat.log.batch import Batch
from chat.log.changes import Answer, Post, Stop
from chat.log.members import Member
from chat.log.sql import LockedConversation
from chat.models import AssistantSettings, Membership, Message, Turn
from chat.wire.errors import ChatError, ErrorCode

BUILT_IN = "builtin"
"""The model that is a set of rules."""
Speaks, Policy, Status = AssistantSettings.Speaks, AssistantSettings.Policy, Turn.Status
MOST_WAITING = 20
"""Turns of one conversation that wait; the next asker is told that the assistant is busy."""
STOPPED = {"stopped": True}
"""The `data` of a message that says as much as the assistant had said when it was stopped."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def settings_of(conversation_id: int) -> AssistantSettings:
    """How the assistant behaves there; the defaults where nobody chose."""
    found = AssistantSettings.objects.filter(conversation_id=conversation_id).first()
    return found or AssistantSettings(conversation_id=conversation_id)


def built_in_among(conversations: Iterable[int]) -> set[int]:
    """Those of these conversations in which no language model thinks for the assistant, but the built-in rules."""
    ids = set(conversations)
    rows = AssistantSettings.objects.filter(conversation_id__in=ids).exclude(model="")
    models = dict.fromkeys(ids, settings.ASSISTANT_MODEL) | dict(rows.values_list("conversation_id", "model"))
    return {conversation for conversation, model in models.items() if model == BUILT_IN}


def ask(batch: Batch, conversation: LockedConversation, post: Post, seq: int) -> bool:
    """Begin a turn where this message, at `seq`, is meant for the assistant. True when something became of it."""
    program = batch.members_of(conversation).program
    if program is None or program.user == post.user:
        return False
    chosen = settings_of(conversation.pk)
    if not is_addressed(program, chosen.speaks, post.text, is_group=conversation.is_group):
        return False
    turn = Turn(conversation_id=conversation.pk, trigger=seq, asker_id=post.user, program_id=program.user)
    begin(turn, chosen.policy, batch.now)
    return True


def is_addressed(program: Member, speaks: str, text: str, *, is_group: bool) -> bool:
    """Whether the assistant should answer: always, when it is mentioned, or never."""
    if speaks == Speaks.NEVER:
        return False
    if speaks == Speaks.ALWAYS or (not speaks and not is_group):
        return True
    return bool(_mention(program.username).search(text))


@lru_cache(maxsize=16)
def _mention(username: str) -> re.Pattern[str]:
    """`@name` as a word of its own; Chinese is written without spaces, so only Latin letters go on with a name."""
    return re.compile(rf"(?<![\w@.])@{re.escape(username)}(?![A-Za-z0-9_@-]|\.\w)", re.IGNORECASE | re.ASCII)


def begin(turn: Turn, policy: str, now: datetime) -> None:
    """Store a new turn; the policy of its conversation says what becomes of it while others are not done."""
    turn.created_at = now
    active = list(
        Turn.objects.filter(conversation_id=turn.conversation_id, status__in=Turn.ACTIVE).order_by(
            "created_at", "trigger"
        )
    )
    if _is_over_limit(turn, now):
        _end(turn, "limit", now)
    elif active and policy == Policy.INTERRUPT:
        cancel(active, "interrupted", now)
    elif active and policy == Policy.STEER:
        turn.steered_into = active[0]
        _end(turn, "steered", now)
    elif (active and policy == Policy.REJECT) or len(active) >= MOST_WAITING:
        _end(turn, "busy", now)
    turn.save(force_insert=True)


def cancel(turns: list[Turn], reason: str, now: datetime) -> int:
    """End turns that are not done; how many there were."""
    active = Turn.objects.filter(pk__in=[each.pk for each in turns], status__in=Turn.ACTIVE)
    return active.update(status=Status.CANCELLED, reason=reason, ended_at=now, text="", lease_until=None)


def finish(answer: Answer, seq: int, now: datetime) -> None:
    """End the turn with the answer at `seq`. Raises CONFLICT when another attempt speaks, or somebody has steered."""
    turn = Turn.objects.filter(pk=answer.turn, attempt=answer.attempt, status=Status.RUNNING)
    if Turn.objects.filter(steered_into=answer.turn, trigger__gt=answer.seen).exists():
        raise ChatError(ErrorCode.CONFLICT, "Somebody has added something to the question.")
    ended = turn.update(
        status=Status.DONE, answer_seq=seq, ended_at=now, tokens=answer.tokens, text="", lease_until=None
    )
    if not ended:
        raise ChatError(ErrorCode.CONFLICT, "This attempt may no longer speak.")


def to_stop(change: Stop) -> Turn:
    """The turn, locked. Raises NOT_FOUND."""
    rows = Turn.objects.select_for_update().filter(pk=change.turn, conversation_id=change.conversation)
    turn = rows.first()
    if turn is None:
        raise ChatError(ErrorCode.NOT_FOUND, "There is no such answer.")
    return turn


def require_right(turn: Turn, member: Member, *, is_group: bool) -> None:
    """Raises FORBIDDEN for all but whoever asked and, in a group, its owners; CONFLICT when the turn has ended."""
    if turn.asker_id != member.user and not (is_group and member.role == Membership.Role.OWNER):
        raise ChatError(ErrorCode.FORBIDDEN, "Only whoever asked, or an owner of the group, may do this.")
    require_active(turn)


def require_active(turn: Turn) -> None:
    """Raises CONFLICT when the turn has ended."""
    if turn.status not in Turn.ACTIVE:
        raise ChatError(ErrorCode.CONFLICT, "This answer has ended.")


def said_so_far(turn: Turn, change: Stop) -> str:
    """The longer of what the row keeps of the attempt that runs and what the node of whoever stops has heard of it."""
    heard = change.heard if change.attempt == turn.attempt else ""
    return max(turn.text, heard, key=len).strip()


def earlier_answer(turn: Turn) -> Message | None:
    """The message whose place an answer given again takes; None where there is none, or it was deleted."""
    asked = Turn.objects.filter(
        conversation_id=turn.conversation_id, trigger=turn.trigger, answer_seq__isnull=False
    ).values("answer_seq")
    rows = Message.objects.filter(conversation_id=turn.conversation_id, seq__in=asked, deleted=False)
    return rows.select_related("sender").order_by("-seq").first()


def stopped_message(turn: Turn, text: str, html: str, now: datetime) -> Message:
    """What was said so far, as the answer; its `client_id` is the turn's, like that of any answer."""
    return Message(
        conversation_id=turn.conversation_id,
        sender_id=turn.program_id,
        client_id=turn.pk,
        text=text,
        html=html,
        data=STOPPED,
        reply_to=turn.trigger,
        at=now,
    )


def end_stopped(turn: Turn, seq: int | None, now: datetime) -> None:
    """End the turn, whose words are at `seq` where it had any."""
    cancel([turn], "stopped", now)
    Turn.objects.filter(pk=turn.pk).update(answer_seq=seq)


def question_of(turn: Turn) -> Message:
    return Message.objects.get(conversation_id=turn.conversation_id, seq=turn.trigger)


def _end(turn: Turn, reason: str, now: datetime) -> None:
    turn.status, turn.reason, turn.ended_at = Status.CANCELLED, reason, now


def _is_over_limit(turn: Turn, now: datetime) -> bool:
    rows = Turn.objects.exclude(reason="limit")
    for mine in (rows.filter(asker_id=turn.asker_id), rows.filter(conversation_id=turn.conversation_id)):
        if mine.filter(created_at__gt=now - HOUR).count() >= settings.ASSISTANT_TURNS_PER_HOUR:
            return True
        used = mine.filter(created_at__gt=now - DAY).aggregate(tokens=Sum("tokens"))["tokens"] or 0
        if used >= settings.ASSISTANT_TOKENS_PER_DAY:
            return True
    return False
