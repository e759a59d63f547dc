"""The spellings that all events share: times, keys of objects, and fields that are left out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

Event = dict[str, Any]

_WHOLE_SECONDS = len('"2026-01-31T09:00:00Z"')


def iso(at: datetime) -> str:
    """ISO 8601 UTC in milliseconds, like "2026-01-31T09:00:00.000Z". Raises ValueError when the zone is unknown."""
    if at.tzinfo is not UTC:
        return iso(_in_utc(at))
    # A quarter of the time that datetime.isoformat takes; orjson leaves out a fraction of zero.
    spelled = orjson.dumps(at, option=orjson.OPT_UTC_Z)
    return f"{spelled[1:24].decode()}Z" if len(spelled) > _WHOLE_SECONDS else f"{spelled[1:-2].decode()}.000Z"


def uuid_text(name: UUID | str) -> str:
    """The canonical spelling, in a third of the time that str() takes."""
    return name if isinstance(name, str) else orjson.dumps(name)[1:-1].decode()


def keyed(by_conversation: Mapping[int, Any]) -> dict[str, Any]:
    """JSON objects have strings as keys."""
    return {str(conversation): value for conversation, value in by_conversation.items()}


def without_none(**fields: Any) -> Event:
    return {name: value for name, value in fields.items() if value is not None}


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)
