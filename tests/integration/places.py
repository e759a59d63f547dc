"""Fixtures that both the integration tests and the fault drills use: sites with a database and a Redis of their own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from chat.ops.redis_server import RedisServer
from chat.proof.site import Site

OpenSite = Callable[..., Site]
_numbers = count(1)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with every table and nobody in it, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "template.sqlite3"
    with Site(folder, database_url=f"sqlite:///{file}", redis_url="") as site:
        site.office.do("migrate")
    return file


@pytest.fixture(scope="session")
def sqlite_url(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Gives the address of a new, migrated SQLite database."""

    def new() -> str:
        file = tmp_path_factory.mktemp("database") / "site.sqlite3"
        shutil.copy(migrated_file, file)
        return f"sqlite:///{file}"

    return new


def new_postgres_database(server_url: str) -> str:
    """The address of a new, empty database on this server."""
    name = f"site_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def site(sqlite_url: Callable[[], str], redis_server: RedisServer, tmp_path_factory) -> Iterator[Site]:
    """The site of all tests that harm nothing."""
    folder = tmp_path_factory.mktemp("site")
    with Site(folder, database_url=sqlite_url(), redis_url=redis_server.url) as site:
        yield site


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that the test may kill."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def own_site(sqlite_url: Callable[[], str], own_redis: RedisServer, tmp_path: Path) -> Iterator[Site]:
    """A site on SQLite that the test may harm, with `own_redis`."""
    with Site(tmp_path, database_url=sqlite_url(), redis_url=own_redis.url) as site:
        yield site


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def each_site(
    request: pytest.FixtureRequest, sqlite_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site on SQLite, then one on PostgreSQL, each with a Redis of its own."""
    with _site_on(request, sqlite_url, tmp_path_factory.mktemp(f"site_on_{request.param}")) as site:
        yield site


@pytest.fixture(params=["sqlite", "postgres"])
def each_own_site(request: pytest.FixtureRequest, sqlite_url: Callable[[], str], tmp_path: Path) -> Iterator[Site]:
    """The same for one test alone, which may stop its nodes and replace its database."""
    with _site_on(request, sqlite_url, tmp_path) as site:
        yield site


@contextmanager
def _site_on(request: pytest.FixtureRequest, sqlite_url: Callable[[], str], folder: Path) -> Iterator[Site]:
    is_sqlite = request.param == "sqlite"
    url = sqlite_url() if is_sqlite else new_postgres_database(request.getfixturevalue("postgres_url"))
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder / "redis"))
        site = stack.enter_context(Site(folder, database_url=url, redis_url=redis.url))
        if not is_sqlite:
            site.office.do("migrate")
        yield site
