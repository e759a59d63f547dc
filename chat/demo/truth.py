"""What the database itself holds, beside which the devices are judged."""

from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.programs import ensure_assistant
from chat.models import Turn
from chat.proof.log_reading import log_of

Event = dict[str, Any]


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
