"""The ground under a demo: a database that is up to date and ours alone, free ports, a Redis, a place for logs."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import IO

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from chat.demo.options import Options
from chat.demo.people import clear_former_runs
from chat.demo.story import Story
from chat.demo.trouble import Trouble
from chat.demo.truth import migrations_missing
from chat.ops.ports import is_free
from chat.ops.redis_probe import probe, without_password
from chat.ops.redis_server import VAR, RedisServer

DEMO = VAR / "demo"
RUNS_KEPT = 10


@contextmanager
def only_demo(options: Options) -> Iterator[None]:
    """At most one demo for each database and each Redis. Raises Trouble.

    A second one would change the passwords under the first; and behind one prefix of a Redis the users and
    conversations of two databases have the same names.
    """
    database = settings.DATABASES["default"]
    shared = ["|".join(str(database.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME"))]
    shared += [] if options.is_simple else [f"{url} {settings.REDIS_PREFIX}" for url in settings.REDIS_URLS]
    DEMO.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        for name in shared:
            _lock(locks.enter_context((DEMO / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock").open("a")))
        yield


def _lock(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble("demo_running") from None


def check_ports(options: Options) -> None:
    """Raises Trouble when a port that was asked for is not free."""
    if options.base_port is None:
        return
    ports = range(options.base_port, options.base_port + options.nodes)
    taken = [str(port) for port in ports if not is_free(port)]
    if taken:
        raise Trouble("ports_taken", count=len(taken), ports=f"{ports[0]}-{ports[-1]}", taken=", ".join(taken))


def prepare_database(story: Story) -> None:
    """See that it answers and is up to date, and clear what earlier demos have left. Raises Trouble."""
    try:
        missing = migrations_missing()
        if missing:
            raise Trouble("not_migrated", count=missing)
        clear_former_runs()
    except DatabaseError as error:
        raise Trouble("no_database", error=str(error).strip().split("\n")[0]) from error
    finally:
        connection.close()
    story.good("database_ready", database={"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.vendor])
    story.good("cleared")


@contextmanager
def redis_for(options: Options, story: Story) -> Iterator[str]:
    """The REDIS_URL of the settings, or a Redis of this run alone; "" for the simple demo. Raises Trouble, Problem."""
    if options.is_simple:
        yield ""
    elif settings.REDIS_URLS:
        for url in settings.REDIS_URLS:
            story.good("redis_ready", version=_version(url), address=without_password(url))
        yield ",".join(settings.REDIS_URLS)
    else:
        with TemporaryDirectory(prefix="distchat-demo-") as directory, RedisServer(Path(directory)) as server:
            story.good("redis_started", version=_version(server.url), address=without_password(server.url))
            yield server.url


def new_log_directory(runs: Path = DEMO / "runs") -> Path:
    """A folder for this run; those of the last few runs are kept."""
    runs.mkdir(parents=True, exist_ok=True)
    for old in sorted(path for path in runs.iterdir() if path.is_dir())[: -RUNS_KEPT + 1]:
        rmtree(old, ignore_errors=True)
    directory = runs / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    directory.mkdir()
    return directory


def _version(url: str) -> str:
    try:
        facts = probe(url)
    except redis.RedisError as error:
        raise Trouble("no_redis", address=without_password(url)) from error
    if not facts.has_modules:
        raise Trouble("old_redis", version=facts.version, address=without_password(url))
    return facts.version
