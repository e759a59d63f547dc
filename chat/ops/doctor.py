"""Examines everything that distchat needs to run, and says how to mend what is missing."""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from chat.fanout.hosts import fingerprint_of
from chat.ops.ports import is_free
from chat.ops.redis_probe import RedisFacts, probe, without_password
from distchat_site.production import production_faults

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35, 0)
"""The first SQLite with RETURNING."""

DEMO_PORTS = (9000, 9001, 9002)


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; `fix` is the next step, empty when all is well."""

    name: str
    status: Status
    detail: str
    fix: str = ""


def examine(ports: Sequence[int] = DEMO_PORTS) -> list[Finding]:
    """Every check in its order; asks the database and Redis, waits for neither longer than 5 s."""
    return [
        _python(),
        *_production(),
        *_database(),
        *_redis(settings.REDIS_URLS),
        _ports(ports),
        _static_files(),
    ]


def has_failed(findings: Sequence[Finding]) -> bool:
    return any(finding.status is Status.FAIL for finding in findings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return Finding("python", Status.OK, version)
    return Finding("python", Status.FAIL, f"{version} is too old", "install Python 3.11 or newer")


def _production() -> Iterator[Finding]:
    faults = production_faults(
        debug=settings.DEBUG, secret_key=settings.SECRET_KEY, allowed_hosts=settings.ALLOWED_HOSTS
    )
    for fault in faults:
        what, _, fix = fault.partition(": ")
        yield Finding("production", Status.FAIL, what, fix)
    if settings.DEBUG:
        yield Finding("production", Status.WARN, "DEBUG is on: development only", "on a server, set DEBUG=false")
    elif not faults:
        yield Finding("production", Status.OK, "DEBUG is off, key and hosts are set")


def _database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding("database", Status.FAIL, _first_line(error), "start the database or correct DATABASE_URL")
        return
    yield Finding("database", Status.OK, f"{connection.vendor} answers")
    yield _writable()
    yield _migrations()
    if connection.vendor == "sqlite":
        yield _sqlite()


def _writable() -> Finding:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE distchat_doctor (number integer)")
            transaction.set_rollback(True)
    except DatabaseError as error:
        return Finding("database writable", Status.FAIL, _first_line(error), "give this user the right to write to it")
    return Finding("database writable", Status.OK, "yes")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding("migrations", Status.FAIL, f"{len(missing)} not applied", "./manage.py migrate")
    return Finding("migrations", Status.OK, "all applied")


def _sqlite() -> Finding:
    with connection.cursor() as cursor:
        mode, synchronous = (_pragma(cursor, name) for name in ("journal_mode", "synchronous"))
    detail = f"{sqlite3.sqlite_version}, journal_mode {mode}, synchronous {synchronous}"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding("sqlite", Status.FAIL, detail, "use a Python with SQLite 3.35 or newer")
    if mode != "wal":
        return Finding("sqlite", Status.FAIL, detail, "keep the database on a local disk: WAL needs shared memory")
    return Finding("sqlite", Status.OK, detail)


def _pragma(cursor: CursorWrapper, name: str) -> str:
    cursor.execute(f"PRAGMA {name}")
    return str(cursor.fetchone()[0])


def _redis(urls: Sequence[str]) -> Iterator[Finding]:
    if not urls:
        yield Finding(
            "redis", Status.WARN, "REDIS_URL is empty: one process only", "set REDIS_URL to run several nodes"
        )
        return
    for shard, url in enumerate(urls):
        name = f"redis {without_password(url)}"
        try:
            facts = probe(url)
        except redis.RedisError as error:
            yield Finding(name, Status.FAIL, f"no answer ({type(error).__name__})", "start it or correct REDIS_URL")
            continue
        yield Finding(name, Status.OK, f"version {facts.version} answers")
        if shard == 0:
            yield from _keeps_sessions(name, facts)
    hosts = fingerprint_of([{"address": url} for url in urls])
    yield Finding("redis hosts", Status.OK, f"{len(urls)}, list {hosts}: must be the same on every node")


def _keeps_sessions(name: str, facts: RedisFacts) -> Iterator[Finding]:
    if facts.has_modules:
        yield Finding(f"{name} modules", Status.OK, "JSON and Search")
    else:
        missing = " and ".join(
            module for module, present in (("JSON", facts.has_json), ("Search", facts.has_search)) if not present
        )
        yield Finding(
            f"{name} modules",
            Status.WARN,
            f"{missing} missing: sessions are rebuilt from the database",
            "use Redis 8 or Redis Stack",
        )
    if facts.eviction != "noeviction":
        fix = "set maxmemory-policy noeviction"
        yield Finding(f"{name} eviction", Status.WARN, f"{facts.eviction} may drop sessions and presence", fix)
    if not facts.append_only:
        fix = "set appendonly yes"
        yield Finding(f"{name} append-only file", Status.WARN, "off: a restart forgets every session's checkpoint", fix)


def _ports(ports: Sequence[int]) -> Finding:
    busy = [str(port) for port in ports if not is_free(port)]
    if busy:
        fix = "end what uses them, or ./manage.py run_demo --base-port auto"
        return Finding("ports", Status.WARN, f"{', '.join(busy)} in use", fix)
    return Finding("ports", Status.OK, f"{ports[0]}-{ports[-1]} are free")


def _static_files() -> Finding:
    if settings.DEBUG:
        return Finding("static files", Status.OK, "served from the source in development")
    if (Path(settings.STATIC_ROOT) / "admin").is_dir():
        return Finding("static files", Status.OK, f"collected in {settings.STATIC_ROOT}")
    return Finding("static files", Status.FAIL, "not collected", "./manage.py collectstatic --noinput")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
