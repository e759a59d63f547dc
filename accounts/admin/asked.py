"""What staff ask of a list in its search box: `in:12 from:ann before:2026-01-31 and words`."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .bounds import searchable

HELP = _("in:12 is a conversation, from:ann a person.")
NOBODY = 0
LARGEST_ID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """`user` is an id, NOBODY for a name that nobody has; `before` is the end of the UTC day that was named.

    `of` is a row: the label of its model, and its id.
    """

    conversation: int | None = None
    user: int | None = None
    before: datetime | None = None
    of: tuple[str, str] | None = None
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
    return int(value) if value.isascii() and value.isdecimal() and int(value) <= LARGEST_ID else None


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


def _row(value: str) -> tuple[str, str] | None:
    kind, colon, pk = value.rpartition(":")
    return (kind, pk) if colon and kind and pk else None


READERS = {"in": _conversation, "from": _user, "before": _day, "of": _row}
FIELDS = {"in": "conversation", "from": "user", "before": "before", "of": "of"}


def of_whom_and_where(rows: QuerySet[Model], asked: Asked, user_field: str) -> QuerySet[Model]:
    """The rows of one conversation and of one person, where they were named."""
    if asked.conversation is not None:
        rows = rows.filter(conversation_id=asked.conversation)
    if asked.user is not None:
        rows = rows.filter(**{f"{user_field}_id": asked.user})
    return rows
