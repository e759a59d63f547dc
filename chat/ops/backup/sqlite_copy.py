"""The database of a backup on SQLite: a file, copied by SQLite itself while others write."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from chat.ops.backup.manifest import Manifest
from chat.ops.problem import Problem

FILE = "database.sqlite3"
LOCK_SECONDS = 30.0

Statements = Sequence[tuple[str, Sequence[Any]]]


def copy_out(folder: Path) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Write the database as it is now; the rows of each table. It is one snapshot, and makes no writer wait."""
    target = folder / FILE
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        try:
            connection.connection.backup(copy)  # all pages in one step
            copy.execute("PRAGMA journal_mode=DELETE")  # a single file, without a log beside it
        except sqlite3.OperationalError as error:
            raise Problem(f"SQLite cannot write the copy to {folder.parent}: {error}.", "make room there.") from error
        return rows_in(copy), {}


def examine(folder: Path, told: Manifest) -> str | None:
    """What is wrong with the copy, or None."""
    with closing(sqlite3.connect(folder / FILE)) as copy:
        try:
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            rows = rows_in(copy)
        except sqlite3.DatabaseError as error:
            return str(error)
    if found != "ok":
        return str(found)
    return None if rows == told.rows else "its tables do not have as many rows as they should"


def put_back(folder: Path, _: Manifest, afterwards: Statements) -> None:
    """Replace the whole database, `afterwards` included, in one transaction of SQLite."""
    with closing(sqlite3.connect(folder / FILE)) as copy:
        _begin_new_life(copy, afterwards)
        connection.close()
        with closing(sqlite3.connect(database_file(), timeout=LOCK_SECONDS)) as target:
            try:
                copy.backup(target)
            except sqlite3.OperationalError as error:
                next_step = "stop whatever uses it, and make room for it."
                raise Problem(f"SQLite cannot replace the database: {error}; it is as it was.", next_step) from error


def _begin_new_life(copy: sqlite3.Connection, afterwards: Statements) -> None:
    try:
        for statement, values in afterwards:
            copy.execute(statement.replace("%s", "?"), values)
        copy.commit()
    except sqlite3.OperationalError as error:
        raise Problem(f"SQLite cannot prepare the copy: {error}.", "make room beside the database.") from error


def is_open_elsewhere() -> bool:
    """Whether another process holds a connection: SQLite leaves its write-ahead log only for whoever is alone.

    https://sqlite.org/pragma.html#pragma_journal_mode; the next connection of Django brings the log back.
    """
    connection.close()
    with closing(sqlite3.connect(database_file(), timeout=0)) as alone:
        try:
            alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            return True
    return False


def database_file() -> str:
    """The path of the database. Raises Problem where it is kept in memory."""
    if connection.is_in_memory_db():  # type: ignore[attr-defined]  # of the SQLite backend
        raise Problem("The database is kept in memory.", "set DATABASE_URL to a file.")
    return str(connection.settings_dict["NAME"])


def rows_in(copy: sqlite3.Connection) -> dict[str, int]:
    tables = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    names = sorted(name for (name,) in tables)
    return {name: copy.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
