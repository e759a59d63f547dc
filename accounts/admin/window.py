"""The newest rows of a long table: as many as a list shows, found by an index however many there are."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from .bounds import MOST_COUNTED

HALVING = """
    WITH RECURSIVE search(low, high) AS (
        SELECT {first}, {last}
        UNION ALL
        SELECT CASE WHEN {later} THEN low ELSE (low + high) / 2 + 1 END,
               CASE WHEN {later} THEN (low + high) / 2 ELSE high END
        FROM search WHERE low < high
    )
    SELECT low FROM search WHERE low >= high
"""
LATER = "(SELECT at FROM {table} WHERE {where}{key} >= (low + high) / 2 ORDER BY {key} LIMIT 1) > %s"


def newest(rows: QuerySet[Any], model: Any, key: str, before: datetime | None, **place: int) -> QuerySet[Any]:
    """Those of `rows` with one of the last MOST_COUNTED numbers of `key` that `model` has in `place`, until `before`.

    Filters that `rows` has do not widen the window: what they leave out is not made up for. One query.
    """
    end = 1 + (last_key(model, key, **place) if before is None else last_key_until(model, key, before, **place))
    return rows.filter(**{f"{key}__lt": end, f"{key}__gte": end - MOST_COUNTED})


def last_key(model: Any, key: str, **place: int) -> int:
    """0 where there is none."""
    return int(model.objects.filter(**place).aggregate(last=Max(key))["last"] or 0)


def last_key_until(model: Any, key: str, at: datetime, **place: int) -> int:
    """The greatest number that was given until `at`, where both grow together: found by halving, in one query.

    It needs no index on the time, and a list that is not asked pays nothing. `key` and `place` are names of columns.
    """
    table, column = model._meta.db_table, model._meta.get_field(key).column
    where = "".join(f"{name} = %s AND " for name in place)
    later = LATER.format(table=table, where=where, key=column)
    bound = "(SELECT COALESCE({of}({key}), 0) FROM {table} WHERE {where}1 = 1)"
    first = bound.format(of="MIN", key=column, table=table, where=where)
    last = bound.format(of="MAX", key=column, table=table, where=where) + " + 1"
    until = connection.ops.adapt_datetimefield_value(at)
    values, times = list(place.values()), [*place.values(), until]
    with connection.cursor() as cursor:
        cursor.execute(HALVING.format(first=first, last=last, later=later), [*values, *values, *times, *times])
        return int(cursor.fetchone()[0]) - 1
