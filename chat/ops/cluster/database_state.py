"""What the database says of itself: a few numbers that cost it nothing."""

from pathlib import Path
from typing import Any

from django.db import connection

State = dict[str, Any]
SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
"""As PRAGMA synchronous counts them (sqlite.org/pragma.html)."""


def database_state() -> State:
    """`kind`, `version`, `size_bytes`, `persistence` and, on PostgreSQL, `connections` of `most_connections`."""
    return _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _sqlite() -> State:
    with connection.cursor() as cursor:
        version = _one(cursor, "SELECT sqlite_version()")
        journal = _one(cursor, "PRAGMA journal_mode")
        synchronous = _one(cursor, "PRAGMA synchronous")
    name = str(connection.settings_dict["NAME"])
    return {
        "kind": "SQLite",
        "version": str(version),
        "size_bytes": _file_bytes(name),
        "log_bytes": _file_bytes(f"{name}-wal"),
        "persistence": f"{str(journal).upper()}, synchronous {SYNCHRONOUS.get(synchronous, synchronous)}",
        "warnings": [] if str(journal) == "wal" else ["no_wal"],
    }


def _postgresql() -> State:
    with connection.cursor() as cursor:
        version = _one(cursor, "SHOW server_version")
        size = _one(cursor, "SELECT pg_database_size(current_database())")
        used = _one(cursor, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        most = _one(cursor, "SHOW max_connections")
        commit = _one(cursor, "SHOW synchronous_commit")
        fsync = _one(cursor, "SHOW fsync")
        is_standby = _one(cursor, "SELECT pg_is_in_recovery()")
    signs = {"standby": bool(is_standby), "no_fsync": fsync != "on", "many_connections": int(used) > 0.9 * int(most)}
    return {
        "kind": "PostgreSQL",
        "version": str(version).split(" ")[0],
        "size_bytes": int(size),
        "connections": int(used),
        "most_connections": int(most),
        "persistence": f"fsync {fsync}, synchronous_commit {commit}",
        "warnings": [name for name, is_so in signs.items() if is_so],
    }


def _one(cursor: Any, question: str) -> Any:
    cursor.execute(question)
    return cursor.fetchone()[0]


def _file_bytes(name: str) -> int | None:
    try:
        return Path(name).stat().st_size
    except OSError:
        return None
