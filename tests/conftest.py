"""What every test may ask for: a Redis and a PostgreSQL of its own run, and a database in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker

from chat.ops.postgres_server import PostgresServer, postgres_programs
from chat.ops.redis_server import RedisServer

DATABASE_FIXTURES = {"db", "transactional_db"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the database, however it asks for it, so that `-m database` finds it."""
    for item in items:
        asks = not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        if asks or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A throw-away Redis with JSON and Search; a test that kills or freezes it leaves it running and thawed."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """DATABASE_URL of a throw-away PostgreSQL; the test is skipped, loudly, where none is installed."""
    if postgres_programs() is None:
        pytest.skip("NOT TESTED ON POSTGRESQL: its programs are not installed (apt install postgresql)")
    with PostgresServer() as server:
        yield server.url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: the threads of chat.database have connections of their own, which share no memory."""
    database: dict[str, Any] = settings.DATABASES["default"]
    if database["ENGINE"] == "distchat_site.sqlite":
        database["TEST"]["NAME"] = str(Path(tmp_path_factory.mktemp("database")) / "test.sqlite3")
    else:
        database["TEST"]["NAME"] = f"test_{tmp_path_factory.getbasetemp().name.replace('-', '_')}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests that commit have their tables emptied; on SQLite by a DELETE, which the audit log would refuse."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            connection.cursor().execute("DROP TRIGGER audit_keeps_delete")


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    """Rate limits and sessions of one test must not reach the next."""
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _forget_language() -> Iterator[None]:
    """A page that was asked for in Chinese leaves its thread speaking Chinese."""
    yield
    translation.deactivate()
