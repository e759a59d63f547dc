"""What the database itself holds, beside which the devices are judged."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chat.log.encode import commit_of
from chat.models import Message

Event = dict[str, Any]


def log_of(conversations: Iterable[int]) -> list[Event]:
    """Every message of these conversations, in the shape of the `message` event."""
    rows = Message.objects.filter(conversation_id__in=list(conversations)).select_related("sender")
    return [orjson.loads(commit_of(row, "", row.sender.name).body) for row in rows.order_by("conversation_id", "seq")]


def migrations_missing() -> int:
    """How many migrations wait to be applied. Raises DatabaseError when the database cannot be reached."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


__all__ = ["DatabaseError", "Event", "log_of", "migrations_missing"]
