"""What the assistant can look up and do: within one conversation, with the rights of the person who asked."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolRuntime

from chat.assistant.occasion import Occasion
from chat.assistant.turns import Claim
from chat.models import Membership, Message, Reminder, ToolCall
from chat.queries import require_member

HITS = 10
SEARCHED_MESSAGES = 5_000
TOLD_MESSAGES = 100
RANGE_MESSAGES = 1_000
RANGE_PEOPLE = 8
TOLD_CHARS = 6_000
EXCERPT_CHARS = 200
LINE_CHARS = 60
"""Of a name and a time, about."""
MEMBERS = 50
LONGEST_REMINDER_MINUTES = 60 * 24 * 366
REMINDERS = 50
"""Of one person in one conversation that are still to be said."""


Told = ToolRuntime[Occasion, Any]
"""LangGraph's ToolNode fills it in; the model is not told of it."""


@tool
async def search_history(query: str, runtime: Told) -> str:
    """Find messages of this conversation that contain some words."""
    return await _looked_up(runtime, "search_history", {"query": query}, search_history_of, query)


@tool
async def messages_missed(runtime: Told) -> str:
    """The messages that the person who asks has not read yet."""
    return await _looked_up(runtime, "messages_missed", {}, messages_missed_by)


@tool
async def summarise_range(runtime: Told, first: int = 0, last: int = 0) -> str:
    """What to summarise: who said how much in the messages numbered `first` to `last`, and their words or some.

    0 as `first` begins after what the person who asks has read, 0 as `last` goes on to the question.
    """
    numbers = {"first": first, "last": last}
    return await _looked_up(runtime, "summarise_range", numbers, summary_of_range, first, last)


@tool
async def list_members(runtime: Told) -> str:
    """Who is in this conversation, and when each of them last wrote."""
    return await _looked_up(runtime, "list_members", {}, members_seen_by)


@tool
async def remind(minutes: float, text: str, runtime: Told) -> str:
    """Say something in this conversation after some minutes."""
    return await _acted(runtime, "remind", {"minutes": minutes, "text": text}, remind_at, minutes, text)


TOOLS: list[BaseTool] = [search_history, messages_missed, summarise_range, list_members, remind]
"""Their docstrings are what the model reads."""


async def _looked_up(
    runtime: Told, name: str, arguments: dict[str, Any], look: Callable[..., str], *values: Any
) -> str:
    """Recorded by its step, so that a later attempt gets the same."""
    occasion, step, call = _call(runtime, name, arguments)
    return await occasion.database.write_behind(looked_up, occasion.claim, step, call, look, *values)


async def _acted(runtime: Told, name: str, arguments: dict[str, Any], act: Callable[..., str], *values: Any) -> str:
    """Recorded by its step, so that a later attempt acts no second time."""
    occasion, step, call = _call(runtime, name, arguments)
    return await occasion.database.write_behind(acted, occasion.claim, step, call, act, *values)


def _call(runtime: Told, name: str, arguments: dict[str, Any]) -> tuple[Occasion, int, str]:
    occasion = runtime.context
    occasion.tool_calls[name] += 1
    digest = hashlib.sha256(json.dumps([name, arguments], sort_keys=True).encode()).hexdigest()
    return occasion, next(occasion.calls), digest


def looked_up(claim: Claim, step: int, call: str, look: Callable[..., str], *values: Any) -> str:
    """What this call gave before, or finds now; nobody who writes waits while it looks."""
    recorded = ToolCall.objects.filter(turn_id=claim.turn, step=step, call=call).first()
    if recorded is None:
        require_member(claim.asker, claim.conversation)
        found = {"result": look(claim, *values)}
        recorded, _ = ToolCall.objects.get_or_create(turn_id=claim.turn, step=step, call=call, defaults=found)
    return recorded.result


def acted(claim: Claim, step: int, call: str, act: Callable[..., str], *values: Any) -> str:
    """What this call gave before, or now; what it does and the record of it are one transaction."""
    with transaction.atomic():
        row, is_new = ToolCall.objects.get_or_create(turn_id=claim.turn, step=step, call=call)
        if is_new:
            require_member(claim.asker, claim.conversation)
            row.result = act(claim, *values)
            row.save(update_fields=["result"])
        return row.result


def search_history_of(claim: Claim, query: str) -> str:
    rows = _messages(claim).filter(seq__gt=max(0, claim.trigger - SEARCHED_MESSAGES), text__icontains=query[:200])
    return _told(list(rows.order_by("-seq")[:HITS])[::-1])


def messages_missed_by(claim: Claim) -> str:
    rows = _messages(claim).filter(seq__gt=_read_seq(claim)).exclude(sender_id__in=[claim.asker, claim.program])
    return _told(list(rows.order_by("-seq")[:TOLD_MESSAGES])[::-1])


def summary_of_range(claim: Claim, first: int, last: int) -> str:
    """Empty where nobody but the assistant said anything there. Of a longer range, its newest messages."""
    end = claim.trigger - 1 if last <= 0 else min(last, claim.trigger - 1)
    begin = _read_seq(claim) + 1 if first <= 0 else min(first, claim.trigger)
    rows = _messages(claim).filter(seq__gte=begin, seq__lte=end).exclude(sender_id=claim.program)
    found = list(rows.order_by("-seq")[:RANGE_MESSAGES])[::-1]
    if not found:
        return ""
    counted = Counter(row.sender.name for row in found).most_common(RANGE_PEOPLE)
    people = ", ".join(f"{name} ({count})" for name, count in counted)
    head = f"{found[0].seq}–{found[-1].seq}, {found[0].at:%Y-%m-%d %H:%M}–{found[-1].at:%Y-%m-%d %H:%M}: {people}"
    return f"{head}\n\n{_told(_spread(found))}"


def _spread(rows: list[Message]) -> list[Message]:
    """As many as can be told, from the whole of the range, with its last one."""
    chars = sum(min(len(row.text), EXCERPT_CHARS) + LINE_CHARS for row in rows)
    return rows[:: -max(1, math.ceil(chars / TOLD_CHARS))][::-1]


def _read_seq(claim: Claim) -> int:
    return Membership.objects.get(conversation_id=claim.conversation, user_id=claim.asker).read_seq


def members_seen_by(claim: Claim) -> str:
    rows = Membership.objects.filter(conversation_id=claim.conversation, left_at=None).select_related("user")
    members = list(rows.order_by("user_id")[:MEMBERS])
    wrote = Message.objects.filter(conversation_id=claim.conversation, sender_id__in=[each.user_id for each in members])
    last = dict(wrote.values_list("sender_id").annotate(at=Max("at")))
    lines = [
        f"- {each.user.name}: {last[each.user_id]:%Y-%m-%d %H:%M}" if each.user_id in last else f"- {each.user.name}: –"
        for each in members
    ]
    return "\n".join(lines)


def remind_at(claim: Claim, minutes: float, text: str) -> str:
    """Keep a reminder; its id comes from the turn, so that asking twice in one turn is one reminder."""
    if not 0 < minutes <= LONGEST_REMINDER_MINUTES or not text.strip():
        return "refused: between now and a year, with something to say"
    mine = Reminder.objects.filter(asker_id=claim.asker, conversation_id=claim.conversation, said_at=None)
    if mine.count() >= REMINDERS:
        return f"refused: {REMINDERS} reminders are waiting"
    due = timezone.now() + timedelta(minutes=minutes)
    Reminder.objects.get_or_create(
        pk=uuid5(claim.turn, f"{minutes} {text}"),
        defaults={
            "conversation_id": claim.conversation,
            "asker_id": claim.asker,
            "program_id": claim.program,
            "text": text[:1000],
            "due_at": due,
        },
    )
    return f"at {due:%Y-%m-%d %H:%M} UTC: {text[:1000]}"


def _messages(claim: Claim) -> Any:
    rows = Message.objects.filter(conversation_id=claim.conversation, seq__lt=claim.trigger, deleted=False)
    return rows.filter(kind=Message.Kind.TEXT).select_related("sender")


def _told(rows: list[Message]) -> str:
    lines = [f"- {row.sender.name} ({row.at:%Y-%m-%d %H:%M}): {_excerpt(row.text)}" for row in rows]
    while lines and sum(map(len, lines)) > TOLD_CHARS:
        lines.pop(0)
    return "\n".join(lines)


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARS else line[:EXCERPT_CHARS] + " …"
