"""What the database itself holds, beside which the devices are judged."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.programs import ensure_assistant
from chat.log.encode import commit_of
from chat.models import Message, Turn

Event = dict[str, Any]


def log_of(conversations: Iterable[int]) -> list[Event]:
    """Every message of these conversations, in the shape of the `message` event."""
    rows = Message.objects.filter(conversation_id__in=list(conversations)).select_related("sender")
    return [orjson.loads(commit_of(row, "", row.sender.name).body) for row in rows.order_by("conversation_id", "seq")]


def assistant_id() -> tuple[int, str]:
    """The id and the username of the assistant."""
    assistant = ensure_assistant()
    return assistant.pk, assistant.username


def speaker_of(conversation: int) -> str:
    """The node that works on the latest turn there; "" when there is none."""
    turn = Turn.objects.filter(conversation_id=conversation).order_by("-created_at").first()
    return turn.owner.partition("/")[0] if turn else ""


def migrations_missing() -> int:
    """How many migrations wait to be applied. Raises DatabaseError when the database cannot be reached."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


__all__ = ["DatabaseError", "Event", "log_of", "migrations_missing"]
