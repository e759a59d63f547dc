"""Forgets what a site no longer has to keep, in small steps beside running nodes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from chat.assistant.reminders import KEPT
from chat.log.retention import expire_some, expiring
from chat.models import Conversation, Reminder, ToolCall, Turn

AT_ONCE = 200
"""Rows in one transaction: other writers wait for some milliseconds, not more."""
PAUSE_SECONDS = 0.02
TOOL_CALLS_KEPT = timedelta(days=1)
"""Only an attempt at the same turn reads them, and a turn is over within minutes."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many of each were let go, or would be."""

    messages: int
    turns: int
    tool_calls: int
    reminders: int
    sessions: int


def prune(days: int, *, is_rehearsal: bool = False) -> Pruned:
    """Let go what is older than `days` (0: messages and turns stay for ever) and what nobody needs at any age."""
    now = timezone.now()
    before = now - timedelta(days=days) if days else None
    count: Callable[[QuerySet[Any]], int] = QuerySet.count if is_rehearsal else _delete
    said_before = max(now - KEPT, before) if before else now - KEPT
    return Pruned(
        messages=_messages(before, is_rehearsal=is_rehearsal),
        tool_calls=count(ToolCall.objects.filter(turn__ended_at__lt=now - TOOL_CALLS_KEPT)),
        turns=count(_ended_turns(before)),
        reminders=count(Reminder.objects.filter(said_at__lt=said_before)),
        sessions=count(Session.objects.filter(expire_date__lt=now)),
    )


def _messages(before: datetime | None, *, is_rehearsal: bool) -> int:
    if before is None:
        return 0
    if is_rehearsal:
        return expiring(before).count()
    conversations = Conversation.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_expire_all(each, before) for each in conversations.iterator())


def _expire_all(conversation_id: int, before: datetime) -> int:
    expired = after = 0
    while seqs := expire_some(conversation_id, before, after=after, most=AT_ONCE):
        expired, after = expired + len(seqs), seqs[-1]
        time.sleep(PAUSE_SECONDS)
    return expired


def _ended_turns(before: datetime | None) -> "QuerySet[Turn]":
    """An answer can be asked for again as long as its turn is there: it goes when the answer does."""
    ended = Turn.objects.exclude(status__in=Turn.ACTIVE)
    return ended.filter(ended_at__lt=before) if before else ended.none()


def _delete(rows: "QuerySet[Any]") -> int:
    deleted = 0
    while some := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.model.objects.filter(pk__in=some).delete()
        deleted += len(some)
        time.sleep(PAUSE_SECONDS)
    return deleted
