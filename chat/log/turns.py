"""The assistant's turns inside the writing transaction: a message that asks begins one, the answer ends it."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Sum

from chat.log.batch import Batch
from chat.log.changes import Answer, Post
from chat.log.members import Member
from chat.log.sql import LockedConversation
from chat.models import AssistantSettings, Turn
from chat.wire.errors import ChatError, ErrorCode

Speaks, Policy, Status = AssistantSettings.Speaks, AssistantSettings.Policy, Turn.Status
MOST_WAITING = 20
"""Turns of one conversation that wait; the next asker is told that the assistant is busy."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def settings_of(conversation_id: int) -> AssistantSettings:
    """How the assistant behaves there; the defaults where nobody chose."""
    found = AssistantSettings.objects.filter(conversation_id=conversation_id).first()
    return found or AssistantSettings(conversation_id=conversation_id)


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
