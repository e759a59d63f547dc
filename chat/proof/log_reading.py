"""What the log itself holds, beside which devices are judged."""

from collections.abc import Iterable
from typing import Any

import orjson

from chat.log.encode import commit_of
from chat.models import Message


def log_of(conversations: Iterable[int]) -> list[dict[str, Any]]:
    """Every message of these conversations, in the shape of the `message` event."""
    rows = Message.objects.filter(conversation_id__in=list(conversations)).select_related("sender")
    return [orjson.loads(commit_of(row, "", row.sender.name).body) for row in rows.order_by("conversation_id", "seq")]
