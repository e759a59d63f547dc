"""The database of a backup on PostgreSQL: every table of ours as text, all from one snapshot.

By PostgreSQL's own COPY and not by pg_dump: pg_dump has to be on the machine and at least as new as the server, and
what it writes needs the rights of an owner to come back. The tables themselves are made by our migrations.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from psycopg import sql

from chat.ops.backup.manifest import Manifest
from chat.ops.problem import Problem

BLOCK_BYTES = 2**20
LOCK_SECONDS = 30
MIGRATIONS_TABLE = "django_migrations"

Statements = Sequence[tuple[str, Sequence[Any]]]


def copy_out(folder: Path) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write every table as it is now; rows and columns of each. It makes no writer wait."""
    rows, columns = {}, {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in our_tables():
            columns[table] = _columns_of(table)
            rows[table] = _copy_table(cursor, table, columns[table], folder / _file_of(table))
    return rows, columns


def examine(folder: Path, told: Manifest) -> str | None:
    """What is wrong with the copy, or None."""
    for table, rows in told.rows.items():
        path = folder / _file_of(table)
        if not path.is_file():
            return f"the table {table} is missing"
        if _lines_in(path) != rows:
            return f"the table {table} does not have as many rows as it should"
    return None


def put_back(folder: Path, told: Manifest, afterwards: Statements) -> None:
    """Replace the content of every table in one transaction. Raises Problem for tables that are not ours."""
    if sorted(told.rows) != our_tables() or any(told.columns.get(each) != _columns_of(each) for each in told.rows):
        raise Problem("The backup has other tables or columns than this version.", "restore it with its own version.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, told.rows))))
        for table in told.rows:
            _fill_table(cursor, table, told.columns[table], folder / _file_of(table))
        models = apps.get_models(include_auto_created=True)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        for statement, values in afterwards:
            cursor.execute(statement, values)


def is_open_elsewhere() -> bool:
    """Whether somebody else is connected to this database; workers of PostgreSQL itself have no user name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
        )
        return bool(cursor.fetchone()[0])


def our_tables() -> list[str]:
    """Every table of an installed app, and the list of migrations."""
    ours = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    return sorted({*ours, MIGRATIONS_TABLE} & set(connection.introspection.table_names()))


def _lines_in(file: Path) -> int:
    """A line break within a value is written as two characters, a backslash and n."""
    lines = 0
    with file.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            lines += block.count(b"\n")
    return lines


def _columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _copy_table(cursor: Any, table: str, columns: list[str], file: Path) -> int:
    with file.open("xb") as output, cursor.copy(_statement("COPY {} ({}) TO STDOUT", table, columns)) as copy:
        for block in copy:
            output.write(block)
    return _lines_in(file)


def _fill_table(cursor: Any, table: str, columns: list[str], file: Path) -> None:
    with file.open("rb") as source, cursor.copy(_statement("COPY {} ({}) FROM STDIN", table, columns)) as copy:
        while block := source.read(BLOCK_BYTES):
            copy.write(block)


def _statement(text: Any, table: str, columns: list[str]) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))


def _file_of(table: str) -> str:
    return f"{table}.copy"
