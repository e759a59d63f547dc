"""What staff ask of a list in its search box: `in:12 from:ann before:2026-01-31 and words`."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Min, Model, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.admin.bounds import searchable
from accounts.models import User
from chat.wire.limits import INTEGER_MAX

HELP = _("in:12 is a conversation, from:ann a person.")
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """`user` is an id, NOBODY for a name that nobody has; `before` is the end of the UTC day that was named."""

    conversation: int | None = None
    user: int | None = None
    before: datetime | None = None
    words: str = ""


def asked_in(query: str) -> Asked:
    """Understand a query; what is not understood is words. One query when a person is named."""
    found: dict[str, Any] = {}
    words = []
    for part in searchable(query).split():
        name, _colon, value = part.partition(":")
        reader = READERS.get(name)
        read = reader(value) if reader is not None else None
        if read is None:
            words.append(part)
        else:
            found[FIELDS[name]] = read
    return Asked(**found, words=" ".join(words))


def _conversation(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and int(value) <= INTEGER_MAX else None


def _user(value: str) -> int | None:
    if not value:
        return None
    return User.objects.filter(username=value).values_list("pk", flat=True).first() or NOBODY


def _day(value: str) -> datetime | None:
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return datetime.combine(day, time.max, UTC) if day else None


READERS = {"in": _conversation, "from": _user, "before": _day}
FIELDS = {"in": "conversation", "from": "user", "before": "before"}


def end_of(rows: QuerySet[Any, Any], key: str, at: datetime) -> int:
    """The smallest `key` from which on rows are newer than `at`, where both grow together: found by halving.

    Two queries and one for each halving; no index on the time is needed, and a list that is not asked pays nothing.
    """
    low = rows.aggregate(least=Min(key))["least"] or 0
    newest = rows.order_by(f"-{key}").values_list(key, flat=True).first() or 0
    high = newest + 1
    while low < high:
        middle = (low + high) // 2
        place, when = rows.filter(**{f"{key}__gte": middle}).order_by(key).values_list(key, "at")[0]
        if when > at:
            high = middle
        else:
            low = place + 1
    return int(low)


def of_whom_and_where(rows: QuerySet[Model], asked: Asked, user_field: str) -> QuerySet[Model]:
    """The rows of one conversation and of one person, where they were named."""
    if asked.conversation is not None:
        rows = rows.filter(conversation_id=asked.conversation)
    if asked.user is not None:
        rows = rows.filter(**{f"{user_field}_id": asked.user})
    return rows
